"""Manners: how many requests a host gets at once from this process, how far apart, and when it is left alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import Refused
from monitor.urls import registrable_domain

# Idle hosts are forgotten when this many are known, and again whenever the number has doubled since.
TIDY_FROM = 1024


@dataclass(slots=True)
class _Host:
    """free_at: on the loop's clock, no request begins before. turns: taken or waited for."""

    slots: asyncio.Semaphore
    turns: int = 0
    free_at: float = 0.0
    held_until: datetime | None = None


class Hosts:
    """Turns at hosts: everything under one registrable domain counts as one host, because one owner pays for it.

    concurrent: requests at once. gap_s: from the end of one request to the start of the next.
    How many may wait is the caller's to bound: it is as many as the tasks it starts.
    """

    def __init__(self, *, concurrent: int, gap_s: float, clock: Callable[[], datetime]):
        self._concurrent, self._gap_s, self._clock = concurrent, gap_s, clock
        self._hosts: dict[str, _Host] = {}
        self._tidy_at = TIDY_FROM

    def __len__(self) -> int:
        return len(self._hosts)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Waits for our turn and keeps it while the block runs; first come, first served.

        host: a name, an IP address or a whole URL.
        raises: Refused `on-hold` with `retry_at`, at once, if the host asked to be left alone; it is no failure of the feed's.
        """
        known = self._known(host)
        self._refuse_if_held(host, known)
        known.turns += 1
        try:
            async with known.slots:
                await self._gap(known)
                self._refuse_if_held(host, known)  # whoever was before us may have been told to come back later
                try:
                    yield
                finally:
                    known.free_at = max(known.free_at, asyncio.get_running_loop().time() + self._gap_s)
        finally:
            known.turns -= 1

    def hold(self, host: str, until: datetime) -> None:
        """Leave a host alone (Retry-After); a longer hold than the new one stays."""
        known = self._known(host)
        known.held_until = max(known.held_until or until, until)

    async def _gap(self, known: _Host) -> None:
        now = asyncio.get_running_loop().time()
        begins_at = max(now, known.free_at)
        known.free_at = begins_at + self._gap_s  # reserved before waiting, so that two who wait do not begin together
        if begins_at > now:
            await asyncio.sleep(begins_at - now)

    def _refuse_if_held(self, host: str, known: _Host) -> None:
        if known.held_until and self._clock() < known.held_until:
            raise Refused(host, "on-hold", "the host asked us to come back later", retry_at=known.held_until)

    def _known(self, host: str) -> _Host:
        if len(self._hosts) >= self._tidy_at:
            self._forget_idle()
        return self._hosts.setdefault(registrable_domain(host) or host, _Host(asyncio.Semaphore(self._concurrent)))

    def _forget_idle(self) -> None:
        now, loop_now = self._clock(), asyncio.get_running_loop().time()
        self._hosts = {
            name: known for name, known in self._hosts.items() if known.turns or known.free_at > loop_now or (known.held_until and known.held_until > now)
        }
        self._tidy_at = max(TIDY_FROM, 2 * len(self._hosts))
