"""The life of a feed: when it has moved, is gone, is given up, or has turned into something else.

Plain values in, the feed's new head and what happened out; asking, saving and telling are others' work.
A feed moves late and never to what nobody has read: publishers redirect everything to a maintenance page now and then.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

from monitor.model import EventKind, Feed, FeedEvent, FeedState, Response
from monitor.text import clean_line
from monitor.urls import canonical

MOVE_POLLS, MOVE_SPAN = 3, timedelta(days=2)
GONE_SPAN = timedelta(hours=24)
MISSING_POLLS = 3
DISCOVER_EVERY = timedelta(days=7)
# A poll this long after its time was kept from us: the machine slept, the daemon was off. That is not the feed's failure.
LATE = timedelta(hours=1)

# Answers that say: here is no feed (any more).
MISSING = frozenset(("status-404", "gone", "not-a-feed", "empty-body", "malformed-xml", "malformed-json"))

SUSPICIOUS = str(EventKind.SUSPICIOUS_CHANGE)
MANY_ENTRIES = 10  # whoever had as many and has none has not just had a quiet day (a feed of warnings may well be empty)
FEW_ENTRIES = 3
_TITLE_CHARS = 100
# What hosting companies and domain traders put in place of a site.
_SUSPENDED = re.compile(
    r"\b(?:account|site|website|domain|page|service)\b.{0,30}\b(?:suspended|disabled|expired|for sale|parked|unavailable)\b"
    r"|\bsuspended (?:account|page|site)\b|\bdomain (?:is )?for sale\b|\bparked domain\b|\bdefault web ?(?:site )?page\b|\bsite not found\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A feed's head after a poll, and what happened to it thereby."""

    feed: Feed
    events: tuple[FeedEvent, ...] = ()


# ------------------------------------------------------------------------------------------ it answered
def answered(before: Feed, after: Feed, response: Response, *, new_count: int) -> Life:
    """A poll that found a feed, changed or not.

    before, after: its head before and after the poll. new_count: entries that it did not have before.
    """
    if _is_quiet(before, after, response):  # nearly every poll, so it costs nothing
        return Life(feed=after)
    after = replace(after, gone_since=None, missing_polls=0, missing_since=None, proposed_url="", proposed_reason="")
    after = _on_the_move(before, after, response)
    return _suspected(before, after, new_count=new_count)


def _is_quiet(before: Feed, after: Feed, response: Response) -> bool:
    """Whether nothing was said of an end, a move or a proposal, and the document is what it was."""
    said = response.permanent_url or after.announced_url or after.moved_url or after.gone_since or after.missing_polls or after.proposed_url
    return not said and not before.last_problem and (after.own_title, after.entry_count) == (before.own_title, before.entry_count)


def _on_the_move(before: Feed, after: Feed, response: Response) -> Feed:
    """Counts the polls in a row that say the same new address: permanent redirects on every hop, or the document itself (itunes:new-feed-url)."""
    target = response.permanent_url or after.announced_url
    if not may_be_stored(target, in_place_of=before.url):
        return replace(after, moved_url="", moved_since=None, moved_polls=0)
    if target != before.moved_url or before.moved_since is None:
        return replace(after, moved_url=target, moved_since=response.fetched_at, moved_polls=1)
    return replace(after, moved_polls=before.moved_polls + 1)


def may_be_stored(target: str, *, in_place_of: str) -> bool:
    """Whether an address may replace another: a usable one, another one, and never http for https."""
    address = canonical(target)
    return bool(address) and address != canonical(in_place_of) and not (in_place_of.startswith("https:") and not address.startswith("https:"))


def is_ready_to_move(feed: Feed, now: datetime) -> bool:
    """Whether a new address was said for long enough. What stands there has still to be read, unless the poll just did."""
    return feed.moved_since is not None and feed.moved_polls >= MOVE_POLLS and now - feed.moved_since >= MOVE_SPAN


def moved(feed: Feed, *, twin: str = "", was_read_there: bool) -> Life:
    """The feed at its new address; where another feed of ours (twin) has that address already, it ends as its duplicate, with all it has.

    was_read_there: the poll was redirected, so its validators belong to the new address.
    """
    if twin:
        detail = f"moved to {feed.moved_url}, the address of {twin}; what it brought is kept, and {twin} brings the rest"
        ended = replace(feed, state=FeedState.DUPLICATE, duplicate_of=twin, moved_url="", moved_since=None, moved_polls=0)
        return Life(feed=ended, events=(FeedEvent(kind=EventKind.DUPLICATE, detail=detail),))
    validators = (feed.etag, feed.last_modified) if was_read_there else ("", "")
    there = replace(
        feed,
        url=feed.moved_url,
        etag=validators[0],
        last_modified=validators[1],
        moved_url="",
        moved_since=None,
        moved_polls=0,
    )
    detail = f"{feed.moved_url} in place of {feed.url}, as {'redirects' if was_read_there else 'the feed itself'} said {feed.moved_polls} times"
    return Life(feed=there, events=(FeedEvent(kind=EventKind.MOVED, detail=detail),))


def not_there(feed: Feed, now: datetime) -> Feed:
    """The address that the document gave holds no feed: the count begins anew."""
    return replace(feed, moved_since=now, moved_polls=1)


