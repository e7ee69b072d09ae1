"""The tables, the same on SQLite and PostgreSQL; every promise of the program is a constraint here.

Times are UTC. `leased_until` and `attempt` belong together: a claim sets the one and raises the other,
and every write that completes a claim names the attempt it was given, so a late worker changes nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    case,
    event,
    false,
    or_,
)

HEAD = "0007"  # the newest migration; test_migrations proves that it leads to these tables

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime on both engines; SQLite keeps no zone, so it is taken off and put back.

    On SQLite the text is written and read here: SQLAlchemy's own way through a decorated type takes three times as long,
    and a feed's row holds a dozen times.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _written_for_sqlite if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002 -- SQLAlchemy's signature
        return _read_from_sqlite if dialect.name == "sqlite" else _in_utc


def _in_utc(value: datetime | None) -> datetime | None:
    """raises: ValueError for a time without a zone."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value.astimezone(UTC)


@lru_cache(maxsize=1024)  # an entry's times are written with its article, too
def _written_for_sqlite(value: datetime | None) -> str | None:
    """As SQLAlchemy writes times without a zone: "2026-01-31 07:30:00.000000", which sorts as text."""
    utc = _in_utc(value)
    return utc.isoformat(" ", "microseconds")[:26] if utc else None


def _read_from_sqlite(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{text}+00:00") if text else None  # a sixth of what `replace` takes


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="", server_default="")


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, default=default, server_default=str(default))


def _seconds(name: str) -> Column[float]:
    return Column(name, Float, nullable=False, default=0.0, server_default="0")


def _claim() -> tuple[Column[Any], Column[Any]]:
    return Column("leased_until", Utc, nullable=False, default=EPOCH), _number("attempt")


