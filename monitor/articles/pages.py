"""An article on more than one page: where its other pages are, and what they make together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

from monitor import urls
from monitor.articles.blocks import weight
from monitor.articles.decode import decode_page
from monitor.articles.extract import BODY_WEIGHT, Extraction, FeedSays, Limits, extract
from monitor.articles.sites import SiteRules, linked
from monitor.late import late
from monitor.status import HAS_PAGE, ArticleStatus, Problem

MOST_PAGES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of an article.

    url: where it was fetched from. next_url: where it goes on. full_url: of a page laid out for phones (AMP), where the article itself is.
    Both "" where there is none.
    """

    article: Extraction
    url: str = ""
    next_url: str = ""
    full_url: str = ""


def read_page(
    page: bytes,
    url: str = "",
    *,
    content_type: str = "",
    rules: SiteRules | None = None,
    first_url: str = "",
    limits: Limits = Limits(),  # noqa: B008
    feed: FeedSays = FeedSays(),  # noqa: B008
) -> Page:
    """What is on a page, as `extract` says, the posts of a live blog with their times, and where the rest of the article is.

    first_url: of the article's first page, where this is a further one.
    """
    article = extract(page, url, content_type=content_type, rules=rules, limits=limits, feed=feed)
    if rules and rules.keep and article.status in _TOO_LITTLE:
        article = _searched(article, extract(page, url, content_type=content_type, rules=replace(rules, keep=()), limits=limits, feed=feed))
    if article.status in (ArticleStatus.FAILED, ArticleStatus.BLOCKED):
        return Page(article=article, url=url)
    has_posts, may_be_amp = b"liveBlogUpdate" in page, bool(_AMP.search(page[:_HEAD_BYTES]))
    may_go_on = bool(rules and rules.next_page) or bool(_NEXT_HINT.search(page.lower()))
    if not (has_posts or may_go_on or may_be_amp):
        return Page(article=article, url=url)
    markup = decode_page(page, content_type, limits).text
    if has_posts:
        article = _with_posts(article, markup)
    is_amp = may_be_amp and urls.outlet(article.declared_url) == urls.outlet(url) != ""
    full_url = article.declared_url if is_amp and article.declared_url != urls.canonical(url) else ""
    next_url = _next_url(markup, url, first_url or url, rules) if may_go_on else ""
    return Page(article=article, url=url, next_url=next_url, full_url=full_url)


_TOO_LITTLE = (ArticleStatus.PARTIAL, ArticleStatus.EMPTY, ArticleStatus.NOT_AN_ARTICLE)


def _searched(kept: Extraction, searched: Extraction) -> Extraction:
    """Where a site has changed, what its `keep` rule still finds may be a standfirst; then the page as a whole has the article."""
    if searched.status is not ArticleStatus.FULL or weight(searched.text) < 2 * weight(kept.text):
        return kept
    problem = Problem(code="keep-found-too-little", detail=f"{len(kept.text)} characters of {len(searched.text)}")
    return replace(searched, problems=tuple(dict.fromkeys((*kept.problems, problem))))


# AMP's mark, as a word or as its sign (https://amp.dev/documentation/guides-and-tutorials/learn/spec/amphtml).
_AMP = late(rb"<html(?=\s)[^>]{0,500}?\s(?:amp|\xe2\x9a\xa1(?:\xef\xb8\x8f)?)(?=[\s=>/])", re.IGNORECASE)
_HEAD_BYTES = 5_000
# Of small letters; begins with plain ones, which the engine finds ten times as fast as a border of words.
_NEXT_HINT = late(rb"rel(?<!\wrel)\s*=\s*[\"']?[\w -]{0,40}?\bnext\b")


def _with_posts(article: Extraction, markup: str) -> Extraction:
    from monitor.articles.live import posts_of, with_posts  # few pages need it

    posts = posts_of(markup)
    text = with_posts(article.text, posts)
    if article.status in HAS_PAGE or not any(post.text for post in posts):
        return replace(article, text=text)
    return replace(article, text=text, status=ArticleStatus.FULL, reason="complete")  # stated by the page itself, whatever it looks like


