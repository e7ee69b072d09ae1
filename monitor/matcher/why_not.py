"""Why not: the condition that failed, in words, and the single changes that would have made it a match."""

import math
from collections.abc import Iterator, Mapping, Sequence

from monitor.matcher.match import Prepared
from monitor.matcher.query import CompiledTopic, Count, Name, Near, Not, Rule, Title, written
from monitor.matcher.rule import rule_holds, words_apart
from monitor.matcher.score import Found, log_odds, logistic, points, shares
from monitor.matcher.terms import Hit, Term

_TERMS_SHOWN = 4
_WAYS_SHOWN = 5


def why_it_failed(topic: CompiledTopic, condition: Rule, found: Mapping[str, Found], article: Prepared) -> str:
    """Why a condition of the rule does not hold, with what would do."""
    match condition:
        case Name():
            return f"no word of {condition.group} occurs ({_examples(topic, condition.group, article)})"
        case Title():
            where = "stands in the text, not in the title" if condition.group in found else f"does not occur ({_examples(topic, condition.group, article)})"
            return f"{written(condition)}: {condition.group} {where}"
        case Count():
            return f"{written(condition)}: {condition.group} occurs {_times(found[condition.group].count if condition.group in found else 0)}"
        case Near():
            apart = words_apart(condition, found)
            if apart is not None:
                return f"{written(condition)}: the nearest two stand {apart} words apart"
            missing = [name for name in dict.fromkeys((condition.left, condition.right)) if name not in found]
            return f"{written(condition)}: no word of {' and none of '.join(missing)} occurs ({_examples(topic, missing[0], article)})"
        case Not():
            return f"{written(condition)}: {_what_speaks_against(condition, found, article)}"
        case _:
            return written(condition)


def ways_to_pass(topic: CompiledTopic, found: Mapping[str, Found], values: Mapping[str, float], missing: Sequence[Rule], article: Prepared) -> Iterator[str]:
    """Changes each of which alone would have made it a match, the smallest first; none for a match.

    values: from `score.features`. missing: the conditions of the rule that fail.
    """
    short = log_odds(topic.digest_at) - points(topic, values)
    if missing:
        brought = _brought(topic, found, missing)
        in_lead = "in the lead, " if brought and any(isinstance(condition, Name | Near) for condition in missing) else ""
        if brought >= short:
            then = f"{in_lead}that is enough"
        else:
            then = f"{in_lead}even then {short - brought:.2f} points are missing to digest_at {topic.digest_at:.2f}"
        yield f"{_what_the_rule_wants(found, missing)} – {then}"
        return
    if short <= 0:
        return
    single = sorted(_single_changes(topic, found, values, article), key=lambda change: change[0])
    enough = [(gain, what) for gain, what in single if gain >= short]
    yield from (f"{what} (+{gain:.2f} points; {short:.2f} are missing)" for gain, what in enough[:_WAYS_SHOWN])
    if not enough and single:
        gain, what = single[-1]
        yield f"no single word: {short:.2f} points are missing, and the most that one gives is {gain:.2f} ({what})"
    lower = math.floor(logistic(points(topic, values)) * 100) / 100
    if lower > 0:
        yield f"digest_at = {lower:.2f}"


def _what_the_rule_wants(found: Mapping[str, Found], missing: Sequence[Rule]) -> str:
    match missing[0]:
        case Near() if (apart := words_apart(missing[0], found)) is not None:
            wanted = f"{missing[0].left} and {missing[0].right} within {missing[0].words} words instead of {apart}, or NEAR/{apart} in the rule"
        case Near():
            absent = missing[0].left if missing[0].left not in found else missing[0].right
            present = missing[0].right if absent == missing[0].left else missing[0].left
            wanted = (
                f"a word of {absent} within {missing[0].words} words of {present}" if present in found else f"words of {absent} and {present}, near each other"
            )
        case Not():
            wanted = f"without {written(missing[0].part)}"
        case Title():
            wanted = f"a word of {missing[0].group} in the title"
        case Count():
            had = found[missing[0].group].count if missing[0].group in found else 0
            wanted = f"{missing[0].least - had} more of {missing[0].group}"
        case Name():
            wanted = f"a word of {missing[0].group} anywhere"
        case _:
            wanted = written(missing[0])
    more = f", and also: {', '.join(written(each) for each in missing[1:])}" if len(missing) > 1 else ""
    return wanted + more


