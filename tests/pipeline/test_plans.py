"""After months there are millions of rows, and no step may look at all of them."""

import re
import shutil
import sqlite3

import pytest
from sqlalchemy import event

from monitor.store.database import sqlite_url

# Tables that grow for as long as the watch runs.
GROWING = ("article", "entry", "page", "match", "story", "story_member", "alert", "digest", "digest_member", "delivery", "attempt", "poll", "tombstone")


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    """SQLite tells how it will find rows; PostgreSQL reads small tables whole, and rightly."""
    return sqlite_url(shutil.copy(sqlite_template, tmp_path / "monitor.db"))


async def test_no_step_reads_a_growing_table_from_one_end_to_the_other(life, make):
    statements = {}

    def remember(_connection, _cursor, statement, values, _context, is_many):
        statements.setdefault(statement, values[0] if is_many else values)

    for engine in (life.database._write, life.database._read):
        event.listen(engine, "before_cursor_execute", remember)
    hook = make.channel(key="webhook:hook", kind=make.kind.WEBHOOK, address=f"{life.web.address}/hook")
    life.subscribers = {"desk": make.subscriber("desk", make.channel(key="file:", kind=make.kind.FILE, address=""), hook, digest="17:00")}
    life.web.article("/1.html", make.TITLE, *(f"{number}. {make.LEAD} {make.LEAD}" for number in range(8)))
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    await life.goes_on()
    life.clock.forward(hours=1)
    life.web.feed("/a.xml", (f"Update: {make.TITLE}", "/1.html", make.LEAD, life.clock()), (f"{make.TITLE} today", "/2.html", make.LEAD, life.clock()))
    await life.goes_on()

    explained = sqlite3.connect(life.database.url.database)
    whole = {}
    for statement, values in statements.items():
        for *_, way in explained.execute(f"EXPLAIN QUERY PLAN {statement}", values):
            read = re.match(r"SCAN (\w+)|SEARCH (\w+) USING INTEGER PRIMARY KEY \(rowid[<>]", way)
            if read and (read[1] or read[2]) in GROWING:
                whole[statement] = way
    explained.close()
    assert len(statements) > 40
    assert any("canonical_key = " in each for each in statements), statements
    assert whole == {}
