"""Steps run when rows are due, wake each other, survive errors, and end when told to."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.scheduler.embedded import Embedded
from monitor.scheduler.work import Step


def now():
    return datetime.now(UTC)


class Rows:
    """Rows that are due for a step, and what happened to them."""

    def __init__(self, *rows, fails=(), hangs=False, then=None):
        self.due, self.done, self.fails, self.hangs, self.then = list(rows), [], set(fails), hangs, then
        self.running = self.most = 0
        self.changed = asyncio.Event()
        self.next_at = None

    async def claim(self, limit):
        taken, self.due = self.due[:limit], self.due[limit:]
        return taken

    async def run(self, claims):
        self.running += 1
        self.most = max(self.most, self.running)
        self.changed.set()
        try:
            await asyncio.sleep(0)
            if self.hangs:
                await asyncio.Event().wait()
            if self.fails & set(claims):
                raise RuntimeError(f"cannot do {claims}")
            self.done += claims
            if self.then:
                self.then.due += claims
        finally:
            self.running -= 1
            self.changed.set()

    async def when(self):
        return self.next_at

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def step(self, name, **fields):
        return Step(name=name, claim=self.claim, run=self.run, next_at=self.when, **fields)


def embedded(*steps, after=None):
    return Embedded(steps, after=after or {}, clock=now)


async def test_draining_runs_everything_that_is_due():
    rows = Rows(*range(7))

    await embedded(rows.step("poll", batch=2, parallel=2)).drain("poll")

    assert sorted(rows.done) == list(range(7))
    assert rows.most <= 2


async def test_a_run_that_fails_does_not_stop_the_others():
    rows = Rows("a", "bad", "b", fails=["bad"])

    await embedded(rows.step("poll")).drain("poll")

    assert sorted(rows.done) == ["a", "b"]


async def test_a_step_wakes_the_next_one_without_a_tick():
    second = Rows()
    first = Rows("story", then=second)
    watch = embedded(first.step("poll"), second.step("read"), after={"poll": ["read"]})

    running = asyncio.create_task(watch.run(grace_s=1))
    await second.until(lambda: second.done == ["story"])
    watch.stop()
    await running

    assert second.done == ["story"]


async def test_a_knock_makes_a_step_look_again():
    rows = Rows()
    watch = embedded(rows.step("poll"))

    running = asyncio.create_task(watch.run(grace_s=1))
    await asyncio.sleep(0)
    rows.due.append("late")
    watch.knock("poll")
    await rows.until(lambda: rows.done == ["late"])
    watch.stop()
    await running

    assert rows.done == ["late"]


async def test_a_step_wakes_by_itself_when_its_next_row_falls_due():
    rows = Rows()
    rows.next_at = now() + timedelta(milliseconds=50)
    watch = embedded(rows.step("deliver"))

    running = asyncio.create_task(watch.run(grace_s=1))
    await asyncio.sleep(0)
    rows.due.append("retry")
    await rows.until(lambda: rows.done == ["retry"])
    watch.stop()
    await running

    assert rows.done == ["retry"]


async def test_stopping_lets_what_runs_end():
    rows = Rows("a")
    watch = embedded(rows.step("poll"))

    running = asyncio.create_task(watch.run(grace_s=5))
    await rows.until(lambda: rows.running == 1)
    watch.stop()
    await running

    assert rows.done == ["a"]


async def test_what_does_not_end_in_time_is_cancelled():
    rows = Rows("a", hangs=True)
    watch = embedded(rows.step("poll"))

    running = asyncio.create_task(watch.run(grace_s=0.01))
    await rows.until(lambda: rows.running == 1)
    watch.stop()
    async with asyncio.timeout(5):
        await running

    assert (rows.done, rows.running) == ([], 0)


@pytest.mark.parametrize("parallel", [1, 3])
async def test_no_more_run_at_once_than_the_table_says(parallel):
    rows = Rows(*range(10))
    watch = embedded(rows.step("read", parallel=parallel))

    running = asyncio.create_task(watch.run(grace_s=1))
    await rows.until(lambda: len(rows.done) == 10)
    watch.stop()
    await running

    assert rows.most <= parallel


async def test_a_step_looks_for_more_when_a_whole_bite_of_runs_has_ended():
    rows, looks = Rows(*range(20)), []

    async def claim(limit):
        looks.append(limit)
        return await rows.claim(limit)

    watch = embedded(Step(name="poll", claim=claim, run=rows.run, next_at=rows.when, parallel=8, bite=4))
    await watch.drain("poll")

    assert sorted(rows.done) == list(range(20))
    assert rows.most <= 8
    assert min(looks) >= 4
