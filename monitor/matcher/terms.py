"""The terms of a topic's groups, and where they stand in a text.

    stem*        words that begin so            "a phrase"   words in a row, each may end in *
    word         this word                      =Case        this word in exactly these capitals
    re:pattern   a guarded regular expression, without regard to case

All but patterns are compared folded (`text.fold`), so one spelling serves all capitals and accents.
Words are looked up in a dictionary by their first letters, one pass for all terms: at 500 terms and 10 KB
this takes a third of the time of one large alternation, and it finds terms that overlap.
"""

import importlib
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from monitor import text as texts
from monitor.errors import QueryError
from monitor.text import Folded, fold

_TERM_CHARACTERS = 200
_SHORTEST_STEM = 2
_HEAD_LETTERS = 3  # stems are kept by their first letters; three leave few words with more than one candidate

_WORDS_REMEMBERED = 50_000  # about 5 MB; a watch in twenty languages meets as many in a day
_FEW_WORDS = 20  # whose letters are sooner looked for in a text than the text is cut into words

_PATTERN_READS = 20_000  # characters of a field that a pattern sees
_PATTERN_HITS = 50  # per field
_HOSTILE_LETTERS = 8
# How often the parts of a pattern may be tried from one place, all counts multiplied. With no repeat inside another
# this bounds the work on a hostile text: the worst found takes 35 ms on 20,000 characters (tests/matcher/test_terms.py).
_PATTERN_WORK = 100

