"""Turns at hosts: one after the other, apart, and not at all while the host wants to be left alone."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from monitor.errors import Refused
from monitor.fetcher.politeness import TIDY_FROM, Hosts

GAP_S = 0.05


@pytest.fixture
def hosts(clock) -> Hosts:
    return Hosts(concurrent=1, gap_s=0, clock=clock)


async def test_a_host_is_asked_once_at_a_time_and_first_come_first_served(hosts):
    told: list[str] = []

    async def ask(name: str) -> None:
        async with hosts.turn("a.example"):
            told.append(f"{name} begins")
            await asyncio.sleep(0)
            told.append(f"{name} ends")

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for name in ("first", "second", "third"):
            tasks.create_task(ask(name))

    assert told == ["first begins", "first ends", "second begins", "second ends", "third begins", "third ends"]


async def test_another_host_does_not_wait(hosts):
    async with asyncio.timeout(5), hosts.turn("a.example"), hosts.turn("b.example"), hosts.turn("192.0.2.1"), hosts.turn("192.0.2.2"):
        all_have_their_turn = True

    assert all_have_their_turn


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("feeds.example.org", id="a sister under one registrable domain"),
        pytest.param("https://example.org/feed", id="a URL of it"),
    ],
)
async def test_one_owner_counts_as_one_host(hosts, other):
    async with hosts.turn("www.example.org"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), hosts.turn(other):
                pass


async def test_as_many_as_allowed_go_at_once(clock):
    hosts = Hosts(concurrent=2, gap_s=0, clock=clock)

    async with asyncio.timeout(5), hosts.turn("a.example"), hosts.turn("a.example"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), hosts.turn("a.example"):
                pass


@pytest.mark.parametrize("concurrent", [1, 3])
async def test_requests_to_a_host_begin_apart(clock, concurrent):
    hosts, begun_at = Hosts(concurrent=concurrent, gap_s=GAP_S, clock=clock), []

    async def ask() -> None:
        async with hosts.turn("a.example"):
            begun_at.append(asyncio.get_running_loop().time())

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(ask())

    gaps = [later - sooner for sooner, later in pairwise(begun_at)]
    assert min(gaps) >= GAP_S * 0.9  # timers may be a little early


async def test_a_failed_request_gives_its_turn_back(hosts):
    with pytest.raises(ZeroDivisionError):
        async with hosts.turn("a.example"):
            raise ZeroDivisionError

    async with asyncio.timeout(5), hosts.turn("a.example"):
        pass


async def test_whoever_gives_up_waiting_leaves_the_queue(hosts):
    async with hosts.turn("a.example"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), hosts.turn("a.example"):
                pass

    async with asyncio.timeout(5), hosts.turn("a.example"):
        pass


async def test_a_host_that_asked_for_rest_is_left_alone_until_then(hosts, clock):
    until = clock.now + timedelta(minutes=2)
    hosts.hold("https://example.org/feed", until)

    with pytest.raises(Refused) as refused:
        async with hosts.turn("www.example.org"):
            pass
    assert (refused.value.reason, refused.value.retry_at) == ("on-hold", until)

    clock.forward(minutes=2)
    async with asyncio.timeout(5), hosts.turn("www.example.org"):
        pass


async def test_a_shorter_hold_does_not_end_a_longer_one(hosts, clock):
    longer = clock.now + timedelta(hours=1)
    hosts.hold("a.example", longer)
    hosts.hold("a.example", clock.now + timedelta(seconds=1))

    with pytest.raises(Refused) as refused:
        async with hosts.turn("a.example"):
            pass
    assert refused.value.retry_at == longer


async def test_those_in_the_queue_hear_of_a_hold_too(hosts, clock):
    asked = False

    async def second() -> None:
        nonlocal asked
        async with hosts.turn("a.example"):
            asked = True

    async with asyncio.timeout(5):
        async with hosts.turn("a.example"):
            waiting = asyncio.create_task(second())
            await asyncio.sleep(0)
            hosts.hold("a.example", clock.now + timedelta(minutes=2))
        with pytest.raises(Refused, match="on-hold"):
            await waiting

    assert not asked


async def test_idle_hosts_are_forgotten_and_held_ones_are_not(hosts, clock):
    hosts.hold("a.example", clock.now + timedelta(hours=1))
    for number in range(3 * TIDY_FROM):
        async with hosts.turn(f"10.0.{number >> 8}.{number & 255}"):
            pass

    assert len(hosts) <= TIDY_FROM + 1
    with pytest.raises(Refused, match="on-hold"):
        async with hosts.turn("a.example"):
            pass
