"""`monitor poll --record` and `--replay`: the same cycle again, without the web."""

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
from loopback import receiving, write_config

from monitor.store import reports
from monitor.store.state import open_store

WHAT_MATTERS = ("id", "title", "topics", "score", "sources", "articles", "first_seen_at")


@pytest.fixture
def recorded(monitor, write_watch, web, tmp_path):
    """A configuration, and the folder with what a first cycle over it was answered."""
    with receiving() as inbox:
        write_watch(tmp_path, web, inbox)
        monitor("--state", "first", "poll", "--all", "--no-deliver", "--record", "kept")
    return tmp_path / "kept"


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_args, **_how):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("monitor.fetcher.client.Client._open_session", refuse)


def index(folder):
    return [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]


def stories(monitor, state):
    return [{name: story[name] for name in WHAT_MATTERS} for story in monitor("--state", state, "stories", "list", "--json").json["stories"]]


def entries(monitor, state):
    return [
        (feed["id"], feed["entries"], feed["title"], feed["last_problem"], feed["failures"])
        for feed in monitor("--state", state, "feeds", "list", "--json").json["feeds"]
    ]


# ------------------------------------------------------------------------------------------------- both ways
def test_a_recorded_poll_repeated_into_an_empty_state_gives_the_same(monitor, recorded, no_network):
    done = monitor("--state", "second", "poll", "--all", "--replay", recorded, "--json")

    assert (done.code, done.json["replay"]["not_recorded"]) == (0, [])
    assert entries(monitor, "second") == entries(monitor, "first")
    assert stories(monitor, "second") == stories(monitor, "first")
    assert len(stories(monitor, "second")) == 1
    assert done.json["feeds"] | done.json["entries"] == {
        "due": 3,
        "polled": 3,
        "not_modified": 0,
        "unchanged": 0,
        "changed": 2,
        "failed": 1,
        "new": 3,
        "edited": 0,
    }


def test_what_was_news_then_is_news_again_however_old_the_recording_is(monitor, recorded, no_network, tmp_path):
    shift = timedelta(days=400)
    lines = index(recorded)
    for line in lines:
        for name in ("began_at", "asked_at", "fetched_at"):
            if line.get(name):
                line[name] = (datetime.fromisoformat(line[name]) - shift).isoformat()
    (recorded / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for path in recorded.glob("*.xml"):
        text = path.read_text()
        for published in {part.partition("</pubDate>")[0] for part in text.split("<pubDate>")[1:]}:
            before = datetime.strptime(published, "%a, %d %b %Y %H:%M:%S %z") - shift
            text = text.replace(published, before.strftime("%a, %d %b %Y %H:%M:%S %z"))
        path.write_text(text)

    done = monitor("--state", "second", "poll", "--all", "--replay", recorded, "--json")

    assert (done.json["matches"], done.json["alerts"]) == (2, 2)  # backfill would raise none
    with open_store("", tmp_path / "second") as database:
        assert database.read_now(reports.counts, datetime.now(UTC)).last_poll_at < datetime.now(UTC) - timedelta(days=399)


def test_a_repeated_poll_sends_nothing(monitor, recorded, no_network):
    monitor("--state", "second", "poll", "--all", "--replay", recorded)

    waiting = monitor("--state", "second", "deliveries", "list", "--json").json["deliveries"]
    assert {delivery["state"] for delivery in waiting} == {"due"}
    assert len(waiting) == 2


# --------------------------------------------------------------------------------------------------- recording
def test_a_recording_can_be_read(recorded, web):
    head, *answers = index(recorded)

    assert head["recording"] == 1
    assert [answer["number"] for answer in answers] == list(range(1, len(answers) + 1))
    by_path = {answer["url"].removeprefix(web.address): answer for answer in answers}
    feed, page, broken = by_path["/a.xml"], by_path["/1.html"], by_path["/c.xml"]
    assert (feed["status"], feed["final_url"], feed["headers"]["content-type"]) == (200, feed["url"], "application/rss+xml")
    assert (recorded / feed["file"]).read_bytes() == web.pages["/a.xml"][2]
    assert (recorded / page["file"]).read_bytes() == web.pages["/1.html"][2]
    assert feed["file"].endswith("-127.0.0.1-a.xml")
    assert page["file"].endswith(".html")
    assert broken["error"] == {"kind": "BadStatus", "reason": "status-500", "detail": "", "status": 500, "retry_at": None}
    assert "file" not in broken
    assert (recorded.stat().st_mode & 0o777, feed["seconds"] > 0, feed["sent"]["accept"][:20]) == (0o700, True, "application/atom+xml")


def test_cookies_and_challenges_are_never_written(monitor, web, tmp_path):
    write_config(tmp_path, web, "/a.xml")
    web.feed("/a.xml")
    web.pages["/a.xml"][1].update({"Set-Cookie": "session=SECRET1", "WWW-Authenticate": "Basic SECRET2", "Authentication-Info": "SECRET3", "X-Kept": "yes"})

    monitor("poll", "--all", "--no-deliver", "--record", "kept")

    text = (tmp_path / "kept" / "index.jsonl").read_text()
    assert "SECRET" not in text
    assert '"x-kept": "yes"' in text


def test_what_a_feed_is_asked_with_is_never_written(monitor, web, tmp_path):
    (tmp_path / "key").write_text("SECRET")
    (tmp_path / "key").chmod(0o600)
    config = write_config(tmp_path, web, "/a.xml")
    config.write_text(
        config.read_text().replace("[topics.nato-ukraine]\n", 'auth = { token_file = "key" }\nheaders = { X-Key = "HIDDEN" }\n[topics.nato-ukraine]\n', 1)
    )
    web.feed("/a.xml")

    monitor("poll", "--all", "--no-deliver", "--record", "kept")

    assert web.asked[0][1]["Authorization"] == "Bearer SECRET"
    written = "".join(path.read_text() for path in (tmp_path / "kept").iterdir())
    assert "/a.xml" in written
    assert not any(word in written for word in ("SECRET", "HIDDEN", "Bearer", "X-Key"))


def test_validators_are_recorded_and_a_304_is_only_an_answer_to_the_same_ones(monitor, web, tmp_path):
    write_config(tmp_path, web, "/a.xml")
    web.feed("/a.xml", etag='"v1"')
    monitor("poll", "--all", "--no-deliver")
    monitor("poll", "--all", "--no-deliver", "--record", "kept")

    done = monitor("--state", "empty", "poll", "--all", "--replay", "kept", "--json")

    _, answer = index(tmp_path / "kept")
    assert (answer["sent"]["etag"], answer["status"]) == ('"v1"', 304)
    assert (done.code, done.json["replay"]["not_recorded"]) == (1, [f"{web.address}/a.xml"])


def test_an_address_that_was_not_recorded_is_named(monitor, recorded, web, no_network):
    lines = index(recorded)
    kept = [line for line in lines if not line.get("url", "").endswith("/b.xml")]
    (recorded / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept))

    done = monitor("--state", "second", "poll", "--all", "--replay", recorded)

    assert done.code == 1
    assert f"not recorded: {web.address}/b.xml" in done.out
    (feed,) = [feed for feed in monitor("--state", "second", "feeds", "list", "--json").json["feeds"] if feed["id"] == "f1"]
    assert feed["last_problem"].startswith("not-recorded")


