"""Does an article belong to a topic, how strongly, and which words say so."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from monitor.matcher.query import And, CompiledTopic, Name, Near, Not, Or, Rule
from monitor.matcher.terms import Hit, Reading
from monitor.model import Evidence, Match

# A group is convinced by its first hits: n hits give the share 1 - 0.7^n of its weight, so the first gives 0.3.
# A hit in the title counts as four in the text. With nothing but the groups of the rule's lightest way, a passing
# mention of each gives 0.5, three mentions of each 0.78, a headline with each 0.83 (tests/matcher/test_match.py).
_DOUBT_LEFT = 0.7
_TITLE_HITS = 4

_UNMET = 0.5  # what is left of the score where the rule does not hold

_EVIDENCE_KEPT = 5  # per group and field; later hits add next to nothing to the points
_READ_CHARACTERS = 200_000  # of a text; what lies behind is no article


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article folded and cut into words, ready for any number of topics."""

    title: Reading
    text: Reading


@dataclass(slots=True)
class Found:
    """The hits of one group, none inside another.

    words: first and last word of each hit; the words of the title and the text are numbered as one run.
    """

    title: list[Hit] = field(default_factory=list)
    text: list[Hit] = field(default_factory=list)
    words: list[tuple[int, int]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """How convinced the group is, 0…1."""
        return _share(_TITLE_HITS * len(self.title) + len(self.text))


def match(topic: CompiledTopic, *, title: str, text: str, lang: str = "") -> Match:
    """The topic's verdict on an article, with the words that led to it.

    lang: makes no difference, since groups hold the words of all languages and a text may mix them.
    The offsets of the evidence count code points in the title or text as given.
    """
    del lang  # part of the promise to scripts (CONTRACT, Python)
    return judge(topic, prepare(title, text))


def prepare(title: str, text: str) -> Prepared:
    """An article made ready once, for `judge` with each topic."""
    return Prepared(Reading(title), Reading(text[:_READ_CHARACTERS]))


def judge(topic: CompiledTopic, article: Prepared) -> Match:
    """What `match` gives, for an article that is prepared.

    Where the rule does not hold the score is halved, so that a list sorted by it has the matches on top.
    """
    found = find(topic, article)
    holds = bool(found) and rule_holds(topic.rule, found)
    points = sum(topic.groups[name].weight * hits.share for name, hits in found.items())
    score = round(_squashed(points / topic.par) * (1.0 if holds else _UNMET), 4)
    matched = holds and score >= topic.digest_at
    if not found:
        reason = "no-terms"
    elif not holds:
        reason = "rule-not-met"
    else:
        reason = "matched" if matched else "below-threshold"
    return Match(
        topic=topic.id,
        topic_version=topic.version,
        score=score,
        rule_holds=holds,
        matched=matched,
        alert=matched and score >= topic.alert_at,
        reason=reason,
        evidence=tuple(_evidence(topic, article, found)),
    )


def says_anything(topic: CompiledTopic, article: Prepared) -> bool:
    """Does any term of the topic occur: where none does, `judge` has no evidence, and the article is nobody's story."""
    return any(True for reading in (article.title, article.text) for _ in topic.lexicon.hits(reading))


def mentions(topic: CompiledTopic, text: str) -> bool:
    """Does any term of a group with a weight above zero occur: is the whole article worth reading?"""
    return any(topic.groups[hit.term.group].weight > 0 for hit in topic.lexicon.hits(Reading(text)))


def score_json(found: Match, article_id: str) -> dict[str, object]:
    """One line of `topics score --batch`."""
    evidence = [
        {"group": each.group, "term": each.term, "field": each.field, "start": each.start, "stop": each.stop, "points": each.points} for each in found.evidence
    ]
    return {"id": article_id, "score": found.score, "matched": found.matched, "alert": found.alert, "evidence": evidence}


def find(topic: CompiledTopic, article: Prepared) -> dict[str, Found]:
    """The groups that are hit, in the order of the topic."""
    hits: dict[str, Found] = {name: Found() for name in topic.groups}
    offset = len(article.title.words)
    for name, kept in _separate(topic.lexicon.hits(article.title)):
        hits[name].title.append(kept)
        hits[name].words.append((kept.first, kept.last))
    for name, kept in _separate(topic.lexicon.hits(article.text)):
        hits[name].text.append(kept)
        hits[name].words.append((kept.first + offset, kept.last + offset))
    return {name: group for name, group in hits.items() if group.words}


def rule_holds(rule: Rule, found: Mapping[str, Found]) -> bool:
    """Whether a rule, or a part of one, holds for the groups that were hit."""
    match rule:
        case Name():
            return rule.group in found
        case Near():
            return rule.left in found and rule.right in found and _are_near(found[rule.left].words, found[rule.right].words, rule.words)
        case Not():
            return not rule_holds(rule.part, found)
        case And():
            return all(rule_holds(part, found) for part in rule.parts)
        case Or():
            return any(rule_holds(part, found) for part in rule.parts)
        case _:
            assert_never(rule)


def _separate(hits: Iterator[Hit]) -> Iterator[tuple[str, Hit]]:
    """Each group's hits from left to right, without those that lie in one already taken: "ukraine war" is not "ukraine" again."""
    reached: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.first, -hit.last)):
        if hit.last > reached.get(hit.term.group, -1):
            reached[hit.term.group] = hit.last
            yield hit.term.group, hit


def _are_near(left: list[tuple[int, int]], right: list[tuple[int, int]], distance: int) -> bool:
    """Whether any two spans lie at most so many words apart; both lists run from left to right."""
    here, there = 0, 0
    while here < len(left) and there < len(right):
        if left[here][0] - right[there][1] > distance:
            there += 1
        elif right[there][0] - left[here][1] > distance:
            here += 1
        else:
            return True
    return False


def _share(hits: int) -> float:
    return 1.0 - _DOUBT_LEFT**hits


def _squashed(ratio: float) -> float:
    """0…1 from the points per par: one hit in each group of the rule's lightest way gives one half."""
    return 1.0 - math.exp2(-max(ratio, 0.0) / _share(1))


def _evidence(topic: CompiledTopic, article: Prepared, found: Mapping[str, Found]) -> Iterator[Evidence]:
    """The first hits of each group, the title's before the text's; points are what each added when it came."""
    kept = []
    for name, group in found.items():
        weight = topic.groups[name].weight
        steps = [(hit, "title", article.title, _TITLE_HITS) for hit in group.title] + [(hit, "text", article.text, 1) for hit in group.text]
        counted = 0
        room = {"title": _EVIDENCE_KEPT, "text": _EVIDENCE_KEPT}
        for hit, where, reading, hits in steps:
            before, counted = counted, counted + hits
            if room[where]:
                room[where] -= 1
                start, stop = reading.place(hit)
                points = round(weight * (_share(counted) - _share(before)), 4)
                kept.append(Evidence(group=name, term=hit.term.written, field=where, start=start, stop=stop, points=points))
    yield from sorted(kept, key=lambda evidence: (evidence.field != "title", evidence.start, evidence.stop))