# --------------------------------------------------------------------------------- it is another one now
def _suspected(before: Feed, after: Feed, *, new_count: int) -> Life:
    if before.entry_count is None or after.entry_count is None:
        return Life(feed=after)
    is_as_before = (after.own_title, after.entry_count, new_count) == (before.own_title, before.entry_count, 0)
    if is_as_before and is_suspicious(before.last_problem):
        return Life(feed=replace(after, last_problem=before.last_problem))
    title = clean_line(after.own_title, _TITLE_CHARS)
    why = _turn(before, after, title, new_count=new_count)
    if not why:
        return Life(
            feed=replace(after, last_problem=f"{SUSPICIOUS} (titled “{title}”)") if _SUSPENDED.search(title) and is_suspicious(before.last_problem) else after
        )
    event = FeedEvent(kind=EventKind.SUSPICIOUS_CHANGE, detail=f"{why}; nothing of what it brought before was deleted")
    return Life(feed=replace(after, last_problem=f"{SUSPICIOUS} ({why})"), events=(event,))


def is_suspicious(problem: str) -> bool:
    """Whether a feed's last problem is that it turned into something else."""
    return problem.startswith(SUSPICIOUS)


def _turn(before: Feed, after: Feed, title: str, *, new_count: int) -> str:
    old = clean_line(before.own_title, _TITLE_CHARS)
    has_new_title = bool(old) and title != old
    had, has = before.entry_count or 0, after.entry_count or 0
    is_emptied = had > 0 and has == 0
    has_other_entries = new_count == has  # none at all included
    if has_new_title and _SUSPENDED.search(title) and not _SUSPENDED.search(old) and (has_other_entries or _share_nothing(old, title)):
        return f"its title turned from “{old}” to “{title}”" + (", and all its entries are gone" if is_emptied else "")
    if is_emptied and (had >= MANY_ENTRIES or (has_new_title and _share_nothing(old, title))):
        return f"all its {had} entries are gone" + (f", and its title turned from “{old}” to “{title}”" if has_new_title else "")
    if min(had, has) >= FEW_ENTRIES and has_other_entries and has_new_title and _share_nothing(old, title):
        return f"its title turned from “{old}” to “{title}”, and all its entries are other ones"
    return ""


def _share_nothing(old: str, new: str) -> bool:
    return not set(_LETTERS.findall(old.casefold())) & set(_LETTERS.findall(new.casefold()))


# ------------------------------------------------------------------------------------------- it failed
def failed(before: Feed, after: Feed, *, reason: str, disable_after: timedelta, now: datetime) -> Life:
    """A poll that found no feed.

    after: its head with this failure counted; one that does not count (the server asked us to wait) ends nothing.
    """
    if after.failures == before.failures:
        return Life(feed=uncounted(before, after, now))
    if before.next_poll_at and now - before.next_poll_at > LATE and before.failing_since:
        after = replace(after, failing_since=min(before.failing_since + (now - before.next_poll_at), now))
    after = replace(
        after,
        moved_url="",
        moved_since=None,
        moved_polls=0,
        gone_since=before.gone_since or (now if reason == "gone" else None),
        missing_polls=before.missing_polls + 1 if reason in MISSING else 0,
        missing_since=(before.missing_since or now) if reason in MISSING else None,
    )
    if reason == "gone" and before.gone_since and now - before.gone_since >= GONE_SPAN:
        detail = f"its server said 410 on {_day(before.gone_since)} and again on {_day(now)}: it will not come back"
        return Life(feed=replace(after, state=FeedState.GONE), events=(FeedEvent(kind=EventKind.GONE, detail=detail),))
    if after.failing_since and now - after.failing_since >= disable_after:
        detail = f"it has failed {after.failures} times in a row since {_day(after.failing_since)}"
        return Life(feed=replace(after, state=FeedState.DISABLED), events=(FeedEvent(kind=EventKind.DISABLED, detail=detail),))
    return Life(feed=after)


def uncounted(before: Feed, after: Feed, now: datetime) -> Feed:
    """The head after a poll that says nothing of the feed, because it was asked to wait for or our network is down.

    The time since the poll before it is no time in which the feed failed.
    """
    if before.failing_since is None or before.polled_at is None:
        return after
    return replace(after, failing_since=min(before.failing_since + max(now - before.polled_at, timedelta(0)), now))


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"


# ------------------------------------------------------------------------------------- looking for it
def wants_discovery(feed: Feed, now: datetime) -> bool:
    """Whether to ask its site for a new address: after the third poll in a row that found no feed, and then once a week.

    What a page in its place named in the first of these polls does not count: that asked the page, not the site.
    """
    if feed.missing_polls < MISSING_POLLS:
        return False
    was_the_page = bool(feed.discovered_at and feed.missing_since and feed.discovered_at >= feed.missing_since)
    return may_discover(feed, now) or (feed.missing_polls == MISSING_POLLS and was_the_page)


def may_discover(feed: Feed, now: datetime) -> bool:
    """Whether the last time that we looked for it is a week ago."""
    return feed.discovered_at is None or now - feed.discovered_at >= DISCOVER_EVERY


def site_of(feed: Feed) -> str:
    """Where to look: the feed's site, else the root of its address."""
    return feed.site_url or urljoin(feed.url, "/")


def proposed(life: Life, url: str, reason: str, now: datetime) -> Life:
    """The same with an address that the operator may accept; nothing changes by itself. reason: how we came to it, in words."""
    feed = replace(life.feed, discovered_at=now)
    if not url:
        return replace(life, feed=feed)
    is_known = url == feed.proposed_url
    event = FeedEvent(kind=EventKind.PROPOSAL, detail=f"{url} may be its new address: {reason}")
    return Life(feed=replace(feed, proposed_url=url, proposed_reason=reason), events=life.events if is_known else (*life.events, event))
