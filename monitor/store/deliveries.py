"""Digests and deliveries: T4 closes a digest and freezes its words, T5 records each try. The delivery row is the outbox."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, RowMapping, Select, Update, bindparam, case, func, insert, literal, literal_column, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from monitor.model import Article, Attempt, ChannelKind, Delivery, DeliveryState, Evidence, Outcome, Story
from monitor.store.articles import article_of
from monitor.store.database import add_rows
from monitor.store.schema import EPOCH, alert, article, attempt, came_out_at, delivery, digest, digest_member, feed, match, story, story_member, topic


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestClaim:
    """A digest leased for closing. kind: "alert" (told at once) or "digest". key: for digests the local date and time."""

    id: int
    subscriber: str
    kind: str
    key: str
    opened_at: datetime
    closes_at: datetime
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert that travels in a digest.

    reason: new-story, grew, … step: the mark of growth. old_headline: what was told before, where the headline has changed.
    """

    story_id: int
    topic: str
    topic_title: str
    article_id: int
    reason: str
    step: int
    score: float
    raised_at: datetime
    old_headline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One article of a story with what its topic said of it; score and evidence are empty where the topic said nothing.

    branch: by which the topic's rule holds. told: the subscriber has had it in an earlier message.
    """

    article: Article
    story_id: int
    topic: str
    score: float
    matched: bool
    branch: str = ""
    evidence: tuple[Evidence, ...]
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """How one feed does, for the digest's footer."""

    id: str
    title: str
    state: str
    changed_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRows:
    """Everything a digest is made of.

    already_told: (story, topic, score) alerted at once since the digest before.
    first_delivery: (story, channel) to the id of the first mail about it, for the thread.
    """

    alerts: tuple[AlertRow, ...]
    stories: dict[int, Story]
    members: tuple[MemberRow, ...]
    already_told: tuple[tuple[Story, str, float], ...]
    feeds: tuple[FeedHealth, ...]
    first_delivery: dict[tuple[int, str], str]


# -------------------------------------------------------------------------------------------------- T4
def open_digest(connection: Connection, subscriber: str, key: str, now: datetime, closes_at: datetime) -> None:
    """Make sure that a subscriber's next digest exists, also when nothing happens until then."""
    row = {"subscriber_id": subscriber, "kind": "digest", "key": key, "opened_at": now, "closes_at": closes_at}
    add_rows(connection, digest, [row])


def claim_digests(connection: Connection, now: datetime, lease: timedelta, limit: int) -> list[DigestClaim]:
    """Lease the digests whose time has come, in its order; a lease that runs out gives the row back."""
    rows = connection.execute(_claim(), {"b_now": now, "b_until": now + lease, "b_limit": limit})
    return sorted(map(_digest_claim, rows), key=lambda claim: (claim.closes_at, claim.id))


# Statements are built once: building one costs more than running it on a few rows.
_NOW: BindParameter[datetime] = bindparam("b_now", type_=digest.c.closes_at.type)


@cache
def _claim() -> ReturningUpdate[Any]:
    due = (
        select(digest.c.id)
        .where(digest.c.state == "open", digest.c.closes_at <= _NOW, digest.c.leased_until <= _NOW)
        .order_by(digest.c.closes_at, digest.c.id)
        .limit(bindparam("b_limit"))
        .with_for_update(skip_locked=True)
    )
    leased = update(digest).where(digest.c.id.in_(due.scalar_subquery())).values(leased_until=bindparam("b_until"), attempt=digest.c.attempt + 1)
    return leased.returning(*_CLAIM)


_CLAIM = (digest.c.id, digest.c.subscriber_id, digest.c.kind, digest.c.key, digest.c.opened_at, digest.c.closes_at, digest.c.attempt)


def _digest_claim(row: Row[*tuple[Any, ...]]) -> DigestClaim:
    return DigestClaim(id=row[0], subscriber=row[1], kind=row[2], key=row[3], opened_at=row[4], closes_at=row[5], attempt=row[6])


