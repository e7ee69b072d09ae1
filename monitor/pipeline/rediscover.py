"""Look for a feed that is lost: ask its site, and what that leads to, through the guarded client and in each host's turn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import FetchError, SandboxError
from monitor.feeds.discover import Candidate, How, candidates, likeliest
from monitor.feeds.parse import parse
from monitor.feeds.parsed import ParsedFeed
from monitor.model import Response
from monitor.pipeline.doors import Doors, FeedRules
from monitor.telemetry import log
from monitor.text import clean_line

MOST_PROBES = 5
READ_LIMIT_S = 10.0
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, application/atom+xml, application/rss+xml, application/feed+json, */*;q=0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed that was asked and read. url: where it stands, after permanent redirects. how: None where the address given was a feed itself.

    page: the address that led there.
    """

    url: str
    title: str
    format: str
    entry_count: int
    newest_at: datetime | None
    how: How | None
    page: str

    @property
    def reason(self) -> str:
        """How we came to it, in words, and what it calls itself."""
        match self.how:
            case How.LINKED:
                how = f"{self.page} says that its feed is there"
            case How.NAMED:
                how = f"{self.page} links to it"
            case How.GUESSED:
                how = f"feeds often stand there, and {self.page} names none"
            case None:
                how = "it stands at the site's own address"
        title = clean_line(self.title, 80)
        return f"{how}, titled “{title}”" if title else how


async def look(doors: Doors, url: str, rules: FeedRules, *, title: str = "", old_url: str = "", most: int = MOST_PROBES, enough: int = 1) -> list[Found]:
    """The feeds that an address leads to, the likeliest first; the address itself where it is one.

    title, old_url: of the feed that is looked for, to find the one most like it. most: requests beside the first. enough: stop after so many.
    raises: FetchError, SandboxError where the address itself cannot be had.
    """
    page = await _ask(doors, url, rules, accept=PAGE_TYPES, max_bytes=max(rules.page_bytes, rules.feed_bytes))
    feed = await _read(doors, page)
    if feed.format:
        return [_found(page, feed, None, page.url)]
    return await look_in(doors, page, rules, title=title, old_url=old_url or url, most=most, enough=enough)


async def look_in(
    doors: Doors, page: Response, rules: FeedRules, *, title: str = "", old_url: str = "", most: int = MOST_PROBES, enough: int = 1, guess: bool = True
) -> list[Found]:
    """The feeds that a page leads to. raises: SandboxError where it cannot be read."""
    content_type = page.headers.get("content-type", "")
    named = await doors.sandbox.run(candidates, page.body, url=page.url, content_type=content_type, guess=guess, timeout_s=READ_LIMIT_S)
    ordered: Sequence[Candidate] = likeliest(named, title=title, old_url=old_url) if old_url else named
    return await _probed(doors, ordered[:most], rules, enough=enough, page=page.url)


async def read_feed(doors: Doors, url: str, rules: FeedRules) -> tuple[Response, ParsedFeed] | None:
    """What stands at an address, if it is a feed; None where it is none or cannot be had."""
    try:
        response = await _ask(doors, url, rules, accept="*/*", max_bytes=rules.feed_bytes)
        feed = await _read(doors, response)
    except (FetchError, SandboxError) as error:
        log.debug("no-feed-there", url=url, reason=error.reason)
        return None
    return (response, feed) if feed.format else None


async def _probed(doors: Doors, wanted: Iterable[Candidate], rules: FeedRules, *, enough: int, page: str) -> list[Found]:
    found: dict[str, Found] = {}
    for candidate in wanted:
        if read := await read_feed(doors, candidate.url, rules):
            response, feed = read
            each = _found(response, feed, candidate, page)
            found.setdefault(each.url, each)
        if len(found) >= enough:
            break
    return list(found.values())


def _found(response: Response, feed: ParsedFeed, candidate: Candidate | None, page: str) -> Found:
    asked = candidate.url if candidate else response.url
    dates = [moment for entry in feed.entries if (moment := entry.published_at or entry.updated_at) and moment <= response.fetched_at]
    return Found(
        url=response.permanent_url or asked,
        title=feed.title or (candidate.title if candidate else ""),
        format=feed.format,
        entry_count=len(feed.entries),
        newest_at=max(dates, default=None),
        how=candidate.how if candidate else None,
        page=page,
    )


async def _ask(doors: Doors, url: str, rules: FeedRules, *, accept: str, max_bytes: int) -> Response:
    async with doors.hosts.turn(url, queues=True) as turn, doors.asking.one(doubtful=True):
        turn.asks()
        return await doors.client.get(url, accept=accept, max_bytes=max_bytes, timeout_s=rules.timeout_s)


async def _read(doors: Doors, response: Response) -> ParsedFeed:
    return await doors.sandbox.run(parse, response.body, url=response.url, content_type=response.headers.get("content-type", ""), timeout_s=READ_LIMIT_S)
