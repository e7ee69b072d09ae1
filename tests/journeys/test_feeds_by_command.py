"""Feeds come and go by command while the daemon runs."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from loopback import serving, write_config


@contextmanager
def daemon(config, state):
    """`monitor run`, ended with SIGTERM."""
    running = subprocess.Popen([sys.executable, "-m", "monitor", "--config", config, "--state", state, "run", "--no-web"], stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=20)


def call(config, state, *arguments):
    command = [sys.executable, "-m", "monitor", "--config", config, "--state", state, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_feed_that_is_added_beside_the_daemon_is_polled_and_one_that_is_removed_is_not(tmp_path):
    with serving() as web:
        for name in ("a", "b"):
            web.feed(f"/{name}.xml", ("News", f"/{name}.html", "Words.", datetime.now(UTC) - timedelta(hours=1)), title=f"The {name}")
        config, state = write_config(tmp_path, web, "/a.xml", interval="1s"), tmp_path / "state"
        with daemon(config, state) as running:
            web.wait_for(lambda: any(path == "/a.xml" for path, _ in web.asked))

            added = call(config, state, "feeds", "add", f"{web.address}/b.xml")
            asked_once = [path for path, _ in web.asked].count("/b.xml")
            web.wait_for(lambda: [path for path, _ in web.asked].count("/b.xml") > asked_once + 1)
            removed = call(config, state, "feeds", "remove", "f0")
            web.wait_for(lambda: [path for path, _ in web.asked[-4:]] == ["/b.xml"] * 4)

            assert (added.returncode, added.stderr) == (0, f"The daemon (process {running.pid}) takes it now.\n")
            assert (removed.returncode, removed.stderr) == (0, f"The daemon (process {running.pid}) takes it now.\n")
            assert running.poll() is None


def test_a_poll_by_hand_is_never_hung_up_by_a_reload(tmp_path):
    with serving() as web:
        web.feed("/a.xml", title="The a")
        web.pages["/a.xml"] = ("hang", {}, b"")
        config, state = write_config(tmp_path, web, "/a.xml"), tmp_path / "state"
        polling = subprocess.Popen(
            [sys.executable, "-m", "monitor", "--config", config, "--state", state, "poll", "--all"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        web.wait_for(lambda: web.asked)

        told = call(config, state, "reload")
        web.release.set()

        assert "no daemon works in" in told.stdout
        assert polling.wait(30) == 0
