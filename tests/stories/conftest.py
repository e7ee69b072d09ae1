"""Articles to place, and an index that remembers what it placed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from monitor.stories.cluster import Index, Piece, Placement

MORNING = datetime(2025, 4, 15, 6, tzinfo=UTC)


class Newsroom:
    """An index, and the story of each headline that came in."""

    def __init__(self, index: Index | None = None):
        self.index = index if index is not None else Index()
        self.now = MORNING
        self.last: Placement | None = None
        self._ids: Iterator[int] = count(1)

    def hears(self, title: str, lead: str = "", *, outlet: str = "", language: str = "en", after: timedelta = timedelta(minutes=20)) -> int:
        """An article comes in some time after the one before, from an outlet of its own; gives its story."""
        self.now += after
        number = next(self._ids)
        self.last = self.index.place(
            Piece(id=number, title=title, lead=lead, outlet=outlet or f"outlet-{number}.example", language=language, at=self.now),
        )
        story_id = number if self.last.story_id is None else self.last.story_id
        self.index.add(self.last, story_id)
        return story_id


@pytest.fixture
def newsroom() -> Newsroom:
    return Newsroom()


@pytest.fixture
def new_newsroom() -> Callable[[Index], Newsroom]:
    return Newsroom
