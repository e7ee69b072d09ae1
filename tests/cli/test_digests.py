"""`monitor digest` and `monitor deliveries`."""

import asyncio
from contextlib import closing

import pytest
from loopback import receiving

from monitor import config as settings
from monitor.service import now, watching
from monitor.store.database import Database, sqlite_url
from monitor.store.reports import counts

TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"


@pytest.fixture
def waiting(tmp_path, web, write_watch):
    """A watch with a digest that waits for the editor's morning; the desk's mail server is full."""
    with receiving() as inbox:
        inbox.answers += ["452 full"]
        config = write_watch(tmp_path, web, inbox)

        async def cycle():
            async with watching(settings.load(config), tmp_path / "state") as watch:
                await watch.cycle(everything=True)

        asyncio.run(cycle())
    return config


def in_store(state):
    with closing(Database(sqlite_url(state / "monitor.db"))) as database:
        return database.read_now(counts, now())


def test_a_preview_shows_the_words_and_changes_nothing(monitor, waiting, tmp_path):
    before = in_store(tmp_path / "state")

    done = monitor("digest", "preview", "editor", "--html", "digest.html")

    assert (done.code, done.out.startswith("Subject: ")) == (0, True)
    assert TITLE in done.out.replace("\n", " ")
    assert done.err.startswith("closes in ")
    assert (tmp_path / "digest.html").read_text().lstrip().lower().startswith("<!doctype html")
    after = in_store(tmp_path / "state")
    assert (after.deliveries, after.due["close"]) == (before.deliveries, before.due["close"])


def test_a_preview_is_one_document(monitor, waiting):
    document = monitor("digest", "preview", "editor", "--json").json

    assert list(document) == ["schema", "subscriber", "closes_at", "subject", "text", "html", "payload"]
    assert (document["schema"], document["subscriber"], document["payload"]["type"]) == ("digest preview/1", "editor", "digest.created")


def test_without_an_open_digest_the_preview_says_so(monitor, polled):
    done = monitor("--config", polled.config, "digest", "preview", "desk")

    assert (done.code, done.err) == (0, "no digest is open for this subscriber\n")


def test_a_preview_for_nobody_names_those_there_are(monitor, polled):
    for wanted, advice in (("editr", "did you mean 'editor'?"), ("xyzzy", "has desk, editor")):
        done = monitor(*polled.options, "digest", "preview", wanted)
        assert (done.code, done.out) == (2, "")
        assert advice in done.err


def test_deliveries_are_listed_newest_first_without_their_bytes(monitor, waiting):
    document = monitor("deliveries", "list", "--json").json

    by_kind = {row["kind"]: row for row in document["deliveries"]}
    assert document["schema"] == "deliveries list/1"
    assert (by_kind["webhook"]["state"], by_kind["email"]["state"]) == ("sent", "due")
    assert "452" in by_kind["email"]["last_error"]
    assert by_kind["email"]["bytes"] > 1000
    assert "body" not in by_kind["email"]


def test_people_see_what_was_sent_and_what_waits_and_why(monitor, waiting):
    out = monitor("deliveries", "list").out

    assert "  sent  webhook  desk " in out
    assert "  due   email    desk " in out
    assert "next try in " in out
    assert "452" in out


@pytest.mark.parametrize(("only", "kinds"), [("due", ["email"]), ("sent", ["webhook"]), ("dead", [])])
def test_deliveries_are_listed_by_their_state(monitor, waiting, only, kinds):
    assert [row["kind"] for row in monitor("deliveries", "list", "--only", only, "--json").json["deliveries"]] == kinds


def test_a_list_has_a_limit(monitor, waiting):
    assert len(monitor("deliveries", "list", "--limit", "1", "--json").json["deliveries"]) == 1


def test_an_empty_list_says_what_to_do(monitor, polled, waiting):
    assert monitor("deliveries", "list", "--only", "dead").err == "No delivery is dead.\n"
    assert monitor("--config", polled.config, "--state", "new", "deliveries", "list").err == "No deliveries yet. Next: monitor poll\n"
