"""Slow and dead hosts keep nobody else waiting; told by who got through, not by how long it took."""

import asyncio

import pytest

from monitor.fetcher.slots import SLOW_FOR_QUICK, Slots, connections


class Hosts:
    """Some answer at once, the dead ones only when they are `released`."""

    def __init__(self, slots):
        self.slots, self.released, self.asked, self.answered, self.at_once, self.most = slots, asyncio.Event(), 0, 0, 0, 0

    async def ask(self, *, is_dead, doubtful=False):
        async with self.slots.one(doubtful=doubtful):
            self.asked, self.at_once = self.asked + 1, self.at_once + 1
            self.most = max(self.most, self.at_once)
            try:
                await (self.released.wait() if is_dead else asyncio.sleep(0))
                self.answered += not is_dead
            finally:
                self.at_once -= 1


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


async def test_A65_a_fifth_of_dead_hosts_that_nobody_knew_of_holds_up_none_that_is_well():
    hosts = Hosts(Slots(8, patience_s=0.01))

    async with asyncio.TaskGroup() as tasks:
        for number in range(150):
            tasks.create_task(hosts.ask(is_dead=number % 5 == 0))
        await until(lambda: hosts.answered == 120)
        still_silent = hosts.at_once
        hosts.released.set()

    assert still_silent == 30
    assert hosts.most <= connections(8)


async def test_A65_feeds_that_failed_last_time_hold_up_only_each_other():
    hosts = Hosts(Slots(2, patience_s=60))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(100):
            tasks.create_task(hosts.ask(is_dead=True, doubtful=True))
        for _ in range(400):
            tasks.create_task(hosts.ask(is_dead=False))
        await until(lambda: hosts.answered == 400)
        silent_at_once = hosts.at_once
        hosts.released.set()

    assert silent_at_once == 2 * SLOW_FOR_QUICK
    assert hosts.asked == 500


async def test_who_becomes_slow_says_so_once_and_who_answers_does_not():
    slots, told, released = Slots(4, patience_s=0.01), [], asyncio.Event()

    async def ask(name, waits_for):
        async with slots.one(doubtful=False, when_slow=lambda: told.append(name)):
            await waits_for()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ask("silent", released.wait))
        tasks.create_task(ask("quick", lambda: asyncio.sleep(0)))
        await until(lambda: told)
        released.set()

    assert told == ["silent"]


async def test_no_more_are_asked_at_once_than_there_are_slots():
    hosts = Hosts(Slots(3, patience_s=60))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(hosts.ask(is_dead=True))
        await until(lambda: hosts.at_once == 3)
        hosts.released.set()

    assert (hosts.asked, hosts.most) == (20, 3)


async def test_a_full_slow_lane_keeps_the_slow_where_they_are():
    hosts = Hosts(Slots(1, patience_s=0.005))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(hosts.ask(is_dead=True))
        await until(lambda: hosts.at_once == connections(1))
        hosts.released.set()

    assert (hosts.most, hosts.asked) == (connections(1), 20)


@pytest.mark.parametrize("doubtful", [False, True])
async def test_whoever_gives_up_leaves_its_slot_to_others(doubtful):
    slots = Slots(1, patience_s=60)
    hosts = Hosts(slots)
    holders = [asyncio.create_task(hosts.ask(is_dead=True, doubtful=doubtful)) for _ in range(SLOW_FOR_QUICK if doubtful else 1)]
    await until(lambda: hosts.at_once == len(holders))
    waiting = [asyncio.create_task(hosts.ask(is_dead=False, doubtful=doubtful)) for _ in range(3)]
    await asyncio.sleep(0)

    waiting[0].cancel()
    for holder in holders:
        holder.cancel()
    await asyncio.gather(*holders, *waiting, return_exceptions=True)

    assert hosts.answered == 2
    await hosts.ask(is_dead=False, doubtful=doubtful)
    assert hosts.answered == 3
