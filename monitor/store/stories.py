"""Stories, matches and alerts: what judging needs to know, and T3, its save."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from sys import intern
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select, tuple_, update

from monitor.errors import DigestTaken
from monitor.model import Evidence, Match, Story
from monitor.status import HAS_PAGE, ArticleStatus
from monitor.store.database import add_rows, insert_or
from monitor.store.schema import EPOCH, alert, article, digest, match, stem_frequency, story, story_member, was_judged

HELD = ("quiet-hours", "over-hourly-cap")  # reasons of alerts that wait for a better hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One article of a story, as counting and titling need it."""

    article_id: int
    title: str
    outlet: str
    copy_of: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlert:
    """An alert that reached, or will reach, a subscriber.

    step: which of the times a story may speak. at_once: not in a digest. headline, status: of the article that raised it, as they were then;
    status: None of alerts from before it was kept.
    """

    subscriber: str
    topic: str
    story_id: int
    step: int
    raised_at: datetime
    at_once: bool
    article_id: int
    headline: str
    status: ArticleStatus | None = None


class RememberedMember(NamedTuple):
    """A member young enough to be compared with new articles; vector as clustering packed it."""

    article_id: int
    story_id: int
    outlet: str
    language: str
    at: datetime
    vector: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A place in a story. reason, score: why there. vector: None where there is nothing to compare."""

    story_id: int
    at: datetime
    reason: str
    score: float
    copy_of: int | None
    outlet: str
    language: str
    vector: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """A decision about one subscriber. The digest fields say where it travels, None for a silent one."""

    subscriber: str
    topic: str
    topic_version: str
    story_id: int
    action: str
    reason: str
    step: int
    score: float
    headline: str = ""
    status: str = ""
    digest_kind: str | None = None
    digest_key: str | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one article means. attempt, version: of the article that was judged; both must still hold.

    language: what it turned out to be written in, "" where nobody looked.
    """

    article_id: int
    attempt: int
    version: int
    at: datetime
    language: str = ""
    matches: tuple[Match, ...] = ()
    member: NewMember | None = None
    alerts: tuple[NewAlert, ...] = ()


# ------------------------------------------------------------------------------------------------ load
def load_stories(connection: Connection, ids: Collection[int]) -> dict[int, Story]:
    """Stories by id."""
    rows = connection.execute(select(*story.c).where(story.c.id.in_(ids))).mappings()
    return {row["id"]: Story(**row) for row in rows}


def load_members(connection: Connection, story_ids: Collection[int]) -> dict[int, list[Member]]:
    """The articles of stories, in the order in which they joined."""
    rows = connection.execute(
        select(story_member.c.story_id, article.c.id, article.c.title, article.c.outlet, story_member.c.copy_of, story_member.c.at)
        .join(article, article.c.id == story_member.c.article_id)
        .where(story_member.c.story_id.in_(story_ids))
        .order_by(story_member.c.at, article.c.id)
    )
    members: dict[int, list[Member]] = {}
    for story_id, article_id, title, outlet, copy_of, at in rows:
        members.setdefault(story_id, []).append(Member(article_id=article_id, title=title, outlet=outlet, copy_of=copy_of, at=at))
    return members


def load_told(connection: Connection, story_ids: Collection[int]) -> list[ToldAlert]:
    """What subscribers were told of these stories, at once or in a digest, in that order."""
    rows = connection.execute(
        select(
            alert.c.subscriber_id,
            alert.c.topic_id,
            alert.c.story_id,
            alert.c.step,
            alert.c.raised_at,
            alert.c.action,
            alert.c.article_id,
            alert.c.headline,
            alert.c.status,
        )
        .where(alert.c.story_id.in_(story_ids), alert.c.action != "silent")
        .order_by(alert.c.id)
    )
    return [
        ToldAlert(
            subscriber=row[0],
            topic=row[1],
            story_id=row[2],
            step=row[3],
            raised_at=row[4],
            at_once=row[5] == "now",
            article_id=row[6],
            headline=row[7],
            status=ArticleStatus(row[8]) if row[8] else None,
        )
        for row in rows
    ]


def count_recent_alerts(connection: Connection, since: datetime) -> dict[str, int]:
    """Alerts told at once per subscriber since a time, for the hourly cap; what was held back is not among them."""
    told = (alert.c.action == "now", alert.c.raised_at > since, alert.c.reason.not_in(HELD))
    # Counted here: for groups SQLite reads all alerts there ever were, in their order.
    return Counter(connection.execute(select(alert.c.subscriber_id).where(*told)).scalars())


