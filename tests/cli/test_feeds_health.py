"""`monitor feeds health`, and what an operator answers: resume, accept, release, discard."""

import os
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from loopback import write_config
from sqlalchemy import update

from monitor.store import feeds as feed_rows
from monitor.store.schema import article, feed
from monitor.store.state import open_store

NOW = datetime.now(UTC)


@pytest.fixture
def watch(monitor, web, tmp_path):
    """Six feeds after one poll, of which one is well and one fails; `tell` makes the others be what a test wants."""
    for name in "abcde":
        web.feed(f"/{name}.xml", (f"News {name}", f"/{name}.html", "Words.", NOW - timedelta(hours=1)), title=f"The {name}")
    config = write_config(tmp_path, web, "/a.xml", "/b.xml", "/c.xml", "/d.xml", "/e.xml", "/missing.xml")
    config.write_text(config.read_text().replace("[articles]", "").replace("[storage]", '[articles]\nfetch = "never"\n[storage]'))
    monitor("poll", "--all", "--no-deliver")
    return config


@pytest.fixture
def tell(tmp_path):
    """Write into the row of a feed."""

    def write(feed_id, **values):
        with open_store("", tmp_path / "state") as database:
            database.write_now(lambda connection: connection.execute(update(feed).where(feed.c.id == feed_id).values(**values)))

    return write


@pytest.fixture
def row(tmp_path):
    def read(feed_id):
        with open_store("", tmp_path / "state") as database:
            return next(each for each in database.read_now(feed_rows.all_feeds) if each.id == feed_id)

    return read


