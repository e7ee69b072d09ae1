"""Text as the program compares it and as it shows it to people.

Comparing forgets case, accents and invisible characters (`fold`, `words`, `stems`); showing forgets only
what could deceive or break a line (`clean_line`).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, pairwise

from monitor.late import late

# Left out when comparing: marks above and below Latin, Greek, Cyrillic, Hebrew and Arabic letters, and characters
# that show nothing (soft hyphen, zero-width, bidi controls, variation selectors, tags). Marks of Indic scripts are
# vowels, not accents, and stay.
_UNCOMPARED = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\U000e0000-\U000e01ef"
)
_UNCOMPARED_RUN = late(f"[{_UNCOMPARED}]+")

# Letters whose stroke or missing dot Unicode does not treat as an accent.
_BARE_LETTERS = (("ł", "l"), ("ø", "o"), ("đ", "d"), ("ħ", "h"), ("ı", "i"))

# Scripts written without spaces: each character counts as one word, so a term is found inside a run of them.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_ONE_OF_SPACELESS = late(f"[{_SPACELESS}]")
_LETTER = rf"[^\W_{_SPACELESS}]"
_VOWEL_SIGNS = "".join(chr(code) for code in range(0x0900, 0x0E00) if unicodedata.category(chr(code)).startswith("M"))
_WORD = late(f"{_LETTER}+(?:[{_VOWEL_SIGNS}]+{_LETTER}*)*|[{_SPACELESS}]")
_ASCII_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}

_BLOCK = 1000  # characters

_STEM = late(r"[^\W\d_]{2,}")

_UNSHOWN = late("[\u00ad\u061c\u180e\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]")
_CONTROL = late(r"[\x00-\x1f\x7f-\x9f]")
_MARKS_KEPT = 4  # Vietnamese and Hebrew need three on one letter; "zalgo" text stacks dozens and covers the lines around it
_MARK = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
)
_TOO_MANY_MARKS = late(f"({_MARK}{{{_MARKS_KEPT}}}){_MARK}+")
_FOUND_CHARACTERS = 60  # of what was found itself
_JOINER = "\u200d"
_VIRAMA = 9  # its combining class

# Letters of three alphabets that look alike, as small letters or as capitals, in the same places (the plain ones of Unicode TS #39).
_LOOK_ALIKES = {"latin": "aeiokmhpctyxsjbzn", "cyrillic": "аеіокмнрстухѕјв  ", "greek": "αειοκμηρ τυχ  βζν"}
_ALPHABETS = {"latin": late("[a-zA-Z]"), "cyrillic": late("[\u0400-\u04ff]"), "greek": late("[\u0370-\u03ff]")}

_SENTENCE_END = late(r"(?<=[.!?…。！？।])[\"'”’»)\]]*(?:\s+|(?<=[。！？]))|\n+")
_ABBREVIATION = late(
    r"(?:^|[\s(„“\"'.])(?:\w|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Lt|Sen|Rep|Gov|No|vs|ca|bzw|Nr|Hr|Fr|им|ул|гг?|ст|тис|тыс|млн|млрд|al|art|tzw|tzn|prof|gen)\.$"
)


class Folded:
    """A text made comparable, with a way back.

    text: folded. original: as given. Made by `fold`, which cuts long texts into blocks: the way back then looks at few of them.
    """

    def __init__(self, original: str, cuts: list[int]):
        self.original = original
        pieces = [_folded(original[start:stop]) for start, stop in pairwise((0, *cuts, len(original)))] if cuts else [_folded(original)]
        self.text = "".join(pieces)
        self._began = [0, *cuts]
        self._folded_began = list(accumulate(map(len, pieces[:-1]), initial=0))
        self._odd_of: dict[int, _Odd] = {}

    def place(self, start: int, stop: int) -> tuple[int, int]:
        """Where a non-empty span of the folded text stands in the original, in code points, half open.

        Marks belong to the letter before them.
        """
        if self.original.isascii():
            return start, stop
        first, last = self._index(start), self._index(stop - 1) + 1
        while first and (unicodedata.combining(self.original[first]) or not _width(self.original[first])):
            first -= 1  # folding puts marks in order, past what shows nothing, so which of several it was is not known
        further = last
        while further < len(self.original) and ((is_mark := bool(unicodedata.combining(self.original[further]))) or not _width(self.original[further])):
            further += 1
            last = further if is_mark else last
        return first, last

    def _index(self, offset: int) -> int:
        """The original character that the folded character at this offset came from."""
        block = bisect_right(self._folded_began, offset) - 1
        began = self._began[block]
        if block not in self._odd_of:
            self._odd_of[block] = _odd(self.original[began : self._began[block + 1] if block + 1 < len(self._began) else len(self.original)])
        ends, places, shifts = self._odd_of[block]
        offset -= self._folded_began[block]
        passed = bisect_right(ends, offset)
        index = offset - shifts[passed]
        return began + (min(index, places[passed]) if passed < len(places) else index)


_Odd = tuple[list[int], list[int], list[int]]


def _odd(block: str) -> _Odd:
    """The characters that do not fold to exactly one: where they end folded, where they stand, how far all before them shift the rest.

    Folding looks at one character at a time, and few are odd: finding them is five times cheaper than a map of all characters.
    """
    odd = {character: _width(character) for character in set(block) if _width(character) != 1}
    ends: list[int] = []
    places: list[int] = []
    shifts = [0]
    if odd:
        for found in re.finditer(f"[{re.escape(''.join(odd))}]", block):
            width = odd[found[0]]
            places.append(found.start())
            ends.append(found.start() + shifts[-1] + width)
            shifts.append(shifts[-1] + width - 1)
    return ends, places, shifts


def fold(text: str) -> Folded:
    """The text without case, accents and invisible characters: "NA\u200bTO – Łódź" becomes "nato – lodz".

    Cyrillic й and ї lose their marks too, so й = и: no stem of the shipped topic changes its meaning by it, and texts
    that spell them with separate marks match.
    """
    return Folded(text, [] if len(text) <= _BLOCK or text.isascii() else list(_cuts(text)))


def _cuts(text: str) -> Iterator[int]:
    """Blanks at which a text may be folded block by block with the same result."""
    cut = text.find(" ", _BLOCK)
    while cut >= 0:
        yield cut
        cut = text.find(" ", cut + _BLOCK)


def words(folded: str) -> list[str]:
    """The words of a folded text; each character of Chinese, Japanese, Thai, Lao, Burmese or Khmer is one."""
    if folded.isascii():
        return folded.translate(_ASCII_BLANKS).split()  # the same, in a third of the time
    return _WORD.findall(folded)


def is_spaceless(word: str) -> bool:
    """Whether a word is a character of a script without spaces, where each is one."""
    return _ONE_OF_SPACELESS.fullmatch(word) is not None


def word_spans(folded: str, found: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the words of a folded text stand, half open, one after the other. found: what `words` gives for it."""
    reached = 0
    for word in found:
        # Between two words stands nothing that could be taken for a word, so each is the next of its spelling.
        # Half the time of asking the pattern for places.
        start = folded.find(word, reached)
        reached = start + len(word)
        yield start, reached


