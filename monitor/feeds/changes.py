"""What is new in a feed, what was edited, and what was there before we came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Entry

# An entry that is new to us though its date is older than this was in a feed's cellar, not in the news:
# publishers republish archives, and feeds show old entries again when newer ones are deleted (miniflux/v2#1409, #4075).
OLD_NEWS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """new, edited: in the feed's order."""

    new: tuple[Entry, ...] = ()
    edited: tuple[Entry, ...] = ()
    unchanged: int = 0


def compare(known: Mapping[str, str], entries: Iterable[Entry]) -> Changes:
    """The entries against what we have of them.

    known: key → sha256 of the entries that the feed had before.
    What left the feed is no change. Entries without any words and address are passed over: nobody could be told anything.
    """
    new, edited, unchanged = [], [], 0
    for entry in entries:
        if entry.key not in known:
            if entry.url or entry.title or entry.summary or entry.content:
                new.append(entry)
        elif known[entry.key] != entry.sha256:
            edited.append(entry)
        else:
            unchanged += 1
    return Changes(new=tuple(new), edited=tuple(edited), unchanged=unchanged)


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
