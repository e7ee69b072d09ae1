"""What the operator is told of a feed: complete, the same every time, and never active."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerts.notice import Notice, render_notice
from monitor.model import NOTICES, EventKind, Subscriber

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
DESK = Subscriber(id="desk", topics=("t",), channels=(), timezone="Europe/Brussels")
PAYLOADS = (Path(__file__).parent / "hostile.txt").read_text().splitlines()


def a_notice(**fields):
    given = {
        "kind": EventKind.DISABLED,
        "at": NOW,
        "feed_id": "nato-news",
        "feed_title": "NATO newsroom",
        "feed_url": "https://nato.example/rss.xml",
        "detail": "it has failed 31 times in a row since 8 November 2026",
        "failing_since": NOW - timedelta(days=14),
        "last_problem": "timeout (no whole answer within 30 s)",
        "advice": "It is asked again later; if it always takes long, raise timeout for this feed.",
    }
    return Notice(**(given | fields))


def said(**fields):
    return render_notice(a_notice(**fields), DESK, now=NOW)


def test_C31_a_notice_says_what_happened_since_when_what_helps_and_what_to_run():
    message = said()

    assert message.subject == "Feed disabled: nato-news"
    assert message.text.splitlines()[:4] == [
        "Feed disabled: NATO newsroom",
        "Sunday, 22 November 2026, 17:00 (Brussels)",
        "",
        "It has failed 31 times in a row since 8 November 2026. It is not asked any",
    ]
    for part in ("8 Nov, 17:00", "no whole answer within 30 s", "If it always takes long, raise", "monitor feeds resume nato-news"):
        assert part in message.text
        assert part in message.html
    assert "asked again later" not in message.text


@pytest.mark.parametrize(
    ("kind", "fields", "subject", "command"),
    [
        (EventKind.DISABLED, {"proposed_url": "https://nato.example/new"}, "Feed disabled", "accept"),
        (EventKind.GONE, {}, "Feed gone", "remove"),
        (EventKind.GONE, {"proposed_url": "https://nato.example/new"}, "Feed gone", "accept"),
        (EventKind.DUPLICATE, {"failing_since": None}, "Feed is a duplicate", "remove"),
        (EventKind.SUSPICIOUS_CHANGE, {"failing_since": None}, "Feed may be another", "check"),
        (EventKind.FLOOD, {"failing_since": None}, "Feed flooded", "release"),
    ],
)
def test_C28_C29_C31_A51_each_notice_names_the_command_that_answers_it(kind, fields, subject, command):
    message = said(kind=kind, **fields)

    assert message.subject == f"{subject}: nato-news"
    assert f"monitor feeds {command} nato-news" in message.text
    assert message.payload["type"] == f"feed.{kind}"
    assert message.payload["data"]["command"] == f"monitor feeds {command} nato-news"


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_can_be_told(kind):
    message = said(kind=kind)

    assert message.subject.endswith(": nato-news")
    assert message.payload["type"] == f"feed.{kind}"


def test_what_is_told_of_itself_is_a_kind_of_event():
    assert set(EventKind) > NOTICES


def test_the_document_for_webhooks_says_the_same():
    assert said().payload == {
        "type": "feed.disabled",
        "timestamp": "2026-11-22T16:00:00.000Z",
        "data": {
            "feed": {"id": "nato-news", "title": "NATO newsroom", "url": "https://nato.example/rss.xml"},
            "detail": "It has failed 31 times in a row since 8 November 2026. It is not asked any more; what it brought is kept.",
            "failing_since": "2026-11-08T16:00:00.000Z",
            "last_problem": "timeout (no whole answer within 30 s)",
            "advice": "If it always takes long, raise timeout for this feed.",
            "proposed_url": "",
            "command": "monitor feeds resume nato-news",
        },
    }


def test_a_notice_of_endless_words_stays_below_the_bounds_of_its_channels():
    message = said(**dict.fromkeys(("feed_title", "feed_url", "detail", "last_problem", "advice", "proposed_url"), "ü" * 100_000))

    assert len(json.dumps(message.payload, ensure_ascii=False).encode()) < 20_000
    assert len(message.html.encode()) < 90_000
    assert len(message.subject) <= 78


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_a_feed_says_becomes_active(payload):
    calm = said()
    message = said(feed_title=payload, feed_url=payload, detail=payload, last_problem=payload, proposed_url="")

    assert message.html.count("<a ") == 0
    assert sorted(tags(message.html)) == sorted(tags(calm.html))
    assert "\r" not in message.subject + message.text


def tags(html):
    import re

    return re.findall(r"<(/?[a-z0-9]+)", html)


def test_the_same_notice_always_gives_the_same_words():
    assert said() == said()
