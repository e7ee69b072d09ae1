"""Feeds and their entries: what the config says of them, claims, and T1, the save of a poll."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, case, func, insert, select, update

from monitor.model import Entry, Feed, FeedEvent, FeedState
from monitor.store import events
from monitor.store.database import insert_new, insert_or
from monitor.store.hosts import release_hosts
from monitor.store.schema import EPOCH, article, delivery, digest, entry, feed, poll, subscriber, topic

T = TypeVar("T")
CHUNK = 500  # rows of one IN list; SQLite takes 32,766 values
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
    """An entry that its feed did not have before, with the identity of the article behind it."""

    entry: Entry
    url_key: str
    outlet: str
    language: str
    is_backfill: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPoll:
    """All that one poll changes; saved together. feed: its head after the poll."""

    feed: Feed
    attempt: int
    at: datetime
    outcome: str
    status: int | None = None
    duration_s: float = 0.0
    detail: str = ""
    new: tuple[NewEntry, ...] = ()
    edited: tuple[Entry, ...] = ()
    events: tuple[FeedEvent, ...] = ()


# ------------------------------------------------------------------------------------- from the config
def sync_feeds(connection: Connection, feeds: Sequence[Feed], now: datetime) -> None:
    """Make the table say what the config says; feeds that left it are paused, with all they have.

    A changed address drops the validators: they belong to the old one. A poll that is under way for a feed that changes
    here loses its claim, or its save would bring the old state and the old validators back.
    """
    rows = [_config_columns(item) for item in feeds]
    known = {row["id"]: dict(row) for row in connection.execute(select(*(feed.c[name] for name in (*_CONFIG, "state", "url", "duplicate_of")))).mappings()}
    if new := [(row, item) for row, item in zip(rows, feeds, strict=True) if row["id"] not in known]:
        first = [
            row | {"url": item.url, "state": "active", "added_at": now, "next_poll_at": item.next_poll_at or now, "next_poll_reason": "first-poll"}
            for row, item in new
        ]
        connection.execute(insert(feed), first)
    lost_claim: dict[str, Any] = {"attempt": feed.c.attempt + 1, "leased_until": EPOCH}
    if changed := [row for row in rows if row["id"] in known and _differs(row, known[row["id"]])]:
        connection.execute(
            update(feed).where(feed.c.id == bindparam("b_id")).values({name: _kept_if_empty(name) for name in _CONFIG if name != "id"} | lost_claim),
            [{f"b_{name}": value for name, value in row.items()} for row in changed],
        )
    # A new address that the feed moved to on its own before is no news: what was learned there stays.
    if moved := [row for row in changed if row["configured_url"] not in (known[row["id"]]["configured_url"], known[row["id"]]["url"])]:
        connection.execute(
            update(feed).where(feed.c.id == bindparam("b_id")).values({"url": bindparam("b_url"), "next_poll_at": now} | _FRESH),
            [{"b_id": row["id"], "b_url": row["configured_url"]} for row in moved],
        )
    present = {row["id"] for row in rows}
    if back := [row["id"] for row in rows if _comes_back(known.get(row["id"], {}), present=present)]:
        statement = update(feed).where(feed.c.id == bindparam("b_id")).values({"state": "active", "duplicate_of": ""} | lost_claim)
        connection.execute(statement, [{"b_id": name} for name in back])
    if gone := _pause_missing(connection, feed, [row["id"] for row in rows]):
        connection.execute(update(feed).where(feed.c.id == bindparam("b_id")).values(lost_claim), [{"b_id": name} for name in gone])


def _comes_back(row: Mapping[str, Any], *, present: Collection[str]) -> bool:
    """A feed that the config has again, or one that was the duplicate of a feed that the config has no longer."""
    return row.get("state") == "paused" or (row.get("state") == "duplicate" and row["duplicate_of"] not in present)


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


def _differs(row: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    return any(row[name] != known[name] and not (name in _SAID_BY_FEED and not row[name]) for name in _CONFIG)


def _config_columns(item: Feed) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _CONFIG} | {"configured_url": item.url}


def _upsert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = insert_or(connection, table)
        changes = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes), rows)


def _pause_missing(connection: Connection, table: Any, present: Sequence[str]) -> list[str]:
    kept = set(present)
    gone = [name for (name,) in connection.execute(select(table.c.id).where(table.c.state != "paused")) if name not in kept]
    if gone:
        connection.execute(update(table).where(table.c.id == bindparam("b_id")).values(state="paused"), [{"b_id": name} for name in gone])
    return gone


# --------------------------------------------------------------------------------------------- claims
def claim_feeds(
    connection: Connection, now: datetime, lease: timedelta, limit: int, *, ids: Collection[str] | None = None, even_if_not_due: bool = False
) -> list[FeedClaim]:
    """Lease the feeds that are longest due; a lease that runs out gives the row back.

    ids: only these. even_if_not_due: also feeds whose next poll lies ahead (`poll --all`), each once: those polled before `now`.
    """
    due = _due_feeds(now)
    if even_if_not_due:
        due = select(feed.c.id).where(feed.c.state == "active", feed.c.leased_until <= now, func.coalesce(feed.c.polled_at, EPOCH) < now)
    if ids is not None:
        due = due.where(feed.c.id.in_(ids))
    due = due.order_by(feed.c.next_poll_at).limit(limit).with_for_update(skip_locked=True)  # no-op on SQLite, where one writer is the rule
    rows = connection.execute(
        update(feed).where(feed.c.id.in_(due.scalar_subquery())).values(leased_until=now + lease, attempt=feed.c.attempt + 1).returning(*feed.c)
    )
    leased_until = None if even_if_not_due else now + lease
    return [FeedClaim(feed=_feed(row), attempt=row["attempt"], added_at=row["added_at"], leased_until=leased_until) for row in rows.mappings()]


def release_leases(connection: Connection) -> None:
    """Give every claimed row back at once; only for a process that knows it is alone."""
    for table in (feed, article, digest, delivery):
        connection.execute(update(table).where(table.c.leased_until > EPOCH).values(leased_until=EPOCH))
    release_hosts(connection)


def next_poll_at(connection: Connection) -> datetime | None:
    """When the next active feed falls due, leases included; looks at as many as can be under way, and some."""
    rows = connection.execute(select(feed.c.next_poll_at, feed.c.leased_until).where(feed.c.state == "active").order_by(feed.c.next_poll_at).limit(CHUNK)).all()
    return min((max(row) for row in map(tuple, rows)), default=None)


def _due_feeds(now: datetime) -> Select[tuple[str]]:
    return select(feed.c.id).where(feed.c.state == "active", feed.c.next_poll_at <= now, feed.c.leased_until <= now)


def _feed(row: RowMapping) -> Feed:
    return Feed(
        id=row["id"],
        url=row["url"],
        configured_url=row["configured_url"],
        title=row["title"],
        site_url=row["site_url"],
        outlet=row["outlet"],
        language=row["language"],
        state=FeedState(row["state"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_sha256=row["body_sha256"],
        items_sha256=row["items_sha256"],
        items=row["items"],
        read_at=row["read_at"],
        polled_at=row["polled_at"],
        changed_at=row["changed_at"],
        next_poll_at=row["next_poll_at"],
        next_poll_reason=row["next_poll_reason"],
        failures=row["failures"],
        failing_since=row["failing_since"],
        last_problem=row["last_problem"],
        ttl_s=row["ttl_s"],
        skip_hours=row["skip_hours"],
        skip_days=row["skip_days"],
        gap_s=row["gap_s"],
        newest_at=row["newest_at"],
        moved_url=row["moved_url"],
        moved_since=row["moved_since"],
        moved_polls=row["moved_polls"],
        announced_url=row["announced_url"],
        gone_since=row["gone_since"],
        missing_polls=row["missing_polls"],
        own_title=row["own_title"],
        entry_count=row["entry_count"],
        proposed_url=row["proposed_url"],
        proposed_reason=row["proposed_reason"],
        discovered_at=row["discovered_at"],
        duplicate_of=row["duplicate_of"],
        credentials_sha256=row["credentials_sha256"],
        interval_min_s=row["interval_min_s"],
        interval_max_s=row["interval_max_s"],
    )


# ------------------------------------------------------------------------------------------------- T1
def known_entries(connection: Connection, feed_id: str, keys: Sequence[str]) -> dict[str, str]:
    """The entries of a feed that we have, of those asked for: key to sha256."""
    found: dict[str, str] = {}
    for part in _chunks(keys):
        found.update(connection.execute(select(entry.c.key, entry.c.sha256).where(entry.c.feed_id == feed_id, entry.c.key.in_(part))).all())
    return found


def save_polls(connection: Connection, polls: Sequence[FeedPoll]) -> int:
    """T1: heads, next poll times with their reasons, entries, articles due to read, poll log; gives the number of new articles.

    A poll whose claim was lost in the meantime leaves the head as the later claim has it; its entries are unique anyway.
    """
    connection.execute(
        update(feed)
        .where(feed.c.id == bindparam("b_id"), feed.c.attempt == bindparam("b_attempt"))
        .values({name: bindparam(f"b_{name}") for name in _HEAD} | {"leased_until": EPOCH}),
        [{"b_id": each.feed.id, "b_attempt": each.attempt} | {f"b_{name}": getattr(each.feed, name) for name in _HEAD} for each in polls],
    )
    for each in (each for each in polls if each.events and _is_saved(connection, each)):
        for happened in each.events:
            events.add(connection, each.feed.id, each.at, happened.kind, happened.detail)
    connection.execute(
        insert(poll),
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
    return sum(_save_new(connection, each) for each in polls if each.new) + sum(_save_edited(connection, each) for each in polls if each.edited)


def _is_saved(connection: Connection, polled: FeedPoll) -> bool:
    """Whether its head was taken: what happened in a poll that lost its claim is told by the later one."""
    return connection.execute(select(feed.c.attempt).where(feed.c.id == polled.feed.id)).scalar() == polled.attempt


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
    "own_title",
    "entry_count",
    "proposed_url",
    "proposed_reason",
    "discovered_at",
    "duplicate_of",
)


def _save_new(connection: Connection, polled: FeedPoll) -> int:
    before = _article_ids(connection, [each.url_key for each in polled.new])
    articles = {each.url_key: _article_row(polled, each) for each in reversed(polled.new) if each.url_key not in before}
    if articles:
        connection.execute(insert_new(connection, article), list(articles.values()))
    ids = before | _article_ids(connection, list(articles))
    if before:
        _read_again(connection, _told_again(connection, polled.feed.id, list(before.values())), polled.at)
    connection.execute(
        insert_new(connection, entry),
        [_entry_row(each.entry) | {"feed_id": polled.feed.id, "article_id": ids[each.url_key], "seen_at": polled.at} for each in polled.new],
    )
    return len(articles)


def _told_again(connection: Connection, feed_id: str, article_ids: Sequence[int]) -> list[int]:
    """The articles for which the feed had an entry before: a new one with the same address is news about it, as in live blogs."""
    found: set[int] = set()
    for part in _chunks(article_ids):
        found.update(connection.execute(select(entry.c.article_id).where(entry.c.feed_id == feed_id, entry.c.article_id.in_(part))).scalars())
    return sorted(found)


def _save_edited(connection: Connection, polled: FeedPoll) -> int:
    """An edit is a new version of its entry, and the article behind it is read and judged again.

    One that is edited with every poll (a counter or a random address in its text) is read again once in a while only.
    """
    at_once: list[int] = []
    later: list[int] = []
    for each in polled.edited:
        row = connection.execute(
            update(entry)
            .where(entry.c.feed_id == polled.feed.id, entry.c.key == each.key, entry.c.sha256 != each.sha256)
            .values(_entry_row(each) | {"version": entry.c.version + 1, "seen_at": polled.at})
            .returning(entry.c.article_id, entry.c.version)
        ).first()
        if row:
            (at_once if row.version <= RESTLESS else later).append(row.article_id)
    _read_again(connection, at_once, polled.at)
    _read_again(connection, later, polled.at + RESTLESS_GAP)
    return 0


def _read_again(connection: Connection, article_ids: Sequence[int], due_at: datetime) -> None:
    """Due to read, from now on: who reads or judges it at this moment knows the old words, and loses the claim."""
    if article_ids:
        sooner = case((and_(article.c.step == "read", article.c.due_at < due_at), article.c.due_at), else_=due_at)
        connection.execute(
            update(article).where(article.c.id == bindparam("b_id")).values(step="read", due_at=sooner, leased_until=EPOCH, attempt=article.c.attempt + 1),
            [{"b_id": article_id} for article_id in sorted(set(article_ids))],
        )


def _article_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _chunks(keys):
        found.update(connection.execute(select(article.c.url_key, article.c.id).where(article.c.url_key.in_(part))).all())
    return found


def _article_row(polled: FeedPoll, each: NewEntry) -> Mapping[str, Any]:
    return {
        "url": each.entry.url,
        "url_key": each.url_key,
        "title": each.entry.title,
        "summary": each.entry.summary,
        "outlet": each.outlet,
        "feed_id": polled.feed.id,
        "language": each.language,
        "authors": list(each.entry.authors),
        "published_at": each.entry.published_at,
        "modified_at": each.entry.updated_at,
        "seen_at": polled.at,
        "is_backfill": each.is_backfill,
        "due_at": polled.at,
    }


def _entry_row(each: Entry) -> dict[str, Any]:
    return {
        "key": each.key,
        "url": each.url,
        "title": each.title,
        "summary": each.summary,
        "content": each.content,
        "authors": list(each.authors),
        "published_at": each.published_at,
        "updated_at": each.updated_at,
        "sha256": each.sha256,
    }


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
