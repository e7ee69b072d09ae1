"""A topic's definition, read: its groups of terms and its rule.

    rule    = branch { OR branch }          AND binds closer than OR, NOT closer than AND;
    branch  = part { AND part }             operators in any case
    part    = NOT part | near
    near    = group NEAR/35 group | group | ( rule )

`a NEAR/35 b`: a hit of group a and a hit of group b lie at most 35 words apart; neighbours are one word apart.
The title and the text are read as one run of words.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from typing import assert_never

from monitor.errors import QueryError
from monitor.matcher.score import Pair, Places
from monitor.matcher.terms import Lexicon, read_term

_ENGINE = 2  # part of every topic's version; rises when the same definition would judge otherwise
_DEEPEST = 50
_FARTHEST = 1000

_TOKEN = re.compile(r"\s*(?:(?P<near>near)(?:/(?P<distance>\w+))?(?![\w-])|(?P<word>[\w-]+)|(?P<sign>.))", re.IGNORECASE | re.DOTALL)
_USUAL_PLACES = Places()
_OPERATORS = ("and", "or", "not", "near")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Terms that mean the same in all languages.

    weight: points (log-odds) of one hit in the lead; below zero it speaks against the article, zero counts for the rule only.
    """

    weight: float = 1.0
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A group that must be hit."""

    group: str


@dataclass(frozen=True, slots=True)
class Near:
    left: str
    right: str
    words: int


@dataclass(frozen=True, slots=True)
class Not:
    part: "Rule"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Rule", ...]


Rule = Name | Near | Not | And | Or


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTopic:
    """A topic ready to judge; plain values, so it travels to other processes by pickle.

    version: changes when the same article could be judged otherwise. rule_text: as written.
    bias: the points before anything is found. places: what a hit is worth by where it stands. near: pairs of groups that have points of their own.
    """

    id: str
    title: str
    version: str
    rule: Rule
    rule_text: str
    groups: Mapping[str, Group]
    digest_at: float
    alert_at: float
    bias: float
    places: Places
    near: tuple[Pair, ...]
    lexicon: Lexicon = field(repr=False, compare=False)


def compile_topic(
    topic_id: str,
    *,
    title: str,
    rule: str,
    groups: Mapping[str, Group],
    digest_at: float,
    alert_at: float,
    bias: float | None = None,
    places: Places = _USUAL_PLACES,
    near: Sequence[Pair] = (),
    look_alikes: bool = False,
) -> CompiledTopic:
    """The topic, ready for `match`.

    digest_at, alert_at: scores from which an article is matched, and told at once, 0…1.
    bias: None for one by which a single hit in the lead, of each group of the rule's lightest way, gives the score 0.5.
    look_alikes: terms also match where letters of another alphabet stand for those that look the same.
    raises: QueryError; its column counts in the rule, or in the term that its message names.
    """
    for name, group in groups.items():
        if not group.terms:
            raise QueryError(f'group "{name}" holds no terms', column=1, hint='write terms = ["ukrain*"], or remove the group')
    terms = [replace(read_term(name, written), topic=topic_id) for name, group in groups.items() for written in dict.fromkeys(group.terms)]
    tree = parse_rule(rule, groups)
    for pair in near:
        for name in (pair.left, pair.right):
            known_group(name, groups)
    return CompiledTopic(
        id=topic_id,
        title=title,
        version=_version(rule, groups, digest_at, alert_at, bias, asdict(places), [asdict(pair) for pair in near], look_alikes),
        rule=tree,
        rule_text=rule,
        groups=dict(groups),
        digest_at=digest_at,
        alert_at=alert_at,
        bias=usual_bias(tree, groups, places) if bias is None else bias,
        places=places,
        near=tuple(near),
        lexicon=Lexicon(terms, look_alikes=look_alikes),
    )


def parse_rule(rule: str, groups: Mapping[str, Group]) -> Rule:
    """The rule as a tree.

    raises: QueryError, with the column in the rule.
    """
    reader = _Reader(rule, groups)
    tree = reader.rule(depth=0)
    reader.expect_end()
    if _holds_for_nothing(tree):
        raise QueryError("the rule holds for every article that hits nothing", column=1, hint="name a group that must be hit, then AND NOT the others")
    return tree


def known_group(name: str, groups: Mapping[str, Group], *, column: int = 1) -> str:
    """The name of a group that there is. raises: QueryError with the nearest one."""
    if name in groups:
        return name
    near = get_close_matches(name, groups, n=1) or get_close_matches(name.lower(), groups, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"groups here: {', '.join(groups) or 'none'}"
    raise QueryError(f'there is no group "{name}"', column=column, hint=hint)


def written(rule: Rule) -> str:
    """The rule in words again, with parentheses only where they are needed."""
    match rule:
        case Name():
            return rule.group
        case Near():
            return f"{rule.left} NEAR/{rule.words} {rule.right}"
        case Not():
            return f"NOT {_wrapped(rule.part, And, Or)}"
        case And():
            return " AND ".join(_wrapped(part, And, Or) for part in rule.parts)
        case Or():
            return " OR ".join(_wrapped(part, Or) for part in rule.parts)
        case _:
            assert_never(rule)


def _wrapped(rule: Rule, *kinds: type) -> str:
    return f"({written(rule)})" if isinstance(rule, kinds) else written(rule)


def _holds_for_nothing(rule: Rule) -> bool:
    match rule:
        case Name() | Near():
            return False
        case Not():
            return not _holds_for_nothing(rule.part)
        case And():
            return all(map(_holds_for_nothing, rule.parts))
        case Or():
            return any(map(_holds_for_nothing, rule.parts))
        case _:
            assert_never(rule)


def usual_bias(rule: Rule, groups: Mapping[str, Group], places: Places) -> float:
    """By which one hit in the lead, of each group of the rule's lightest way, gives an even chance."""
    return -places.lead * sum(max(groups[name].weight, 0.0) for name in _lightest_way(rule, groups))


