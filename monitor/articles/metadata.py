"""What a page says about itself: title, authors, dates, language, address, and what kind of page it is.

JSON-LD is believed first: its dates are right to the minute where the others know only the day
(research/extraction.md §2: 1.00 against 0.82 on the development pages).
"""

import html
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor import urls
from monitor.late import late


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """A page's own words about itself.

    outlets: the names of its outlet, folded (`folded`). published_at, modified_at: aware UTC. language: as declared. url: canonical address. site: the outlet's name, else its host.
    section, keywords: as the outlet files it. image_url: of the lead picture, as stated; nobody fetches it.
    claims_article: JSON-LD says so. hints_article: only the tags for social media or microdata do. claims_other: what
    JSON-LD says it is instead ("product", "list", "profile"). claims_video: a film is its matter. is_dated: it states when it was published. description: the page's own summary of itself. is_locked: marked as not free (schema.org isAccessibleForFree).
    body: JSON-LD's articleBody as plain text, "" where there is none. word_count: as JSON-LD says, 0 where it does not.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    outlets: frozenset[str] = frozenset()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str = ""
    url: str = ""
    site: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    image_url: str = ""
    claims_article: bool = False
    hints_article: bool = False
    claims_other: str = ""
    claims_video: bool = False
    is_dated: bool = False
    is_locked: bool = False
    description: str = ""
    body: str = ""
    word_count: int = 0


def metadata_of(tree: HtmlElement, url: str, *, authors: tuple[str, ...] = (), published_at: datetime | None = None) -> Metadata:
    """Everything the page says about itself, JSON-LD before meta tags before what stands on the page.

    tree: not changed. url: the address it was fetched from, "" where unknown. authors, published_at: what the feed says,
    for what the page does not state; searching a page takes long.
    """
    nodes = list(_linked_data(tree))
    article = _main_article(nodes)
    meta = _meta_tags(tree)
    published_at = _stated_date(article, meta, tree, url) or published_at or _searched(tree, url)
    outlets = _outlets(article, nodes, meta, url)
    return Metadata(
        title=_title(article, meta, tree, outlets),
        authors=_authors(article, meta, tree, outlets, authors),
        outlets=outlets,
        published_at=published_at,
        modified_at=_first_moment(article.get("dateModified"), meta.get("article:modified_time"), meta.get("og:updated_time"), zone=local_zone(_host(url))),
        language=_language(article, meta, tree),
        url=canonical_url(tree, meta, url),
        site=_site(article, nodes, meta, url),
        section=_text(article.get("articleSection") or meta.get("article:section") or meta.get("section"))[:100],
        keywords=_keywords(article, meta),
        image_url=_image_url(article, meta, url),
        claims_article=bool(article),
        hints_article=meta.get("og:type", "").lower() in _ARTICLE_OG_TYPES or "article:published_time" in meta or _has_article_item(tree),
        claims_other="" if article else _claims_other(nodes, meta),
        claims_video=any("VideoObject" in _types(node) for node in nodes) or meta.get("og:type", "").lower().startswith("video"),
        is_dated="article:published_time" in meta or bool(article.get("datePublished")),
        is_locked=str(article.get("isAccessibleForFree", "")).lower() == "false",
        description=_text(meta.get("og:description") or meta.get("description") or article.get("description") or meta.get("twitter:description")),
        body=_plain(article.get("articleBody")),
        word_count=_count(article.get("wordCount")),
    )


# ---------------------------------------------------------------------------------------- JSON-LD
_ARTICLE_TYPE = late(r"(?:^|[a-z])(?:Article|BlogPosting|LiveBlogPosting|Review|Report|PressRelease)$|^(?:article|newsarticle)$")
_OTHER_TYPES = {
    "Product": "product",
    "ProductGroup": "product",
    "CheckoutPage": "product",
    "CollectionPage": "list",
    "SearchResultsPage": "list",
    "ProfilePage": "profile",
    "ContactPage": "profile",
    "AboutPage": "profile",
    "JobPosting": "list",
}
_ARTICLE_OG_TYPES = frozenset(("article", "news", "news.article", "newsarticle", "blog"))
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


def _claims_other(nodes: list[dict[str, Any]], meta: dict[str, str]) -> str:
    """ "product", "list" or "profile" where the page says it is that, else ""."""
    if meta.get("og:type", "").lower().startswith("product"):
        return "product"
    for types in map(_types, nodes):
        # A subscription is marked up as ["CreativeWork", "Product"] on the article's own page.
        if "CreativeWork" not in types and (found := next((_OTHER_TYPES[name] for name in types if name in _OTHER_TYPES), "")):
            return found
    return ""


def _has_article_item(tree: HtmlElement) -> bool:
    """One article in microdata; lists have many."""
    items = tree.xpath(".//*[contains(@itemtype, 'schema.org/')]")
    return sum(bool(_ARTICLE_TYPE.search(item.get("itemtype").strip().rsplit("/", 1)[-1])) for item in items[:200]) == 1


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
_TITLE_CHARS = 500
# "Headline | Section | Outlet", "Headline - Outlet"; East Asian sites set the sign without blanks.
_TITLE_SIGN = late(r"\s*[|｜ㅣ│¦]+\s*|\s+(?:[-–—·•:»«›]|::)\s+|\s*[-–—_：]\s*(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,12}(?:\W|_|ㅣ|$))|_(?=[^_]{2,30}$)")
_KICKER_CLASS = late(
    r"(?:^|[\s_-])(?:kicker|over-?line|overtitle|topline|roofline|dachzeile|spitzmarke|eyebrow|vignette|pretitle|super-?title|prefix|flag|label|badge|category)(?:$|[\s_-])",
    re.IGNORECASE,
)


def _title(article: dict[str, Any], meta: dict[str, str], tree: HtmlElement, outlets: Collection[str]) -> str:
    """JSON-LD, h1, the tags for social media, the document's title, in this order, without the outlet's name at the end."""
    social = _text(meta.get("og:title") or meta.get("twitter:title"))
    stated = _text(article.get("headline"))
    heading = _heading(tree, stated or social)
    document = tree.find(".//head/title")
    whole = " ".join(document.text_content().split()) if document is not None else ""
    candidates = [_without_outlet(title, outlets, others=(stated, heading, social)) for title in (stated, heading, social)]
    title = next((title for title in candidates if title), "")
    return (title or _without_outlet(whole, outlets) or whole)[:_TITLE_CHARS]


def _without_outlet(title: str, outlets: Collection[str], others: Collection[str] = ()) -> str:
    """The title up to the sign in front of the outlet's name; a section between both goes with it where another title of the page ends there, too."""
    signs = list(_TITLE_SIGN.finditer(title))
    for sign in signs:
        head, tail = title[: sign.start()].strip(), title[sign.end() :].strip()
        if not head:
            continue
        parts = [folded(part) for part in _TITLE_SIGN.split(tail)]
        if all(part in outlets for part in parts if part) or (parts[-1] in outlets and (len(tail) <= _SECTION_CHARS or head in others)):
            return head
    return title


