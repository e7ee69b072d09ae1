"""Killed in the middle of everything, the watch loses nothing and repeats a message only under its own id."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Condition

import pytest
from loopback import serving, write_config

# Headlines of different events: one story each.
SUBJECTS = [
    "bridge repairs",
    "winter fuel",
    "drone schools",
    "mine clearance",
    "field hospitals",
    "rail wagons",
    "radar masts",
    "language courses",
    "grid transformers",
]
NUMBERS = range(len(SUBJECTS))


@pytest.fixture
def storage(database_url):
    return database_url


@contextmanager
def daemon(config, state):
    command = [sys.executable, "-m", "monitor", "--config", str(config), "--state", str(state), "-q", "run", "--no-web"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(10)


class Arrivals:
    """Waits until the receiver has what we wait for."""

    def __init__(self, web):
        self.web, self.changed = web, Condition()
        web.posted = self

        self.items = []

    def append(self, item):
        with self.changed:
            self.items.append(item)
            self.changed.notify_all()

    def titles(self):
        import json

        return [json.loads(body)["data"]["title"] for _, _, body in self.items]

    def wait_for(self, condition, seconds=40):
        with self.changed:
            assert self.changed.wait_for(condition, seconds), f"only {self.titles()}"


def title(number):
    return f"NATO pays for {SUBJECTS[number]} in Ukraine"


def publish(web, count):
    items = [
        (title(number), f"/{number}.html", f"The alliance and Ukraine agreed on {SUBJECTS[number]} " * 3, datetime.now(UTC))
        for number in reversed(range(count))
    ]
    web.feed("/a.xml", *items)


def test_kill_9_in_the_middle_loses_nothing(tmp_path, storage):
    with serving() as web:
        arrivals = Arrivals(web)
        publish(web, 0)
        config, state = write_config(tmp_path, web, "/a.xml", storage=storage, interval="1s"), tmp_path / "state"

        for killed_after in (2, 4, 6):
            with daemon(config, state) as process:
                publish(web, killed_after)
                arrivals.wait_for(lambda wanted=killed_after: len(set(arrivals.titles())) >= wanted - 1)
                os.kill(process.pid, signal.SIGKILL)
        with daemon(config, state):
            publish(web, len(SUBJECTS))
            arrivals.wait_for(lambda: len(set(arrivals.titles())) == len(SUBJECTS))

    ids = {}
    for (_, headers, _), told in zip(arrivals.items, arrivals.titles(), strict=True):
        ids.setdefault(told, set()).add(headers["Webhook-Id"] if "Webhook-Id" in headers else headers["webhook-id"])
    assert sorted(ids) == sorted(map(title, NUMBERS))
    assert all(len(found) == 1 for found in ids.values())
