"""Step 2: get the article behind an entry, and clean it."""

from dataclasses import replace
from datetime import datetime, timedelta

from monitor import urls
from monitor.alerts.headline import differs_materially
from monitor.articles.extract import Extraction, choose_text, is_whole
from monitor.articles.revision import is_new_version
from monitor.errors import StoreError
from monitor.matcher.match import prepare
from monitor.model import Article
from monitor.pipeline.doors import OWN_ARTICLE, Doors, Settings
from monitor.pipeline.page import NOT_ASKED, Later, Seen, ask_page
from monitor.pipeline.words import without_page, words_of
from monitor.status import HAS_PAGE, ArticleStatus
from monitor.store import articles as rows
from monitor.store.articles import ArticleClaim, ArticleRead, OlderArticle, PageSeen
from monitor.telemetry import ARTICLES, STEP_ERRORS, log

# Walls that may be gone tomorrow: readers have agreed to them, or a banner was tried out. Asked for once more, never a third time.
WALLS = ("consent", "login")
NOT_NOW = ("robots-unavailable",)
AGAIN_AFTER = timedelta(days=1)


async def read_article(doors: Doors, settings: Settings, claim: ArticleClaim) -> None:
    """Get the article behind an entry and clean it; the feed's own words where the page cannot be had. T2: text, status, due to judge."""
    try:
        await _read(doors, settings, claim)
    except StoreError:
        raise  # the database's trouble, not the article's
    except Exception as error:
        if doors.stumbles.again(claim.article.id):
            raise
        STEP_ERRORS.labels("read").inc()
        log.exception("read-failed", url=claim.article.url, advice="judged by its title")
        had_page = claim.article.text != "" and claim.article.status in HAS_PAGE
        status = claim.article.status if had_page else ArticleStatus.FAILED
        bare = replace(claim.article, text=claim.article.text or claim.article.summary, status=status)
        await doors.save_read(ArticleRead(article=bare, attempt=claim.attempt, at=doors.clock(), problem=f"internal: {type(error).__name__}"))


async def _read(doors: Doors, settings: Settings, claim: ArticleClaim) -> None:
    entry, before = claim.entry, claim.article
    if entry:
        before = replace(before, title=_feeds_title(claim), summary=entry.summary, authors=entry.authors or before.authors)
    feed_text = await words_of(doors, before.title, entry.summary if entry else before.summary, entry.content if entry else "")
    seen = NOT_ASKED
    if _wants_page(settings, claim, before, feed_text):
        try:
            seen = await ask_page(doors, settings, claim)
        except Later as later:
            if later.until:
                await doors.database.write(rows.postpone_read, claim, later.until)
            return
    now, read = doors.clock(), _with_page(before, feed_text, claim, seen)
    is_kept = _is_kept(claim, read, seen)
    read, is_unchanged = _revised(claim, before if is_kept else read)
    found = ArticleRead(
        article=read,
        attempt=claim.attempt,
        at=now,
        problem=claim.article.problem if is_kept else seen.problem,
        page=_page_seen(claim, read, None if is_kept else seen),
        page_again_at=_page_again_at(settings, claim, read, seen, now),
        is_unchanged=is_unchanged and claim.is_look_again,
    )
    await doors.save_read(_with_name(found, seen.page) if seen.page and not is_kept else found)

    if not found.is_unchanged:
        ARTICLES.labels(str(read.status)).inc()
        doors.tally.articles[str(read.status)] += 1
    log.debug("read", url=read.url, status=str(read.status), problem=found.problem, again=claim.is_look_again, unchanged=is_unchanged)


def _with_name(found: ArticleRead, page: Extraction) -> ArticleRead:
    """What the page says of its own address. Only its own site's word counts, another's is kept for a look by hand."""
    key = urls.url_key(page.url)
    return replace(found, canonical_url=page.declared_url, page_key=key if found.article.status in HAS_PAGE and "/" in key else "")


def is_one_page(older: OlderArticle, article: Article) -> bool:
    """Whether an article is the page of an older one at the address that it calls its own.

    Templates that give one address to all their pages are a common mistake, so the headlines have to agree too.
    A page that was judged already, or that is news while the older one is not, is itself.
    """
    return article.story_id is None and (article.is_backfill or not older.is_backfill) and not differs_materially(older.title, article.title)


