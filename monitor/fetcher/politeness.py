"""Manners: how many requests a host gets at once, how far apart, and when it is left alone.

Turns are kept in memory, which costs nothing. Before its first turn at a host a process takes the host's row, where it has
rows, so that no other process asks there meanwhile; it keeps the row while turns follow each other, and gives it back with the next few.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Protocol, Self

from monitor.errors import Refused, StoreError
from monitor.telemetry import log
from monitor.urls import host_of, registrable_domain

# Idle hosts are forgotten when this many are known, and again whenever the number has doubled since.
TIDY_FROM = 1024

OURS_S = 45.0  # a row is ours for a minute; renewed well before
TEND_S = 1.0  # so often idle rows are given back, and busy ones renewed
PATIENCE_S = 0.25  # with a host that answers one request before it gets two at once
ASK_AGAIN_S = 0.25  # while another process has a host
WAIT_FOR_OTHERS_S = 300.0
IN_A_ROW = 8  # addresses of one host, where many are asked at once


class Taken(Protocol):
    """What the row of a host that became ours says. next_ok_at: the gap after the last request. held_until: Retry-After. None where they are over."""

    @property
    def next_ok_at(self) -> datetime | None: ...
    @property
    def held_until(self) -> datetime | None: ...


class Rows(Protocol):
    """Hosts as rows that all processes see (store/hosts.py)."""

    async def take(self, name: str, now: datetime) -> Taken | None: ...
    async def keep(self, names: Sequence[str], now: datetime) -> None: ...
    async def give_back(self, names: Sequence[str], next_ok_at: datetime) -> None: ...
    async def hold(self, name: str, until: datetime) -> None: ...
    async def holds(self, now: datetime) -> dict[str, datetime]: ...


@dataclass(slots=True)
class _Host:
    """more: requests at once that it may be trusted with yet. is_watched: somebody looks in a moment whether it is slow.

    asked_at: when the request on its way left, on the loop's clock; inf while whoever has the turn waits for something else.
    free_at: on the loop's clock, no request begins before. turns: taken or waited for. ours_until: on the loop's clock, its row is ours.
    """

    name: str
    more: int
    slots: asyncio.Semaphore
    is_watched: bool = False
    asked_at: float = inf
    turns: int = 0
    free_at: float = 0.0
    ours_until: float = 0.0


class Hosts:
    """Turns at hosts: everything under one registrable domain counts as one host, because one owner pays for it.

    concurrent: requests at once, to a host that keeps others waiting with one: a quick one is asked again on the same connection. gap_s: from the end of one request to the start of the next.
    rows: to share the hosts with other processes; None where there are none.
    How many may wait is the caller's to bound: it is as many as the tasks it starts.
    """

    def __init__(self, *, concurrent: int, gap_s: float, clock: Callable[[], datetime], rows: Rows | None = None):
        self._concurrent, self._gap_s, self._clock, self._rows = concurrent, gap_s, clock, rows
        self._hosts: dict[str, _Host] = {}
        self._held_until: dict[str, datetime] = {}  # by domain; by "=host" where a Retry-After is for that host alone
        self._ours: dict[str, _Host] = {}
        self._tending: asyncio.Task[None] | None = None
        self._given_back = asyncio.Event()
        self._given_back.set()
        self._tidy_at = TIDY_FROM

    def __len__(self) -> int:
        return len(self._hosts)

    async def recall(self) -> None:
        """Hear of the hosts that asked an earlier process, or one beside us, to be left alone."""
        if self._rows:
            for name, until in (await self._rows.holds(self._clock())).items():
                self._remember_hold(name, until)

    def turn(self, host: str, *, queues: bool = False) -> "_Turn":
        """For an `async with` block: waits for our turn and keeps it while the block runs; first come, first served.

        host: a name, an IP address or a whole URL. queues: the block waits for more, and calls `asks` when it sends its request,
        so that the wait is not taken for the host's.
        raises: Refused `on-hold` with `retry_at`, at once, if the host asked to be left alone; it is no failure of the feed's.
        StoreError where the rows cannot be reached.
        """
        return _Turn(self, host, queues=queues)

    async def begin(self, host: str, *, queues: bool) -> _Host:
        """The beginning of a turn; `end` has to follow."""
        known = self._known(host)
        self._refuse_if_held(host)
        known.turns += 1
        if known.more and not known.is_watched and known.slots.locked():
            known.is_watched = True
            asyncio.get_running_loop().call_later(PATIENCE_S, self._one_more, known)
        try:
            await known.slots.acquire()
        except BaseException:
            known.turns -= 1
            raise
        try:
            if self._rows and known.ours_until <= asyncio.get_running_loop().time():
                await self._take(self._rows, host, known)
            await self._gap(known)
            self._refuse_if_held(host)  # whoever was before us may have been told to come back later
        except BaseException:
            known.slots.release()
            known.turns -= 1
            raise
        known.asked_at = inf if queues else asyncio.get_running_loop().time()
        return known

    def end(self, known: _Host) -> None:
        known.asked_at = inf  # whoever is next may have a gap to wait for
        known.free_at = max(known.free_at, asyncio.get_running_loop().time() + self._gap_s)
        known.slots.release()
        known.turns -= 1

    def _one_more(self, known: _Host) -> None:
        loop = asyncio.get_running_loop()
        if known.slots.locked() and (rest_s := PATIENCE_S - max(loop.time() - known.asked_at, 0.0)) > 0:  # on its way for less than that
            loop.call_later(rest_s, self._one_more, known)
            return
        known.is_watched = False
        if known.slots.locked():
            known.more -= 1
            known.slots.release()

    async def hold(self, url: str, until: datetime, scope: str = "domain") -> None:
        """Leave a host alone (Retry-After); a longer hold than the new one stays.

        scope: "domain" for everything under the registrable domain, "host" for this host alone, "feed" for nothing but the feed that was told.
        """
        name = _alone(url) if scope == "host" else _domain(url)
        now = self._clock()
        if scope == "feed" or until <= max(now, self._held_until.get(name, now)):
            return
        self._remember_hold(name, until)
        if self._rows:
            await self._rows.hold(name, until)

    async def close(self) -> None:
        """Give back every row, so that the next process need not wait for the leases to run out."""
        if self._tending:
            self._tending.cancel()
            with suppress(asyncio.CancelledError):
                await self._tending
            self._tending = None
        try:
            await self._give_back(list(self._ours.values()))
        except StoreError as error:
            log.warning("hosts-not-saved", problem=str(error), advice="their leases run out within a minute")

    def _remember_hold(self, name: str, until: datetime) -> None:
        self._held_until[name] = max(self._held_until.get(name, until), until)

    # ---------------------------------------------------------------------------------------------- rows
    async def _take(self, rows: Rows, host: str, known: _Host) -> None:
        loop = asyncio.get_running_loop()
        gives_up_at = loop.time() + WAIT_FOR_OTHERS_S
        while True:
            await self._given_back.wait()  # else a row that is just being given back would be ours for a moment only
            asked_at = loop.time()
            if taken := await rows.take(known.name, self._clock()):
                break
            if loop.time() >= gives_up_at:
                later = self._clock() + timedelta(seconds=WAIT_FOR_OTHERS_S)
                raise Refused(host, "on-hold", "another process asks this host all the time", retry_at=later)
            await asyncio.sleep(ASK_AGAIN_S)
        known.ours_until = asked_at + OURS_S
        self._ours[known.name] = known
        now = self._clock()
        if taken.held_until:
            self._remember_hold(known.name, taken.held_until)
        if taken.next_ok_at:  # at most a gap ahead, whatever a clock that jumped makes of it
            known.free_at = max(known.free_at, loop.time() + min((taken.next_ok_at - now).total_seconds(), self._gap_s))
        if self._tending is None:
            self._tending = asyncio.create_task(self._tend(rows))

    async def _tend(self, rows: Rows) -> None:
        """Until no row is ours: renew the busy ones, give the idle ones back."""
        while self._ours:
            await asyncio.sleep(TEND_S)
            soon = asyncio.get_running_loop().time() + OURS_S / 2
            busy = [known for known in self._ours.values() if known.turns and known.ours_until < soon]
            try:
                await self._give_back([known for known in self._ours.values() if not known.turns])
                if busy:
                    asked_at = asyncio.get_running_loop().time()
                    await rows.keep([known.name for known in busy], self._clock())
                    for known in busy:
                        known.ours_until = asked_at + OURS_S
            except StoreError as error:
                log.warning("hosts-not-saved", problem=str(error), advice="their leases run out within a minute")
        self._tending = None

    async def _give_back(self, idle: Sequence[_Host]) -> None:
        if not idle or not self._rows:
            return
        gap_s = max(0.0, max(known.free_at for known in idle) - asyncio.get_running_loop().time())
        for known in idle:
            known.ours_until = 0.0
            del self._ours[known.name]
        self._given_back.clear()
        try:
            await self._rows.give_back([known.name for known in idle], self._clock() + timedelta(seconds=gap_s))
        finally:
            self._given_back.set()

    # -------------------------------------------------------------------------------------------- memory
    async def _gap(self, known: _Host) -> None:
        now = asyncio.get_running_loop().time()
        begins_at = max(now, known.free_at)
        known.free_at = begins_at + self._gap_s  # reserved before waiting, so that two who wait do not begin together
        if begins_at > now:
            await asyncio.sleep(begins_at - now)

    def _refuse_if_held(self, host: str) -> None:
        if not self._held_until:
            return
        until = self._held_until_of(host)
        if until and until > self._clock():
            raise Refused(host, "on-hold", "the host asked us to come back later", retry_at=until)

    def _held_until_of(self, host: str) -> datetime | None:
        """Where the domain as well as the host alone is held, the longer one."""
        return max((until for name in (_domain(host), _alone(host)) if (until := self._held_until.get(name))), default=None)

    def _known(self, host: str) -> _Host:
        if len(self._hosts) >= self._tidy_at:
            self._forget_idle()
        name = _domain(host)
        known = self._hosts.get(name)
        if known is None:
            known = self._hosts[name] = _Host(name, self._concurrent - 1, asyncio.Semaphore(1))
        return known

    def _forget_idle(self) -> None:
        now, loop_now = self._clock(), asyncio.get_running_loop().time()
        self._hosts = {name: known for name, known in self._hosts.items() if known.turns or known.free_at > loop_now or name in self._ours}
        self._held_until = {name: until for name, until in self._held_until.items() if until > now}
        self._tidy_at = max(TIDY_FROM, 2 * len(self._hosts))


class _Turn:
    """One turn at a host. No generator: every poll has one."""

    __slots__ = ("_host", "_hosts", "_known", "_queues")
    _known: _Host

    def __init__(self, hosts: Hosts, host: str, *, queues: bool):
        self._hosts, self._host, self._queues = hosts, host, queues

    async def __aenter__(self) -> Self:
        self._known = await self._hosts.begin(self._host, queues=self._queues)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hosts.end(self._known)

    def asks(self) -> None:
        """The request leaves now."""
        self._known.asked_at = asyncio.get_running_loop().time()


def in_order(addresses: Iterable[tuple[str, str]]) -> list[str]:
    """Names in the order in which to ask their addresses, where all are asked at once; each of `addresses` is a name and a URL.

    Those of a host follow each other, because they share a connection, and one that has to be made costs as much as two requests, with TLS
    as ten. No more than eight, or a host with hundreds of them would keep everybody else waiting.
    """
    places: dict[str, int] = {}
    counts: Counter[str] = Counter()
    rows: defaultdict[tuple[int, int], list[str]] = defaultdict(list)  # by round and host
    for name, url in addresses:
        host = _domain(url)
        rows[counts[host] // IN_A_ROW, places.setdefault(host, len(places))].append(name)
        counts[host] += 1
    return [name for key in sorted(rows) for name in rows[key]]


def _domain(host_or_url: str) -> str:
    return registrable_domain(host_or_url) or host_or_url


def _alone(host_or_url: str) -> str:
    return f"={host_of(host_or_url) or host_or_url}"
