"""Does an article belong to a topic, how strongly, and which words say so."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from monitor.matcher.query import CompiledTopic
from monitor.matcher.rule import branch, is_within_reach, rule_holds
from monitor.matcher.score import Found, features, points, score, shares
from monitor.matcher.terms import Hit, Lexicon, Reading
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
    return verdict(topic, article, find(topic, article))


class Topics:
    """Topics that are judged together: a text's words are looked up once for all of them."""

    def __init__(self, topics: Iterable[CompiledTopic]):
        self._topics = tuple(topics)
        together = [[topic.lexicon for topic in self._topics if topic.lexicon.look_alikes is look_alikes] for look_alikes in (False, True)]
        self._lexicons = [
            lexicons[0] if len(lexicons) == 1 else Lexicon((term for each in lexicons for term in each.terms), look_alikes=lexicons[0].look_alikes)
            for lexicons in together
            if lexicons
        ]
        self._by_id = {topic.id: topic for topic in self._topics}
        self._speaking = {topic.id: _speaking(topic) for topic in self._topics}

    def __iter__(self) -> Iterator[CompiledTopic]:
        return iter(self._topics)

    def judge(self, article: Prepared) -> tuple[Match, ...]:
        """What each topic says of an article, in their order."""
        found = _found(self._lexicons, article)
        return tuple(verdict(topic, article, _in_order(topic, found)) for topic in self._topics)

    def speak_for(self, match: Match) -> bool:
        """Is an article matched, or could it nearly be by what it names; else it is nobody's story."""
        return match.matched or self._nearly(match.topic, {each.group for each in match.evidence})

    def mentions(self, article: Prepared) -> bool:
        """Could some topic's rule hold if no more than one group more were named: is the article worth reading, and worth judging?

        Of what is named something must weigh more than nothing. Groups that only add points do not count: they may hold everyday words.
        """
        named: dict[str, set[str]] = {}
        for topic, group in _found(self._lexicons, article):
            named.setdefault(topic, set()).add(group)
        return any(self._nearly(topic, groups) for topic, groups in named.items())

    def _nearly(self, topic_id: str, named: Collection[str]) -> bool:
        topic = self._by_id[topic_id]
        return bool(named) and is_within_reach(topic.rule, named, speaking=self._speaking[topic_id])


def _speaking(topic: CompiledTopic) -> Collection[str]:
    return {name for name, group in topic.groups.items() if group.weight > 0} or topic.groups.keys()


def verdict(topic: CompiledTopic, article: Prepared, found: Mapping[str, Found]) -> Match:
    """What a topic says of an article in which this was found."""
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
        branch=branch(topic.rule, found) if holds else "",
        evidence=tuple(_evidence(topic, article, found)),
    )


def score_json(found: Match, article_id: str) -> dict[str, object]:
    """One line of `topics score --batch`."""
    evidence = [
        {"group": each.group, "term": each.term, "field": each.field, "start": each.start, "stop": each.stop, "points": each.points} for each in found.evidence
    ]
    return {"id": article_id, "score": found.score, "matched": found.matched, "alert": found.alert, "evidence": evidence}


def find(topic: CompiledTopic, article: Prepared) -> dict[str, Found]:
    """The groups that are hit, in the order of the topic."""
    return _in_order(topic, _found([topic.lexicon], article))


def _in_order(topic: CompiledTopic, found: Mapping[tuple[str, str], Found]) -> dict[str, Found]:
    return {name: found[topic.id, name] for name in topic.groups if (topic.id, name) in found}


def _found(lexicons: Iterable[Lexicon], article: Prepared) -> dict[tuple[str, str], Found]:
    """All that is hit, by topic and group."""
    found: dict[tuple[str, str], Found] = {}
    for reading in (article.title, article.text):
        hits: dict[tuple[str, str], list[Hit]] = {}
        for lexicon in lexicons:
            for hit in lexicon.hits(reading):
                hits.setdefault((hit.term.topic, hit.term.group), []).append(hit)
        offset = -len(reading.words) if hits and reading is article.title else 0
        for owner, mine in hits.items():
            group = found.setdefault(owner, Found())
            (group.text if reading is article.text else group.title).extend(_side_by_side(mine))
            group.words.extend((hit.first + offset, hit.last + offset) for hit in mine)
    return found


def _side_by_side(hits: list[Hit]) -> Iterator[Hit]:
    """As many hits as can stand without sharing a word, from left to right; of those that end together the longest.

    So a phrase and a word in it count once, and a term more in a group never makes fewer hits.
    """
    reached = -1
    for hit in sorted(hits, key=attrgetter("last", "first")):
        if hit.first > reached:
            reached = hit.last
            yield hit


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