_SECTION_CHARS = 40


def _outlets(article: dict[str, Any], nodes: list[dict[str, Any]], meta: dict[str, str], url: str) -> frozenset[str]:
    """The names by which the page's outlet goes, folded: stated ones, the host, and the host's first label."""
    host = _host(url)
    stated = (
        meta.get("og:site_name"),
        meta.get("application-name"),
        meta.get("apple-mobile-web-app-title"),
        meta.get("twitter:site"),
        _text(article.get("publisher")),
        *(_text(node) for node in nodes if any(name == "WebSite" or name.endswith("Organization") for name in _types(node))),
    )
    names = [name for name in stated if name]
    # "Schweizer Radio und Fernsehen (SRF)" goes by both names.
    names += [part for name in names for part in re.findall(r"\(([^()]{2,20})\)|^([^()]{3,60}?)\s*\(", name) for part in part if part]
    return frozenset(folded(name) for name in (*names, host, host.split(".")[0], re.sub(r"\.[a-z]{2,6}$", "", host))) - {""}


def _heading(tree: HtmlElement, expected: str) -> str:
    """The h1, where there is one, without a kicker inside; of several, the one that shares most words with the title stated elsewhere."""
    headings = [_heading_text(heading) for heading in islice(tree.iter("h1"), 50)]
    headings = [heading for heading in headings if 1 < len(heading) <= 300]
    if len(headings) < 2:
        return headings[0] if headings else ""
    words = set(expected.lower().split())
    return max(headings, key=lambda heading: len(words & set(heading.lower().split())))


