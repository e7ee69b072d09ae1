"""When to ask a feed again, and why then."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil
from statistics import median
from types import MappingProxyType

from monitor.feeds.dates import read_date
from monitor.feeds.parsed import ParsedFeed
from monitor.model import Entry, Feed, FeedState

DAY_S = 86400.0
FIRST_BACKOFF_S = 300.0
BUSY_BACKOFF_S = 900.0  # after a 429 that does not say for how long
JITTER = 0.1
LONGEST_SKIP = timedelta(days=3)  # a weekend and a holiday; who skips more has made a mistake

# News is found within an eighth of the usual gap, so a feed of the front pages (40 entries a day) is asked every five minutes.
LOOKS_PER_GAP = 8
# The longer a feed is silent the less often it is asked: an hour apart after a day, which a night's rest hardly notices.
SILENCE_SHARE = 24
RHYTHM_ENTRIES = 20  # enough to see a rhythm, few enough to follow a feed that wakes up
ENOUGH_GAPS = 5  # of one poll, to say anew how large they usually are
GAP_STEP = 1.2
ONE_MOMENT_S = 60.0


class PollOutcome(StrEnum):
    """How a poll ended. GONE: the server said 410. WAITING: nobody was asked, because the host wants to be left alone."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not-modified"
    FAILED = "failed"
    GONE = "gone"
    WAITING = "waiting"
    OUR_NETWORK = "our-network"