def _lightest_way(rule: Rule, groups: Mapping[str, Group]) -> frozenset[str]:
    """The groups that must be hit to make the rule hold, by the choices that weigh least."""
    match rule:
        case Name():
            return frozenset({rule.group})
        case Near():
            return frozenset({rule.left, rule.right})
        case Not():
            return frozenset()
        case And():
            return frozenset[str]().union(*(_lightest_way(part, groups) for part in rule.parts))
        case Or():
            ways = [_lightest_way(part, groups) for part in rule.parts]
            return min(ways, key=lambda way: sum(max(groups[name].weight, 0.0) for name in way))
        case _:
            assert_never(rule)


def _version(rule: str, groups: Mapping[str, Group], *numbers: object) -> str:
    definition = [_ENGINE, rule, {name: [group.weight, list(group.terms)] for name, group in groups.items()}, *numbers]
    return hashlib.sha256(json.dumps(definition, ensure_ascii=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Token:
    """kind: "(", ")", a word in lower case that is an operator, "name", "end", or "?" for what has no meaning. column: 1-based."""

    kind: str
    written: str
    column: int
    distance: str = ""


class _Reader:
    """Reads a rule from left to right, one token ahead."""

    def __init__(self, rule: str, groups: Mapping[str, Group]):
        self._groups = groups
        self._tokens = _tokens(rule)
        self._next = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def rule(self, depth: int) -> Rule:
        parts = [self._branch(depth)]
        while self._token.kind == "or":
            self._take()
            parts.append(self._branch(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def expect_end(self) -> None:
        token = self._token
        if token.kind == ")":
            raise QueryError('")" closes nothing', column=token.column, hint='remove it, or add "(" before')
        if token.kind == "not":
            raise QueryError("NOT needs AND or OR before it", column=token.column, hint="write: a AND NOT b")
        if token.kind == "near":
            raise QueryError("NEAR joins two groups only", column=token.column, hint="write: a NEAR/35 b AND b NEAR/35 c")
        if token.kind != "end":
            raise QueryError(f'"{token.written}" needs AND, OR or NEAR before it', column=token.column, hint=_meaning(token))

    def _branch(self, depth: int) -> Rule:
        parts = [self._part(depth)]
        while self._token.kind == "and":
            self._take()
            parts.append(self._part(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _part(self, depth: int) -> Rule:
        if depth > _DEEPEST:
            raise QueryError(f"parentheses and NOT are nested deeper than {_DEEPEST}", column=self._token.column, hint="simplify the rule")
        if self._token.kind == "not":
            self._take()
            return Not(self._part(depth + 1))
        if self._token.kind == "(":
            return self._parenthesis(depth)
        left = self._group("a group")
        if self._token.kind != "near":
            return Name(left)
        near = self._take()
        distance = _distance(near)
        return Near(left, self._group(f'a group after "{near.written}"'), distance)

    def _parenthesis(self, depth: int) -> Rule:
        opening = self._take()
        inside = self.rule(depth + 1)
        if self._token.kind == "end":
            raise QueryError('unclosed "("', column=opening.column, hint='add ")"')
        if self._token.kind != ")":
            self.expect_end()
        self._take()
        if self._token.kind == "near":
            raise QueryError("NEAR joins groups, not parentheses", column=self._token.column, hint="write: a NEAR/35 c OR b NEAR/35 c")
        return inside

    def _group(self, wanted: str) -> str:
        token = self._take()
        if token.kind == "name":
            return known_group(token.written, self._groups, column=token.column)
        if token.kind == "end":
            if len(self._tokens) == 1:
                raise QueryError("the rule is empty", column=1, hint="name the groups that must be hit: nato AND ukraine")
            raise QueryError(f"the rule ends where {wanted} is expected", column=token.column, hint="finish the rule, or remove the last operator")
        if token.kind == "(" and wanted != "a group":
            raise QueryError("NEAR joins groups, not parentheses", column=token.column, hint="write: a NEAR/35 b OR a NEAR/35 c")
        if token.kind == ")":
            raise QueryError(f'")" where {wanted} is expected', column=token.column, hint="parentheses hold at least one group")
        raise QueryError(f'"{token.written}" where {wanted} is expected', column=token.column, hint=_meaning(token))


def _tokens(rule: str) -> list[_Token]:
    tokens = []
    for found in _TOKEN.finditer(rule.rstrip()):
        if found["near"]:
            tokens.append(_Token("near", found[0].strip(), found.start("near") + 1, found["distance"] or ""))
        elif found["word"]:
            kind = found["word"].lower()
            tokens.append(_Token(kind if kind in _OPERATORS else "name", found["word"], found.start("word") + 1))
        else:
            sign = found["sign"]
            tokens.append(_Token(sign if sign in "()" else "?", sign, found.start("sign") + 1))
    return [*tokens, _Token("end", "", len(rule) + 1)]


def _distance(near: _Token) -> int:
    if near.distance.isdecimal() and near.distance.isascii() and 1 <= int(near.distance[:9]) <= _FARTHEST:
        return int(near.distance)
    hint = "write: a NEAR/35 b, the number is of words"
    if not near.distance:
        raise QueryError("NEAR needs a distance", column=near.column, hint=hint)
    raise QueryError(f'"{near.distance}" is no distance from 1 to {_FARTHEST} words', column=near.column + len("NEAR/"), hint=hint)


def _meaning(token: _Token) -> str:
    """What was probably meant by a token that stands wrong."""
    if token.written in ('"', "'", "*", "="):
        return "a rule names groups; words and phrases stand in the groups' terms"
    if token.written in ("&", "|", "!", "+", ","):
        return "write AND, OR, NOT"
    if token.written == "/":
        return "write NEAR/35 without spaces"
    if token.kind == "name":
        return f"write: … AND {token.written}"
    return "a rule is made of group names, AND, OR, NOT, NEAR/35 and parentheses"