def _heading_text(heading: HtmlElement) -> str:
    whole = " ".join(heading.text_content().split())
    kickers = [part for part in heading.iterdescendants("span", "div", "small", "em", "strong") if _KICKER_CLASS.search(part.get("class") or "")]
    if not kickers:
        return whole
    kicker = " ".join(kickers[0].text_content().split())
    rest = whole.removeprefix(kicker).strip(" :|-–—·") if kicker else whole
    return rest or whole


# ---------------------------------------------------------------------------------------- authors
_NO_NAME = late(
    r"https?:|www\.|@|^(?:admin(?:istrator)?|staff(?: (?:writer|reporter))?|editor(?:ial)?|editors?|redaktion|redakcja|redakce|newsroom|news ?desk|web ?desk|online ?desk|null|undefined|none|guest|anonymous|submitted|user|author)$",
    re.IGNORECASE,
)
# In front of names that are marked up as such; "Di Stefano" is a name.
_BY = late(r"^(?:(?i:(?:written |words |text |story )?by|text|tekst|автор(?:ка|и)?|текст|penulis|oleh)\s*:?|[Vv]on|[Pp]or|[Pp]ar|[Dd]oor|[Aa]v|di|af|de)\s+")
_NAME_CHARS = 60
# Behind a comma or bracket: what somebody is, and no further name.
_ROLE = late(
    r"\b(?:editor|reporter|correspondent|writer|journalist|columnist|analyst|producer|chief|staff|bureau|senior|news|desk|professor|director|author|contributor|photographer|"
    r"redakteur\w*|korrespondent\w*|reporter\w*|journalist\w*|chefredakt\w*|leiter\w*|autor\w*|rédact\w*|envoyé\w*|correspondant\w*|periodista|redactor\w*|corresponsal|enviad[oa]|"
    r"giornalista|inviat[oa]|redattor\w*|jornalista|repórter|dziennikar\w*|redaktor\w*|журналіст\w*|кореспондент\w*|редактор\w*|журналист\w*|корреспондент\w*|обозреватель|muhabir\w*|editör\w*|"
    r"profesor\w*|ziarist\w*|jurnalist\w*|wartawan|jurnalis)s?\b",
    re.IGNORECASE,
)


