"""Feeds and their entries: what the config says of them, claims, and T1, the save of a poll."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, insert, select, update

from monitor.model import Entry, Feed, FeedState
from monitor.store.database import insert_new, insert_or
from monitor.store.schema import EPOCH, article, delivery, digest, entry, feed, poll, subscriber, topic

CHUNK = 500  # rows of one IN list; SQLite takes 32,766 values


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedClaim:
    """A feed leased for one poll. added_at: when the watch began to follow it; older entries are backfill."""

    feed: Feed
    attempt: int
    added_at: datetime


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


# ------------------------------------------------------------------------------------- from the config
def sync_feeds(connection: Connection, feeds: Sequence[Feed], now: datetime) -> None:
    """Make the table say what the config says; feeds that left it are paused, with all they have.

    A changed address drops the validators: they belong to the old one.
    """
    rows = [_config_columns(item) | {"added_at": now, "next_poll_at": item.next_poll_at or now, "next_poll_reason": "first-poll"} for item in feeds]
    known = dict(connection.execute(select(feed.c.id, feed.c.url)).all())
    if new := [row for row in rows if row["id"] not in known]:
        connection.execute(insert(feed), new)
    if old := [row for row in rows if row["id"] in known]:
        columns = [name for name in _config_columns(feeds[0]) if name != "id"]
        connection.execute(
            update(feed).where(feed.c.id == bindparam("b_id")).values({name: _kept_if_empty(name) for name in columns}),
            [{f"b_{name}": row[name] for name in ("id", *columns)} for row in old],
        )
    if moved := [row["id"] for row in old if known[row["id"]] != row["url"]]:
        fresh = {"etag": "", "last_modified": "", "body_sha256": "", "failures": 0, "failing_since": None, "last_problem": "", "next_poll_at": now}
        connection.execute(update(feed).where(feed.c.id == bindparam("b_id")).values(**fresh), [{"b_id": name} for name in moved])
    _pause_missing(connection, feed, [row["id"] for row in rows])


def sync_topics(connection: Connection, topics: Iterable[tuple[str, str, str]]) -> bool:
    """Topics of the config as (id, title, version); what left it is paused, its matches stay.

    Gives whether a known topic has a new definition.
    """
    known = dict(connection.execute(select(topic.c.id, topic.c.version)).all())
    rows = [{"id": name, "title": title, "version": version, "state": "active"} for name, title, version in topics]
    _upsert(connection, topic, rows)
    _pause_missing(connection, topic, [row["id"] for row in rows])
    return any(known.get(row["id"], row["version"]) != row["version"] for row in rows)


def sync_subscribers(connection: Connection, names: Iterable[str]) -> None:
    """Subscribers of the config; who left it is paused, what was sent stays on record."""
    rows = [{"id": name, "state": "active"} for name in names]
    _upsert(connection, subscriber, rows)
    _pause_missing(connection, subscriber, [row["id"] for row in rows])


def _kept_if_empty(name: str) -> Any:
    """What the config leaves out stays as the feed itself said it."""
    given: Any = bindparam(f"b_{name}")
    return func.coalesce(func.nullif(given, ""), feed.c[name]) if name in ("title", "site_url", "language") else given


def _config_columns(item: Feed) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "site_url": item.site_url,
        "outlet": item.outlet,
        "language": item.language,
        "state": str(item.state),
        "interval_min_s": item.interval_min_s,
        "interval_max_s": item.interval_max_s,
    }


def _upsert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = insert_or(connection, table)
        changes = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes), rows)


def _pause_missing(connection: Connection, table: Any, present: Sequence[str]) -> None:
    kept = set(present)
    gone = [name for (name,) in connection.execute(select(table.c.id).where(table.c.state != "paused")) if name not in kept]
    if gone:
        connection.execute(update(table).where(table.c.id == bindparam("b_id")).values(state="paused"), [{"b_id": name} for name in gone])


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
    return [FeedClaim(feed=_feed(row), attempt=row["attempt"], added_at=row["added_at"]) for row in rows.mappings()]


def release_leases(connection: Connection) -> None:
    """Give every claimed row back at once; only for a process that knows it is alone."""
    for table in (feed, article, digest, delivery):
        connection.execute(update(table).where(table.c.leased_until > EPOCH).values(leased_until=EPOCH))


def next_poll_at(connection: Connection) -> datetime | None:
    """When the next active feed falls due, leases included."""
    later = (
        func.max(feed.c.next_poll_at, feed.c.leased_until) if connection.dialect.name == "sqlite" else func.greatest(feed.c.next_poll_at, feed.c.leased_until)
    )
    return connection.execute(select(func.min(later, type_=feed.c.next_poll_at.type)).where(feed.c.state == "active")).scalar()


def _due_feeds(now: datetime) -> Select[tuple[str]]:
    return select(feed.c.id).where(feed.c.state == "active", feed.c.next_poll_at <= now, feed.c.leased_until <= now)


def _feed(row: RowMapping) -> Feed:
    return Feed(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        site_url=row["site_url"],
        outlet=row["outlet"],
        language=row["language"],
        state=FeedState(row["state"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_sha256=row["body_sha256"],
        polled_at=row["polled_at"],
        changed_at=row["changed_at"],
        next_poll_at=row["next_poll_at"],
        next_poll_reason=row["next_poll_reason"],
        failures=row["failures"],
        failing_since=row["failing_since"],
        last_problem=row["last_problem"],
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


_HEAD = (
    "title",
    "site_url",
    "language",
    "state",
    "etag",
    "last_modified",
    "body_sha256",
    "polled_at",
    "changed_at",
    "next_poll_at",
    "next_poll_reason",
    "failures",
    "failing_since",
    "last_problem",
)


def _save_new(connection: Connection, polled: FeedPoll) -> int:
    before = _article_ids(connection, [each.url_key for each in polled.new])
    articles = {each.url_key: _article_row(polled, each) for each in reversed(polled.new) if each.url_key not in before}
    if articles:
        connection.execute(insert_new(connection, article), list(articles.values()))
    ids = before | _article_ids(connection, list(articles))
    connection.execute(
        insert_new(connection, entry),
        [_entry_row(each.entry) | {"feed_id": polled.feed.id, "article_id": ids[each.url_key], "seen_at": polled.at} for each in polled.new],
    )
    return len(articles)


def _save_edited(connection: Connection, polled: FeedPoll) -> int:
    """An edit is a new version of its entry, and the article behind it is read and judged again."""
    for each in polled.edited:
        row = connection.execute(
            update(entry)
            .where(entry.c.feed_id == polled.feed.id, entry.c.key == each.key, entry.c.sha256 != each.sha256)
            .values(_entry_row(each) | {"version": entry.c.version + 1})
            .returning(entry.c.article_id)
        ).first()
        if row:
            connection.execute(update(article).where(article.c.id == row.article_id).values(step="read", due_at=polled.at, leased_until=EPOCH))
    return 0


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


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
