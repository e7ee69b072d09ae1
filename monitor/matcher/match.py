"""Does an article belong to a topic, how strongly, and which words say so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never

from monitor.matcher.query import And, CompiledTopic, Name, Near, Not, Or, Rule
from monitor.matcher.score import Found, distance, features, points, score, shares
from monitor.matcher.terms import Hit, Reading
from monitor.model import Evidence, Match

_EVIDENCE_KEPT = 5  # per group and field; later hits add next to nothing to the points
_READ_CHARACTERS = 200_000  # of a text; what lies behind is no article


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article folded and cut into words, ready for any number of topics."""

    title: Reading
    text: Reading


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
    """What `match` gives, for an article that is prepared."""
    found = find(topic, article)
    holds = bool(found) and rule_holds(topic.rule, found)
    total = score(topic, points(topic, features(topic, found)), rule_holds=holds) if found else 0.0
    matched = holds and total >= topic.digest_at
    if not found:
        reason = "no-terms"
    elif not holds:
        reason = "rule-not-met"
    else:
        reason = "matched" if matched else "below-threshold"
    return Match(
        topic=topic.id,
        topic_version=topic.version,
        score=total,
        rule_holds=holds,
        matched=matched,
        alert=matched and total >= topic.alert_at,
        reason=reason,
        evidence=tuple(_evidence(topic, article, found)),
    )


def mentions(topic: CompiledTopic, article: Prepared) -> bool:
    """Does any term speak for the article: is it worth reading, and worth judging?

    Groups that weigh nothing, or speak against, count only where no group speaks for an article.
    """
    speaking = {name for name, group in topic.groups.items() if group.weight > 0} or set(topic.groups)
    return any(hit.term.group in speaking for reading in (article.title, article.text) for hit in topic.lexicon.hits(reading))


def score_json(found: Match, article_id: str) -> dict[str, object]:
    """One line of `topics score --batch`."""
    evidence = [
        {"group": each.group, "term": each.term, "field": each.field, "start": each.start, "stop": each.stop, "points": each.points} for each in found.evidence
    ]
    return {"id": article_id, "score": found.score, "matched": found.matched, "alert": found.alert, "evidence": evidence}


def find(topic: CompiledTopic, article: Prepared) -> dict[str, Found]:
    """The groups that are hit, in the order of the topic."""
    found: dict[str, Found] = {name: Found() for name in topic.groups}
    for reading, offset in ((article.title, 0), (article.text, len(article.title.words))):
        hits: dict[str, list[Hit]] = {}
        for hit in topic.lexicon.hits(reading):
            hits.setdefault(hit.term.group, []).append(hit)
        for name, mine in hits.items():
            (found[name].text if reading is article.text else found[name].title).extend(_side_by_side(mine))
            found[name].words.extend((hit.first + offset, hit.last + offset) for hit in mine)
    return {name: group for name, group in found.items() if group.words}


def rule_holds(rule: Rule, found: Mapping[str, Found]) -> bool:
    """Whether a rule, or a part of one, holds for the groups that were hit."""
    match rule:
        case Name():
            return rule.group in found
        case Near():
            apart = distance(found[rule.left], found[rule.right]) if rule.left in found and rule.right in found else None
            return apart is not None and apart <= rule.words
        case Not():
            return not rule_holds(rule.part, found)
        case And():
            return all(rule_holds(part, found) for part in rule.parts)
        case Or():
            return any(rule_holds(part, found) for part in rule.parts)
        case _:
            assert_never(rule)


def _side_by_side(hits: list[Hit]) -> Iterator[Hit]:
    """As many hits as can stand without sharing a word, from left to right; of those that end together the longest.

    So a phrase and a word in it count once, and a term more in a group never makes fewer hits.
    """
    reached = -1
    for _, ending in groupby(sorted(hits, key=lambda hit: (hit.last, hit.first)), key=lambda hit: hit.last):
        free = next((hit for hit in ending if hit.first > reached), None)
        if free:
            reached = free.last
            yield free


def _evidence(topic: CompiledTopic, article: Prepared, found: Mapping[str, Found]) -> Iterator[Evidence]:
    """The best hits of each group, the title's before the text's; points are what each added."""
    kept = []
    for name, group in found.items():
        room = {"title": _EVIDENCE_KEPT, "text": _EVIDENCE_KEPT}
        for hit, where, share in shares(topic.places, group):
            if room[where]:
                room[where] -= 1
                start, stop = (article.title if where == "title" else article.text).place(hit)
                added = round(topic.groups[name].weight * share, 4)
                kept.append(Evidence(group=name, term=hit.term.written, field=where, start=start, stop=stop, points=added))
    yield from sorted(kept, key=lambda evidence: (evidence.field != "title", evidence.start, evidence.stop))
