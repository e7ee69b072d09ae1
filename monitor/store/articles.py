"""Articles: claims for reading and judging, and T2, the save of what was read."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    RowMapping,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from monitor.model import Article, Entry
from monitor.status import ArticleStatus
from monitor.store.database import insert_or
from monitor.store.schema import EPOCH, article, entry, page, story_member


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """What is known of the page behind an article since it was read last.

    etag, last_modified: validators of the answer that gave the article's text, "" where the text came from elsewhere.
    headline: what the page called itself. feed_title: what the feed called it then.
    """

    etag: str = ""
    last_modified: str = ""
    headline: str = ""
    feed_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleClaim:
    """An article leased for one step, with the entry that leads to it and changed last (None once retention took it).

    page: None until its page was read. page_again_at: when its page is asked for again, or was; None until it was read or a wall.
    is_look_again: this claim is that time come, and no edit of the feed's.
    """

    article: Article
    attempt: int
    leased_until: datetime
    entry: Entry | None = None
    page: PageSeen | None = None
    page_again_at: datetime | None = None
    is_look_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRead:
    """What reading found out; article carries the new values.

    attempt: of the claim. page_again_at: when to ask for the page again. page: what is known of it now, None for what was known before.
    is_unchanged: nothing that judging looks at is another than it was.
    canonical_url: what the page calls itself, None where none was read. page_key: of the address that its own site gives it, "" where it gives none.
    """

    article: Article
    attempt: int
    at: datetime
    problem: str = ""
    page_again_at: datetime | None = None
    page: PageSeen | None = None
    is_unchanged: bool = False
    canonical_url: str | None = None
    page_key: str = ""


def claim_articles(connection: Connection, step: str, now: datetime, lease: timedelta, limit: int) -> list[ArticleClaim]:
    """Lease the articles longest due for a step ("read", "judge"), oldest first.

    A lease that runs out gives the row back.
    """
    rows = connection.execute(_claim(), {"b_step": step, "b_now": now, "b_until": now + lease, "b_limit": limit}).mappings().all()
    ids = [row["id"] for row in rows]
    entries = _newest_entries(connection, ids) if step == "read" else {}
    pages = _pages(connection, ids) if step == "read" else {}
    stories = dict(connection.execute(_STORIES_OF, {"b_articles": ids}).all())
    return [
        ArticleClaim(
            article=article_of(row, stories.get(row["id"])),
            attempt=row["attempt"],
            leased_until=now + lease,
            entry=entries.get(row["id"]),
            page=pages.get(row["id"]),
            page_again_at=row["page_again_at"],
            is_look_again=row["page_again_at"] is not None and row["due_at"] == row["page_again_at"],
        )
        for row in sorted(rows, key=lambda row: (min(row["published_at"] or row["seen_at"], row["seen_at"]), row["id"]))
    ]


# Built once: building a statement costs more than running it on a few rows.
_ARTICLE_IDS: BindParameter[int] = bindparam("b_articles", expanding=True)
_STORIES_OF = select(story_member.c.article_id, story_member.c.story_id).where(story_member.c.article_id.in_(_ARTICLE_IDS))
_AGES_OF = select(entry.c.article_id, entry.c.seen_at, entry.c.id).where(entry.c.article_id.in_(_ARTICLE_IDS))
_PAGES_OF = select(page.c.article_id, page.c.etag, page.c.last_modified, page.c.headline, page.c.feed_title).where(page.c.article_id.in_(_ARTICLE_IDS))
_ENTRIES = select(*entry.c).where(entry.c.id.in_(bindparam("b_entries", expanding=True)))


@cache
def _claim() -> ReturningUpdate[Any]:
    now: BindParameter[datetime] = bindparam("b_now", type_=article.c.due_at.type)
    due = (
        select(article.c.id)
        .where(article.c.step == bindparam("b_step"), article.c.due_at <= now, article.c.leased_until <= now)
        .order_by(article.c.due_at, article.c.id)
        .limit(bindparam("b_limit"))
        .with_for_update(skip_locked=True)
    )
    leased = update(article).where(article.c.id.in_(due.scalar_subquery())).values(leased_until=bindparam("b_until"), attempt=article.c.attempt + 1)
    return leased.returning(*article.c)


def next_article_at(connection: Connection, step: str) -> datetime | None:
    """When the next article falls due for a step, leases included."""
    rows = connection.execute(select(article.c.due_at, article.c.leased_until).where(article.c.step == step).order_by(article.c.due_at).limit(100)).all()
    return min((max(row) for row in map(tuple, rows)), default=None)


def save_reads(connection: Connection, reads: Sequence[ArticleRead], is_one_page: Callable[["OlderArticle", Article], bool]) -> int:
    """T2: text, status, language; the article is due to judge. Gives the number of rows whose claim still held.

    is_one_page: whether it is the page of an older one at the address that it calls its own; then it is done, and its entries go to that one.
    What is unchanged is not judged again.
    """
    older = {each.article.id: older_article(connection, each.page_key, each.article.id) for each in reads if each.page_key}
    first = {each.article.id: found.id for each in reads if (found := older.get(each.article.id)) and is_one_page(found, each.article)}
    saved = connection.execute(
        _save(),
        [
            {"b_id": each.article.id, "b_attempt": each.attempt, "b_authors": list(each.article.authors)}
            | {"b_problem": each.problem, "b_page_again_at": each.page_again_at}
            | dict(zip(("b_step", "b_due_at"), _following(each, is_known=each.article.id in first), strict=True))
            | {"b_canonical_url": each.canonical_url, "b_canonical_key": _other_key(each), "b_duplicate_of": first.get(each.article.id)}
            | {f"b_{name}": getattr(each.article, name) for name in _READ if name not in ("authors", "problem", "page_again_at")}
            for each in reads
        ],
    )
    if first:
        is_moved = exists(select(article.c.id).where(article.c.id == bindparam("b_id"), article.c.duplicate_of == bindparam("b_first")).correlate(None))
        moved = [{"b_id": article_id, "b_first": first_id} for article_id, first_id in first.items()]
        connection.execute(update(entry).where(entry.c.article_id == bindparam("b_id"), is_moved).values(article_id=bindparam("b_first")), moved)
    _save_pages(connection, [each for each in reads if each.page])
    return saved.rowcount


@cache
def _save() -> Update:
    values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in _READ}
    known = {name: func.coalesce(bindparam(f"b_{name}", type_=article.c[name].type), article.c[name]) for name in _CANONICAL}
    mine = (article.c.id == bindparam("b_id"), article.c.attempt == bindparam("b_attempt"), article.c.step == "read")
    return update(article).where(*mine).values(values | known | {"step": bindparam("b_step"), "leased_until": EPOCH, "due_at": bindparam("b_due_at")})


def _other_key(read: ArticleRead) -> str | None:
    """The key of the address that its page gives it, "" where that is the article's own; None leaves what is known."""
    return (read.page_key if read.page_key != read.article.url_key else "") if read.page_key else None


