"""When nobody answers us, no feed is blamed; when somebody does, each is judged by its own."""

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from monitor.model import Feed
from monitor.pipeline import poll_feed
from monitor.pipeline.doors import Network
from monitor.store import feeds
from monitor.store.commits import GroupCommit
from monitor.store.schema import feed, poll
from monitor.telemetry import NETWORK_DOWN

MINUTE = timedelta(minutes=1)


@pytest.fixture
def nobody():
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def watch(life, nobody):
    """Feeds of so many hosts that do not answer, and one that does."""

    def of(count, *, failed=()):
        dead = [Feed(id=f"dead-{number}", url=f"http://127.0.0.{number + 2}:{nobody}/f") for number in range(count)]
        life.web.feed("/a.xml", ("News", "/1.html", "Words.", life.clock()))
        life.database.write_now(feeds.sync_feeds, [*dead, Feed(id="alive", url=f"{life.web.address}/a.xml")], life.clock())
        values = {"failures": 4, "failing_since": life.clock() - timedelta(days=2), "last_problem": "dns"}
        life.database.write_now(lambda connection: connection.execute(update(feed).where(feed.c.id.in_(failed)).values(values)))

    return of


@pytest.fixture
def ask(life):
    async def these(*names):
        """Poll these feeds, all at once."""
        claims = life.database.write_now(feeds.claim_feeds, life.clock(), timedelta(minutes=5), 100, ids=names, even_if_not_due=True)
        assert len(claims) == len(names)
        life.doors = replace(life.doors, save_poll=GroupCommit(lambda polls: life.database.write(feeds.save_polls, polls)))
        await asyncio.gather(*(poll_feed(life.doors, life.settings, claim) for claim in claims))
        life.clock.forward(seconds=20)

    return these


def failures(life):
    return dict(life.rows(feed, feed.c.id, feed.c.failures, where=[feed.c.id != "alive"]))


async def test_C32_when_every_host_fails_at_once_no_error_count_rises(life, watch, ask):
    watch(4)

    await ask("dead-0", "dead-1", "dead-2", "dead-3")

    assert set(failures(life).values()) == {0}
    assert life.rows(poll, poll.c.outcome) == ["our-network"] * 4
    assert life.rows(feed, feed.c.last_problem, feed.c.failing_since, where=[feed.c.id != "alive"]) == [("", None)] * 4
    assert all(MINUTE - timedelta(seconds=20) <= at - life.clock() <= MINUTE for at in life.rows(feed, feed.c.next_poll_at, where=[feed.c.id != "alive"]))
    assert NETWORK_DOWN._value.get() == 1


async def test_C32_failures_that_were_counted_before_we_knew_are_taken_back(life, watch, ask):
    watch(4, failed=["dead-0"])

    for name in ("dead-0", "dead-1", "dead-2"):
        await ask(name)
    assert failures(life) == {"dead-0": 5, "dead-1": 1, "dead-2": 1, "dead-3": 0}
    await ask("dead-3")

    assert failures(life) == {"dead-0": 4, "dead-1": 0, "dead-2": 0, "dead-3": 0}
    assert life.rows(feed, feed.c.last_problem, where=[feed.c.id == "dead-0"]) == ["dns"]
    assert life.rows(poll, poll.c.outcome) == ["our-network"] * 4


async def test_C32_hosts_that_failed_before_are_no_evidence(life, watch, ask):
    watch(4, failed=["dead-0", "dead-1"])

    await ask("dead-0", "dead-1", "dead-2", "dead-3")

    assert failures(life) == {"dead-0": 5, "dead-1": 5, "dead-2": 1, "dead-3": 1}


async def test_C32_somebody_who_answers_in_between_shows_that_it_is_not_us(life, watch, ask):
    watch(4)

    await ask("dead-0", "dead-1")
    await ask("alive")
    await ask("dead-2", "dead-3")

    assert set(failures(life).values()) == {1}


async def test_C32_an_answer_ends_it_and_everybody_is_asked_soon(life, watch, ask):
    watch(4)
    await ask("dead-0", "dead-1", "dead-2", "dead-3")

    await ask("alive")

    assert NETWORK_DOWN._value.get() == 0
    assert all(at <= life.clock() for at in life.rows(feed, feed.c.next_poll_at, where=[feed.c.id != "alive"]))
    await ask("dead-0")
    assert failures(life)["dead-0"] == 1


async def test_C32_while_it_lasts_feeds_are_asked_less_and_less_often(life, watch, ask):
    watch(4)
    await ask("dead-0", "dead-1", "dead-2", "dead-3")

    waits = []
    for minutes in (1, 5, 60):
        life.clock.forward(minutes=minutes)
        asked_at = life.clock()
        await ask("dead-0")
        waits.append((life.rows(feed, feed.c.next_poll_at, where=[feed.c.id == "dead-0"])[0] - asked_at).total_seconds())

    assert 60 <= waits[0] < waits[1] < waits[2] <= 660


def test_failures_hours_apart_have_nothing_to_do_with_each_other(clock):
    network = Network()

    for number in range(6):
        claim = feeds.FeedClaim(feed=Feed(id=str(number), url=f"https://{number}.example/"), attempt=1, added_at=clock(), leased_until=None)
        assert not network.failed(claim, clock.forward(minutes=40))
