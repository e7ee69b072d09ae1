"""Step 2: get the article behind an entry, and clean it."""

from dataclasses import replace
from datetime import datetime, timedelta

from monitor import urls
from monitor.alerts.headline import differs_materially
from monitor.articles.extract import Extraction, choose_text, extract
from monitor.articles.sites import rules_for
from monitor.errors import FetchError, Refused, SandboxError, StoreError, Unreachable
from monitor.matcher.match import prepare
from monitor.model import Article, ArticleStatus, Response
from monitor.pipeline import outage
from monitor.pipeline.doors import OWN_ARTICLE, Doors, FeedRules, Settings
from monitor.pipeline.robots import may_read
from monitor.pipeline.words import EXTRACT_LIMIT_S, without_page, words_of
from monitor.store import articles as rows
from monitor.store.articles import ArticleClaim, ArticleRead
from monitor.telemetry import ARTICLES, STEP_ERRORS, log

PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
HAS_PAGE = (ArticleStatus.FULL, ArticleStatus.PARTIAL, ArticleStatus.PAYWALLED)
# For a host that asked to be left alone, or that does not answer. No longer, because the feed's own words may be worth
# an alert, and an alert is worth something for minutes.
WAITS_FOR = timedelta(minutes=2)
# Walls that may be gone tomorrow: readers have agreed to them, or a banner was tried out. Asked for once more, never a third time.
WALLS = ("consent", "login")
NOT_NOW = ("robots-unavailable",)
AGAIN_AFTER = timedelta(days=1)
NO_ANSWER = ("timeout", "unreachable", "refused")


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
        bare = replace(claim.article, text=claim.article.text or claim.article.summary, status=ArticleStatus.FAILED)
        await doors.save_read(ArticleRead(article=bare, attempt=claim.attempt, at=doors.clock(), problem=f"internal: {type(error).__name__}"))


async def _read(doors: Doors, settings: Settings, claim: ArticleClaim) -> None:
    entry = claim.entry
    before = claim.article
    if entry:
        before = replace(before, title=entry.title or before.title, summary=entry.summary, authors=entry.authors or before.authors)
    feed_text = await words_of(doors, before.title, entry.summary if entry else before.summary, entry.content if entry else "")
    page, problem = None, ""
    if _wants_page(settings, before, feed_text):
        try:
            page, problem = await _page(doors, settings, claim)
        except _Later as later:
            if later.until:
                await doors.database.write(rows.postpone_read, claim, later.until)
            return
    keeps_page = page is None and problem and before.text and before.status in HAS_PAGE
    read = before if keeps_page else _with_page(before, feed_text, page, problem)  # an edit must not cost us the page that we have
    was_read = bool(claim.article.text)
    if was_read and (read.title, read.text) != (claim.article.title, claim.article.text):
        read = replace(read, version=read.version + 1)
    now = doors.clock()
    found = ArticleRead(article=read, attempt=claim.attempt, at=now, problem=problem, page_again_at=_page_again_at(claim, page, problem, now))
    await doors.save_read(await _identified(doors, found, page) if page else found)

    ARTICLES.labels(str(read.status)).inc()
    doors.tally.articles[str(read.status)] += 1
    log.debug("read", url=read.url, status=str(read.status), problem=problem)


async def _identified(doors: Doors, found: ArticleRead, page: Extraction) -> ArticleRead:
    """What the page says of its own address, and whether it is a page that we have.

    Only its own site's word counts, another's is kept for a look by hand. Templates that give one address to all their pages are
    a common mistake, so the headlines have to agree too. A page that was judged already, or that is news while the older one is not, is itself.
    """
    article, key = found.article, urls.url_key(page.url)
    found = replace(found, canonical_url=page.declared_url)
    if article.status not in HAS_PAGE or "/" not in key:
        return found
    found = replace(found, canonical_key=key if key != article.url_key else "")
    older = await doors.database.read(rows.older_article, key, article.id)
    if older is None or article.story_id is not None or (older.is_backfill and not article.is_backfill) or differs_materially(older.title, article.title):
        return found
    return replace(found, duplicate_of=older.id)


