"""The daemon as an operator knows it: it serves its health, reloads, and ends when told to."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Empty, Queue
from threading import Thread

import httpx
import pytest
from loopback import serving, write_config
from sqlalchemy import create_engine, text

TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"


class Daemon:
    """`monitor run` in a process, and what it says."""

    def __init__(self, config, state):
        command = [sys.executable, "-m", "monitor", "--config", str(config), "--state", str(state), "run", "--log-format", "json"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.lines, self.events = Queue(), []
        self.reader = Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            if line.startswith("{"):  # the last word of a command that fails is for people
                self.lines.put(json.loads(line))

    def says(self, event, seconds=40):
        """The first event of that name from now on."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = self.lines.get(timeout=max(end - time.monotonic(), 0.01))
            except Empty:
                pytest.fail(f"no {event!r} in {[each['event'] for each in self.events]}")
            self.events.append(found)
            if found["event"] == event:
                return found

    def send(self, number):
        self.process.send_signal(number)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.reader.join(10)
        self.process.stderr.close()


@contextmanager
def daemon(config, state):
    found = Daemon(config, state)
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def web():
    with serving() as found:
        yield found


def published(web, path="/a.xml", title=TITLE):
    web.feed(path, (title, f"{path}.html", "The alliance's Secretary General stood beside Ukraine's president; NATO will help.", datetime.now(UTC)))


def test_it_says_that_it_is_well_and_counts_what_it_does(web, tmp_path):
    published(web)
    with daemon(write_config(tmp_path, web, "/a.xml"), tmp_path / "state") as running:
        address = running.says("running")["web"]
        running.says("delivered")

        health, metrics = httpx.get(f"{address}/healthz"), httpx.get(f"{address}/metrics").text

    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert 'newsmonitor_feed_polls_total{outcome="changed"} 1.0' in metrics
    assert 'newsmonitor_matches_total{topic="nato-ukraine"} 1.0' in metrics
    assert 'newsmonitor_deliveries_total{channel="webhook",outcome="accepted"} 1.0' in metrics
    assert 'newsmonitor_feeds{state="active"} 1.0' in metrics
    assert 'newsmonitor_feeds{state="disabled"} 0.0' in metrics
    assert "newsmonitor_alert_latency_seconds_count 1.0" in metrics
    assert "newsmonitor_config_last_reload_successful 1.0" in metrics


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_C56_it_ends_within_ten_seconds_while_a_feed_hangs(web, tmp_path, number):
    web.pages["/hangs.xml"] = ("hang", {}, b"")
    config = write_config(tmp_path, web, "/hangs.xml")
    config.write_text(config.read_text().replace('timeout = "5s"', 'timeout = "60s"'))
    with daemon(config, tmp_path / "state") as running:
        running.says("running")
        web.wait_for(lambda: web.asked)
        began = time.monotonic()
        running.send(number)
        running.says("stopped", 12)

        assert running.process.wait(10) == 0
    assert time.monotonic() - began < 10


def test_C56_told_to_end_in_the_middle_of_a_poll_it_leaves_nothing_half_written_and_no_validator_lost(web, tmp_path):
    web.feed("/a.xml", (TITLE, "/1.html", "Words.", datetime.now(UTC)), etag='"1"')
    state = tmp_path / "state"
    with daemon(write_config(tmp_path, web, "/a.xml", interval="1s"), state) as running:
        running.says("delivered")
        _, headers, body = web.pages["/a.xml"]
        web.pages["/a.xml"] = ("hang", {**headers, "ETag": '"2"'}, body.replace(b"<guid>", b"<guid>other"))
        polls = len(web.asked)
        web.wait_for(lambda: len(web.asked) > polls and web.asked[-1][0] == "/a.xml")
        running.send(signal.SIGTERM)

        assert running.process.wait(10) == 0
    with sqlite3.connect(state / "monitor.db") as stored:
        assert stored.execute("SELECT etag, leased_until < datetime('now') FROM feed").fetchall() == [('"1"', 1)]
        assert stored.execute("SELECT count(*) FROM entry").fetchone() == (1,)
        assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    stored.close()


def test_a_changed_configuration_is_taken_without_a_restart(web, tmp_path):
    published(web, "/b.xml")
    web.feed("/a.xml")
    config = write_config(tmp_path, web, "/a.xml")
    with daemon(config, tmp_path / "state") as running:
        running.says("running")
        config.write_text(config.read_text().replace("[topics.nato-ukraine]", f'[feeds.added]\nurl = "{web.address}/b.xml"\n[topics.nato-ukraine]'))
        running.send(signal.SIGHUP)

        running.says("delivered")

    assert [hook["data"]["title"] for hook in web.webhooks] == [TITLE]


def test_a_bad_configuration_never_replaces_a_good_one(web, tmp_path):
    web.feed("/a.xml")
    config = write_config(tmp_path, web, "/a.xml", interval="1s")
    good = config.read_text()
    with daemon(config, tmp_path / "state") as running:
        address = running.says("running")["web"]
        config.write_text(good.replace("digest_at = 0.5", 'digest_at = "high"'))
        running.send(signal.SIGHUP)

        refused = running.says("configuration-refused")
        published(web)
        running.says("delivered")
        metrics = httpx.get(f"{address}/metrics").text

    assert "digest_at" in refused["problems"]
    assert "newsmonitor_config_last_reload_successful 0.0" in metrics


def test_it_ends_when_postgresql_has_forgotten_that_it_works_there(web, tmp_path, postgres_server, new_postgres):
    url = new_postgres()
    web.feed("/a.xml")
    with daemon(write_config(tmp_path, web, "/a.xml", storage=url), tmp_path / "state") as running:
        running.says("running")
        on_postgres(postgres_server, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

        running.says("lock-lost")
        assert running.process.wait(10) == 75


def on_postgres(url, statement):
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
