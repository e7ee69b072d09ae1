"""What is new in a feed, what was edited, and what was there before we came."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.feeds.identity import other_keys
from monitor.model import Entry
from monitor.text import fold, words

# An entry that is new to us though its date is older than this was in a feed's cellar, not in the news:
# publishers republish archives, and feeds show old entries again when newer ones are deleted (miniflux/v2#1409, #4075).
OLD_NEWS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What we have of an entry."""

    key: str
    sha256: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What we know of a feed's past, as far as its document names it.

    by_key: also under keys that an entry may have had before. by_link: by the key of its address.
    forgotten: keys of entries that retention took, and forgotten_links: the addresses of these, each with
    the key, and when it was forgotten or noticed in the feed after that.
    """

    by_key: Mapping[str, KnownEntry] = field(default_factory=dict)
    by_link: Mapping[str, Sequence[KnownEntry]] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    forgotten_links: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)


NOTHING = Past()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """new, edited: in the feed's order, under the keys that they have now.

    renamed: key to the one that we know the entry by, of edited and of unchanged ones.
    forgotten: keys of entries that are still there though retention took them. unchanged: how many.
    """

    new: tuple[Entry, ...] = ()
    edited: tuple[Entry, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    forgotten: tuple[str, ...] = ()
    unchanged: int = 0


def compare(past: Past, entries: Sequence[Entry], links: Mapping[str, str] | None = None) -> Changes:
    """The entries against what we have of them.

    links: an entry's key to the key of its address.
    An entry is the one that we know under another key if that key has left the document and one of these holds: it is the
    same guid with https for http, it is what the entry would have been called without its guid, or both have one address.
    So neither a new guid nor a new headline makes an old entry news. Where the other one is still in the document, or where
    several entries have the address, as in live blogs, words tell them apart: the same words are a repetition, others are news.
    What left the feed is no change. Entries without any words and address are passed over: nobody could be told anything.
    """
    if past == NOTHING:  # a new feed: there is nothing to compare with
        return Changes(new=tuple(entry for entry in entries if _has_words(entry)))
    listed, taken = {entry.key for entry in entries}, set[str]()
    links = links or {}
    shared = {link for link, times in Counter(links.get(entry.key, "") for entry in entries).items() if times > 1}
    new, edited, renamed, forgotten, unchanged = [], [], {}, [], 0
    for entry in entries:
        link = links.get(entry.key, "")
        known = past.by_key.get(entry.key)
        if known is None:
            by_key = [past.by_key[key] for key in other_keys(entry) if key in past.by_key]
            by_link = [each for each in past.by_link.get(link, ()) if link not in shared or _says_the_same(each, entry)]
            known = _under_another_key([*by_key, *by_link], entry, listed, taken)
            if known and known.key not in listed:
                renamed[entry.key] = known.key
                taken.add(known.key)
        if known is None and (gone := _as_forgotten(past, entry, link)):
            forgotten.append(gone)
        elif known is None:
            if _has_words(entry):
                new.append(entry)
        elif known.sha256 == entry.sha256 or (entry.key != known.key and known.key in listed):
            unchanged += 1
        else:
            edited.append(entry)
    return Changes(new=tuple(new), edited=tuple(edited), renamed=renamed, forgotten=tuple(forgotten), unchanged=unchanged)


def _has_words(entry: Entry) -> bool:
    return bool(entry.url or entry.title or entry.summary or entry.content)


def _under_another_key(candidates: Sequence[KnownEntry], entry: Entry, listed: set[str], taken: set[str]) -> KnownEntry | None:
    gone = (each for each in candidates if each.key not in listed and each.key not in taken)
    return next(gone, None) or next((each for each in candidates if each.key in listed and _says_the_same(each, entry)), None)


def _says_the_same(known: KnownEntry, entry: Entry) -> bool:
    return known.sha256 == entry.sha256 or words(fold(known.title).text) == words(fold(entry.title).text) != []


def _as_forgotten(past: Past, entry: Entry, link: str) -> str:
    """The key under which an entry was forgotten, "" where it was not.

    An address alone says so only of what is not younger: a page that speaks once a year has news.
    """
    if key := next((key for key in (entry.key, *other_keys(entry)) if key in past.forgotten), ""):
        return key
    key, seen_at = past.forgotten_links.get(link, ("", None))
    date = entry.published_at or entry.updated_at
    return "" if seen_at and date and date > seen_at else key


def is_backfill(entry: Entry, *, first_poll: bool, now: datetime, backfill: timedelta) -> bool:
    """Whether an entry is stored and matched, but nobody is told.

    now: at the first poll, when the watch began to follow the feed.
    At a feed's first poll: entries that were older than `backfill` then, and those without a date, because they may be years old.
    Later: only entries more than a week old, whatever `backfill` says.
    """
    date = entry.published_at or entry.updated_at
    if first_poll:
        return date is None or date < now - backfill
    return date is not None and date < now - OLD_NEWS


def is_flood(new: int, *, first_poll: bool, limit: int) -> bool:
    """Whether a poll brought more news than a feed can have.

    new: entries that somebody might be told of. limit: 0 for none. A feed's first poll is never one: all of it is new to us.
    """
    return bool(limit) and not first_poll and new > limit
