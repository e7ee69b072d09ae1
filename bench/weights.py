"""How the weights of the shipped topic are found, and what weights so found are worth on texts they never saw.

    python -m bench.weights [LABELLED.jsonl …] [--leave lang|repo]

Without arguments: tests/quality/nato-ukraine.jsonl, and beside it the labelled news of ../shared where they are (MONITOR_SHARED).
Five folds, drawn three times, each with as much of every set and of what belongs: the weights of a fold come from START and the
other four, by `monitor.matcher.fit` within bounds; no text of the fold is used for a weight. With --leave the folds are languages, or
the sources of the news, each judged by weights from all others. Then the weights from all texts,
rounded, which stand in config.toml; the hand has set satire and born, of which there are too few.
"""

import argparse
import json
import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.config import load
from monitor.matcher.fit import Fit, fit
from monitor.matcher.match import find, prepare
from monitor.matcher.query import CompiledTopic
from monitor.matcher.score import feature_names, features

REPOSITORY = Path(__file__).resolve().parents[1]
OWN = REPOSITORY / "tests/quality/nato-ukraine.jsonl"
NEWS = Path(os.environ.get("MONITOR_SHARED", REPOSITORY.parent / "shared")) / "corpus/topics/nato-ukraine-dev.jsonl"

FOLDS, DRAWS = 5, 3
STRENGTH = 2.0  # of the pull towards START; a half and twice as much make no difference of more than .01
BIAS = -3.0

# What we thought before we looked at a single label: the rubric in numbers. The rest starts at 0.3 for a pair.
START = {
    "ukraine": 0.6,
    "nato": 0.6,
    "membership": 0.4,
    "allies": 0.4,
    "arms": 0.5,
    "aid": 1.0,
    "giving": 0.3,
    "talks": 0.4,
    "formats": 2.0,
    "venues": 0.6,
    "threats": 0.3,
    "russia": 0.0,
    "presidents": 0.0,
    "kremlin": 0.0,
    "region": 0.2,
    "satire": -4.0,
    "biolabs": -3.0,
    "born": -2.5,
    "sport": -1.5,
    "refugees": -1.5,
    "impeachment": -3.5,
    "markets": -1.0,
    "elsewhere": -0.6,
    "culture": -0.5,
    "front": -0.4,
    "presidents NEAR/25 kremlin": 1.5,
    "ukraine NEAR/25 nato": 2.5,
    "ukraine NEAR/25 allies": 1.0,
    "ukraine NEAR/25 arms": 0.5,
    "ukraine NEAR/25 aid": 0.5,
    "ukraine NEAR/25 giving": 0.3,
    "ukraine NEAR/25 talks": 0.5,
    "ukraine NEAR/25 membership": 1.2,
    "ukraine NEAR/25 venues": 0.6,
    "arms NEAR/25 allies": 0.8,
    "aid NEAR/25 allies": 0.5,
    "talks NEAR/25 allies": 0.6,
    "venues NEAR/25 allies": 0.4,
    "giving NEAR/12 arms": 0.6,
    "talks NEAR/25 russia": 0.4,
    "venues NEAR/25 russia": 0.6,
    "nato NEAR/25 russia": 0.7,
}
# What speaks for an article goes on doing so, and everyday words never speak loud.
LEAST = {
    "ukraine": 0.3,
    "nato": 0.5,
    "membership": 0.3,
    "allies": 0.3,
    "arms": 0.3,
    "aid": 1.0,
    "talks": 0.2,
    "threats": 0.2,
    "region": 0.1,
    "ukraine NEAR/25 nato": 3.2,
}
MOST = {"giving": 0.8, "russia": 0.0, "presidents": 0.0, "kremlin": 0.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[path for path in (OWN, NEWS) if path.exists()])
    parser.add_argument("--leave", choices=["lang", "repo"])
    asked = parser.parse_args()

    topic = next(topic for topic in load(REPOSITORY / "config.toml", environ={}).found.topics if topic.id == "nato-ukraine")
    rows = [
        Row(path.name, row.get(asked.leave or "", "–"), row["grade"] == 2, _features(topic, row))
        for path in asked.paths
        for row in _rows(path)
        if row["grade"] != 1
    ]
    if asked.leave:
        chances = [_held_out(topic, rows, [[place for place, row in enumerate(rows) if row.kind == kind] for kind in sorted({row.kind for row in rows})])]
    else:
        chances = [_held_out(topic, rows, _folds(rows, random.Random(draw))) for draw in range(DRAWS)]

    print(
        f"{f'each {asked.leave} by the others' if asked.leave else 'five-fold cross-validation':<36}{'texts':>6}{'belong':>8}{'P':>7}{'R':>7}{'F1':>7}{'AP':>7}"
    )
    for kind in sorted({row.kind for row in rows}) if asked.leave else []:
        _show(kind, rows, chances, lambda row, kind=kind: row.kind == kind)
    for name in dict.fromkeys(row.file for row in rows):
        _show(name, rows, chances, lambda row, name=name: row.file == name)
    _show("together", rows, chances, lambda _: True)

    learned = _fitted(topic, rows)
    print(f"\nweights from all of them, rounded\n  {learned.bias:6.1f}  bias")
    for name, weight in zip(feature_names(topic), learned.weights, strict=True):
        print(f"  {weight:6.1f}  {name}")