@pytest.fixture(autouse=True)
def no_columns(monkeypatch):
    """What runs the tests may say how wide its own terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)


# ------------------------------------------------------------------------------------------------- health
def test_feeds_that_need_somebody_come_first_each_with_words_and_a_next_step(monitor, watch, tell):
    tell("f1", state="disabled", failures=30, failing_since=NOW - timedelta(days=15), last_problem="dns (no such name)")
    tell("f2", proposed_url="https://new.example/feed", proposed_reason="linked")
    tell("f3", gap_s=3600.0, newest_at=NOW - timedelta(days=20), changed_at=NOW - timedelta(days=20))

    done = monitor("feeds", "health")

    lines = done.out.splitlines()
    assert done.code == 1
    assert lines[0] == "4 of 6 feeds need attention"
    assert [line.split()[1:3] for line in lines if line.startswith("●")] == [["f1", "disabled"], ["f2", "moved"], ["f5", "failing"], ["f3", "silent"]]
    assert any("monitor feeds resume f1" in line for line in lines)
    assert any("monitor feeds accept f2" in line for line in lines)
    assert any("again in" in line and "it failed, so it is left alone" in line for line in lines)
    assert [line.split()[:2] for line in lines[-2:]] == [["f0", "healthy"], ["f4", "healthy"]]


def test_many_feeds_that_are_well_are_counted_and_named_on_demand(monitor, watch):
    counted, named = monitor("feeds", "health"), monitor("feeds", "health", "--all")

    assert counted.out.splitlines()[0] == "1 of 6 feeds needs attention"
    assert counted.out.splitlines()[-1] == "The others are well: 5 healthy (--all names them)"
    assert [line.split()[0] for line in named.out.splitlines()[-5:]] == ["f0", "f1", "f2", "f3", "f4"]


def test_when_all_is_well_it_says_so_and_ends_with_0(monitor, web, tmp_path):
    write_config(tmp_path, web, "/a.xml")
    web.feed("/a.xml", ("News", "/1.html", "Words.", NOW), title="The a")
    monitor("poll", "--all", "--no-deliver")

    done, named = monitor("feeds", "health"), monitor("feeds", "health", "--all")

    assert (done.code, done.out.splitlines()[0]) == (0, "All is well with 1 feed.")
    assert [line.split()[:3] for line in named.out.splitlines()[2:]] == [["feed", "state", "entries"], ["f0", "healthy", "1"]]


def test_one_feed_is_shown_with_its_last_polls_and_what_happened(monitor, watch, tell):
    tell("f0", state="gone", last_problem="gone", failures=2)
    monitor("feeds", "resume", "f0")

    done = monitor("feeds", "health", "f0")

    assert done.code == 0
    words = [" ".join(line.split()) for line in done.out.splitlines()]
    assert any(line.startswith("address http://127.0.0.1") for line in words)
    assert any("changed 200 1 –" in line for line in words)
    assert any("resumed" in line for line in words)


def test_scripts_get_everything(monitor, watch):
    document = monitor("feeds", "health", "--json").json

    assert document["need_attention"] == 1
    failing = document["feeds"][0]
    assert (failing["id"], failing["health"], failing["is_well"], failing["last_problem"]) == ("f5", "failing", False, "status-404")
    assert failing["words"].startswith("It failed once")
    assert failing["next_step"]
    assert {"why", "next_poll_at", "next_poll_reason", "gap_s", "held", "entries", "etag"} <= set(failing)
    one = monitor("feeds", "health", "f5", "--json").json
    assert [(poll["outcome"], poll["status"]) for poll in one["polls"]] == [("failed", 404)]
    assert one["events"] == []


def test_what_a_feed_or_its_server_says_does_not_reach_the_terminal(monitor, watch, tell):
    tell("f0", title="\x1b[2J\u202eevil", failures=1, last_problem="protocol (\x1b]0;owned\x07 \x9b31m)", etag="\x1b[31m")

    done, one = monitor("feeds", "health"), monitor("feeds", "health", "f0")

    assert not set("\x1b\x07\x9b\u202e") & set(done.out + one.out)


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_no_line_is_wider_than_the_terminal(terminal, watch, tell, columns, monkeypatch):
    tell(
        "f1",
        title="A very long name " * 10,
        failures=3,
        last_problem="timeout (no whole answer within 30 s, which is a long time for a server to think about it)",
    )
    monkeypatch.setenv("COLUMNS", str(columns))
    ours, theirs = os.openpty()
    running = subprocess.Popen([sys.executable, "-m", "monitor", "feeds", "health", "--all"], stdout=theirs, env=os.environ | {"TERM": "xterm-256color"})
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # so Linux says that the other side has closed
        while piece := os.read(ours, 65536):
            seen += piece
    os.close(ours)

    assert running.wait(30) == 1
    text = re.sub(r"\x1b\[[0-9;]*m", "", seen.decode())
    assert "\x1b[" in seen.decode(), "on a terminal there are colours"
    assert max(map(len, text.split("\r\n"))) <= min(columns, 140)
    (header,) = [line.split() for line in text.split("\r\n") if line.startswith("feed ")]
    assert header[:5] == ["feed", "state", "entries", "asked", "next"]
    assert ("why" in header) == (columns >= 100)


def test_an_unknown_feed_is_answered_with_the_nearest_one(monitor, watch):
    done = monitor("feeds", "health", "f99")

    assert done.code == 2
    assert "no feed 'f99'" in done.err


def test_before_the_first_poll_there_is_nothing_to_say(monitor, web, tmp_path):
    write_config(tmp_path, web, "/a.xml")

    assert monitor("feeds", "health").err == "No feed was ever asked. Next: monitor poll\n"


# ----------------------------------------------------------------------------------------- resume and accept
def test_a_disabled_feed_that_is_resumed_is_asked_at_once(monitor, watch, tell, row, web):
    tell("f0", state="disabled", failures=30, failing_since=NOW, last_problem="dns", next_poll_at=NOW + timedelta(days=1))

    done = monitor("feeds", "resume", "f0", "f1")
    monitor("poll", "--no-deliver")

    assert (done.code, done.out, done.err) == (0, "resumed f0\n", "Next: monitor poll f0\n")
    assert (row("f0").state, row("f0").failures) == ("active", 0)
    assert [path for path, _ in web.asked].count("/a.xml") == 2


def test_the_address_of_a_moved_feed_is_written_where_it_stands(monitor, watch, tell, row, web):
    tell("f0", url=f"{web.address}/new.xml")
    text = watch.read_text()

    dry = monitor("feeds", "accept", "f0", "--dry-run")
    assert watch.read_text() == text
    done = monitor("feeds", "accept", "f0")

    assert dry.out.splitlines() == [f'-url = "{web.address}/a.xml"', f'+url = "{web.address}/new.xml"']
    assert (done.code, done.out) == (0, f"f0 is asked at {web.address}/new.xml from now on\n")
    assert watch.read_text() == text.replace("/a.xml", "/new.xml")
    assert (row("f0").configured_url, row("f0").url) == (f"{web.address}/new.xml", f"{web.address}/new.xml")


def test_a_proposed_address_is_asked_once_it_is_accepted(monitor, watch, tell, row, web):
    tell("f5", proposed_url=f"{web.address}/e2.xml", proposed_reason="linked", state="gone")
    web.feed("/e2.xml", ("More", "/e2.html", "Words.", NOW), title="The new e")

    done = monitor("feeds", "accept", "f5", "--json")
    monitor("poll", "--no-deliver")

    assert done.json["accepted"] == [{"id": "f5", "url": f"{web.address}/e2.xml", "instead_of": f"{web.address}/missing.xml", "reason": "linked"}]
    assert tomllib.loads(watch.read_text())["feeds"]["f5"]["url"] == f"{web.address}/e2.xml"
    assert (row("f5").state, row("f5").failures, row("f5").title) == ("active", 0, "The new e")


def test_without_another_address_there_is_nothing_to_accept(monitor, watch):
    before = watch.read_text()

    done = monitor("feeds", "accept", "f0")

    assert (done.code, done.err, watch.read_text()) == (1, "f0: no other address is known for it – see monitor feeds health f0\n", before)


# --------------------------------------------------------------------------------------------------- floods
@pytest.fixture
def flooded(watch, tmp_path):
    with open_store("", tmp_path / "state") as database:
        database.write_now(lambda connection: connection.execute(update(article).where(article.c.feed_id == "f0").values(step="held")))
    return watch


def test_a_flood_is_shown_until_it_is_released(monitor, flooded):
    before = monitor("feeds", "health", "f0")
    done = monitor("feeds", "release", "f0")

    assert (before.code, done.code, done.out) == (1, 0, "f0: released 1 article\n")
    assert "monitor feeds release f0" in before.out
    assert monitor("feeds", "health", "f0").code == 0
    assert monitor("feeds", "release", "f0").out == "f0: nothing of it is held\n"


def test_a_flood_can_be_thrown_away(monitor, flooded):
    done = monitor("feeds", "discard", "f0", "--yes", "--json")

    assert done.json["discarded"] == {"f0": 1}
    assert {each["id"]: each["entries"] for each in monitor("feeds", "health", "--json").json["feeds"]}["f0"] == 0


def test_on_a_terminal_throwing_away_is_asked_about(terminal, flooded):
    done = terminal("feeds", "discard", "f0", typed="n\n")

    assert (done.code, done.out) == (130, "")
    assert "Throw away for good what waits of f0?" in done.err
