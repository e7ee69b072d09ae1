"""How many are asked at once over all hosts, so that slow and dead ones keep nobody else waiting."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE_S = 3.0
SLOW_FOR_QUICK = 4  # a request that waits costs a connection and no work, so there may be many


@dataclass(slots=True)
class _Lane:
    free: int
    waiting: deque[asyncio.Future[None]]

    def take(self) -> bool:
        if not self.free:
            return False
        self.free -= 1
        return True

    def give_back(self) -> None:
        """To whoever waited longest and still does."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.free += 1

    async def wait(self) -> None:
        if not self.take():
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if not waiter.cancelled():
                    self.give_back()
                raise


class Slots:
    """Bulkheads: a request that has no answer after three seconds moves from the quick lane to the slow one, which is four times as wide.

    Feeds that failed last time begin in the slow lane, so dead hosts hold up each other and nobody else: with a fifth of
    10,000 feeds dead, silent for 30 s each, 64 quick slots alone would take a quarter of an hour for a round, and do it in three minutes so.
    """

    def __init__(self, quick: int, *, patience_s: float = PATIENCE_S):
        self.quick, self.slow, self.patience_s = _Lane(quick, deque()), _Lane(quick * SLOW_FOR_QUICK, deque()), patience_s

    def one(self, *, doubtful: bool, when_slow: Callable[[], object] = lambda: None) -> "_Turn":
        """A slot for an `async with` block. doubtful: this one may well take long. when_slow: called when it moves to the slow lane."""
        return _Turn(self, self.slow if doubtful else self.quick, when_slow)


@dataclass(slots=True)
class _Turn:
    """A request on its way. It holds its timer, and that holds it until it is cancelled or has run: no circle stays."""

    slots: Slots
    lane: _Lane
    when_slow: Callable[[], object]
    timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        await self.lane.wait()
        if self.lane is self.slots.quick:
            self._look_later()

    async def __aexit__(self, *_: object) -> None:
        if self.timer:
            self.timer.cancel()
        self.lane.give_back()

    def _look_later(self) -> None:
        self.timer = asyncio.get_running_loop().call_later(self.slots.patience_s, self._make_room)

    def _make_room(self) -> None:
        if self.slots.slow.take():
            self.slots.quick.give_back()
            self.lane = self.slots.slow
            self.when_slow()
        else:
            self._look_later()


@dataclass(slots=True)
class Room:
    """Room for one of so many things in memory; given back once, however often that is said."""

    free: asyncio.Semaphore
    is_taken: bool = False

    async def take(self) -> None:
        await self.free.acquire()
        self.is_taken = True

    def give_back(self) -> None:
        if self.is_taken:
            self.is_taken = False
            self.free.release()


def connections(quick: int) -> int:
    """How many connections may be open at once for so many quick slots."""
    return quick * (1 + SLOW_FOR_QUICK)
