"""Step 4: close a digest and freeze its words. "At once" is a digest of one, so there is one way to send."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from monitor.alerts.clock import next_slot
from monitor.alerts.digest import DigestContents, Member, Source, StoryLine, contents, story_line, told_line
from monitor.alerts.notice import Notice, render_notice
from monitor.alerts.render import render
from monitor.errors import StoreError
from monitor.fetcher.advice import advice
from monitor.model import Article, Channel, ChannelKind, Delivery, Message, Subscriber
from monitor.notifiers import email, webhook
from monitor.pipeline.batch import one_by_one
from monitor.pipeline.doors import Doors, Settings
from monitor.store import deliveries as rows
from monitor.store import events
from monitor.store.deliveries import AlertRow, Closing, DigestClaim, DigestRows
from monitor.store.events import EventRow
from monitor.telemetry import log


async def open_digests(doors: Doors, settings: Settings) -> None:
    """Make sure that the next digest of everybody who wants one exists, also if nothing happens until then."""
    now = doors.clock()
    for subscriber in settings.subscribers.values():
        if subscriber.digest:
            slot = next_slot(subscriber.digest, subscriber.timezone, now)
            await doors.database.write(rows.open_digest, subscriber.id, slot.key, now, slot.closes_at)


async def close_digests(doors: Doors, settings: Settings, claims: Sequence[DigestClaim]) -> None:
    """Put digests into words, once, in order. T4: each is closed with its members, and one delivery per channel holds the final bytes.

    Alerts that share no story are closed together. One that cannot be closed does not hold up the others.
    """
    while claims:
        some = _alerts_in_front(claims)
        try:
            closed = await _close(doors, settings, some)
        except StoreError:
            raise  # the database's trouble, not a digest's
        except Exception:
            if len(some) == 1 == len(claims):
                raise
            log.exception("closing-one-by-one", digests=len(claims))
            await one_by_one(lambda claim: close_digests(doors, settings, [claim]), claims)
            return
        claims = claims[closed:]


def _alerts_in_front(claims: Sequence[DigestClaim]) -> Sequence[DigestClaim]:
    """Anything else may be long, and is closed alone."""
    others = (place for place, claim in enumerate(claims) if claim.kind != "alert")
    return claims[: max(next(others, len(claims)), 1)]


async def _close(doors: Doors, settings: Settings, claims: Sequence[DigestClaim]) -> int:
    """Close those in front; gives how many."""
    now = doors.clock()
    found = _apart(claims, await doors.database.read(rows.load_digests, claims))
    events_told = {claim.id: await doors.database.read(events.told_by, claim.key) for claim, _ in found if claim.kind == "notice"}
    # In a thread: a digest of many stories takes a while.
    closings = await asyncio.to_thread(lambda: [_closing(settings, claim, digest, events_told.get(claim.id), now) for claim, digest in found])
    held = await doors.database.write(rows.save_digests, closings)
    for (claim, digest), closing, is_held in zip(found, closings, held, strict=True):
        log.info(
            "digest-closed" if closing.deliveries else "digest-skipped", subscriber=claim.subscriber, kind=claim.kind, stories=len(digest.stories), held=is_held
        )
    return len(found)


def _apart(claims: Sequence[DigestClaim], found: Sequence[DigestRows]) -> list[tuple[DigestClaim, DigestRows]]:
    """Those in front of which none tells its subscriber more of a story that one before it tells: what was told has to be saved first."""
    apart: list[tuple[DigestClaim, DigestRows]] = []
    told: set[tuple[str, int]] = set()
    for claim, digest in zip(claims, found, strict=True):
        stories = {(claim.subscriber, story_id) for story_id in digest.stories}
        if stories & told:
            break
        told |= stories
        apart.append((claim, digest))
    return apart


def _closing(settings: Settings, claim: DigestClaim, found: DigestRows, event: EventRow | None, now: datetime) -> Closing:
    """The digest in its final words and bytes."""
    subscriber = settings.subscribers.get(claim.subscriber)
    deliveries: list[Delivery] = []
    if subscriber and event:
        message = render_notice(_notice(event), subscriber, now=now)
        # To all channels: `only` chooses between stories, and the end of a feed must not be lost in that choice.
        deliveries = [_delivery(settings, claim, channel, message, found, now) for channel in subscriber.channels]
    elif subscriber and claim.kind != "notice":
        said = digest_contents(settings, subscriber, claim.kind, found, now)
        receivers = [channel for channel in subscriber.channels if _is_for(channel, claim.kind) and _has_something_to_say(said, channel)]
        if receivers:
            deliveries = _deliveries(settings, claim, receivers, said, found, now)
    return Closing(
        claim=claim,
        deliveries=deliveries,
        members={(member.story_id, member.article.id) for member in found.members} if deliveries else (),
        at=now,
        news_at=min((_raised_by(found, alert) for alert in found.alerts), default=None),
    )


def _notice(event: EventRow) -> Notice:
    return Notice(
        kind=event.kind,
        at=event.at,
        feed_id=event.feed_id,
        feed_title=event.feed_title,
        feed_url=event.feed_url,
        detail=event.detail,
        failing_since=event.failing_since,
        last_problem=event.last_problem,
        advice=advice(event.last_problem) if event.failing_since else "",
        proposed_url=event.proposed_url,
    )


def _deliveries(settings: Settings, claim: DigestClaim, receivers: Sequence[Channel], said: DigestContents, found: DigestRows, now: datetime) -> list[Delivery]:
    """The words and bytes for each channel."""
    is_for_people = any(channel.kind is not ChannelKind.WEBHOOK for channel in receivers)
    message = render(said, now=now, public_url=settings.public_url, is_for_people=is_for_people)
    return [_delivery(settings, claim, channel, message, found, now) for channel in receivers]


def digest_contents(settings: Settings, subscriber: Subscriber, kind: str, found: DigestRows, now: datetime) -> DigestContents:
    """What the digest says, from the rows it is made of."""
    return contents(
        subscriber,
        kind=kind,
        topics=[alert.topic_title for alert in found.alerts] or [topic.title for topic in settings.topics if topic.id in subscriber.topics],
        stories=[_line(settings, found, alert) for alert in found.alerts if alert.story_id in found.stories],
        already_told=[told_line(story, score) for story, _, score in found.already_told],
        sources=[
            Source(name=feed.title or feed.id, is_failing=feed.failures > 0, last_news_at=feed.changed_at) for feed in found.feeds if feed.state != "paused"
        ]
        if kind == "digest"
        else (),
        now=now,
    )


def _line(settings: Settings, found: DigestRows, alert: AlertRow) -> StoryLine:
    members = [
        Member(article=_linked(settings, member.article), score=member.score, evidence=member.evidence, is_told=member.told)
        for member in found.members
        if (member.story_id, member.topic) == (alert.story_id, alert.topic)
    ]
    return story_line(
        found.stories[alert.story_id],
        topic=alert.topic,
        topic_title=alert.topic_title,
        score=alert.score,
        step=alert.step,
        members=members,
        raised_by=alert.article_id,
        old_headline=alert.old_headline,
    )


def _linked(settings: Settings, article: Article) -> Article:
    return article if settings.may_link(article.url) else replace(article, url="")


def _is_for(channel: Channel, kind: str) -> bool:
    return channel.only in ("", f"{kind}s")


def _has_something_to_say(said: DigestContents, channel: Channel) -> bool:
    """A channel that heard every alert at once needs no digest that only repeats them, unless it asked for a note."""
    if said.stories or (said.already_told and channel.only == "digests"):
        return True
    times = said.subscriber.digest
    return said.kind == "digest" and times is not None and times.when_empty == "note"


def _delivery(settings: Settings, claim: DigestClaim, channel: Channel, message: Message, found: DigestRows, now: datetime) -> Delivery:
    delivery_id = uuid4().hex
    return Delivery(
        id=delivery_id,
        digest_id=claim.id,
        subscriber=claim.subscriber,
        channel=channel.key,
        kind=channel.kind,
        address=channel.address,
        subject=message.subject,
        body=_body(settings, claim, channel, message, found, now, delivery_id),
        created_at=now,
    )


def _body(settings: Settings, claim: DigestClaim, channel: Channel, message: Message, found: DigestRows, now: datetime, delivery_id: str) -> bytes:
    if channel.kind is ChannelKind.WEBHOOK:
        return webhook.compose(message)
    recipient = channel.address if channel.kind is ChannelKind.EMAIL else f"{claim.subscriber}@{settings.domain}"
    return email.compose(
        message,
        delivery_id=delivery_id,
        sender=settings.sender,
        recipient=recipient,
        domain=settings.domain,
        list_name=claim.subscriber,
        date=now,
        in_reply_to=_first_mail(found, channel),
    )


def _first_mail(found: DigestRows, channel: Channel) -> str:
    """What an update about one story answers, so that both stand in one thread."""
    stories: Sequence[int] = sorted(found.stories)
    return found.first_delivery.get((stories[0], channel.key), "") if len(stories) == 1 else ""


def _raised_by(found: DigestRows, alert: AlertRow) -> datetime:
    """When the news that raised an alert came out."""
    article = next((member.article for member in found.members if member.article.id == alert.article_id), None)
    if article is None:  # it has left its story
        return alert.raised_at
    return min(article.published_at or article.seen_at, article.seen_at)
