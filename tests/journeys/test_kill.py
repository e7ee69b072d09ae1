"""Killed in the middle of everything, the watch loses nothing and repeats a message only under its own id."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from loopback import serving, write_config

# Different events, one story each.
EVENTS = [
    ("NATO engineers rebuild the Kherson bridge", "Pontoons crossed the river before dawn while sappers searched the Ukrainian bank."),
    ("Fuel for the winter: 40 tankers leave Gdansk", "Diesel that NATO members paid for will heat Ukraine's hospitals."),
    ("Drone pilots graduate in Vilnius", "A NATO school taught 120 Ukrainian operators to fly at night."),
    ("Sniffer dogs clear fields near Izium", "Farmers in Ukraine may plough again after a NATO programme trained handlers."),
    ("Surgeons swap notes in Rzeszow", "NATO medics and Ukrainian doctors compared burns treatment."),
    ("Rail wagons of a new gauge roll out", "A factory in Kosice adapts axles so NATO cargo reaches Ukraine unloaded."),
    ("Radar masts rise above Odesa port", "Technicians from NATO members installed antennas; Ukraine's navy will man them."),
    ("Officers learn English by correspondence", "Ukrainian captains pass NATO language exams from their dugouts."),
    ("Grid transformers cross the Carpathians", "Convoys with equipment from NATO depots reached Ukraine's substations."),
]


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


def titles(web):
    return [hook["data"]["title"] for hook in web.webhooks]


def publish(web, count):
    items = [(*_event(number), datetime.now(UTC)) for number in reversed(range(count))]
    web.feed("/a.xml", *items)


def _event(number):
    title, lead = EVENTS[number]
    return title, f"/{number}.html", lead


def test_C57_kill_9_in_the_middle_loses_nothing(tmp_path, storage):
    with serving() as web:
        publish(web, 0)
        config, state = write_config(tmp_path, web, "/a.xml", storage=storage, interval="1s"), tmp_path / "state"

        for killed_after in (2, 4, 6):
            with daemon(config, state) as process:
                publish(web, killed_after)
                web.wait_for(lambda wanted=killed_after: len(set(titles(web))) >= wanted - 1)
                os.kill(process.pid, signal.SIGKILL)
        with daemon(config, state):
            publish(web, len(EVENTS))
            web.wait_for(lambda: len(set(titles(web))) == len(EVENTS))

    ids = {}
    for (_, headers, _), told in zip(web.posted, titles(web), strict=True):
        ids.setdefault(told, set()).add(headers["Webhook-Id"] if "Webhook-Id" in headers else headers["webhook-id"])
    assert sorted(ids) == sorted(title for title, _ in EVENTS)
    assert all(len(found) == 1 for found in ids.values())


def test_C31_C57_kill_9_around_the_end_of_a_feed_tells_the_operator_once(tmp_path, storage):
    with serving() as web:
        publish(web, 1)
        web.pages["/ends.xml"] = (500, {}, b"")
        path, state = write_config(tmp_path, web, "/a.xml", "/ends.xml", storage=storage, interval="1s"), tmp_path / "state"
        text = (
            path.read_text().replace("[polling]\n", '[polling]\ndisable_after = "2s"\n').replace("[subscribers.desk]\n", "[subscribers.desk]\nnotices = true\n")
        )
        path.write_text(text)

        for failures in (2, 3, 4):
            with daemon(path, state) as process:
                web.wait_for(lambda wanted=failures: len(endings(web)) or asked(web, "/ends.xml") >= wanted)
                os.kill(process.pid, signal.SIGKILL)
        with daemon(path, state):
            web.wait_for(lambda: endings(web))
        with daemon(path, state):
            before = asked(web, "/a.xml")
            web.wait_for(lambda: asked(web, "/a.xml") >= before + 2)

    assert len(set(endings(web))) == 1


def asked(web, path):
    return sum(each == path for each, _ in web.asked)


def endings(web):
    """The ids of the notices that came."""
    return [headers.get("webhook-id", headers.get("Webhook-Id")) for _, headers, body in web.posted if b'"type":"feed.disabled"' in body]
