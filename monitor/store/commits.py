"""Group commit: many small saves share one transaction, so a poll costs a fraction of an fsync."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from monitor.errors import StoreError

T = TypeVar("T")
LARGEST = 200  # saves in one transaction
LINGER_S = 0.01  # for others to come along, while there are any: a transaction costs as much as twenty saves


class GroupCommit(Generic[T]):
    """Saves what waits, all at once; whoever handed something in waits until it is on disk.

    save: writes a batch in one transaction. If a batch fails its members are saved one by one,
    so only the one that cannot be saved gets the error; the database's own trouble (StoreError) is told to all.
    patience_s: how long one that comes alone waits for others; those that come close upon each other wait for `LINGER_S`.
    """

    def __init__(self, save: Callable[[Sequence[T]], Awaitable[object]], *, patience_s: float = 0.0):
        self._save, self._patience_s = save, patience_s
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._was_shared = False

    async def __call__(self, value: T) -> None:
        """Return once the value is saved. raises: what saving it raised."""
        saved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((value, saved))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await saved

    async def _run(self) -> None:
        while self._waiting:
            if wait_s := max(self._patience_s, LINGER_S if self._was_shared else 0.0):
                await asyncio.sleep(wait_s)
            batch, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
            self._was_shared = len(batch) > 1
            try:
                await self._save([value for value, _ in batch])
            except StoreError as error:  # full, locked, gone: asking two hundred times more helps nobody
                for _, saved in batch:
                    if not saved.done():
                        saved.set_exception(error)
            except Exception as error:  # noqa: BLE001 -- handed on to each waiting caller below
                await self._one_by_one(batch, error)
            for _, saved in batch:
                if not saved.done():
                    saved.set_result(None)
        self._task = None

    async def _one_by_one(self, batch: list[tuple[T, asyncio.Future[None]]], error: Exception) -> None:
        for value, saved in batch:
            try:
                if len(batch) > 1:
                    await self._save([value])
                elif not saved.done():
                    saved.set_exception(error)
            except Exception as own:  # noqa: BLE001 -- handed on to the waiting caller
                if not saved.done():
                    saved.set_exception(own)
