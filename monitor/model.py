"""The nouns: the glossary of the program in code.

Frozen values; a change is `dataclasses.replace`, or `changed` where it is made with every poll. Names ending in `_at` are aware UTC datetimes,
`_s` seconds, `_bytes` bytes. A value that only one function makes and only the steps pass on lives
beside that function instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cache
from typing import Any, TypeVar

from monitor.status import ArticleStatus

T = TypeVar("T")


# ------------------------------------------------------------------------------------------ feeds
class FeedState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # left the config; kept, not polled
    GONE = "gone"  # the server said 410, twice
    DISABLED = "disabled"  # failed for so long that it is no longer asked
    DUPLICATE = "duplicate"  # moved to the address of another feed


@dataclass(frozen=True, kw_only=True)  # without slots: see `made`
class Feed:
    """An address we poll, and its health.

    id: the key in config.toml, or one made from the address for feeds out of OPML.
    url: the address that is asked. configured_url: the one in config.toml; another one after a permanent move.
    etag, last_modified: validators, kept byte for byte (RFC 9110 §8.8), "" where the server gave none.
    body_sha256: of the last body that was parsed; the same body again is not parsed.
    items_sha256, items: what feeds/news.py remembers of the last document, as a whole and item by item; what did not change is not parsed again.
    read_at: when a whole body came last, not a 304.
    ttl_s: how rarely the feed itself wants to be asked. skip_hours, skip_days: when not at all, as in "0 1 2" (GMT; 0 is Monday).
    gap_s: the usual time between two entries, None while unknown. newest_at: date of the newest entry.
    interval_min_s, interval_max_s: the operator's bounds for this feed.
    moved_url, moved_since, moved_polls: where permanent redirects lead, since when, and how many polls in a row said so.
    announced_url: where the document itself says that it moved (itunes:new-feed-url), "" where it does not.
    gone_since: the first 410 in a row. missing_polls, missing_since: polls in a row that found no feed at the address, and the first of them.
    own_title, entry_count: what the last whole document called itself, and how many entries it had; None before the first.
    proposed_url, proposed_reason: an address that the operator may accept. discovered_at: when we last looked for one.
    duplicate_of: the feed that has its address. credentials_sha256: of what it was asked with, to notice new ones.
    """

    id: str
    url: str
    configured_url: str = ""
    title: str = ""
    site_url: str = ""
    outlet: str = ""
    language: str = ""
    state: FeedState = FeedState.ACTIVE
    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""
    items_sha256: str = ""
    items: bytes = b""
    read_at: datetime | None = None
    polled_at: datetime | None = None
    changed_at: datetime | None = None
    next_poll_at: datetime | None = None
    next_poll_reason: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    last_problem: str = ""
    ttl_s: float = 0.0
    skip_hours: str = ""
    skip_days: str = ""
    gap_s: float | None = None
    newest_at: datetime | None = None
    moved_url: str = ""
    moved_since: datetime | None = None
    moved_polls: int = 0
    announced_url: str = ""
    gone_since: datetime | None = None
    missing_polls: int = 0
    missing_since: datetime | None = None
    own_title: str = ""
    entry_count: int | None = None
    proposed_url: str = ""
    proposed_reason: str = ""
    discovered_at: datetime | None = None
    duplicate_of: str = ""
    credentials_sha256: str = ""
    interval_min_s: float = 300.0
    interval_max_s: float = 21600.0


class EventKind(StrEnum):
    """What happens in the life of a feed, beside its polls."""

    MOVED = "moved"
    DUPLICATE = "duplicate"
    GONE = "gone"
    DISABLED = "disabled"
    RESUMED = "resumed"
    PROPOSAL = "proposal"
    ACCEPTED = "accepted"
    SUSPICIOUS_CHANGE = "suspicious-change"
    FLOOD = "flood"
    RELEASED = "released"
    DISCARDED = "discarded"


# Operators are told of these, once; the others stand in `monitor feeds health`.
NOTICES = frozenset((EventKind.DUPLICATE, EventKind.GONE, EventKind.DISABLED, EventKind.SUSPICIOUS_CHANGE, EventKind.FLOOD))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEvent:
    """Something in the life of a feed that its operator may want to know. detail: in words, for people."""

    kind: EventKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered, already bounded and decoded.

    url: after redirects. headers: names in lower case. body: decoded, b"" for 304.
    permanent_url: where every hop was permanent (301, 308), the last one; else "".
    retry_at: from Retry-After (RFC 9110 §10.2.3). hops: the redirects on the way, each with its status and where it led.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    permanent_url: str = ""
    retry_at: datetime | None = None
    hops: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What a site says in robots.txt.

    origin: scheme, host and port. expires_at: when it is asked again. body: the rules for us, "" where everything is allowed.
    failing_since: since when it could not be had; the rules are then those from before. status: None where there was no answer.
    """

    origin: str
    fetched_at: datetime
    expires_at: datetime
    failing_since: datetime | None = None
    status: int | None = None
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that an entry carries. length_bytes: as the feed says, None where it does not."""

    url: str
    media_type: str = ""
    length_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as the feed gave it.

    key: the identity within its feed: guid, else link, else a hash of title, date and text.
    id: the guid as given, "" where there is none. url: absolute http(s) address, or "".
    title, summary: plain text. content: HTML as the feed gave it (never shown unescaped), "" where there is none.
    sha256: of what a reader would notice, so an edit is seen as an edit.
    """

    key: str
    id: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()
    sha256: str = ""


