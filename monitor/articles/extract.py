"""A page's bytes become an article's text, its metadata and a status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor import urls
from monitor.articles.body import best_text, main_text, offer_line, script_state_text, without_asides
from monitor.articles.decode import Limits, decode_page
from monitor.articles.feed_text import from_feed, parsed
from monitor.articles.grade import Grade, completeness, is_article, is_cut, stub_grade, weight
from monitor.articles.hidden import drop_hidden
from monitor.articles.metadata import Metadata, declared_url, metadata_of
from monitor.articles.sites import SiteRules, apply_rules
from monitor.articles.structure import arranged
from monitor.model import ArticleStatus, Problem

__all__ = ["Extraction", "Limits", "article_json", "choose_text", "extract", "from_feed"]

# Less than this is a caption or a button, not a body.
BODY_WEIGHT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What a page gave.

    text: plain, paragraphs separated by "\\n"; it is also filled for `blocked` and `not-an-article`, for a look by hand.
    url: canonical. declared_url: what rel=canonical says, also of another site. site: the outlet's name, or its host. reason: a stable code for the status.
    """

    status: ArticleStatus
    reason: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str = ""
    text: str = ""
    url: str = ""
    declared_url: str = ""
    site: str = ""
    problems: tuple[Problem, ...] = ()


def extract(page: bytes, url: str = "", *, content_type: str = "", rules: SiteRules | None = None, limits: Limits = Limits()) -> Extraction:  # noqa: B008
    """The article on a page. Bad pages do not raise: the status and the problems say what was wrong.

    url: where the page was fetched from, "" where unknown. content_type: the HTTP header's value.
    rules: the operator's selectors for this site.
    """
    decoded = decode_page(page, content_type, limits)
    if decoded.stopper:
        status = ArticleStatus.NOT_AN_ARTICLE if decoded.stopper.code == "not-html" else ArticleStatus.FAILED
        return Extraction(status=status, reason=decoded.stopper.code, url=_address(url), problems=(decoded.stopper,))
    markup, problems = apply_rules(decoded.text, rules) if rules else (decoded.text, ())
    problems = decoded.oddities + problems
    tree = parsed(markup) if markup.strip() else None
    if tree is None:
        return Extraction(status=ArticleStatus.EMPTY, reason="no-markup", url=_address(url), problems=problems)
    metadata = metadata_of(tree, url)
    drop_hidden(tree)
    text, grade = _graded_text(tree, metadata, url)
    return Extraction(
        status=grade.status,
        reason=grade.reason,
        title=metadata.title,
        authors=metadata.authors,
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        language=metadata.language,
        text=text,
        url=metadata.url,
        declared_url=declared_url(tree, url),
        site=metadata.site,
        problems=problems,
    )


def _address(url: str) -> str:
    return urls.canonical(url) or url


def _graded_text(tree: HtmlElement, metadata: Metadata, url: str) -> tuple[str, Grade]:
    text = best_text(main_text(tree, url), metadata.body)
    if not metadata.claims_article and (grade := stub_grade(tree, text, metadata.title)):
        return text, grade
    if weight(text) < BODY_WEIGHT:
        text = max(text, metadata.body, script_state_text(tree), key=len)
    text = without_asides(arranged(tree, text, title=metadata.title, description=metadata.description).text, metadata.title, metadata.authors)
    if weight(text) < BODY_WEIGHT and not metadata.claims_article:
        return text, Grade(status=ArticleStatus.EMPTY, reason="no-text")
    if not is_article(tree, metadata, url):
        return text, Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason="list-or-product")
    offer = offer_line(text)
    grade = completeness(text, metadata, has_offer=offer is not None, was_cut=is_cut(text))
    if grade.status is ArticleStatus.PAYWALLED and offer is not None:
        text = "\n".join(text.splitlines()[:offer])
    if not text.strip():
        grade = Grade(status=ArticleStatus.EMPTY, reason="no-text")
    return text, grade


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
    if extraction.status in _USABLE and weight(feed_text) >= FULL_FEED_WEIGHT and not is_cut(feed_text):
        return feed_text, ArticleStatus.FULL
    return feed_text, extraction.status


_USABLE = frozenset((ArticleStatus.FULL, ArticleStatus.PARTIAL, ArticleStatus.PAYWALLED))
FULL_FEED_WEIGHT = 1_200


def article_json(extraction: Extraction, url: str) -> Mapping[str, object]:
    """The document of `articles extract` (CONTRACT, Command line). url: given to the command, for pages that name none."""
    return {
        "status": str(extraction.status),
        "title": extraction.title,
        "authors": list(extraction.authors),
        "published_at": _iso(extraction.published_at),
        "modified_at": _iso(extraction.modified_at),
        "language": extraction.language,
        "text": extraction.text,
        "url": extraction.url or url,
        "site": extraction.site,
    }


def _iso(when: datetime | None) -> str | None:
    return when.isoformat().replace("+00:00", "Z") if when else None
