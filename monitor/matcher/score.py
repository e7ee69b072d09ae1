"""The score: what was found, as points that add up to log-odds.

    points = bias + Σ weight × presence of a group + Σ weight × nearness of a pair
    score  = 1 / (1 + e^-points)          0 points are an even chance, +2 are 0.88, -2 are 0.12

The presence of a group: its hits, the best first, each worth what its place is worth (title, lead or body), and each
`again` times what it would be worth as the one before. So a group can be heard once or often, but not shouted.
The nearness of a pair: 1 for neighbours, falling evenly to 0 at more than `words` apart; down in the body it counts as
much less as a hit does there, so one sentence at the end of a long page does not speak like a headline.

Everything is a dot product over `features`, so weights can be fitted by logistic regression, and no weight and no hit
above zero ever lowers a score. All numbers come from config.toml.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.matcher.terms import Hit

if TYPE_CHECKING:
    from monitor.matcher.query import CompiledTopic

_DIGITS = 4
_STEPS = 10_000
_ALL_BUT_SURE = 0.99995
_MOST_POINTS = 30.0  # the score is 1 to thirteen digits there


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What one hit is worth by its place, against the group's weight.

    again: of each further hit, against the one before, 0…1. lead_words: how many words of the text are its lead.
    """

    title: float = 2.0
    lead: float = 1.0
    body: float = 0.5
    again: float = 0.6
    lead_words: int = 120

    @property
    def far_down(self) -> float:
        """What nearness in the body is worth against nearness in the lead."""
        return min(1.0, self.body / self.lead) if self.lead else 1.0

    def worth(self, hit: Hit, *, in_title: bool) -> float:
        if in_title:
            return self.title
        return self.lead if hit.last < self.lead_words else self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two groups that speak for an article when they stand near each other: at most so many words apart."""

    left: str
    right: str
    words: int = 35
    weight: float = 1.0

    def __str__(self) -> str:
        return f"{self.left} NEAR/{self.words} {self.right}"


@dataclass(slots=True)
class Found:
    """The hits of one group.

    title, text: as many as stand side by side, from left to right. words: first and last word of every hit,
    also of those that lie in another; the words of title and text are numbered as one run in which the text begins with 0,
    so the title's numbers are below it.
    """

    title: list[Hit] = field(default_factory=list)
    text: list[Hit] = field(default_factory=list)
    words: list[tuple[int, int]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.title) + len(self.text)


def feature_names(topic: "CompiledTopic") -> tuple[str, ...]:
    """The features of a topic, in order: each group by its name, then each pair as "ukraine NEAR/35 nato"."""
    return (*topic.groups, *map(str, topic.near))


def weights(topic: "CompiledTopic") -> dict[str, float]:
    """The weight of each feature, as config.toml says."""
    return {name: group.weight for name, group in topic.groups.items()} | {str(pair): pair.weight for pair in topic.near}


def features(topic: "CompiledTopic", found: Mapping[str, Found]) -> dict[str, float]:
    """The value of each feature: how present each group is, and how near each pair.

    found: what `match.find` gives for an article. Depends on `topic.places`, and on no weight.
    """
    values = dict.fromkeys(feature_names(topic), 0.0)
    for name, group in found.items():
        values[name] = sum(share for _, _, share in shares(topic.places, group))
    for pair in topic.near:
        if pair.left in found and pair.right in found:
            values[str(pair)] = nearness(topic.places, pair, found)
    return values


def points(topic: "CompiledTopic", values: Mapping[str, float]) -> float:
    """The log-odds: the bias, and the features by their weights. values: from `features`."""
    return topic.bias + sum(weight * values[name] for name, weight in weights(topic).items())


def score(topic: "CompiledTopic", total: float, *, rule_holds: bool) -> float:
    """0…1, in four digits. Where the rule does not hold it is shrunk to below digest_at, and keeps its order there.

    A list sorted by score so has what the rule lets pass above what is as weak, and no score contradicts the verdict.
    """
    if rule_holds:
        return round(logistic(total), _DIGITS)
    return math.floor(logistic(total) * topic.digest_at * _STEPS) / _STEPS


def logistic(points: float) -> float:
    """The chance that has these log-odds; beyond 30 points on either side it stays as it is."""
    return 1.0 / (1.0 + math.exp(-max(-_MOST_POINTS, min(points, _MOST_POINTS))))


def log_odds(chance: float) -> float:
    """The points that give this score; for 1 those that round to it."""
    if chance <= 0:
        return -math.inf
    return math.log(min(chance, _ALL_BUT_SURE) / (1 - min(chance, _ALL_BUT_SURE)))


def shares(places: Places, group: Found) -> Iterator[tuple[Hit, str, float]]:
    """Each hit with its field and what it adds to the group's presence, the best first."""
    hits = [(places.worth(hit, in_title=True), hit, "title") for hit in group.title]
    hits += [(places.worth(hit, in_title=False), hit, "text") for hit in group.text]
    left = 1.0
    for worth, hit, where in sorted(hits, key=lambda each: -each[0]):
        yield hit, where, worth * left
        left *= places.again


def nearness(places: Places, pair: Pair, found: Mapping[str, Found]) -> float:
    """1 for neighbours, falling evenly to 0 where no two hits are within so many words; less where they are near in the body only."""
    return max(_near_early_and_anywhere(places, pair, found))


def words_apart(places: Places, pair: Pair, found: Mapping[str, Found]) -> tuple[int | None, bool]:
    """How far apart the hits stand that the nearness counts, and whether both stand in the title or the lead; None where one is missing."""
    if pair.left not in found or pair.right not in found:
        return None, False
    early, anywhere = _near_early_and_anywhere(places, pair, found)
    if early and early >= anywhere:
        return distance(_early(places, found[pair.left]), _early(places, found[pair.right])), True
    return distance(found[pair.left], found[pair.right]), False


def _near_early_and_anywhere(places: Places, pair: Pair, found: Mapping[str, Found]) -> tuple[float, float]:
    left, right = found[pair.left], found[pair.right]
    early = _closeness(distance(_early(places, left), _early(places, right)), pair.words)
    return early, 0.0 if early == 1.0 else places.far_down * _closeness(distance(left, right), pair.words)


def _closeness(apart: int | None, words: int) -> float:
    return 0.0 if apart is None or apart > words else 1.0 - (apart - 1) / words


def _early(places: Places, group: Found) -> Found:
    """What of a group begins in the title or the lead."""
    return Found(words=[span for span in group.words if span[0] < places.lead_words])


def distance(left: Found, right: Found) -> int | None:
    """How many words apart the nearest two hits stand, 1 for neighbours and for hits that share a word; None where one is missing."""
    ends: dict[bool, int] = {}
    nearest = None
    for first, last, is_left in sorted([(*span, True) for span in left.words] + [(*span, False) for span in right.words]):
        if (not is_left) in ends:
            apart = max(1, first - ends[not is_left])
            nearest = apart if nearest is None else min(nearest, apart)
        ends[is_left] = max(last, ends.get(is_left, last))
    return nearest