# --------------------------------------------------------------------------------------- articles
@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The page behind one or more entries, cleaned.

    url_key: canonical address without tracking parameters; the identity across feeds.
    outlet: who publishes it, a registrable domain ("bbc.co.uk") or the feed's name for it.
    text: plain, paragraphs separated by "\\n"; offsets of evidence count code points in it.
    problem: why its page is not there, or not all of it ("robots"), "" where nothing is amiss.
    seen_at: when we first saw it. is_backfill: it was in the feed before we began to watch it.
    version: rises when the title changes, or more than a tenth of the words.
    """

    id: int
    url: str
    url_key: str
    title: str
    summary: str = ""
    text: str = ""
    outlet: str = ""
    feed_id: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    seen_at: datetime
    status: ArticleStatus = ArticleStatus.FEED_ONLY
    problem: str = ""
    is_backfill: bool = False
    version: int = 1
    story_id: int | None = None


# ---------------------------------------------------------------------------------------- matching
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason inside a text.

    field: "title" or "text". start, stop: code points in the field, half open.
    points: what it added to the sum whose logistic is the score.
    """

    group: str
    term: str
    field: str
    start: int
    stop: int
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a topic says of one article, the no as well as the yes.

    score: 0…1. rule_holds: the topic's boolean rule. matched: rule_holds and score >= digest_at.
    alert: matched and score >= alert_at. reason: a stable code for why (or why not):
    `matched`, `rule-not-met`, `below-threshold`, `no-terms`.
    branch: the part of the rule by which it holds, in words, "" where it does not.
    topic_version: hash of the definition that judged.
    """

    topic: str
    topic_version: str
    score: float
    rule_holds: bool
    matched: bool
    alert: bool
    reason: str
    branch: str = ""
    evidence: tuple[Evidence, ...] = ()


# ----------------------------------------------------------------------------------------- stories
class Grade(IntEnum):
    """What people say of an article and a topic."""

    NO = 0
    PARTLY = 1
    """Next door: whoever gets it does not mind, and nobody misses it. It counts neither for a topic nor against it."""
    YES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A judgement about an article, with the text it was given for.

    topic: the id of one, "" where a file does not say. id: the article's url_key, or the id of an imported row.
    source: "command", "file", "console" or "mail".
    """

    topic: str = ""
    id: str
    grade: Grade
    url: str = ""
    language: str = ""
    title: str = ""
    text: str = ""
    note: str = ""
    source: str = "file"
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Articles about one event.

    source_count: distinct outlets. independent_count: distinct outlets after folding copies into one.
    """

    id: int
    title: str
    language: str = ""
    article_count: int = 1
    source_count: int = 1
    independent_count: int = 1
    first_seen_at: datetime
    last_seen_at: datetime


# ------------------------------------------------------------------------------------------ alerts
class ChannelKind(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where a subscriber hears of things.

    key: stable name, kind and address, unique among a subscriber's channels.
    address: mail address, URL or folder. only: "alerts", "digests", or "" for both.
    """

    key: str
    kind: ChannelKind
    address: str
    only: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTimes:
    """When digests close, on the subscriber's clock.

    at: "HH:MM" local times. weekdays: 0 is Monday. when_empty: "skip" or "note".
    """

    at: tuple[str, ...]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    when_empty: str = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """When a story is told at once.

    min_score: None means the topic's own alert_at. quiet: ("22:00", "06:30") local, may span midnight;
    stories at or above break_through are told all the same. settle_s: an alert waits this long for other outlets.
    """

    min_score: float | None = None
    max_per_hour: int = 12
    quiet: tuple[str, str] | None = None
    break_through: float | None = None
    settle_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who hears of which topics, where and when. timezone: an IANA name. alert: None means digests only.

    notices: whether they are told when a feed is disabled, gone, flooded and the like.
    """

    id: str
    topics: tuple[str, ...]
    channels: tuple[Channel, ...]
    timezone: str = "UTC"
    language: str = "en"
    digest: DigestTimes | None = None
    alert: AlertRule | None = None
    notices: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The words, frozen when the digest closes.

    payload: the webhook's JSON document (CONTRACT, HTTP). thread: an id that messages about one story share, "" for digests.
    """

    subject: str
    text: str
    html: str
    payload: Mapping[str, object] = field(default_factory=dict)
    thread: str = ""


