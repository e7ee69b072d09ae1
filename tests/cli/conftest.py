"""The command line as people and scripts meet it: arguments and stdin in; stdout, stderr and an exit code out."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from loopback import receiving, serving, write_config

from monitor.cli import main
from monitor.telemetry import log

TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"
LEAD = "The alliance's Secretary General stood beside Ukraine's president in the port city and promised further help from NATO."
BODY = "Ukraine asked NATO for Patriot batteries. " * 12
EDITOR = """
[subscribers.editor]
topics = ["nato-ukraine"]
timezone = "Europe/Kyiv"
digest = { at = ["07:30"] }
channels = [{ file = "" }]
"""


@dataclass
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        """JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def monitor(monkeypatch):
    """The command in this process: no start-up to wait for, and every warning is an error."""
    before = structlog.get_config()

    def call(*arguments, stdin: bytes | str = b"") -> Said:
        monkeypatch.setattr(sys, "argv", ["monitor", *map(str, arguments)])
        with CliRunner().isolation(input=stdin) as (out, err, _):
            try:
                main()
            except SystemExit as left:
                code = left.code
        return Said(code, out.getvalue().decode(), err.getvalue().decode())

    yield call
    structlog.configure(**before)
    vars(log).pop("bind", None)


@pytest.fixture
def process():
    """The command as a process, for what only a process shows: streams, signals, imports."""

    def call(*arguments, stdin: bytes = b"", environ: dict | None = None, **how) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *map(str, arguments)], input=stdin, capture_output=True, timeout=60, env=os.environ | (environ or {}), **how
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture(autouse=True)
def nowhere_else(tmp_path, monkeypatch):
    """Commands find no configuration and no state but those that the test names or lays out here."""
    for name in ("MONITOR_CONFIG", "MONITOR_STATE", "CONFIGURATION_DIRECTORY", "STATE_DIRECTORY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def web():
    with serving() as found:
        yield found


def hours_ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def _write_watch(folder: Path, web, inbox) -> Path:
    """Three feeds: two outlets with one story, and a broken one. The desk hears at once, the editor in the morning."""
    web.feed("/a.xml", (TITLE, "/1.html", LEAD, hours_ago(1)), ("Grain prices fall in Odesa", "/2.html", "Wheat is cheaper.", hours_ago(1)), title="Alpha")
    web.feed("/b.xml", ("NATO chief visits Odesa, Ukraine asks for air defence", "/3.html", LEAD, hours_ago(0.9)), title="Beta")
    web.pages["/c.xml"] = (500, {}, b"\x1b[31m[bold]oops[/nothing]")
    web.article("/1.html", TITLE, BODY, BODY)
    config = write_config(folder, web, "/a.xml", "/b.xml", "/c.xml", inbox=inbox)
    config.write_text(config.read_text() + EDITOR)
    return config


@pytest.fixture
def write_watch():
    return _write_watch


@dataclass
class Watch:
    """A watch with its files; `options` are the global options that name them."""

    config: Path
    state: Path
    summary: dict

    @property
    def options(self):
        return ("--config", self.config, "--state", self.state)


@pytest.fixture(scope="session")
def polled(tmp_path_factory) -> Watch:
    """A watch after its first cycle, only for tests that do not change it."""
    folder = tmp_path_factory.mktemp("polled")
    with serving() as web, receiving() as inbox:
        config, state = _write_watch(folder, web, inbox), folder / "state"
        command = [sys.executable, "-m", "monitor", "--config", str(config), "--state", str(state), "poll", "--all", "--json"]
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return Watch(config, state, json.loads(done.stdout))


@pytest.fixture
def terminal():
    """The command with stdin and stderr on a terminal of its own, and stdout in a pipe."""

    def call(*arguments, typed: str = "") -> Said:
        ours, theirs = os.openpty()
        command = [sys.executable, "-m", "monitor", *map(str, arguments)]
        running = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"})
        os.close(theirs)
        os.write(ours, typed.encode())
        seen = b""
        with suppress(OSError):  # so Linux says that the other side has closed
            while piece := os.read(ours, 65536):
                seen += piece
        os.close(ours)
        out = running.stdout.read()
        running.stdout.close()
        return Said(running.wait(30), out.decode(), seen.decode())

    return call
