"""Saves that wait share one transaction, and one that fails takes nobody with it."""

import asyncio

import pytest

from monitor.errors import StoreError
from monitor.store.commits import LARGEST, GroupCommit


async def test_what_waits_is_saved_together():
    batches = []

    async def save(values):
        batches.append(list(values))
        await asyncio.sleep(0)

    group = GroupCommit(save)
    await asyncio.gather(*(group(number) for number in range(10)))

    assert sorted(number for batch in batches for number in batch) == list(range(10))
    assert len(batches) < 10


async def test_nobody_goes_on_before_the_save():
    saved = []

    async def save(values):
        await asyncio.sleep(0)
        saved.extend(values)

    await GroupCommit(save)("poll")

    assert saved == ["poll"]


async def test_a_batch_is_bounded():
    sizes = []

    async def save(values):
        sizes.append(len(values))

    group = GroupCommit(save)
    await asyncio.gather(*(group(number) for number in range(LARGEST + 1)))

    assert max(sizes) <= LARGEST


async def test_one_that_cannot_be_saved_takes_nobody_with_it():
    saved = []

    async def save(values):
        if "bad" in values:
            raise ValueError("cannot save")
        saved.extend(values)

    group = GroupCommit(save)
    results = await asyncio.gather(group("a"), group("bad"), group("b"), return_exceptions=True)

    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert sorted(saved) == ["a", "b"]


async def test_a_single_save_that_fails_tells_its_caller():
    async def save(values):
        raise ValueError("cannot save")

    with pytest.raises(ValueError, match="cannot save"):
        await GroupCommit(save)("bad")


async def test_trouble_of_the_database_is_told_to_all_and_not_asked_again():
    asked = []

    async def save(values):
        asked.append(len(values))
        raise StoreError("full")

    group = GroupCommit(save)
    results = await asyncio.gather(*(group(number) for number in range(10)), return_exceptions=True)

    assert [type(result) for result in results] == [StoreError] * 10
    assert len(asked) <= 2
