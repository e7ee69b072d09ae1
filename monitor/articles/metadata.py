"""What a page says about itself: title, authors, dates, language, address, and what kind of page it is.

JSON-LD is believed first: its dates are right to the minute where the others know only the day
(research/extraction.md §2: 1.00 against 0.82 on the development pages).
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor import urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """A page's own words about itself.

    published_at, modified_at: aware UTC. url: canonical address. site: the outlet's name, else its host.
    claims_article: JSON-LD says so. hints_article: only the tags for social media do. claims_other: it is a product,
    a list, a profile. description: the page's own summary of itself. is_locked: marked as not free (schema.org isAccessibleForFree).
    body: JSON-LD's articleBody as plain text, "" where there is none. word_count: as JSON-LD says, 0 where it does not.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str = ""
    url: str = ""
    site: str = ""
    claims_article: bool = False
    hints_article: bool = False
    claims_other: bool = False
    is_locked: bool = False
    description: str = ""
    body: str = ""
    word_count: int = 0


def metadata_of(tree: HtmlElement, url: str) -> Metadata:
    """Everything the page says about itself, JSON-LD before meta tags before what stands on the page.

    tree: not changed. url: the address it was fetched from, "" where unknown.
    """
    nodes = list(_linked_data(tree))
    article = _main_article(nodes)
    meta = _meta_tags(tree)
    published_at = _published_at(article, meta, tree, url)
    return Metadata(
        title=_title(article, meta, tree),
        authors=_authors(article, meta, tree),
        published_at=published_at,
        modified_at=_first_moment(article.get("dateModified"), meta.get("article:modified_time"), meta.get("og:updated_time")),
        language=_language(article, meta, tree),
        url=canonical_url(tree, meta, url),
        site=_site(article, nodes, meta, url),
        claims_article=bool(article),
        hints_article=meta.get("og:type", "").lower() in _ARTICLE_OG_TYPES or "article:published_time" in meta,
        claims_other=not article and (_claims_other(nodes) or meta.get("og:type", "").lower().startswith("product")),
        is_locked=str(article.get("isAccessibleForFree", "")).lower() == "false",
        description=_text(meta.get("og:description") or meta.get("description") or article.get("description") or meta.get("twitter:description")),
        body=_plain(article.get("articleBody")),
        word_count=_count(article.get("wordCount")),
    )


# ---------------------------------------------------------------------------------------- JSON-LD
_ARTICLE_TYPE = re.compile(r"(?:^|[a-z])(?:Article|BlogPosting|LiveBlogPosting|Review|Report|PressRelease)$|^(?:article|newsarticle)$")
_OTHER_TYPES = frozenset(("Product", "CollectionPage", "SearchResultsPage", "ProfilePage", "ContactPage", "AboutPage", "CheckoutPage", "JobPosting"))
_ARTICLE_OG_TYPES = frozenset(("article", "news", "news.article", "newsarticle", "blog", "video.other"))
_NESTED_KEYS = ("@graph", "mainEntity", "mainEntityOfPage")
_NODES = 200


