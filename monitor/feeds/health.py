"""How a feed is, in words: its state, what is the matter, what to do, and why its next poll is then."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.feeds.cadence import DAY_S, Why
from monitor.model import Feed, FeedState

SILENT_GAPS = 9
SHORTEST_SILENCE_S = 3 * DAY_S  # a weekend and a night are no silence
ASKED_TO_WAIT = ("rate-limited", "on-hold")
SUSPICIOUS = "suspicious-change"


class Health(StrEnum):
    """The state of a feed as people see it."""

    HEALTHY = "healthy"
    NEW = "new"  # never asked yet
    WAITING = "waiting"  # its server asked us to come back later
    OUR_NETWORK = "our-network"  # nobody answers us
    FAILING = "failing"
    SILENT = "silent"  # answers, and says nothing new for far longer than usual
    SUSPICIOUS = "suspicious"  # turned into something else
    FLOOD = "flood"  # far too many new entries at once, held until they are released
    MOVED = "moved"  # may have a new address, which waits to be accepted
    DUPLICATE = "duplicate"
    DISABLED = "disabled"
    GONE = "gone"
    PAUSED = "paused"


IS_WELL = frozenset((Health.HEALTHY, Health.NEW, Health.WAITING, Health.PAUSED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """words: one sentence. next_step: what the operator can do, "" where nothing is to be done."""

    state: Health
    words: str
    next_step: str = ""

    @property
    def is_well(self) -> bool:
        return self.state in IS_WELL


def diagnose(feed: Feed, now: datetime, *, advice: str = "", held: int = 0) -> Diagnosis:
    """How a feed is.

    advice: what helps against its last problem (fetcher/advice.py). held: its entries that a flood made wait.
    """
    match feed.state:
        case FeedState.PAUSED:
            return Diagnosis(state=Health.PAUSED, words="It left the configuration; what it brought is kept.")
        case FeedState.DUPLICATE:
            return Diagnosis(state=Health.DUPLICATE, words=f"It moved to the address of {feed.duplicate_of}.", next_step=f"monitor feeds remove {feed.id}")
        case FeedState.GONE:
            return Diagnosis(state=Health.GONE, words="Its server said twice that it will not come back (410).", next_step=_new_address(feed))
        case FeedState.DISABLED:
            since = f" since {_day(feed.failing_since)}" if feed.failing_since else ""
            step = _new_address(feed) if feed.proposed_url else f"{_sentence(advice)}monitor feeds resume {feed.id}"
            return Diagnosis(state=Health.DISABLED, words=f"It is no longer asked: it has failed{since}, last with {_problem(feed)}.", next_step=step)
        case FeedState.ACTIVE:
            return _active(feed, now, advice, held)


def _active(feed: Feed, now: datetime, advice: str, held: int) -> Diagnosis:
    code = feed.last_problem.partition(" ")[0].rstrip(",")
    if held:
        step = f"monitor feeds release {feed.id}, or monitor feeds discard {feed.id}"
        return Diagnosis(state=Health.FLOOD, words=f"It brought far more entries at once than usual; {held} of them wait for you.", next_step=step)
    if feed.next_poll_reason == Why.OUR_NETWORK:
        return Diagnosis(
            state=Health.OUR_NETWORK, words="Nobody answers us at the moment, so this is not held against the feed.", next_step="check the network"
        )
    if feed.failures:
        times = "once" if feed.failures == 1 else f"{feed.failures} times in a row"
        since = f" since {_day(feed.failing_since)}" if feed.failing_since and feed.failures > 1 else ""
        step = _new_address(feed) if feed.proposed_url else advice
        return Diagnosis(state=Health.FAILING, words=f"It failed {times}{since}, last with {_problem(feed)}.", next_step=step)
    if code in ASKED_TO_WAIT:
        return Diagnosis(state=Health.WAITING, words="Its server asked us to come back later; that is no failure.", next_step=advice)
    if SUSPICIOUS in feed.last_problem:
        words = f"It has turned into something else: {_problem(feed)}. Nothing was deleted."
        return Diagnosis(state=Health.SUSPICIOUS, words=words, next_step=f"look at {feed.url}")
    if feed.proposed_url:
        return Diagnosis(state=Health.MOVED, words=f"It may have moved to {feed.proposed_url}: {feed.proposed_reason}.", next_step=_new_address(feed))
    if feed.polled_at is None:
        return Diagnosis(state=Health.NEW, words="It has not been asked yet.")
    if is_silent(feed, now):
        words = f"It answers and says nothing new for {duration(_silence_s(feed, now))}; usual is {_rhythm(feed)}."
        return Diagnosis(state=Health.SILENT, words=words, next_step=f"see whether {feed.site_url or feed.url} still publishes, and where")
    return Diagnosis(state=Health.HEALTHY, words=_healthy(feed))


def is_silent(feed: Feed, now: datetime) -> bool:
    """Whether nothing new came for nine times the usual gap, and longer than a weekend."""
    return feed.gap_s is not None and _silence_s(feed, now) > max(SILENT_GAPS * feed.gap_s, SHORTEST_SILENCE_S)


def why(feed: Feed, now: datetime) -> str:
    """Why its next poll is then: a clause, as in "next poll in 50 min: …"; "" for a feed that is not asked."""
    if feed.state is not FeedState.ACTIVE:
        return ""
    wait_s = ((feed.next_poll_at or now) - (feed.polled_at or now)).total_seconds()
    wait = duration(wait_s)
    match feed.next_poll_reason:
        case Why.SERVER_ASKED_TO_WAIT:
            return f"the server asked us to stay away for {wait} (Retry-After)"
        case Why.CACHE_HEADERS:
            return f"the server asks for {wait} of rest (Cache-Control)"
        case Why.FEED_TTL:
            return f"the feed asks for {duration(feed.ttl_s)} of rest (ttl or sy:updatePeriod)"
        case Why.SKIP_HOURS:
            return "the feed asks not to be read before (skipHours or skipDays)"
        case Why.BACKING_OFF if feed.failures > 1:
            return f"it failed {feed.failures} times in a row, so it is left alone for {wait}"
        case Why.BACKING_OFF:
            return f"it failed, so it is left alone for {wait}"
        case Why.NEEDS_LOGIN:
            return "it wants a login, so it is asked again after a day, or when its credentials change"
        case Why.OUR_NETWORK:
            return "nobody answers us, so we look again soon"
        case Why.FIXED_INTERVAL:
            return f"the configuration says every {duration(feed.interval_min_s)}"
        case Why.GONE:
            return "the server says that it will not come back (410), so it is asked once more, a day later"
        case Why.USUAL_RHYTHM:
            return _rhythm_in_words(feed)
        case _:
            return "it has not been asked yet" if feed.polled_at is None else "it is due"


def _rhythm_in_words(feed: Feed) -> str:
    polled_at = feed.polled_at
    if (feed.gap_s is None and feed.newest_at is None) or polled_at is None:
        return "its rhythm is not known yet"
    silence_s = _silence_s(feed, polled_at)
    if silence_s > max(DAY_S, 3 * (feed.gap_s or 0.0)):
        return f"it brought nothing new for {duration(silence_s)}"
    return f"its usual rhythm: {_rhythm(feed)}"


def duration(seconds: float) -> str:
    """A time as people say it: "45 s", "50 min", "2 h", "3 days"."""
    for unit_s, name in ((DAY_S, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * unit_s or (seconds >= unit_s and unit_s < DAY_S):
            count = seconds / unit_s
            text = f"{count:.1f}".removesuffix(".0") if count < 10 and name != "min" else f"{count:.0f}"
            return f"{text} {name}"
    return f"{max(seconds, 0):.0f} s"


def _healthy(feed: Feed) -> str:
    return f"It answers; {_rhythm(feed)}." if feed.gap_s else "It answers."


def _rhythm(feed: Feed) -> str:
    return f"an entry every {duration(feed.gap_s)}" if feed.gap_s else "unknown"


def _silence_s(feed: Feed, now: datetime) -> float:
    since = max((moment for moment in (feed.newest_at, feed.changed_at) if moment), default=None)
    return (now - since).total_seconds() if since else 0.0


def _new_address(feed: Feed) -> str:
    if feed.proposed_url:
        return f"monitor feeds accept {feed.id}, if {feed.proposed_url} is right ({feed.proposed_reason})"
    return f"find its new address, or monitor feeds remove {feed.id}"


def _problem(feed: Feed) -> str:
    return feed.last_problem or "an unknown problem"


def _sentence(advice: str) -> str:
    return f"{advice}; then " if advice else ""


def _day(moment: datetime | None) -> str:
    return f"{moment:%-d %B %Y}" if moment else ""
