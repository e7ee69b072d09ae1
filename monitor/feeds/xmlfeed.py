"""RSS 0.9x to 2.0, RDF and Atom: feedparser reads the XML, we say what it means.

feedparser stays the judge because no faster reader gives the same entries (research: 523 of 565 well-formed feeds).
It is asked for nothing else: text arrives decoded, dates are read from the raw strings, links are resolved here.
"""

import re
from collections.abc import Iterable
from html import escape
from html.entities import html5
from io import BytesIO
from typing import Any

from monitor import urls
from monitor.feeds.bounds import within_bounds
from monitor.feeds.entries import Reader
from monitor.feeds.parsed import ParsedFeed
from monitor.feeds.plain import MAX_SUMMARY_CHARS, clean, plain
from monitor.feeds.wellformed import Document, read_wellformed
from monitor.model import Enclosure, Entry
from monitor.status import Problem

MAX_HEAD_CHARS = 20_000  # what stands before a feed's first item

# A root of its own or one that a default namespace hides behind a prefix.
_ROOT = re.compile(r"<(?:[\w-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_HTML_ROOT = re.compile(r"<html[\s>]", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml[^<>]{0,200}>", re.IGNORECASE)
# Inside CDATA an ampersand is a letter like any other. CDATA without an end goes to the end, also so that a million of its beginnings cost one pass.
_REFERENCE = re.compile(r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:#(?P<decimal>\d{1,9});|#[xX](?P<hex>[0-9a-fA-F]{1,8});|(?P<name>\w{1,32});)?", re.DOTALL)
_DECLARED = '<?xml version="1.0" encoding="utf-8"?>\n'  # written anew, because the text is UTF-8 now, whatever it said
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SKIP_LIST = re.compile(r"<skip(hours|days)[\s>](.{0,3000}?)</skip\1>", re.IGNORECASE | re.DOTALL)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIOD_S = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}
_DECLARED_HTML = frozenset({"text/html", "application/xhtml+xml"})

Raw = dict[str, Any]  # feedparser's dictionary of a feed, an entry, a link


def looks_like_xml_feed(text: str) -> bool:
    """Whether a feed's root comes before any root of HTML."""
    root = _ROOT.search(text)
    if not root:
        return False
    html = _HTML_ROOT.search(text, 0, root.start())
    return html is None


def read_xml(text: str, *, url: str, judge: bool = True) -> ParsedFeed:
    """The feed in an XML text that `looks_like_xml_feed`; entries without keys.

    judge: False where there is no time for feedparser; a document that needs it has format "" then.
    """
    reader = Reader(url)
    start, has_doctype = _beginning(text)
    cleaned = clean(text[start:])
    try:
        document = read_wellformed((_DECLARED + cleaned).encode())
        if document is None:
            document = _judged(cleaned, reader, has_doctype=has_doctype) if judge else Document("", is_broken=True)
    except Exception as error:  # noqa: BLE001  (feedparser's parsers fail in a dozen ways on fuzzed input, and a feed must never stop the others)
        return ParsedFeed(problems=(Problem(code="malformed-xml", detail=f"{type(error).__name__}: {error}"[:200]),))
    version, head, raw_entries = document.version, document.feed, document.entries
    entries = tuple(_entry(raw, reader, is_atom=version.startswith("atom")) for raw in reader.newest(raw_entries, _raw_date))
    return ParsedFeed(
        format=version or ("rss" if raw_entries else ""),
        title=plain(_text(head, "title"), is_html=_declared(head, "title")),
        url=next((reader.absolute(_text(link, "href")) for link in _links(head) if dict.get(link, "rel") == "self"), ""),
        site_url=reader.absolute(_text(head, "link")),
        new_url=reader.absolute(_text(head, "itunes_new-feed-url")),
        language=reader.language(_text(head, "language")),
        entries=entries,
        is_well_formed=not document.is_broken,
        problems=tuple(reader.problems),
        ttl_s=_minutes(_text(head, "ttl")),
        update_period_s=_update_period(head),
        skip_hours=frozenset(int(hour) % 24 for hour in _skip_list(text, "hours") if hour.isdecimal() and int(hour) <= 24),
        skip_days=frozenset(_DAYS.index(day) for day in _skip_list(text, "days") if day in _DAYS),
    )


def _beginning(text: str) -> tuple[int, bool]:
    """Where the document begins behind its declaration, or behind the junk that some servers send first; and whether it has a DOCTYPE."""
    root = _ROOT.search(text)
    before = text[: root.start()] if root else ""
    declaration = _DECLARATION.search(before)
    doctype = before.find("<!DOCTYPE")
    return declaration.end() if declaration else doctype if doctype >= 0 else len(before), doctype >= 0


def _judged(document: str, reader: Reader, *, has_doctype: bool) -> Document:
    """What feedparser makes of it, once everything that expat refuses though every reader sees past it is made good: bare ampersands, HTML's entities.

    feedparser's other parser, for broken XML, would read such feeds too, but makes "AT&T; & co" of "AT&T & co".
    """
    import feedparser  # 0.1 s, and most feeds do not need it

    document, left_out = within_bounds(document)
    if left_out:
        reader.problem(
            "too-many-entries" if left_out > 0 else "too-much-markup", f"{left_out} older ones were left out" if left_out > 0 else "read up to there"
        )
    tidied = _REFERENCE.sub(_possible_reference, document)
    if tidied != document and not has_doctype:  # a DOCTYPE may define HTML's entities, as RSS 0.91 does
        reader.problem("malformed-xml", "bare ampersands, or characters and entities that XML does not know")
    # A BytesIO, because feedparser opens plain bytes and strings as file names and addresses.
    judged = feedparser.parse(BytesIO((_DECLARED + tidied).encode()), sanitize_html=False, resolve_relative_uris=False)
    if judged.bozo and not reader.problems:
        reader.problem("malformed-xml", str(judged.get("bozo_exception", "")))
    return Document(judged.version, judged.feed, judged.entries, is_broken=bool(judged.bozo or left_out))