class Why(StrEnum):
    """The reason for a poll's time."""

    SERVER_ASKED_TO_WAIT = "server-asked-to-wait"
    BACKING_OFF = "backing-off"
    NEEDS_LOGIN = "needs-login"
    OUR_NETWORK = "our-network"
    CACHE_HEADERS = "cache-headers"
    FEED_TTL = "feed-ttl"
    SKIP_HOURS = "skip-hours"
    USUAL_RHYTHM = "usual-rhythm"
    FIXED_INTERVAL = "fixed-interval"
    FIRST_POLL = "first-poll"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The operator's bounds for one feed.

    adaptive: between them follow the feed's rhythm; otherwise ask every `min`.
    is_firm: `max` was set for this feed alone, so it also bounds what server and feed wish.
    """

    min: timedelta
    max: timedelta
    adaptive: bool = True
    is_firm: bool = False

    @property
    def is_fixed(self) -> bool:
        return self.min == self.max

    def clamp(self, wait_s: float) -> float:
        return max(self.min.total_seconds(), min(self.max.total_seconds(), wait_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPoll:
    at: datetime
    reason: Why


NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def next_poll(
    feed: Feed,
    *,
    now: datetime,
    outcome: PollOutcome,
    limits: Limits,
    headers: Mapping[str, str] = NO_HEADERS,
    retry_at: datetime | None = None,
    reason: str = "",
) -> NextPoll:
    """When to ask again, and why then.

    feed: its head after the poll, what it wishes and its rhythm `learned`, this failure counted. headers: of the answer, names in lower case.
    retry_at: from Retry-After; in the past it means "as usual". reason: of a failure.

    Retry-After and failures come first. Otherwise the feed's rhythm counts, and what server and feed wish
    (Cache-Control, Expires, ttl, sy:updatePeriod, skipHours, skipDays) are lower bounds, up to a day, and never below `limits.min`.
    Where the operator leaves no choice (min = max, or `limits.is_firm`) his bounds have the last word.

    Jitter of ±10 % comes from the feed's id, so the same input always gives the same time (no herd, no chance in tests).
    A wish is never undercut by it.
    """
    chance = 0.0 if limits.is_fixed else _chance(feed.id)
    if outcome is PollOutcome.GONE or feed.state is FeedState.GONE:
        return NextPoll(at=_after(now, DAY_S), reason=Why.GONE)
    if retry_at and retry_at > now:
        asked_s = max(limits.min.total_seconds(), (retry_at - now).total_seconds())
        # Its sisters that wait with it go first: a feed that is always told to wait must not have them held again and again.
        last = 0.0 if reason == "on-hold" else JITTER
        return NextPoll(at=_after(now, min(DAY_S, asked_s * (1 + last + JITTER * chance))), reason=Why.SERVER_ASKED_TO_WAIT)
    if outcome is PollOutcome.FAILED and reason == "auth":
        return NextPoll(at=_after(now, DAY_S * (1 + JITTER * chance)), reason=Why.NEEDS_LOGIN)
    if outcome is PollOutcome.FAILED and (retry_at is None or reason == "challenge"):
        wait_s = backoff_s(feed.failures, limits, first_s=BUSY_BACKOFF_S if reason == "rate-limited" else None)
        return NextPoll(at=_after(now, wait_s * (1 + JITTER * chance)), reason=Why.BACKING_OFF)
    if limits.is_fixed:
        return NextPoll(at=now + limits.min, reason=Why.FIXED_INTERVAL)

    usual_s = limits.clamp(_rhythm_s(feed, now) if limits.adaptive else 0.0)
    wish_s, wish = max((freshness_s(headers, now) or 0.0, Why.CACHE_HEADERS), (feed.ttl_s, Why.FEED_TTL))
    longest_wish_s = limits.max.total_seconds() if limits.is_firm else DAY_S
    wish_s = min(wish_s, longest_wish_s)
    if wish_s > usual_s:
        wait_s, why = min(wish_s * (1 + JITTER * chance), longest_wish_s), wish
    else:
        soonest_s, latest_s = limits.clamp(usual_s * (1 - JITTER)), limits.clamp(usual_s * (1 + JITTER))
        wait_s, why = max(wish_s, soonest_s + (latest_s - soonest_s) * chance), Why.USUAL_RHYTHM if limits.adaptive else Why.FIXED_INTERVAL
    latest = now + (limits.max if limits.is_firm else max(limits.max, LONGEST_SKIP))
    return _outside_skipped(NextPoll(at=_after(now, wait_s), reason=why), feed, latest=latest, chance=chance)


def learned(feed: Feed, parsed: ParsedFeed, *, new: Sequence[Entry], first_poll: bool, now: datetime) -> Feed:
    """The feed's head with what a document says of how often to ask: its wishes, and the rhythm of its entries.

    new: those that the feed did not have before; the others may be left out of `parsed`.
    """
    return replace(
        _with_rhythm(feed, new, first_poll, now),
        ttl_s=min(DAY_S, max(parsed.ttl_s or 0.0, parsed.update_period_s or 0.0)),
        skip_hours=_as_text(parsed.skip_hours, of=24),
        skip_days=_as_text(parsed.skip_days, of=7),
    )


def initial_spread(feed_id: str, window_s: float) -> float:
    """Seconds between 0 and `window_s` that a feed's first poll waits, so that a start makes no herd; always the same for a feed."""
    return window_s * _chance(feed_id)


def backoff_s(failures: int, limits: Limits, *, first_s: float | None = None) -> float:
    """Seconds to leave a failing feed alone: five minutes (or the longest interval, if that is less), doubling with each failure, at most a day.

    first_s: instead of the five minutes. Never more often than a healthy feed is asked; where the operator's longest interval exceeds a day, up to that.
    """
    shortest, longest = limits.min.total_seconds(), limits.max.total_seconds()
    doubled = (first_s or min(FIRST_BACKOFF_S, longest)) * 2.0 ** min(max(failures, 1) - 1, 30)
    return max(shortest, min(doubled, max(DAY_S, longest)))


