"""Ask an address what stands there, without saving anything: for the commands that add and check feeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from monitor.articles.feed_text import from_feed
from monitor.errors import FetchError, Refused, SandboxError
from monitor.feeds.discover import Candidate, How, candidates
from monitor.feeds.parse import ParsedFeed, parse
from monitor.fetcher import robots
from monitor.fetcher.client import Client
from monitor.fetcher.politeness import Hosts
from monitor.matcher.match import Topics, prepare
from monitor.matcher.query import CompiledTopic
from monitor.model import Entry, Response
from monitor.pipeline.doors import FeedRules
from monitor.pipeline.page import PAGE_ACCEPT, PAGE_TYPES
from monitor.pipeline.poll import FEED_TYPES, PARSE_LIMIT_S
from monitor.sandbox import Sandbox

MOST_ASKED, MOST_GUESSED = 8, 12  # candidates of one site: its host gets them one after another
MOST_MATCHED = 500  # entries
MOST_PAGES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """What looking needs. most_bytes, timeout_s: for one answer."""

    client: Client
    hosts: Hosts
    sandbox: Sandbox
    topics: tuple[CompiledTopic, ...]
    most_bytes: int
    timeout_s: float
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What stands at an address. parsed: None where there was no answer; without a format it is no feed.

    matches: topic → how many of the entries would match it by the feed's own words.
    """

    url: str
    response: Response | None = None
    parsed: ParsedFeed | None = None
    error: FetchError | SandboxError | None = None
    matches: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_feed(self) -> bool:
        return self.parsed is not None and bool(self.parsed.format)

    @property
    def newest_at(self) -> datetime | None:
        return max((moment for entry in self.entries if (moment := entry.published_at or entry.updated_at)), default=None)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.parsed.entries if self.parsed else ()


async def look(eyes: Eyes, url: str, rules: FeedRules | None = None) -> Sight:
    """What stands at an address now. Problems are part of the answer and never raised. rules: those of a feed in the configuration."""
    how: dict[str, Any] = {"max_bytes": eyes.most_bytes, "timeout_s": eyes.timeout_s}
    if rules:
        how = {
            "max_bytes": rules.feed_bytes,
            "timeout_s": rules.timeout_s,
            "private_headers": rules.private_headers,
            "allow_downgrade": rules.allow_downgrade,
        }
    began = perf_counter()
    response: Response | None = None
    try:
        async with eyes.hosts.turn(url):
            response = await eyes.client.get(url, accept=FEED_TYPES, **how)
        seconds = round(perf_counter() - began, 3)
        content_type = response.headers.get("content-type", "")
        parsed = await eyes.sandbox.run(parse, response.body, url=response.url, content_type=content_type, timeout_s=PARSE_LIMIT_S)
        matches = await eyes.sandbox.run(count_matches, parsed.entries[:MOST_MATCHED], eyes.topics, timeout_s=PARSE_LIMIT_S) if parsed.entries else {}
    except (FetchError, SandboxError) as error:
        return Sight(url=url, response=response, error=error, seconds=round(perf_counter() - began, 3))
    return Sight(url=url, response=response, parsed=parsed, matches=matches, seconds=seconds)


def count_matches(entries: Sequence[Entry], topics: Sequence[CompiledTopic]) -> dict[str, int]:
    """How many of the entries match each topic, by the words of the feed alone."""
    together, found = Topics(topics), dict.fromkeys((topic.id for topic in topics), 0)
    for entry in entries:
        for match in together.judge(prepare(entry.title, from_feed(entry.title, entry.summary, entry.content))):
            found[match.topic] += match.matched
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """What robots.txt says of the pages behind a feed's entries. asked: how many of them were looked up, of which so many are forbidden.

    delay_s: between two pages. problem: why robots.txt could not be had; "" also where there is none, which allows everything.
    """

    origin: str
    asked: int
    forbidden: int = 0
    delay_s: float = 0.0
    problem: str = ""