def _possible_reference(found: re.Match[str]) -> str:
    """The reference as XML allows it: a bare "&" escaped, HTML's names as numbers, numbers of no character gone."""
    whole, name = found[0], found["name"]
    if name:
        letters = html5.get(name + ";", "")
        return "".join(f"&#{ord(letter)};" for letter in letters) if letters and name not in _XML_NAMES else whole
    if found["decimal"] or found["hex"]:
        number = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
        is_possible = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number <= 0x10FFFF
        return whole if is_possible else ""
    return "&amp;" if whole == "&" else whole


def _entry(raw: Raw, reader: Reader, *, is_atom: bool) -> Entry:
    published_at, updated_at = (reader.date(_text(raw, name)) for name in ("published", "updated"))
    if published_at is None:
        published_at = reader.date(_text(raw, "created"))
    if published_at is None and not is_atom:
        # RSS 1.0 and many 2.0 feeds know only dc:date, which feedparser files under `updated`.
        published_at, updated_at = updated_at, None
    summary, content = _summary_and_content(raw)
    return Entry(
        key="",
        id=reader.identifier(_text(raw, "id")),
        url=urls.publisher(reader.absolute(_text(raw, "link")) or _first_alternate(raw, reader)),
        title=reader.title(_text(raw, "title"), is_html=_declared(raw, "title")),
        summary=reader.summary(summary, is_html=_declared(raw, "summary")),
        content=content,
        authors=reader.authors(_authors(raw)),
        published_at=published_at,
        updated_at=updated_at,
        enclosures=reader.enclosures(_enclosures(raw, reader)),
    )


def _summary_and_content(raw: Raw) -> tuple[str, str]:
    """The teaser, and the HTML of the whole text.

    Feeds that put the whole text into the description keep it: it is the content then, and its beginning the summary.
    """
    summary = _text(raw, "summary")
    contents = [_as_html(part) for part in dict.get(raw, "content") or () if _is_text(part)]
    content = max(contents, key=len, default="")
    if not content and len(summary) > MAX_SUMMARY_CHARS:
        content = clean(summary) if _declared(raw, "summary") else escape(clean(summary), quote=False)
    return summary, content


def _is_text(part: Raw) -> bool:
    kind = _text(part, "type")
    return not kind or kind.startswith("text/") or kind in _DECLARED_HTML


def _as_html(part: Raw) -> str:
    value = clean(_text(part, "value"))
    return escape(value, quote=False) if _text(part, "type") == "text/plain" else value


def _declared(raw: Raw, field: str) -> bool | None:
    """True where feed or feedparser say that a field is HTML; None where they say text, which publishers get wrong."""
    detail = dict.get(raw, field + "_detail") or {}
    return True if dict.get(detail, "type") in _DECLARED_HTML else None


def _first_alternate(raw: Raw, reader: Reader) -> str:
    links = (reader.absolute(_text(link, "href")) for link in _links(raw) if dict.get(link, "rel", "alternate") == "alternate")
    return next(filter(None, links), "")


def _authors(raw: Raw) -> Iterable[str]:
    names = [_text(author, "name") for author in dict.get(raw, "authors") or ()]
    return names if any(names) else [_text(raw, "author")]


def _enclosures(raw: Raw, reader: Reader) -> Iterable[Enclosure]:
    for link in _links(raw):
        if dict.get(link, "rel") == "enclosure" and (address := reader.absolute(_text(link, "href"))):
            length = _text(link, "length")
            yield Enclosure(url=address, media_type=clean(_text(link, "type"))[:100], length_bytes=int(length) if re.fullmatch("[0-9]{1,15}", length) else None)


def _links(raw: Raw) -> Iterable[Raw]:
    return dict.get(raw, "links") or ()


def _raw_date(raw: Raw) -> str:
    return _text(raw, "published") or _text(raw, "updated") or _text(raw, "created")


def _text(raw: Raw, field: str) -> str:
    # dict.get, because feedparser's own lookup answers `updated` with `published` and warns about it.
    value = dict.get(raw, field)
    return value if isinstance(value, str) else ""


def _minutes(ttl: str) -> float | None:
    return int(ttl) * 60.0 if re.fullmatch("[0-9]{1,7}", ttl) and int(ttl) else None


def _update_period(head: Raw) -> float | None:
    """RSS 1.0 Syndication Module: a period, and how often in it."""
    period_s = _PERIOD_S.get(_text(head, "sy_updateperiod").lower())
    frequency = _text(head, "sy_updatefrequency")
    return period_s / (int(frequency) if re.fullmatch("[1-9][0-9]{0,5}", frequency) else 1) if period_s else None


def _skip_list(text: str, kind: str) -> list[str]:
    """What stands in <skipHours> or <skipDays>; feedparser keeps only the last of each."""
    head = text.partition("<item")[0][:MAX_HEAD_CHARS]
    lists = (found[2] for found in _SKIP_LIST.finditer(head) if found[1].lower() == kind)
    return [word.lower() for words in lists for word in re.findall(r">\s*(\w+)\s*<", words)]