def _linked_data(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every top-level node of the page's JSON-LD, graphs opened; broken scripts are skipped."""
    scripts = (script for script in tree.iter("script") if "ld+json" in (script.get("type") or "").lower())
    queue = [_read_json(script.text or "") for script in scripts]
    for _ in range(_NODES):
        if not queue:
            return
        node = queue.pop(0)
        if isinstance(node, list):
            queue[:0] = node[:_NODES]
        elif isinstance(node, dict):
            yield node
            queue += [node[key] for key in _NESTED_KEYS if isinstance(node.get(key), dict | list)]


def _read_json(text: str) -> Any:
    text = text.strip().removeprefix("<!--").removesuffix("-->").removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
    try:
        return json.loads(text, strict=False)  # raw line breaks inside strings are common
    except (ValueError, RecursionError):
        return None


def _types(node: dict[str, Any]) -> list[str]:
    return [str(name).rsplit("/", 1)[-1] for name in _listed(node.get("@type"))]


def _main_article(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The node about the article itself: the one that says most, for some pages carry stubs of related ones first."""
    articles = [node for node in nodes if any(_ARTICLE_TYPE.search(name) for name in _types(node))]
    wanted = ("headline", "datePublished", "author", "articleBody", "wordCount", "dateModified")
    return max(articles, key=lambda node: sum(key in node for key in wanted), default={})


def _claims_other(nodes: list[dict[str, Any]]) -> bool:
    # A subscription is marked up as ["CreativeWork", "Product"] on the article's own page.
    return any(not _OTHER_TYPES.isdisjoint(types) and "CreativeWork" not in types for types in map(_types, nodes))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _count(value: Any) -> int:
    digits = re.sub(r"\D", "", str(value or ""))[:7]
    return int(digits) if digits else 0


def _text(value: Any) -> str:
    """A JSON-LD string in one clean line; objects give their name."""
    if isinstance(value, list):
        value = next((part for part in value if part), "")
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or ""
    if not isinstance(value, str):
        return ""
    return " ".join(re.sub(r"<[^<>]{1,200}>", "", html.unescape(value)).split())


def _plain(value: Any) -> str:
    """articleBody as lines; some sites put HTML into it."""
    text = "\n".join(part for part in _listed(value) if isinstance(part, str))
    if "<" in text or "&" in text:
        from monitor.articles.feed_text import plain_text  # bs4 is slow to import

        return plain_text(text)
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


# -------------------------------------------------------------------------------------- meta tags
def _meta_tags(tree: HtmlElement) -> dict[str, str]:
    """First content of every named meta tag, names in lower case."""
    tags: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or "").lower()
        content = (meta.get("content") or "").strip()
        if name and content:
            tags.setdefault(name, content)
    return tags


# ------------------------------------------------------------------------------------------ title
def _title(article: dict[str, Any], meta: dict[str, str], tree: HtmlElement) -> str:
    social = _text(meta.get("og:title") or meta.get("twitter:title"))
    candidates = (_text(article.get("headline")), _heading(tree, social), social, _document_title(tree))
    title = next((title for title in candidates if title), "")
    head, tail = _parted(title)
    return (head if head and _folded(tail) == _folded(meta.get("og:site_name", "")) else title)[:500]


def _heading(tree: HtmlElement, social: str) -> str:
    """The h1, where there is one; of several, the one that shares most words with the title for social media."""
    headings = [" ".join(heading.text_content().split()) for heading in tree.iter("h1")]
    headings = [heading for heading in headings[:50] if 1 < len(heading) <= 300]
    if len(headings) < 2:
        return headings[0] if headings else ""
    words = set(social.lower().split())
    return max(headings, key=lambda heading: len(words & set(heading.lower().split())))


def _document_title(tree: HtmlElement) -> str:
    title = tree.find(".//head/title")
    whole = " ".join(title.text_content().split()) if title is not None else ""
    head, tail = _parted(whole)
    return head if len(head) > 2 * len(tail) else whole


def _parted(title: str) -> tuple[str, str]:
    """Both parts of `Headline - Outlet` or `Headline | Outlet`; the second is empty where there is no such sign."""
    found = re.match(r"(.*)\s[|–—·-]\s(.*)$", title)
    return (found[1].strip(), found[2].strip()) if found else (title, "")


# ---------------------------------------------------------------------------------------- authors
_NO_NAME = re.compile(r"^https?:|^www\.|@|^(?:admin|staff|editor|redaktion|redakcja|null|undefined|none)$", re.IGNORECASE)
_BY = re.compile(r"^(?:written by|words by|by|von|por|par|di|door|av|af|текст:|автор:?)\s+", re.IGNORECASE)


def _authors(article: dict[str, Any], meta: dict[str, str], tree: HtmlElement) -> tuple[str, ...]:
    """People first: many pages name the outlet in JSON-LD and the writer only in the byline."""
    outlet = {_folded(name) for name in (meta.get("og:site_name"), _text(article.get("publisher"))) if name}
    stated = [_names(source) for source in (_people(article), meta.get("author"), meta.get("parsely-author"), meta.get("article:author"))]
    for names in stated:
        if names and not all(_folded(name) in outlet for name in names):
            return names
    from trafilatura.metadata import extract_author  # slow to import

    byline = _names((extract_author(tree) or "").split(";"))
    return byline or _names(article.get("author")) or next((names for names in stated if names), ())


def _people(article: dict[str, Any]) -> list[Any]:
    authors = _listed(article.get("author")) or _listed(article.get("creator"))
    return [author for author in authors if not (isinstance(author, dict) and "Organization" in " ".join(_types(author)))]


def _folded(name: str) -> str:
    return re.sub(r"\W", "", name).casefold()


def _names(source: Any) -> tuple[str, ...]:
    names: list[str] = []
    for part in _listed(source)[:30]:
        for name in _BETWEEN_NAMES.split(_BY.sub("", _text(part))):
            # "Elena Oberholzer (obe)": initials are for the newsroom.
            name = re.sub(r"\s*\([^()]{1,8}\)$", "", name).strip(" ,;|")
            if 1 < len(name) <= 100 and not _NO_NAME.search(name) and name not in names:
                names.append(name)
    return tuple(names)


_BETWEEN_NAMES = re.compile(r"\s*;\s*|\s*,\s*(?=\S+\s+\S)|\s+(?:&|and|und|et|та)\s+(?=\w+\s+\w)")


# ------------------------------------------------------------------------------------------ dates
_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
_FRACTION = re.compile(r"\.(\d{1,9})")
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_PUBLISHED_META = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "pubdate",
    "publishdate",
    "publish-date",
    "article.published",
    "date",
    "dc.date",
)


def moment(value: Any) -> datetime | None:
    """An ISO 8601 or RFC 2822 date as aware UTC; without a zone it is taken as UTC. None where it does not read."""
    text = str(value or "").strip()
    if not 8 <= len(text) <= 60:
        return None
    iso = _FRACTION.sub(lambda found: f".{found[1]:0<6.6}", _OFFSET.sub(r"\1:\2", text.replace(" UTC", "Z").replace("Z", "+00:00")))
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return _mail_moment(text)
    return _plausible(when)


def _mail_moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        return _plausible(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return None


def _plausible(when: datetime) -> datetime | None:
    try:
        when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
    return when if when >= _EARLIEST else None


def _first_moment(*values: Any) -> datetime | None:
    return next((when for value in values if (when := moment(value))), None)


def _published_at(article: dict[str, Any], meta: dict[str, str], tree: HtmlElement, url: str) -> datetime | None:
    stated = _first_moment(article.get("datePublished"), article.get("dateCreated"), *(meta.get(name) for name in _PUBLISHED_META))
    return stated or _first_time_element(tree) or _searched(tree, url)


def _first_time_element(tree: HtmlElement) -> datetime | None:
    """The first <time>, where all of the page's head of them agree on the day: teaser lists are full of others."""
    times = [when for element in tree.iter("time") if (when := moment(element.get("datetime")))]
    return times[0] if times and len({when.date() for when in times[:3]}) == 1 else None


def _searched(tree: HtmlElement, url: str) -> datetime | None:
    """What trafilatura's date search finds in markup and text: right to the day, rarely to the minute."""
    from htmldate import find_date

    found = find_date(tree, original_date=True, outputformat="%Y-%m-%dT%H:%M:%S%z", url=url or None, extensive_search=True)
    return moment(found)


# --------------------------------------------------------------------------------------- language
def _language(article: dict[str, Any], meta: dict[str, str], tree: HtmlElement) -> str:
    root = tree.getroottree().getroot()
    declared = (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang"), _text(article.get("inLanguage")))
    for label in (*declared, meta.get("og:locale"), meta.get("content-language"), meta.get("language")):
        found = re.match(r"([a-z]{2,3})(?:[-_]|$)", (label or "").strip().lower())
        if found:
            return found[1]
    return ""


# ------------------------------------------------------------------------------- address and site
def declared_url(tree: HtmlElement, url: str) -> str:
    """The address that rel=canonical names, on whatever site, "" where there is none."""
    links = (link.get("href") or "" for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    return urls.canonical(_joined(url, next(links, "")))


def canonical_url(tree: HtmlElement, meta: dict[str, str], url: str) -> str:
    """rel=canonical where it stays on the site, else og:url likewise, else the address given.

    An address that leads to the front page is a common mistake of templates and not believed.
    """
    links = [link.get("href") or "" for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    for candidate in (*links[:1], meta.get("og:url", "")):
        address = urls.canonical(_joined(url, candidate))
        if address and (not url or _same_site(address, url)) and _path(address) and (_path(address) != "/" or _path(url) in ("", "/")):
            return address
    return urls.canonical(url) or url


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference.strip()) if reference.strip() else ""
    except ValueError:
        return ""


def _same_site(address: str, url: str) -> bool:
    return urls.outlet(address) == urls.outlet(url)  # customers of a hosting domain are sites of their own


def _path(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _site(article: dict[str, Any], nodes: list[dict[str, Any]], meta: dict[str, str], url: str) -> str:
    publisher = _text(article.get("publisher"))
    named = next((_text(node) for node in nodes if "WebSite" in _types(node) and _text(node)), "")
    return (meta.get("og:site_name", "") or publisher or named or _host(url))[:200]


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
