"""From a published story to a subscriber's inbox: config, web and mail server in, mails and webhooks out."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from loopback import SECRET, receiving, serving, write_config
from standardwebhooks import Webhook

from monitor import config as settings
from monitor.service import watching

TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"
LEAD = "The alliance's Secretary General stood beside Ukraine's president in the port city and promised further help from NATO."
BODY = "Ukraine asked NATO for Patriot batteries. " * 12


@pytest.fixture
def web():
    with serving() as found:
        yield found


@pytest.fixture
def inbox():
    with receiving() as found:
        yield found


@pytest.fixture
def storage(database_url):
    return database_url


async def poll(config_path, state, **kwargs):
    async with watching(settings.load(config_path), state, settle=False) as watch:
        await watch.cycle(everything=True, **kwargs)
        return watch.tally


def published(minutes_ago=5):
    return datetime.now(UTC) - timedelta(minutes=minutes_ago)


async def test_a_story_is_told_once_by_mail_and_webhook(web, inbox, tmp_path, storage):
    web.feed("/a.xml", (TITLE, "/1.html", LEAD, published()), ("Grain prices fall in Odesa", "/2.html", "Wheat is cheaper.", published()))
    web.article("/1.html", TITLE, BODY, BODY)
    config = write_config(tmp_path, web, "/a.xml", inbox=inbox, storage=storage)

    await poll(config, tmp_path / "state")
    await poll(config, tmp_path / "state")

    assert [mail["Subject"] for mail in inbox.mails] == [pytest.approx(inbox.mails[0]["Subject"])]
    assert TITLE in inbox.mails[0].get_body(("plain",)).get_content().replace("\n", " ")
    (hook,) = web.webhooks
    assert (hook["type"], hook["data"]["title"]) == ("story.matched", TITLE)


async def test_the_webhook_is_signed_and_carries_the_mails_id(web, inbox, tmp_path, storage):
    web.feed("/a.xml", (TITLE, "/1.html", LEAD, published()))
    config = write_config(tmp_path, web, "/a.xml", inbox=inbox, storage=storage)

    await poll(config, tmp_path / "state")

    ((_, headers, body),) = web.posted
    headers = {name.lower(): value for name, value in headers.items()}
    assert Webhook(SECRET).verify(body, headers) == json.loads(body)
    assert headers["webhook-id"] != inbox.mails[0]["Message-ID"].strip("<>").partition("@")[0]


async def test_other_outlets_versions_join_the_story_and_stay_silent(web, inbox, tmp_path, storage):
    web.feed("/a.xml", (TITLE, "/1.html", LEAD, published()))
    config = write_config(tmp_path, web, "/a.xml", "/b.xml", inbox=inbox, storage=storage)
    web.feed("/b.xml")
    await poll(config, tmp_path / "state")

    web.feed("/b.xml", ("NATO chief visits Odesa, Ukraine asks for air defence", "/3.html", LEAD, published(1)), title="Other")
    await poll(config, tmp_path / "state")

    assert (len(inbox.mails), len(web.posted)) == (1, 1)


async def test_what_a_new_feed_held_before_the_watch_began_is_not_told(web, tmp_path, storage):
    web.feed("/a.xml", (TITLE, "/1.html", LEAD, published(60 * 24 * 5)))
    config = write_config(tmp_path, web, "/a.xml", storage=storage)

    tally = await poll(config, tmp_path / "state")

    assert (tally.matches, web.posted) == (1, [])


async def test_a_receiver_that_is_down_gets_the_same_message_later(web, inbox, tmp_path, storage):
    web.feed("/a.xml", (TITLE, "/1.html", LEAD, published()))
    web.post_answers += [500]
    inbox.answers += ["451 try later"]
    config = write_config(tmp_path, web, "/a.xml", inbox=inbox, storage=storage)

    tally = await poll(config, tmp_path / "state")

    assert (tally.deliveries["retrying"], web.posted, inbox.mails) == (2, [], [])
    async with watching(settings.load(config), tmp_path / "state", settle=False) as watch:
        await watch.database.write(_make_deliveries_due)
        await watch.cycle()
    assert (len(web.posted), len(inbox.mails)) == (1, 1)


async def test_a_mail_server_that_says_never_ends_the_delivery_at_once(web, inbox, tmp_path, storage):
    web.feed("/a.xml", (TITLE, "/1.html", LEAD, published()))
    inbox.answers += ["550 no such user"]
    config = write_config(tmp_path, web, "/a.xml", inbox=inbox, storage=storage)

    tally = await poll(config, tmp_path / "state")

    assert (tally.deliveries["dead"], tally.deliveries["sent"]) == (1, 1)


async def test_an_edited_headline_is_read_and_judged_again_and_told_once(web, tmp_path, storage):
    web.feed("/a.xml", ("Alliance chief visits the south", "/1.html", "A visit to the south took place today, officials said in the morning.", published()))
    config = write_config(tmp_path, web, "/a.xml", storage=storage)
    assert (await poll(config, tmp_path / "state")).matches == 0

    web.feed("/a.xml", (TITLE, "/1.html", LEAD, published()))
    await poll(config, tmp_path / "state")
    await poll(config, tmp_path / "state")

    assert [hook["data"]["title"] for hook in web.webhooks] == [TITLE]


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        pytest.param((200, {"Content-Type": "text/html"}, b"<!doctype html><html><body><p>Welcome to our site</p></body></html>"), "not-a-feed", id="html"),
        pytest.param((200, {}, b""), "empty", id="nothing"),
        pytest.param((500, {}, b"oops"), "status-500", id="an error"),
        pytest.param((200, {}, b"<rss><channel><title>" + b"x" * 6_000_000), "too-large", id="too large"),
        pytest.param((200, {"Content-Encoding": "gzip"}, __import__("gzip").compress(b"<rss><channel>" + b" " * 100_000_000)), "bomb", id="a bomb"),
        pytest.param(("hang", {}, b""), "timeout", id="no answer"),
        pytest.param((302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""), "private-address", id="a way into a private network"),
    ],
)
async def test_a_bad_feed_says_why_and_the_others_go_on(web, tmp_path, storage, page, problem):
    web.pages["/bad.xml"] = page
    web.feed("/good.xml", (TITLE, "/1.html", LEAD, published()))
    config = write_config(tmp_path, web, "/bad.xml", "/good.xml", storage=storage)
    config.write_text(config.read_text().replace('timeout = "5s"', 'timeout = "1s"'))

    tally = await poll(config, tmp_path / "state")

    assert (tally.polls["failed"], tally.polls["changed"], len(web.posted)) == (1, 1, 1)
    async with watching(settings.load(config), tmp_path / "state") as watch:
        from monitor.store import reports

        rows = {row["id"]: row for row in await watch.database.read(reports.list_feeds)}
    assert problem in rows["f0"]["last_problem"]
    assert rows["f0"]["failures"] == 1


def _make_deliveries_due(connection):
    from sqlalchemy import update

    from monitor.store.schema import delivery

    connection.execute(update(delivery).values(next_try_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_a_second_daemon_on_the_same_state_is_refused(web, tmp_path):
    config = write_config(tmp_path, web, "/a.xml")
    command = [sys.executable, "-m", "monitor", "--config", str(config), "--state", str(tmp_path / "state")]
    first = subprocess.Popen([*command, "run", "--log-format", "json"], stderr=subprocess.PIPE, text=True)
    try:
        assert any('"running"' in line for line in first.stderr)
        second = subprocess.run([*command, "run"], capture_output=True, text=True, timeout=30)
    finally:
        first.terminate()
        first.communicate(timeout=15)

    assert (second.returncode, first.returncode) == (75, 0)
    assert f"process {first.pid}" in second.stderr
