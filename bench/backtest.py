"""What `topics backtest` costs: the shipped topic against a draft of it, over a store of invented articles of which one in five names its words."""

import json
import resource
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from bench.topics import News
from monitor.store.database import Database, sqlite_url
from monitor.store.migrations import ensure
from monitor.store.schema import article, feed

ROOT = Path(__file__).resolve().parent.parent
CHARACTERS = 1_500  # of a text: a lead from a feed is 300, a page 4,000
TOPICAL = "Ukraine asks NATO for Patriot air defence, and Rutte promises Zelenskyy in Kyiv that allies will deliver."


def articles_per_cpu_s(count: int) -> tuple[float, float]:
    """Articles that one CPU-second judges by both versions, the start of the command taken off, and the peak memory in MiB."""
    with tempfile.TemporaryDirectory(prefix="bench-backtest-") as name:
        folder = Path(name)
        draft = _draft(folder)
        empty_s, _ = _run(_store(folder / "empty", 0), draft)
        took_s, mib = _run(_store(folder / "full", count), draft)
        return count / max(took_s - empty_s, 0.001), mib


def _draft(folder: Path) -> Path:
    """The shipped configuration with one term more, and another alert threshold."""
    text = (ROOT / "config.toml").read_text("utf-8")
    group, terms = next((name, group["terms"]) for name, group in tomllib.loads(text)["topics"]["nato-ukraine"]["groups"].items() if len(group["terms"]) > 50)
    first = json.dumps(terms[0], ensure_ascii=False)
    changed = text.replace(f"{first},", f'{first}, "draftword",', 1)
    if changed == text:
        raise RuntimeError(f"the first term of {group} is not written as expected")
    (folder / "draft.toml").write_text(changed, "utf-8")
    return folder / "draft.toml"


def _store(state: Path, count: int) -> Path:
    state.mkdir()
    news, now = News(), datetime.now(UTC)
    texts = [news.text(CHARACTERS) for _ in range(200)]
    database = Database(sqlite_url(state / "monitor.db"))

    def fill(connection: Connection) -> None:
        connection.execute(
            insert(feed), {"id": "f", "url": "https://f.example/", "added_at": now, "next_poll_at": now, "interval_min_s": 300, "interval_max_s": 900}
        )
        for number in range(count):
            text = texts[number % len(texts)]
            if number % 5 == 0:
                text = f"{text[:200]} {TOPICAL} {text[200:]}"
            row = {"url": f"https://f.example/{number}", "url_key": f"f.example/{number}", "title": text[300:370], "text": text, "feed_id": "f"}
            connection.execute(insert(article), row | {"seen_at": now - timedelta(seconds=number), "step": "done", "due_at": now, "status": "full"})

    try:
        ensure(database)
        database.write_now(fill)
    finally:
        database.close()
    return state


def _run(state: Path, draft: Path) -> tuple[float, float]:
    """CPU seconds and peak MiB of one backtest."""
    command = [sys.executable, "-m", "monitor", "--config", str(ROOT / "config.toml"), "--state", str(state)]
    command += ["topics", "backtest", "nato-ukraine", "--draft", str(draft), "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024
