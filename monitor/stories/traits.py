"""What an article is reduced to before it is compared: words, names, numbers and phrases.

A stem or a number is kept as its CRC-32: a saved article still fits after a restart, and takes about
a kilobyte. Two stems of one language share a CRC too rarely to change a decision.
"""

import math
import re
import struct
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from monitor.text import stems

LEAD_CHARACTERS = 600

_PHRASE_WORDS = 5
_TITLE_KEY_WORDS = 5

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.!?…\n:|\"“”«»„]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """An article as numbers; all but the weights are CRCs.

    stems, weights: of the title (counted twice) and the lead, a vector of length 1; title_stems, title_weights: of the title alone.
    title_names, lead_names: stems of words with a capital that do not open a sentence. title_numbers, lead_numbers: as written.
    phrases: runs of five words of the lead; none means that there is no lead to speak of.
    title_key: one number for the folded title, none for a title so short that two outlets find it by chance.
    """

    stems: tuple[int, ...]
    weights: "array[float]"
    title_stems: tuple[int, ...]
    title_weights: tuple[float, ...]
    title_names: tuple[int, ...]
    title_numbers: tuple[int, ...]
    lead_names: tuple[int, ...]
    lead_numbers: tuple[int, ...]
    phrases: "array[int]"
    title_key: tuple[int, ...]


_LONG = ("weights", "phrases")  # a tenth of the memory as arrays; the others are read faster as tuples
_COLUMNS = {name: "f" if name.endswith("weights") else "I" for name in Traits.__slots__}


class Opening:
    """What of an article is read: the beginnings of its title and its lead, in words."""

    def __init__(self, title: str, lead: str):
        self.title, self.lead = beginning(title), beginning(lead)
        self.title_words, self.lead_words = stems(self.title), stems(self.lead)
        self.crcs = {stem: crc(stem) for stem in {*self.title_words, *self.lead_words}}


def read(article: Opening, rarities: Mapping[str, float]) -> Traits:
    """The traits of an article.

    rarities: of each of its stems, in nats.
    Weights are frozen with them: an article is later compared as it was seen at its time.
    """
    title_words, lead_words = article.title_words, article.lead_words
    whole, headline = _vector(title_words * 2 + lead_words, article, rarities), _vector(title_words, article, rarities)
    title_names, title_numbers = _details(article.title)
    lead_names, lead_numbers = _details(article.lead)
    runs = (lead_words[start : start + _PHRASE_WORDS] for start in range(len(lead_words) - _PHRASE_WORDS + 1))
    return Traits(
        stems=tuple(whole),
        weights=array("f", whole.values()),
        title_stems=tuple(headline),
        title_weights=tuple(array("f", headline.values())),  # in the precision that is saved
        title_names=title_names,
        title_numbers=title_numbers,
        lead_names=lead_names,
        lead_numbers=lead_numbers,
        phrases=array("I", _crcs(map(" ".join, runs))),
        title_key=_title_key(article.title),
    )


def beginning(text: str) -> str:
    """The first 600 characters, up to a whole word: half a word would count as a rare one.

    A publisher may send a title of any length; this bounds what one article costs.
    """
    return text if len(text) < LEAD_CHARACTERS else text[:LEAD_CHARACTERS].rpartition(" ")[0]


def crc(word: str) -> int:
    """How a stem or a number is kept."""
    return crc32(word.encode())


def pack(traits: Traits) -> bytes:
    """The bytes to save, the same on every machine: each column with its length before it."""
    columns = ((code, getattr(traits, name)) for name, code in _COLUMNS.items())
    return b"".join(struct.pack(f"<H{len(column)}{code}", len(column), *column) for code, column in columns)


def stems_in(packed: bytes) -> tuple[int, ...]:
    """The stems alone of what `pack` was given; a tenth of unpacking all."""
    (length,) = struct.unpack_from("<H", packed)
    return struct.unpack_from(f"<{length}I", packed, 2)


def unpack(packed: bytes) -> Traits:
    """What `pack` was given. raises: struct.error where the bytes end too early."""
    columns: dict[str, Any] = {}
    offset = 0
    for name, code in _COLUMNS.items():
        (length,) = struct.unpack_from("<H", packed, offset)
        values = struct.unpack_from(f"<{length}{code}", packed, offset + 2)
        columns[name] = array(code, values) if name in _LONG else values
        offset += 2 + 4 * length
    return Traits(**columns)


def _vector(words: Iterable[str], article: Opening, rarities: Mapping[str, float]) -> dict[int, float]:
    """Weights by CRC: (1 + log count) · rarity, scaled to length 1."""
    crcs = article.crcs
    weights = {crcs[stem]: rarities[stem] if count == 1 else (1 + math.log(count)) * rarities[stem] for stem, count in Counter(words).items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {stem: weight / length for stem, weight in weights.items()}


def _details(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Names (stems) and numbers in a text.

    A capital at the start of a sentence says nothing, unless a colon follows ("Okafor: …").
    """
    names: list[str] = []
    numbers: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        word, before = token[0], end
        end = token.end()
        if word[0].isupper():
            opens_sentence = before == 0 or _SENTENCE_END.search(text, before, token.start())
            if not opens_sentence or text.startswith(":", end):
                names += stems(word)
        elif word[0].isdigit():
            numbers.append(word)
    return _crcs(names), _crcs(numbers)


def _title_key(title: str) -> tuple[int, ...]:
    words = _TOKEN.findall(title.casefold())
    return _crcs([" ".join(words)] if len(words) >= _TITLE_KEY_WORDS else [])


def _crcs(words: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({crc(word) for word in words}))
