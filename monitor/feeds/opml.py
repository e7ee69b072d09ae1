"""Lists of feeds as readers export them (OPML 1.0 and 2.0), and ours in the same form.

Our own settings travel in attributes of a namespace, so other readers pass over them and an import finds them again.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from types import MappingProxyType
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from monitor.feeds.plain import one_line
from monitor.urls import canonical, registrable_domain

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 32
MAX_NAME_CHARS = 300
SLUG_CHARS = 40

NAMESPACE = "urn:x-newsmonitor:opml:1"
# Keys of [feeds.ID] that an OPML may carry. `auth` and `headers` are not among them and never will be: a list that a stranger
# wrote could name a file of ours and have it sent to a server of theirs.
SETTINGS = (
    "outlet",
    "interval.min",
    "interval.max",
    "interval.adaptive",
    "backfill",
    "flood",
    "retry_after",
    "disable_after",
    "timeout",
    "allow_downgrade",
    "max_size.feed",
    "max_size.page",
)
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})  # one for all: most of ten thousand feeds have none
_NO_XML = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class OpmlError(ValueError):
    """A list that is not taken; nothing of it is.

    line: 1-based, None where no line is to blame.
    """

    def __init__(self, message: str, *, line: int | None = None):
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """url: as listed, http or https. group: the titles of the outlines around it, "Europe/Press rooms"; "" at the top.

    id, settings: only where the list is one of ours; keys of `SETTINGS`, values as config.toml would have them as text.
    """

    url: str
    title: str = ""
    site_url: str = ""
    language: str = ""
    group: str = ""
    id: str = ""
    settings: Mapping[str, str] = field(default_factory=lambda: NO_SETTINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A line of a list that gives no feed. reason: `duplicate` or `bad-address`. title: of the outline, for people."""

    line: int
    address: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlList:
    """What stands in a list, in its order."""

    feeds: tuple[OpmlFeed, ...]
    left_out: tuple[LeftOut, ...] = ()


def read(data: bytes, *, max_feeds: int = 5000) -> tuple[OpmlFeed, ...]:
    """The feeds of a list in its order, each address once.

    raises: OpmlError as `read_list`, and for an address that is not on the web.
    """
    found = read_list(data, max_feeds=max_feeds)
    for each in found.left_out:
        if each.reason == "bad-address":
            raise OpmlError(f'"{each.address}" is no http or https address', line=each.line)
    return found.feeds


