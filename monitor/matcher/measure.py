"""How well a topic tells what belongs to it, on labelled texts: with intervals, by language, and each mistake with its reason.

Grade YES belongs, NO does not, PARTLY is left out of every figure but its own.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from monitor.matcher.explain import Explanation, GroupShare, explain
from monitor.matcher.match import find, prepare, verdict
from monitor.matcher.query import CompiledTopic
from monitor.matcher.score import Found, log_odds
from monitor.model import Grade, Label, Match

SEED = 20260101  # of resampling and of folds: the same labels give the same figures
_RESAMPLES = 1000
_COMPARISONS = 400
_MOST_DRAWS = 1_000_000  # a second; with more labels than a thousand there are fewer resamples
_INNER = 0.95
_PARTS_NAMED, _WORDS_NAMED = 4, 3
_LEAST_NAMED = 0.05  # points; less shows as nothing
_LEAST_DEFINED = 0.5  # of the resamples must know a figure, or there is no interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A label with what the topic says of its text. found: the hits, from which any weights can be tried."""

    label: Label
    match: Match
    found: Mapping[str, Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """positives: texts that belong; negatives: that do not. Shares are 0…1, None where there is nothing to divide by.

    ap: average precision: the precision at each text that belongs, going down by score, on average; equal scores share a rank.
    partly: how many texts belong partly; partly_flagged: the share of them that is flagged.
    """

    positives: int
    negatives: int
    flagged: int
    precision: float | None
    recall: float | None
    f1: float | None
    ap: float | None
    partly: int
    partly_flagged: float | None


MEASURES = ("precision", "recall", "f1", "ap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """why: the first condition that failed, or which words spoke for a false alarm. way: the nearest change that would have set it right, "" where none is known."""

    case: Case
    why: str
    way: str


def cases(topic: CompiledTopic, labels: Iterable[Label]) -> Iterator[Case]:
    """What the topic says of each labelled text, one after the other."""
    for label in labels:
        article = prepare(label.title, label.text)
        found = find(topic, article)
        yield Case(label=label, match=verdict(topic, article, found), found=found)


# ----------------------------------------------------------------------------------------------- figures
Item = tuple[Grade, bool, float]
"""Grade, whether it is flagged, score."""


def items(judged: Iterable[Case]) -> list[Item]:
    return [(case.label.grade, case.match.matched, case.match.score) for case in judged]


def figures(judged: Sequence[Item]) -> Figures:
    """Precision, recall, F1 and average precision."""
    count = {(grade, flagged): 0 for grade in Grade for flagged in (True, False)}
    for grade, flagged, _ in judged:
        count[grade, flagged] += 1
    hits, false, missed = count[Grade.YES, True], count[Grade.NO, True], count[Grade.YES, False]
    partly = count[Grade.PARTLY, True] + count[Grade.PARTLY, False]
    return Figures(
        positives=hits + missed,
        negatives=false + count[Grade.NO, False],
        flagged=hits + false,
        precision=_share(hits, hits + false),
        recall=_share(hits, hits + missed),
        f1=_share(2 * hits, 2 * hits + false + missed) if hits + missed else None,
        ap=_average_precision(_ranked([each for each in judged if each[0] != Grade.PARTLY])),
        partly=partly,
        partly_flagged=_share(count[Grade.PARTLY, True], partly),
    )


def intervals(judged: Sequence[Item], *, seed: int = SEED) -> dict[str, tuple[float, float] | None]:
    """For each measure, between what values it lies in 95 of 100 draws of as many texts (bootstrap: with replacement, percentiles).

    None where most draws cannot say. They tell how much a figure owes to which texts were labelled, not whether their labels are right.
    """
    ranked = _ranked([each for each in judged if each[0] != Grade.PARTLY])
    size = sum(len(rank) for rank in ranked)
    if not size:
        return dict.fromkeys(MEASURES)
    seen: dict[str, list[float]] = {name: [] for name in MEASURES}
    numbers = _numbers(seed)
    rounds = max(100, min(_RESAMPLES, _MOST_DRAWS // size))
    for _ in range(rounds):
        times = [0] * size
        for _ in range(size):
            times[next(numbers) * size >> 64] += 1
        for name, value in _resampled(ranked, times).items():
            if value is not None:
                seen[name].append(value)
    return {name: _inner(values) if len(values) >= rounds * _LEAST_DEFINED else None for name, values in seen.items()}


def chance_of_better(before: Sequence[Item], after: Sequence[Item], *, seed: int = SEED) -> float:
    """In what share of draws (as of `intervals`) F1 and average precision together are better after than before. The two are about the same labels, in order."""
    counted = [(one, other) for one, other in zip(before, after, strict=True) if one[0] != Grade.PARTLY]
    size = len(counted)
    if not size:
        return 0.0
    numbers = _numbers(seed)
    better = 0
    for _ in range(_COMPARISONS):
        drawn = [counted[next(numbers) * size >> 64] for _ in range(size)]
        one, other = (figures([pair[side] for pair in drawn]) for side in (0, 1))
        better += (other.f1 or 0.0) + (other.ap or 0.0) > (one.f1 or 0.0) + (one.ap or 0.0)
    return better / _COMPARISONS


def by_language(judged: Sequence[Case]) -> dict[str, Figures]:
    """The figures of each language, that with most labels first; "" where the label names none."""
    groups: dict[str, list[Case]] = {}
    for case in judged:
        groups.setdefault(case.label.language.partition("-")[0].lower(), []).append(case)
    return {language: figures(items(group)) for language, group in sorted(groups.items(), key=lambda each: (-len(each[1]), each[0]))}


def below(found: Figures, floors: Mapping[str, float]) -> list[str]:
    """The floors that are not reached, in words; a figure that nobody knows reaches none."""
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    return [
        f"{name} {'is unknown' if values[name] is None else f'{values[name]:.3f}'}, below {floor:g}"
        for name, floor in floors.items()
        if values[name] is None or values[name] < floor
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ranked(judged: Sequence[Item]) -> list[list[tuple[bool, bool]]]:
    """(belongs, flagged) of the texts, those of one score together, from the highest score down."""
    ranks: dict[float, list[tuple[bool, bool]]] = {}
    for grade, flagged, score in judged:
        ranks.setdefault(score, []).append((grade == Grade.YES, flagged))
    return [ranks[score] for score in sorted(ranks, reverse=True)]


def _average_precision(ranked: Sequence[Sequence[tuple[bool, bool]]]) -> float | None:
    return _resampled(ranked, [1] * sum(len(rank) for rank in ranked))["ap"]


def _resampled(ranked: Sequence[Sequence[tuple[bool, bool]]], times: Sequence[int]) -> dict[str, float | None]:
    """The measures where each text counts so many times."""
    hits = false = missed = at = seen = found = 0
    area = 0.0
    for rank in ranked:
        new = 0
        for belongs, flagged in rank:
            count = times[at]
            at += 1
            seen += count
            if belongs:
                new += count
                if flagged:
                    hits += count
                else:
                    missed += count
            elif flagged:
                false += count
        found += new
        if new:
            area += new * found / seen
    return {
        "precision": _share(hits, hits + false),
        "recall": _share(hits, hits + missed),
        "f1": _share(2 * hits, 2 * hits + false + missed) if hits + missed else None,
        "ap": area / found if found else None,
    }


def _inner(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    outside = (1 - _INNER) / 2 * (len(ordered) - 1)
    return ordered[math.floor(outside)], ordered[math.ceil(len(ordered) - 1 - outside)]


# ------------------------------------------------------------------------------------ folds and draws
def folds(labels: Sequence[Label], count: int, *, seed: int = SEED) -> list[list[int]]:
    """The places of the labels in so many parts of equal size, each with its share of every grade; the same for the same seed.

    Texts with the same headline fall into one part: a copy must not be asked about what its twin has taught.
    """
    together: dict[tuple[Grade, str], list[int]] = {}
    for place, label in enumerate(labels):
        together.setdefault((label.grade, " ".join(label.title.casefold().split()) or label.id), []).append(place)
    parts: list[list[int]] = [[] for _ in range(count)]
    for grade in Grade:
        order = sorted((key for key in together if key[0] == grade), key=lambda key: _order(seed, key[1]))
        held = [0] * count
        for key in order:
            smallest = min(range(count), key=lambda part: (held[part], len(parts[part])))
            parts[smallest] += together[key]
            held[smallest] += len(together[key])
    return [sorted(part) for part in parts]


def shuffled(places: Iterable[int], seed: int) -> list[int]:
    """The numbers in an order that the seed decides."""
    return sorted(places, key=lambda place: _order(seed, str(place)))


def _order(seed: int, word: str) -> bytes:
    return hashlib.sha256(f"{seed}:{word}".encode()).digest()


def _numbers(seed: int) -> Iterator[int]:
    """Numbers of 64 bits without a pattern, the same for the same seed: SplitMix64 (Steele, Lea, Flood 2014)."""
    everything = (1 << 64) - 1
    state = seed & everything
    while True:
        state = (state + 0x9E3779B97F4A7C15) & everything
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & everything
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & everything
        yield mixed ^ (mixed >> 31)


# ---------------------------------------------------------------------------------------------- mistakes
def missed(topic: CompiledTopic, judged: Iterable[Case]) -> list[Mistake]:
    """What belongs and is not flagged, the nearest to it first, each with the first condition that failed."""
    found = [case for case in judged if case.label.grade == Grade.YES and not case.match.matched]
    return [_mistake(topic, case) for case in sorted(found, key=lambda case: (-case.match.score, case.label.id))]


def false_alarms(topic: CompiledTopic, judged: Iterable[Case]) -> list[Mistake]:
    """What does not belong and is flagged, the surest first, each with the words that spoke for it."""
    found = [case for case in judged if case.label.grade == Grade.NO and case.match.matched]
    return [_mistake(topic, case) for case in sorted(found, key=lambda case: (-case.match.score, case.label.id))]


def _mistake(topic: CompiledTopic, case: Case) -> Mistake:
    explanation = explain(topic, title=case.label.title, text=case.label.text)
    way = explanation.ways[0] if explanation.ways else ""
    if case.match.matched:
        above = explanation.points - log_odds(topic.digest_at)
        return Mistake(case=case, why=heard(explanation), way=f"{above:.2f} points above digest_at")
    if case.match.reason == "no-terms":
        return Mistake(case=case, why="none of its terms occurs", way="")
    if case.match.reason == "rule-not-met":
        return Mistake(case=case, why=explanation.failures[0], way=way)
    return Mistake(case=case, why=f"too few points; {heard(explanation)}", way=way)


def heard(explanation: Explanation) -> str:
    """What spoke, the strongest first, groups with their words: "ukraine +4.0 (Kyiv, Ukrainian), ukraine beside nato +1.2"."""
    parts = [(group.points, f"{group.name} {group.points:+.1f} ({', '.join(_words(group))})") for group in explanation.groups if group.points]
    parts += [(pair.points, f"{pair.left} beside {pair.right} {pair.points:+.1f}") for pair in explanation.pairs if pair.points]
    strongest = [words for points, words in sorted(parts, key=lambda part: -abs(part[0])) if abs(points) >= _LEAST_NAMED][:_PARTS_NAMED]
    return ", ".join(strongest).replace(" -", " \N{MINUS SIGN}") or "hardly anything was heard"


def _words(group: GroupShare) -> list[str]:
    return list(dict.fromkeys(mark.found for mark in group.marks))[:_WORDS_NAMED]