def open_digest_of(connection: Connection, subscriber: str) -> DigestClaim | None:
    """The open digest of a subscriber that closes next, without claiming it."""
    row = connection.execute(
        select(*_CLAIM).where(digest.c.subscriber_id == subscriber, digest.c.kind == "digest", digest.c.state == "open").order_by(digest.c.closes_at).limit(1)
    ).first()
    return _digest_claim(row) if row else None


def next_digest_at(connection: Connection) -> datetime | None:
    """When the next open digest closes, leases included."""
    rows = connection.execute(select(digest.c.closes_at, digest.c.leased_until).where(digest.c.state == "open")).all()
    return min((max(row) for row in map(tuple, rows)), default=None)


def load_digests(connection: Connection, claims: Sequence[DigestClaim]) -> list[DigestRows]:
    """Everything that the words of some digests are made of, as of now, in the order of the claims."""
    alerts: dict[int, list[AlertRow]] = {claim.id: [] for claim in claims}
    for row in connection.execute(_alerts_of(), {"b_digests": list(alerts)}):
        alerts[row[0]].append(
            AlertRow(
                story_id=row[1],
                topic=row[2],
                topic_title=row[3],
                article_id=row[4],
                reason=row[5],
                step=row[6],
                score=row[7],
                raised_at=row[8],
                old_headline=row[9],
            )
        )
    ids = sorted({each.story_id for found in alerts.values() for each in found})
    stories = {row["id"]: Story(**row) for row in connection.execute(_STORIES, {"b_stories": ids}).mappings()}
    members = _members(connection, {(each.story_id, each.topic) for found in alerts.values() for each in found})
    everybody = {"b_subscribers": sorted({claim.subscriber for claim in claims}), "b_stories": ids}
    told = {tuple(row) for row in connection.execute(_TOLD_IN_DIGESTS, everybody)}
    first = {tuple(row[:3]): row[3] for row in connection.execute(_FIRST_DELIVERIES, everybody)}
    return [_digest_rows(connection, claim, alerts[claim.id], stories, members, told, first) for claim in claims]


def _digest_rows(
    connection: Connection,
    claim: DigestClaim,
    alerts: Sequence[AlertRow],
    stories: Mapping[int, Story],
    members: Mapping[tuple[int, str], Sequence[MemberRow]],
    told: Collection[tuple[str, int, int]],
    first: Mapping[tuple[str, int, str], str],
) -> DigestRows:
    ids = {each.story_id for each in alerts}
    had = {article_id for subscriber, story_id, article_id in told if subscriber == claim.subscriber and story_id in ids}
    wanted = sorted({(each.story_id, each.topic) for each in alerts})
    return DigestRows(
        alerts=tuple(alerts),
        stories={story_id: stories[story_id] for story_id in ids if story_id in stories},
        members=tuple(replace(each, told=each.article.id in had) for key in wanted for each in members.get(key, ())),
        already_told=_already_told(connection, claim) if claim.kind == "digest" else (),
        feeds=_feeds(connection) if claim.kind == "digest" else (),  # an alert has no footer, and must not read ten thousand rows
        first_delivery={
            (story_id, channel): delivery_id
            for (subscriber, story_id, channel), delivery_id in first.items()
            if subscriber == claim.subscriber and story_id in ids
        },
    )


_SUBSCRIBERS: BindParameter[str] = bindparam("b_subscribers", expanding=True)
_STORY_IDS: BindParameter[int] = bindparam("b_stories", expanding=True)
_STORIES = select(*story.c).where(story.c.id.in_(_STORY_IDS))


@cache
def _alerts_of() -> Select[Any]:
    """The alerts of digests, with the headline of each one's article as it was told the last time before."""
    earlier = alert.alias()
    same = [earlier.c[name] == alert.c[name] for name in ("subscriber_id", "topic_id", "story_id", "article_id")]
    told_before = (
        select(earlier.c.headline)
        .where(*same, earlier.c.action != "silent", earlier.c.id < alert.c.id)
        .order_by(earlier.c.id.desc())
        .limit(1)
        .correlate(alert)
        .scalar_subquery()
    )
    columns = (alert.c.story_id, alert.c.topic_id, topic.c.title, alert.c.article_id, alert.c.reason, alert.c.step, alert.c.score, alert.c.raised_at)
    return (
        select(alert.c.digest_id, *columns, case((alert.c.step < 0, told_before), else_=""))
        .join(topic, topic.c.id == alert.c.topic_id)
        .where(alert.c.digest_id.in_(bindparam("b_digests", expanding=True)))
        .order_by(alert.c.score.desc(), alert.c.id)
    )


