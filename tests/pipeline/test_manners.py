"""When a feed is asked again after what its server answered, over real rows and a real web."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.feeds.cadence import Limits
from monitor.pipeline import poll_feed
from monitor.store import feeds
from monitor.store.schema import feed, poll

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ask(life):
    """Polls every feed once, within these limits, and gives what the rows then say."""

    async def once(*columns, limits=None, **rules):
        settings = life.settings
        limits = limits or Limits(min=5 * MINUTE, max=6 * HOUR)
        usual = replace(settings.rules_of(""), limits=limits, **rules)
        settings = replace(settings, rules_of=lambda _: usual)
        for claim in life.database.write_now(feeds.claim_feeds, life.clock(), timedelta(minutes=5), 100, even_if_not_due=True):
            await poll_feed(life.doors, settings, claim)
        found = life.rows(feed, *(columns or (feed.c.next_poll_at,)))
        life.clock.forward(seconds=1)
        return found

    return once


def rss(life, head="", *, headers=()):
    life.web.feed("/a.xml", ("News", "/1.html", "Words.", life.clock()))
    status, usual, body = life.web.pages["/a.xml"]
    life.web.pages["/a.xml"] = (status, {**usual, **dict(headers)}, body.replace(b"<channel>", b"<channel>" + head.encode()))


@pytest.mark.parametrize("status", [429, 503])
async def test_C09_C10_a_server_that_asks_for_rest_gets_it_and_is_no_failure(life, ask, status):
    life.web.pages["/a.xml"] = (status, {"Retry-After": "3600"}, b"")
    life.watches("/a.xml")
    now = life.clock()

    ((next_poll_at, reason, failures),) = await ask(feed.c.next_poll_at, feed.c.next_poll_reason, feed.c.failures)

    assert now + HOUR <= next_poll_at <= now + 1.2 * HOUR + 2 * MINUTE
    assert (reason, failures) == ("server-asked-to-wait", 0)


async def test_C10_a_date_in_the_past_means_the_usual_interval(life, ask):
    life.web.pages["/a.xml"] = (503, {"Retry-After": "Sun, 22 Nov 2020 11:00:00 GMT"}, b"")
    life.watches("/a.xml")

    ((next_poll_at, reason, failures),) = await ask(feed.c.next_poll_at, feed.c.next_poll_reason, feed.c.failures)

    assert 5 * MINUTE <= next_poll_at - life.clock.now + timedelta(seconds=1) <= 6 * MINUTE
    assert (reason, failures) == ("usual-rhythm", 0)


@pytest.mark.parametrize("wish", ["-5", "abc"])
async def test_C11_C12_a_wish_that_makes_no_sense_is_told_and_429_backs_off_by_itself(life, ask, wish):
    life.web.pages["/a.xml"] = (429, {"Retry-After": wish}, b"")
    life.watches("/a.xml")

    waits = [(await ask())[0] - life.clock.now for _ in range(3)]

    assert [round(wait / (15 * MINUTE)) for wait in waits] == [1, 2, 4]
    assert life.rows(feed, feed.c.last_problem) == [f"rate-limited (Retry-After '{wish}' is no time)"]


async def test_C11_a_wish_of_years_is_taken_as_a_day(life, ask):
    life.web.pages["/a.xml"] = (429, {"Retry-After": "99999999"}, b"")
    life.watches("/a.xml")

    ((next_poll_at, problem),) = await ask(feed.c.next_poll_at, feed.c.last_problem)

    assert DAY - MINUTE <= next_poll_at - life.clock.now <= DAY
    assert problem == "rate-limited (Retry-After of 99999999 s is taken as a day)"


@pytest.mark.parametrize(
    ("scope", "asked", "outcomes"), [("domain", 1, ["failed", "waiting"]), ("host", 1, ["failed", "waiting"]), ("feed", 2, ["failed", "failed"])]
)
async def test_C09_C13_siblings_wait_with_it_or_not_as_the_scope_says(life, ask, scope, asked, outcomes):
    for path in ("/a.xml", "/b.xml"):
        life.web.pages[path] = (429, {"Retry-After": "600"}, b"")
    life.watches("/a.xml", "/b.xml")

    failures = await ask(feed.c.failures, retry_after=scope)

    assert len(life.web.asked) == asked
    assert (failures, life.rows(poll, poll.c.outcome)) == ([0, 0], outcomes)
    assert all(at >= life.clock.now + timedelta(seconds=599) for at in life.rows(feed, feed.c.next_poll_at))


async def test_C09_a_feed_that_waits_with_a_sibling_keeps_what_is_wrong_with_itself(life, ask):
    life.web.pages |= {"/a.xml": (429, {"Retry-After": "600"}, b""), "/b.xml": (500, {}, b"")}
    life.watches("/b.xml")
    await ask()
    life.watches("/a.xml", "/b.xml")
    await ask()

    found = await ask(feed.c.last_problem, feed.c.failures)

    assert life.rows(poll, poll.c.outcome)[-2:] == ["waiting", "waiting"]
    assert ("status-500", 2) in found


async def test_C35_a_feed_that_wants_a_login_is_asked_again_after_a_day(life, ask):
    life.web.pages["/a.xml"] = (401, {"WWW-Authenticate": "Basic"}, b"")
    life.watches("/a.xml")

    ((next_poll_at, reason, problem),) = await ask(feed.c.next_poll_at, feed.c.next_poll_reason, feed.c.last_problem, limits=Limits(min=MINUTE, max=MINUTE))

    assert next_poll_at >= life.clock.now + DAY - MINUTE
    assert (reason, problem) == ("needs-login", "auth")


@pytest.mark.parametrize(
    ("head", "headers", "reason", "wait"),
    [
        pytest.param("<ttl>180</ttl>", {}, "feed-ttl", 3 * HOUR, id="C15 ttl"),
        pytest.param("<ttl>-1</ttl>", {}, "usual-rhythm", 5 * MINUTE, id="C15 ttl below nothing"),
        pytest.param("<ttl>0</ttl>", {}, "usual-rhythm", 5 * MINUTE, id="C15 ttl of nothing"),
        pytest.param("<ttl>x</ttl>", {}, "usual-rhythm", 5 * MINUTE, id="C15 no number"),
        pytest.param(
            '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>'
            '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">2</sy:updateFrequency>',
            {},
            "feed-ttl",
            12 * HOUR,
            id="C17 twice a day",
        ),
        pytest.param("".join(f"<skipHours><hour>{hour}</hour></skipHours>" for hour in range(12, 18)), {}, "skip-hours", 6 * HOUR, id="C16 until six"),
        pytest.param("", {"Cache-Control": "max-age=3600", "Age": "600"}, "cache-headers", 50 * MINUTE, id="C14 cache headers"),
    ],
)
async def test_C14_C15_C16_C17_Q42_what_server_and_feed_wish_holds_for_a_304_too(life, ask, head, headers, reason, wait):
    rss(life, head, headers={**headers, "ETag": '"1"'})
    life.watches("/a.xml")
    began = life.clock()

    ((first, why_then),) = await ask(feed.c.next_poll_at, feed.c.next_poll_reason)
    ((second, why_later),) = await ask(feed.c.next_poll_at, feed.c.next_poll_reason)

    assert life.rows(poll, poll.c.outcome) == ["changed", "not-modified"]
    assert (why_then, why_later) == (reason, reason)
    for at in (first, second):
        assert wait - MINUTE <= at - began <= 1.1 * wait + 6 * MINUTE


async def test_C18_the_rhythm_that_was_learned_holds_for_a_304_too(life, ask):
    items = [(f"News {number}", f"/{number}.html", "Words.", life.clock() - number * 8 * HOUR) for number in range(1, 9)]
    life.web.feed("/a.xml", *items, etag='"1"')
    life.watches("/a.xml")

    ((first, gap_s),) = await ask(feed.c.next_poll_at, feed.c.gap_s)
    (second,) = await ask()

    assert gap_s == 8 * 3600
    assert 50 * MINUTE <= first - life.clock.now <= 70 * MINUTE
    assert abs(second - first) <= timedelta(seconds=5)


async def test_C20_a_restart_does_not_poll_before_the_stored_time(life, ask):
    life.web.feed("/a.xml", ("News", "/1.html", "Words.", life.clock()))
    life.watches("/a.xml")
    (due,) = await ask()

    life.restarted()
    life.watches("/a.xml")
    claimed = [len(life.database.write_now(feeds.claim_feeds, at, timedelta(minutes=5), 100)) for at in (due - timedelta(seconds=1), due)]

    assert claimed == [0, 1]
