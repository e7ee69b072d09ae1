"""A topic's definition, read: its groups of terms and its rule.

    rule    = branch { OR branch }          AND binds closer than OR, NOT closer than AND, NEAR closer than NOT;
    branch  = part { AND part }             operators in any case
    part    = NOT part | TITLE(group) | COUNT(group) >= 3 | side NEAR/35 side | group | ( rule )
    side    = group | ( group { OR group } )

`a NEAR/35 b`: a hit of group a and a hit of group b lie at most 35 words apart, in either order; neighbours are one word apart.
The title and the text are read as one run of words. `TITLE(a)`: a hit in the title. `COUNT(a) >= 3`: three hits that share no word.
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
_MOST_HITS = 1000

_TOKEN = re.compile(r"\s*(?:(?P<near>near)(?:/(?P<distance>\w+))?(?![\w-])|(?P<word>[\w-]+)|(?P<sign>>=|.))", re.IGNORECASE | re.DOTALL)
_USUAL_PLACES = Places()
_OPERATORS = ("and", "or", "not", "near")
_FUNCTIONS = ("title", "count")  # only before a parenthesis: groups may be called so


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
class Title:
    """A group that must be hit in the title."""

    group: str


@dataclass(frozen=True, slots=True)
class Count:
    """A group that must be hit so many times."""

    group: str
    least: int


@dataclass(frozen=True, slots=True)
class Near:
    """Two groups of which a hit each must stand at most so many words apart."""

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


Rule = Name | Title | Count | Near | Not | And | Or


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
        case Title():
            return f"TITLE({rule.group})"
        case Count():
            return f"COUNT({rule.group}) >= {rule.least}"
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
        case Name() | Title() | Count() | Near():
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
        case Name() | Title() | Count():
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
    """kind: "(", ")", ">=", a word in lower case that is an operator, "name", "end", or "?" for what has no meaning. column: 1-based."""

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
            raise QueryError(f'"{token.written}" needs AND, OR or NEAR before it', column=token.column, hint=_meaning(token, self._groups))

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
            inside = self._parenthesis(depth)
            return self._near(inside, depth) if self._token.kind == "near" else inside
        if self._token.kind == "name" and self._tokens[self._next + 1].kind == "(":
            return self._function()
        name = Name(self._group("a group"))
        return self._near(name, depth) if self._token.kind == "near" else name

    def _near(self, left: Rule, depth: int) -> Rule:
        near = self._take()
        if not _is_choice(left):
            raise QueryError("NEAR joins groups, or a choice of groups", column=near.column, hint="write: (a OR b) NEAR/35 c")
        words = _distance(near)
        opening = self._token
        right = self._parenthesis(depth) if opening.kind == "(" else Name(self._group(f'a group after "{near.written}"'))
        if not _is_choice(right):
            raise QueryError("NEAR joins groups, or a choice of groups", column=opening.column, hint="write: a NEAR/35 (b OR c)")
        pairs = tuple(Near(one.group, other.group, words) for one in _choice(left) for other in _choice(right))
        return pairs[0] if len(pairs) == 1 else Or(pairs)

    def _function(self) -> Rule:
        function = self._take()
        name = function.written.lower()
        if name not in _FUNCTIONS:
            meant = get_close_matches(name, _FUNCTIONS, n=1)
            hint = (
                f"did you mean {meant[0].upper()}(…)?"
                if meant
                else f"write: {function.written} AND (…); before a parenthesis stand AND, OR, NOT, TITLE or COUNT"
            )
            raise QueryError(f'"{function.written}" before a parenthesis', column=function.column, hint=hint)
        self._take()
        group = self._group(f"a group in {name.upper()}( )")
        if self._token.kind != ")":
            hint = f"write: {name.upper()}(a) OR {name.upper()}(b)"
            raise QueryError(f"{name.upper()} takes one group", column=self._token.column, hint=hint)
        self._take()
        return Title(group) if name == "title" else self._count(group)

    def _count(self, group: str) -> Rule:
        hint = f"write: COUNT({group}) >= 3"
        least = self._take()
        if least.kind != ">=":
            raise QueryError("COUNT needs >= and a number", column=least.column, hint=hint)
        number = self._take()
        if not (number.kind == "name" and number.written.isascii() and number.written.isdecimal() and 1 <= int(number.written[:9]) <= _MOST_HITS):
            raise QueryError(f'"{number.written}" is no count from 1 to {_MOST_HITS}', column=number.column, hint=hint)
        return Count(group, int(number.written))

    def _parenthesis(self, depth: int) -> Rule:
        opening = self._take()
        inside = self.rule(depth + 1)
        if self._token.kind == "end":
            raise QueryError('unclosed "("', column=opening.column, hint='add ")"')
        if self._token.kind != ")":
            self.expect_end()
        self._take()
        return inside

    def _group(self, wanted: str) -> str:
        token = self._take()
        if token.kind == "name":
            return known_group(token.written, self._groups, column=token.column)
        if token.kind == "end":
            if len(self._tokens) == 1:
                raise QueryError("the rule is empty", column=1, hint="name the groups that must be hit: nato AND ukraine")
            raise QueryError(f"the rule ends where {wanted} is expected", column=token.column, hint="finish the rule, or remove the last operator")
        if token.kind == ")":
            raise QueryError(f'")" where {wanted} is expected', column=token.column, hint="parentheses hold at least one group")
        raise QueryError(f'"{token.written}" where {wanted} is expected', column=token.column, hint=_meaning(token, self._groups))


def _is_choice(rule: Rule) -> bool:
    return isinstance(rule, Name) or (isinstance(rule, Or) and all(isinstance(part, Name) for part in rule.parts))


def _choice(rule: Rule) -> list[Name]:
    """The groups of what `_is_choice`."""
    return [part for part in (rule.parts if isinstance(rule, Or) else (rule,)) if isinstance(part, Name)]


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
            tokens.append(_Token(sign if sign in ("(", ")", ">=") else "?", sign, found.start("sign") + 1))
    return [*tokens, _Token("end", "", len(rule) + 1)]


def _distance(near: _Token) -> int:
    if near.distance.isdecimal() and near.distance.isascii() and 1 <= int(near.distance[:9]) <= _FARTHEST:
        return int(near.distance)
    hint = "write: a NEAR/35 b, the number is of words"
    if not near.distance:
        raise QueryError("NEAR needs a distance", column=near.column, hint=hint)
    raise QueryError(f'"{near.distance}" is no distance from 1 to {_FARTHEST} words', column=near.column + len("NEAR/"), hint=hint)


def _meaning(token: _Token, groups: Mapping[str, Group]) -> str:
    """What was probably meant by a token that stands wrong."""
    if token.written in ('"', "'", "*", "="):
        return "a rule names groups; words and phrases stand in the groups' terms"
    if token.written in ("&", "|", "!", "+", ","):
        return "write AND, OR, NOT"
    if token.written == "/":
        return "write NEAR/35 without spaces"
    if token.kind == ">=":
        return "only COUNT is compared: COUNT(a) >= 3"
    if token.written in (">", "<", "≥"):
        return "write >=, as in COUNT(a) >= 3"
    if token.kind == "name":
        meant = get_close_matches(token.written.lower(), _OPERATORS, n=1) if token.written not in groups else []
        return f"did you mean {meant[0].upper()}?" if meant else f"write: … AND {token.written}"
    return "a rule is made of group names, AND, OR, NOT, NEAR/35, TITLE( ), COUNT( ) >= 3 and parentheses"
