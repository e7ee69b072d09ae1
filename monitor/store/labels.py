"""What people said of articles, and the stored articles that a changed topic is tried on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, and_, case, delete, func, or_, select, tuple_

from monitor.model import Grade, Label
from monitor.store.database import insert_or
from monitor.store.schema import article, came_out_at, label, match, story_member, topic

_AT_ONCE = 500  # rows that are in memory of all that are read


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """What a topic judges of an article, and when it came out."""

    id: int
    url: str
    url_key: str
    outlet: str
    language: str
    title: str
    text: str
    at: datetime


def give_label(connection: Connection, topic_id: str, wanted: str, grade: Grade, at: datetime, *, source: str, note: str = "") -> Label | None:
    """Keep what somebody says of an article, with its text; what was said of it before is replaced. None where there is no such article.

    wanted: the address of an article, or the number of a story: then it is said of the article by which the topic found it.
    source: the door it came by, "command", "console" or "mail".
    """
    found = _article(connection, topic_id, wanted)
    if found is None:
        return None
    given = Label(
        topic=topic_id,
        id=found.url_key,
        grade=grade,
        url=found.url,
        language=found.language,
        title=found.title,
        text=found.text,
        note=note,
        source=source,
        at=at,
    )
    save_labels(connection, [given], at)
    return given


def topics_of(connection: Connection, wanted: str) -> list[str]:
    """The topics that flag an article, by its address, or any article of a story, by its number; where none does, those that name it at all."""
    newest = tuple_(match.c.topic_id, match.c.topic_version).in_(select(topic.c.id, topic.c.version))
    statement = select(match.c.topic_id, func.max(case((match.c.matched, 1), else_=0))).where(newest).group_by(match.c.topic_id).order_by(match.c.topic_id)
    if _is_number(wanted):
        mine = select(story_member.c.article_id).where(story_member.c.story_id == int(wanted))
    else:
        mine = select(article.c.id).where(or_(article.c.url == wanted, article.c.url_key == wanted))
    found = connection.execute(statement.where(match.c.article_id.in_(mine))).all()
    return [name for name, matched in map(tuple, found) if matched] or [row[0] for row in found]


def save_labels(connection: Connection, labels: Iterable[Label], at: datetime) -> int:
    """Keep labels; one with the same topic and id is replaced. at: for those that do not say when. Gives how many."""
    rows = [
        {
            "topic_id": each.topic,
            "id": each.id,
            "grade": int(each.grade),
            "url": each.url,
            "language": each.language,
            "title": each.title,
            "text": each.text,
            "note": each.note,
            "source": each.source,
            "at": each.at or at,
        }
        for each in labels
    ]
    if rows:
        statement = insert_or(connection, label)
        fresh = {name: statement.excluded[name] for name in ("grade", "url", "language", "title", "text", "note", "source", "at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["topic_id", "id"], set_=fresh), rows)
    return len(rows)


def forget_label(connection: Connection, topic_id: str, wanted: str) -> list[Label]:
    """Take back what was said of an article, by its address or the label's id, or of the articles of a story, by its number. Gives what was said."""
    mine = select(article.c.url_key).join(story_member, story_member.c.article_id == article.c.id)
    is_it = label.c.id.in_(mine.where(story_member.c.story_id == int(wanted))) if _is_number(wanted) else or_(label.c.id == wanted, label.c.url == wanted)
    rows = connection.execute(select(*label.c).where(label.c.topic_id == topic_id, is_it)).all()
    connection.execute(delete(label).where(label.c.topic_id == topic_id, is_it))
    return [_label(row) for row in rows]


def list_labels(connection: Connection, topic_id: str | None = None) -> list[Label]:
    """The labels of a topic, or of all, in the order in which they were given."""
    statement = select(*label.c).order_by(label.c.topic_id, label.c.at, label.c.id)
    return [_label(row) for row in connection.execute(statement if topic_id is None else statement.where(label.c.topic_id == topic_id))]


def count_labels(connection: Connection) -> dict[tuple[str, Grade], int]:
    """How many labels there are, by topic and grade."""
    rows = connection.execute(select(label.c.topic_id, label.c.grade, func.count()).group_by(label.c.topic_id, label.c.grade))
    return {(topic_id, Grade(grade)): number for topic_id, grade, number in map(tuple, rows)}


def stream_articles(connection: Connection, since: datetime, *, newest: int | None = None) -> Iterator[StoredArticle]:
    """The articles that were judged and seen since a time, one after the other at constant memory, in the order in which they were seen.

    newest: only so many, the last ones. Read them before the connection is used for something else.
    """
    # One that waits for another look at its page was judged by what there was. The function hides from SQLite that it has an index on
    # the step, by which it would read everything into memory to sort it.
    was_judged = or_(func.coalesce(article.c.step, "") == "done", and_(article.c.step == "read", article.c.page_again_at.is_not(None)))
    statement = select(*_READ).where(article.c.seen_at >= since, was_judged, article.c.duplicate_of.is_(None))
    if newest is None:
        statement = statement.order_by(article.c.seen_at, article.c.id)
    else:
        statement = statement.order_by(article.c.seen_at.desc(), article.c.id.desc()).limit(newest)
    with connection.execution_options(yield_per=_AT_ONCE).execute(statement) as rows:
        for part in rows.partitions():
            for row in part:
                yield StoredArticle(*row)


_READ = (
    article.c.id,
    article.c.url,
    article.c.url_key,
    article.c.outlet,
    article.c.language,
    article.c.title,
    article.c.text,
    came_out_at.label("at"),
)


def _article(connection: Connection, topic_id: str, wanted: str) -> StoredArticle | None:
    if not _is_number(wanted):
        row = connection.execute(select(*_READ).where(or_(article.c.url == wanted, article.c.url_key == wanted)).limit(1)).first()
        return StoredArticle(*row) if row else None
    newest = tuple_(match.c.topic_id, match.c.topic_version).in_(select(topic.c.id, topic.c.version))
    best = (
        select(*_READ)
        .join(story_member, story_member.c.article_id == article.c.id)
        .outerjoin(match, (match.c.article_id == article.c.id) & (match.c.topic_id == topic_id) & newest)
        .where(story_member.c.story_id == int(wanted))
        .order_by(func.coalesce(match.c.score, -1).desc(), article.c.id)
        .limit(1)
    )
    row = connection.execute(best).first()
    return StoredArticle(*row) if row else None


def _is_number(wanted: str) -> bool:
    return wanted.isdecimal() and len(wanted) < 18  # more is no row's


def _label(row: Row[tuple[object, ...]]) -> Label:
    values = dict(row._mapping)
    return Label(topic=values.pop("topic_id"), grade=Grade(values.pop("grade")), **values)
