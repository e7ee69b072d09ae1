"""The table of steps: how many run at once, how long a claim lasts. Both schedulers read it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the five steps, as a scheduler sees it.

    claim: (limit) gives claims, each to be run once. run: does the step for a batch of claims.
    next_at: when the next row falls due, None when nothing is in sight. batch: claims that one run takes.
    parallel: runs at once. bite: so many runs must have ended before the step looks for more; a look costs the same for one row and for fifty.
    """

    name: str
    claim: Callable[[int], Awaitable[Sequence[Any]]]
    run: Callable[[Sequence[Any]], Awaitable[None]]
    next_at: Callable[[], Awaitable[datetime | None]]
    batch: int = 1
    parallel: int = 1
    bite: int = 1


# How long a claim lasts, longer than its work takes. Polls and pages wait for their host's turn, which may take longer still:
# whose turn comes too late asks nobody, and the next claim does (pipeline/poll.py, pipeline/read.py).
LEASES = {
    "poll": timedelta(minutes=10),
    "read": timedelta(minutes=10),
    "judge": timedelta(minutes=5),
    "close": timedelta(minutes=5),
    "deliver": timedelta(minutes=5),
}
