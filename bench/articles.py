"""The pages that reading is measured on, and what a contender takes for them.

The corpus of ../shared where it is there: 87 real pages, else as many of the benchmark's own press, which are alike.
Each round has other words in them: what remembers texts (caches, dictionaries) is to remember all of them.
"""

import asyncio
import gzip
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import world

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "articles"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PARAGRAPH = re.compile(rb"<p(?:\s[^>]*)?>")


def originals() -> list[tuple[bytes, str]]:
    """Pages with their addresses."""
    truth = CORPUS / "ground-truth.jsonl"
    if not truth.exists():
        return [(world.page(number, number % world.ENTRIES), f"https://press.example/news/{number}/0.html") for number in range(87)]
    rows = map(json.loads, truth.read_text("utf-8").splitlines())
    return [(gzip.decompress((CORPUS / row["file"]).read_bytes()), row["url"]) for row in rows]


def pages(count: int) -> Iterator[tuple[bytes, str]]:
    """So many pages, round after round, each with a name and words of its own."""
    known = originals()
    for number in range(count):
        body, url = known[number % len(known)]
        words = f" Name{number}a word{number}b".encode()
        yield _PARAGRAPH.sub(lambda tag, words=words: tag[0] + words + b" ", body).replace(b"</title>", words + b"</title>", 1), f"{url}?round={number}"


# ------------------------------------------------------------------------------------------------- CPU
def cpu_of(rounds: int) -> tuple[float, float]:
    """CPU seconds that we and trafilatura with metadata take for all pages, page by page in turns; of each page its cheapest round counts."""
    from trafilatura import bare_extraction

    from monitor.articles.pages import read_page

    contenders: tuple[Callable[[bytes, str], Any], ...] = (
        read_page,
        lambda body, url: bare_extraction(body, url=url, with_metadata=True, include_comments=False),
    )
    known = originals()
    best = [[float("inf")] * len(known) for _ in contenders]
    for _ in range(rounds):
        for number, (body, url) in enumerate(known):
            for contender, costs in zip(contenders, best, strict=True):
                began = time.process_time()
                contender(body, url)
                costs[number] = min(costs[number], time.process_time() - began)
    ours, theirs = map(sum, best)
    return ours, theirs


# ---------------------------------------------------------------------------------------------- memory
@dataclass(frozen=True, slots=True, kw_only=True)
class Endurance:
    """What many pages do to the worker processes. slowest_s: the most CPU that one of them took, the worker's start included where it was the first.

    peaks: MiB of the largest worker, in each tenth of the run. workers: processes that were used up.
    loop_lag_s: the longest that the caller's own loop was kept waiting meanwhile.
    """

    slowest_s: float
    peaks: tuple[float, ...]
    workers: int
    loop_lag_s: float
    failed: int


async def endure(count: int) -> Endurance:
    from monitor.articles.pages import read_page
    from monitor.errors import SandboxError
    from monitor.sandbox import Sandbox

    sandbox, spent_s, slowest_s, failed = Sandbox(workers=1), dict[int, float](), 0.0, 0
    peaks = [0.0] * 10
    beats = asyncio.create_task(_lag())
    try:
        for number, (body, url) in enumerate(pages(count)):
            try:
                await sandbox.run(read_page, body, url, timeout_s=60)
            except SandboxError:
                failed += 1
            tenth = number * 10 // count
            for pid in _children():
                before_s, spent_s[pid] = spent_s.get(pid, 0.0), _cpu_s(pid)
                slowest_s = max(slowest_s, spent_s[pid] - before_s)
                peaks[tenth] = max(peaks[tenth], _resident_mib(pid))
    finally:
        await sandbox.close()
        beats.cancel()
    lag_s = (await asyncio.gather(beats, return_exceptions=True))[0]
    return Endurance(slowest_s=slowest_s, peaks=tuple(peaks), workers=len(spent_s), loop_lag_s=lag_s if isinstance(lag_s, float) else 0.0, failed=failed)


async def _lag() -> float:
    worst = 0.0
    try:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.02)
            worst = max(worst, time.perf_counter() - began - 0.02)
    except asyncio.CancelledError:
        return worst


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 2**20
    except (OSError, IndexError):
        return 0.0
