"""Why an article was matched, or was not, in words."""

from collections.abc import Iterator

from monitor.matcher.match import find, prepare
from monitor.matcher.query import And, CompiledTopic, Name, Near, Not, Or, Rule, written
from monitor.matcher.rule import rule_holds
from monitor.matcher.score import Found, features, points
from monitor.model import Evidence, Match
from monitor.text import clean_line, unmixed

_SNIPPET_CHARACTERS = 40  # of context on each side
_SNIPPETS_PER_GROUP = 3


def explain(topic: CompiledTopic, found: Match, title: str, text: str) -> list[str]:
    """The verdict, the rule branch by branch, the points group by group with what was found, and the thresholds.

    found: what `match` gave for this title and text.
    """
    hits = find(topic, prepare(title, text))
    values = features(topic, hits)
    return [
        _verdict(topic, found),
        *_branches(topic.rule, hits),
        f"  points before anything is found: {topic.bias:+.2f}",
        *_groups(topic, found, hits, values, title, text),
        *(f"  {pair}: {pair.weight * values[str(pair)]:+.2f} points of {pair.weight:+g}" for pair in topic.near),
        f"  together: {points(topic, values):+.2f}",
        *_thresholds(topic, found),
    ]


def snippet(evidence: Evidence, title: str, text: str) -> str:
    """What was found, in [brackets], amid its context, as one line."""
    field = title if evidence.field == "title" else text
    start, stop = max(evidence.start - _SNIPPET_CHARACTERS, 0), min(evidence.stop + _SNIPPET_CHARACTERS, len(field))
    before, after = field[start : evidence.start], field[evidence.stop : stop]
    if start and " " in before:
        before = "…" + before.partition(" ")[2]
    if stop < len(field) and " " in after:
        after = after.rpartition(" ")[0] + "…"
    return clean_line(f"{before}[{field[evidence.start : evidence.stop]}]{after}", limit=4 * _SNIPPET_CHARACTERS)


def _verdict(topic: CompiledTopic, found: Match) -> str:
    score = f"score {found.score:.2f}"
    match found.reason:
        case "no-terms":
            return f"{topic.id}: not matched, none of its terms occurs"
        case "rule-not-met":
            return f"{topic.id}: not matched, the rule does not hold ({score}, lowered for that)"
        case "below-threshold":
            return f"{topic.id}: not matched, {score} is below digest_at {topic.digest_at:g}"
        case _:
            return f"{topic.id}: matched, {score}"


def _branches(rule: Rule, hits: dict[str, Found], depth: int = 1) -> Iterator[str]:
    """The rule as a tree, a line a part, each with yes or no."""
    mark = "yes" if rule_holds(rule, hits) else "no"
    indent = "  " * depth
    match rule:
        case And() | Or():
            yield f"{indent}{mark}: {'all' if isinstance(rule, And) else 'any'} of"
            for part in rule.parts:
                yield from _branches(part, hits, depth + 1)
        case Not() if not isinstance(rule.part, Name):
            yield f"{indent}{mark}: NOT"
            yield from _branches(rule.part, hits, depth + 1)
        case Near() if mark == "no" and rule.left in hits and rule.right in hits:
            yield f"{indent}{mark}: {written(rule)} (both occur, but farther apart)"
        case _:
            yield f"{indent}{mark}: {written(rule)}"


def _groups(topic: CompiledTopic, found: Match, hits: dict[str, Found], values: dict[str, float], title: str, text: str) -> Iterator[str]:
    for name, group in topic.groups.items():
        if name not in hits:
            yield f"  {name}: not found (weight {group.weight:g})"
            continue
        counts = [f"{len(places)} in the {field}" for field, places in (("title", hits[name].title), ("text", hits[name].text)) if places]
        yield f"  {name}: {group.weight * values[name]:+.2f} points, {' and '.join(counts)}"
        mine = [evidence for evidence in found.evidence if evidence.group == name]
        for evidence in mine[:_SNIPPETS_PER_GROUP]:
            where = (title if evidence.field == "title" else text)[evidence.start : evidence.stop]
            mixed = ", in look-alike letters" if unmixed(where) != where else ""
            yield f"    {evidence.term} in the {evidence.field}{mixed}, {evidence.points:+.2f}: {snippet(evidence, title, text)}"


def _thresholds(topic: CompiledTopic, found: Match) -> Iterator[str]:
    for key, limit, reached in (("digest_at", topic.digest_at, found.matched), ("alert_at", topic.alert_at, found.alert)):
        yield f"  {key} {limit:g}: {'reached' if reached else 'not reached'}"
