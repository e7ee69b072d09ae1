"""What happens to feeds beside their polls.

Notices: an event that operators must hear of opens a digest row for each of them. And what operators answer: `resume`, `accept`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, insert, or_, select, update

from monitor.model import NOTICES, EventKind
from monitor.store.database import add_rows
from monitor.store.schema import EPOCH, digest, feed, feed_event, subscriber

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
            add_rows(connection, digest, rows)
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


# ----------------------------------------------------------------------------------- what operators say
def resume(connection: Connection, ids: Collection[str], now: datetime) -> list[str]:
    """Ask these feeds again, at once, as if they had never failed; gives those for which that was a change.

    Feeds that left the configuration stay paused. A poll that is under way loses its claim.
    """
    statement = (
        update(feed)
        .where(feed.c.id.in_(ids), feed.c.state != "paused", or_(feed.c.state != "active", feed.c.failures > 0))
        .values(_AS_NEVER_FAILED | {"next_poll_at": now, "next_poll_reason": "first-poll"})
        .returning(feed.c.id)
    )
    resumed = sorted(connection.execute(statement).scalars())
    for feed_id in resumed:
        add(connection, feed_id, now, EventKind.RESUMED)
    return resumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Another address for a feed. reason: `moved` where it is asked there already, else how we came to it (`linked`, `named`, `guessed`)."""

    feed_id: str
    configured_url: str
    url: str
    reason: str


def proposals(connection: Connection, ids: Collection[str] | None = None) -> list[Proposal]:
    """Feeds whose address in config.toml could be another one: where they moved to, or what discovery found; of these ids, or of all."""
    url = case((feed.c.proposed_url != "", feed.c.proposed_url), else_=feed.c.url)
    reason = case((feed.c.proposed_url != "", feed.c.proposed_reason), else_="moved")
    statement = select(feed.c.id, feed.c.configured_url, url, reason).where(
        feed.c.state != "paused", or_(feed.c.proposed_url != "", and_(feed.c.configured_url != "", feed.c.url != feed.c.configured_url))
    )
    if ids is not None:
        statement = statement.where(feed.c.id.in_(ids))
    rows = connection.execute(statement.order_by(feed.c.id))
    return [Proposal(feed_id=row[0], configured_url=row[1], url=row[2], reason=row[3]) for row in rows]


def accept(connection: Connection, proposal: Proposal, now: datetime) -> bool:
    """Take a proposal whose address stands in config.toml now: the feed is asked there at once. Gives whether the feed still was as the proposal says.

    What was learned at the old address (validators, failures) is dropped, unless it moved there on its own before.
    """
    learned = {} if proposal.reason == "moved" else _AS_NEVER_FAILED | _LEARNED_THERE
    taken = connection.execute(
        update(feed)
        .where(feed.c.id == proposal.feed_id, feed.c.configured_url == proposal.configured_url, feed.c.state != "paused")
        .values({"url": proposal.url, "configured_url": proposal.url, "next_poll_at": now, "next_poll_reason": "first-poll"} | learned)
    )
    if taken.rowcount:
        add(connection, proposal.feed_id, now, EventKind.ACCEPTED, f"{proposal.url} in place of {proposal.configured_url}")
    return bool(taken.rowcount)


_AS_NEVER_FAILED: dict[str, Any] = {
    "state": "active",
    "failures": 0,
    "failing_since": None,
    "last_problem": "",
    "gone_since": None,
    "missing_polls": 0,
    "missing_since": None,
    "duplicate_of": "",
    "attempt": feed.c.attempt + 1,
    "leased_until": EPOCH,
}
_LEARNED_THERE: dict[str, Any] = {
    "etag": "",
    "last_modified": "",
    "body_sha256": "",
    "items_sha256": "",
    "items": b"",
    "moved_url": "",
    "moved_since": None,
    "moved_polls": 0,
    "announced_url": "",
    "proposed_url": "",
    "proposed_reason": "",
    "discovered_at": None,
}