def stems(text: str, length: int = 6) -> list[str]:
    """Words of two letters or more, without case, cut to a length that hides most endings of European languages."""
    return [word[:length] for word in _STEM.findall(text.casefold())]


def squeezed(text: str) -> str:
    """Every run of blanks and line ends as one blank, and none around the text."""
    text = text.strip()
    if "  " not in text and text.isprintable():  # no other blank is printable
        return text
    return " ".join(text.split())


def clean_line(text: str, limit: int) -> str:
    """One line that is safe to show: no control characters, no reversed or invisible text, no towers of marks.

    limit: code points, the "…" of a cut line included; a letter is never cut from its marks, nor an emoji in two.
    """
    line = " ".join(_CONTROL.sub(" ", _UNSHOWN.sub("", text)).split())
    line = without_towers(line)
    if len(line) <= limit:
        return line
    return line[: between_letters(line, max(limit - 1, 0))].rstrip() + "…"


def without_towers(text: str) -> str:
    """The text with no more than four marks on a letter."""
    return text if text.isascii() else _TOO_MANY_MARKS.sub(r"\1", text)


def around(text: str, start: int, stop: int, width: int) -> tuple[str, str, str]:
    """A place of a text with what stands before and after it in its paragraph, each a clean part of one line.

    width: code points on each side; what is longer is cut between words, or between letters where a script has no spaces, and gets a "…".
    """
    closing = text.find("\n", stop)
    before, after = text[text.rfind("\n", 0, start) + 1 : start], text[stop : closing if closing >= 0 else len(text)]
    if len(before) > width:
        before = "…" + before[_word_from(before, len(before) - width) :]
    if len(after) > width:
        after = after[: _word_until(after, width)].rstrip() + "…"
    return _part(before, 2 * width), clean_line(text[start:stop], _FOUND_CHARACTERS), _part(after, 2 * width)


