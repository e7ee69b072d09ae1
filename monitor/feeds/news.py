"""What is new in a feed's document: only the items that changed are read.

For each item of the document that was read last we keep three short hashes: of its text, of its id, of its link. An item
whose text is known needs no reading; the others are read alone, between the document's head and tail, wherever that
gives the same entries as reading the whole. That is shown for every feed of the corpus and for made-up ones
(tests/feeds/test_news.py); where it is in doubt, the whole is read.

Nothing is hidden for ever: the whole is read again when it was not for a week, when the head says otherwise how items are
to be read, when the feed's address changes, and after every change of the reading itself (RULES).
"""

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor import urls
from monitor.feeds.decode import Decoded, decode, is_misread
from monitor.feeds.entries import MAX_ENTRIES
from monitor.feeds.identity import bounded, identified, other_keys
from monitor.feeds.parse import parse_text
from monitor.feeds.parsed import ParsedFeed
from monitor.feeds.plain import clean
from monitor.feeds.split import Split, fingerprint, split, without_times
from monitor.feeds.xmlfeed import looks_like_xml_feed, read_xml
from monitor.model import Entry

RULES = 1  # rises whenever the same bytes give other entries than before
WHOLE_EVERY = timedelta(days=7)
# Longer bodies are not looked at where the answer is waited for: 256 KB take about a millisecond.
GLANCE_BYTES = 256 * 1024
GLANCE_WHOLE_BYTES = 48 * 1024  # of a document that is read whole: 2 ms for 30 KB of a common shape
GLANCE_TAGS = 3_000  # in 54 KB are some 500; a tag costs a few microseconds
GLANCE_CHARS = 16_000  # of head, changed items and tail, which are read
LOOK_BYTES, LOOK_TAGS = 512 * 1024, 20_000  # where nobody waits

