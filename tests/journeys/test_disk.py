"""A daemon whose disk is full says so, blames no feed, and goes on by itself when there is room again."""

import asyncio
import sqlite3
from datetime import UTC, datetime

import httpx
from loopback import serving, write_config

from monitor import web as pages
from monitor.config import load
from monitor.service import watching


async def allow_pages(watch, count):
    """count: None for as many as there are. Through the writer's own thread: the limit belongs to a connection, and that is the one that writes."""

    def limit(connection):
        used = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={used if count is None else count}")

    await watch.database.write(limit)


async def until(condition, seconds=40):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_A64_a_full_disk_turns_health_red_and_passes(tmp_path):
    with serving() as web:
        web.feed("/a.xml")
        config = load(write_config(tmp_path, web, "/a.xml", interval="1s"), environ={})
        async with watching(config, tmp_path / "state") as watch, pages.serving(watch, "127.0.0.1", 0) as address, httpx.AsyncClient() as client:

            async def health():
                return await client.get(f"{address}/healthz")

            running = asyncio.create_task(watch.run())
            await until(lambda: asyncio.sleep(0, watch.tally.polls["changed"] > 0))
            await allow_pages(watch, None)
            items = [(f"NATO and Ukraine {number}", f"/{number}.html", "Words. " * 2500, datetime.now(UTC)) for number in range(100)]
            web.feed("/a.xml", *items)

            async def is_red():
                return (await health()).status_code == 503

            async def is_green():
                return (await health()).status_code == 200 and watch.tally.entries["new"] == 100

            await until(is_red)
            red = (await health()).json()
            await allow_pages(watch, 1_000_000_000)
            # The claim whose poll could not be saved runs out after ten minutes; here at once.
            await watch.database.write(lambda connection: connection.exec_driver_sql("UPDATE feed SET leased_until = '2000-01-01 00:00:00.000000'"))
            watch.scheduler.knock()
            await until(is_green)
            watch.stop()
            await running

    assert (red["status"], "free some space" in red["detail"]) == ("failing", True)
    with sqlite3.connect(tmp_path / "state" / "monitor.db") as stored:
        assert stored.execute("SELECT failures, last_problem FROM feed").fetchall() == [(0, "")]
        assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    stored.close()
