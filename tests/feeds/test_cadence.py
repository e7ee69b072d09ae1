"""When a feed is asked again, and why then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.cadence import Limits, NextPoll, PollOutcome, Why, backoff_s, freshness_s, initial_spread, learned, next_poll
from monitor.feeds.parsed import ParsedFeed
from monitor.model import Entry, Feed, FeedState

NOW = datetime(2026, 3, 2, 2, 45, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
USUAL = Limits(min=5 * MINUTE, max=6 * HOUR)
FIXED = Limits(min=10 * MINUTE, max=10 * MINUTE)


def feed(**fields):
    return Feed(**{"id": "f", "url": "https://e.org/f"} | fields)


def entries(*ages, now=NOW):
    """With a date each, that long ago; None: without one."""
    return tuple(Entry(key=str(number), published_at=None if age is None else now - age) for number, age in enumerate(ages))


def first_seen(*ages, **hints):
    """A feed after its first poll, which showed entries of these ages."""
    return learned(feed(), ParsedFeed(format="rss20", **hints), new=entries(*ages), first_poll=True, now=NOW)


def poll(*, limits=USUAL, outcome=PollOutcome.CHANGED, now=NOW, **about):
    return next_poll(about.pop("feed", feed()), now=now, outcome=outcome, limits=limits, **about)


def every(gap, count=20):
    return [number * gap for number in range(count)]


@pytest.mark.parametrize(
    ("about", "reason", "least", "most"),
    [
        pytest.param({"feed": first_seen(*every(8 * HOUR))}, Why.USUAL_RHYTHM, 54 * MINUTE, 66 * MINUTE, id="an eighth of the usual gap"),
        pytest.param({"feed": first_seen(*every(36 * MINUTE))}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="C18 40 entries a day: the floor"),
        pytest.param({"feed": first_seen(*(30 * DAY + age for age in every(HOUR)))}, Why.USUAL_RHYTHM, 5.4 * HOUR, 6 * HOUR, id="C18 silent for a month"),
        pytest.param({"feed": first_seen(9 * HOUR, 10 * HOUR)}, Why.USUAL_RHYTHM, 20 * MINUTE, 25 * MINUTE, id="C18 a night's silence"),
        pytest.param({"feed": first_seen(-DAY, 16 * HOUR, 32 * HOUR)}, Why.USUAL_RHYTHM, 108 * MINUTE, 132 * MINUTE, id="dates in the future say nothing"),
        pytest.param(
            {"feed": first_seen(*every(36 * MINUTE)), "limits": Limits(min=30 * MINUTE, max=6 * HOUR)},
            Why.USUAL_RHYTHM,
            30 * MINUTE,
            33 * MINUTE,
            id="C19 never under a feed's own floor",
        ),
        pytest.param(
            {"outcome": PollOutcome.NOT_MODIFIED, "feed": feed(changed_at=NOW - 2 * DAY)}, Why.USUAL_RHYTHM, 108 * MINUTE, 132 * MINUTE, id="304: silence"
        ),
        pytest.param({"outcome": PollOutcome.UNCHANGED}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="nothing known: the floor"),
        pytest.param(
            {"feed": first_seen(20 * DAY), "limits": Limits(min=HOUR, max=DAY, adaptive=False)}, Why.FIXED_INTERVAL, HOUR, 1.1 * HOUR, id="not adaptive"
        ),
        pytest.param({"feed": first_seen(ttl_s=10800.0)}, Why.FEED_TTL, 3 * HOUR, 3.3 * HOUR, id="C15 ttl is a lower bound"),
        pytest.param(
            {"feed": first_seen(ttl_s=10800.0), "limits": Limits(min=15 * MINUTE, max=15.5 * MINUTE)}, Why.FEED_TTL, 3 * HOUR, 3.3 * HOUR, id="C15 over 15 min"
        ),
        pytest.param({"feed": first_seen(ttl_s=10800.0), "outcome": PollOutcome.NOT_MODIFIED}, Why.FEED_TTL, 3 * HOUR, 3.3 * HOUR, id="C15 also after a 304"),
        pytest.param({"feed": first_seen(ttl_s=9e9)}, Why.FEED_TTL, DAY, DAY, id="C15 a ttl of years is a day"),
        pytest.param({"feed": first_seen(), "headers": {}}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="C15 no ttl, or none that reads as one"),
        pytest.param({"feed": first_seen(update_period_s=43200.0)}, Why.FEED_TTL, 12 * HOUR, 13.2 * HOUR, id="C17 twice a day"),
        pytest.param(
            {"feed": first_seen(update_period_s=43200.0), "limits": Limits(min=HOUR, max=6 * HOUR, is_firm=True)},
            Why.FEED_TTL,
            6 * HOUR,
            6 * HOUR,
            id="the operator's bound for this feed alone",
        ),
        pytest.param({"feed": first_seen(7 * DAY, 9 * DAY, ttl_s=60.0)}, Why.USUAL_RHYTHM, 5.4 * HOUR, 6 * HOUR, id="a ttl below the rhythm changes nothing"),
        pytest.param({"headers": {"cache-control": "max-age=3600", "age": "600"}}, Why.CACHE_HEADERS, 50 * MINUTE, 55 * MINUTE, id="C14 max-age less age"),
        pytest.param({"headers": {"cache-control": "max-age=31536000"}}, Why.CACHE_HEADERS, DAY, DAY, id="C14 a year is a day"),
        pytest.param({"headers": {"cache-control": "no-cache, max-age=9999"}}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="no-cache is no wish"),
        pytest.param({"retry_at": NOW + 2 * HOUR}, Why.SERVER_ASKED_TO_WAIT, 2.2 * HOUR, 2.4 * HOUR, id="C09 Retry-After"),
        pytest.param({"retry_at": NOW + 2 * MINUTE}, Why.SERVER_ASKED_TO_WAIT, 5 * MINUTE, 6 * MINUTE, id="C09 Retry-After below our own floor"),
        pytest.param({"retry_at": NOW + 12 * HOUR}, Why.SERVER_ASKED_TO_WAIT, 12 * HOUR, 14.4 * HOUR, id="C10 Retry-After over our own ceiling"),
        pytest.param({"retry_at": NOW + 900 * DAY}, Why.SERVER_ASKED_TO_WAIT, DAY, DAY, id="C11 Retry-After, at most a day"),
        pytest.param({"retry_at": datetime.max.replace(tzinfo=UTC)}, Why.SERVER_ASKED_TO_WAIT, DAY, DAY, id="C11 Retry-After at the end of time"),
        pytest.param(
            {"outcome": PollOutcome.FAILED, "retry_at": NOW - HOUR}, Why.USUAL_RHYTHM, 5 * MINUTE, 5.5 * MINUTE, id="C10 Retry-After in the past: as usual"
        ),
        pytest.param(
            {"retry_at": NOW + HOUR, "feed": first_seen(ttl_s=20000.0), "headers": {"cache-control": "max-age=9999"}},
            Why.SERVER_ASKED_TO_WAIT,
            HOUR,
            1.2 * HOUR,
            id="C09 Retry-After beats cadence",
        ),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(failures=1)}, Why.BACKING_OFF, 5 * MINUTE, 5.5 * MINUTE, id="first failure"),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(failures=4)}, Why.BACKING_OFF, 40 * MINUTE, 44 * MINUTE, id="fourth failure"),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(failures=4000)}, Why.BACKING_OFF, DAY, 1.1 * DAY, id="at most a day"),
        pytest.param(
            {"outcome": PollOutcome.FAILED, "feed": feed(failures=1), "reason": "rate-limited"}, Why.BACKING_OFF, 15 * MINUTE, 16.5 * MINUTE, id="C12 first 429"
        ),
        pytest.param(
            {"outcome": PollOutcome.FAILED, "feed": feed(failures=3), "reason": "rate-limited"}, Why.BACKING_OFF, HOUR, 66 * MINUTE, id="C12 third 429"
        ),
        pytest.param(
            {"outcome": PollOutcome.FAILED, "feed": feed(failures=1), "reason": "rate-limited", "limits": FIXED},
            Why.BACKING_OFF,
            15 * MINUTE,
            15 * MINUTE,
            id="C12 also where the interval is fixed",
        ),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(failures=1), "reason": "auth"}, Why.NEEDS_LOGIN, DAY, 1.1 * DAY, id="C35 a login is missing"),
        pytest.param(
            {"outcome": PollOutcome.FAILED, "feed": feed(failures=1), "reason": "auth", "limits": FIXED}, Why.NEEDS_LOGIN, DAY, DAY, id="C35 fixed interval"
        ),
        pytest.param(
            {"outcome": PollOutcome.FAILED, "feed": feed(failures=9), "retry_at": NOW + HOUR},
            Why.SERVER_ASKED_TO_WAIT,
            HOUR,
            1.2 * HOUR,
            id="C10 503 with a time",
        ),
        pytest.param({"outcome": PollOutcome.GONE}, Why.GONE, DAY, DAY, id="410: a second look tomorrow"),
        pytest.param({"outcome": PollOutcome.FAILED, "feed": feed(state=FeedState.GONE)}, Why.GONE, DAY, DAY, id="gone for good"),
    ],
)
def test_C09_C10_C11_C12_C14_C15_C17_C18_C19_C35_Q42_the_next_poll_has_a_time_and_a_reason(about, reason, least, most):
    found = poll(**about)

    assert found.reason == reason
    assert least <= found.at - NOW <= most


def test_a_fixed_interval_is_exactly_that_whatever_server_and_feed_wish():
    wishes = {"headers": {"cache-control": "max-age=9999"}, "feed": first_seen(ttl_s=9999.0, skip_hours=frozenset(range(23)), skip_days=frozenset({0}))}

    assert poll(limits=FIXED, **wishes) == NextPoll(at=NOW + 10 * MINUTE, reason=Why.FIXED_INTERVAL)


# ------------------------------------------------------------------------------------------------- rhythm
@pytest.mark.parametrize(
    ("ages", "gap"),
    [
        pytest.param(every(HOUR), HOUR, id="evenly"),
        pytest.param([*every(HOUR, 10), 3000 * DAY], HOUR, id="an old entry pinned to it"),
        pytest.param([day * DAY + second * timedelta(seconds=1) for day in range(4) for second in range(8)], DAY, id="eight at once each day"),
        pytest.param([None, None, None], None, id="no dates"),
        pytest.param([5 * HOUR], None, id="one entry"),
        pytest.param([], None, id="no entry"),
    ],
)
def test_C18_the_usual_gap_is_seen_at_the_first_poll(ages, gap):
    found = first_seen(*ages).gap_s

    assert found is None if gap is None else found == pytest.approx(gap.total_seconds(), rel=0.01)


def test_C18_a_feed_that_wakes_up_is_asked_more_often_and_one_that_tires_less():
    def after(known, gap, count):
        """Polls that bring one entry each, so far apart."""
        for number in range(1, count + 1):
            now = NOW + number * gap
            known = learned(known, ParsedFeed(format="rss20"), new=entries(timedelta(), now=now), first_poll=False, now=now)
        return known.gap_s / 3600

    hourly = first_seen(*every(HOUR))

    assert after(hourly, 6 * MINUTE, 15) == pytest.approx(0.1, rel=0.25)
    assert after(hourly, 12 * HOUR, 15) == pytest.approx(12, rel=0.25)
    assert after(hourly, 12 * HOUR, 1) < 1.5  # a night changes little


def test_C18_entries_without_a_date_came_when_we_saw_them():
    known = replace(first_seen(None, None), changed_at=NOW)

    for number in range(1, 7):
        now = NOW + number * 3 * HOUR
        known = learned(known, ParsedFeed(format="rss20"), new=entries(None, now=now), first_poll=False, now=now)

    assert (known.gap_s, known.newest_at) == (3 * 3600, NOW + 18 * HOUR)


def test_C18_a_poll_that_brings_nothing_new_leaves_the_rhythm_as_it_is():
    known = first_seen(*every(HOUR))

    found = learned(known, ParsedFeed(format="rss20"), new=(), first_poll=False, now=NOW + DAY)

    assert (found.gap_s, found.newest_at) == (known.gap_s, known.newest_at)


def test_a_fixed_interval_yields_to_retry_after_and_failures():
    assert poll(limits=FIXED, retry_at=NOW + HOUR) == NextPoll(at=NOW + 66 * MINUTE, reason=Why.SERVER_ASKED_TO_WAIT)
    assert poll(limits=FIXED, outcome=PollOutcome.FAILED, feed=feed(failures=2)) == NextPoll(at=NOW + 10 * MINUTE, reason=Why.BACKING_OFF)
    assert poll(limits=FIXED, outcome=PollOutcome.FAILED, feed=feed(failures=5)) == NextPoll(at=NOW + 80 * MINUTE, reason=Why.BACKING_OFF)


def test_C13_sisters_that_wait_with_a_feed_go_before_it():
    told, *sisters = (
        poll(feed=feed(id=name), outcome=PollOutcome.FAILED, retry_at=NOW + HOUR, reason=reason).at
        for name, reason in (("told", "rate-limited"), *((f"sister-{number}", "on-hold") for number in range(50)))
    )

    assert all(NOW + HOUR <= sister < told for sister in sisters)


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
        pytest.param(NOW, range(12), [], NOW.replace(hour=12, minute=0), id="the whole morning: at noon"),
        pytest.param(datetime(2026, 3, 1, 20, 0, tzinfo=UTC), [], [6], datetime(2026, 3, 2, tzinfo=UTC), id="Sunday evening: Monday"),
        pytest.param(datetime(2026, 3, 1, 20, 0, tzinfo=UTC), [], [6, 0, 1, 2, 3, 4], datetime(2026, 3, 4, 20, 0, tzinfo=UTC), id="nearly all days: three"),
        pytest.param(NOW, range(24), [], None, id="skipping every hour is no wish"),
        pytest.param(NOW, [], range(7), None, id="skipping every day is no wish"),
    ],
)
def test_C16_Q42_hours_that_a_feed_skips_are_skipped(now, hours, days, at):
    about = first_seen(skip_hours=frozenset(hours), skip_days=frozenset(days))

    found = poll(feed=about, now=now, outcome=PollOutcome.NOT_MODIFIED)

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
def test_C14_an_answer_is_fresh_for_as_long_as_the_server_says(headers, seconds):
    assert freshness_s(headers, NOW) == seconds


def test_feeds_are_spread_and_each_has_its_place():
    waits = [initial_spread(f"feed-{n}", 60.0) for n in range(600)]

    assert waits == [initial_spread(f"feed-{n}", 60.0) for n in range(600)]
    assert all(0 <= wait < 60 for wait in waits)
    assert max(sum(minute <= wait < minute + 6 for wait in waits) for minute in range(0, 60, 6)) < 100


@given(
    name=st.text(max_size=20),
    outcome=st.sampled_from(PollOutcome),
    failures=st.integers(0, 10_000),
    ages=st.lists(st.floats(-1e7, 1e9), max_size=30),
    ttl_s=st.one_of(st.none(), st.floats(1, 1e9)),
    skip=st.frozensets(st.integers(0, 23)),
    max_age=st.integers(0, 10**12),
    shortest=st.integers(1, 10**6),
    factor=st.integers(1, 100),
    is_firm=st.booleans(),
)
def test_C19_whatever_is_wished_the_operators_limits_hold(name, outcome, failures, ages, ttl_s, skip, max_age, shortest, factor, is_firm):
    limits = Limits(min=timedelta(seconds=shortest), max=timedelta(seconds=shortest * factor), is_firm=is_firm)
    about = replace(first_seen(*(timedelta(seconds=age) for age in ages), ttl_s=ttl_s, skip_hours=skip), id=name, failures=failures)
    headers = {"cache-control": f"max-age={max_age}"}

    found = poll(limits=limits, outcome=outcome, feed=about, headers=headers)

    assert found == poll(limits=limits, outcome=outcome, feed=about, headers=headers)
    if outcome not in (PollOutcome.FAILED, PollOutcome.GONE):
        assert limits.min <= found.at - NOW <= (limits.max if is_firm else max(limits.max, 3 * DAY))
