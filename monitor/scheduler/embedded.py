"""Everything in one process: after a save an event wakes the next step, and APScheduler ticks.

The row is the truth; an event or a tick is only a knock on the door. A lost knock costs at most `PATIENCE_S`,
a doubled one a look at an index. Waiting is monotonic, so a clock that jumps neither hammers nor stalls a step;
APScheduler, which does not survive such jumps, only knocks (measured: after an hour back it fired nothing for as long).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from monitor.scheduler.work import Step
from monitor.telemetry import STEP_ERRORS, log

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

PATIENCE_S = 30.0
AFTER_AN_ERROR_S = 5.0
NOT_FOR_US_S = 0.5  # a row that is due, though nothing could be claimed: its receiver has its share, say


class Embedded:
    """Runs steps until it is stopped.

    after: step name to the names of those that it may have made rows for.
    """

    def __init__(self, steps: Sequence[Step], *, after: Mapping[str, Sequence[str]], clock: Callable[[], datetime]):
        self._steps, self._after, self._clock = {step.name: step for step in steps}, after, clock
        self._knocks = {step.name: asyncio.Event() for step in steps}
        self._stopping = asyncio.Event()

    @cached_property
    def _cron(self) -> "AsyncIOScheduler":
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # a single cycle has no alarms, and need not load it

        return AsyncIOScheduler(timezone="UTC")

    def knock(self, *names: str) -> None:
        """Wake these steps, or all."""
        for name in names or self._knocks:
            if name in self._knocks:
                self._knocks[name].set()

    def clear_alarms(self) -> None:
        """Forget all times of `daily` and `every`."""
        self._cron.remove_all_jobs()

    def daily(self, at: str, timezone: str, name: str, *, first: Callable[[], Any]) -> None:
        """Knock on a step every day at a local time ("17:00"), after running `first`: digests, on their subscriber's clock."""
        from apscheduler.triggers.cron import CronTrigger

        hour, minute = at.split(":")

        async def job() -> None:
            await first()
            self.knock(name)

        self._cron.add_job(job, CronTrigger(hour=hour, minute=minute, second=1, timezone=timezone), misfire_grace_time=None, coalesce=True)

    def every(self, seconds: int, job: Callable[[], Any]) -> None:
        """Run housekeeping now, and then every so often."""
        from apscheduler.triggers.interval import IntervalTrigger

        self._cron.add_job(
            job, IntervalTrigger(seconds=seconds, timezone="UTC"), next_run_time=self._clock(), misfire_grace_time=None, coalesce=True, max_instances=1
        )

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what runs has ended."""
        self._stopping.set()
        self.knock()

    async def run(self, *, grace_s: float) -> None:
        """Work until `stop`; then let what runs end, for at most `grace_s`, and cancel the rest: its leases give it back."""
        self._cron.start()
        running: set[asyncio.Task[None]] = set()
        loops = [asyncio.create_task(self._loop(step, running), name=step.name) for step in self._steps.values()]
        try:
            await asyncio.gather(*loops)
        finally:
            self._cron.shutdown(wait=False)
            for loop in loops:
                loop.cancel()
            if running:
                await asyncio.wait(running, timeout=grace_s)
            left = [task for task in running if not task.done()]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            if left:
                log.warning("cancelled", runs=len(left), advice="their leases give the work back at the next start")

    async def drain(self, name: str) -> None:
        """Run one step until nothing is due for it."""
        step, running, knock = self._steps[name], set[asyncio.Task[None]](), self._knocks[name]
        looks_at = 0  # at the rows again, when no more than so many runs are left
        try:
            while True:
                knock.clear()  # each run that ends knocks: asyncio.wait would hang a callback on hundreds of tasks each time
                room = step.batch * _room(step, running)
                if room and len(running) <= looks_at:
                    claims = await step.claim(room)
                    self._start(step, claims, running)
                    if not running:
                        return
                    looks_at = len(running) if len(claims) == room else max(len(running) - step.bite, 0)
                await knock.wait()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _loop(self, step: Step, all_running: set[asyncio.Task[None]]) -> None:
        running: set[asyncio.Task[None]] = set()
        knock = self._knocks[step.name]
        while not self._stopping.is_set():
            knock.clear()
            try:
                room = _room(step, running)
                claims = await step.claim(step.batch * room) if room else ()
                self._start(step, claims, running, all_running)
                wait_s = 0.0 if claims and _room(step, running) else PATIENCE_S if not room else await self._seconds_to_next(step)
            except Exception:  # noqa: BLE001 -- the scheduler's loop must go on; counted and logged
                STEP_ERRORS.labels(step.name).inc()
                log.exception("step-cannot-claim", step=step.name)
                wait_s = AFTER_AN_ERROR_S
            if wait_s:
                await self._wait(knock, wait_s)

    async def _wait(self, knock: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await knock.wait()
        except TimeoutError:
            return

    async def _seconds_to_next(self, step: Step) -> float:
        due_at = await step.next_at()
        if due_at is None:
            return PATIENCE_S
        ahead_s = (due_at - self._clock()).total_seconds()
        return min(max(ahead_s, 0.01), PATIENCE_S) if ahead_s > 0 else NOT_FOR_US_S

    def _start(self, step: Step, claims: Sequence[Any], *sets: set[asyncio.Task[None]]) -> None:
        for start in range(0, len(claims), step.batch):
            task = asyncio.create_task(self._run_one(step, claims[start : start + step.batch]))
            for tasks in sets:
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _: self.knock(step.name, *self._after.get(step.name, ())))  # after the discard: it makes room

    async def _run_one(self, step: Step, claims: Sequence[Any]) -> None:
        """The one catch-all: an error nobody expected is counted and told, and the lease brings the rows back."""
        try:
            await step.run(claims)
        except Exception:  # noqa: BLE001 -- see above
            STEP_ERRORS.labels(step.name).inc()
            log.exception("step-failed", step=step.name, claims=len(claims))


def _room(step: Step, running: set[asyncio.Task[None]]) -> int:
    """How many more runs may begin; none until a whole bite of them has ended."""
    room = step.parallel - len(running)
    return room if room >= min(step.bite, step.parallel) else 0
