"""What happens to feeds beside their polls, and the notices of it: an event that operators must hear of opens a digest row for each of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from monitor.model import NOTICES, EventKind
from monitor.store.database import insert_new
from monitor.store.schema import digest, feed, feed_event, subscriber

MOST_DETAIL_CHARS = 2000
_KEY = "event-"


def add(connection: Connection, feed_id: str, at: datetime, kind: EventKind, detail: str = "", *, is_notice: bool | None = None) -> int:
    """Record what happened to a feed; gives the event's id.

    Call it in the transaction that saves the feed's new state, so that it is told exactly once, whatever dies in between.
    is_notice: whether subscribers with `notices` are told; None: as usual for its kind.
    """
    notice = kind in NOTICES if is_notice is None else is_notice
    row = {"feed_id": feed_id, "at": at, "kind": str(kind), "detail": detail[:MOST_DETAIL_CHARS], "is_notice": notice}
    event_id: int = connection.execute(insert(feed_event).returning(feed_event.c.id), [row]).scalar_one()
    if notice:
        told = connection.execute(select(subscriber.c.id).where(subscriber.c.notices, subscriber.c.state == "active").order_by(subscriber.c.id)).scalars()
        rows = [{"subscriber_id": name, "kind": "notice", "key": f"{_KEY}{event_id}", "opened_at": at, "closes_at": at} for name in told]
        if rows:
            connection.execute(insert_new(connection, digest), rows)
    return event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Something that happened to a feed, and the feed as it is now."""

    id: int
    feed_id: str
    at: datetime
    kind: EventKind
    detail: str
    feed_title: str
    feed_url: str
    failing_since: datetime | None
    last_problem: str
    proposed_url: str


def list_events(connection: Connection, *, feed_id: str | None = None, since: datetime | None = None, limit: int = 100) -> list[EventRow]:
    """What happened to feeds, newest first."""
    conditions = [feed_event.c.feed_id == feed_id] if feed_id else []
    conditions += [feed_event.c.at >= since] if since else []
    rows = connection.execute(_EVENTS.where(*conditions).order_by(feed_event.c.id.desc()).limit(limit))
    return [_event(row) for row in rows]


def told_by(connection: Connection, digest_key: str) -> EventRow | None:
    """The event that a digest of kind "notice" is about; None where its feed was forgotten."""
    number = digest_key.removeprefix(_KEY)
    row = connection.execute(_EVENTS.where(feed_event.c.id == int(number))).first() if number.isdecimal() else None
    return _event(row) if row else None


_EVENTS = select(
    feed_event.c.id,
    feed_event.c.feed_id,
    feed_event.c.at,
    feed_event.c.kind,
    feed_event.c.detail,
    feed.c.title,
    feed.c.url,
    feed.c.failing_since,
    feed.c.last_problem,
    feed.c.proposed_url,
).join(feed, feed.c.id == feed_event.c.feed_id)


def _event(row: Row[*tuple[Any, ...]]) -> EventRow:
    return EventRow(
        id=row[0],
        feed_id=row[1],
        at=row[2],
        kind=EventKind(row[3]),
        detail=row[4],
        feed_title=row[5],
        feed_url=row[6],
        failing_since=row[7],
        last_problem=row[8],
        proposed_url=row[9],
    )