def _feeds(connection: Connection) -> tuple[FeedHealth, ...]:
    rows = connection.execute(select(feed.c.id, feed.c.title, feed.c.state, feed.c.changed_at, feed.c.failures).order_by(feed.c.id))
    return tuple(FeedHealth(id=row[0], title=row[1], state=row[2], changed_at=row[3], failures=row[4]) for row in rows)


def _members(connection: Connection, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], list[MemberRow]]:
    """The articles of stories, by story and topic; as if nobody had been told of them."""
    found: dict[tuple[int, str], list[MemberRow]] = {key: [] for key in wanted}
    for topic_id in {topic_id for _, topic_id in wanted}:
        stories = sorted(story_id for story_id, of_topic in wanted if of_topic == topic_id)
        for row in connection.execute(_members_of(), {"b_stories": stories, "b_topic": topic_id}).mappings():
            found[row["of_story"], topic_id].append(_member(row, topic_id))
    return found


_TOLD_IN_DIGESTS = (
    select(digest.c.subscriber_id, digest_member.c.story_id, digest_member.c.article_id)
    .join(digest, digest.c.id == digest_member.c.digest_id)
    .where(digest.c.subscriber_id.in_(_SUBSCRIBERS), digest_member.c.story_id.in_(_STORY_IDS))
)


@cache
def _members_of() -> Select[Any]:
    """The articles of stories with what a topic says of each, by its newest version."""
    topic_id = bindparam("b_topic", type_=topic.c.id.type)
    of_stories = select(story_member.c.article_id).where(story_member.c.story_id.in_(_STORY_IDS))
    newest = select(match.c.article_id, func.max(match.c.matched_at).label("at")).where(match.c.topic_id == topic_id, match.c.article_id.in_(of_stories))
    newest_by_article = newest.group_by(match.c.article_id).subquery()
    return (
        select(*article.c, story_member.c.story_id.label("of_story"), match.c.score, match.c.matched, match.c.evidence)
        .join(story_member, story_member.c.article_id == article.c.id)
        .outerjoin(newest_by_article, newest_by_article.c.article_id == article.c.id)
        .outerjoin(match, (match.c.article_id == article.c.id) & (match.c.topic_id == topic_id) & (match.c.matched_at == newest_by_article.c.at))
        .where(story_member.c.story_id.in_(_STORY_IDS))
        .order_by(came_out_at, article.c.id)
    )


def _member(row: RowMapping, topic_id: str) -> MemberRow:
    return MemberRow(
        article=article_of(row, row["of_story"]),
        story_id=row["of_story"],
        topic=topic_id,
        score=row["score"] or 0.0,
        matched=bool(row["matched"]),
        evidence=tuple(Evidence(**each) for each in row["evidence"] or ()),
        told=False,
    )


def _already_told(connection: Connection, claim: DigestClaim) -> tuple[tuple[Story, str, float], ...]:
    before = connection.execute(
        select(func.max(digest.c.closes_at)).where(digest.c.subscriber_id == claim.subscriber, digest.c.kind == "digest", digest.c.state == "closed")
    ).scalar()
    rows = connection.execute(
        select(*story.c, alert.c.topic_id, alert.c.score.label("alert_score"))
        .join(alert, alert.c.story_id == story.c.id)
        .where(
            alert.c.subscriber_id == claim.subscriber,
            alert.c.action == "now",
            alert.c.step.in_((0, 1)),  # told for the first time, or at once after only a digest had it
            alert.c.raised_at > (before or claim.closes_at - timedelta(days=1)),
            alert.c.raised_at <= claim.closes_at,
        )
        .order_by(alert.c.score.desc(), story.c.id)
    ).mappings()
    return tuple((Story(**{name: row[name] for name in story.c.keys()}), row["topic_id"], row["alert_score"]) for row in rows)  # noqa: SIM118 -- columns, not a dict