def _word_from(text: str, start: int) -> int:
    """The first place from `start` on where a word begins, else a letter."""
    blank = next((place for place in range(start - 1, (start + len(text)) // 2) if text[place].isspace()), None)
    if blank is not None:
        return blank + 1
    while start < len(text) and _belongs_together(text[start - 1], text[start]):
        start += 1
    return start


def _word_until(text: str, stop: int) -> int:
    """The last place up to `stop` where a word ends, else a letter."""
    return next((place for place in range(stop, stop // 2, -1) if text[place].isspace()), None) or between_letters(text, stop)


def _part(text: str, limit: int) -> str:
    """A clean part of a line that keeps the blank towards its neighbour."""
    return (" " if text[:1].isspace() else "") + clean_line(text, limit) + (" " if text.strip() and text[-1:].isspace() else "")


def between_letters(text: str, stop: int) -> int:
    """The last place up to `stop` where a text may be cut: not between a letter and its marks, nor inside an emoji or a flag."""
    while 0 < stop < len(text) and _belongs_together(text[stop - 1], text[stop]):
        stop -= 1
    return stop


def visible(text: str) -> str:
    """A text as a reader sees it, capitals and accents included: nothing invisible, full-width letters as plain ones."""
    return unicodedata.normalize("NFKC", _UNSHOWN.sub("", text))


def unmixed(word: str) -> str:
    """A word that mixes alphabets, spelled in the one that its look-alike letters allow: "nато" with three Cyrillic letters becomes "nato".

    Any other word stays as it is. Letter for letter, so that places stay.
    """
    counts = {name: len(alphabet.findall(word)) for name, alphabet in _ALPHABETS.items()}
    mixed = sorted((name for name, count in counts.items() if count), key=lambda name: -counts[name])
    for target in mixed if len(mixed) > 1 else ():
        spelled = word
        for other in mixed:
            if other != target:
                spelled = spelled.translate(_respelling(other, target))
        if not any(_ALPHABETS[other].search(spelled) for other in mixed if other != target):
            return spelled
    return word


@lru_cache
def _respelling(source: str, target: str) -> dict[int, str]:
    letters, twins = _LOOK_ALIKES[source], _LOOK_ALIKES[target]
    pairs = zip(letters + letters.upper(), twins + twins.upper(), strict=True)
    # A capital Nu looks like N, but nobody hides a Greek word behind a Latin n.
    one_way = "znZN" if source == "latin" else ""
    return {ord(letter): twin for letter, twin in pairs if letter != " " and twin != " " and letter not in one_way}


def language_name(code: str) -> str:
    """The English name of a language: "Ukrainian" for "uk"; the code itself where it is nobody's, "" for none and for "und"."""
    from babel import Locale, UnknownLocaleError

    try:
        return (Locale.parse(code.replace("-", "_")).get_language_name("en") or code) if code and code != "und" else ""
    except (UnknownLocaleError, ValueError):
        return code


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order; a line break ends one too."""
    found: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        sentence = text[start : end.end()].strip()
        if not sentence or ("\n" not in end[0] and _ABBREVIATION.search(sentence)):
            continue
        found.append(sentence)
        start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Decomposed first: "℠" opens into capitals, and the iota below a Greek letter would become a letter of its own.
    folded = _UNCOMPARED_RUN.sub("", unicodedata.normalize("NFKD", text))
    if not unicodedata.is_normalized("NFKD", folded):  # two marks are put in order only when what stood between them is gone
        folded = unicodedata.normalize("NFKD", folded)
    folded = folded.casefold()
    for letter, bare in _BARE_LETTERS:
        folded = folded.replace(letter, bare)
    return folded


@lru_cache(maxsize=8192)  # more characters than the news of one watch uses in all its languages
def _width(character: str) -> int:
    return len(_folded(character))


def _belongs_together(before: str, after: str) -> bool:
    return (
        unicodedata.category(after).startswith("M")
        or _JOINER in (before, after)
        or (unicodedata.combining(before) == _VIRAMA and after.isalpha())  # two consonants of an Indic script in one letter
        or "\u1160" <= after <= "\u11ff"  # the vowel and the end of a Korean syllable written in parts
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")  # the two halves of a flag
    )
