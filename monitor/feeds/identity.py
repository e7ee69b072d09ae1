"""Which entry is which: a key that stays, and a hash that shows an edit."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from monitor.model import Entry
from monitor.status import Problem

MAX_KEY_CHARS = 500


def identified(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """The entries with key and sha256, repeated ones once; and what was odd about them.

    The key is the guid; where several entries of the document share it, the link; where they share that too, a hash of
    title, date and text. So a feed that gives every entry the same guid (miniflux/v2#4197) loses none of them.
    """
    once = _without_repeats(entries)
    guids = Counter(entry.id for entry in once if entry.id)
    links = Counter(entry.url for entry in once if entry.url)
    shared = sum(count for count in guids.values() if count > 1)
    keyed: dict[str, Entry] = {}
    for entry in once:
        key = bounded(entry.id) if guids[entry.id] == 1 else bounded(entry.url) if links[entry.url] == 1 else _fingerprint(entry)
        keyed.setdefault(key, replace(entry, key=key, sha256=content_hash(entry)))
    problems = []
    if shared:
        problems.append(Problem(code="shared-guid", detail=f"{shared} entries share a guid with another"))
    if len(keyed) < len(entries):
        problems.append(Problem(code="repeated-entry", detail=f"{len(entries) - len(keyed)} entries were there twice"))
    return tuple(keyed.values()), tuple(problems)


def other_keys(entry: Entry) -> tuple[str, ...]:
    """The keys that the same entry may have had in an earlier document, likeliest first.

    Publishers that move to https move their guids along (feedbin/support#515). A guid that other entries of a document shared,
    or that a feed did not have at first, leaves the entry with the key that it would have without one.
    """
    twins = {"http://": "https://", "https://": "http://"}
    twin = next((other + entry.id.removeprefix(scheme) for scheme, other in twins.items() if entry.id.startswith(scheme)), "")
    keys = dict.fromkeys(bounded(key) for key in (twin, entry.url, _fingerprint(entry)) if key)
    keys.pop(entry.key, None)
    return tuple(keys)


def content_hash(entry: Entry) -> str:
    """A hash over what a reader would notice: title, summary, content and address. Dates are not in it: many feeds date every entry anew."""
    return _hash(entry.title, entry.summary, entry.content, entry.url)


def _without_repeats(entries: Sequence[Entry]) -> list[Entry]:
    first: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        first.setdefault((entry.id, entry.url, entry.title, entry.summary), entry)
    return list(first.values())


def _fingerprint(entry: Entry) -> str:
    date = entry.published_at or entry.updated_at
    return "sha256:" + _hash(entry.title, date.isoformat() if date else "", entry.summary or entry.content)


def bounded(key: str) -> str:
    """A guid or link as a key: long ones by their hash."""
    return key if len(key) <= MAX_KEY_CHARS else "sha256:" + _hash(key)


def _hash(*texts: str) -> str:
    # The lengths keep ("ab", "c") and ("a", "bc") apart. Lone surrogates were removed on reading.
    return hashlib.sha256("".join(f"{len(text)}:{text}" for text in texts).encode()).hexdigest()