def load_remembered(connection: Connection, since: datetime, limit: int) -> list[RememberedMember]:
    """The newest members, newest first: those that new articles are compared with, what clustering is rebuilt from at start."""
    rows = connection.execute(
        select(*(story_member.c[name] for name in RememberedMember._fields))
        .where(story_member.c.at >= since, story_member.c.vector.is_not(None))
        .order_by(story_member.c.at.desc(), story_member.c.article_id.desc())
        .limit(limit)
    )
    return [
        RememberedMember(article_id, story_id, intern(outlet), intern(language), at, vector)
        for article_id, story_id, outlet, language, at, vector in chain.from_iterable(rows.partitions(1000))
    ]


def load_frequencies(connection: Connection) -> dict[str, tuple[int, dict[str, int]]]:
    """Running document frequencies: language to (documents, stem to documents)."""
    frequencies: dict[str, tuple[int, dict[str, int]]] = {}
    rows = connection.execute(select(stem_frequency.c.language, stem_frequency.c.stem, stem_frequency.c.documents))
    for language, stem, documents in chain.from_iterable(rows.partitions(1000)):
        total, stems = frequencies.get(language, (0, {}))
        if stem:
            stems[stem] = documents
        else:
            total = documents
        frequencies[language] = (total, stems)
    return frequencies


def last_story_id(connection: Connection) -> int:
    """The highest story id in use, 0 before the first."""
    return connection.execute(select(func.max(story.c.id))).scalar() or 0


# -------------------------------------------------------------------------------------------------- T3
def save_judgements(connection: Connection, judged: Sequence[Judgement], stories: Mapping[int, Story], frequencies: Mapping[tuple[str, str], int]) -> set[int]:
    """T3: stories and memberships, matches, alerts (also the silent ones), open digests; gives the articles whose claim still held.

    stories: every story that a judgement names, as it is afterwards. frequencies: (language, stem) to how many documents more.
    If one of them was edited or claimed again in the meantime nothing at all is saved: the others were judged as its neighbours,
    and may have been left silent because of it. Judge again those that still hold.
    raises: DigestTaken when a digest that an alert should travel in has begun to close; nothing is saved then.
    """
    held = _still_held(connection, judged)
    if len(held) < len(judged):
        return held
    followed = [each.article_id for each in judged if any(found.matched for found in each.matches)]
    # Its page was a wall, or people hear of what may change yet.
    is_read_again = and_(article.c.page_again_at > article.c.due_at, or_(article.c.status.not_in(HAS_PAGE), article.c.id.in_(followed)))
    following = {"step": case((is_read_again, "read"), else_="done"), "due_at": case((is_read_again, article.c.page_again_at), else_=article.c.due_at)}
    connection.execute(update(article).where(article.c.id.in_(held)).values(**following, leased_until=EPOCH))
    if spoken := [{"b_id": each.article_id, "b_language": each.language} for each in judged if each.language]:
        unsaid = article.c.language != bindparam("b_language")
        connection.execute(update(article).where(article.c.id == bindparam("b_id"), unsaid).values(language=bindparam("b_language")), spoken)
    touched = {each.member.story_id for each in judged if each.member} | {new.story_id for each in judged for new in each.alerts}
    _save_stories(connection, [stories[story_id] for story_id in sorted(touched)])
    if members := [_values(each.member) | {"article_id": each.article_id} for each in judged if each.member]:
        add_rows(connection, story_member, members)
    if matches := [_match_row(each, found) for each in judged for found in each.matches]:
        statement = insert_or(connection, match)
        fresh = {name: statement.excluded[name] for name in ("score", "matched", "alert", "reason", "branch", "evidence", "matched_at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["article_id", "topic_id", "topic_version"], set_=fresh), matches)
    _save_alerts(connection, judged)
    if frequencies:
        statement = insert_or(connection, stem_frequency)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["language", "stem"], set_={"documents": stem_frequency.c.documents + statement.excluded.documents}),
            [{"language": language, "stem": stem, "documents": more} for (language, stem), more in frequencies.items()],
        )
    return held


def _still_held(connection: Connection, judged: Sequence[Judgement]) -> set[int]:
    # Compared here: SQLite finds triples by reading the whole table.
    claims = {(each.article_id, each.attempt, each.version) for each in judged}
    found = select(article.c.id, article.c.attempt, article.c.version).where(article.c.id.in_([each.article_id for each in judged]), article.c.step == "judge")
    return {row[0] for row in connection.execute(found.with_for_update()) if tuple(row) in claims}