def _one_of(column: str, *values: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


def _index_of_some(name: str, *columns: Column[Any], rows: ColumnElement[bool], unique: bool = False) -> None:
    """An index of no more than these rows. PostgreSQL is named only when it creates the table: that loads its dialect, 2 MB that SQLite needs not."""
    index = Index(name, *columns, unique=unique, sqlite_where=rows)

    @event.listens_for(index.table, "before_create")
    def of_these_rows(_table: Table, connection: Connection, **_: Any) -> None:
        if connection.dialect.name == "postgresql":
            index.dialect_options["postgresql"]["where"] = rows


# ------------------------------------------------------------------------------- what the config says
feed = Table(
    "feed",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("url", Text, nullable=False),
    _text("configured_url"),  # what config.toml says; `url` differs after a permanent move
    _text("title"),
    _text("site_url"),
    _text("outlet"),
    _text("language"),
    Column("state", String(10), nullable=False, default="active"),
    _text("etag"),
    _text("last_modified"),
    _text("body_sha256"),
    _text("items_sha256"),
    Column(
        "items", LargeBinary, nullable=False, default=b"", server_default=""
    ),  # 21 bytes about the document and 24 an item: hashes of text, id, link (feeds/news.py)
    Column("read_at", Utc),
    Column("added_at", Utc, nullable=False),
    Column("polled_at", Utc),
    Column("changed_at", Utc),
    Column("next_poll_at", Utc, nullable=False),
    _text("next_poll_reason"),
    _number("failures"),
    Column("failing_since", Utc),
    _text("last_problem"),
    _seconds("ttl_s"),
    _text("skip_hours"),
    _text("skip_days"),
    Column("gap_s", Float),
    Column("newest_at", Utc),
    _text("moved_url"),
    Column("moved_since", Utc),
    _number("moved_polls"),
    _text("announced_url"),
    Column("gone_since", Utc),
    _number("missing_polls"),
    Column("missing_since", Utc),
    _text("own_title"),
    Column("entry_count", Integer),
    _text("proposed_url"),
    _text("proposed_reason"),
    Column("discovered_at", Utc),
    _text("duplicate_of"),
    _text("credentials_sha256"),
    Column("interval_min_s", Float, nullable=False),
    Column("interval_max_s", Float, nullable=False),
    *_claim(),
    _one_of("state", "active", "paused", "gone", "disabled", "duplicate"),
    Index("ix_feed_due", "state", "next_poll_at"),
)

feed_event = Table(
    "feed_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("kind", String(40), nullable=False),  # moved, gone, disabled, resumed, proposal, duplicate, flood, suspicious-change, …
    _text("detail"),
    Column("is_notice", Boolean, nullable=False, default=False),  # operators are told of it, once
    Index("ix_feed_event_feed_id_at", "feed_id", "at"),
)

# ------------------------------------------------------------------------------------- other people's hosts
host = Table(
    "host",
    metadata,
    Column("name", String(260), primary_key=True),  # a registrable domain, or a host where a Retry-After is for it alone
    _text("holder"),  # the process whose turn it is
    Column("leased_until", Utc, nullable=False, default=EPOCH),
    Column("next_ok_at", Utc, nullable=False, default=EPOCH),  # the gap after the last request
    Column("held_until", Utc, nullable=False, default=EPOCH),  # Retry-After
)

robots = Table(
    "robots",
    metadata,
    Column("origin", String(300), primary_key=True),  # scheme, host and port
    Column("fetched_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("failing_since", Utc),
    Column("status", Integer),  # None: no answer
    _text("body"),
)

topic = Table(
    "topic",
    metadata,
    Column("id", String(200), primary_key=True),
    _text("title"),
    Column("version", String(64), nullable=False),
    Column("state", String(10), nullable=False, default="active"),
    _one_of("state", "active", "paused"),
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("state", String(10), nullable=False, default="active"),
    Column("notices", Boolean, nullable=False, default=False, server_default=false()),  # they hear of what happens to feeds
    _one_of("state", "active", "paused"),
)

# ----------------------------------------------------------------------------- what the feeds brought
article = Table(
    "article",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("url_key", Text, nullable=False),
    _text("canonical_url"),  # what the page calls itself, for a look by hand
    _text("canonical_key"),  # the key of the address that the page's own site gives it, where that is another than url_key
    Column("page_again_at", Utc),  # when the page is asked for again, or was: what is behind a wall, and what may change while people hear of it
    Column("duplicate_of", Integer),  # the article that has the same canonical address; this one is told through it
    _text("title"),
    _text("summary"),
    _text("text"),
    _text("outlet"),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    _text("language"),
    Column("authors", JSON, nullable=False, default=list),
    Column("published_at", Utc),
    Column("modified_at", Utc),
    Column("seen_at", Utc, nullable=False),
    Column("status", String(20), nullable=False, default="feed-only"),
    _text("problem"),
    Column("is_backfill", Boolean, nullable=False, default=False),
    _number("version", 1),
    Column("step", String(10), nullable=False, default="read"),
    Column("due_at", Utc, nullable=False),
    *_claim(),
    UniqueConstraint("url_key"),
    _one_of("step", "read", "judge", "done", "held"),  # held: came with a flood, and waits for the operator
    Index("ix_article_due", "step", "due_at"),
    Index("ix_article_seen_at", "seen_at"),
)
_index_of_some("ix_article_canonical_key", article.c.canonical_key, rows=article.c.canonical_key != "")
_index_of_some("ix_article_duplicate_of", article.c.duplicate_of, rows=article.c.duplicate_of.is_not(None))

# What is known of the page behind an article since it was read last; a table of its own, because most entries of feeds have none.
page = Table(
    "page",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True, autoincrement=False),
    _text("etag"),  # of the answer that gave the article's text; "" where that came from elsewhere
    _text("last_modified"),
    _text("headline"),  # what the page called itself
    _text("feed_title"),  # what the feed called it then
)

# When an article counts as published. A date in the future is a mistake of the feed: it came out when we saw it, at the latest.
came_out_at = case((article.c.published_at < article.c.seen_at, article.c.published_at), else_=article.c.seen_at)

# The topics have had their say; also where the page is to be looked at once more.
was_judged = or_(article.c.step == "done", and_(article.c.step == "read", article.c.due_at == article.c.page_again_at))

entry = Table(
    "entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    _text("url"),
    _text("title"),
    _text("summary"),
    _text("content"),
    Column("authors", JSON, nullable=False, default=list),
    Column("published_at", Utc),
    Column("updated_at", Utc),
    Column("seen_at", Utc, nullable=False),
    Column("sha256", String(64), nullable=False),
    _number("version", 1),
    UniqueConstraint("feed_id", "key"),
    Index("ix_entry_article_id", "article_id"),
)

# Entries that retention forgot while their feed may still show them: they do not come back as news.
tombstone = Table(
    "tombstone",
    metadata,
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("key", Text, nullable=False),
    _text("url_key"),
    Column("seen_at", Utc, nullable=False),  # when it was forgotten, or noticed in its feed after that
    PrimaryKeyConstraint("feed_id", "key"),
    Index("ix_tombstone_feed_id_url_key", "feed_id", "url_key"),
    Index("ix_tombstone_seen_at", "seen_at"),
)

poll = Table(
    "poll",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("status", Integer),
    Column("duration_s", Float, nullable=False),
    _number("new_entries"),
    _number("edited_entries"),
    _text("detail"),
    Index("ix_poll_feed_id_at", "feed_id", "at"),
    Index("ix_poll_at", "at"),
)

# ----------------------------------------------------------------------------------- what they mean
match = Table(
    "match",
    metadata,
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("topic_id", ForeignKey("topic.id"), nullable=False),
    Column("topic_version", String(64), nullable=False),
    Column("score", Float, nullable=False),
    Column("matched", Boolean, nullable=False),
    Column("alert", Boolean, nullable=False),
    Column("reason", String(40), nullable=False),
    _text("branch"),
    Column("evidence", JSON, nullable=False, default=list),
    Column("matched_at", Utc, nullable=False),
    PrimaryKeyConstraint("article_id", "topic_id", "topic_version"),
    CheckConstraint("score >= 0 AND score <= 1", name="score"),
)

story = Table(
    "story",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _text("title"),
    _text("language"),
    _number("article_count", 1),
    _number("source_count", 1),
    _number("independent_count", 1),
    Column("first_seen_at", Utc, nullable=False),
    Column("last_seen_at", Utc, nullable=False),
    Index("ix_story_last_seen_at", "last_seen_at"),
)

story_member = Table(
    "story_member",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True, autoincrement=False),  # one story for an article
    Column("story_id", ForeignKey("story.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("copy_of", ForeignKey("article.id")),
    Column("reason", String(40), nullable=False),
    Column("score", Float, nullable=False),
    Column("vector", LargeBinary),  # dropped once no new article can be compared with it
    _text("outlet"),  # as the article has them, behind a text that may be long
    _text("language"),
    Index("ix_story_member_story_id", "story_id"),
    Index("ix_story_member_at", "at"),
)

stem_frequency = Table(
    "stem_frequency",
    metadata,
    Column("language", String(20), nullable=False),
    Column("stem", String(40), nullable=False),  # "" counts the documents themselves
    Column("documents", Integer, nullable=False),
    PrimaryKeyConstraint("language", "stem"),
)

# What people said of articles: the text is kept with it, so retention does not take the examples away that a topic learns from.
label = Table(
    "label",
    metadata,
    Column("topic_id", String(200), nullable=False),
    Column("id", Text, nullable=False),  # an article's url_key, or the id that an imported row has
    Column("grade", Integer, nullable=False),
    _text("url"),
    _text("language"),
    _text("title"),
    _text("text"),
    _text("note"),
    Column("source", String(20), nullable=False),  # by which door it came: command, file, console, mail
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("topic_id", "id"),
    CheckConstraint("grade IN (0, 1, 2)", name="grade"),
)

# ------------------------------------------------------------------------------------- who hears it
digest = Table(
    "digest",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("key", String(120), nullable=False),
    Column("state", String(10), nullable=False, default="open"),
    Column("opened_at", Utc, nullable=False),
    Column("closes_at", Utc, nullable=False),
    Column("closed_at", Utc),
    *_claim(),
    UniqueConstraint("subscriber_id", "kind", "key"),  # never two for one local date and time
    _one_of("kind", "alert", "digest", "notice"),
    _one_of("state", "open", "closed", "skipped"),
    Index("ix_digest_due", "state", "closes_at"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("topic_id", ForeignKey("topic.id"), nullable=False),
    Column("topic_version", String(64), nullable=False),
    Column("story_id", ForeignKey("story.id"), nullable=False),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("article_version", Integer, nullable=False),
    Column("action", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    _number("step"),
    Column("score", Float, nullable=False),
    _text("headline"),  # the article's as it was told; "" for silent ones
    _text("status"),  # how much of the article we had then
    Column("raised_at", Utc, nullable=False),
    Column("digest_id", ForeignKey("digest.id")),
    UniqueConstraint("subscriber_id", "topic_id", "article_id", "article_version"),
    _one_of("action", "now", "digest", "silent"),
    CheckConstraint("(action = 'silent') = (digest_id IS NULL)", name="told_through_a_digest"),
    Index("ix_alert_digest_id", "digest_id"),
    Index("ix_alert_story_id", "story_id"),
    Index("ix_alert_raised_at", "raised_at"),
)
# One alert for a story and subscriber: a story is opened once, and passes each mark of growth once.
_index_of_some("uq_alert_told_once", alert.c.subscriber_id, alert.c.topic_id, alert.c.story_id, alert.c.step, unique=True, rows=alert.c.action != "silent")

digest_member = Table(
    "digest_member",
    metadata,
    Column("digest_id", ForeignKey("digest.id"), nullable=False),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("story_id", ForeignKey("story.id"), nullable=False),
    PrimaryKeyConstraint("digest_id", "article_id"),
    Index("ix_digest_member_story_id", "story_id"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("digest_id", ForeignKey("digest.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("address", Text, nullable=False),
    _text("subject"),
    Column("body", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False, default="due"),
    *_claim(),
    _number("tries"),
    Column("created_at", Utc, nullable=False),
    Column("next_try_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Column("news_at", Utc),  # the earliest publication inside, for the alert's latency
    _text("last_error"),
    UniqueConstraint("digest_id", "channel"),
    _one_of("state", "due", "sent", "dead"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
    Index("ix_delivery_due", "state", "next_try_at"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("status", Integer),
    Column("duration_s", Float, nullable=False),
    _text("detail"),
    PrimaryKeyConstraint("delivery_id", "number"),
    _one_of("outcome", "accepted", "retry", "dead"),
)
