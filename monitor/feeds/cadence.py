"""When to ask a feed again, and why then."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from monitor.feeds.dates import read_date
from monitor.feeds.parsed import ParsedFeed
from monitor.model import Feed, FeedState

DAY_S = 86400.0
FIRST_BACKOFF_S = 300.0
JITTER = 0.1
RHYTHM_ENTRIES = 20  # enough for a mean gap, few enough to follow a feed that wakes up


class PollOutcome(StrEnum):
    """How a poll ended. GONE: the server said 410."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not-modified"
    FAILED = "failed"
    GONE = "gone"


class Why(StrEnum):
    """The reason for a poll's time."""

    SERVER_ASKED_TO_WAIT = "server-asked-to-wait"
    BACKING_OFF = "backing-off"
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
    """

    min: timedelta
    max: timedelta
    adaptive: bool = True

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
    parsed: ParsedFeed | None = None,
    retry_at: datetime | None = None,
) -> NextPoll:
    """When to ask again, and why then.

    feed: its head after the poll, this failure counted. headers: of the answer, names in lower case.
    parsed: what the poll read, None where there was nothing new to read. retry_at: from Retry-After.

    Retry-After and failures come first. Otherwise the feed's rhythm counts, and what server and feed wish
    (Cache-Control, Expires, ttl, sy:updatePeriod, skipHours, skipDays) are lower bounds; the operator's limits have the last word.
    Where those leave no choice (min = max) the interval is exactly that: cache headers, ttl and skip hours are not heard, nor is there jitter.

    Jitter of ±10 % comes from the feed's id, so the same input always gives the same time (no herd, no chance in tests).
    A wish is never undercut by it.
    """
    chance = 0.0 if limits.is_fixed else _chance(feed.id)
    if outcome is PollOutcome.GONE or feed.state is FeedState.GONE:
        return NextPoll(at=_after(now, DAY_S), reason=Why.GONE)
    if retry_at and retry_at > now:
        asked_s = max(limits.min.total_seconds(), (retry_at - now).total_seconds())
        return NextPoll(at=_after(now, min(DAY_S, asked_s * (1 + JITTER * chance))), reason=Why.SERVER_ASKED_TO_WAIT)
    if outcome is PollOutcome.FAILED:
        return NextPoll(at=_after(now, backoff_s(feed.failures, limits) * (1 + JITTER * chance)), reason=Why.BACKING_OFF)
    if limits.is_fixed:
        return NextPoll(at=now + limits.min, reason=Why.FIXED_INTERVAL)

    usual_s = limits.clamp(_rhythm_s(feed, parsed, now) if limits.adaptive else 0.0)
    wish_s, wish = max((limits.clamp(freshness_s(headers, now) or 0.0), Why.CACHE_HEADERS), (limits.clamp(_feed_wish_s(parsed)), Why.FEED_TTL))
    if wish_s > usual_s:
        wait_s, reason = wish_s * (1 + JITTER * chance), wish
    else:
        wait_s, reason = max(wish_s, usual_s * (1 - JITTER + 2 * JITTER * chance)), Why.USUAL_RHYTHM if limits.adaptive else Why.FIXED_INTERVAL
    return _outside_skipped(NextPoll(at=_after(now, limits.clamp(wait_s)), reason=reason), parsed, latest=now + limits.max, chance=chance)


def initial_spread(feed_id: str, window_s: float) -> float:
    """Seconds between 0 and `window_s` that a feed's first poll waits, so that a start makes no herd; always the same for a feed."""
    return window_s * _chance(feed_id)


def backoff_s(failures: int, limits: Limits) -> float:
    """Seconds to leave a failing feed alone: five minutes (or the longest interval, if that is less), doubling with each failure, at most a day.

    Never more often than a healthy feed is asked; where the operator's longest interval exceeds a day, up to that.
    """
    shortest, longest = limits.min.total_seconds(), limits.max.total_seconds()
    doubled = min(FIRST_BACKOFF_S, longest) * 2.0 ** min(max(failures, 1) - 1, 30)
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


def _rhythm_s(feed: Feed, parsed: ParsedFeed | None, now: datetime) -> float:
    """Half the mean gap between entries, the silence since the last one included, so that a silent feed is asked less and less.

    Where no dates are at hand (nothing changed, or a feed without any), half the time since it last changed: it grows by half with each poll.
    """
    dates = sorted(date for entry in (parsed.entries if parsed else ()) if (date := entry.published_at or entry.updated_at) and date <= now)
    if recent := dates[-RHYTHM_ENTRIES:]:
        return (now - recent[0]).total_seconds() / len(recent) / 2
    return (now - feed.changed_at).total_seconds() / 2 if feed.changed_at else 0.0


def _feed_wish_s(parsed: ParsedFeed | None) -> float:
    return max(parsed.ttl_s or 0.0, parsed.update_period_s or 0.0) if parsed else 0.0


def _outside_skipped(planned: NextPoll, parsed: ParsedFeed | None, *, latest: datetime, chance: float) -> NextPoll:
    """The same, or the beginning of the next hour that the feed does not ask to skip (RSS 2.0, skipHours and skipDays, in GMT)."""
    hours, days = (parsed.skip_hours, parsed.skip_days) if parsed else (frozenset[int](), frozenset[int]())
    if not (hours or days) or len(hours) == 24 or len(days) == 7:
        return planned
    at = planned.at
    while at < latest and (at.hour in hours or at.weekday() in days):
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if at == planned.at:
        return planned
    return NextPoll(at=min(latest, _after(at, chance * FIRST_BACKOFF_S)), reason=Why.SKIP_HOURS)


def _after(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=round(seconds))


def _chance(feed_id: str) -> float:
    """0 ≤ … < 1, evenly spread over feeds, always the same for one."""
    return int.from_bytes(hashlib.sha256(feed_id.encode("utf-8", "replace")).digest()[:6]) / 2**48