def _authors(article: dict[str, Any], meta: dict[str, str], tree: HtmlElement, outlets: Collection[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """People first: many pages name the outlet in JSON-LD and the writer only in the byline. known: without a search of the page."""
    stated = [
        _names(source) for source in (_people(article), meta.get("author"), meta.get("parsely-author"), meta.get("article:author"), meta.get("dc.creator"))
    ]
    for names in stated:
        if people := tuple(name for name in names if folded(name) not in outlets):
            return people
    if known:
        return known
    byline = byline_names(tree)
    if people := tuple(name for name in byline if _looks_like_a_person(name) and not _is_outlet(name, outlets)):
        return people
    from trafilatura.metadata import extract_author  # slow to import

    searched = _names((extract_author(tree) or "").split(";"))
    people = tuple(name for name in searched if _looks_like_a_person(name) and not _is_outlet(name, outlets))
    return people or _names(article.get("author")) or next((names for names in stated if names), ()) or byline or searched


def _is_outlet(name: str, outlets: Collection[str]) -> bool:
    """Its name, or that with more behind it: "MDR", "MDR Thüringen"."""
    whole = folded(name)
    return whole in outlets or any(len(outlet) >= 3 and whole.startswith(outlet) and name.split()[0].casefold() == outlet for outlet in outlets)


def _people(article: dict[str, Any]) -> list[Any]:
    authors = _listed(article.get("author")) or _listed(article.get("creator"))
    return [author for author in authors if not (isinstance(author, dict) and "Organization" in " ".join(_types(author)))]


_BYLINE_CHARS = 160
_BYLINE_NAME = late(
    r"(?:^|[\s_-])(?:by-?lines?|authors?|autor\w*|auteurs?|writers?|reporters?|journalists?|contributors?|penulis|kirjoittaja|forfatter|skribent|redactor)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BYLINE_START = late(
    r"(?:by|(?:written|posted|submitted|published) by|von|par|por|di|door|tekst|autor(?:in|ka|zy|i)?(?:/autor)?|автор(?:ка|и)?|текст|журналіст(?:ка)?|penulis|reporter|oleh|szerző|yazan|記者|记者|作者|기자|بقلم|كتب(?:ت)?)\b\s*[:：]?\s*",
    re.IGNORECASE,
)
_AUTHOR_PATH = late(
    r"/(?:authors?|autor(?:es|en|i)?|auteurs?|profiles?|people|person|journalists?|staff|reporters?|contributors?|by|redakt\w+|penulis|yazar\w*|skribent\w*|forfatter\w*)/[^/]",
    re.IGNORECASE,
)
_EAST_ASIAN = late(r"([가-힣]{2,4})\s?(?:기자|특파원|인턴기자|선임기자|논설위원)|(?:记者|記者)\s?[:：]?\s?([\u4e00-\u9fff]{2,4})(?=[\s）)】／/]|$)")
_BYLINE_ELEMENTS, _PARAGRAPH_CHARS, _TEXT_CHARS = 600, 80, 400


def byline_names(tree: HtmlElement) -> tuple[str, ...]:
    """The names between the headline and the first paragraphs, where bylines stand; those of other stories stand elsewhere.

    They are links to authors' pages, or what is named a byline, or a short line that says "by" in some language or
    gives a reporter's name as East Asian newspapers do; of two that name people the one that names more.
    """
    elements = _below_the_headline(tree)
    linked = [
        element for element in elements if element.tag == "a" and ("author" in (element.get("rel") or "") or _AUTHOR_PATH.search(element.get("href") or ""))
    ]
    by_links = _names([_line(element) for element in linked])
    for element in elements:
        line = _line(element)
        if not 3 <= len(line) <= _BYLINE_CHARS:
            continue
        if found := _EAST_ASIAN.match(line):
            return (found[1] or found[2],)
        start = _BYLINE_START.match(line)
        marks = " ".join(element.get(name) or "" for name in ("class", "itemprop", "rel", "data-testid"))
        if start or _BYLINE_NAME.search(marks):
            names = tuple(name for name in _names(line[start.end() :] if start else line) if _looks_like_a_person(name))
            if names:
                return names if len(names) > len(by_links) else by_links
    return by_links


def _below_the_headline(tree: HtmlElement) -> list[HtmlElement]:
    """Elements from the headline on, until the text has begun."""
    headline = next((heading for heading in tree.iter("h1") if heading.text_content().strip()), None)
    elements: list[HtmlElement] = []
    text_chars, is_below = 0, headline is None
    for element in tree.iter("h1", "p", "div", "span", "a", "address", "strong", "li", "small", "cite"):
        is_below = is_below or element is headline
        if not is_below:
            continue
        if element.tag == "p" and (chars := len(element.text_content())) >= _PARAGRAPH_CHARS:
            text_chars += chars
        if text_chars >= _TEXT_CHARS or len(elements) >= _BYLINE_ELEMENTS:
            break
        if element is not headline:
            elements.append(element)
    return elements


def _line(element: HtmlElement) -> str:
    """An element's text in one line, its parts kept apart; "" of one that holds more than a byline."""
    text = " ".join(" ".join(islice(element.itertext(), 40)).split()) if len(element) <= _BYLINE_PARTS else ""
    return text if len(text) <= _BYLINE_CHARS else ""


_BYLINE_PARTS = 8


def authors_of_text(lines: Sequence[str]) -> tuple[str, ...]:
    """The people named by the first or the last line of a text, where that line is nothing else: for pages that mark up none.

    Lesotho Times writes "Mohloai Mpesi" above the text, VnExpress "Lê Phương" below it, Hankook Ilbo "신현주 기자".
    """
    for line in (*lines[:1], *lines[-2:]):
        if found := _EAST_ASIAN.match(line):
            return (found[1] or found[2],)
        start = _BYLINE_START.match(line)
        names = _names(line[start.end() :] if start else line)
        if (
            len(line) <= _BYLINE_CHARS
            and names
            and line.rstrip(" .)")[-1:].isalpha()
            and all(_looks_like_a_person(name) and name[0].isupper() for name in names)
        ):
            return names
    return ()


def _looks_like_a_person(name: str) -> bool:
    """Two to four words, each with a capital or in a script without: "Ann Lee", "Lê Phương", not "The latest news"."""
    words = name.split()
    particles = ("de", "van", "von", "der", "den", "da", "di", "del", "della", "la", "le", "bin", "al", "el", "ter", "ten", "zu", "af", "dos", "do")
    return (
        2 <= len(words) <= 5 and all(word[0].isupper() or not word[0].islower() or word.lower() in particles for word in words) and not re.search(r"\d", name)
    )


def folded(name: str) -> str:
    """A name for comparing: its letters and digits, in one case."""
    return re.sub(r"[\W_]", "", name).casefold()


def _names(source: Any) -> tuple[str, ...]:
    """Names of people from a list, an object or a line such as "By Ann Lee, Kyiv correspondent and Bo Rae (AFP)"."""
    names: list[str] = []
    for part in _listed(source)[:30]:
        for piece in _BETWEEN_NAMES.split(_BY.sub("", _text(part), count=1)):
            # "Elena Oberholzer (obe)": initials are for the newsroom, "(AFP)" is no name.
            name = re.sub(r"\s*\([^()]*\)$|\s+on\s+\w{3,9}\b.*$", "", piece)
            head, _, tail = name.partition(",")
            if tail and (_ROLE.search(tail) or len(tail.split()) > 3 or len(tail.split()) == 1):
                name = head
            name = re.sub(r"\s+[-–—|/•·]\s+.*$", "", name).strip(" ,;|.:-–—•·")
            is_role = _is_only_a_role(name) or (bool(names) and (name[:1].islower() or _ROLE.search(name) is not None))
            if 1 < len(name) <= _NAME_CHARS and not _NO_NAME.search(name) and not is_role and name not in names:
                names.append(name)
    return tuple(names)


def _is_only_a_role(name: str) -> bool:
    return len(name.split()) > 1 and len(name.split()) <= 4 and not re.sub(r"\W+", "", _ROLE.sub("", name))


_BETWEEN_NAMES = late(r"\s*;\s*|\s*[,/|]\s*(?=[^\s,]+\s+[^\s,])|,?\s+(?:&|and|und|et|та|й|і|и|oraz|og|och|en|ja|și|ve|dan|y)\s+(?=\w[\w.'’-]*\s+\w)")


# ------------------------------------------------------------------------------------------ dates
_OFFSET = late(r"([+-]\d\d)(\d\d)$")
_FRACTION = late(r"\.(\d{1,9})")
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
    "content:publishdate",
    "cxenseparse:publishtime",
    "cxenseparse:recs:publishtime",
    "dc.date.created",
    "dcterms.date",
    "publication_date",
    "published_date",
    "og:pubdate",
    "article.published",
    "date",
    "dc.date",
)


def moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """An ISO 8601 or RFC 2822 date as aware UTC. None where it does not read. zone: of a time that states none."""
    text = str(value or "").strip()
    if not 8 <= len(text) <= 60:
        return None
    iso = _FRACTION.sub(lambda found: f".{found[1]:0<6.6}", _OFFSET.sub(r"\1:\2", text.replace(" UTC", "Z").replace("Z", "+00:00")))
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return _mail_moment(text, zone)
    # A bare day stays that day in UTC.
    return _plausible(when, zone if len(text) > 10 else UTC)


def _mail_moment(text: str, zone: tzinfo) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        return _plausible(parsedate_to_datetime(text), zone)
    except (ValueError, TypeError, IndexError):
        return None


def _plausible(when: datetime, zone: tzinfo) -> datetime | None:
    try:
        when = (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return None
    return when if when >= _EARLIEST else None


def _first_moment(*values: Any, zone: tzinfo = UTC) -> datetime | None:
    return next((when for value in values if (when := moment(value, zone))), None)


# Countries with one time, by the ending of their hosts (IANA time zone database, zone1970.tab).
_ZONES = {
    "Europe/Vienna": "at", "Europe/Brussels": "be", "Europe/Sofia": "bg", "Europe/Zurich": "ch", "Europe/Prague": "cz", "Europe/Berlin": "de",
    "Europe/Copenhagen": "dk", "Europe/Tallinn": "ee", "Europe/Madrid": "es", "Europe/Helsinki": "fi", "Europe/Paris": "fr", "Europe/London": "uk",
    "Asia/Tbilisi": "ge", "Europe/Athens": "gr", "Europe/Zagreb": "hr", "Europe/Budapest": "hu", "Europe/Dublin": "ie", "Asia/Jerusalem": "il",
    "Asia/Kolkata": "in", "Europe/Rome": "it", "Asia/Tokyo": "jp", "Asia/Seoul": "kr", "Europe/Vilnius": "lt", "Europe/Luxembourg": "lu",
    "Europe/Riga": "lv", "Europe/Chisinau": "md", "Europe/Skopje": "mk", "Europe/Amsterdam": "nl", "Europe/Oslo": "no", "Europe/Warsaw": "pl",
    "Europe/Bucharest": "ro", "Europe/Belgrade": "rs", "Europe/Stockholm": "se", "Europe/Ljubljana": "si", "Europe/Bratislava": "sk",
    "Europe/Istanbul": "tr", "Asia/Taipei": "tw", "Africa/Dar_es_Salaam": "tz", "Europe/Kyiv": "ua", "Asia/Ho_Chi_Minh": "vn",
    "Africa/Johannesburg": "za", "Europe/Minsk": "by", "Asia/Yerevan": "am", "Asia/Baku": "az", "Asia/Bangkok": "th", "Asia/Shanghai": "cn",
}  # fmt: skip
_ZONE_OF_ENDING = {ending: zone for zone, ending in _ZONES.items()}


def local_zone(host: str) -> tzinfo:
    """The time of the country in a host's ending, for times that state no zone: newspapers mean their own. UTC where the ending tells none or several."""
    zone = _ZONE_OF_ENDING.get(host.rsplit(".", 1)[-1])
    if zone is None:
        return UTC
    from zoneinfo import ZoneInfo  # not for the pages of ".com", which the worker starts sooner for

    return ZoneInfo(zone)


def _stated_date(article: dict[str, Any], meta: dict[str, str], tree: HtmlElement, url: str) -> datetime | None:
    stated = [str(value) for value in (article.get("datePublished"), article.get("dateCreated"), *(meta.get(name) for name in _PUBLISHED_META)) if value]
    stated = [value for value in stated if moment(value)]
    if not stated:
        return _first_time_element(tree, local_zone(_host(url)))
    return moment(_most_exact(stated, tree), local_zone(_host(url)))


def _most_exact(stated: list[str], tree: HtmlElement) -> str:
    """The first of the dates, or another one of the page that says the same more exactly: with its minute, or with its zone.

    Some pages give the day in one place and the minute in another; some leave the zone out in all but one.
    """
    first = stated[0].strip()
    if _ZONE.search(first):
        return first
    others = [*stated[1:], *(element.get("datetime") or "" for element in islice(tree.iter("time"), 20))]
    has_minute = len(first) > 10
    for other in others:
        if other[:10] == first[:10] and len(other) > 10 and moment(other) and _ZONE.search(other) and (not has_minute or other[11:16] == first[11:16]):
            return other
    return next((other for other in others if not has_minute and other[:10] == first[:10] and len(other) > 10 and moment(other)), first)


_ZONE = late(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$", re.IGNORECASE)


def _first_time_element(tree: HtmlElement, zone: tzinfo) -> datetime | None:
    """The <time> that calls itself the publication's, else the first one, where all of the page's head of them agree on the day: teaser lists are full of others."""
    elements = list(islice(tree.iter("time"), 50))
    named = [element for element in elements if element.get("pubdate") is not None or "published" in (element.get("itemprop") or "").lower()]
    if when := _first_moment(*(element.get("datetime") for element in named), zone=zone):
        return when
    times = [when for element in elements if (when := moment(element.get("datetime"), zone))]
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


_KEYWORDS = 20


def _keywords(article: dict[str, Any], meta: dict[str, str]) -> tuple[str, ...]:
    stated = [_text(part) for part in _listed(article.get("keywords") or meta.get("news_keywords") or meta.get("keywords"))]
    words = [word.strip() for part in stated for word in re.split(r"[,;،、]", part)]
    return tuple(dict.fromkeys(word for word in words if 1 < len(word) <= 80))[:_KEYWORDS]


def _image_url(article: dict[str, Any], meta: dict[str, str], url: str) -> str:
    """og:image, else JSON-LD's; only a web address is one."""
    stated = next((image for image in _listed(article.get("image")) if image), "")
    if isinstance(stated, dict):
        stated = stated.get("url") or stated.get("contentUrl") or ""
    address = _joined(url, meta.get("og:image") or meta.get("twitter:image") or (stated if isinstance(stated, str) else ""))
    return address if address.startswith(("https://", "http://")) and len(address) <= 2_000 else ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