def _wants_page(settings: Settings, claim: ArticleClaim, article: Article, feed_text: str) -> bool:
    """Candidates: the feed's words name a topic's term, or are too few to tell; and pages that people hear of, and that may have changed.

    A feed that brings the whole article spares its site the question.
    """
    if (
        without_page(settings, is_backfill=article.is_backfill)
        or not article.url.startswith(("http://", "https://"))
        or article.url_key.startswith(OWN_ARTICLE)
    ):
        return False
    is_followed = claim.is_look_again and article.status in HAS_PAGE
    if is_followed or settings.fetch == "all" or len(feed_text) < len(article.title) + 60:
        return True
    if is_whole(feed_text):
        return False
    return settings.topics.mentions(prepare(article.title, feed_text))


# ---------------------------------------------------------------------------------- what is known already
def _feeds_title(claim: ArticleClaim) -> str:
    """The feed's, unless it is the one that was read before: then a headline that the page got since stands."""
    assert claim.entry is not None
    is_read_before = claim.page is not None and claim.page.feed_title == claim.entry.title
    return claim.article.title if is_read_before else claim.entry.title or claim.article.title


def _headline(claim: ArticleClaim, title: str, page: Extraction) -> str:
    """A page whose headline says something else now has the news, where its feed is silent."""
    is_silent = claim.page is not None and (claim.entry is None or claim.page.feed_title == claim.entry.title)
    if is_silent and claim.page and claim.page.headline and differs_materially(claim.page.headline, page.title):
        return page.title
    return title or page.title


_BEST_FIRST = {status: rank for rank, status in enumerate(HAS_PAGE)}


def _is_kept(claim: ArticleClaim, read: Article, seen: Seen) -> bool:
    """Whether what we have of the page stays: it did not change, or what came now is less. Neither an edit nor another look must cost us a page."""
    before = claim.article
    if not before.text or before.status not in HAS_PAGE:
        return False
    if seen.page is None:
        return seen.is_unchanged or bool(seen.problem) or claim.is_look_again
    return _BEST_FIRST.get(read.status, len(_BEST_FIRST)) > _BEST_FIRST[before.status]


def _revised(claim: ArticleClaim, read: Article) -> tuple[Article, bool]:
    """The article with its version, and whether it says what it said before."""
    before = claim.article
    is_unchanged = (read.title, read.text, read.status) == (before.title, before.text, before.status)
    if before.text and not is_unchanged and ((read.title, read.status) != (before.title, before.status) or is_new_version(before.text, read.text)):
        read = replace(read, version=read.version + 1)
    return read, is_unchanged


def _page_seen(claim: ArticleClaim, read: Article, seen: Seen | None) -> PageSeen | None:
    """What to remember of the page; seen: None where what is known of it stays."""
    feed_title = claim.entry.title if claim.entry else claim.page.feed_title if claim.page else ""
    if seen is None or seen.page is None:
        return replace(claim.page, feed_title=feed_title) if claim.page else None
    is_text = read.text == seen.page.text  # else its validators would vouch for a text that came from elsewhere
    return PageSeen(etag=seen.etag if is_text else "", last_modified=seen.last_modified if is_text else "", headline=seen.page.title, feed_title=feed_title)


def _page_again_at(settings: Settings, claim: ArticleClaim, read: Article, seen: Seen, now: datetime) -> datetime | None:
    """Pages change most in their first hours. A wall is asked once more a day after it was met for the first time, and never again."""
    if read.status in HAS_PAGE:
        times = () if read.is_backfill else settings.refetch
        return min((at for after in times if (at := read.seen_at + after) > now), default=None)
    is_wall = seen.page.reason in WALLS if seen.page else seen.problem in NOT_NOW
    return claim.page_again_at or (now + AGAIN_AFTER if is_wall else None)


def _with_page(article: Article, feed_text: str, claim: ArticleClaim, seen: Seen) -> Article:
    page = seen.page
    text, status = choose_text(feed_text, page)
    if page is None:
        was_tried = seen.problem and seen.problem != "robots"
        return replace(article, text=text, status=ArticleStatus.FAILED if was_tried else ArticleStatus.FEED_ONLY)
    if page.status is ArticleStatus.BLOCKED:  # its title and dates are the wall's
        return replace(article, text=text, status=status)
    usable = status in HAS_PAGE
    if usable and page.url and urls.passes_on(article.url) and not urls.passes_on(page.url):  # where the one who passed it on led to
        article = replace(article, url=page.url, outlet=urls.outlet(page.url))
    return replace(
        article,
        text=text,
        status=status,
        title=_headline(claim, article.title, page) if usable else article.title or page.title,
        language=(page.language if usable else "") or article.language,
        authors=article.authors or page.authors,
        published_at=article.published_at or page.published_at,
        modified_at=page.modified_at or article.modified_at,
    )
