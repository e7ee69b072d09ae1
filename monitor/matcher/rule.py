"""Whether a rule holds for what was found: by which branch, and if not, what failed first."""

from collections.abc import Collection, Iterator, Mapping
from typing import assert_never

from monitor.matcher.query import And, Count, Name, Near, Not, Or, Rule, Title, written
from monitor.matcher.score import Found, distance


def rule_holds(rule: Rule, found: Mapping[str, Found]) -> bool:
    """Whether a rule, or a part of one, holds for the groups that were hit."""
    match rule:
        case Name():
            return rule.group in found
        case Title():
            return rule.group in found and bool(found[rule.group].title)
        case Count():
            return rule.group in found and found[rule.group].count >= rule.least
        case Near():
            apart = words_apart(rule, found)
            return apart is not None and apart <= rule.words
        case Not():
            return not rule_holds(rule.part, found)
        case And():
            return all(rule_holds(part, found) for part in rule.parts)
        case Or():
            return any(rule_holds(part, found) for part in rule.parts)
        case _:
            assert_never(rule)


def groups_of(rule: Rule) -> frozenset[str]:
    """The groups that a rule names, also those in NOT."""
    match rule:
        case Name() | Title() | Count():
            return frozenset({rule.group})
        case Near():
            return frozenset({rule.left, rule.right})
        case Not():
            return groups_of(rule.part)
        case And() | Or():
            return frozenset[str]().union(*map(groups_of, rule.parts))
        case _:
            assert_never(rule)


def is_within_reach(rule: Rule, named: Collection[str], *, speaking: Collection[str]) -> bool:
    """Whether a text that names these groups lacks no more than one group of some branch: what the rest of the page may well bring.

    speaking: groups that weigh something. Where one is lacking, one of these must be named; TITLE, COUNT and NEAR are taken for their groups.
    """
    lacking, held = _lacking(rule, named, speaking)
    return lacking == 0 or (lacking == 1 and held > 0)


def _lacking(rule: Rule, named: Collection[str], speaking: Collection[str]) -> tuple[int, int]:
    """How many groups are lacking on the shortest way on which any speaking group is named, and how many such are named there."""
    match rule:
        case Name() | Title() | Count():
            return int(rule.group not in named), int(rule.group in named and rule.group in speaking)
        case Near():
            return sum(group not in named for group in (rule.left, rule.right)), sum(group in named and group in speaking for group in (rule.left, rule.right))
        case Not():
            return 0, 0
        case And():
            parts = [_lacking(part, named, speaking) for part in rule.parts]
            return sum(lacking for lacking, _ in parts), sum(held for _, held in parts)
        case Or():
            return min((_lacking(part, named, speaking) for part in rule.parts), key=lambda way: (way[0] > 0 and way[1] == 0, way[0], -way[1]))
        case _:
            assert_never(rule)


def words_apart(near: Near, found: Mapping[str, Found]) -> int | None:
    """How far apart the groups of a NEAR stand; None where one of them is missing."""
    return distance(found[near.left], found[near.right]) if near.left in found and near.right in found else None


def branch(rule: Rule, found: Mapping[str, Found]) -> str:
    """The conditions by which a rule holds that does, in words: of a choice the first that holds."""
    return " AND ".join(dict.fromkeys(written(part) for part in _held(rule, found)))


def _held(rule: Rule, found: Mapping[str, Found]) -> Iterator[Rule]:
    match rule:
        case And():
            for part in rule.parts:
                yield from _held(part, found)
        case Or():
            yield from _held(next(part for part in rule.parts if rule_holds(part, found)), found)
        case _:
            yield rule


def failures(rule: Rule, found: Mapping[str, Found]) -> list[Rule]:
    """The conditions that a rule lacks which does not hold, in its order; of a choice those of the way that lacks least.

    A condition is a group, TITLE, COUNT, NEAR, or a NOT of anything.
    """
    match rule:
        case And():
            return [failure for part in rule.parts if not rule_holds(part, found) for failure in failures(part, found)]
        case Or():
            return min((failures(part, found) for part in rule.parts), key=lambda missing: sum(_lack(each, found) for each in missing))
        case _:
            return [rule]


def _lack(condition: Rule, found: Mapping[str, Found]) -> float:
    """How much is missing: 1 for a group that is not there, less for one that is there but not as the rule wants it."""
    match condition:
        case Near():
            missing = (condition.left not in found) + (condition.right not in found)
            return missing or 0.5
        case Title() | Count():
            return 0.5 if condition.group in found else 1.0
        case _:
            return 1.0
