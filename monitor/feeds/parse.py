"""Bytes to entries."""

from dataclasses import replace

from monitor.feeds.decode import Decoded, decode
from monitor.feeds.identity import identified
from monitor.feeds.jsonfeed import looks_like_json, read_json
from monitor.feeds.parsed import ParsedFeed
from monitor.feeds.present import feeds_json
from monitor.feeds.xmlfeed import looks_like_xml_feed, read_xml
from monitor.status import Problem

__all__ = ["ParsedFeed", "feeds_json", "parse"]


def parse(body: bytes, *, url: str = "", content_type: str = "") -> ParsedFeed:
    """What a feed's document says, whatever is wrong with it.

    url: where the body came from after redirects; without it relative links stay relative.
    content_type: the header; only its charset counts, because feeds arrive under every media type.

    Never raises. What is no feed has format "", no entries, and one of the problems `empty-body`, `not-a-feed`,
    `malformed-json`, `malformed-xml`. Entries that could be read are given along with the problems `malformed-xml`, `encoding`,
    `bad-date`, `bad-entry`, `shared-guid`, `repeated-entry`, `too-many-entries`.

    Linear in the body, but feedparser takes about 0.5 ms per KB and much more on bombs: call it where it can be stopped (sandbox).
    """
    return parse_text(decode(body, content_type), url=url)


def parse_text(decoded: Decoded, *, url: str, judge: bool = True) -> ParsedFeed:
    """`parse` for a body that was decoded already. judge: False where there is no time for feedparser; what needs it has format "" then."""
    if not decoded.text.strip(" \t\r\n\x00"):
        return ParsedFeed(problems=(Problem(code="empty-body"),))
    feed = _read(decoded.text, url, judge=judge)
    entries, oddities = identified(feed.entries)
    label = (decoded.problem,) if decoded.problem and feed.format else ()
    return replace(feed, entries=entries, problems=(*label, *feed.problems, *oddities))


def _read(text: str, url: str, *, judge: bool) -> ParsedFeed:
    if looks_like_json(text):
        return read_json(text, url=url)
    if looks_like_xml_feed(text):
        feed = read_xml(text, url=url, judge=judge)
        return feed if feed.format else replace(feed, problems=(*feed.problems, Problem(code="not-a-feed", detail="XML without a feed in it")))
    kind = "an HTML page" if "<html" in text[:5000].lower() or "<!doctype html" in text[:5000].lower() else "neither XML nor JSON of a feed"
    return ParsedFeed(problems=(Problem(code="not-a-feed", detail=kind),))
