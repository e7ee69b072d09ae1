"""What a changed topic would have done: the old rules and the new over stored articles, in one pass.

A text is folded and cut into words once, the terms that both versions have are looked up once, and nothing is written down of
articles that neither flags; reasons are worked out only for the changes that are shown.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from monitor.matcher.explain import Explanation, explain
from monitor.matcher.match import Prepared, find, prepare
from monitor.matcher.query import CompiledTopic
from monitor.matcher.rule import rule_holds
from monitor.matcher.score import Found, feature_names, features, points, score
from monitor.matcher.terms import Lexicon

_MOVES_NAMED = 3
_WORDS_NAMED = 4
_LEAST_MOVE = 0.05  # points; less is not named


class Piece(Protocol):
    """A stored article, as the store gives it."""

    @property
    def id(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def outlet(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one version of a topic says of an article."""

    score: float = 0.0
    matched: bool = False
    alert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An article of which the two say something else. why: what made the difference, in words."""

    url: str
    outlet: str
    language: str
    title: str
    at: datetime
    before: Verdict
    after: Verdict
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many articles were flagged, and how many of them told at once."""

    flagged: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """gained, lost: how many; their lists, the surest first, hold so many as were asked for.

    louder, quieter: flagged by both, and told at once only by the new or only by the old.
    by_day: each of the last days, with what either flags of what came out then; earlier: of what came out before them, such as the backfill of a new feed.
    without_text: articles of which retention has left the headline only.
    """

    articles: int
    without_text: int
    before: Tally
    after: Tally
    gained: int
    lost: int
    louder: int
    quieter: int
    gained_list: tuple[Change, ...]
    lost_list: tuple[Change, ...]
    louder_list: tuple[Change, ...]
    quieter_list: tuple[Change, ...]
    by_day: Mapping[str, tuple[int, int]]
    earlier: tuple[int, int]


class Pair:
    """Two versions of a topic that are judged together. old: None where the topic is new."""

    def __init__(self, old: CompiledTopic | None, new: CompiledTopic):
        self.old, self.new = old, new
        if old is None or old.lexicon.look_alikes != new.lexicon.look_alikes:
            self._shared: frozenset[str] = frozenset()
        else:
            self._shared = frozenset(name for name, group in new.groups.items() if name in old.groups and set(old.groups[name].terms) == set(group.terms))
        self._changed = _only(new, new.groups.keys() - self._shared) if len(self._shared) < len(new.groups) else None
        self._features_are_shared = old is not None and self._changed is None and _asks_the_same(old, new)

    def judge(self, article: Prepared) -> tuple[Verdict, Verdict]:
        """What the old says, and the new; a score that is not to be flagged because of the rule is given as 0."""
        before = find(self.old, article) if self.old else {}
        after: Mapping[str, Found] = before
        if self._changed:
            anew = find(self._changed, article)
            after = {name: each for name in self.new.groups if (each := before.get(name) if name in self._shared else anew.get(name))}
        elif self.old and len(self.new.groups) < len(self.old.groups):
            after = {name: before[name] for name in self.new.groups if name in before}
        old_holds = self.old is not None and bool(before) and rule_holds(self.old.rule, before)
        new_holds = bool(after) and rule_holds(self.new.rule, after)
        if not (old_holds or new_holds):
            return _NOTHING, _NOTHING
        values = features(self.old, before) if self.old and old_holds else None
        old = _verdict(self.old, values) if self.old and values else _NOTHING
        if not new_holds:
            return old, _NOTHING
        return old, _verdict(self.new, values if values and self._features_are_shared else features(self.new, after))


def _asks_the_same(old: CompiledTopic, new: CompiledTopic) -> bool:
    """Whether the features of the two are the same, whatever they weigh."""
    return old.places == new.places and feature_names(old) == feature_names(new)


_NOTHING = Verdict()


def compare(old: CompiledTopic | None, new: CompiledTopic, articles: Iterable[Piece], *, zone: tzinfo, show: int, most_days: int = 62) -> Comparison:
    """Judge articles by both, one after the other, at constant memory.

    zone: where a day begins. show: how many of each list are kept, with their reasons. most_days: that are counted apart, up to the last one.
    """
    pair = Pair(old, new)
    kinds = {kind: _Kept(show) for kind in ("gained", "lost", "louder", "quieter")}
    flagged: Counter[str] = Counter()
    days: dict[str, list[int]] = {}
    count = without_text = 0
    for article in articles:
        count += 1
        without_text += not article.text
        before, after = pair.judge(prepare(article.title, article.text))
        day = days.setdefault(article.at.astimezone(zone).date().isoformat(), [0, 0])
        if not (before.matched or after.matched):
            continue
        day[0] += before.matched
        day[1] += after.matched
        flagged.update(before=before.matched, after=after.matched, before_alert=before.alert, after_alert=after.alert)
        if before.matched != after.matched:
            kind, weight = ("gained", after.score) if after.matched else ("lost", before.score)
            kinds[kind].add(weight, article, before, after)
        elif before.alert != after.alert:
            kinds["louder" if after.alert else "quieter"].add(max(before.score, after.score), article, before, after)
    lists = {kind: tuple(kept.changes(pair)) for kind, kept in kinds.items()}
    shown = _last_days(days, most_days)
    earlier = [each for day, each in days.items() if day < shown[0]] if shown else []
    return Comparison(
        articles=count,
        without_text=without_text,
        before=Tally(flagged=flagged["before"], alerts=flagged["before_alert"]),
        after=Tally(flagged=flagged["after"], alerts=flagged["after_alert"]),
        gained=kinds["gained"].count,
        lost=kinds["lost"].count,
        louder=kinds["louder"].count,
        quieter=kinds["quieter"].count,
        gained_list=lists["gained"],
        lost_list=lists["lost"],
        louder_list=lists["louder"],
        quieter_list=lists["quieter"],
        by_day={day: (days[day][0], days[day][1]) if day in days else (0, 0) for day in shown},
        earlier=(sum(before for before, _ in earlier), sum(after for _, after in earlier)),
    )


