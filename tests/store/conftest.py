"""The store of a test: a real database, and rows to begin with."""

import pytest
from builders import Told

from monitor.store.database import Database


@pytest.fixture
def store(database: Database, clock) -> Told:
    return Told(database, clock.now)