def freshness_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long an answer stays fresh, in seconds, less its age; None where the server does not say or says "always ask".

    Source: RFC 9111 §4.2.1 for a private cache, so s-maxage does not count; §5.3 for an Expires that is no date.
    """
    directives = headers.get("cache-control", "").lower()
    if re.search(r"\bno-(?:cache|store)\b", directives):
        return None
    if max_age := re.search(r"(?<![\w-])max-age\s*=\s*\"?([0-9]{1,12})", directives):
        lifetime_s = float(max_age[1])
    else:
        expires_at, sent_at = read_date(headers.get("expires", "")), read_date(headers.get("date", "")) or now
        if expires_at is None:
            return None
        lifetime_s = (expires_at - sent_at).total_seconds()
    age = headers.get("age", "").strip()
    fresh_s = lifetime_s - (int(age) if re.fullmatch("[0-9]{1,12}", age) else 0)
    return fresh_s if fresh_s > 0 else None


def _with_rhythm(feed: Feed, new: Sequence[Entry], first_poll: bool, now: datetime) -> Feed:
    """How far apart its entries usually are (the median, so that neither a burst nor a pause counts much), and when the newest came.

    Entries within a minute are one moment: what is published in a batch of ten is looked for once. Entries without a date came when we saw
    them; at the first poll they say nothing. A poll that brings few gaps moves the median a step towards each of them.
    """
    dates = (entry.published_at or entry.updated_at or (None if first_poll else now) for entry in new)
    moments = sorted({date.replace(second=0, microsecond=0): date for date in dates if date and date <= now}.values())[-RHYTHM_ENTRIES:]
    if feed.newest_at:
        moments = [feed.newest_at, *(moment for moment in moments if moment > feed.newest_at)]
    if not moments:
        return feed
    gaps_s = [gap_s for sooner, later in pairwise(moments) if (gap_s := (later - sooner).total_seconds()) >= ONE_MOMENT_S]
    return replace(feed, newest_at=moments[-1], gap_s=_usual_gap_s(feed.gap_s, gaps_s))


def _usual_gap_s(known_s: float | None, gaps_s: Sequence[float]) -> float | None:
    if known_s is None or len(gaps_s) >= ENOUGH_GAPS:
        return median(gaps_s) if gaps_s else known_s
    for gap_s in gaps_s:
        known_s *= GAP_STEP if gap_s > known_s else 1 / GAP_STEP
    return known_s


def _rhythm_s(feed: Feed, now: datetime) -> float:
    """An eighth of the usual gap between entries; of a feed that is silent, a share of the silence, so that it is asked less and less."""
    since = feed.newest_at or feed.changed_at
    silence_s = (now - since).total_seconds() if since else 0.0
    return max((feed.gap_s or 0.0) / LOOKS_PER_GAP, silence_s / SILENCE_SHARE)


def _as_text(numbers: Iterable[int], *, of: int) -> str:
    """As in "0 1 2"; "" where all are named: whoever asks never to be asked does not mean it."""
    named = sorted(set(numbers))
    return "" if len(named) >= of else " ".join(map(str, named))


def _outside_skipped(planned: NextPoll, feed: Feed, *, latest: datetime, chance: float) -> NextPoll:
    """The same, or the beginning of the next hour that the feed does not ask to skip (RSS 2.0, skipHours and skipDays, in GMT)."""
    if not (feed.skip_hours or feed.skip_days):
        return planned
    hours, days = set(map(int, feed.skip_hours.split())), set(map(int, feed.skip_days.split()))
    at = planned.at
    while at < latest and (at.hour in hours or at.weekday() in days):
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if at == planned.at:
        return planned
    return NextPoll(at=max(planned.at, min(latest, _after(at, chance * FIRST_BACKOFF_S))), reason=Why.SKIP_HOURS)


def _after(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=ceil(round(seconds, 3)))  # never a moment sooner than was asked for


def _chance(feed_id: str) -> float:
    """0 ≤ … < 1, evenly spread over feeds, always the same for one."""
    return int.from_bytes(hashlib.sha256(feed_id.encode("utf-8", "replace")).digest()[:6]) / 2**48
