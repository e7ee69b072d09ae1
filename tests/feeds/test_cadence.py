"""When a feed is asked again, and why then."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.cadence import Limits, NextPoll, PollOutcome, Why, backoff_s, freshness_s, initial_spread, next_poll
from monitor.feeds.parsed import ParsedFeed
from monitor.model import Entry, Feed, FeedState

NOW = datetime(2026, 3, 2, 2, 45, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
USUAL = Limits(min=5 * MINUTE, max=6 * HOUR)
FIXED = Limits(min=10 * MINUTE, max=10 * MINUTE)


def feed(**fields):
    return Feed(**{"id": "f", "url": "https://e.org/f"} | fields)


def parsed(*ages, **hints):
    return ParsedFeed(format="rss20", entries=tuple(Entry(key=str(age), published_at=NOW - age) for age in ages), **hints)


def poll(found=None, *, limits=USUAL, outcome=PollOutcome.CHANGED, now=NOW, **about):
    return next_poll(about.pop("feed", feed()), now=now, outcome=outcome, limits=limits, parsed=found, **about)


def hourly(hours=20):
    return [hour * HOUR for hour in range(hours)]


@pytest.mark.parametrize(
    ("about", "reason", "least", "most"),
    [
        pytest.param({"found": parsed(*hourly())}, Why.USUAL_RHYTHM, 25 * MINUTE, 32 * MINUTE, id="half the mean gap"),
        pytest.param({"found": parsed(*(n * MINUTE for n in range(20)))}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="busy feed: the floor"),
        pytest.param({"found": parsed(*(30 * DAY + age for age in hourly()))}, Why.USUAL_RHYTHM, 5.4 * HOUR, 6 * HOUR, id="silent for a month: the ceiling"),
        pytest.param({"found": parsed(-DAY, HOUR)}, Why.USUAL_RHYTHM, 27 * MINUTE, 33 * MINUTE, id="dates in the future say nothing"),
        pytest.param(
            {"outcome": PollOutcome.NOT_MODIFIED, "feed": feed(changed_at=NOW - 4 * HOUR)}, Why.USUAL_RHYTHM, 108 * MINUTE, 132 * MINUTE, id="304: silence"
        ),
        pytest.param({"outcome": PollOutcome.UNCHANGED}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="nothing known: the floor"),
        pytest.param({"found": parsed(20 * DAY), "limits": Limits(min=HOUR, max=DAY, adaptive=False)}, Why.FIXED_INTERVAL, HOUR, 1.1 * HOUR, id="not adaptive"),
        pytest.param({"found": parsed(ttl_s=10800.0)}, Why.FEED_TTL, 3 * HOUR, 3.3 * HOUR, id="ttl is a lower bound"),
        pytest.param({"found": parsed(update_period_s=43200.0)}, Why.FEED_TTL, 6 * HOUR, 6 * HOUR, id="update period, clamped"),
        pytest.param({"found": parsed(7 * HOUR, ttl_s=60.0)}, Why.USUAL_RHYTHM, 189 * MINUTE, 231 * MINUTE, id="a ttl below the rhythm changes nothing"),
        pytest.param({"headers": {"cache-control": "max-age=3600", "age": "600"}}, Why.CACHE_HEADERS, 50 * MINUTE, 55 * MINUTE, id="max-age less age"),
        pytest.param({"headers": {"cache-control": "max-age=31536000"}}, Why.CACHE_HEADERS, 6 * HOUR, 6 * HOUR, id="a year is clamped"),
        pytest.param({"headers": {"cache-control": "no-cache, max-age=9999"}}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="no-cache is no wish"),
        pytest.param({"retry_at": NOW + 2 * HOUR}, Why.SERVER_ASKED_TO_WAIT, 2 * HOUR, 2.2 * HOUR, id="Retry-After"),
        pytest.param({"retry_at": NOW + 2 * MINUTE}, Why.SERVER_ASKED_TO_WAIT, 5 * MINUTE, 5.5 * MINUTE, id="Retry-After below our own floor"),
        pytest.param({"retry_at": NOW + 12 * HOUR}, Why.SERVER_ASKED_TO_WAIT, 12 * HOUR, 13.2 * HOUR, id="Retry-After over our own ceiling"),
        pytest.param({"retry_at": NOW + 900 * DAY}, Why.SERVER_ASKED_TO_WAIT, DAY, DAY, id="Retry-After, at most a day"),
        pytest.param({"retry_at": datetime.max.replace(tzinfo=UTC)}, Why.SERVER_ASKED_TO_WAIT, DAY, DAY, id="Retry-After at the end of time"),
        pytest.param({"retry_at": NOW - HOUR}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="Retry-After in the past is not heard"),
        pytest.param(
            {"retry_at": NOW + HOUR, "found": parsed(ttl_s=20000.0), "headers": {"cache-control": "max-age=9999"}},
            Why.SERVER_ASKED_TO_WAIT,
            HOUR,
            1.1 * HOUR,
            id="Retry-After beats cadence",
        ),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(failures=1)}, Why.BACKING_OFF, 5 * MINUTE, 5.5 * MINUTE, id="first failure"),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(failures=4)}, Why.BACKING_OFF, 40 * MINUTE, 44 * MINUTE, id="fourth failure"),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(failures=4000)}, Why.BACKING_OFF, DAY, 1.1 * DAY, id="at most a day"),
        pytest.param(
            {"outcome": PollOutcome.FAILED, "feed": feed(failures=9), "retry_at": NOW + HOUR}, Why.SERVER_ASKED_TO_WAIT, HOUR, 1.1 * HOUR, id="503 with a time"
        ),
        pytest.param({"outcome": PollOutcome.GONE}, Why.GONE, DAY, DAY, id="410: a second look tomorrow"),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(state=FeedState.GONE)}, Why.GONE, DAY, DAY, id="gone for good"),
    ],
)
def test_the_next_poll_has_a_time_and_a_reason(about, reason, least, most):
    found = poll(**about)

    assert found.reason == reason
    assert least <= found.at - NOW <= most


def test_a_fixed_interval_is_exactly_that_whatever_server_and_feed_wish():
    wishes = {"headers": {"cache-control": "max-age=9999"}, "found": parsed(ttl_s=9999.0, skip_hours=frozenset(range(23)), skip_days=frozenset({0}))}

    assert poll(limits=FIXED, **wishes) == NextPoll(at=NOW + 10 * MINUTE, reason=Why.FIXED_INTERVAL)


def test_a_fixed_interval_yields_to_retry_after_and_failures():
    assert poll(limits=FIXED, retry_at=NOW + HOUR) == NextPoll(at=NOW + HOUR, reason=Why.SERVER_ASKED_TO_WAIT)
    assert poll(limits=FIXED, outcome=PollOutcome.FAILED, feed=feed(failures=2)) == NextPoll(at=NOW + 10 * MINUTE, reason=Why.BACKING_OFF)
    assert poll(limits=FIXED, outcome=PollOutcome.FAILED, feed=feed(failures=5)) == NextPoll(at=NOW + 80 * MINUTE, reason=Why.BACKING_OFF)


def test_a_feed_asked_every_ten_seconds_backs_off_from_ten_seconds():
    limits = Limits(min=timedelta(seconds=10), max=timedelta(seconds=10))

    assert [backoff_s(failures, limits) for failures in (0, 1, 2, 3)] == [10, 10, 20, 40]


def test_a_feed_asked_once_a_month_backs_off_no_faster():
    assert backoff_s(1, Limits(min=30 * DAY, max=30 * DAY)) == (30 * DAY).total_seconds()


@pytest.mark.parametrize(
    ("now", "hours", "days", "at"),
    [
        pytest.param(NOW, range(6), [], NOW.replace(hour=6, minute=0), id="due at night: at six"),
        pytest.param(NOW.replace(hour=12), range(6), [], None, id="due at noon: as planned"),
        pytest.param(NOW, range(12), [], NOW + 6 * HOUR, id="never later than the operator's longest interval"),
        pytest.param(datetime(2026, 3, 1, 20, 0, tzinfo=UTC), [], [6], datetime(2026, 3, 2, tzinfo=UTC), id="Sunday evening: Monday"),
        pytest.param(NOW, range(24), [], None, id="skipping every hour is no wish"),
        pytest.param(NOW, [], range(7), None, id="skipping every day is no wish"),
    ],
)
def test_hours_that_a_feed_skips_are_skipped(now, hours, days, at):
    found = poll(parsed(skip_hours=frozenset(hours), skip_days=frozenset(days)), now=now)

    if at is None:
        assert found.reason == Why.USUAL_RHYTHM
    else:
        assert found.reason == Why.SKIP_HOURS
        assert at <= found.at <= at + 5 * MINUTE


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"cache-control": "public, MAX-AGE=60"}, 60, id="max-age"),
        pytest.param({"cache-control": "s-maxage=600"}, None, id="s-maxage is for proxies"),
        pytest.param({"cache-control": "max-age=60", "expires": "Mon, 02 Mar 2026 12:45:00 GMT"}, 60, id="max-age beats Expires"),
        pytest.param({"expires": "Mon, 02 Mar 2026 03:45:00 GMT", "date": "Mon, 02 Mar 2026 03:15:00 GMT"}, 1800, id="Expires from Date"),
        pytest.param({"expires": "Mon, 02 Mar 2026 03:45:00 GMT"}, 3600, id="Expires from now"),
        pytest.param({"expires": "0"}, None, id="Expires: 0 does not mean now"),
        pytest.param({"cache-control": "max-age=60", "age": "90"}, None, id="stale already"),
        pytest.param({"cache-control": "max-age=60", "age": "x"}, 60, id="an age that is none"),
        pytest.param({"cache-control": "max-age=-5"}, None, id="negative"),
        pytest.param({"cache-control": "no-store"}, None, id="no-store"),
    ],
)
def test_an_answer_is_fresh_for_as_long_as_the_server_says(headers, seconds):
    assert freshness_s(headers, NOW) == seconds


def test_feeds_are_spread_and_each_has_its_place():
    waits = [initial_spread(f"feed-{n}", 60.0) for n in range(600)]

    assert waits == [initial_spread(f"feed-{n}", 60.0) for n in range(600)]
    assert all(0 <= wait < 60 for wait in waits)
    assert max(sum(minute <= wait < minute + 6 for wait in waits) for minute in range(0, 60, 6)) < 100


OUTCOMES = st.sampled_from(PollOutcome)


@given(
    name=st.text(max_size=20),
    outcome=OUTCOMES,
    failures=st.integers(0, 10_000),
    ages=st.lists(st.floats(-1e7, 1e9), max_size=30),
    ttl_s=st.one_of(st.none(), st.floats(1, 1e9)),
    skip=st.frozensets(st.integers(0, 23)),
    max_age=st.integers(0, 10**12),
    shortest=st.integers(1, 10**6),
    factor=st.integers(1, 100),
)
def test_whatever_is_wished_the_operators_limits_hold(name, outcome, failures, ages, ttl_s, skip, max_age, shortest, factor):
    limits = Limits(min=timedelta(seconds=shortest), max=timedelta(seconds=shortest * factor))
    answer = {"headers": {"cache-control": f"max-age={max_age}"}, "found": parsed(*(timedelta(seconds=age) for age in ages), ttl_s=ttl_s, skip_hours=skip)}

    found = poll(limits=limits, outcome=outcome, feed=feed(id=name, failures=failures), **answer)

    assert found == poll(limits=limits, outcome=outcome, feed=feed(id=name, failures=failures), **answer)
    if outcome not in (PollOutcome.FAILED, PollOutcome.GONE):
        assert limits.min <= found.at - NOW <= limits.max