def _wants_page(settings: Settings, article: Article, feed_text: str) -> bool:
    """Candidates: the feed's words name a topic's term, or are too few to tell."""
    if (
        without_page(settings, is_backfill=article.is_backfill)
        or not article.url.startswith(("http://", "https://"))
        or article.url_key.startswith(OWN_ARTICLE)
    ):
        return False
    if settings.fetch == "all" or len(feed_text) < len(article.title) + 60:
        return True
    return settings.topics.mentions(prepare(article.title, feed_text))


def _page_again_at(claim: ArticleClaim, page: Extraction | None, problem: str, now: datetime) -> datetime | None:
    """A day after a wall was met for the first time; the time stays, so that what lies behind it is not asked for again."""
    is_wall = page.reason in WALLS if page else problem in NOT_NOW
    return claim.page_again_at or (now + AGAIN_AFTER if is_wall else None)


class _Later(Exception):
    """The page is not for us to fetch now. until: when to come again; None where the claim is over and another one is under way."""

    def __init__(self, until: datetime | None):
        super().__init__(until)
        self.until = until


async def _page(doors: Doors, settings: Settings, claim: ArticleClaim) -> tuple[Extraction | None, str]:
    """raises: _Later."""
    article = claim.article
    try:
        response = await _fetched(doors, settings, claim)
        await outage.answered(doors)
        content_type, site = response.headers.get("content-type", ""), rules_for(response.url, settings.sites)
        page = await doors.sandbox.run(extract, response.body, response.url, content_type=content_type, rules=site, timeout_s=EXTRACT_LIMIT_S)
    except FetchError as error:
        if error.reason in NO_ANSWER:
            doors.silent.did_not_answer(article.url, doors.clock())
        if error.retry_at and error.retry_at > doors.clock():
            if not isinstance(error, Refused):
                await doors.hosts.hold(article.url, error.retry_at, settings.rules_of(article.feed_id).retry_after)
            _come_again(article, error.retry_at, doors.clock())
        return None, error.reason
    except SandboxError as error:
        return None, error.reason
    why = {page.reason} if page.status is not ArticleStatus.FULL and page.reason else set()
    return page, ", ".join(sorted(why | {problem.code for problem in page.problems}))


async def _fetched(doors: Doors, settings: Settings, claim: ArticleClaim) -> Response:
    url, rules = claim.article.url, settings.rules_of(claim.article.feed_id)
    _pass_by_if_silent(doors, claim)
    delay_s = await _allowed(doors, settings, url, rules)
    async with doors.hosts.turn(url), doors.fetching:
        now = doors.clock()
        if now >= claim.leased_until:
            raise _Later(None)
        _pass_by_if_silent(doors, claim)
        doors.robots.take_turn(url, delay_s, now)
        return await doors.client.get(
            url, accept="text/html, application/xhtml+xml;q=0.9", accept_types=PAGE_TYPES, max_bytes=rules.page_bytes, timeout_s=rules.timeout_s
        )


def _pass_by_if_silent(doors: Doors, claim: ArticleClaim) -> None:
    now = doors.clock()
    if rests_until := doors.silent.rests_until(claim.article.url, now):
        _come_again(claim.article, rests_until, now)
        raise Unreachable(claim.article.url, "host-silent", "did not answer for another page a moment ago")


async def _allowed(doors: Doors, settings: Settings, url: str, rules: FeedRules) -> float:
    """The pause that the site wants between two pages, in seconds.

    raises: FetchError.
    """
    site = rules_for(url, settings.sites)
    if site and site.ignores_robots:
        log.info("robots-ignored", url=url, because='[sites] robots = "ignore"')
        return 0.0
    return await may_read(doors, url, rules.timeout_s, rules.retry_after)


def _come_again(article: Article, at: datetime, now: datetime) -> None:
    """raises: _Later, unless the article has waited long enough: then the feed's own words must do."""
    if now - article.seen_at < WAITS_FOR:
        raise _Later(min(at, article.seen_at + WAITS_FOR))


def _with_page(article: Article, feed_text: str, page: Extraction | None, problem: str) -> Article:
    text, status = choose_text(feed_text, page)
    if page is None:
        was_tried = problem and problem != "robots"
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
        title=article.title or page.title,
        language=(page.language if usable else "") or article.language,
        authors=article.authors or page.authors,
        published_at=article.published_at or page.published_at,
        modified_at=page.modified_at or article.modified_at,
    )
