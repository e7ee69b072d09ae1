"""Turns at hosts: one after the other, apart, and not at all while the host wants to be left alone."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from monitor.errors import Refused
from monitor.fetcher import politeness
from monitor.fetcher.politeness import TIDY_FROM, Hosts, in_order
from monitor.store.hosts import HostRows

GAP_S = 0.05


@pytest.fixture
def hosts(clock) -> Hosts:
    return Hosts(concurrent=1, gap_s=0, clock=clock)


async def test_C21_a_host_is_asked_once_at_a_time_and_first_come_first_served(hosts):
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
async def test_C22_one_owner_counts_as_one_host(hosts, other):
    async with hosts.turn("www.example.org"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), hosts.turn(other):
                pass


async def test_as_many_as_allowed_go_at_once_to_a_host_that_keeps_others_waiting(clock, monkeypatch):
    monkeypatch.setattr(politeness, "PATIENCE_S", 0.01)
    hosts = Hosts(concurrent=2, gap_s=0, clock=clock)

    async with asyncio.timeout(5), hosts.turn("a.example"), hosts.turn("a.example"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), hosts.turn("a.example"):
                pass


async def test_waiting_for_something_else_is_not_taken_for_a_slow_host(clock, monkeypatch):
    monkeypatch.setattr(politeness, "PATIENCE_S", 0.02)
    hosts = Hosts(concurrent=2, gap_s=0, clock=clock)

    async with asyncio.timeout(5), hosts.turn("a.example", queues=True) as turn:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), hosts.turn("a.example"):
                pass
        turn.asks()
        async with hosts.turn("a.example"):
            pass


def test_addresses_of_one_host_follow_each_other_and_no_host_keeps_all_waiting():
    feeds = [(f"{host}{number}", f"https://{host}.example/{number}") for number in range(20) for host in "ab"] + [("c", "https://c.example/")]

    names = in_order(feeds)

    assert names[:16] == [f"{host}{number}" for host in "ab" for number in range(8)]
    assert names[16] == "c"
    assert sorted(names) == sorted(name for name, _ in feeds)


async def test_a_host_that_answers_at_once_is_asked_once_at_a_time(clock):
    hosts, at_once, most = Hosts(concurrent=4, gap_s=0, clock=clock), 0, 0

    async def ask() -> None:
        nonlocal at_once, most
        async with hosts.turn("a.example"):
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            at_once -= 1

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for _ in range(10):
            tasks.create_task(ask())

    assert most == 1


@pytest.mark.parametrize("concurrent", [1, 3])
async def test_C22_requests_to_a_host_begin_apart(clock, concurrent):
    hosts, begun_at = Hosts(concurrent=concurrent, gap_s=GAP_S, clock=clock), []

    async def ask() -> None:
        async with hosts.turn("a.example"):
            begun_at.append(asyncio.get_running_loop().time())

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(ask())

    gaps = [later - sooner for sooner, later in pairwise(begun_at)]
    assert min(gaps) >= GAP_S * 0.8  # timers may be a little early, uvloop counts milliseconds


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


async def test_C09_a_host_that_asked_for_rest_is_left_alone_until_then(hosts, clock):
    until = clock.now + timedelta(minutes=2)
    await hosts.hold("https://example.org/feed", until)

    with pytest.raises(Refused) as refused:
        async with hosts.turn("www.example.org"):
            pass
    assert (refused.value.reason, refused.value.retry_at) == ("on-hold", until)

    clock.forward(minutes=2)
    async with asyncio.timeout(5), hosts.turn("www.example.org"):
        pass


async def test_a_shorter_hold_does_not_end_a_longer_one(hosts, clock):
    longer = clock.now + timedelta(hours=1)
    await hosts.hold("a.example", longer)
    await hosts.hold("a.example", clock.now + timedelta(seconds=1))

    with pytest.raises(Refused) as refused:
        async with hosts.turn("a.example"):
            pass
    assert refused.value.retry_at == longer


async def test_C09_those_in_the_queue_hear_of_a_hold_too(hosts, clock):
    asked = False

    async def second() -> None:
        nonlocal asked
        async with hosts.turn("a.example"):
            asked = True

    async with asyncio.timeout(5):
        async with hosts.turn("a.example"):
            waiting = asyncio.create_task(second())
            await asyncio.sleep(0)
            await hosts.hold("a.example", clock.now + timedelta(minutes=2))
        with pytest.raises(Refused, match="on-hold"):
            await waiting

    assert not asked


async def test_idle_hosts_are_forgotten_and_held_ones_are_not(hosts, clock):
    await hosts.hold("a.example", clock.now + timedelta(hours=1))
    for number in range(3 * TIDY_FROM):
        async with hosts.turn(f"10.0.{number >> 8}.{number & 255}"):
            pass

    assert len(hosts) <= TIDY_FROM + 1
    with pytest.raises(Refused, match="on-hold"):
        async with hosts.turn("a.example"):
            pass


@pytest.mark.parametrize(
    ("scope", "waiting"),
    [
        pytest.param("domain", {"https://a.example.org/1", "https://a.example.org/2", "https://b.example.org/"}, id="C13 domain: all of it"),
        pytest.param("host", {"https://a.example.org/1", "https://a.example.org/2"}, id="C13 host: its siblings on the same host"),
        pytest.param("feed", set(), id="C13 feed: nobody else"),
    ],
)
async def test_C09_C13_who_is_left_alone_is_a_setting(hosts, clock, scope, waiting):
    await hosts.hold("https://a.example.org/1", clock.now + timedelta(minutes=2), scope)

    found = set()
    for url in ("https://a.example.org/1", "https://a.example.org/2", "https://b.example.org/", "https://example.net/"):
        try:
            async with asyncio.timeout(5), hosts.turn(url):
                pass
        except Refused:
            found.add(url)

    assert found == waiting


# ------------------------------------------------------------------------------- hosts as rows that all processes see
@pytest.fixture
async def process(database, clock):
    """Starts processes over one database, each with its own memory; ends them after the test."""
    running = []

    def start(name: str, *, gap_s: float = 0, concurrent: int = 1) -> Hosts:
        running.append(Hosts(concurrent=concurrent, gap_s=gap_s, clock=clock, rows=HostRows(database, name)))
        return running[-1]

    yield start
    for hosts in running:
        await hosts.close()


async def test_C21_C22_two_processes_never_ask_one_domain_at_once(process, monkeypatch):
    monkeypatch.setattr(politeness, "TEND_S", 0.01)
    monkeypatch.setattr(politeness, "ASK_AGAIN_S", 0.01)
    processes, inside, most, asked = [process("watch:1"), process("check:2")], 0, 0, 0

    async def ask(hosts: Hosts, url: str) -> None:
        nonlocal inside, most, asked
        async with hosts.turn(url):
            inside += 1
            most, asked = max(most, inside), asked + 1
            await asyncio.sleep(0.002)
            inside -= 1

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        for number in range(12):
            tasks.create_task(ask(processes[number % 2], f"https://{number}.example.org/"))

    assert (most, asked) == (1, 12)


async def test_C22_the_gap_holds_for_the_next_process_too(process, clock):
    first, second = process("watch:1", gap_s=0.3), process("check:2", gap_s=0.3)
    async with first.turn("a.example"):
        pass
    ended_at = asyncio.get_running_loop().time()
    await first.close()

    async with asyncio.timeout(5), second.turn("a.example"):
        began_at = asyncio.get_running_loop().time()

    assert began_at - ended_at >= 0.2  # what giving back took counts, too


async def test_C09_a_wish_for_rest_is_heard_by_other_processes_and_after_a_restart(process, clock):
    first, beside = process("watch:1"), process("check:2")
    until = clock.now + timedelta(minutes=2)
    await first.hold("https://a.example.org/", until)
    await first.hold("https://b.example.net/", until, "host")
    await first.close()
    after_a_restart = process("watch:3")
    await after_a_restart.recall()

    for hosts, url in ((beside, "https://b.example.org/"), (after_a_restart, "https://b.example.org/"), (after_a_restart, "https://b.example.net/")):
        with pytest.raises(Refused, match="on-hold") as refused:
            async with hosts.turn(url):
                pass
        assert refused.value.retry_at == until
    async with asyncio.timeout(5), after_a_restart.turn("https://www.example.net/"):
        pass


async def test_a_process_that_died_gives_its_hosts_back_within_a_minute(process, clock, monkeypatch):
    monkeypatch.setattr(politeness, "ASK_AGAIN_S", 0.01)
    dead, living = process("watch:1"), process("check:2")
    turn = dead.turn("a.example")
    await turn.__aenter__()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), living.turn("a.example"):
            pass
    clock.forward(seconds=61)

    async with asyncio.timeout(5), living.turn("a.example"):
        pass
    await turn.__aexit__(None, None, None)


async def test_a_host_stays_ours_while_a_request_takes_longer_than_a_lease(process, clock, monkeypatch):
    monkeypatch.setattr(politeness, "TEND_S", 0.01)
    monkeypatch.setattr(politeness, "OURS_S", 0.02)
    busy, other = process("watch:1"), process("check:2")

    async with busy.turn("a.example"):
        for _ in range(3):
            clock.forward(seconds=40)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2), other.turn("a.example"):
                    pass


async def test_C58_a_lease_from_before_the_clock_went_back_counts_for_nothing(process, clock):
    dead, living = process("watch:1"), process("check:2")
    turn = dead.turn("a.example")
    await turn.__aenter__()

    clock.forward(hours=-1)

    async with asyncio.timeout(5), living.turn("a.example"):
        has_its_turn = True
    await turn.__aexit__(None, None, None)

    assert has_its_turn


async def test_several_turns_at_once_need_one_row(process):
    hosts = process("watch:1", concurrent=2)

    async with asyncio.timeout(5), hosts.turn("a.example"), hosts.turn("a.example"):
        both = True

    assert both