def _brought(topic: CompiledTopic, found: Mapping[str, Found], missing: Sequence[Rule]) -> float:
    """The points that come with what the rule wants: a hit in the lead for each group that is not there, none for what is forbidden."""
    wanted: set[str] = set()
    for condition in missing:
        match condition:
            case Name() | Title() | Count():
                wanted.add(condition.group)
            case Near():
                wanted |= {condition.left, condition.right}
    brought = sum(topic.groups[name].weight for name in wanted if name not in found) * topic.places.lead
    forbidden = {name for condition in missing if isinstance(condition, Not) for name in found if rule_holds(condition.part, {name: found[name]})}
    return brought - sum(topic.groups[name].weight * sum(share for _, _, share in shares(topic.places, found[name])) for name in forbidden)


def _single_changes(topic: CompiledTopic, found: Mapping[str, Found], values: Mapping[str, float], article: Prepared) -> Iterator[tuple[float, str]]:
    """What one change would add to the points, and what it is."""
    for name, group in topic.groups.items():
        if group.weight > 0:
            more = "one more word" if name in found else "a word"
            for place, in_title in (("lead", False), ("title", True)):
                gain = group.weight * (_presence_with_one_more(topic, found.get(name, Found()), in_title=in_title) - values[name])
                yield gain, f"{more} of {name} in the {place}" + ("" if name in found else f", {_examples(topic, name, article, 2)}")
        elif group.weight < 0 and name in found:
            yield -group.weight * values[name], f"without the words of {name}"
    for pair in topic.near:
        if values[str(pair)] < 1 and (pair.left in found or pair.right in found):
            yield pair.weight * (1 - values[str(pair)]), f"{pair.left} right beside {pair.right}"


def _presence_with_one_more(topic: CompiledTopic, group: Found, *, in_title: bool) -> float:
    hit = Hit(Term(group="", written=""), 0, 0)
    more = Found(title=[*group.title, hit] if in_title else group.title, text=group.text if in_title else [*group.text, hit])
    return sum(share for _, _, share in shares(topic.places, more))


def _what_speaks_against(condition: Not, found: Mapping[str, Found], article: Prepared) -> str:
    """The words that make the inside of a NOT hold."""
    words = []
    for name, group in found.items():
        if rule_holds(condition.part, {name: group}):
            hit, reading = (group.title[0], article.title) if group.title else (group.text[0], article.text)
            words.append("“" + reading.folded.original[slice(*reading.place(hit))] + "”")
    return f"{', '.join(words)} speaks against it" if words else "what it forbids is there"


def _examples(topic: CompiledTopic, name: str, article: Prepared, count: int = _TERMS_SHOWN) -> str:
    """Some terms of a group, those in the article's own alphabet first."""
    letters = {_alphabet(letter) for letter in (article.title.folded.text + article.text.folded.text)[:400] if letter.isalpha()}
    terms = sorted(topic.groups[name].terms, key=lambda term: not any(_alphabet(letter) in letters for letter in term if letter.isalpha()))
    plain = {term.strip('"=').casefold(): term.strip('"=') for term in reversed(terms) if not term.startswith("re:")}
    return "such as " + ", ".join([*reversed(plain.values())][:count]) if plain else "its terms are patterns"


def _alphabet(letter: str) -> int:
    """A rough number for an alphabet: Latin, Greek, Cyrillic and so on stand in blocks of their own."""
    code = ord(letter)
    return 0 if code < 0x250 else code >> 8


def _times(count: int) -> str:
    return "not at all" if count == 0 else "once" if count == 1 else f"{count} times"
