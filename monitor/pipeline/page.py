"""Ask for the page behind an article, with those that it goes on with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import urls
from monitor.articles.extract import Extraction, FeedSays
from monitor.articles.pages import MOST_PAGES, Page, fuller, is_part, joined, read_page
from monitor.articles.sites import asked_at, rules_for
from monitor.errors import FetchError, Refused, SandboxError
from monitor.model import Article, Response
from monitor.pipeline import outage
from monitor.pipeline.doors import Doors, FeedRules, Settings
from monitor.pipeline.robots import may_read
from monitor.pipeline.words import EXTRACT_LIMIT_S
from monitor.status import HAS_PAGE, ArticleStatus
from monitor.store.articles import ArticleClaim
from monitor.telemetry import log

PAGE_ACCEPT = "text/html, application/xhtml+xml;q=0.9"
PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
# For a host that asked to be left alone, or that does not answer. No longer, because the feed's own words may be worth
# an alert, and an alert is worth something for minutes.
WAITS_FOR = timedelta(minutes=2)
FEED_WORDS = 2_000  # characters of a summary, enough to tell an alphabet by
NO_ANSWER = ("timeout", "unreachable", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of asking. page: None where it could not be had, or did not change. problem: why not, or why not all of it.

    etag, last_modified: validators of the first page. is_unchanged: it is the page that we have (304).
    """

    page: Extraction | None = None
    problem: str = ""
    etag: str = ""
    last_modified: str = ""
    is_unchanged: bool = False


NOT_ASKED = Seen()


class Later(Exception):
    """The page is not for us to fetch now. until: when to come again; None where the claim is over and another one is under way."""

    def __init__(self, until: datetime | None):
        super().__init__(until)
        self.until = until


async def ask_page(doors: Doors, settings: Settings, claim: ArticleClaim) -> Seen:
    """The page behind an article, whole; only whether it changed where we have its text.

    raises: Later.
    """
    article, known = claim.article, claim.page
    has_text = known is not None and article.text != "" and article.status in HAS_PAGE
    validators = (known.etag, known.last_modified) if known and has_text else ("", "")
    try:
        response = await _fetched(doors, settings, claim, asked_at(article.url, settings.sites), validators)
        if response.status == 304:
            return Seen(is_unchanged=True)
        first = await _page(doors, settings, article, response)
    except FetchError as error:
        if error.retry_at and error.retry_at > doors.clock():
            _come_again(claim, error.retry_at, doors.clock())
        return Seen(problem=error.reason)
    except SandboxError as error:
        return Seen(problem=error.reason)
    page = await _whole(doors, settings, claim, first)
    why = {page.reason} if page.status is not ArticleStatus.FULL and page.reason else set()
    if page.status is not ArticleStatus.BLOCKED:  # what else is odd is the wall's
        why |= {problem.code for problem in page.problems}
    return Seen(
        page=page,
        problem=", ".join(sorted(why)),
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
    )


async def _whole(doors: Doors, settings: Settings, claim: ArticleClaim, first: Page) -> Extraction:
    """The article itself where the page is laid out for phones, and the pages that it goes on with. What cannot be had is missing, and no more."""
    if first.full_url and (full := await _further(doors, settings, claim, first.full_url)) and fuller(first.article, full.article) is full.article:
        first = full
    pages, next_url, asked = [first.article], first.next_url, {urls.url_key(claim.article.url), urls.url_key(first.article.url)}
    if first.article.status not in HAS_PAGE or first.article.status is ArticleStatus.PAYWALLED:
        return first.article
    while next_url and urls.url_key(next_url) not in asked:
        asked.add(urls.url_key(next_url))
        page = await _further(doors, settings, claim, next_url, first.url) if len(pages) < MOST_PAGES else None
        if page is None or not is_part(page.article):
            return joined(pages, is_whole=False)
        pages.append(page.article)
        next_url = page.next_url
    return joined(pages, is_whole=True) if len(pages) > 1 else first.article


async def _further(doors: Doors, settings: Settings, claim: ArticleClaim, url: str, first_url: str = "") -> Page | None:
    """raises: Later, where the claim is over."""
    try:
        return await _page(doors, settings, claim.article, await _fetched(doors, settings, claim, url), first_url)
    except (FetchError, SandboxError) as error:
        log.info("further-page-missing", url=url, of=claim.article.url, reason=error.reason)
        return None


async def _page(doors: Doors, settings: Settings, article: Article, response: Response, first_url: str = "") -> Page:
    """raises: SandboxError."""
    return await doors.sandbox.run(
        read_page,
        response.body,
        response.url,
        content_type=response.headers.get("content-type", ""),
        rules=rules_for(response.url, settings.sites),
        first_url=first_url,
        feed=FeedSays(words=f"{article.title}\n{article.summary[:FEED_WORDS]}", authors=article.authors, published_at=article.published_at),
        timeout_s=EXTRACT_LIMIT_S,
    )


async def _fetched(doors: Doors, settings: Settings, claim: ArticleClaim, url: str, validators: tuple[str, str] = ("", "")) -> Response:
    """raises: FetchError, of which hosts and sites take note here; Later, where the claim is over."""
    rules = settings.rules_of(claim.article.feed_id)
    try:
        _pass_by_if_silent(doors, url)
        delay_s = await _allowed(doors, settings, url, rules)
        async with doors.hosts.turn(url, queues=True) as turn, doors.fetching:
            turn.asks()
            now = doors.clock()
            if now >= claim.leased_until:
                raise Later(None)
            _pass_by_if_silent(doors, url)
            doors.robots.take_turn(url, delay_s, now)
            response = await doors.client.get(
                url,
                etag=validators[0],
                last_modified=validators[1],
                accept=PAGE_ACCEPT,
                accept_types=PAGE_TYPES,
                max_bytes=rules.page_bytes,
                timeout_s=rules.timeout_s,
            )
    except FetchError as error:
        if error.reason in NO_ANSWER:
            doors.silent.did_not_answer(url, doors.clock())
        if error.retry_at and error.retry_at > doors.clock() and not isinstance(error, Refused):
            await doors.hosts.hold(url, error.retry_at, rules.retry_after)
        raise
    await outage.answered(doors)
    return response


def _pass_by_if_silent(doors: Doors, url: str) -> None:
    if rests_until := doors.silent.rests_until(url, doors.clock()):
        raise Refused(url, "host-silent", "did not answer for another page a moment ago", retry_at=rests_until)


async def _allowed(doors: Doors, settings: Settings, url: str, rules: FeedRules) -> float:
    """The pause that the site wants between two pages, in seconds.

    raises: FetchError.
    """
    site = rules_for(url, settings.sites)
    if site and site.ignores_robots:
        log.info("robots-ignored", url=url, because='[sites] robots = "ignore"')
        return 0.0
    return await may_read(doors, url, rules.timeout_s, rules.retry_after)


def _come_again(claim: ArticleClaim, at: datetime, now: datetime) -> None:
    """raises: Later, unless the article has waited long enough: then the feed's own words, or those that we have, must do."""
    if now - claim.article.seen_at < WAITS_FOR:
        raise Later(min(at, claim.article.seen_at + WAITS_FOR))
