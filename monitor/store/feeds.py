"""Feeds and their entries: what the config says of them, claims, and T1, the save of a poll."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain, zip_longest
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, Row, Select, and_, bindparam, case, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from monitor.feeds.cadence import Why
from monitor.feeds.changes import KnownEntry, Past
from monitor.model import Entry, EventKind, Feed, FeedEvent, FeedState, made
from monitor.store import events
from monitor.store.database import add_rows, change_rows, insert_or
from monitor.store.hosts import release_hosts
from monitor.store.schema import EPOCH, article, delivery, digest, entry, feed, poll, subscriber, tombstone, topic
from monitor.urls import canonical

T = TypeVar("T")
CHUNK = 500  # rows of one IN list; SQLite takes 32,766 values
TOMBSTONES = 5_000  # a feed; a document has at most a thousand entries that we take, and a flood may have brought more
SIGHTED_GAP = timedelta(days=30)  # until a forgotten entry that is there still is noted again
RESTLESS, RESTLESS_GAP = 5, timedelta(hours=1)  # edits of an entry until its article is read again only so often


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedClaim:
    """A feed leased for one poll. added_at: when the watch began to follow it; older entries are backfill.

    leased_until: whoever comes to ask only after that must not: somebody else may be at it. None in a cycle that claims each feed once.
    """

    feed: Feed
    attempt: int
    added_at: datetime
    leased_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry that its feed did not have before, with the identity of the article behind it.

    text: the article's text, where its page is not asked for: then it is due to judge at once. None: it is due to read.
    names_a_topic: off where the text is all there is, and no topic's term is in it: then there is nothing to judge.
    """

    entry: Entry
    url_key: str
    outlet: str
    language: str
    is_backfill: bool
    text: str | None = None
    names_a_topic: bool = True