def _following(read: ArticleRead, *, is_known: bool) -> tuple[str, datetime]:
    """The step that comes after reading, and when. is_known: it is a page that we have."""
    if is_known:
        return "done", read.at
    if not read.is_unchanged:
        return "judge", read.at
    if read.page_again_at and read.page_again_at > read.at:
        return "read", read.page_again_at
    return "done", read.at


def _save_pages(connection: Connection, reads: Sequence[ArticleRead]) -> None:
    if not reads:
        return
    attempts = dict(connection.execute(select(article.c.id, article.c.attempt).where(article.c.id.in_([each.article.id for each in reads]))).all())
    rows = [{"article_id": each.article.id} | asdict(each.page) for each in reads if each.page and attempts.get(each.article.id) == each.attempt]
    if rows:
        statement = insert_or(connection, page)
        fresh = {name: statement.excluded[name] for name in ("etag", "last_modified", "headline", "feed_title")}
        connection.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=fresh), rows)


@dataclass(frozen=True, slots=True)
class OlderArticle:
    """The first article at an address. is_backfill: nobody was told of it."""

    id: int
    title: str
    is_backfill: bool


def older_article(connection: Connection, canonical_key: str, than: int) -> OlderArticle | None:
    """The first article at an address, or of a page that calls itself so; older than another one, and not held."""
    row = connection.execute(_older(), {"b_key": canonical_key, "b_than": than}).first()
    return OlderArticle(*row) if row else None


