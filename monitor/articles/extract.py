"""A page's bytes become an article's text, its metadata and a status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor import urls
from monitor.articles.blocks import blocks_of, weight
from monitor.articles.body import best_text, fuller_text, main_text, offer_line, script_state_text, second_opinion, without_asides
from monitor.articles.decode import Limits, decode_page
from monitor.articles.feed_text import from_feed, parsed
from monitor.articles.grade import SHORT_WEIGHT, TEASER_WEIGHT, Grade, completeness, is_cut, other_page, stub_grade
from monitor.articles.hidden import drop_hidden, may_hide
from monitor.articles.language import language_of
from monitor.articles.metadata import Metadata, authors_of_text, declared_url, folded, metadata_of
from monitor.articles.sites import SiteRules, apply_rules
from monitor.articles.structure import arranged, plain_places
from monitor.status import ArticleStatus, Problem

__all__ = ["Extraction", "FeedSays", "Limits", "article_json", "choose_text", "extract", "from_feed"]

# Less than this is a caption or a button, not a body.
BODY_WEIGHT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What a page gave.

    text: plain, paragraphs separated by "\n"; it is also filled for `blocked` and `not-an-article`, for a look by hand.
    captions: of the pictures between its paragraphs, in their order. authors: people, without "by" and roles; the outlet where it signs itself.
    language: of the text, as ISO 639-1. url: canonical. declared_url: what rel=canonical says, also of another site.
    site: the outlet's name, or its host. section, keywords: as the outlet files it. image_url: of the lead picture, never fetched.
    reason: a stable code for the status.
    """

    status: ArticleStatus
    reason: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str = ""
    text: str = ""
    captions: tuple[str, ...] = ()
    url: str = ""
    declared_url: str = ""
    site: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    image_url: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSays:
    """What a feed says of an article, before its page is read.

    words: they tell which table the page's letters are in where it lies about that. authors, published_at: for a page
    that does not state them; it is not searched for them then, which takes a fourth of the time.
    """

    words: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None


def extract(
    page: bytes,
    url: str = "",
    *,
    content_type: str = "",
    rules: SiteRules | None = None,
    limits: Limits = Limits(),  # noqa: B008
    feed: FeedSays = FeedSays(),
) -> Extraction:
    """The article on a page. Bad pages do not raise: the status and the problems say what was wrong.

    url: where the page was fetched from, "" where unknown. content_type: the HTTP header's value.
    rules: the operator's selectors for this site. feed: what is known of the article from elsewhere.
    """
    url = url if _is_address(url) else ""
    decoded = decode_page(page, content_type, limits, sample=feed.words)
    if decoded.stopper:
        status = ArticleStatus.NOT_AN_ARTICLE if decoded.stopper.code == "not-html" else ArticleStatus.FAILED
        return Extraction(status=status, reason=decoded.stopper.code, url=_address(url), problems=(decoded.stopper,))
    markup, problems = apply_rules(decoded.text, rules) if rules else (decoded.text, ())
    problems = decoded.oddities + problems
    tree = parsed(markup) if markup.strip() else None
    if tree is None:
        return Extraction(status=ArticleStatus.EMPTY, reason="no-markup", url=_address(url), problems=problems)
    metadata = metadata_of(tree, url, authors=feed.authors, published_at=feed.published_at)
    if may_hide(markup):
        drop_hidden(tree)
    reading = _reading(tree, metadata, url)
    language = language_of("", reading.text, declared=metadata.language)
    if metadata.language and language != metadata.language:
        problems += (Problem(code="other-language", detail=f"declared {metadata.language}, reads as {language}"),)
    return Extraction(
        status=reading.grade.status,
        reason=reading.grade.reason,
        title=metadata.title,
        authors=reading.authors,
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        language=language,
        text=reading.text,
        captions=reading.captions,
        url=metadata.url,
        declared_url=declared_url(tree, url),
        site=metadata.site,
        section=metadata.section,
        keywords=metadata.keywords,
        image_url=metadata.image_url,
        problems=problems,
    )