# ------------------------------------------------------------------------------------------- the next page
_LINK = late(r"<(?:a|link)\s[^<>]{0,2000}>", re.IGNORECASE)
_REL_NEXT = late(r"\brel\s*=\s*(?:\"[^\"]*\bnext\b[^\"]*\"|'[^']*\bnext\b[^']*'|next\b)", re.IGNORECASE)
_HREF = late(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def _next_url(markup: str, url: str, first_url: str, rules: SiteRules | None) -> str:
    """The operator's own link, wherever it leads on the site; else rel=next, if it leads to a further page of the same article."""
    if rules and rules.next_page and (link := linked(markup, rules.next_page)):
        address = urls.canonical(_joined(url, link))
        return address if urls.outlet(address) == urls.outlet(url) else ""
    for tag in _LINK.findall(markup):
        if _REL_NEXT.search(tag) and (found := _HREF.search(tag)):
            address = urls.canonical(_joined(url, unescape(next(filter(None, found.groups()), ""))))
            if is_further_page(first_url, address):
                return address
    return ""


def _joined(url: str, address: str) -> str:
    try:
        return urljoin(url, address.strip())
    except ValueError:
        return ""


# A number behind an article's address, with or without a word for page.
_NUMBERED = r"[/,_.-](?:(?:page|p|s|seite|strona|stranica|storinka|pagina|página|side|sida|sivu)[/_=-]?)?[0-9]{1,2}(?:\.[a-z]{3,5})?/?"
_FIRST = late(r"(?<=[^/])[/,_.-](?:page[/_=-]?)?[01]$")
_EXTENSION = late(r"\.(?:s?html?|php|aspx?)$")


def is_further_page(first: str, other: str) -> bool:
    """Whether an address is that of a further page of the article at another one: the same host and path, but for the number of the page.

    rel=next alone says little: blogs name their next article so, and sections their next list.
    """
    one, two = urlsplit(urls.canonical(first)), urlsplit(urls.canonical(other))
    if not two.netloc or one.netloc != two.netloc or one.geturl() == two.geturl():
        return False
    if one.path.rstrip("/") == two.path.rstrip("/"):
        return _is_only_numbered(one.query, two.query)
    base = _EXTENSION.sub("", one.path.rstrip("/"))
    bases = {base, _FIRST.sub("", base)} - {""}
    return one.query == two.query and any(re.fullmatch(re.escape(base) + _NUMBERED, two.path, re.IGNORECASE) for base in bases)


def _is_only_numbered(first: str, other: str) -> bool:
    """Whether a query is another one with the number of a page."""
    before, after = parse_qsl(first, keep_blank_values=True), parse_qsl(other, keep_blank_values=True)
    added = [pair for pair in after if pair not in before]
    left = [pair for pair in before if pair not in after]
    if len(added) != 1 or not re.fullmatch(r"[0-9]{1,2}", added[0][1]):
        return False
    return not left or (len(left) == 1 and left[0][0] == added[0][0] and left[0][1] in ("", "0", "1"))


# ---------------------------------------------------------------------------------------------- together
def fuller(phone: Extraction, full: Extraction) -> Extraction:
    """Of the page for phones and the article's own the one to read: the latter, unless it says clearly less."""
    is_better = full.status in HAS_PAGE and (phone.status not in HAS_PAGE or 3 * weight(full.text) >= 2 * weight(phone.text))
    return full if is_better else phone


def is_part(page: Extraction) -> bool:
    """Whether a further page has some of the article. It need not look like one by itself."""
    looks_like_none = page.status is ArticleStatus.NOT_AN_ARTICLE and page.reason not in ("not-found", "maintenance", "not-html")
    return page.status in HAS_PAGE or (looks_like_none and weight(page.text) >= BODY_WEIGHT)


def joined(pages: Sequence[Extraction], *, is_whole: bool) -> Extraction:
    """One article out of its pages, in order; lines that an earlier page has already (its standfirst, its teasers) stand there once.

    is_whole: false where a further page could not be had, or there were more of them than we read.
    """
    first, lines = pages[0], list[str]()
    for page in pages:
        had = set(lines)
        lines += [line for line in page.text.splitlines() if line not in had]
    article = replace(first, text="\n".join(lines), problems=tuple(dict.fromkeys(problem for page in pages for problem in page.problems)))
    if not is_whole:
        missing = Problem(code="pages-missing", detail=f"{len(pages)} were read")
        return replace(article, status=ArticleStatus.PARTIAL, reason="pages-missing", problems=(*article.problems, missing))
    worst = next((page for page in pages[1:] if page.status in (ArticleStatus.PARTIAL, ArticleStatus.PAYWALLED)), None)
    if worst:
        return replace(article, status=worst.status, reason=worst.reason)
    if first.reason in ("shorter-than-stated", "cut-off", "teaser"):  # the others have the rest
        return replace(article, status=ArticleStatus.FULL, reason="complete")
    return article
