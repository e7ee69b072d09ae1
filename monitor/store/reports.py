"""What people and scripts ask the store: lists and counts, read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, tuple_

from monitor.model import Delivery, Evidence, Story
from monitor.store.articles import article_of
from monitor.store.deliveries import MemberRow, delivery_of
from monitor.store.schema import alert, article, came_out_at, delivery, digest, entry, feed, match, poll, story, story_member, topic


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story with what its topics say of its articles; score: the highest of its matches."""

    story: Story
    score: float
    topics: tuple[str, ...]
    members: tuple[MemberRow, ...]


def list_feeds(connection: Connection) -> list[dict[str, Any]]:
    """Every feed with its state, how many entries it gave, and when it is asked next and why then."""
    entries = select(entry.c.feed_id, func.count().label("entries")).group_by(entry.c.feed_id).subquery()
    columns = "id url title site_url outlet language state polled_at changed_at next_poll_at next_poll_reason failures failing_since last_problem"
    rows = connection.execute(
        select(*(feed.c[name] for name in columns.split()), func.coalesce(entries.c.entries, 0).label("entries"))
        .outerjoin(entries, entries.c.feed_id == feed.c.id)
        .order_by(feed.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def entries_of_feeds(connection: Connection) -> dict[str, int]:
    """How many entries each feed gave."""
    return dict(connection.execute(select(entry.c.feed_id, func.count()).group_by(entry.c.feed_id)).all())


def list_polls(connection: Connection, feed_id: str, *, limit: int = 10) -> list[dict[str, Any]]:
    """The last polls of a feed, newest first."""
    columns = (poll.c.at, poll.c.outcome, poll.c.status, poll.c.duration_s, poll.c.new_entries, poll.c.edited_entries, poll.c.detail)
    rows = connection.execute(select(*columns).where(poll.c.feed_id == feed_id).order_by(poll.c.at.desc(), poll.c.id.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


def list_stories(connection: Connection, *, topic_id: str | None = None, limit: int | None = None, story_id: int | None = None) -> list[StoryRow]:
    """Stories with at least one match of the newest topic versions, newest first, their articles in order of publication."""
    hits = (
        select(story_member.c.story_id, func.max(match.c.score).label("score"))
        .join(match, match.c.article_id == story_member.c.article_id)
        .where(match.c.matched, *_of_topic(topic_id))
        .group_by(story_member.c.story_id)
        .subquery()
    )
    stories = select(*story.c, hits.c.score).join(hits, hits.c.story_id == story.c.id).order_by(story.c.last_seen_at.desc(), story.c.id.desc()).limit(limit)
    if story_id is not None:
        stories = stories.where(story.c.id == story_id)
    found = connection.execute(stories).mappings().all()
    members: dict[int, dict[int, MemberRow]] = {}
    topics: dict[int, set[str]] = {}
    for row in connection.execute(_members_of([row["id"] for row in found], everything=limit is None and story_id is None, topic_id=topic_id)).mappings():
        member = MemberRow(
            article=article_of(row, row["story_id"]),
            story_id=row["story_id"],
            topic=row["topic_id"] or "",
            score=row["match_score"] or 0.0,
            matched=bool(row["matched"]),
            branch=row["branch"] or "",
            evidence=tuple(Evidence(**each) for each in row["evidence"] or ()),
            told=False,
        )
        known = members.setdefault(row["story_id"], {})
        before = known.get(member.article.id)
        if before is None or (before.matched, before.score) < (member.matched, member.score):  # several topics may have an opinion
            known[member.article.id] = member
        if member.matched:
            topics.setdefault(row["story_id"], set()).add(member.topic)
    return [
        StoryRow(
            story=Story(**{name: row[name] for name in story.c.keys()}),  # noqa: SIM118 -- columns, not a dict
            score=row["score"],
            topics=tuple(sorted(topics.get(row["id"], ()))),
            members=tuple(members.get(row["id"], {}).values()),
        )
        for row in found
    ]


def _of_topic(topic_id: str | None) -> list[ColumnElement[bool]]:
    """Matches of a topic, or of all, as the definitions stand now; what older definitions said does not count."""
    newest = tuple_(match.c.topic_id, match.c.topic_version).in_(select(topic.c.id, topic.c.version))
    return [newest, match.c.topic_id == topic_id] if topic_id else [newest]


def _members_of(ids: Sequence[int], *, everything: bool, topic_id: str | None) -> Select[Any]:
    statement = (
        select(*article.c, story_member.c.story_id, match.c.topic_id, match.c.score.label("match_score"), match.c.matched, match.c.branch, match.c.evidence)
        .join(story_member, story_member.c.article_id == article.c.id)
        .outerjoin(match, and_(match.c.article_id == article.c.id, *_of_topic(topic_id)))
        .order_by(came_out_at, article.c.id)
    )
    return statement if everything else statement.where(story_member.c.story_id.in_(ids))


def list_alerts(connection: Connection, story_id: int) -> list[dict[str, Any]]:
    """Every decision about a story, the silent ones too, in the order in which they fell."""
    columns = (alert.c.subscriber_id, alert.c.topic_id, alert.c.article_id, alert.c.action, alert.c.reason, alert.c.step, alert.c.score, alert.c.raised_at)
    return [dict(row) for row in connection.execute(select(*columns).where(alert.c.story_id == story_id).order_by(alert.c.id)).mappings()]


def list_unflagged(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """Articles that name a topic's terms and that nobody was told of at once, each with its reason; the nearest misses first."""
    silent = select(alert.c.article_id, func.min(alert.c.reason).label("reason")).where(alert.c.action != "now").group_by(alert.c.article_id).subquery()
    told = select(alert.c.article_id).where(alert.c.action == "now")
    rows = connection.execute(
        select(article.c.title, article.c.outlet, article.c.url, func.coalesce(silent.c.reason, match.c.reason).label("reason"), match.c.score)
        .join(article, article.c.id == match.c.article_id)
        .outerjoin(silent, silent.c.article_id == match.c.article_id)
        .where(match.c.article_id.not_in(told), *_of_topic(None))
        .order_by(match.c.matched, match.c.score.desc(), article.c.id)
        .limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


def list_deliveries(connection: Connection, *, state: str | None = None, limit: int | None = None) -> list[Delivery]:
    """Deliveries, newest first; state: "due", "sent" or "dead"."""
    statement = select(*delivery.c).order_by(delivery.c.created_at.desc(), delivery.c.id).limit(limit)
    if state:
        statement = statement.where(delivery.c.state == state)
    return [delivery_of(row) for row in connection.execute(statement).mappings()]


def list_matches(connection: Connection, article_id: int) -> dict[str, dict[str, Any]]:
    """What each topic said of an article when it was last judged, by the topic's id: version, score, matched, reason, branch, when."""
    columns = (match.c.topic_version, match.c.score, match.c.matched, match.c.reason, match.c.branch, match.c.matched_at)
    rows = connection.execute(select(match.c.topic_id, *columns).where(match.c.article_id == article_id).order_by(match.c.matched_at))
    return {topic_id: dict(zip((column.name for column in columns), said, strict=True)) for topic_id, *said in rows}


def find_article(connection: Connection, address: str) -> dict[str, Any] | None:
    """The article with this address, None where we have none."""
    row = connection.execute(select(*article.c).where(or_(article.c.url == address, article.c.url_key == address)).limit(1)).mappings().first()
    return dict(row) if row else None


def articles_of_story(connection: Connection, story_id: int) -> list[dict[str, Any]]:
    """The articles of a story, in order of publication, also those that no topic flags."""
    members = select(*article.c).join(story_member, story_member.c.article_id == article.c.id).where(story_member.c.story_id == story_id)
    return [dict(row) for row in connection.execute(members.order_by(came_out_at, article.c.id)).mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The state of the watch in numbers. proposals: feeds with an address that waits to be accepted. due: rows waiting per step; oldest_delivery_at: since when the oldest waits."""

    feeds: dict[str, int]
    failing_feeds: int
    proposals: int
    entries: int
    articles: int
    stories: int
    matches: int
    due: dict[str, int]
    deliveries: dict[str, int]
    oldest_delivery_at: datetime | None
    last_poll_at: datetime | None


def counts(connection: Connection, now: datetime) -> Counts:
    """The state of the watch in numbers."""

    def count(table: Any, *conditions: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    due, oldest = due_counts(connection, now)
    return Counts(
        feeds=feed_states(connection),
        failing_feeds=count(feed, feed.c.failures > 0, feed.c.state == "active"),
        proposals=count(feed, feed.c.proposed_url != "", feed.c.state != "paused"),
        entries=count(entry),
        articles=count(article),
        stories=count(story),
        matches=count(match, match.c.matched),
        due=due,
        deliveries=_by(connection, delivery.c.state),
        oldest_delivery_at=oldest,
        last_poll_at=connection.execute(select(func.max(feed.c.polled_at))).scalar(),
    )


def feed_states(connection: Connection) -> dict[str, int]:
    """How many feeds are in each state; states without any are left out."""
    return _by(connection, feed.c.state)


def due_counts(connection: Connection, now: datetime) -> tuple[dict[str, int], datetime | None]:
    """What waits per step, and since when the oldest delivery does: cheap enough for /metrics."""
    found = {
        "poll": select(func.count()).where(feed.c.state == "active", feed.c.next_poll_at <= now),
        "read": select(func.count()).where(article.c.step == "read", article.c.due_at <= now),
        "judge": select(func.count()).where(article.c.step == "judge"),
        "close": select(func.count()).where(digest.c.state == "open", digest.c.closes_at <= now),
        "deliver": select(func.count()).where(delivery.c.state == "due"),
    }
    oldest = connection.execute(select(func.min(delivery.c.created_at)).where(delivery.c.state == "due")).scalar()
    return {step: int(connection.execute(statement).scalar_one()) for step, statement in found.items()}, oldest


def _by(connection: Connection, column: Any) -> dict[str, int]:
    return dict(connection.execute(select(column, func.count()).group_by(column)).all())