_HEADER = struct.Struct("!BI8s8s")  # RULES, when the whole was read (Unix time), context, head
_ITEM = struct.Struct("8s8s8s")  # text, id, link; eight zeros where there is none
_NONE = bytes(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a feed remembers of the document that was read last: the columns `items_sha256` and `items`.

    fingerprint: of the whole, "" for documents that have none. items: a header and 24 bytes an item; only the header where
    the document has to be read whole.
    """

    fingerprint: str = ""
    items: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """feed: None where no entry can have changed; else its entries are those that are new or edited, or all of them where the whole was read.

    seen: what to remember now. unread: items that are as they were and were left out.
    """

    feed: ParsedFeed | None
    seen: Seen
    unread: int = 0


def glance(body: bytes, *, url: str, seen: Seen, now: datetime) -> News | None:
    """What `read_news` would find, where a few milliseconds show it; else None.

    That is where only times and comments outside the items differ, and where a few items of a common shape changed in a
    document of moderate size. Bounded whatever the body is, so it can be asked where others wait.
    """
    if len(body) > _glance_bytes(seen, now):
        return None
    return _without_judge(body, GLANCE_TAGS, GLANCE_CHARS, url=url, seen=seen, now=now)


def is_worth_a_look(body: bytes, *, seen: Seen, now: datetime) -> bool:
    """Whether `look` may find what is too long for a glance."""
    return _glance_bytes(seen, now) < len(body) <= LOOK_BYTES


def look(body: bytes, *, url: str, seen: Seen, now: datetime) -> News | None:
    """What a glance finds, where that may take some ten milliseconds: for a thread."""
    return _without_judge(body, LOOK_TAGS, LOOK_BYTES, url=url, seen=seen, now=now)


def _glance_bytes(seen: Seen, now: datetime) -> int:
    return GLANCE_WHOLE_BYTES if _is_due_whole(seen, now) else GLANCE_BYTES


def _without_judge(body: bytes, most_tags: int, most_chars: int, *, url: str, seen: Seen, now: datetime) -> News | None:
    """What is new, where no feedparser is needed to say so. Sending a body to another process and its entries back takes as long again."""
    text = _text_at_once(body)
    printed = fingerprint(text, url)
    is_due_whole = _is_due_whole(seen, now)
    if printed and printed == seen.fingerprint and not is_due_whole:
        return News(feed=None, seen=seen)
    if not printed or b"\x1b" in body or text.count("<") > most_tags or is_misread(body) or not looks_like_xml_feed(text):
        return None
    if is_due_whole:
        feed = parse_text(Decoded(text=text, encoding="utf-8"), url=url, judge=False)
        return _read_whole(feed, split(clean(text)), printed, url=url, now=now) if feed.is_well_formed and feed.format else None
    if len(seen.items) == _HEADER.size:
        return None
    cut = split(clean(text))
    return _news(cut, _header_of(cut, url, now), printed, url=url, seen=seen, most_chars=most_chars) if cut and len(cut.items) <= MAX_ENTRIES else None


def _text_at_once(body: bytes) -> str:
    try:
        return body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:  # other encodings are guessed from the whole text, which may take a while
        return ""


def _read_whole(feed: ParsedFeed, cut: Split | None, printed: str, *, url: str, now: datetime) -> News:
    if cut is None or len(cut.items) > MAX_ENTRIES:
        return News(feed=feed, seen=Seen(fingerprint=printed, items=_HEADER.pack(RULES, int(now.timestamp()), _NONE, _NONE)))
    return News(feed=feed, seen=Seen(fingerprint=printed, items=_header_of(cut, url, now) + _remembered(cut, feed)))


def read_news(body: bytes, *, url: str, content_type: str = "", seen: Seen, now: datetime) -> News:
    """The entries of a body that are not as they were when `seen` was written. Costs as much as `parse` at worst: for the sandbox."""
    decoded = decode(body, content_type)
    printed = fingerprint(decoded.text, url)
    is_due_whole = _is_due_whole(seen, now)
    if printed and printed == seen.fingerprint and not is_due_whole:
        return News(feed=None, seen=seen)
    cut = split(clean(decoded.text)) if printed and looks_like_xml_feed(decoded.text) else None
    if cut and len(cut.items) <= MAX_ENTRIES and not is_due_whole and (news := _news(cut, _header_of(cut, url, now), printed, url=url, seen=seen)):
        return news
    return _read_whole(parse_text(decoded, url=url), cut, printed, url=url, now=now)


def _is_due_whole(seen: Seen, now: datetime) -> bool:
    if len(seen.items) < _HEADER.size:
        return True
    rules, read_at, _, _ = _HEADER.unpack_from(seen.items)
    return rules != RULES or not 0 <= now.timestamp() - read_at <= WHOLE_EVERY.total_seconds()


def _header_of(cut: Split, url: str, now: datetime) -> bytes:
    around = without_times(cut.head) + "\0" + without_times(cut.tail)
    return _HEADER.pack(RULES, int(now.timestamp()), _short(f"{url}\0{cut.context}"), _short(around))


def _news(cut: Split, header: bytes, printed: str, *, url: str, seen: Seen, most_chars: int | None = None) -> News | None:
    """The changed items, read alone; None where that could give other entries than the whole.

    most_chars: of what may be read without feedparser, None where there is time for everything.
    """
    *_, context, head = _HEADER.unpack(header)
    _, read_at, seen_context, seen_head = _HEADER.unpack_from(seen.items)
    known = {item[0]: item for item in _ITEM.iter_unpack(seen.items[_HEADER.size :])}
    texts = [_short(item) for item in cut.items]
    changed = [place for place, text in enumerate(texts) if text not in known]
    if not known or context != seen_context or len(set(texts)) < len(texts) or len(changed) * 2 > len(texts):
        return None
    items = {text: known[text] for text in texts if text in known}
    feed = None
    if changed or head != seen_head:
        feed = _read_only(cut, changed, url=url, most_chars=most_chars)
        if feed is None:
            return None
        listed = {name for _, name, _ in items.values()}
        if any(_short(key) in listed for entry in feed.entries for key in other_keys(entry)):
            return None  # an item that is there still may be the same under another name (changes.py)
        items |= {texts[place]: (texts[place], *_names(entry)) for place, entry in zip(changed, feed.entries, strict=True)}
    in_order = [items[text] for text in texts]
    if not _are_told_apart(in_order, among=frozenset(texts[place] for place in changed)):
        return None
    kept = Seen(fingerprint=printed, items=_HEADER.pack(RULES, read_at, context, head) + _packed(in_order))
    return News(feed=feed, seen=kept, unread=len(texts) - len(changed))


def _read_only(cut: Split, places: Sequence[int], *, url: str, most_chars: int | None) -> ParsedFeed | None:
    """The document with some of its items; None where it turns out to be broken, or needs feedparser's judgement for which there is no time."""
    document = cut.with_only(places)
    if most_chars is not None and len(document) > most_chars:
        return None
    feed = read_xml(document, url=url, judge=most_chars is None)
    stand_ins = 0 if places and places[0] == 0 else 1
    if not feed.is_well_formed or not feed.format or len(feed.entries) != len(places) + stand_ins:
        return None
    entries, oddities = identified(feed.entries[stand_ins:])
    return replace(feed, entries=entries) if len(entries) == len(places) and not oddities else None


def _remembered(cut: Split, feed: ParsedFeed) -> bytes:
    """What to keep of a document that was read whole; nothing where its entries cannot be told apart one by one."""
    if not feed.is_well_formed or len(feed.entries) != len(cut.items):
        return b""
    items = [(_short(text), *_names(entry)) for text, entry in zip(cut.items, feed.entries, strict=True)]
    return _packed(items) if _are_told_apart(items) else b""


def _names(entry: Entry) -> tuple[bytes, bytes]:
    """Short hashes of what identifies an entry. The link counts as the page it means, because entries with one page are one article."""
    link = urls.url_key(entry.url) or entry.url
    return _short(bounded(entry.id)) if entry.id else _NONE, _short(link) if link else _NONE


def _are_told_apart(items: Sequence[tuple[bytes, bytes, bytes]], *, among: frozenset[bytes] | None = None) -> bool:
    """Whether each entry's key follows from itself alone (identity.py): ids are used once, and without an id the link is.

    among: texts of the items that are new; their links must be their own as well, because two entries of one page are told as one article.
    """
    ids = Counter(name for _, name, _ in items)
    links = Counter(link for _, _, link in items)
    for text, name, link in items:
        if name != _NONE and ids[name] > 1:
            return False
        if name == _NONE and (link == _NONE or links[link] > 1):
            return False
        if among and text in among and link != _NONE and links[link] > 1:
            return False
    return True


def _packed(items: Iterable[tuple[bytes, bytes, bytes]]) -> bytes:
    return b"".join(_ITEM.pack(*item) for item in items)


def _short(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
