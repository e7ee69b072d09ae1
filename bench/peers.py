"""The watch and lemon24/reader over the same press (bench/world.py), as ratios of one run.

A cycle is one process that asks every feed once: `monitor poll --all` against bench/reader_cycle.py. Its cost is the CPU, user and system,
of the process and its children, less that of a cycle over a single feed. The contenders take turns, so that a noisy machine is noisy for both.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-bench"
READER = ("reader==3.26", "sgmllib3k")  # reader asks for a feedparser that asks for sgmllib3k, and does not say so
STARTS = 5
MIB = 2**20

CONFIG = """version = 1
[network]
contact = "https://bench.invalid"
timeout = "20s"
per_host = {{ concurrent = 2, gap = "0s" }}
allow_private = ["127.1.0.0/16"]
[polling]
interval = {{ min = "15m", max = "15m", adaptive = false }}
backfill = "0s"
[opml]
file = "{folder}/feeds.opml"
[topics.t]
title = "NATO and Ukraine"
rule = "nato AND ukraine"
[topics.t.groups]
nato = {{ weight = 3.0, terms = ["=NATO"] }}
ukraine = {{ weight = 3.0, terms = ["ukrain*"] }}
[subscribers.s]
topics = ["t"]
alert = {{ max_per_hour = 100000 }}
channels = [{{ file = "" }}]
[web]
listen = "127.0.0.1:0"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """main_bytes: the most that the process itself held. all_bytes: the most that it and its children held at once, looked at every 50 ms."""

    cpu_s: float
    wall_s: float
    main_bytes: int
    all_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """command: what runs one cycle over the feeds of a folder that `write_folder` wrote."""

    name: str
    command: Callable[[Path], list[str]]


