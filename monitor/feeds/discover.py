"""A site's page → the feeds that it may have, the likeliest first. Which of them are feeds only asking can tell."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

from monitor.feeds.decode import decode
from monitor.text import clean_line
from monitor.urls import canonical

MOST_CANDIDATES = 30
MOST_TAGS = 50_000  # of links in a page; the biggest front pages have two thousand
_MOST_TITLE_CHARS = 200

# What pages write as the type of a feed. `application/json` is JSON Feed 1.0, and also every API of WordPress.
_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/json": "json",
    "application/rdf+xml": "rss",
    "application/x.atom+xml": "atom",
    "text/rss+xml": "rss",
    "text/xml": "rss",
    "application/xml": "rss",
}
_NO_FEEDS = ("/wp-json", "/oembed", "/opensearch", "/sitemap", "/xmlrpc", "/osd.xml", "/manifest.json", "/site.webmanifest", "/browserconfig.xml")
_COMMENTS = ("comment", "kommentar", "reactions", "comentario", "коментар", "комментар")

# Where feeds stand when nobody says so: WordPress, Ghost and Hugo, Jekyll, Drupal, Blogger, Squarespace, and everybody by hand.
_USUAL_PATHS = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed/", "rss/", "feed.json", "feeds/posts/default", "?format=rss")


class How(StrEnum):
    """How we came to think that a feed may stand there, the surest first."""

    LINKED = "linked"  # <link rel="alternate"> in the page's head
    NAMED = "named"  # an ordinary link that looks like one to a feed
    GUESSED = "guessed"  # a path where feeds usually stand


_ORDER = {how: place for place, how in enumerate(How)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address at which a feed may stand. kind: "rss", "atom", "json", or "" where nothing says so. title: as the page calls it."""

    url: str
    how: How
    title: str = ""
    kind: str = ""


def candidates(body: bytes, *, url: str, content_type: str = "", guess: bool = True) -> tuple[Candidate, ...]:
    """The feeds that a page may lead to, the likeliest first, each address once.

    url: of the page after redirects. guess: also the usual paths, under the page and at the root.
    Addresses are http(s) and absolute, and nothing more is known of them: ask them only through the guarded client.
    Linear in the body; libxml2 reads it, so call it where it can be stopped (sandbox).
    """
    page = _read(decode(body, content_type).text)
    base = _joined(url, page.base) or url
    found = [*_linked(page, base), *_named(page, base), *(_guessed(url) if guess else ())]
    first = {candidate.url: candidate for candidate in reversed(found) if candidate.url != canonical(url)}
    in_order = dict.fromkeys(first[candidate.url] for candidate in found if candidate.url in first)
    return tuple(sorted(in_order, key=lambda candidate: (_ORDER[candidate.how], _is_of_comments(candidate))))[:MOST_CANDIDATES]


def likeliest(found: Iterable[Candidate], *, title: str, old_url: str) -> list[Candidate]:
    """Candidates for the new address of a feed that we know: first what bears its name, then what is like its old address."""
    wanted, words = title.casefold().strip(), _words(old_url)

    def unlikeness(candidate: Candidate) -> tuple[bool, int, bool, int]:
        has_its_name = bool(wanted) and candidate.title.casefold().strip() == wanted
        return (not has_its_name, _ORDER[candidate.how], _is_of_comments(candidate), -len(words & _words(candidate.url)))

    return sorted((candidate for candidate in found if candidate.url != canonical(old_url)), key=unlikeness)


def _words(url: str) -> set[str]:
    parts = urlsplit(url)
    return set(re.split(r"[^\w]+|_", f"{parts.path}?{parts.query}".casefold())) - {""}


# ------------------------------------------------------------------------------------------ the page
class _Page:
    """The target of libxml2's parser: links as they come, nothing else is kept."""

    def __init__(self) -> None:
        self.base = ""
        self.links: list[Mapping[str, str]] = []
        self.anchors: list[tuple[str, str]] = []
        self._tags = 0
        self._anchor: str | None = None
        self._words: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag not in ("a", "link", "base") or self._tags >= MOST_TAGS:
            return
        self._tags += 1
        href = attributes.get("href", "").strip()
        if tag == "link" and href:
            self.links.append(dict(attributes))
        elif tag == "base" and not self.base:
            self.base = href
        elif tag == "a" and href:
            self._anchor, self._words = href, [attributes.get("title", "")]

    def data(self, text: str) -> None:
        if self._anchor is not None and len(self._words) < 20:
            self._words.append(text)

    def end(self, tag: str) -> None:
        if tag == "a" and self._anchor is not None:
            self.anchors.append((self._anchor, " ".join(self._words)))
            self._anchor = None

    def close(self) -> "_Page":
        return self


def _read(text: str) -> _Page:
    from lxml import etree  # type: ignore[import-untyped]  # late: 20 ms, and only pages need it

    page = _Page()
    parser = etree.HTMLParser(target=page, recover=True, encoding="utf-8", huge_tree=False)
    try:
        parser.feed(text.encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError:
        pass  # what came before it stays
    return page


def _linked(page: _Page, base: str) -> Iterator[Candidate]:
    for link in page.links:
        rel = link.get("rel", "").lower().split()
        kind = _TYPES.get(link.get("type", "").partition(";")[0].strip().lower(), "")
        if not ("feed" in rel or ("alternate" in rel and kind)) or "stylesheet" in rel:
            continue
        if found := _candidate(base, link["href"], How.LINKED, title=link.get("title", ""), kind=kind):
            yield found


def _named(page: _Page, base: str) -> Iterator[Candidate]:
    for href, words in page.anchors:
        path = href.lower().partition("#")[0].partition("?")[0].rstrip("/")
        last = path.rpartition("/")[2]
        ending = last.rpartition(".")[2]
        is_feed = ending in ("rss", "atom", "rdf") or last in ("feed", "feeds", "rss", "atom") or (ending == "xml" and ("rss" in path or "feed" in path))
        if is_feed and (found := _candidate(base, href, How.NAMED, title=words)):
            yield found


def _guessed(url: str) -> Iterator[Candidate]:
    folder, root = urljoin(url, "."), urljoin(url, "/")
    for place in dict.fromkeys((folder, root)):
        for path in _USUAL_PATHS:
            if found := _candidate(place, path, How.GUESSED):
                yield found


def _candidate(base: str, href: str, how: How, *, title: str = "", kind: str = "") -> Candidate | None:
    href = href.strip()
    if href.startswith("feed:"):  # a scheme that browsers once handed to readers: feed://host/path and feed:https://host/path
        href = href.removeprefix("feed:").replace("//", "https://", 1) if href.startswith("feed://") else href.removeprefix("feed:")
    address = canonical(_joined(base, href))
    if not address or any(part in urlsplit(address).path.lower() for part in _NO_FEEDS):
        return None
    return Candidate(url=address, how=how, title=clean_line(title, _MOST_TITLE_CHARS), kind=kind)


def _joined(base: str, href: str) -> str:
    """An address in a page, absolute; "" for what is none."""
    try:
        return urljoin(base, href)
    except ValueError:  # "http://[::1", say
        return ""


def _is_of_comments(candidate: Candidate) -> bool:
    said = f"{candidate.title} {candidate.url}".casefold()
    return any(word in said for word in _COMMENTS)
