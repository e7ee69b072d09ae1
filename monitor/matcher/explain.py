"""Why an article was matched, or was not: the arithmetic, the words in the text, and what would have changed the verdict."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from monitor.matcher.match import Prepared, find, prepare, verdict
from monitor.matcher.query import CompiledTopic, written
from monitor.matcher.rule import failures, rule_holds
from monitor.matcher.score import Found, features, log_odds, points, score, shares, words_apart
from monitor.matcher.why_not import ways_to_pass, why_it_failed
from monitor.model import Match
from monitor.text import clean_line, unmixed

_AROUND = 60  # characters kept on each side of a mark
_LINE = 220  # characters; then a marked text goes on in a new line
_LINES_SHOWN = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One hit in the text. place: "title", "lead" or "body". points: what it added."""

    group: str
    term: str
    place: str
    start: int
    stop: int
    found: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShare:
    """What a group adds. presence: its feature; points: weight × presence."""

    name: str
    weight: float
    presence: float
    points: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairShare:
    """What a pair adds. words_apart: None where one of the two is missing. is_early: near in the title or the lead, where it counts in full."""

    left: str
    right: str
    words: int
    weight: float
    words_apart: int | None
    is_early: bool
    nearness: float
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that led to a verdict; the points of bias, groups and pairs add up to `points`.

    score_if_met: what the score would be if the rule held. failures: the conditions of the rule that fail, first things first, each with why.
    ways: single changes that would have made it a match; where none would, the nearest to one.
    """

    match: Match
    rule: str
    digest_at: float
    alert_at: float
    bias: float
    groups: tuple[GroupShare, ...]
    pairs: tuple[PairShare, ...]
    points: float
    score_if_met: float
    failures: tuple[str, ...]
    ways: tuple[str, ...]


def explain(topic: CompiledTopic, *, title: str, text: str) -> Explanation:
    """What the topic makes of an article, and why."""
    article = prepare(title, text)
    found = find(topic, article)
    values = features(topic, found)
    total = points(topic, values)
    holds = bool(found) and rule_holds(topic.rule, found)
    missing = [] if holds else failures(topic.rule, found)
    return Explanation(
        match=verdict(topic, article, found),
        rule=written(topic.rule),
        digest_at=topic.digest_at,
        alert_at=topic.alert_at,
        bias=topic.bias,
        groups=tuple(
            GroupShare(
                name=name,
                weight=group.weight,
                presence=values[name],
                points=group.weight * values[name],
                marks=tuple(_marks(topic, article, name, found[name])) if name in found else (),
            )
            for name, group in topic.groups.items()
        ),
        pairs=tuple(
            PairShare(
                left=pair.left,
                right=pair.right,
                words=pair.words,
                weight=pair.weight,
                words_apart=apart,
                is_early=is_early,
                nearness=values[str(pair)],
                points=pair.weight * values[str(pair)],
            )
            for pair in topic.near
            for apart, is_early in [words_apart(topic.places, pair, found)]
        ),
        points=total,
        score_if_met=score(topic, total, rule_holds=True),
        failures=tuple(why_it_failed(topic, condition, found, article) for condition in missing),
        ways=tuple(ways_to_pass(topic, found, values, missing, article)),
    )


def _marks(topic: CompiledTopic, article: Prepared, name: str, group: Found) -> Iterator[Mark]:
    for hit, where, share in shares(topic.places, group):
        reading = article.title if where == "title" else article.text
        start, stop = reading.place(hit)
        place = where if where == "title" else "lead" if hit.last < topic.places.lead_words else "body"
        found = clean_line(reading.folded.original[start:stop], 60)
        yield Mark(group=name, term=hit.term.written, place=place, start=start, stop=stop, found=found, points=topic.groups[name].weight * share)


# ------------------------------------------------------------------------------------------ in words
def in_words(explanation: Explanation, *, title: str, text: str) -> list[str]:
    """The explanation for people, line by line."""
    return [
        verdict_line(explanation),
        "",
        *_rule_lines(explanation),
        "",
        *_sum_lines(explanation),
        *_text_lines(explanation, title, text),
        *_way_lines(explanation),
    ]


def verdict_line(explanation: Explanation) -> str:
    """The verdict in one sentence, with the reason for a no."""
    match = explanation.match
    reached = f"score {match.score:.2f}"
    if match.alert:
        return f"Flagged and told at once: {reached} reaches alert_at {explanation.alert_at:.2f}."
    if match.matched:
        short = log_odds(explanation.alert_at) - explanation.points
        return (
            f"Flagged for the digest: {reached} reaches digest_at {explanation.digest_at:.2f}, "
            f"but not alert_at {explanation.alert_at:.2f} ({short:.2f} points are missing)."
        )
    if match.reason == "no-terms":
        return "Not flagged: none of its terms occurs (score 0)."
    if match.reason == "rule-not-met":
        return f"Not flagged: the rule does not hold – {explanation.failures[0]}."
    return f"Not flagged: {reached} is below digest_at {explanation.digest_at:.2f}, although the rule holds."


def _rule_lines(explanation: Explanation) -> Iterator[str]:
    yield f"Rule     {explanation.rule}"
    if explanation.match.rule_holds:
        yield f"         holds by: {explanation.match.branch}"
    for number, failure in enumerate(explanation.failures):
        yield f"         {'fails: ' if number == 0 else 'and:   '}{failure}"


def _sum_lines(explanation: Explanation) -> Iterator[str]:
    numbers = _numbers(explanation)
    yield f"Points  {_signed(explanation.bias)}  to begin with"
    for group in sorted(explanation.groups, key=lambda group: -abs(group.points)):
        if group.marks:
            yield f"        {_signed(group.points)}  {group.name}{numbers[group.name]}: {_heard(group)}"
    for pair in explanation.pairs:
        if pair.points:
            apart = "neighbours" if pair.words_apart == 1 else f"{pair.words_apart} words apart"
            yield f"        {_signed(pair.points)}  {pair.left} beside {pair.right}: {apart}{'' if pair.is_early else ', in the body'}"
    yield f"        {'─' * 6}"
    yield f"        {_signed(explanation.points)}  {_together(explanation)}"
    silent = [group.name for group in explanation.groups if not group.marks]
    if silent:
        yield f"                not found: {', '.join(silent)}"


def _together(explanation: Explanation) -> str:
    match = explanation.match
    chance = f"together, which is the score {explanation.score_if_met:.2f}"
    if match.reason == "no-terms":
        return "together; with none of its terms the score is 0"
    if not match.rule_holds:
        return f"{chance}, lowered to {match.score:.2f} because the rule does not hold"
    return chance


def _heard(group: GroupShare) -> str:
    """Which words of a group stand where: "Kyiv, Ukrainian (title, 2 in the lead), weight 2"."""
    counts = {place: sum(mark.place == place for mark in group.marks) for place in ("title", "lead", "body")}
    places = [place if count == 1 and place == "title" else f"{count} in the {place}" for place, count in counts.items() if count]
    words: dict[str, str] = {}
    for mark in group.marks:
        words.setdefault(mark.found.casefold(), f"{mark.found} (look-alike letters)" if unmixed(mark.found) != mark.found else mark.found)
    shown = ", ".join(list(words.values())[:4]) + (" …" if len(words) > 4 else "")
    return f"{shown} – {', '.join(places)}; weight {group.weight:g}"


def _text_lines(explanation: Explanation, title: str, text: str) -> Iterator[str]:
    marks = [mark for group in explanation.groups for mark in group.marks]
    if not marks:
        return
    numbers = _numbers(explanation)
    yield ""
    yield "Text"  # on a line of its own, so that a terminal reads an Arabic line from the right
    in_title = [mark for mark in marks if mark.place == "title"]
    lines = [*marked(title, in_title, numbers), *marked(text, [mark for mark in marks if mark.place != "title"], numbers)]
    for line in lines[:_LINES_SHOWN]:
        yield f"         {line}"
    if len(lines) > _LINES_SHOWN:
        yield f"         … and {len(lines) - _LINES_SHOWN} more lines"


def _way_lines(explanation: Explanation) -> Iterator[str]:
    if explanation.ways:
        yield ""
        yield "What would have flipped it:"
        for way in explanation.ways:
            yield f"       · {way}"


def _numbers(explanation: Explanation) -> dict[str, str]:
    """A small number for each group that was found, in the order of their points."""
    found = [group.name for group in sorted(explanation.groups, key=lambda group: -abs(group.points)) if group.marks]
    return {name: str(number).translate(_SUPERSCRIPT) for number, name in enumerate(found, 1)}


_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def marked(text: str, marks: list[Mark], numbers: Mapping[str, str]) -> Iterator[str]:
    """The parts of a text that hold hits, a line a paragraph: "Allies promise [Kyiv]¹ air defence"."""
    spans = _merged(marks, numbers)
    line, shown = "", 0
    for index, (start, stop, signs) in enumerate(spans):
        opening = text.rfind("\n", 0, start) + 1
        if line and (opening > shown or len(line) > _LINE):
            yield _clean(line + _tail(text, shown, opening if opening > shown else start))
            line, shown = "", max(opening, shown)
        shown = max(shown, opening) if not line else shown
        line += _gap(text, shown, start, is_first=not line) + f"[{text[start:stop]}]{signs}"
        shown = stop
        if index == len(spans) - 1:
            closing = text.find("\n", stop)
            yield _clean(line + _tail(text, stop, closing if closing >= 0 else len(text)))


def _merged(marks: list[Mark], numbers: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """Where marks stand, those that overlap as one with all their numbers."""
    spans: list[tuple[int, int, str]] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.stop)):
        sign = numbers[mark.group]
        if spans and mark.start < spans[-1][1]:
            start, stop, signs = spans[-1]
            spans[-1] = (start, max(stop, mark.stop), signs if sign in signs.split("·") else f"{signs}·{sign}")
        else:
            spans.append((mark.start, mark.stop, sign))
    return spans


def _gap(text: str, start: int, stop: int, *, is_first: bool) -> str:
    """What stands between two marks; where it is long its middle is left out, at the beginning its beginning."""
    between = text[start:stop]
    if len(between) <= (_AROUND if is_first else 2 * _AROUND):
        return between
    left, right = between[:_AROUND].rpartition(" ")[0], between[-_AROUND:].partition(" ")[2]
    return f"…{right}" if is_first else f"{left} … {right}"


def _tail(text: str, start: int, stop: int) -> str:
    """What stands behind the last mark of a line."""
    rest = text[start:stop].split("\n", 1)[0]
    return rest if len(rest) <= _AROUND else rest[:_AROUND].rpartition(" ")[0] + "…"


def _clean(line: str) -> str:
    return clean_line(line, 4 * _LINE)


def _signed(number: float) -> str:
    return f"{number:+6.2f}".replace("-", "−")


# ------------------------------------------------------------------------------------------ in JSON
def explanation_json(explanation: Explanation) -> dict[str, object]:
    """What `topics explain --json` gives of one topic beside what `topics score` does; numbers in four digits."""
    return {
        "reason": explanation.match.reason,
        "rule": {"text": explanation.rule, "holds": explanation.match.rule_holds, "branch": explanation.match.branch, "failures": list(explanation.failures)},
        "sum": {
            "bias": explanation.bias,
            "by_group": [
                {"name": group.name, "weight": group.weight, "presence": _four(group.presence), "points": _four(group.points)} for group in explanation.groups
            ],
            "by_pair": [asdict(pair) | {"nearness": _four(pair.nearness), "points": _four(pair.points)} for pair in explanation.pairs],
            "points": _four(explanation.points),
            "score_if_met": explanation.score_if_met,
        },
        "ways": list(explanation.ways),
    }


def _four(number: float) -> float:
    return round(number, 4) if math.isfinite(number) else number
