"""Step 2: get the article behind an entry, and clean it."""

from dataclasses import replace

from monitor.articles.extract import Extraction, choose_text, extract, from_feed
from monitor.articles.sites import rules_for
from monitor.errors import FetchError, SandboxError
from monitor.matcher.match import mentions
from monitor.model import Article, ArticleStatus
from monitor.pipeline.doors import Doors, Settings
from monitor.store.articles import ArticleClaim, ArticleRead
from monitor.telemetry import ARTICLES, log

EXTRACT_LIMIT_S = 10.0
PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain")


async def read_article(doors: Doors, settings: Settings, claim: ArticleClaim) -> None:
    """Get the article behind an entry and clean it; the feed's own words where the page cannot be had. T2: text, status, due to judge."""
    entry = claim.entry
    before = claim.article
    if entry:
        before = replace(before, title=entry.title or before.title, summary=entry.summary, authors=entry.authors or before.authors)
    feed_text = from_feed(before.title, entry.summary if entry else before.summary, entry.content if entry else "")
    page, problem = None, ""
    if _wants_page(settings, before, feed_text):
        page, problem = await _page(doors, settings, before)
    read = _with_page(before, feed_text, page, problem)
    was_read = bool(claim.article.text)
    if was_read and (read.title, read.text) != (claim.article.title, claim.article.text):
        read = replace(read, version=read.version + 1)
    await doors.save_read(ArticleRead(article=read, attempt=claim.attempt, at=doors.clock(), problem=problem))

    ARTICLES.labels(str(read.status)).inc()
    doors.tally.articles[str(read.status)] += 1
    log.debug("read", url=read.url, status=str(read.status), problem=problem)


def _wants_page(settings: Settings, article: Article, feed_text: str) -> bool:
    """Candidates: the feed's words name a topic's term, or are too few to tell."""
    if settings.fetch == "never" or not article.url.startswith(("http://", "https://")):
        return False
    if settings.fetch == "all" or len(feed_text) < len(article.title) + 60:
        return True
    words = f"{article.title}\n{feed_text}"
    return any(mentions(topic, words) for topic in settings.topics)


async def _page(doors: Doors, settings: Settings, article: Article) -> tuple[Extraction | None, str]:
    rules = settings.rules_of(article.feed_id)
    try:
        async with doors.hosts.turn(article.url):
            response = await doors.client.get(
                article.url, accept="text/html, application/xhtml+xml;q=0.9", accept_types=PAGE_TYPES, max_bytes=rules.page_bytes, timeout_s=rules.timeout_s
            )
        content_type = response.headers.get("content-type", "")
        site = rules_for(response.url, settings.sites)
        page = await doors.sandbox.run(extract, response.body, response.url, content_type=content_type, rules=site, timeout_s=EXTRACT_LIMIT_S)
    except (FetchError, SandboxError) as error:
        return None, error.reason
    why = {page.reason} if page.status is not ArticleStatus.FULL and page.reason else set()
    return page, ", ".join(sorted(why | {problem.code for problem in page.problems}))


def _with_page(article: Article, feed_text: str, page: Extraction | None, problem: str) -> Article:
    text, status = choose_text(feed_text, page)
    if page is None:
        return replace(article, text=text, status=ArticleStatus.FAILED if problem else ArticleStatus.FEED_ONLY)
    usable = status in (ArticleStatus.FULL, ArticleStatus.PARTIAL, ArticleStatus.PAYWALLED)
    return replace(
        article,
        text=text,
        status=status,
        title=article.title or page.title,
        language=(page.language if usable else "") or article.language,
        authors=article.authors or page.authors,
        published_at=article.published_at or page.published_at,
        modified_at=page.modified_at or article.modified_at,
    )