class World:
    """A press in a process of its own, so that what it costs is not counted."""

    def __init__(self, process: subprocess.Popen[str], addresses: list[str]):
        self._process, self.addresses = process, addresses

    def __call__(self, **command: object) -> dict:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def world(feeds: int, *, is_faulty: bool = False) -> Iterator[World]:
    command = [sys.executable, "-m", "bench.world", "--feeds", str(feeds), *(["--faulty"] if is_faulty else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield World(process, json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


def monitor() -> Contender:
    def command(folder: Path) -> list[str]:
        return [sys.executable, "-m", "monitor", "--config", f"{folder}/config.toml", "--state", f"{folder}/state", "-q", "poll", "--all", "--json"]

    return Contender(name="monitor", command=command)


def reader() -> Contender:
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *READER], check=True)

    def command(folder: Path) -> list[str]:
        return [str(python), str(ROOT / "bench" / "reader_cycle.py"), f"{folder}/reader.db", f"{folder}/feeds.txt"]

    return Contender(name="reader", command=command)


def write_folder(folder: Path, addresses: list[str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "feeds.txt").write_text("\n".join(addresses) + "\n")
    outlines = "".join(f'<outline type="rss" text="f{number}" xmlUrl="{url}"/>\n' for number, url in enumerate(addresses))
    (folder / "feeds.opml").write_text(f'<opml version="2.0"><head/><body>\n{outlines}</body></opml>\n')
    (folder / "config.toml").write_text(CONFIG.format(folder=folder))
    return folder


def run_cycle(contender: Contender, folder: Path) -> Cycle:
    began, over, seen = time.perf_counter(), Event(), {"main": 0, "all": 0}
    with (folder / "log").open("ab") as out:
        process = subprocess.Popen(contender.command(folder), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT)
    watch = Thread(target=_watch_memory, args=(process.pid, over, seen))
    watch.start()
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    over.set()
    watch.join()
    if process.returncode:
        raise SystemExit(f"{contender.name} failed ({process.returncode}):\n{(folder / 'log').read_text()[-2000:]}")
    return Cycle(cpu_s=used.ru_utime + used.ru_stime, wall_s=wall_s, main_bytes=seen["main"], all_bytes=max(seen["all"], seen["main"]))


def _watch_memory(pid: int, over: Event, seen: dict[str, int]) -> None:
    while not over.wait(0.05):
        parents = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
        family, found = {pid}, True
        while found:
            found = {child for child, (parent, _) in parents.items() if parent in family} - family
            family |= found
        seen["all"] = max(seen["all"], sum(parents[member][1] for member in family if member in parents))
        seen["main"] = max(seen["main"], _most_ever(pid))


def _stat(folder: Path) -> tuple[int, int]:
    """Parent and resident bytes of a process; (0, 0) for one that is gone."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")


def _most_ever(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """before: what the press is told before each cycle. goal: how the ratio to reader must be."""

    letter: str
    says: str
    press: dict
    once: bool = False
    publishes: bool = False


SCENARIOS = (
    Scenario(letter="A", says="first poll", press={"validators": True, "volatile": False}, once=True),
    Scenario(letter="B", says="all unchanged, 304", press={"validators": True, "volatile": False}),
    Scenario(letter="D", says="one new entry in 1 %", press={"validators": True, "volatile": False}, publishes=True),
    Scenario(letter="C", says="no validators, same bodies", press={"validators": False, "volatile": False}),
    Scenario(letter="V", says="each body differs in its build time", press={"validators": False, "volatile": True}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One contender in one scenario: medians, less the start-up; memory is the most of all its cycles."""

    scenario: Scenario
    cpu_s: float
    wall_s: float
    polls_per_cpu_s: float
    main_mib: float
    all_mib: float


def compare(contenders: list[Contender], *, feeds: int, repeat: int, scenarios: str = "ABDCV") -> dict[str, dict[str, Figures]]:
    """Contender → letter → figures. Every contender asks every feed in every cycle, or the run ends."""
    work = Path(tempfile.mkdtemp(prefix="bench-peers-"))
    try:
        with world(feeds) as press:
            return _compare(contenders, press, work, repeat, scenarios)
    finally:
        shutil.rmtree(work)


def _compare(contenders: list[Contender], press: World, work: Path, repeat: int, scenarios: str) -> dict[str, dict[str, Figures]]:
    folders = {contender.name: write_folder(work / contender.name, press.addresses) for contender in contenders}
    start_s = {}
    for contender in contenders:
        alone = write_folder(work / f"{contender.name}-alone", press.addresses[:1])
        run_cycle(contender, alone)
        start_s[contender.name] = statistics.median(run_cycle(contender, alone).cpu_s for _ in range(STARTS))

    figures: dict[str, dict[str, Figures]] = {contender.name: {} for contender in contenders}
    for scenario in (scenario for scenario in SCENARIOS if scenario.letter in scenarios):
        press(**scenario.press)
        cycles: dict[str, list[Cycle]] = {contender.name: [] for contender in contenders}
        for _ in range(1 if scenario.once else repeat):
            if scenario.publishes:
                press(publish=max(len(press.addresses) // 100, 1))
            for contender in contenders:
                press(count=True)
                cycles[contender.name].append(run_cycle(contender, folders[contender.name]))
                asked = press(count=True)["asked"].get("feeds", 0)
                if asked != len(press.addresses):
                    raise SystemExit(f"{contender.name} asked for {asked} of {len(press.addresses)} feeds in {scenario.letter}")
        for contender in contenders:
            figures[contender.name][scenario.letter] = _figures(scenario, cycles[contender.name], start_s[contender.name], len(press.addresses))
            _show(contender.name, figures[contender.name][scenario.letter])
    return figures


def _figures(scenario: Scenario, cycles: list[Cycle], start_s: float, feeds: int) -> Figures:
    cpu_s = max(statistics.median(cycle.cpu_s for cycle in cycles) - start_s, 0.001)
    return Figures(
        scenario=scenario,
        cpu_s=cpu_s,
        wall_s=statistics.median(cycle.wall_s for cycle in cycles),
        polls_per_cpu_s=feeds / cpu_s,
        main_mib=max(cycle.main_bytes for cycle in cycles) / MIB,
        all_mib=max(cycle.all_bytes for cycle in cycles) / MIB,
    )


def _show(name: str, figures: Figures) -> None:
    print(
        f"  {figures.scenario.letter}  {name:8} cpu {figures.cpu_s:7.2f} s  wall {figures.wall_s:6.2f} s  {figures.polls_per_cpu_s:7.0f} polls/CPU-s  "
        f"rss {figures.main_mib:5.0f} MiB, all {figures.all_mib:5.0f} MiB   {figures.scenario.says}",
        file=sys.stderr,
        flush=True,
    )
