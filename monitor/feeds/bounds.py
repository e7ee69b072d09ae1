"""What feedparser can read within a second, whatever it is.

It takes some 10 µs for a tag, 30 in broken XML, and more than linear time for a few things that no newspaper prints: an
author of a megabyte, ten thousand categories, as many namespaces, tags of thousands of attributes, base addresses around
thousands of elements. A document of ordinary size and shape passes through unchanged.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.feeds.dates import read_date

MAX_ITEMS = 1_000
MAX_TAGS = 30_000  # and comments, and whatever else begins with "<": a thousand items of fifteen elements
MAX_REFERENCES = 250_000
MAX_CHARS = 4_000_000
MAX_TAG_CHARS = 16_000
MAX_AUTHOR_CHARS = 200
MAX_BASE_CHARS = 25_000_000  # of base addresses, one for each element
ORDINARY_CHARS = 32_000  # below it nothing but authors can take long
ORDINARY_NAMESPACES = 100
ORDINARY_TAGS = 5_000

_AUTHOR = re.compile(
    rf"(<(?:[\w-]{{1,20}}:)?(?:author|creator|managingeditor|webmaster|publisher|owner)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?[^<>\]]{{{MAX_AUTHOR_CHARS}}})[^<>\]]*",
    re.IGNORECASE,
)
_ENDLESS_TAG = re.compile(rf"<[A-Za-z_/][^<>]{{{MAX_TAG_CHARS},}}>?")
_CATEGORY = re.compile(r"</?(?:[\w.-]{1,20}:)?(?:category|keywords|subject|tags)(?:[\s/][^<>]*)?>", re.IGNORECASE)
_NAMESPACE = re.compile(r"""\sxmlns:?[\w.-]{0,60}\s*=\s*(?:"[^"<>]*"|'[^'<>]*')""")
_BASE = re.compile(r"""\s(?:xml:)?base\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s<>]*))""", re.IGNORECASE)
_ITEM = re.compile(r"<((?:[\w-]{1,20}:)?(?:item|entry))[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w-]{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
_DATE = re.compile(r"<(?:pubdate|(?:dc:)?date|published|updated|modified|issued|created)(?:\s[^<>]{0,200})?>\s*(?:<!\[CDATA\[)?([^<>\]]{4,100})", re.IGNORECASE)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def within_bounds(text: str) -> tuple[str, int]:
    """The document, or as much of it as can be read, and how many items were left out before it is read; -1 where it was cut at an unknown place.

    Of more than MAX_ITEMS items the newest are kept, in the document's order. Linear in the text.
    """
    text = _AUTHOR.sub(r"\1", text)
    if len(text) <= ORDINARY_CHARS:
        return text, 0
    text, left_out = _newest_items(text)
    shorter = _without_endless_bases(_ENDLESS_TAG.sub("", text))
    if shorter.count("<") > ORDINARY_TAGS:
        shorter = _CATEGORY.sub("", shorter)  # nobody reads them, and feedparser compares each with all before it
        if len(set(_NAMESPACE.findall(shorter))) > ORDINARY_NAMESPACES:
            shorter = _NAMESPACE.sub("", shorter)
    stop = min(_place_of("<", shorter, MAX_TAGS), _place_of("&", shorter, MAX_REFERENCES), MAX_CHARS)
    is_cut = stop < len(shorter)
    return shorter[:stop], -1 if is_cut else left_out


def _without_endless_bases(text: str) -> str:
    """feedparser keeps the base address once for each open element, and relative ones inside each other make it ever longer."""
    bases = [found[1] or found[2] or found[3] or "" for found in _BASE.finditer(text)]
    if not bases:
        return text
    longest = max(map(len, bases)) + sum(len(base) for base in bases if "://" not in base)
    return _BASE.sub("", text) if text.count("<") * longest > MAX_BASE_CHARS else text


def _newest_items(text: str) -> tuple[str, int]:
    """The document with its MAX_ITEMS newest items, and how many were left out.

    Told by the tags alone: where CDATA or comments look like items, the choice may be another one, and nothing worse.
    """
    starts = [found.start() for found in _ITEM.finditer(text)]
    if len(starts) <= MAX_ITEMS:
        return text, 0
    last = _last_end(text, starts[-1])
    spans = list(zip(starts, [*starts[1:], last], strict=True))
    newest = sorted(range(len(spans)), key=lambda place: _date_of(text, spans[place]), reverse=True)[:MAX_ITEMS]
    return text[: starts[0]] + _joined(text, spans, sorted(newest)) + text[last:], len(starts) - MAX_ITEMS


def _last_end(text: str, start: int) -> int:
    end = _ITEM_END.search(text, start)
    return end.end() if end else len(text)


def _joined(text: str, spans: Sequence[tuple[int, int]], places: Sequence[int]) -> str:
    return "".join(text[slice(*spans[place])] for place in places)


def _date_of(text: str, span: tuple[int, int]) -> datetime:
    found = _DATE.search(text, *span)
    return (read_date(found[1]) if found else None) or _LONG_AGO


def _place_of(letter: str, text: str, number: int) -> int:
    """Where the letter stands for the given time; the text's length where it does not stand so often."""
    if text.count(letter) < number:
        return len(text)
    place = -1
    for _ in range(number):
        place = text.find(letter, place + 1)
    return place