async def page_rules(eyes: Eyes, sight: Sight) -> PageRules | None:
    """Whether the pages of a feed may be read; None where its entries have no addresses. Of several sites the first is asked."""
    origin = next((origin for entry in sight.entries if (origin := robots.origin_of(entry.url))), "")
    if not origin:
        return None
    urls = [entry.url for entry in sight.entries if robots.origin_of(entry.url) == origin][:MOST_PAGES]
    try:
        async with eyes.hosts.turn(origin):
            said, error = await robots.ask(eyes.client, origin, None, eyes.clock(), eyes.timeout_s)
        if error:
            return PageRules(origin=origin, asked=len(urls), problem=error.reason)
        forbidden, delay_s = await eyes.sandbox.run(judged, said.body, urls, timeout_s=PARSE_LIMIT_S)
    except (FetchError, SandboxError) as error:
        return PageRules(origin=origin, asked=len(urls), problem=error.reason)
    return PageRules(origin=origin, asked=len(urls), forbidden=forbidden, delay_s=delay_s)


async def ask_page_once(eyes: Eyes, url: str, *, ignores_robots: bool = False) -> Response:
    """A page as the watch would get it, with the manners of the watch; nothing is saved.

    raises: FetchError; SandboxError.
    """
    origin = robots.origin_of(url)
    if origin and not ignores_robots:
        async with eyes.hosts.turn(origin):
            said, error = await robots.ask(eyes.client, origin, None, eyes.clock(), eyes.timeout_s)
        if error:
            raise error
        forbidden, _ = await eyes.sandbox.run(judged, said.body, [url], timeout_s=PARSE_LIMIT_S)
        if forbidden:
            raise Refused(url, "robots", "its robots.txt forbids the page")
    async with eyes.hosts.turn(url):
        return await eyes.client.get(url, accept=PAGE_ACCEPT, accept_types=PAGE_TYPES, max_bytes=eyes.most_bytes, timeout_s=eyes.timeout_s)


def judged(text: str, urls: Sequence[str]) -> tuple[int, float]:
    """How many of the pages a robots.txt forbids, and its longest wish for rest."""
    rules = robots.for_us(text)
    answers = [robots.judge(rules, url) for url in urls]
    return sum(not may for may, _ in answers), max((delay_s for _, delay_s in answers), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed that a site leads to, and how we came to it."""

    sight: Sight
    candidate: Candidate


async def discover(eyes: Eyes, page: Sight) -> list[Found]:
    """The feeds of a site, the likeliest first: those that its page names, else those at the usual places. Each was asked, and is one.

    page: what stood at the address that is no feed.
    """
    if page.response is None:
        return []
    try:
        listed = await eyes.sandbox.run(
            candidates,
            page.response.body,
            url=page.response.url,
            content_type=page.response.headers.get("content-type", ""),
            timeout_s=PARSE_LIMIT_S,
        )
    except SandboxError:
        return []
    named = [candidate for candidate in listed if candidate.how is not How.GUESSED]
    guessed = [candidate for candidate in listed if candidate.how is How.GUESSED]
    return await _asked(eyes, named[:MOST_ASKED]) or await _asked(eyes, _by_turns(guessed, page.response.url)[:MOST_GUESSED], most=1)


def _by_turns(guessed: Sequence[Candidate], url: str) -> list[Candidate]:
    """The usual places under the page and at the root by turns, else the root would come too late to be asked."""
    if urlsplit(url).path.rpartition("/")[0] == "":
        return list(guessed)
    half = (len(guessed) + 1) // 2
    return [each for pair in zip_longest(guessed[:half], guessed[half:]) for each in pair if each]


async def _asked(eyes: Eyes, listed: Sequence[Candidate], *, most: int = MOST_ASKED) -> list[Found]:
    """One after another: they are nearly always at one host, which has one turn at a time anyway. most: feeds after which it is enough."""
    found: dict[str, Found] = {}
    for candidate in listed:
        sight = await look(eyes, candidate.url)
        if sight.is_feed and sight.response:
            found.setdefault(sight.response.url, Found(sight=sight, candidate=candidate))
        if len(found) >= most:
            break
    return list(found.values())
