"""JSON Feed 1.0 and 1.1, which feedparser does not read.

Source: https://www.jsonfeed.org/version/1.1/. Fields of the wrong type count as absent: one odd entry costs no feed.
"""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from monitor.feeds.entries import Reader
from monitor.feeds.parsed import ParsedFeed
from monitor.feeds.plain import clean, one_line
from monitor.model import Enclosure, Entry
from monitor.status import Problem


def looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def read_json(text: str, *, url: str) -> ParsedFeed:
    """The feed in a JSON text; entries without keys. Other JSON has format "" and a problem."""
    try:
        document = json.loads(text.strip(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # ten thousand nested arrays end in a RecursionError
        return _no_feed("malformed-json", f"{type(error).__name__}: {error}")
    version = _text(document, "version") if isinstance(document, dict) else ""
    items = document.get("items") if version.partition("://")[2].removeprefix("www.").startswith("jsonfeed.org/version/") else None
    if not isinstance(items, list):
        return _no_feed("not-a-feed", "JSON without a version and items of JSON Feed")
    reader = Reader(url)
    raw_entries = [item for item in items if isinstance(item, dict)]
    if len(raw_entries) < len(items):
        reader.problem("bad-entry", f"{len(items) - len(raw_entries)} items are no objects")
    return ParsedFeed(
        format="json11" if version.rstrip("/").endswith("1.1") else "json10",
        title=one_line(_text(document, "title")),
        url=reader.absolute(_text(document, "feed_url")),
        site_url=reader.absolute(_text(document, "home_page_url")),
        language=reader.language(_text(document, "language")),
        entries=tuple(_entry(raw, reader) for raw in reader.newest(raw_entries, lambda raw: _text(raw, "date_published"))),
        problems=tuple(reader.problems),
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _no_feed(code: str, detail: str) -> ParsedFeed:
    problems = [Problem(code=code, detail=one_line(detail)[:200])]
    return ParsedFeed(problems=tuple(problems if code == "not-a-feed" else [*problems, Problem(code="not-a-feed", detail="broken JSON")]))


def _entry(raw: Mapping[str, Any], reader: Reader) -> Entry:
    html, text = _text(raw, "content_html"), _text(raw, "content_text")
    return Entry(
        key="",
        id=reader.identifier(_identifier(raw)),
        url=reader.absolute(_text(raw, "url")) or reader.absolute(_text(raw, "external_url")),
        title=reader.title(_text(raw, "title")),
        summary=reader.summary(_text(raw, "summary")) or reader.summary(html, is_html=True) or reader.summary(text),
        content=clean(html) or escape(clean(text), quote=False),
        authors=reader.authors(_authors(raw)),
        published_at=reader.date(_text(raw, "date_published")),
        updated_at=reader.date(_text(raw, "date_modified")),
        enclosures=reader.enclosures(_attachments(raw, reader)),
    )


def _identifier(raw: Mapping[str, Any]) -> str:
    """Version 1.0 allowed numbers, and publishers still write them."""
    value = raw.get("id")
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _authors(raw: Mapping[str, Any]) -> Iterable[str]:
    """1.1 has a list, 1.0 one `author`."""
    return [_text(author, "name") for author in [*_objects(raw, "authors"), raw.get("author")] if isinstance(author, dict)]


def _attachments(raw: Mapping[str, Any], reader: Reader) -> Iterable[Enclosure]:
    for attachment in _objects(raw, "attachments"):
        if address := reader.absolute(_text(attachment, "url")):
            size = attachment.get("size_in_bytes")
            length = size if isinstance(size, int) and 0 <= size < 10**15 else None
            yield Enclosure(url=address, media_type=one_line(_text(attachment, "mime_type"))[:100], length_bytes=length)


def _objects(raw: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    value = raw.get(field)
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def _text(raw: Mapping[str, Any], field: str) -> str:
    value = raw.get(field)
    return value if isinstance(value, str) else ""