class DeliveryState(StrEnum):
    DUE = "due"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one channel: the row that is the outbox.

    id: also the mail's Message-ID (before the @) and the `webhook-id`. body: the frozen bytes,
    an RFC 5322 message or a JSON document. attempt: how often it was claimed; fences the write.
    """

    id: str
    digest_id: int
    subscriber: str
    channel: str
    kind: ChannelKind
    address: str
    subject: str
    body: bytes
    state: DeliveryState = DeliveryState.DUE
    attempt: int = 0
    created_at: datetime
    next_try_at: datetime | None = None
    sent_at: datetime | None = None
    last_error: str = ""


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of a delivery. status: the SMTP or HTTP code, None where there was none."""

    delivery_id: str
    number: int
    at: datetime
    outcome: Outcome
    status: int | None = None
    duration_s: float = 0.0
    detail: str = ""


# ------------------------------------------------------------------------------- many times a second
def made(kind: type[T], values: Iterable[Any]) -> T:
    """A noun from the values of all its fields, in their order. raises: ValueError for too few or too many.

    For nouns without slots: their fields are put where they belong all at once, their own `__init__` does it one by one and takes three times as long.
    """
    noun = object.__new__(kind)
    vars(noun).update(zip(_names(kind), values, strict=True))  # type: ignore[arg-type]  # classes are hashable
    return noun


def changed(noun: T, **values: Any) -> T:
    """`dataclasses.replace` in a third of the time, for nouns without slots. raises: KeyError for what is no field."""
    kind: Any = type(noun)
    if unknown := values.keys() - _names(kind):
        raise KeyError(*unknown)
    new: T = object.__new__(kind)
    vars(new).update(vars(noun), **values)
    return new


@cache
def _names(kind: Any) -> dict[str, None]:
    return dict.fromkeys(each.name for each in fields(kind))