class Row(NamedTuple):
    """file: the set it is from. kind: its language or source, where they are left out one by one."""

    file: str
    kind: str
    belongs: bool
    values: list[float]


def _show(name: str, rows: Sequence[Row], chances: Sequence[Sequence[float]], is_wanted: Callable[[Row], bool]) -> None:
    places = [place for place, row in enumerate(rows) if is_wanted(row)]
    belonging = sum(rows[place].belongs for place in places)
    drawn = [_figures([(chance[place], rows[place].belongs) for place in places]) for chance in chances]
    means = [sum(values) / len(chances) for values in zip(*drawn, strict=True)]
    print(f"{name[-35:]:<36}{len(places):>6}{belonging:>8}" + ("".join(f"{value:>7.3f}" for value in means) if belonging else ""))


def _held_out(topic: CompiledTopic, rows: Sequence[Row], folds: Sequence[Sequence[int]]) -> list[float]:
    """The chance of each row by weights from the rows of the other folds."""
    chances = [0.0] * len(rows)
    for fold in folds:
        held = set(fold)
        learned = _fitted(topic, [row for place, row in enumerate(rows) if place not in held])
        for place in fold:
            chances[place] = _chance(learned, rows[place].values)
    return chances


def _rows(path: Path) -> Iterator[dict]:
    return map(json.loads, path.read_text("utf-8").splitlines())


def _features(topic: CompiledTopic, row: dict) -> list[float]:
    return list(features(topic, find(topic, prepare(row["title"], row["text"]))).values())


def _fitted(topic: CompiledTopic, rows: Sequence[Row]) -> Fit:
    names = feature_names(topic)
    start = [START.get(name, 0.3) for name in names]
    bounds = [(-math.inf, 0.0) if begin < 0 else (LEAST.get(name, 0.0), MOST.get(name, math.inf)) for name, begin in zip(names, start, strict=True)]
    return fit([row.values for row in rows], [row.belongs for row in rows], present=start, present_bias=BIAS, strength=STRENGTH, bounds=bounds)


def _chance(learned: Fit, row: Sequence[float]) -> float:
    points = learned.bias + sum(weight * value for weight, value in zip(learned.weights, row, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(points, 30.0))))


def _folds(rows: Sequence[Row], chance: random.Random) -> list[list[int]]:
    """Places of the rows in five parts, each with its share of every set and of what belongs."""
    folds: list[list[int]] = [[] for _ in range(FOLDS)]
    for kind in sorted({(row.file, row.belongs) for row in rows}):
        places = [place for place, row in enumerate(rows) if (row.file, row.belongs) == kind]
        chance.shuffle(places)
        for number, place in enumerate(places):
            folds[number % FOLDS].append(place)
    return folds


def _figures(judged: Sequence[tuple[float, bool]]) -> tuple[float, float, float, float]:
    """Precision, recall and F1 at 0.5, and average precision; texts with the same score share a rank."""
    right = sum(belongs for score, belongs in judged if score >= 0.5)
    flagged, wanted = sum(score >= 0.5 for score, _ in judged), sum(belongs for _, belongs in judged)
    area, found, seen = 0.0, 0, 0
    for score in sorted({score for score, _ in judged}, reverse=True):
        tied = [belongs for other, belongs in judged if other == score]
        found, seen = found + sum(tied), seen + len(tied)
        area += sum(tied) / max(wanted, 1) * found / seen
    return right / max(flagged, 1), right / max(wanted, 1), 2 * right / max(flagged + wanted, 1), area


if __name__ == "__main__":
    main()
