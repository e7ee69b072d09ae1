"""Lists of feeds as readers export them (OPML 1.0 and 2.0)."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from xml.parsers import expat

from monitor.feeds.plain import one_line
from monitor.urls import canonical, registrable_domain

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 32
MAX_NAME_CHARS = 300
SLUG_CHARS = 40


class OpmlError(ValueError):
    """A list that is not taken; nothing of it is.

    line: 1-based, None where no line is to blame.
    """

    def __init__(self, message: str, *, line: int | None = None):
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """url: as listed, http or https. group: the titles of the outlines around it, "Europe/Press rooms"; "" at the top."""

    url: str
    title: str = ""
    site_url: str = ""
    language: str = ""
    group: str = ""


def read(data: bytes, *, max_feeds: int = 5000) -> tuple[OpmlFeed, ...]:
    """The feeds of a list in its order, each address once.

    raises: OpmlError for what is no OPML, larger than 5 MiB, deeper than 32 outlines, has a DOCTYPE (nothing good hides there),
    lists more than `max_feeds`, or an address that is not on the web.
    """
    if len(data) > MAX_BYTES:
        raise OpmlError(f"{len(data)} bytes are too many, at most {MAX_BYTES}")
    outline = _Outline(max_feeds)
    try:
        outline.parser.Parse(data.lstrip(), True)
    except expat.ExpatError as error:
        raise OpmlError(f"the XML is broken: {expat.ErrorString(error.code)}", line=error.lineno) from error
    except OpmlError:
        raise
    except (LookupError, ValueError) as error:  # an encoding that neither expat nor Python can use
        raise OpmlError(f"cannot be decoded: {error}") from error
    return tuple(outline.feeds.values())


def feed_id(title: str, url: str) -> str:
    """An id for a feed that has no key in config.toml: its title in plain letters (or its site), and six digits of its address's hash.

    The same for the same title and address, and fit for addresses, file names and metrics.
    """
    site = registrable_domain(url)
    slug = _slug(title) or _slug(site) or "feed"
    return f"{slug}-{hashlib.sha256((canonical(url) or url).encode('utf-8', 'replace')).hexdigest()[:6]}"


def _slug(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", letters)[:SLUG_CHARS].strip("-")


class _Outline:
    """expat's handlers, and where in the list they are."""

    def __init__(self, max_feeds: int):
        self.max_feeds = max_feeds
        self.feeds: dict[str, OpmlFeed] = {}
        self.titles: list[str] = []  # of every open element; "" for those that are no group
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.titles and name.lower() != "opml":
            raise self.error(f"<{one_line(name)[:40]}> where <opml> was expected")
        if len(self.titles) >= MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} elements inside each other")
        given = {key.lower(): one_line(value)[:MAX_NAME_CHARS] for key, value in attributes.items() if key.lower() != "xmlurl"}
        title = given.get("title") or given.get("text") or ""
        address = next((value.strip() for key, value in attributes.items() if key.lower() == "xmlurl"), "")
        if name.lower() == "outline" and address:
            self.add(address, title, given)
            title = ""
        self.titles.append(title if name.lower() == "outline" else "")

    def add(self, address: str, title: str, given: dict[str, str]) -> None:
        key = canonical(address)
        if not key:
            raise self.error(f'"{one_line(address)[:100]}" is no http or https address')
        if key in self.feeds:
            return
        if len(self.feeds) >= self.max_feeds:
            raise self.error(f"more than {self.max_feeds} feeds")
        site_url = given.get("htmlurl", "")
        self.feeds[key] = OpmlFeed(
            url=address,
            title=title,
            site_url=site_url if canonical(site_url) else "",
            language=given.get("language", ""),
            group="/".join(filter(None, self.titles)),
        )

    def end(self, _name: str) -> None:
        self.titles.pop()

    def refuse_doctype(self, *_declaration: object) -> None:
        raise self.error("a DOCTYPE is not taken; remove it")

    def error(self, message: str) -> OpmlError:
        return OpmlError(message, line=self.parser.CurrentLineNumber)