class _Kept:
    """The surest of many changes, and how many there were."""

    def __init__(self, room: int):
        self.count, self._room = 0, room
        self._heap: list[tuple[float, int, Piece, Verdict, Verdict]] = []

    def add(self, weight: float, article: Piece, before: Verdict, after: Verdict) -> None:
        self.count += 1
        entry = (weight, -self.count, article, before, after)  # of equals the first
        if len(self._heap) < self._room:
            heapq.heappush(self._heap, entry)
        elif self._room:
            heapq.heappushpop(self._heap, entry)

    def changes(self, pair: Pair) -> Iterator[Change]:
        for _, _, article, before, after in sorted(self._heap, key=lambda entry: (-entry[0], -entry[1])):
            old = explain(pair.old, title=article.title, text=article.text) if pair.old else None
            new = explain(pair.new, title=article.title, text=article.text)
            yield Change(
                url=article.url,
                outlet=article.outlet,
                language=article.language,
                title=article.title,
                at=article.at,
                before=Verdict(old.match.score, before.matched, before.alert) if old else before,
                after=Verdict(new.match.score, after.matched, after.alert),
                why=why_changed(old, new),
            )


def _last_days(days: Iterable[str], most: int) -> list[str]:
    """Every day from the first to the last, at most so many."""
    known = sorted(days)
    if not known:
        return []
    first, last = datetime.fromisoformat(known[0]), datetime.fromisoformat(known[-1])
    return [(last - timedelta(days=number)).date().isoformat() for number in range(min((last - first).days + 1, most))][::-1]


# ------------------------------------------------------------------------------------------- judging
def _only(topic: CompiledTopic, names: AbstractSet[str]) -> CompiledTopic:
    """The topic with these groups alone, for looking at words; its rule is not to be asked."""
    lexicon = Lexicon((term for term in topic.lexicon.terms if term.group in names), look_alikes=topic.lexicon.look_alikes)
    return replace(topic, groups={name: group for name, group in topic.groups.items() if name in names}, lexicon=lexicon)


def _verdict(topic: CompiledTopic, values: Mapping[str, float]) -> Verdict:
    """As `match.verdict` where the rule holds, without the evidence. values: from `features`."""
    total = score(topic, points(topic, values), rule_holds=True)
    matched = total >= topic.digest_at
    return Verdict(total, matched, matched and total >= topic.alert_at)


# --------------------------------------------------------------------------------------------- reasons
def why_changed(old: Explanation | None, new: Explanation) -> str:
    """What made the difference between two verdicts, first things first."""
    if old is None:
        return f"the rule holds: {new.match.branch}"
    said = []
    if new.match.rule_holds and not old.match.rule_holds:
        said.append(f"the rule holds now: {new.match.branch}")
    elif old.match.rule_holds and not new.match.rule_holds:
        said.append(new.failures[0] if new.failures else "the rule does not hold any more")
    said += _words(old, new)
    if old.match.rule_holds == new.match.rule_holds:
        said += _moves(old, new)
        for name in ("digest_at", "alert_at"):
            if getattr(old, name) != getattr(new, name):
                said.append(f"{name} {getattr(old, name):g} → {getattr(new, name):g}")
    return "; ".join(said)


def _words(old: Explanation, new: Explanation) -> Iterator[str]:
    """Which words are heard by one of the two only."""
    heard = [{(group.name, mark.found) for group in explanation.groups for mark in group.marks} for explanation in (old, new)]
    for label, words in (("newly heard", heard[1] - heard[0]), ("no longer heard", heard[0] - heard[1])):
        if words:
            named = [f"“{word}” ({group})" for group, word in sorted(words)]
            yield f"{label}: {', '.join(named[:_WORDS_NAMED])}" + (" …" if len(named) > _WORDS_NAMED else "")


def _moves(old: Explanation, new: Explanation) -> Iterator[str]:
    """The parts of the sum that differ most."""
    parts: list[dict[str, float]] = [
        {"bias": each.bias} | {group.name: group.points for group in each.groups} | {f"{pair.left} beside {pair.right}": pair.points for pair in each.pairs}
        for each in (old, new)
    ]
    moves = {name: parts[1].get(name, 0.0) - parts[0].get(name, 0.0) for name in {**parts[0], **parts[1]}}
    largest = sorted((name for name, move in moves.items() if abs(move) >= _LEAST_MOVE), key=lambda name: -abs(moves[name]))[:_MOVES_NAMED]
    if largest:
        yield "points " + ", ".join(f"{name} {parts[0].get(name, 0.0):+.1f} → {parts[1].get(name, 0.0):+.1f}" for name in largest).replace(
            "-", "\N{MINUS SIGN}"
        )