def read_list(data: bytes, *, max_feeds: int = 5000) -> OpmlList:
    """The feeds of a list, and which of its lines give none: addresses given before, and addresses that are not on the web.

    raises: OpmlError for what is no OPML, larger than 5 MiB, deeper than 32 outlines, has a DOCTYPE (nothing good hides there),
    or lists more than `max_feeds`.
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
    return OpmlList(feeds=tuple(outline.feeds.values()), left_out=tuple(outline.left_out))


def write(feeds: Iterable[OpmlFeed], *, title: str, at: datetime) -> str:
    """The feeds as OPML 2.0, groups as outlines around them; reading it gives the same feeds in the same order of groups."""
    tree = _Group()
    for feed in feeds:
        group = tree
        for name in _names(feed.group):
            group = group.groups.setdefault(name, _Group())
        group.feeds.append(feed)
    head = f"  <head>\n    <title>{_escaped(title)}</title>\n    <dateCreated>{format_datetime(at)}</dateCreated>\n  </head>\n"
    lines = "".join(f"{line}\n" for line in tree.lines("    "))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0" xmlns:monitor="{NAMESPACE}">\n{head}  <body>\n{lines}  </body>\n</opml>\n'


@dataclass(frozen=True, slots=True)
class _Group:
    groups: "dict[str, _Group]" = field(default_factory=dict)
    feeds: list[OpmlFeed] = field(default_factory=list)

    def lines(self, indent: str) -> Iterable[str]:
        for feed in self.feeds:
            given = {
                "type": "rss",
                "text": feed.title or feed.id or feed.url,
                "title": feed.title,
                "xmlUrl": feed.url,
                "htmlUrl": feed.site_url,
                "language": feed.language,
                "monitor:id": feed.id,
            } | {f"monitor:{_attribute(key)}": feed.settings.get(key, "") for key in SETTINGS}
            yield f"{indent}<outline {' '.join(f'{name}={_quoted(value)}' for name, value in given.items() if value)}/>"
        for name, group in self.groups.items():
            yield f"{indent}<outline text={_quoted(name)}>"
            yield from group.lines(indent + "  ")
            yield f"{indent}</outline>"


def _names(group: str) -> list[str]:
    return [name for name in (part.strip() for part in group.split("/")) if name][: MAX_DEPTH - 3]


def _attribute(key: str) -> str:
    """`max_size.feed` → `max-size-feed`."""
    return key.replace(".", "-").replace("_", "-")


_SETTING_OF = {_attribute(key): key for key in SETTINGS}


def _quoted(value: str) -> str:
    return quoteattr(_NO_XML.sub(" ", value))


def _escaped(value: str) -> str:
    return _quoted(value)[1:-1]


def feed_id(title: str, url: str) -> str:
    """An id for a feed that has no key in config.toml: its title in plain letters (or its site), and six digits of its address's hash.

    The same for the same title and address, and fit for addresses, file names and metrics.
    """
    name = slug(title) or slug(registrable_domain(url)) or "feed"
    return f"{name}-{hashlib.sha256((canonical(url) or url).encode('utf-8', 'replace')).hexdigest()[:6]}"


def _on_the_web(address: str) -> str:
    """Subscribe links of browsers mean https: `feed://host/…`, `feed:https://host/…`."""
    if address[:5].lower() != "feed:":
        return address
    return f"https:{address[5:]}" if address[5:7] == "//" else address[5:]


def slug(text: str) -> str:
    """A text in plain small letters, digits and dashes, as far as it has any."""
    letters = text.lower() if text.isascii() else unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return _NO_SLUG.sub("-", letters)[:SLUG_CHARS].strip("-")


_NO_SLUG = re.compile("[^a-z0-9]+")


class _Outline:
    """expat's handlers, and where in the list they are."""

    def __init__(self, max_feeds: int):
        self.max_feeds = max_feeds
        self.feeds: dict[str, OpmlFeed] = {}
        self.left_out: list[LeftOut] = []
        self.prefixes: set[str] = set()  # that mean our namespace
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
        if NAMESPACE in attributes.values():
            self.prefixes.update(key.removeprefix("xmlns:") for key, value in attributes.items() if key.startswith("xmlns:") and value == NAMESPACE)
        given = {key.lower(): value for key, value in attributes.items()}
        address = given.pop("xmlurl", "").strip()
        given = {key: one_line(value)[:MAX_NAME_CHARS] for key, value in given.items()}
        title = given.get("title") or given.get("text") or ""
        is_outline = name.lower() == "outline"
        if is_outline and address:
            self.add(address, title, given)
            title = ""
        self.titles.append(title if is_outline else "")

    def add(self, address: str, title: str, given: dict[str, str]) -> None:
        if len(self.feeds) + len(self.left_out) >= self.max_feeds:
            raise self.error(f"more than {self.max_feeds} feeds")
        address = _on_the_web(address)
        key = canonical(address)
        if not key or key in self.feeds:
            reason = "duplicate" if key else "bad-address"
            self.left_out.append(LeftOut(line=self.parser.CurrentLineNumber, address=one_line(address)[:100], title=title, reason=reason))
            return
        site_url = given.get("htmlurl", "")
        own = {key.partition(":")[2]: value for key, value in given.items() if key.partition(":")[0] in self.prefixes} if self.prefixes else {}
        self.feeds[key] = OpmlFeed(
            url=address,
            title=given.get("title", "") if own else title,  # what ours write as text is only for people
            site_url=site_url if canonical(site_url) else "",
            language=given.get("language", ""),
            group="/".join(filter(None, self.titles)),
            id=own.get("id", ""),
            settings={_SETTING_OF[name]: value for name, value in own.items() if name in _SETTING_OF and value} or NO_SETTINGS,
        )

    def end(self, _name: str) -> None:
        self.titles.pop()

    def refuse_doctype(self, *_declaration: object) -> None:
        raise self.error("a DOCTYPE is not taken; remove it")

    def error(self, message: str) -> OpmlError:
        return OpmlError(message, line=self.parser.CurrentLineNumber)
