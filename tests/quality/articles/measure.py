"""How well articles are read: of invented pages, and of the corpus in ../shared where that is there.

    python tests/quality/articles/measure.py                     the figures, beside the floors
    python tests/quality/articles/measure.py --raise             and raise the floors to them
    python tests/quality/articles/measure.py --lower "why"       and set the floors to them, also downwards

Floors lie in floors.toml, one entry a change. They are raised freely; an entry that lowers one says why.
"""

import argparse
import importlib.util
import json
import math
import os
import statistics
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from monitor.articles.extract import Extraction, extract

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("MONITOR_SHARED", HERE.parents[3] / "shared"))
CORPUS = SHARED / "corpus" / "articles"
FLOORS = HERE / "floors.toml"
STEP = 0.005  # floors are rounded down to it, so that a rounding is no regression


@cache
def invented() -> tuple[tuple[Mapping[str, Any], Extraction], ...]:
    """Each page that we wrote, with what it must give and what it gives."""
    truths = tomllib.loads((HERE / "truth.toml").read_text())["page"]
    return tuple((truth, extract((HERE / "pages" / f"{truth['name']}.html").read_bytes(), truth["url"])) for truth in truths)


@cache
def scorer() -> ModuleType:
    """The acceptance scorer, for its measures."""
    spec = importlib.util.spec_from_file_location("score_articles", SHARED / "bench" / "score_articles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def corpus() -> tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]:
    """Each page of the corpus with its truth, and what the scorer takes from our answer."""
    rows = [json.loads(line) for line in (CORPUS / "ground-truth.jsonl").read_text().splitlines()]
    return tuple((row, scorer().fields(extract((CORPUS / row["file"]).read_bytes(), row["url"]))) for row in rows)


def figures() -> dict[str, float]:
    """The measures of the corpus that have floors; shares and F1 of token bags, between 0 and 1."""
    scores = [scorer().judge(found, row) for row, found in corpus() if row["article"]]
    f1 = [score["f1"] for score in scores]
    others = [not found["text"] for row, found in corpus() if not row["article"]]
    measured = {name: statistics.mean(score[name] for score in scores if name in score) for name in ("title", "author", "day", "minute")}
    return {
        "f1": statistics.mean(f1),
        "f1_median": statistics.median(f1),
        "f1_least": min(f1),
        "f1_of_08": statistics.mean(value >= 0.8 for value in f1),
        **measured,
        "articles_kept": statistics.mean(bool(found["text"]) for row, found in corpus() if row["article"]),
        "others_known": statistics.mean(others),
    }


def history() -> list[dict[str, Any]]:
    return tomllib.loads(FLOORS.read_text())["floors"] if FLOORS.exists() else []


def floors() -> dict[str, float]:
    """The floors in force."""
    return {name: value for name, value in history()[-1].items() if isinstance(value, float)}


def _main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--raise", dest="is_raised", action="store_true")
    arguments.add_argument("--lower", metavar="WHY", default="")
    options = arguments.parse_args()
    measured, held = figures(), floors() if history() else {}
    for name, value in measured.items():
        print(f"{name:14} {value:.4f}   floor {held.get(name, 0):.3f}")  # noqa: T201
    if not (options.is_raised or options.lower):
        return
    found = {name: math.floor(round(value / STEP, 6)) * STEP for name, value in measured.items()}
    new = found if options.lower else {name: max(value, held.get(name, 0.0)) for name, value in found.items()}
    entry = [f'on = "{datetime.now(UTC).date()}"', *([f"lowered = {json.dumps(options.lower)}"] if options.lower else [])]
    entry += [f"{name} = {value:.3f}" for name, value in new.items()]
    with FLOORS.open("a") as file:
        file.write("\n[[floors]]\n" + "\n".join(entry) + "\n")


if __name__ == "__main__":
    _main()