def test_a_recording_is_bounded_and_says_what_it_left_out(monitor, web, tmp_path, monkeypatch):
    write_config(tmp_path, web, "/a.xml", "/b.xml")
    web.feed("/a.xml")
    web.feed("/b.xml")
    monkeypatch.setattr("monitor.fetcher.recording.MAX_ANSWERS", 1)

    done = monitor("poll", "--all", "--no-deliver", "--record", "kept")

    assert "recorded 1 answer in kept; no room for 1 more" in done.out
    assert done.code == 0


# ------------------------------------------------------------------------------------------------- complaints
@pytest.mark.parametrize(
    ("prepare", "arguments", "code", "said"),
    [
        pytest.param(lambda folder: (folder / "x").write_text(""), ("--record", "kept"), 65, "kept is not empty – name a new folder", id="folder in use"),
        pytest.param(lambda folder: None, ("--replay", "kept"), 65, "kept holds no recording – make one with: monitor poll --record kept", id="no recording"),
        pytest.param(lambda folder: (folder / "index.jsonl").write_text("[1]\n"), ("--replay", "kept"), 65, "is no recording", id="another file"),
        pytest.param(
            lambda folder: (folder / "index.jsonl").write_text('{"recording": 9}\n'), ("--replay", "kept"), 65, "another version", id="another version"
        ),
        pytest.param(lambda folder: None, ("--record", "a", "--replay", "b"), 2, "either recorded or repeated", id="both"),
    ],
)
def test_a_folder_that_cannot_be_used_is_told(monitor, web, tmp_path, prepare, arguments, code, said):
    write_config(tmp_path, web, "/a.xml")
    (tmp_path / "kept").mkdir()
    prepare(tmp_path / "kept")

    done = monitor("poll", *arguments)

    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_recording_names_only_files_beside_it(monitor, recorded):
    text = (recorded / "index.jsonl").read_text()
    (recorded / "index.jsonl").write_text(text.replace('"file": "0', '"file": "../0'))

    done = monitor("--state", "second", "poll", "--all", "--replay", recorded)

    assert "status" not in done.out
    assert {feed["entries"] for feed in monitor("--state", "second", "feeds", "list", "--json").json["feeds"]} == {0}


def test_time_does_not_go_backwards_for_a_state_that_was_polled_since(monitor, recorded):
    monitor("--state", "used", "poll", "--all", "--no-deliver")

    done = monitor("--state", "used", "poll", "--all", "--replay", recorded)

    assert done.code == 65
    assert "has polls from after this recording – name a new folder with --state" in done.err
