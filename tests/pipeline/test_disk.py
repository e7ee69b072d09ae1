"""A database that cannot be written to is our trouble: no feed is blamed, nothing is half-written, and it passes."""

import shutil
import sqlite3
from contextlib import contextmanager

import pytest

from monitor.errors import StoreError
from monitor.pipeline import poll_feed
from monitor.store import feeds
from monitor.store.database import sqlite_url
from monitor.store.schema import article, entry, feed, poll


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "monitor.db")
    return sqlite_url(tmp_path / "monitor.db")


def pragma(database, setting):
    connection = database.engine.raw_connection()  # the writer's own, without the transaction that it begins with
    try:
        return (connection.cursor().execute(f"PRAGMA {setting}").fetchone() or [None])[0]
    finally:
        connection.close()


@contextmanager
def full(life):
    """No page more than the file has."""
    pragma(life.database, f"max_page_count={pragma(life.database, 'page_count')}")
    yield
    pragma(life.database, "max_page_count=1000000000")


@contextmanager
def read_only(life):
    pragma(life.database, "query_only=ON")
    yield
    pragma(life.database, "query_only=OFF")


@contextmanager
def locked(life):
    pragma(life.database, "busy_timeout=20")
    other = sqlite3.connect(life.tmp_path / "monitor.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()
    pragma(life.database, "busy_timeout=15000")


@pytest.mark.parametrize(
    ("trouble", "advice"),
    [
        pytest.param(full, "free some space", id="A64 full"),
        pytest.param(locked, "another process is writing", id="A64 locked"),
        pytest.param(read_only, "make the state folder writable", id="A64 read-only"),
    ],
)
async def test_A64_a_poll_that_cannot_be_saved_is_our_failure_and_passes(life, trouble, advice):
    # Enough that it cannot find room in the pages that the file has.
    items = [(f"News {number}", f"/{number}.html", "Words. " * 500, life.clock()) for number in range(100)]
    life.web.feed("/a.xml", *items, etag='"1"')
    life.watches("/a.xml")
    (claim,) = life.claims(feeds.claim_feeds)
    before = life.rows(feed)

    with trouble(life):
        with pytest.raises(StoreError, match=advice):
            await poll_feed(life.doors, life.settings, claim)
        assert advice in life.database.trouble

    assert (life.rows(feed), life.rows(entry), life.rows(article), life.rows(poll)) == (before, [], [], [])
    assert pragma(life.database, "integrity_check") == "ok"
    life.clock.forward(minutes=6)
    await life.poll()
    assert life.rows(feed, feed.c.failures, feed.c.etag) == [(0, '"1"')]
    assert (len(life.rows(entry)), life.database.trouble) == (100, "")