@dataclass(frozen=True, kw_only=True)  # without slots: see `model.changed`
class FeedPoll:
    """All that one poll changes; saved together.

    feed: its head after the poll. before: as it was claimed, so that only what differs is written; None writes all. renamed: new key to the one that we know an entry by.
    forgotten: keys of entries that are there still though retention took them.
    is_flood: more news than a feed can have; what is new is held until the operator releases it.
    """

    feed: Feed
    before: Feed | None = None
    attempt: int
    at: datetime
    outcome: str
    status: int | None = None
    duration_s: float = 0.0
    detail: str = ""
    new: tuple[NewEntry, ...] = ()
    edited: tuple[Entry, ...] = ()
    events: tuple[FeedEvent, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    forgotten: tuple[str, ...] = ()
    is_flood: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A feed's entries whose past somebody wants to know: each by its key, the keys it may have had, and its address's key ("" for none)."""

    feed_id: str
    entries: Sequence[tuple[str, Sequence[str], str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCounted:
    """A failure that is taken back. feed: its head before that poll."""

    feed: Feed
    attempt: int
    polled_at: datetime
    next_poll_at: datetime


# ------------------------------------------------------------------------------------- from the config
def sync_feeds(connection: Connection, feeds: Sequence[Feed], now: datetime) -> None:
    """Make the table say what the config says; feeds that left it are paused, with all they have.

    A changed address drops the validators: they belong to the old one. A poll that is under way for a feed that changes
    here loses its claim, or its save would bring the old state and the old validators back.
    """
    present = {item.id for item in feeds}
    for part in _chunks(feeds):  # of ten thousand feeds all rows at once would be the most memory of a whole start
        _sync_part(connection, part, present, now)
    if gone := _pause_missing(connection, feed, present):
        connection.execute(update(feed).where(feed.c.id == bindparam("b_id")).values(_LOST_CLAIM), [{"b_id": name} for name in gone])


_LOST_CLAIM: dict[str, Any] = {"attempt": feed.c.attempt + 1, "leased_until": EPOCH}


def _sync_part(connection: Connection, feeds: Sequence[Feed], present: Collection[str], now: datetime) -> None:
    given = {item.id: _as_given(item) for item in feeds}
    as_it_was = select(*(feed.c[name] for name in (*_CONFIG, "state", "url", "duplicate_of"))).where(feed.c.id.in_(list(given)))
    known = {row.id: row for row in connection.execute(as_it_was).all()}
    if new := [item for item in feeds if item.id not in known]:
        first = [
            dict(zip(_CONFIG, given[item.id], strict=True))
            | {"url": item.url, "state": "active", "added_at": now, "next_poll_at": item.next_poll_at or now, "next_poll_reason": "first-poll"}
            for item in new
        ]
        connection.execute(insert(feed), first)
    if changed := [dict(zip(_CONFIG, given[feed_id], strict=True)) for feed_id, row in known.items() if _differs(given[feed_id], row)]:
        connection.execute(
            update(feed).where(feed.c.id == bindparam("b_id")).values({name: _kept_if_empty(name) for name in _CONFIG if name != "id"} | _LOST_CLAIM),
            [{f"b_{name}": value for name, value in row.items()} for row in changed],
        )
    # A new address that the feed moved to on its own before is no news: what was learned there stays.
    if moved := [row for row in changed if row["configured_url"] not in (known[row["id"]].configured_url, known[row["id"]].url)]:
        connection.execute(
            update(feed).where(feed.c.id == bindparam("b_id")).values({"url": bindparam("b_url"), "next_poll_at": now} | _FRESH),
            [{"b_id": row["id"], "b_url": row["configured_url"]} for row in moved],
        )
    if back := [feed_id for feed_id, row in known.items() if row.state != "active" and _comes_back(row, present=present)]:
        statement = update(feed).where(feed.c.id == bindparam("b_id")).values({"state": "active", "duplicate_of": ""} | _LOST_CLAIM)
        connection.execute(statement, [{"b_id": name} for name in back])


def _comes_back(row: Row[Any], *, present: Collection[str]) -> bool:
    """A feed that the config has again, or one that was the duplicate of a feed that the config has no longer."""
    return row.state == "paused" or (row.state == "duplicate" and row.duplicate_of not in present)


def take_credentials(connection: Connection, credentials: Mapping[str, str], now: datetime) -> None:
    """Remember what feeds are asked with (a hash each, none where there are no credentials); who waits for a login and has another one is asked at once."""
    known = connection.execute(
        select(feed.c.id, feed.c.credentials_sha256, feed.c.next_poll_reason).where(or_(feed.c.credentials_sha256 != "", feed.c.id.in_(list(credentials))))
    ).all()
    changed = [(row.id, credentials.get(row.id, ""), row.next_poll_reason) for row in known if row.credentials_sha256 != credentials.get(row.id, "")]
    for feed_id, sha256, reason in changed:
        values: dict[str, Any] = {"credentials_sha256": sha256}
        if reason == Why.NEEDS_LOGIN:
            values |= {"next_poll_at": now, "next_poll_reason": str(Why.FIRST_POLL), "attempt": feed.c.attempt + 1, "leased_until": EPOCH}
        connection.execute(update(feed).where(feed.c.id == feed_id).values(values))


# What an address of its own brings with it: everything that was learned at another one is dropped.
_FRESH: dict[str, Any] = {
    "state": "active",
    "etag": "",
    "last_modified": "",
    "body_sha256": "",
    "items_sha256": "",
    "items": b"",
    "failures": 0,
    "failing_since": None,
    "last_problem": "",
    "ttl_s": 0.0,
    "skip_hours": "",
    "skip_days": "",
    "gap_s": None,
    "newest_at": None,
    "moved_url": "",
    "moved_since": None,
    "moved_polls": 0,
    "announced_url": "",
    "gone_since": None,
    "missing_polls": 0,
    "missing_since": None,
    "own_title": "",
    "entry_count": None,
    "proposed_url": "",
    "proposed_reason": "",
    "discovered_at": None,
    "duplicate_of": "",
}


def sync_topics(connection: Connection, topics: Iterable[tuple[str, str, str]]) -> bool:
    """Topics of the config as (id, title, version); what left it is paused, its matches stay.

    Gives whether a known topic has a new definition.
    """
    known = dict(connection.execute(select(topic.c.id, topic.c.version)).all())
    rows = [{"id": name, "title": title, "version": version, "state": "active"} for name, title, version in topics]
    _upsert(connection, topic, rows)
    _pause_missing(connection, topic, [row["id"] for row in rows])
    return any(known.get(row["id"], row["version"]) != row["version"] for row in rows)


def sync_subscribers(connection: Connection, names: Iterable[str], *, notices: Collection[str] = ()) -> None:
    """Subscribers of the config; who left it is paused, what was sent stays on record, and what still waits is not sent any more.

    notices: those who hear of what happens to feeds.
    """
    rows: list[dict[str, Any]] = [{"id": name, "state": "active", "notices": name in notices} for name in names]
    _upsert(connection, subscriber, rows)
    _pause_missing(connection, subscriber, [row["id"] for row in rows])
    paused = select(subscriber.c.id).where(subscriber.c.state == "paused")
    connection.execute(
        update(delivery)
        .where(delivery.c.state == "due", delivery.c.subscriber_id.in_(paused))
        .values(state="dead", last_error="subscriber-left: no longer in the configuration", attempt=delivery.c.attempt + 1, leased_until=EPOCH)
    )


_CONFIG = ("id", "configured_url", "title", "site_url", "outlet", "language", "interval_min_s", "interval_max_s")
_SAID_BY_FEED = ("title", "site_url", "language")  # what the config leaves out stays as the feed itself said it


def _kept_if_empty(name: str) -> Any:
    given: Any = bindparam(f"b_{name}")
    return func.coalesce(func.nullif(given, ""), feed.c[name]) if name in _SAID_BY_FEED else given


def _differs(given: Sequence[Any], row: Sequence[Any]) -> bool:
    """given: the values of `_CONFIG`. row: begins with those that are known."""
    return given != row[: len(_CONFIG)] and any(new != old and (new or name not in _SAID_BY_FEED) for name, new, old in zip(_CONFIG, given, row, strict=False))


_as_given = attrgetter("id", "url", *_CONFIG[2:])


def _upsert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = insert_or(connection, table)
        changes = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes), rows)


def _pause_missing(connection: Connection, table: Any, present: Collection[str]) -> list[str]:
    kept = set(present)
    gone = [name for name in connection.execute(select(table.c.id).where(table.c.state != "paused")).scalars().all() if name not in kept]
    if gone:
        connection.execute(update(table).where(table.c.id == bindparam("b_id")).values(state="paused"), [{"b_id": name} for name in gone])
    return gone


# --------------------------------------------------------------------------------------------- times
START_PER_S = 5.0


def spread_due(connection: Connection, now: datetime, *, also: str = "") -> int:
    """Give the feeds that are due each a place of its own, so that a start or the end of an outage makes no herd; gives how many.

    Five a second, or as many as it takes to be through within half a feed's shortest interval. The order comes from the ids.
    also: the reason of feeds that are due though their time lies ahead.
    """
    is_due = or_(feed.c.next_poll_at <= now, feed.c.next_poll_reason == also) if also else feed.c.next_poll_at <= now
    found = connection.execute(select(feed.c.id, feed.c.interval_min_s).where(feed.c.state == "active", feed.c.leased_until <= now, is_due)).all()
    in_order = sorted(found, key=lambda row: hashlib.sha256(row.id.encode("utf-8", "replace")).digest())
    places = [
        {"b_id": row.id, "b_at": now + timedelta(seconds=min(place / START_PER_S, row.interval_min_s / 2 * place / len(in_order)))}
        for place, row in enumerate(in_order)
    ]
    if places:
        connection.execute(update(feed).where(feed.c.id == bindparam("b_id")).values(next_poll_at=bindparam("b_at")), places)
    return len(places)


CLOCK_TOLERANCE = timedelta(seconds=60)


def clock_went_back(connection: Connection, now: datetime) -> timedelta | None:
    """Take back from every feed's times what the clock went back, else all would rest for as long; None where it did not.

    A poll that lies in the future tells how far at least. All are moved by the same, so they stay as far apart as they were.
    """
    newest = connection.execute(select(func.max(feed.c.polled_at))).scalar()
    if newest is None or newest <= now + CLOCK_TOLERANCE:
        return None
    back = newest - now
    rows = connection.execute(select(feed.c.id, feed.c.polled_at, feed.c.next_poll_at)).all()
    connection.execute(
        update(feed).where(feed.c.id == bindparam("b_id")).values(polled_at=bindparam("b_polled_at"), next_poll_at=bindparam("b_next_poll_at")),
        [{"b_id": row.id, "b_polled_at": row.polled_at and row.polled_at - back, "b_next_poll_at": row.next_poll_at - back} for row in rows],
    )
    return timedelta(seconds=back.total_seconds())


# --------------------------------------------------------------------------------------------- claims
def claim_feeds(
    connection: Connection, now: datetime, lease: timedelta, limit: int, *, ids: Collection[str] | None = None, even_if_not_due: bool = False
) -> list[FeedClaim]:
    """Lease the feeds that are longest due; a lease that runs out gives the row back.

    ids: only these. even_if_not_due: also feeds whose next poll lies ahead (`poll --all`), each once: those polled before `now`.
    """
    even = {"b_since": now} if even_if_not_due else {}
    named = {"b_ids": list(ids)} if ids is not None else {}
    statement = _claim(even_if_not_due=even_if_not_due, is_named=ids is not None)
    rows = connection.execute(statement, {"b_now": now, "b_until": now + lease, "b_limit": limit, **even, **named}).all()
    leased_until = None if even_if_not_due else now + lease
    return [FeedClaim(feed=_feed(row), attempt=row[-2], added_at=row[-1], leased_until=leased_until) for row in rows]


# So that SQLite does not take the index of those that are due, where names are given or all are asked.
_IS_ACTIVE = feed.c.state.not_in([str(state) for state in FeedState if state is not FeedState.ACTIVE])


@lru_cache(maxsize=4)
def _claim(*, even_if_not_due: bool, is_named: bool) -> ReturningUpdate[Any]:
    """Built once: building it costs more than running it."""
    due = _due_feeds(_NOW)
    if even_if_not_due:
        due = select(feed.c.id).where(_IS_ACTIVE if is_named else feed.c.state == "active", feed.c.leased_until <= _NOW)
        due = due.where(func.coalesce(feed.c.polled_at, EPOCH) < bindparam("b_since"))
    due = due.where(feed.c.id.in_(bindparam("b_ids", expanding=True))) if is_named else due.order_by(feed.c.next_poll_at)
    due = due.limit(bindparam("b_limit")).with_for_update(skip_locked=True)  # no-op on SQLite, where one writer is the rule
    leased = update(feed).where(feed.c.id.in_(due.scalar_subquery())).values(leased_until=bindparam("b_until"), attempt=feed.c.attempt + 1)
    return leased.returning(*_FEED_COLUMNS, feed.c.attempt, feed.c.added_at)


def addresses(connection: Connection, now: datetime, *, ids: Collection[str] | None = None, even_if_not_due: bool = False) -> Iterator[tuple[str, str]]:
    """One after the other, id and address of the feeds that can be claimed: those that are due, longest due first; or all.

    ids: only these, also where they are not due.
    """
    found = select(feed.c.id, feed.c.url).where(feed.c.leased_until <= now)
    if even_if_not_due or ids is not None:
        found = found.where(_IS_ACTIVE)  # as they lie there: neighbours share pages
    else:
        found = found.where(feed.c.state == "active", feed.c.next_poll_at <= now).order_by(feed.c.next_poll_at)
    rows = chain.from_iterable(connection.execute(found).partitions(CHUNK))
    return ((feed_id, url) for feed_id, url in rows if ids is None or feed_id in ids)


def release_leases(connection: Connection) -> None:
    """Give every claimed row back at once; only for a process that knows it is alone."""
    # Only rows that can be claimed, which the indexes know: of old articles there may be millions.
    for table, column, claimable in (
        (feed, feed.c.state, ("active",)),
        (article, article.c.step, ("read", "judge")),
        (digest, digest.c.state, ("open",)),
        (delivery, delivery.c.state, ("due",)),
    ):
        connection.execute(update(table).where(column.in_(claimable), table.c.leased_until > EPOCH).values(leased_until=EPOCH))
    release_hosts(connection)


def holder_of(connection: Connection, url: str, *, besides: str) -> str:
    """The feed that is asked at an address, or stands with it in the config; "" where there is none besides the one named."""
    same = or_(feed.c.url.in_((url, canonical(url))), feed.c.configured_url.in_((url, canonical(url))))
    statement = select(feed.c.id).where(same, feed.c.id != besides, feed.c.state == "active").order_by(feed.c.id).limit(1)
    return connection.execute(statement).scalar() or ""


def all_feeds(connection: Connection) -> list[Feed]:
    """Every feed that the store knows, those that left the configuration too; without the fingerprints of its items, which can be megabytes."""
    columns = [literal(b"").label("items") if column.name == "items" else column for column in _FEED_COLUMNS]
    return [_feed(row) for row in connection.execute(select(*columns).order_by(feed.c.id))]


def next_poll_at(connection: Connection) -> datetime | None:
    """When the next active feed falls due, leases included; looks at as many as can be under way, and some."""
    rows = connection.execute(select(feed.c.next_poll_at, feed.c.leased_until).where(feed.c.state == "active").order_by(feed.c.next_poll_at).limit(CHUNK)).all()
    return min((max(row) for row in map(tuple, rows)), default=None)


def _due_feeds(now: datetime | BindParameter[datetime]) -> Select[tuple[str]]:
    return select(feed.c.id).where(feed.c.state == "active", feed.c.next_poll_at <= now, feed.c.leased_until <= now)


def _feed(row: Row[Any]) -> Feed:
    """row: begins with the values of `_FEED_COLUMNS`."""
    values = list(row[: len(_FIELDS)])
    values[_STATE] = FeedState(values[_STATE])
    return made(Feed, values)


_FIELDS = tuple(each.name for each in fields(Feed))
_STATE = _FIELDS.index("state")
_FEED_COLUMNS = tuple(feed.c[name] for name in _FIELDS)
_NOW: BindParameter[datetime] = bindparam("b_now", type_=feed.c.leased_until.type)


# ------------------------------------------------------------------------------------------------- T1
def known_entries(connection: Connection, asked: Sequence[Asked]) -> list[Past]:
    """What we have of the entries of some feeds, in the order asked; other keys and addresses only of those whose key is not known."""
    return [_past(connection, each) for each in asked]


def _past(connection: Connection, asked: Asked) -> Past:
    # One statement a feed: SQLite reads the whole table where pairs of (feed, key) are looked for in a list.
    known = _known_by_key(connection, asked.feed_id, [key for key, _, _ in asked.entries])
    missing = [each for each in asked.entries if each[0] not in known]
    if not missing:
        return Past(by_key=known)
    others = sorted({key for _, keys, _ in missing for key in keys} - known.keys())
    by_key = known | _known_by_key(connection, asked.feed_id, others)
    links = sorted({link for _, _, link in missing if link})
    forgotten, forgotten_links = _forgotten(connection, asked.feed_id, [key for key, _, _ in missing] + others, links)
    return Past(by_key=by_key, by_link=_known_by_link(connection, asked.feed_id, links), forgotten=forgotten, forgotten_links=forgotten_links)


# Built once: building a statement costs more than running it on a few rows.
_FEED: BindParameter[str] = bindparam("b_feed")
_KEYS: BindParameter[str] = bindparam("b_keys", expanding=True)
_LINKS: BindParameter[str] = bindparam("b_links", expanding=True)
_BY_KEY = select(entry.c.key, entry.c.sha256, entry.c.title).where(entry.c.feed_id == _FEED, entry.c.key.in_(_KEYS))
_BY_LINK = (
    select(article.c.url_key, entry.c.key, entry.c.sha256, entry.c.title)
    .join(entry, entry.c.article_id == func.coalesce(article.c.duplicate_of, article.c.id))
    .where(article.c.url_key.in_(_LINKS), entry.c.feed_id == _FEED)
    .order_by(entry.c.id.desc())
)
_OF_FEED = tombstone.c.feed_id == _FEED
_FORGOTTEN = select(tombstone.c.key, tombstone.c.url_key, tombstone.c.seen_at).where(
    or_(and_(_OF_FEED, tombstone.c.key.in_(_KEYS)), and_(_OF_FEED, tombstone.c.url_key.in_(_LINKS)))  # each has its index
)


def _known_by_key(connection: Connection, feed_id: str, keys: Sequence[str]) -> dict[str, KnownEntry]:
    found: dict[str, KnownEntry] = {}
    for part in _chunks(keys):
        rows = connection.execute(_BY_KEY, {"b_feed": feed_id, "b_keys": part})
        found.update((key, KnownEntry(key=key, sha256=sha256, title=title)) for key, sha256, title in rows)
    return found


def _known_by_link(connection: Connection, feed_id: str, links: Sequence[str]) -> dict[str, list[KnownEntry]]:
    found: dict[str, list[KnownEntry]] = {}
    for part in _chunks(links):
        for link, key, sha256, title in connection.execute(_BY_LINK, {"b_feed": feed_id, "b_links": part}):
            found.setdefault(link, []).append(KnownEntry(key=key, sha256=sha256, title=title))
    return found


def _forgotten(connection: Connection, feed_id: str, keys: Sequence[str], links: Sequence[str]) -> tuple[frozenset[str], dict[str, tuple[str, datetime]]]:
    by_key: set[str] = set()
    by_link: dict[str, tuple[str, datetime]] = {}
    for some_keys, some_links in zip_longest(_chunks(keys), _chunks(links), fillvalue=()):
        rows = connection.execute(_FORGOTTEN, {"b_feed": feed_id, "b_keys": some_keys, "b_links": some_links})
        for key, link, seen_at in rows:
            by_key.add(key)
            by_link[link] = (key, seen_at)
    return frozenset(by_key.intersection(keys)), {link: by_link[link] for link in links if link in by_link}


def take_failures_back(connection: Connection, failures: Sequence[NotCounted], reason: str) -> None:
    """Failures that turned out to be our own: the heads as they were before, the polls under their true reason.

    A feed that was polled again or changed since keeps what it has.
    """
    for each in failures:
        taken_back = connection.execute(
            update(feed)
            .where(feed.c.id == each.feed.id, feed.c.attempt == each.attempt, feed.c.polled_at == each.polled_at)
            .values(
                failures=each.feed.failures,
                failing_since=each.feed.failing_since,
                last_problem=each.feed.last_problem,
                next_poll_at=each.next_poll_at,
                next_poll_reason=reason,
            )
        ).rowcount
        if taken_back:
            connection.execute(update(poll).where(poll.c.feed_id == each.feed.id, poll.c.at == each.polled_at).values(outcome=reason))


def save_polls(connection: Connection, polls: Sequence[FeedPoll]) -> int:
    """T1: heads, next poll times with their reasons, entries, articles due to read, poll log; gives the number of new articles.

    A poll whose claim was lost in the meantime leaves the head as the later claim has it; its entries are unique anyway.
    """
    _save_heads(connection, polls)
    for each in (each for each in polls if each.events and _is_saved(connection, each)):
        for happened in each.events:
            events.add(connection, each.feed.id, each.at, happened.kind, happened.detail)
    add_rows(
        connection,
        poll,
        [
            {
                "feed_id": each.feed.id,
                "at": each.at,
                "outcome": each.outcome,
                "status": each.status,
                "duration_s": each.duration_s,
                "new_entries": len(each.new),
                "edited_entries": len(each.edited),
                "detail": each.detail,
            }
            for each in polls
        ],
    )
    _save_renamed(connection, polls)
    created = _save_new(connection, [each for each in polls if each.new])
    _save_edited(connection, [(each, edited) for each in polls for edited in each.edited])
    _save_sighted(connection, polls)
    return created


# -------------------------------------------------------------------------------------------- the flood
def held_counts(connection: Connection) -> dict[str, int]:
    """How many articles of which feed are held: they came with a flood."""
    return dict(connection.execute(select(article.c.feed_id, func.count()).where(article.c.step == "held").group_by(article.c.feed_id)).all())


def release(connection: Connection, feed_id: str, now: datetime) -> int:
    """Let what a flood brought go the way of all articles; gives how many."""
    held = (article.c.feed_id == feed_id, article.c.step == "held")
    count = connection.execute(update(article).where(*held).values(step="read", due_at=now, leased_until=EPOCH)).rowcount
    if count:
        events.add(connection, feed_id, now, EventKind.RELEASED, f"{count} articles")
    return count


def discard(connection: Connection, feed_id: str, now: datetime) -> int:
    """Throw away what a flood brought, for good: entries that the feed shows still do not come back as news. Gives how many articles."""
    held = select(article.c.id).where(article.c.feed_id == feed_id, article.c.step == "held")
    ids = list(connection.execute(held.with_for_update()).scalars())
    for part in _chunks(ids):
        bury(connection, part, now)
        connection.execute(delete(entry).where(entry.c.article_id.in_(part)))
        connection.execute(update(article).where(article.c.duplicate_of.in_(part)).values(duplicate_of=None))
        connection.execute(delete(article).where(article.c.id.in_(part)))
    if ids:
        events.add(connection, feed_id, now, EventKind.DISCARDED, f"{len(ids)} articles")
    return len(ids)


def bury(connection: Connection, article_ids: Sequence[int], now: datetime) -> None:
    """Remember the entries of articles that are about to be deleted, a bounded number for each feed."""
    columns = (entry.c.feed_id, entry.c.key, article.c.url_key)
    rows = connection.execute(select(*columns).join(article, article.c.id == entry.c.article_id).where(entry.c.article_id.in_(article_ids))).all()
    if not rows:
        return
    statement = insert_or(connection, tombstone)
    again = statement.on_conflict_do_update(index_elements=["feed_id", "key"], set_={"seen_at": statement.excluded.seen_at})
    connection.execute(again, [{"feed_id": feed_id, "key": key, "url_key": url_key, "seen_at": now} for feed_id, key, url_key in rows])
    of_these = select(tombstone.c.feed_id, func.count()).where(tombstone.c.feed_id.in_({row[0] for row in rows})).group_by(tombstone.c.feed_id)
    for feed_id, count in connection.execute(of_these.having(func.count() > TOMBSTONES)).all():
        oldest = select(tombstone.c.key).where(tombstone.c.feed_id == feed_id).order_by(tombstone.c.seen_at, tombstone.c.key).limit(count - TOMBSTONES)
        connection.execute(delete(tombstone).where(tombstone.c.feed_id == feed_id, tombstone.c.key.in_(oldest.scalar_subquery())))


def _is_saved(connection: Connection, polled: FeedPoll) -> bool:
    """Whether its head was taken: what happened in a poll that lost its claim is told by the later one."""
    return connection.execute(select(feed.c.attempt).where(feed.c.id == polled.feed.id)).scalar() == polled.attempt


def _save_heads(connection: Connection, polls: Sequence[FeedPoll]) -> None:
    """Only the columns that changed: a 304 changes five of thirty, and there are many more of those than of anything else."""
    alike: dict[tuple[str, ...], list[FeedPoll]] = {}
    for each in polls:
        head, before = vars(each.feed), vars(each.before) if each.before else {}
        # What is not the same object may be equal to it; then it is written again, which does no harm.
        changed = tuple([name for name in _HEAD if head[name] is not before.get(name, _NOTHING)])
        alike.setdefault(changed, []).append(each)
    for changed, same in alike.items():
        values = attrgetter(*changed, "id")
        rows = [(*(of_head := values(each.feed))[:-1], EPOCH, of_head[-1], each.attempt) for each in same]
        change_rows(connection, feed, (*changed, "leased_until"), rows, where=("id", "attempt"))


_NOTHING = object()
_HEAD = (
    "url",
    "title",
    "site_url",
    "language",
    "state",
    "etag",
    "last_modified",
    "body_sha256",
    "items_sha256",
    "items",
    "read_at",
    "polled_at",
    "changed_at",
    "next_poll_at",
    "next_poll_reason",
    "failures",
    "failing_since",
    "last_problem",
    "ttl_s",
    "skip_hours",
    "skip_days",
    "gap_s",
    "newest_at",
    "moved_url",
    "moved_since",
    "moved_polls",
    "announced_url",
    "gone_since",
    "missing_polls",
    "missing_since",
    "own_title",
    "entry_count",
    "proposed_url",
    "proposed_reason",
    "discovered_at",
    "duplicate_of",
)


@dataclass(frozen=True, slots=True)
class _KnownArticle:
    id: int
    step: str
    is_backfill: bool


def _save_new(connection: Connection, polls: Sequence[FeedPoll]) -> int:
    """The new entries of a batch of polls with the articles behind them, oldest first; gives how many articles are new."""
    if not polls:
        return 0
    found = [(polled, each) for polled in polls for each in reversed(polled.new)]  # feeds begin with the newest
    before = _articles_at(connection, sorted({each.url_key for _, each in found}))
    created: dict[str, dict[str, Any]] = {}
    for polled, each in found:
        if each.url_key not in before:
            row = created.setdefault(each.url_key, _article_row(polled, each))
            if not each.is_backfill and not polled.is_flood:  # one of the feeds has it as news
                row |= {"is_backfill": False, "step": _first_step(each)}
    if created:
        add_rows(connection, article, list(created.values()))
    articles = before | _articles_at(connection, list(created))
    if before:
        _read_again(connection, _news_of_known(connection, [(polled, each, before[each.url_key]) for polled, each in found if each.url_key in before]))
    add_rows(
        connection,
        entry,
        [
            _entry_row(each.entry) | {"feed_id": polled.feed.id, "article_id": articles[each.url_key].id, "seen_at": polled.at}
            for polled in polls
            for each in polled.new
        ],
    )
    held = Counter(row["feed_id"] for row in created.values() if row["step"] == "held")
    for feed_id, count in sorted(held.items()):
        at = next(polled.at for polled, _ in found if polled.feed.id == feed_id)
        events.add(connection, feed_id, at, EventKind.FLOOD, f"{count} new entries in one poll")
    return len(created)


def _news_of_known(connection: Connection, found: Sequence[tuple[FeedPoll, NewEntry, _KnownArticle]]) -> dict[int, datetime]:
    """The articles that a new entry is news about, and when to read them.

    One for which the feed had an entry before: a new one with the same address is news about it, as in live blogs.
    One that was held, or old to the feed that had it: now another feed has it as news, and then people are told.
    """
    ids = sorted({known.id for _, _, known in found})
    had: set[tuple[str, int]] = set()
    for part in _chunks(ids):
        had.update(
            (feed_id, article_id) for feed_id, article_id in connection.execute(select(entry.c.feed_id, entry.c.article_id).where(entry.c.article_id.in_(part)))
        )
    fresh = [(polled, known) for polled, each, known in found if not each.is_backfill and not polled.is_flood]
    if woken := sorted({known.id for _, known in fresh if known.is_backfill or known.step == "held"}):
        rows = [{"b_id": article_id} for article_id in woken]
        connection.execute(update(article).where(article.c.id == bindparam("b_id")).values(is_backfill=False, step="read"), rows)
    again = {known.id: polled.at for polled, _, known in found if (polled.feed.id, known.id) in had and known.step != "held" and not polled.is_flood}
    return again | {known.id: polled.at for polled, known in fresh if known.id in woken}


def _save_renamed(connection: Connection, polls: Sequence[FeedPoll]) -> None:
    rows = [{"b_feed": each.feed.id, "b_key": key, "b_known": known} for each in polls for key, known in each.renamed.items()]
    if rows:
        taken = select(entry.c.id).where(entry.c.feed_id == bindparam("b_feed"), entry.c.key == bindparam("b_key"))
        mine = (entry.c.feed_id == bindparam("b_feed"), entry.c.key == bindparam("b_known"), ~exists(taken.correlate(None)))
        connection.execute(update(entry).where(*mine).values(key=bindparam("b_key")), rows)


def _save_edited(connection: Connection, found: Sequence[tuple[FeedPoll, Entry]]) -> None:
    """An edit is a new version of its entry, and the article behind it is read and judged again.

    One that is edited with every poll (a counter or a random address in its text) is read again once in a while only.
    """
    if not found:
        return
    edits = {(polled.feed.id, each.key): (polled, each) for polled, each in found}
    rows, again = [], {}
    for part in _chunks(sorted(edits)):
        named = (entry.c.feed_id.in_({feed_id for feed_id, _ in part}), entry.c.key.in_({key for _, key in part}))
        columns = (entry.c.feed_id, entry.c.key, entry.c.id, entry.c.article_id, entry.c.version, entry.c.sha256)
        for feed_id, key, entry_id, article_id, version, sha256 in connection.execute(select(*columns).where(*named)):
            polled, each = edits.get((feed_id, key), (None, None))
            if polled and each and each.sha256 != sha256:
                rows.append({f"b_{name}": value for name, value in _entry_row(each).items()} | {"b_id": entry_id, "b_seen_at": polled.at, "b_was": sha256})
                again[article_id] = polled.at if version < RESTLESS else polled.at + RESTLESS_GAP
    if rows:
        changed: dict[str, Any] = {name: bindparam(f"b_{name}") for name in (*_ENTRY, "seen_at")}
        mine = (entry.c.id == bindparam("b_id"), entry.c.sha256 == bindparam("b_was"))
        connection.execute(update(entry).where(*mine).values(changed | {"version": entry.c.version + 1}), rows)
        _read_again(connection, again)


def _save_sighted(connection: Connection, polls: Sequence[FeedPoll]) -> None:
    """Forgotten entries that are there still stay forgotten for longer; written once in a while only."""
    rows = [{"b_feed": each.feed.id, "b_key": key, "b_at": each.at, "b_before": each.at - SIGHTED_GAP} for each in polls for key in each.forgotten]
    if rows:
        mine = (tombstone.c.feed_id == bindparam("b_feed"), tombstone.c.key == bindparam("b_key"), tombstone.c.seen_at < bindparam("b_before"))
        connection.execute(update(tombstone).where(*mine).values(seen_at=bindparam("b_at")), rows)


def _read_again(connection: Connection, due: Mapping[int, datetime]) -> None:
    """Due to read, from now on: who reads or judges it at this moment knows the old words, and loses the claim. What is held stays held."""
    if due:
        at = bindparam("b_due_at", type_=article.c.due_at.type)
        sooner = case((and_(article.c.step == "read", article.c.due_at < at), article.c.due_at), else_=at)
        connection.execute(
            update(article)
            .where(article.c.id == bindparam("b_id"), article.c.step != "held")
            .values(step="read", due_at=sooner, leased_until=EPOCH, attempt=article.c.attempt + 1),
            [{"b_id": article_id, "b_due_at": due_at} for article_id, due_at in sorted(due.items())],
        )


def _articles_at(connection: Connection, keys: Sequence[str]) -> dict[str, _KnownArticle]:
    """The articles with these addresses; behind an address that turned out to be another's second one stands the first."""
    found: dict[str, _KnownArticle] = {}
    for part in _chunks(keys):
        rows = connection.execute(_AT_KEYS, {"b_keys": part}).all()
        found.update((key, _KnownArticle(article_id, step, is_backfill)) for key, article_id, step, is_backfill in rows)
    return found


_AT_KEYS = select(article.c.url_key, func.coalesce(article.c.duplicate_of, article.c.id), article.c.step, article.c.is_backfill).where(
    article.c.url_key.in_(_KEYS)
)


def _first_step(each: NewEntry) -> str:
    if each.text is None:
        return "read"
    return "judge" if each.names_a_topic else "done"


def _article_row(polled: FeedPoll, each: NewEntry) -> dict[str, Any]:
    return {
        "url": each.entry.url,
        "url_key": each.url_key,
        "title": each.entry.title,
        "summary": each.entry.summary,
        "outlet": each.outlet,
        "feed_id": polled.feed.id,
        "language": each.language,
        "authors": each.entry.authors,
        "published_at": each.entry.published_at,
        "modified_at": each.entry.updated_at,
        "seen_at": polled.at,
        "is_backfill": each.is_backfill,
        "step": "held" if polled.is_flood and not each.is_backfill else _first_step(each),
        "text": each.text or "",
        "due_at": polled.at,
    }


_ENTRY = ("key", "url", "title", "summary", "content", "authors", "published_at", "updated_at", "sha256")
_entry_values = attrgetter(*_ENTRY)


def _entry_row(each: Entry) -> dict[str, Any]:
    return dict(zip(_ENTRY, _entry_values(each), strict=True))


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
