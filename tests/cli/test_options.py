"""How batches are read, and how results are written."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from monitor.cli.options import ago, counted

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_batch_answers_every_line_in_order_and_stops_at_none(monitor, tmp_path):
    (tmp_path / "feed.xml").write_text('<rss version="2.0"><channel><title>Alpha</title></channel></rss>')
    lines = [
        b'{"id": 1, "path": "feed.xml"}',
        b"",
        b"{not JSON",
        b"[]",
        b"\xff",
        b'{"id": 2}',
        b'{"id": 3, "path": "nowhere.xml"}',
        b'{"id": 4, "base64": "*"}',
        b'{"id": 5, "path": 7}',
        b'{"id": 6, "base64": "' + base64.b64encode(b"[") + b'"}',
        b'{"id": 7, "path": "feed.xml", "url": ["https://alpha.example"]}',
        b"[" * 100_000,
    ]

    done = monitor("feeds", "parse", "--batch", stdin=b"\n".join(lines))

    assert (done.code, done.err) == (0, "")
    assert [answer["id"] for answer in done.lines] == [1, None, None, None, 2, 3, 4, 5, 6, 7, None]
    errors = [answer.get("error", "") for answer in done.lines]
    assert (errors[0], errors[8]) == ("", "")
    assert errors[1].startswith("line 3 is not JSON")
    assert errors[2:8] == [
        "line 4 is not an object",
        errors[3],
        'give "path" or "base64"',
        "[Errno 2] No such file or directory: 'nowhere.xml'",
        errors[6],
        "path must be text",
    ]
    assert errors[9] == "url must be text"


def test_a_lone_surrogate_in_a_batch_comes_back_as_it_was(monitor):
    done = monitor("feeds", "parse", "--batch", stdin=rb'{"id": "\ud800", "base64": ""}')

    assert json.loads(done.out)["id"] == "\ud800"


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x9b2J", "\r", "\u202egnp.exe", "\x07"])
def test_what_a_stranger_wrote_cannot_move_the_cursor(monitor, evil):
    page = f"<html><head><title>News{evil}</title></head><body><article><h1>News{evil}</h1><p>{('Grain' + evil) * 60}</p></article></body></html>".encode()

    shown, document = monitor("articles", "extract", "-", stdin=page), monitor("--json", "articles", "extract", "-", stdin=page)

    assert (shown.code, document.code) == (0, 0)
    assert evil[0] not in shown.out + document.out
    assert document.json["schema"] == "articles extract/1"


@pytest.mark.parametrize(("encoding", "title"), [("ascii", "Новини"), ("utf-8", "Новини"), ("iso-8859-1", "\\u041d\\u043e\\u0432\\u0438\\u043d\\u0438")])
def test_a_terminal_that_lacks_letters_stops_nobody(process, encoding, title):
    feed = '<rss version="2.0"><channel><title>Новини</title></channel></rss>'.encode()

    done = process("feeds", "parse", "--json", stdin=feed, environ={"PYTHONIOENCODING": encoding})

    assert (done.code, title in done.out, done.json["feed"]["title"]) == (0, True, "Новини")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (None, "never"),
        (NOON, "0 s ago"),
        (NOON - timedelta(minutes=4), "4 min ago"),
        (NOON + timedelta(hours=2), "in 2 h"),
        (NOON - timedelta(days=3), "3 d ago"),
    ],
)
def test_times_are_told_as_people_do(moment, words):
    assert ago(moment, NOON) == words


def test_nouns_follow_their_number():
    assert [counted(1, "feed"), counted(2, "feed"), counted(0, "story", "stories")] == ["1 feed", "2 feeds", "0 stories"]
