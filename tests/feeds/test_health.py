"""How a feed is, in words, and why its next poll is then."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.cadence import Why
from monitor.feeds.health import Health, diagnose, duration, why
from monitor.model import Feed, FeedState

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def feed(**fields):
    polled = {"polled_at": NOW - MINUTE, "next_poll_at": NOW + 49 * MINUTE, "next_poll_reason": "usual-rhythm"}
    return Feed(**{"id": "f", "url": "https://e.org/f", "gap_s": 7200.0, "newest_at": NOW - HOUR, "changed_at": NOW - HOUR} | polled | fields)


@pytest.mark.parametrize(
    ("about", "state", "words"),
    [
        pytest.param({}, Health.HEALTHY, "It answers; an entry every 2 h.", id="healthy"),
        pytest.param({"polled_at": None}, Health.NEW, "It has not been asked yet.", id="new"),
        pytest.param(
            {"newest_at": NOW - 10 * DAY, "changed_at": NOW - 10 * DAY}, Health.SILENT, "nothing new for 10 days; usual is an entry every 2 h", id="silent"
        ),
        pytest.param({"newest_at": NOW - 2.5 * DAY, "changed_at": NOW - 2.5 * DAY}, Health.HEALTHY, "It answers", id="a weekend is no silence"),
        pytest.param(
            {"gap_s": 7 * 86400.0, "newest_at": NOW - 50 * DAY, "changed_at": None}, Health.HEALTHY, "every 7 days", id="eight times a week's gap is no silence"
        ),
        pytest.param({"gap_s": 7 * 86400.0, "newest_at": NOW - 64 * DAY, "changed_at": None}, Health.SILENT, "64 days", id="nine times is one"),
        pytest.param({"gap_s": None, "newest_at": None, "changed_at": NOW - 90 * DAY}, Health.HEALTHY, "It answers.", id="no rhythm, no silence"),
        pytest.param(
            {"failures": 3, "failing_since": NOW - DAY, "last_problem": "dns (no such name)"},
            Health.FAILING,
            "It failed 3 times in a row since 1 March 2026, last with dns (no such name).",
            id="failing",
        ),
        pytest.param({"failures": 1, "last_problem": "timeout"}, Health.FAILING, "It failed once, last with timeout.", id="failed once"),
        pytest.param({"last_problem": "rate-limited"}, Health.WAITING, "asked us to come back later; that is no failure", id="asked to wait"),
        pytest.param({"last_problem": "on-hold (the host asked us)"}, Health.WAITING, "come back later", id="a sister was asked to wait"),
        pytest.param({"next_poll_reason": "our-network", "failures": 2}, Health.OUR_NETWORK, "not held against the feed", id="our own outage"),
        pytest.param({"last_problem": "suspicious-change"}, Health.SUSPICIOUS, "turned into something else", id="suspicious"),
        pytest.param({"proposed_url": "https://n.org/f", "proposed_reason": "moved"}, Health.MOVED, "https://n.org/f: moved", id="moved"),
        pytest.param(
            {"state": FeedState.DISABLED, "failing_since": NOW - 15 * DAY, "last_problem": "dns"},
            Health.DISABLED,
            "no longer asked: it has failed since 15 February 2026, last with dns",
            id="disabled",
        ),
        pytest.param({"state": FeedState.GONE}, Health.GONE, "410", id="gone"),
        pytest.param({"state": FeedState.DUPLICATE, "duplicate_of": "other"}, Health.DUPLICATE, "the address of other", id="duplicate"),
        pytest.param({"state": FeedState.PAUSED}, Health.PAUSED, "left the configuration", id="paused"),
    ],
)
def test_a_feed_has_a_state_and_a_sentence(about, state, words):
    found = diagnose(feed(**about), NOW)

    assert found.state == state
    assert words in found.words


def test_a_flood_that_waits_comes_before_all_else():
    found = diagnose(feed(failures=2), NOW, held=412)

    assert (found.state, "412 of them wait" in found.words) == (Health.FLOOD, True)


@pytest.mark.parametrize(
    ("about", "step"),
    [
        pytest.param({"failures": 1}, "check the name", id="what helps against the problem"),
        pytest.param({"failures": 3, "proposed_url": "https://n.org/f", "proposed_reason": "found"}, "monitor feeds accept f", id="a new address is at hand"),
        pytest.param({"state": FeedState.DISABLED}, "check the name; then monitor feeds resume f", id="disabled"),
        pytest.param({"state": FeedState.GONE}, "monitor feeds remove f", id="gone"),
        pytest.param({}, "", id="healthy: nothing"),
    ],
)
def test_what_can_be_done_is_told(about, step):
    found = diagnose(feed(**about), NOW, advice="check the name").next_step

    assert step in found
    assert bool(step) == bool(found)


@pytest.mark.parametrize(
    ("about", "words"),
    [
        pytest.param({"next_poll_reason": "cache-headers"}, "the server asks for 50 min of rest (Cache-Control)", id="cache-headers"),
        pytest.param({"next_poll_reason": "server-asked-to-wait"}, "the server asked us to stay away for 50 min (Retry-After)", id="server-asked-to-wait"),
        pytest.param({"next_poll_reason": "feed-ttl", "ttl_s": 10800.0}, "the feed asks for 3 h of rest (ttl or sy:updatePeriod)", id="feed-ttl"),
        pytest.param({"next_poll_reason": "skip-hours"}, "the feed asks not to be read before (skipHours or skipDays)", id="skip-hours"),
        pytest.param({"next_poll_reason": "backing-off", "failures": 3}, "it failed 3 times in a row, so it is left alone for 50 min", id="backing-off"),
        pytest.param({}, "its usual rhythm: an entry every 2 h", id="usual-rhythm"),
        pytest.param({"newest_at": NOW - 5 * DAY, "changed_at": NOW - 5 * DAY}, "it brought nothing new for 5 days", id="silence"),
        pytest.param({"gap_s": None, "newest_at": None}, "its rhythm is not known yet", id="unknown rhythm"),
        pytest.param({"next_poll_reason": "fixed-interval"}, "the configuration says every 5 min", id="fixed-interval"),
        pytest.param({"next_poll_reason": "first-poll", "polled_at": None}, "it has not been asked yet", id="first-poll"),
        pytest.param({"state": FeedState.GONE}, "", id="not asked any more"),
    ],
)
def test_a_feed_says_why_its_next_poll_is_then(about, words):
    assert why(feed(**about), NOW) == words


def test_every_reason_for_a_time_has_words():
    told = {reason: why(feed(next_poll_reason=str(reason)), NOW) for reason in Why if reason is not Why.FIRST_POLL}

    assert all(told.values())
    assert len(set(told.values())) == len(told)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (45, "45 s"), (60, "1 min"), (3000, "50 min"), (3600, "1 h"), (5400, "1.5 h"), (93600, "26 h"), (864000, "10 days")]
)
def test_times_are_told_as_people_say_them(seconds, words):
    assert duration(seconds) == words