def _is_address(url: str) -> bool:
    """Whether an address reads as one; "http://[bad" does not and says nothing."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _address(url: str) -> str:
    return urls.canonical(url) or url


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What the text is, who wrote it, and how much of an article that makes."""

    text: str
    grade: Grade
    authors: tuple[str, ...]
    captions: tuple[str, ...] = ()


def _reading(tree: HtmlElement, metadata: Metadata, url: str) -> _Reading:
    blocks = blocks_of(tree)
    places = plain_places(blocks)
    found = "\n".join(blocks[place].text for place in places) or main_text(tree, url)
    text = best_text(found, metadata.body)
    if not metadata.claims_article and (grade := stub_grade(tree, text, metadata.title, url)):
        return _Reading(text=text, grade=grade, authors=metadata.authors)
    if weight(text) < SHORT_WEIGHT:
        text = fuller_text(text, (second_opinion(tree), metadata.body, script_state_text(tree)))
    arrangement = arranged(blocks, text, title=metadata.title, description=metadata.description, places=places if text is found else ())
    authors = metadata.authors
    if not any(folded(name) not in metadata.outlets for name in authors):
        authors = authors_of_text(arrangement.text.splitlines()) or authors
    text = without_asides(arrangement.text, metadata.title, authors)
    captions = arrangement.captions
    if weight(text) < TEASER_WEIGHT and weight("".join(captions)) > weight(text):  # a story told in pictures
        text = "\n".join((*filter(None, (text,)), *captions))
    grade = _grade(tree, text, metadata, url)
    if grade.status is ArticleStatus.PAYWALLED and (offer := offer_line(text)) is not None:
        text = "\n".join(text.splitlines()[:offer])
    if not text.strip() and grade.status in _USABLE:
        grade = Grade(status=ArticleStatus.EMPTY, reason="no-text")
    return _Reading(text=text, grade=grade, authors=authors, captions=captions)


def _grade(tree: HtmlElement, text: str, metadata: Metadata, url: str) -> Grade:
    if weight(text) < BODY_WEIGHT and not metadata.claims_article:
        return Grade(status=ArticleStatus.EMPTY, reason="no-text")
    if (grade := other_page(tree, metadata, text, url)) is not None:
        return grade
    return completeness(text, metadata)


def choose_text(feed_text: str, extraction: Extraction | None) -> tuple[str, ArticleStatus]:
    """Which text stands for the article, and how much of it that is.

    The page's, unless it is no article or says clearly less than the feed already did.
    extraction: None where the page was not asked for.
    """
    if extraction is None:
        return feed_text, ArticleStatus.FEED_ONLY
    is_teaser = extraction.reason == "teaser" and bool(feed_text)
    if extraction.status in _USABLE and not is_teaser and 3 * weight(extraction.text) >= 2 * weight(feed_text):
        return extraction.text, extraction.status
    # A long feed text is the article, whatever became of the page.
    if extraction.status in _USABLE and is_whole(feed_text):
        return feed_text, ArticleStatus.FULL
    return feed_text, extraction.status


def is_whole(feed_text: str) -> bool:
    """Whether a feed's text is as long as an article, and does not break off or point on."""
    return weight(feed_text) >= FULL_FEED_WEIGHT and not is_cut(feed_text)


_USABLE = frozenset((ArticleStatus.FULL, ArticleStatus.PARTIAL, ArticleStatus.PAYWALLED))
FULL_FEED_WEIGHT = 1_200


def article_json(extraction: Extraction, url: str) -> Mapping[str, object]:
    """The document of `articles extract` (CONTRACT, Command line). url: given to the command, for pages that name none."""
    return {
        "status": str(extraction.status),
        "reason": extraction.reason,
        "title": extraction.title,
        "authors": list(extraction.authors),
        "published_at": _iso(extraction.published_at),
        "modified_at": _iso(extraction.modified_at),
        "language": extraction.language,
        "text": extraction.text,
        "captions": list(extraction.captions),
        "url": extraction.url or url,
        "site": extraction.site,
        "section": extraction.section,
        "keywords": list(extraction.keywords),
        "image_url": extraction.image_url,
        "problems": [{"code": problem.code, "detail": problem.detail} for problem in extraction.problems],
    }


def _iso(when: datetime | None) -> str | None:
    return when.isoformat().replace("+00:00", "Z") if when else None
