"""When a feed has moved, is gone, is given up, or has turned into something else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds import lifecycle
from monitor.feeds.lifecycle import MISSING_POLLS
from monitor.model import EventKind, Feed, FeedState, Response

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
A, B = "https://a.example/feed", "https://b.example/feed"


def a_feed(**fields):
    return Feed(id="a", **({"url": A, "configured_url": A, "own_title": "The Paper", "entry_count": 20} | fields))


def an_answer(at=NOON, permanent_url=""):
    return Response(url=permanent_url or A, status=200, headers={}, body=b"", fetched_at=at, permanent_url=permanent_url)


def hears(feed, at=NOON, permanent_url="", new_count=0, **after):
    return lifecycle.answered(feed, replace(feed, failures=0, failing_since=None, last_problem="", **after), an_answer(at, permanent_url), new_count=new_count)


def kinds(life):
    return [event.kind for event in life.events]


# ------------------------------------------------------------------------------------------------ moves
def over(feed, *answers):
    """The feed after answers, one a day: the address that permanent redirects led to."""
    for day, address in enumerate(answers):
        feed = hears(feed, NOON + day * DAY, address).feed
    return feed


def test_C23_Q38_three_polls_over_two_days_to_one_address_are_enough_to_move():
    assert lifecycle.is_ready_to_move(over(a_feed(), B, B, B), NOON + 2 * DAY)


@pytest.mark.parametrize(
    ("answers", "days"),
    [
        pytest.param([B, B], 2, id="two polls"),
        pytest.param([B, "", B, B], 3, id="C25 C26 with one that was not permanent between them"),
        pytest.param([B, "https://c.example/feed", B], 2, id="to changing addresses"),
        pytest.param(["http://a.example/feed"] * 5, 4, id="C27 from https to http"),
        pytest.param(["https://A.example:443/feed"] * 5, 4, id="to itself in another spelling"),
        pytest.param([""] * 9, 8, id="C25 never permanent"),
        pytest.param(["javascript:alert(1)"] * 5, 4, id="to no address"),
    ],
)
def test_C23_C25_C26_C27_Q39_anything_less_does_not_move_a_feed(answers, days):
    assert not lifecycle.is_ready_to_move(over(a_feed(), *answers), NOON + days * DAY)


def test_three_polls_within_an_hour_do_not_move_a_feed():
    feed = a_feed()
    for minutes in (0, 20, 40):
        feed = hears(feed, NOON + timedelta(minutes=minutes), B).feed

    assert not lifecycle.is_ready_to_move(feed, NOON + HOUR)


def test_C24_a_failure_on_the_way_begins_the_count_anew():
    feed = over(a_feed(), B, B)
    failed = lifecycle.failed(feed, replace(feed, failures=1), reason="not-a-feed", disable_after=14 * DAY, now=NOON + 2 * DAY).feed

    assert (failed.moved_url, failed.moved_polls) == ("", 0)


def test_C23_a_feed_that_moved_keeps_what_the_config_says_and_the_validators_of_the_new_address():
    ready = replace(over(a_feed(), B, B, B), etag='"b"')

    life = lifecycle.moved(ready, was_read_there=True)

    assert (life.feed.url, life.feed.configured_url, life.feed.etag, life.feed.moved_url) == (B, A, '"b"', "")
    assert kinds(life) == [EventKind.MOVED]
    assert B in life.events[0].detail
    assert A in life.events[0].detail


def test_Q40_an_address_that_the_document_gives_counts_like_a_permanent_redirect_but_its_validators_stay_behind():
    feed = a_feed()
    for day in range(3):
        feed = hears(feed, NOON + day * DAY, announced_url=B, etag='"a"').feed
    assert lifecycle.is_ready_to_move(feed, NOON + 2 * DAY)

    assert lifecycle.moved(feed, was_read_there=False).feed.etag == ""


def test_C28_a_feed_that_moves_to_the_address_of_another_ends_as_its_duplicate():
    life = lifecycle.moved(over(a_feed(title="The Paper"), B, B, B), twin="b", was_read_there=True)

    assert (life.feed.state, life.feed.duplicate_of, life.feed.url) == (FeedState.DUPLICATE, "b", A)
    assert kinds(life) == [EventKind.DUPLICATE]


# --------------------------------------------------------------------------------------------- failures
def fails(feed, at, reason="timeout", counts=True, disable_after=14 * DAY):
    counted = replace(feed, failures=feed.failures + counts, failing_since=feed.failing_since or (at if counts else None), last_problem=reason, polled_at=at)
    life = lifecycle.failed(feed, counted, reason=reason, disable_after=disable_after, now=at)
    return replace(life, feed=replace(life.feed, next_poll_at=at + DAY))


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        pytest.param([(0, "gone")], "active", id="once"),
        pytest.param([(0, "gone"), (23, "gone")], "active", id="twice within a day"),
        pytest.param([(0, "timeout"), (48, "gone")], "active", id="the first after other failures"),
        pytest.param([(0, "timeout"), (48, "gone"), (49, "gone")], "active", id="twice within a day after other failures"),
        pytest.param([(0, "gone"), (24, "gone")], "gone", id="twice a day apart"),
        pytest.param([(0, "gone"), (12, "status-500"), (25, "gone")], "gone", id="with trouble between them"),
    ],
)
def test_C29_Q37_a_feed_is_gone_with_the_second_410_a_day_after_the_first(answers, state):
    feed = a_feed()
    for hours, reason in answers:
        life = fails(feed, NOON + hours * HOUR, reason)
        feed = life.feed

    assert feed.state == state
    assert kinds(life) == ([EventKind.GONE] if state == "gone" else [])


def test_C29_a_410_that_was_a_mistake_is_forgotten_with_the_next_answer():
    feed = fails(a_feed(), NOON, "gone").feed

    feed = hears(feed, NOON + HOUR).feed

    assert fails(feed, NOON + 2 * DAY, "gone").feed.state == FeedState.ACTIVE


def failing(days, **kwargs):
    """A feed that failed daily, and the life of its last poll."""
    feed, all_kinds = a_feed(), []
    for day in range(days + 1):
        life = fails(feed, NOON + day * DAY, **kwargs)
        feed, all_kinds = life.feed, all_kinds + kinds(life)
        if feed.state is not FeedState.ACTIVE:
            break
    return feed, all_kinds


def test_C31_a_feed_that_failed_for_a_fortnight_is_disabled_and_told_once():
    assert failing(13)[0].state == FeedState.ACTIVE

    feed, events = failing(14)

    assert feed.state == FeedState.DISABLED
    assert events == [EventKind.DISABLED]


def test_C31_the_operator_says_how_long_a_feed_may_fail():
    assert failing(2, disable_after=2 * DAY)[0].state == FeedState.DISABLED


def test_a_server_that_asks_us_to_wait_is_not_disabled_for_it():
    feed, _ = failing(3)
    feed = fails(feed, NOON + 30 * DAY, "rate-limited", counts=False).feed

    assert feed.state == FeedState.ACTIVE


def test_C32_time_in_which_our_network_was_down_is_not_held_against_a_feed():
    feed, _ = failing(2)
    for day in range(3, 30):
        at = NOON + day * DAY
        feed = replace(lifecycle.uncounted(feed, feed, at), polled_at=at, next_poll_at=at + DAY)

    assert fails(feed, NOON + 30 * DAY).feed.state == FeedState.ACTIVE
    assert fails(feed, NOON + 42 * DAY).feed.state == FeedState.ACTIVE


def test_C32_time_in_which_nobody_asked_is_not_held_against_a_feed():
    feed, _ = failing(2)

    feed = fails(feed, NOON + 30 * DAY).feed

    assert feed.state == FeedState.ACTIVE


# ------------------------------------------------------------------------------------------- discovery
def test_C30_a_new_address_is_looked_for_after_the_third_miss_and_then_weekly():
    feed, asked = a_feed(), []
    for day in range(11):
        at = NOON + day * DAY
        feed = fails(feed, at, "status-404").feed
        if lifecycle.wants_discovery(feed, at):
            feed = lifecycle.proposed(lifecycle.Life(feed=feed), "", "", at).feed
            asked.append(day)

    assert asked == [MISSING_POLLS - 1, MISSING_POLLS - 1 + 7]


def test_C30_a_feed_that_comes_and_goes_is_looked_for_once_a_week():
    feed, asked = a_feed(), []
    for hour in range(0, 48, 4):
        for minute in range(MISSING_POLLS):
            at = NOON + hour * HOUR + timedelta(minutes=minute)
            feed = fails(feed, at, "status-404").feed
            if lifecycle.wants_discovery(feed, at):
                feed = lifecycle.proposed(lifecycle.Life(feed=feed), "", "", at).feed
                asked.append(hour)
        feed = hears(feed, NOON + (hour + 2) * HOUR).feed

    assert asked == [0]


def test_C30_C36_a_page_that_named_nothing_does_not_keep_us_from_asking_the_site():
    feed = fails(a_feed(), NOON, "not-a-feed").feed
    feed = lifecycle.proposed(lifecycle.Life(feed=feed), "", "", NOON).feed
    for day in (1, 2):
        feed = fails(feed, NOON + day * DAY, "not-a-feed").feed

    assert lifecycle.wants_discovery(feed, NOON + 2 * DAY)


def test_C30_other_failures_are_no_reason_to_look_elsewhere():
    feed, _ = failing(9, reason="timeout")

    assert not lifecycle.wants_discovery(feed, NOON + 9 * DAY)


def test_C30_a_proposal_changes_no_address_and_is_told_once():
    feed, _ = failing(3, reason="status-404")

    life = lifecycle.proposed(lifecycle.Life(feed=feed), B, "the site says so", NOON)
    again = lifecycle.proposed(lifecycle.Life(feed=life.feed), B, "the site says so", NOON + 7 * DAY)

    assert (life.feed.url, life.feed.proposed_url, life.feed.proposed_reason) == (A, B, "the site says so")
    assert (kinds(life), kinds(again)) == ([EventKind.PROPOSAL], [])


def test_a_proposal_is_forgotten_when_the_feed_answers_again():
    feed = a_feed(proposed_url=B, proposed_reason="the site says so", missing_polls=5)

    assert hears(feed).feed.proposed_url == ""


@pytest.mark.parametrize(("site", "where"), [("https://paper.example/news", "https://paper.example/news"), ("", "https://a.example/")])
def test_a_feed_is_looked_for_on_its_site_or_at_the_root_of_its_address(site, where):
    assert lifecycle.site_of(a_feed(site_url=site)) == where


# ------------------------------------------------------------------------------------ suspicious changes
@pytest.mark.parametrize(
    ("title", "entries", "new"),
    [
        pytest.param("Account Suspended", 0, 0, id="suspended and empty"),
        pytest.param("This account has been suspended", 1, 1, id="suspended with a note"),
        pytest.param("paper.example – Domain for sale", 3, 3, id="domain for sale"),
        pytest.param("Website expired", 20, 0, id="expired"),
        pytest.param("The Paper", 0, 0, id="twenty entries gone at once"),
        pytest.param("Casino Bonus", 12, 12, id="another title and other entries"),
    ],
)
def test_A51_a_feed_that_turns_into_something_else_is_suspicious(title, entries, new):
    life = hears(a_feed(), own_title=title, entry_count=entries, new_count=new)

    assert kinds(life) == [EventKind.SUSPICIOUS_CHANGE]
    assert life.feed.last_problem.startswith("suspicious-change (")
    assert (life.feed.state, life.feed.failures) == (FeedState.ACTIVE, 0)


@pytest.mark.parametrize(
    ("before", "title", "entries", "new"),
    [
        pytest.param({}, "The Paper", 20, 20, id="all entries new"),
        pytest.param({}, "The New Paper", 20, 20, id="a title of kin and all entries new"),
        pytest.param({}, "Casino Bonus", 20, 3, id="another title and the same entries"),
        pytest.param({"entry_count": 4}, "The Paper", 0, 0, id="C38 a feed of few entries that is empty"),
        pytest.param({"entry_count": 0}, "The Paper", 0, 0, id="C38 still empty"),
        pytest.param({"entry_count": None, "own_title": ""}, "Account suspended: what now?", 5, 5, id="the first document"),
        pytest.param({"own_title": "Moderation: a blog"}, "Site unavailable – Moderation: a blog", 20, 1, id="a blog about it"),
        pytest.param({"entry_count": 1}, "Tagesbericht", 1, 1, id="one entry a day under changing titles"),
    ],
)
def test_C38_what_happens_to_honest_feeds_is_not_suspicious(before, title, entries, new):
    life = hears(a_feed(**before), own_title=title, entry_count=entries, new_count=new)

    assert (life.events, life.feed.last_problem) == ((), "")


def test_A51_what_is_suspicious_stays_so_without_being_told_again_until_the_feed_is_back():
    first = hears(a_feed(), own_title="Account suspended", entry_count=0).feed
    same = hears(first)
    busy = hears(same.feed, entry_count=1, new_count=1)

    back = hears(busy.feed, own_title="The Paper", entry_count=20, new_count=1)

    assert (same.events, busy.events, back.events) == ((), (), ())
    assert lifecycle.is_suspicious(same.feed.last_problem)
    assert lifecycle.is_suspicious(busy.feed.last_problem)
    assert back.feed.last_problem == ""