@cache
def _older() -> Select[Any]:
    # "''" in letters: that a variable says so, and the index of such rows will do, SQLite has to find out anew at each call.
    has_address, calls_itself_so = article.c.url_key == bindparam("b_key"), article.c.canonical_key == bindparam("b_key")
    is_it = or_(has_address, and_(calls_itself_so, article.c.canonical_key != literal_column("''")))
    is_first = (article.c.id < bindparam("b_than"), article.c.duplicate_of.is_(None), article.c.step != "held")
    return select(article.c.id, article.c.title, article.c.is_backfill).where(is_it, *is_first).order_by(has_address.desc(), article.c.id).limit(1)


_CANONICAL = ("canonical_url", "canonical_key", "duplicate_of")
_READ = ("url", "outlet", "title", "summary", "text", "language", "authors", "published_at", "modified_at", "status", "problem", "version", "page_again_at")


def postpone_read(connection: Connection, claim: ArticleClaim, until: datetime) -> None:
    """Give an article back, to be read later: its host asked to be left alone."""
    connection.execute(
        update(article)
        .where(article.c.id == claim.article.id, article.c.attempt == claim.attempt, article.c.step == "read")
        .values(due_at=until, leased_until=EPOCH)
    )


def give_up_judging(connection: Connection, claim: ArticleClaim, problem: str) -> None:
    """An article that cannot be judged is done, with the reason, so that it does not come back for ever."""
    connection.execute(
        update(article)
        .where(article.c.id == claim.article.id, article.c.attempt == claim.attempt, article.c.step == "judge")
        .values(step="done", leased_until=EPOCH, problem=problem)
    )


def _newest_entries(connection: Connection, article_ids: Sequence[int]) -> dict[int, Entry]:
    """By article, of several feeds' entries the one that came or was edited last."""
    ages = connection.execute(_AGES_OF, {"b_articles": article_ids}).all()
    newest = {article_id: entry_id for article_id, _, entry_id in sorted(map(tuple, ages))}
    rows = connection.execute(_ENTRIES, {"b_entries": list(newest.values())}).mappings()
    return {row["article_id"]: _entry(row) for row in rows}


def _pages(connection: Connection, article_ids: Sequence[int]) -> dict[int, PageSeen]:
    rows = connection.execute(_PAGES_OF, {"b_articles": article_ids})
    return {row[0]: PageSeen(etag=row[1], last_modified=row[2], headline=row[3], feed_title=row[4]) for row in rows}


def _entry(row: RowMapping) -> Entry:
    return Entry(
        key=row["key"],
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        content=row["content"],
        authors=tuple(row["authors"]),
        published_at=row["published_at"],
        updated_at=row["updated_at"],
        sha256=row["sha256"],
    )


def article_of(row: RowMapping | Any, story_id: int | None = None) -> Article:
    """The noun of a row."""
    return Article(
        id=row["id"],
        url=row["url"],
        url_key=row["url_key"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        outlet=row["outlet"],
        feed_id=row["feed_id"],
        language=row["language"],
        authors=tuple(row["authors"]),
        published_at=row["published_at"],
        modified_at=row["modified_at"],
        seen_at=row["seen_at"],
        status=ArticleStatus(row["status"]),
        problem=row["problem"],
        is_backfill=row["is_backfill"],
        version=row["version"],
        story_id=story_id,
    )