_parser: Any = importlib.import_module("re._parser")  # the parse tree has no public name since 3.11


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of a group.

    topic: the id of the one it belongs to. written: as in config.toml. words: folded, each with whether more letters may follow.
    capitals: the exact spelling that is asked for, "" for any. pattern: for `re:` terms, which have no words.
    """

    topic: str = ""
    group: str
    written: str
    words: tuple[tuple[str, bool], ...] = ()
    capitals: str = ""
    pattern: "re.Pattern[str] | None" = None


class Hit(NamedTuple):
    """A term found in a field. first, last: word numbers in the field. place: code points in the original, None until asked for."""

    term: Term
    first: int
    last: int
    place: tuple[int, int] | None = None


class Reading:
    """A field made ready for any number of topics: folded once, cut into words once, where anybody asks for them."""

    def __init__(self, original: str):
        self.folded: Folded = fold(original)
        self._spans: list[tuple[int, int]] = []  # as far as anybody asked

    def place(self, hit: Hit) -> tuple[int, int]:
        """Where a hit stands in the original, in code points, half open."""
        return hit.place or self.folded.place(self._span(hit.first)[0], self._span(hit.last)[1])

    def word_at(self, offset: int) -> int:
        """The number of the word that stands at, or last before, a code point of the original."""
        return max(0, bisect_right(range(len(self.words)), offset, key=lambda number: self.folded.place(*self._span(number))[0]) - 1)

    @cached_property
    def words(self) -> list[str]:
        return texts.words(self.folded.text)

    @cached_property
    def unmixed(self) -> list[str]:
        """The words, with those that mix alphabets spelled in one."""
        return [word if word.isascii() else texts.unmixed(word) for word in self.words]

    @cached_property
    def _further(self) -> Iterator[tuple[int, int]]:
        return texts.word_spans(self.folded.text, self.words)

    def _span(self, number: int) -> tuple[int, int]:
        if number >= len(self._spans):
            self._spans.extend(islice(self._further, number + 1 - len(self._spans)))
        return self._spans[number]


class Lexicon:
    """The terms of one topic or of several, looked up in one pass. look_alikes: also where letters of another alphabet stand for those that look the same.

    It remembers of the words it met whether they begin a term: news repeat their words, and at 500 terms this halves the time.
    """

    def __init__(self, terms: Iterable[Term], *, look_alikes: bool = False):
        self.terms = tuple(terms)
        self.look_alikes = look_alikes
        self._exact: dict[str, list[Term]] = {}
        self._stems: dict[str, list[tuple[str, Term]]] = {}
        self._patterns: list[Term] = []
        for term in self.terms:
            if term.pattern:
                self._patterns.append(term)
                continue
            word, is_stem = term.words[0]
            if is_stem:
                self._stems.setdefault(word[:_HEAD_LETTERS], []).append((word, term))
            else:
                self._exact.setdefault(word, []).append(term)
        first_words = {term.words[0][0] for term in self.terms if not term.pattern}
        self._few = tuple(first_words) if len(first_words) <= _FEW_WORDS and not self._patterns else ()
        self._head_lengths = sorted({len(head) for head in self._stems})
        self._speaking: dict[str, list[Term]] = {}
        self._silent: set[str] = set()

    def __reduce__(self) -> "tuple[Any, ...]":
        return _lexicon, (self.terms, self.look_alikes)  # without what it remembers

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """Every place of every term, in the order of the text; terms that overlap are all given, patterns come last."""
        if self._few and not self._may_speak(reading.folded.text):
            return
        words = reading.unmixed if self.look_alikes else reading.words
        candidates = self._candidates(set(words))
        if candidates:
            for first, word in enumerate(words):
                if word in candidates:
                    for term in candidates[word]:
                        if len(term.words) == 1 and not term.capitals:
                            yield Hit(term, first, first)
                        elif hit := self._hit(term, first, words, reading):
                            yield hit
        for term in self._patterns:
            yield from _pattern_hits(term, reading)

    def _may_speak(self, folded: str) -> bool:
        """Whether the letters of some first word are in a text, be it in the middle of another word."""
        return (self.look_alikes and not folded.isascii()) or any(map(folded.__contains__, self._few))

    def _candidates(self, words: set[str]) -> dict[str, list[Term]]:
        """The terms that may begin at a word, for each word that begins any."""
        if len(self._silent) + len(self._speaking) > _WORDS_REMEMBERED:
            self._silent, self._speaking = set(), {}
        speaking, silent = self._speaking, self._silent
        unmet = words.difference(silent, speaking)
        if unmet:
            new = self._looked_up(unmet)
            speaking.update(new)
            silent.update(unmet.difference(new))
        return {word: speaking[word] for word in words & speaking.keys()}

    def _looked_up(self, words: set[str]) -> dict[str, list[Term]]:
        found = {word: list(self._exact[word]) for word in words & self._exact.keys()}
        for length in self._head_lengths:
            for word in [word for word in words if word[:length] in self._stems]:
                terms = [term for stem, term in self._stems[word[:length]] if _begins(word, stem)]
                if terms:
                    found.setdefault(word, []).extend(terms)
        return found

    def _hit(self, term: Term, first: int, words: list[str], reading: Reading) -> Hit | None:
        """The term at this word, if its other words follow and its capitals fit."""
        last = first + len(term.words) - 1
        if last > first:
            if last >= len(words):
                return None
            for number, (word, is_stem) in enumerate(term.words[1:], first + 1):
                here = words[number]
                if here != word and not (is_stem and _begins(here, word)):
                    return None
        hit = Hit(term, first, last)
        if not term.capitals:
            return hit
        start, stop = reading.place(hit)
        shown = texts.visible(reading.folded.original[start:stop])
        return Hit(term, first, last, (start, stop)) if (texts.unmixed(shown) if self.look_alikes else shown) == term.capitals else None


def _begins(word: str, stem: str) -> bool:
    """Whether a word begins with a stem; in Korean, which folds to the letters of its syllables, with whole syllables."""
    return word.startswith(stem) and not "\u1160" <= word[len(stem) : len(stem) + 1] <= "\u11ff"


def _lexicon(terms: tuple[Term, ...], look_alikes: bool) -> Lexicon:
    return Lexicon(terms, look_alikes=look_alikes)


def read_term(group: str, written: str) -> Term:
    """A term of a group as written in config.toml.

    raises: QueryError, with the column inside the term.
    """
    if len(written) > _TERM_CHARACTERS:
        raise QueryError(f'term of group "{group}" is longer than {_TERM_CHARACTERS} characters', column=_TERM_CHARACTERS + 1, hint="split it into several")
    if written.startswith("re:"):
        return Term(group=group, written=written, pattern=_guarded(group, written))
    if written.startswith('"'):
        if len(written) < 2 or not written.endswith('"'):
            raise _wrong(group, written, "has an opening quotation mark only", len(written) + 1, 'close the phrase with "')
        return Term(group=group, written=written, words=_words(group, written, written[1:-1], offset=1))
    if written.startswith("="):
        return _exact_term(group, written)
    for column, letter in enumerate(written, 1):
        if letter.isspace() and written.strip():
            raise _wrong(group, written, "holds a space", column, f'write a phrase in quotation marks: "\\"{written.strip()}\\""')
    return Term(group=group, written=written, words=_words(group, written, written, offset=0))


def _exact_term(group: str, written: str) -> Term:
    if "*" in written:
        raise _wrong(group, written, "cannot end in *, = asks for one exact word", written.index("*") + 1, "leave out either = or *")
    words = _words(group, written, written[1:], offset=1)
    if len(words) != 1:
        raise _wrong(group, written, "is more than one word", 2, "= takes one word; give a phrase in quotation marks without it")
    return Term(group=group, written=written, words=words, capitals=written[1:])


def _words(group: str, written: str, body: str, *, offset: int) -> tuple[tuple[str, bool], ...]:
    """The words of a term, each with whether a * follows it.

    Text is folded word by word, so that the column of a misplaced * is known.
    """
    found: list[tuple[str, bool]] = []
    for part in re.finditer(r"\S+", body):
        column = offset + part.start() + 1
        stem, star, behind = part[0].partition("*")
        if star and behind and any(letter.isalnum() for letter in behind):
            hint = f'write "{stem}*" for words that begin so; the end of a word cannot be left open and then closed'
            raise _wrong(group, written, "has a * inside a word", column + len(stem), hint)
        words = texts.words(fold(stem).text)
        if star and (not words or (len(words[-1]) < _SHORTEST_STEM and not texts.is_spaceless(words[-1]))):
            raise _wrong(group, written, "has a * after fewer than two letters", column + len(stem), "a stem so short finds almost every text")
        found += [(word, bool(star) and number == len(words)) for number, word in enumerate(words, 1)]
    if not found:
        raise _wrong(group, written, "holds no letter and no digit", offset + 1, "write a word, a stem*, or a phrase in quotation marks")
    return tuple(found)


def _wrong(group: str, written: str, message: str, column: int, hint: str) -> QueryError:
    return QueryError(f'term {written!r} of group "{group}" {message}', column=column, hint=hint)


# ------------------------------------------------------------------------------------------- looking
def _pattern_hits(term: Term, reading: Reading) -> Iterator[Hit]:
    assert term.pattern is not None
    if not reading.words:
        return
    for count, found in enumerate(term.pattern.finditer(reading.folded.original[:_PATTERN_READS])):
        if count == _PATTERN_HITS:
            return
        start, stop = found.span()
        if stop > start:
            yield Hit(term, reading.word_at(start), reading.word_at(stop - 1), (start, stop))


# ------------------------------------------------------------------------------------------ patterns
def _guarded(group: str, written: str) -> "re.Pattern[str]":
    """A pattern that cannot run away: no repeat inside a repeat, no backreference, and a bound on every count.

    The parse tree is judged, not the spelling. Without nesting, the work from one place is at most the product of the counts.
    """
    pattern = written.removeprefix("re:")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python will read otherwise one day is refused today
            tree = _parser.parse(pattern, re.IGNORECASE)
            compiled = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        place = getattr(error, "pos", None) or 0
        raise _wrong(group, written, f"is no regular expression: {getattr(error, 'msg', error)}", place + 4, "try it out with Python's re module") from error
    trouble = _trouble(tree)
    if trouble:
        raise _wrong(group, written, trouble[0], 4, trouble[1])
    if compiled.search(""):
        raise _wrong(group, written, "finds the empty text", 4, "ask for at least one character")
    if _work(tree) > _PATTERN_WORK:
        raise _wrong(group, written, f"may try more than {_PATTERN_WORK} ways from one place", 4, "lower the counts in { }; they are multiplied")
    return compiled


def hostile_texts(term: Term) -> Iterator[str]:
    """Texts on which a pattern has most to try: its own letters again and again, alone and in their order, never its end."""
    assert term.pattern is not None
    letters = list(dict.fromkeys(_letters(_parser.parse(term.pattern.pattern, re.IGNORECASE))))[:_HOSTILE_LETTERS]
    inner = letters[:-1] or letters
    for kernel in dict.fromkeys((*letters, "".join(inner), "".join(each * 30 for each in inner), "".join(each + " " for each in inner), "a1 ")):
        if kernel:
            yield (kernel * (_PATTERN_READS // len(kernel) + 1))[:_PATTERN_READS]


def search_all(term: Term, text: str) -> int:
    """Look for a pattern as far as an article is looked through; gives how often it was found."""
    assert term.pattern is not None
    return sum(1 for _ in islice(term.pattern.finditer(text[:_PATTERN_READS]), _PATTERN_HITS))


def _letters(tree: Any) -> Iterator[str]:
    """A letter for each place of a pattern, in order."""
    for name, given in _nodes(tree):
        if name in ("LITERAL", "NOT_LITERAL"):
            yield chr(given)
        elif name == "RANGE":
            yield chr(given[0])
        elif name in ("ANY", "CATEGORY"):
            yield "a"
        elif name == "IN":
            yield from list(_letters(given))[:1]
        else:
            for part in _parts(given):
                yield from _letters(part)


_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_REFERENCES = {"GROUPREF", "GROUPREF_EXISTS"}


def _trouble(tree: Any, *, inside_repeat: bool = False) -> tuple[str, str] | None:
    """What is dangerous in a parse tree, and what to write instead."""
    for name, given in _nodes(tree):
        if name in _REFERENCES:
            return "refers back to a group", "write the words out"
        if inside_repeat and (name in _REPEATS or name == "BRANCH"):
            return "repeats a part that itself repeats or chooses", "write a*, (ab)* or (?:a|b) without a repeat around it"
        if name in _REPEATS and given[1] is _parser.MAXREPEAT:
            return "repeats without end", r"write \w{0,30} in place of \w*, .{0,80} in place of .*"
        for part in _parts(given):
            found = _trouble(part, inside_repeat=inside_repeat or (name in _REPEATS and given[1] > 1))
            if found:
                return found
    return None


def _work(tree: Any) -> int:
    """How many ways there are to match from one place, at most."""
    ways = 1
    for name, given in _nodes(tree):
        inner = [_work(part) for part in _parts(given)]
        if name == "BRANCH":
            ways *= sum(inner)
        elif name in _REPEATS:
            ways *= max(1, int(given[1]) - int(given[0]) + 1) * max([1, *inner])
        else:
            ways *= max([1, *inner])
    return ways


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    return ((str(name), given) for name, given in tree)


def _parts(given: Any) -> Iterator[Any]:
    """The parse trees inside what a node was given."""
    for part in given if isinstance(given, (tuple, list)) else (given,):
        if isinstance(part, _parser.SubPattern):
            yield part
        elif isinstance(part, list):
            yield from _parts(part)