def _save_stories(connection: Connection, stories: Sequence[Story]) -> None:
    if stories:
        statement = insert_or(connection, story)
        fresh = {name: statement.excluded[name] for name in ("title", "article_count", "source_count", "independent_count", "last_seen_at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=fresh), [_values(each) for each in stories])


def _values(flat: Story | NewMember | Evidence) -> dict[str, Any]:
    """What `asdict` gives for a value without others in it; it copies each field deeply, which takes ten times as long."""
    return {name: getattr(flat, name) for name in flat.__slots__}


def _match_row(judgement: Judgement, found: Match) -> dict[str, object]:
    return {
        "article_id": judgement.article_id,
        "topic_id": found.topic,
        "topic_version": found.topic_version,
        "score": found.score,
        "matched": found.matched,
        "alert": found.alert,
        "reason": found.reason,
        "branch": found.branch,
        "evidence": [_values(each) for each in found.evidence],
        "matched_at": judgement.at,
    }


def _save_alerts(connection: Connection, judged: Sequence[Judgement]) -> None:
    raised = [(each, new) for each in judged for new in each.alerts]
    opened = {
        (new.subscriber, new.digest_kind, new.digest_key): {
            "subscriber_id": new.subscriber,
            "kind": new.digest_kind,
            "key": new.digest_key,
            "opened_at": each.at,
            "closes_at": new.closes_at,
        }
        for each, new in raised
        if new.digest_key
    }
    if opened:
        add_rows(connection, digest, list(opened.values()))
    ids = _open_ids(connection, list(opened))
    rows = [
        {
            "subscriber_id": new.subscriber,
            "topic_id": new.topic,
            "topic_version": new.topic_version,
            "story_id": new.story_id,
            "article_id": each.article_id,
            "article_version": each.version,
            "action": new.action,
            "reason": new.reason,
            "step": new.step,
            "score": new.score,
            "headline": new.headline,
            "status": new.status,
            "raised_at": each.at,
            "digest_id": ids[new.subscriber, new.digest_kind, new.digest_key] if new.digest_key else None,
        }
        for each, new in raised
    ]
    if rows:
        # A changed topic may judge the same version otherwise than before; the silence of then must not stand in the way.
        # One by one: SQLite finds tuples of a list by reading the whole table.
        identity = ("subscriber_id", "topic_id", "article_id", "article_version")
        silenced = [alert.c[name] == bindparam(f"b_{name}") for name in identity]
        connection.execute(delete(alert).where(*silenced, alert.c.action == "silent"), [{f"b_{name}": row[name] for name in identity} for row in rows])
        add_rows(connection, alert, rows)


def _open_ids(connection: Connection, keys: Sequence[tuple[str, str | None, str | None]]) -> dict[tuple[str, str | None, str | None], int]:
    """The digests that still take something in, locked against closing until we are done.

    One that was claimed may have been put into words already: what came later would never be told.
    """
    columns = (digest.c.subscriber_id, digest.c.kind, digest.c.key)
    rows = connection.execute(
        select(*columns, digest.c.id).where(tuple_(*columns).in_(keys), digest.c.state == "open", digest.c.attempt == 0).with_for_update()
    )
    ids = {(row[0], row[1], row[2]): row[3] for row in rows}
    if len(ids) < len(keys):
        taken = [key for key in keys if key not in ids]
        closes_at = connection.execute(select(func.max(digest.c.closes_at)).where(tuple_(*columns).in_(taken))).scalar()
        raise DigestTaken("a digest closed in the meantime", closes_at=closes_at)
    return ids


# ------------------------------------------------------------------------------------------- retention
def forget_vectors(connection: Connection, before: datetime) -> int:
    """Drop the vectors that no new article is compared with any more; gives how many."""
    return connection.execute(update(story_member).where(story_member.c.at < before, story_member.c.vector.is_not(None)).values(vector=None)).rowcount


def forget_rare_stems(connection: Connection, *, keep: int) -> int:
    """Keep the document frequencies bounded: beyond `keep` rows the stems seen once go; gives how many went."""
    if connection.execute(select(func.count()).select_from(stem_frequency)).scalar_one() <= keep:
        return 0
    return connection.execute(delete(stem_frequency).where(stem_frequency.c.documents == 1)).rowcount


def requeue_matching(connection: Connection, now: datetime, since: timedelta) -> int:
    """Articles of the last days are judged again after a topic changed; gives how many.

    What was told stays told; what newly matches is told under the usual rules. Those that wait for another look at their page are among them.
    """
    return connection.execute(
        update(article)
        .where(was_judged, article.c.duplicate_of.is_(None), article.c.seen_at > now - since)
        .values(step="judge", due_at=now, leased_until=EPOCH)
    ).rowcount
