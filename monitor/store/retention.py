"""What is forgotten, and when: texts first, then deliveries, at last whole articles with all that hangs on them.

Each function takes a bounded bite and gives how many rows it took, so no transaction is long; call it until it gives 0.
An article that is gone does not come back as news: its entries are remembered by their keys for as long as their feed shows them.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from monitor.store.feeds import bury
from monitor.store.schema import alert, article, attempt, delivery, digest, digest_member, entry, feed_event, match, page, poll, story, story_member, tombstone

REMEMBERED = timedelta(days=400)  # an entry that was forgotten, after its feed showed it last
BITE = 500  # rows; SQLite's only writer is free again after a few milliseconds


def forget_texts(connection: Connection, before: datetime) -> int:
    """Drop the text of articles and the content of entries seen before a time; titles, matches and stories stay."""
    old = select(article.c.id).where(article.c.seen_at < before, article.c.step == "done", article.c.text != "").limit(BITE)
    articles = connection.execute(update(article).where(article.c.id.in_(old.scalar_subquery())).values(text="")).rowcount
    heavy = select(entry.c.id).where(entry.c.seen_at < before, entry.c.content != "").limit(BITE)
    return articles + connection.execute(update(entry).where(entry.c.id.in_(heavy.scalar_subquery())).values(content="")).rowcount


def forget_deliveries(connection: Connection, before: datetime) -> int:
    """Drop deliveries that ended before a time, with their tries. One that is still due is kept, however old."""
    old = delivery.c.state != "due", delivery.c.created_at < before
    ids = list(connection.execute(select(delivery.c.id).where(*old).limit(BITE)).scalars())
    if ids:
        connection.execute(delete(attempt).where(attempt.c.delivery_id.in_(ids)))
        connection.execute(delete(delivery).where(delivery.c.id.in_(ids)))
    return len(ids)


def forget_polls(connection: Connection, before: datetime) -> int:
    """Drop the log of polls before a time."""
    old = select(poll.c.id).where(poll.c.at < before).limit(BITE)
    return connection.execute(delete(poll).where(poll.c.id.in_(old.scalar_subquery()))).rowcount


def forget_articles(connection: Connection, before: datetime, now: datetime) -> int:
    """Drop articles seen before a time, with entries, matches, alerts and memberships; then stories and digests that are empty.

    An article that a waiting delivery names is kept until the delivery has ended, and one whose entries came or were edited later
    (a live page, a weekly column) until nothing was heard of it for as long.
    What is left of an entry is its key, so that a feed that shows it still does not bring it back as news.
    """
    waiting = select(digest_member.c.article_id).join(delivery, delivery.c.digest_id == digest_member.c.digest_id).where(delivery.c.state == "due")
    open_ = select(alert.c.article_id).join(digest, digest.c.id == alert.c.digest_id).where(digest.c.state == "open")
    young = exists(select(entry.c.id).where(entry.c.article_id == article.c.id, entry.c.seen_at >= before))
    is_over = article.c.step.in_(("done", "held"))
    old = select(article.c.id).where(article.c.seen_at < before, is_over, ~young, article.c.id.not_in(waiting), article.c.id.not_in(open_))
    ids = list(connection.execute(old.limit(BITE)).scalars())
    if not ids:
        return 0
    bury(connection, ids, now)
    stories = set(connection.execute(select(story_member.c.story_id).where(story_member.c.article_id.in_(ids))).scalars())
    connection.execute(update(story_member).where(story_member.c.copy_of.in_(ids)).values(copy_of=None))
    for table in (match, digest_member, alert, story_member, entry, page):
        connection.execute(delete(table).where(table.c.article_id.in_(ids)))
    connection.execute(update(article).where(article.c.duplicate_of.in_(ids)).values(duplicate_of=None))
    connection.execute(delete(article).where(article.c.id.in_(ids)))
    left = set(connection.execute(select(story_member.c.story_id).where(story_member.c.story_id.in_(stories))).scalars())
    connection.execute(delete(digest_member).where(digest_member.c.story_id.in_(stories - left)))
    connection.execute(delete(story).where(story.c.id.in_(stories - left)))
    return len(ids)


def forget_events(connection: Connection, before: datetime) -> int:
    """Drop what happened to feeds before a time."""
    old = select(feed_event.c.id).where(feed_event.c.at < before).limit(BITE)
    return connection.execute(delete(feed_event).where(feed_event.c.id.in_(old.scalar_subquery()))).rowcount


def forget_tombstones(connection: Connection, now: datetime) -> int:
    """Drop what is left of entries that no feed has shown for long."""
    old = select(tombstone.c.feed_id, tombstone.c.key).where(tombstone.c.seen_at < now - REMEMBERED).limit(BITE)
    rows = [{"b_feed": feed_id, "b_key": key} for feed_id, key in connection.execute(old)]
    if rows:
        connection.execute(delete(tombstone).where(tombstone.c.feed_id == bindparam("b_feed"), tombstone.c.key == bindparam("b_key")), rows)
    return len(rows)