_FIRST_DELIVERIES = (
    select(delivery.c.subscriber_id, digest_member.c.story_id, delivery.c.channel, delivery.c.id)
    .join(delivery, delivery.c.digest_id == digest_member.c.digest_id)
    .where(delivery.c.subscriber_id.in_(_SUBSCRIBERS), digest_member.c.story_id.in_(_STORY_IDS))
    .order_by(delivery.c.created_at.desc())  # the first of all stays
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A digest in its words. members: (story id, article id) of all that they name. No deliveries: it had nothing to say and is skipped.

    news_at: when the first of its news came out.
    """

    claim: DigestClaim
    deliveries: Sequence[Delivery]
    members: Collection[tuple[int, int]]
    at: datetime
    news_at: datetime | None


def save_digests(connection: Connection, closings: Sequence[Closing]) -> list[bool]:
    """T4: digests are closed with their members, and one delivery per channel holds the final bytes.

    Gives of each whether its claim still held; if not, nothing of it was written.
    """
    is_held = [_close_row(connection, each) for each in closings]
    held = [each for each, is_ours in zip(closings, is_held, strict=True) if is_ours]
    members = [{"digest_id": each.claim.id, "story_id": story_id, "article_id": article_id} for each in held for story_id, article_id in sorted(each.members)]
    if members:
        add_rows(connection, digest_member, members)
    if deliveries := [_delivery_row(made, each.news_at) for each in held for made in each.deliveries]:
        connection.execute(insert(delivery), deliveries)
    return is_held


def _close_row(connection: Connection, closing: Closing) -> bool:
    claim, state = closing.claim, "closed" if closing.deliveries else "skipped"
    return bool(connection.execute(_close(), {"b_id": claim.id, "b_attempt": claim.attempt, "b_state": state, "b_now": closing.at}).rowcount)


@cache
def _close() -> Update:
    mine = (digest.c.id == bindparam("b_id"), digest.c.attempt == bindparam("b_attempt"), digest.c.state == "open")
    return update(digest).where(*mine).values(state=bindparam("b_state"), closed_at=bindparam("b_now"), leased_until=EPOCH)


def _delivery_row(each: Delivery, news_at: datetime | None) -> dict[str, object]:
    return {
        "id": each.id,
        "digest_id": each.digest_id,
        "subscriber_id": each.subscriber,
        "channel": each.channel,
        "kind": str(each.kind),
        "address": each.address,
        "subject": each.subject,
        "body": each.body,
        "created_at": each.created_at,
        "next_try_at": each.created_at,
        "news_at": news_at,
    }


# -------------------------------------------------------------------------------------------------- T5
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryClaim:
    """A delivery leased for one try. tries: how many came before. news_at: when the earliest of its news was published."""

    delivery: Delivery
    tries: int
    news_at: datetime | None


def claim_deliveries(connection: Connection, now: datetime, lease: timedelta, limit: int) -> list[DeliveryClaim]:
    """Lease the oldest due deliveries; a lease that runs out gives the row back.

    No receiver gets more than `SHARE` of them at once, so that a mail server that hangs does not keep the webhooks waiting.
    """
    under_way: dict[str, int] = dict(connection.execute(_UNDER_WAY, {"b_now": now}).all())
    rows = connection.execute(
        _claim_deliveries(tuple(sorted(under_way))),
        {"b_now": now, "b_until": now + lease, "b_limit": limit} | {f"b_free_{place}": SHARE - under_way[each] for place, each in enumerate(sorted(under_way))},
    ).mappings()
    return [DeliveryClaim(delivery=delivery_of(row), tries=row["tries"], news_at=row["news_at"]) for row in rows]


@lru_cache(maxsize=16)
def _claim_deliveries(busy: tuple[str, ...]) -> ReturningUpdate[Any]:
    """busy: receivers that have some of their share already."""
    waiting = (delivery.c.state == "due", delivery.c.next_try_at <= _NOW, delivery.c.leased_until <= _NOW)
    turn = func.row_number().over(partition_by=_RECEIVER, order_by=(delivery.c.next_try_at, delivery.c.id)).label("turn")
    queued = select(delivery.c.id, delivery.c.next_try_at, turn, _RECEIVER.label("receiver")).where(*waiting).subquery()
    free = {receiver: bindparam(f"b_free_{place}", type_=delivery.c.tries.type) for place, receiver in enumerate(busy)}
    share = case(free, value=queued.c.receiver, else_=SHARE) if free else literal(SHARE)
    first = select(queued.c.id).where(queued.c.turn <= share).order_by(queued.c.next_try_at, queued.c.id).limit(bindparam("b_limit"))
    due = select(delivery.c.id).where(delivery.c.id.in_(first.scalar_subquery()), *waiting).with_for_update(skip_locked=True)
    leased = update(delivery).where(delivery.c.id.in_(due.scalar_subquery())).values(leased_until=bindparam("b_until"), attempt=delivery.c.attempt + 1)
    return leased.returning(*delivery.c)


SHARE = 4  # of the eight that are under way at once
# All mail goes to one server; a webhook's receiver is its address.
_RECEIVER = case((delivery.c.kind == "email", "email"), else_=delivery.c.address)


_UNDER_WAY = (
    select(_RECEIVER.label("receiver"), func.count()).where(delivery.c.state == "due", delivery.c.leased_until > _NOW).group_by(literal_column("receiver"))
)


def next_delivery_at(connection: Connection) -> datetime | None:
    """When the next delivery is due, leases included."""
    rows = connection.execute(
        select(delivery.c.next_try_at, delivery.c.leased_until).where(delivery.c.state == "due").order_by(delivery.c.next_try_at).limit(100)
    ).all()
    return min((max(row) for row in map(tuple, rows)), default=None)


def save_attempt(connection: Connection, claim: DeliveryClaim, tried: Attempt, next_try_at: datetime | None) -> bool:
    """T5: the try is on record, and the delivery is sent, dead, or due again at `next_try_at`.

    Gives whether the claim still held; the try is recorded in any case, because it happened.
    """
    state = {Outcome.ACCEPTED: DeliveryState.SENT, Outcome.DEAD: DeliveryState.DEAD, Outcome.RETRY: DeliveryState.DUE}[tried.outcome]
    changed = connection.execute(
        _try(),
        {
            "b_id": claim.delivery.id,
            "b_attempt": claim.delivery.attempt,
            "b_state": str(state),
            "b_sent_at": tried.at if state is DeliveryState.SENT else None,
            "b_next_try_at": next_try_at,
            "b_last_error": "" if state is DeliveryState.SENT else tried.detail,
        },
    )
    add_rows(
        connection,
        attempt,
        [
            {
                "delivery_id": tried.delivery_id,
                "number": tried.number,
                "at": tried.at,
                "outcome": str(tried.outcome),
                "status": tried.status,
                "duration_s": tried.duration_s,
                "detail": tried.detail,
            }
        ],
    )
    return bool(changed.rowcount)


def save_attempts(connection: Connection, tries: Sequence[tuple[DeliveryClaim, Attempt, datetime | None]]) -> None:
    """`save_attempt` for several at once."""
    for each in tries:
        save_attempt(connection, *each)


@cache
def _try() -> Update:
    mine = (delivery.c.id == bindparam("b_id"), delivery.c.attempt == bindparam("b_attempt"), delivery.c.state == "due")
    next_try_at = func.coalesce(bindparam("b_next_try_at", type_=delivery.c.next_try_at.type), delivery.c.next_try_at)
    given: dict[str, Any] = {name: bindparam(f"b_{name}") for name in ("state", "sent_at", "last_error")}
    return update(delivery).where(*mine).values(given | {"tries": delivery.c.tries + 1, "leased_until": EPOCH, "next_try_at": next_try_at})


def delivery_of(row: RowMapping) -> Delivery:
    """The noun of a row."""
    return Delivery(
        id=row["id"],
        digest_id=row["digest_id"],
        subscriber=row["subscriber_id"],
        channel=row["channel"],
        kind=ChannelKind(row["kind"]),
        address=row["address"],
        subject=row["subject"],
        body=row["body"],
        state=DeliveryState(row["state"]),
        attempt=row["attempt"],
        created_at=row["created_at"],
        next_try_at=row["next_try_at"],
        sent_at=row["sent_at"],
        last_error=row["last_error"],
    )
