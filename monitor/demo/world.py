"""The small world: a dozen newspapers on loopback, each with a feed and real pages.

    async with World() as world:
        ...                                       # poll world.feeds
        url = world.publish("northgate", "mobile-radars-for-ukraine")

Each newspaper has an address of its own (127.0.1.11 and up); where the system knows only 127.0.0.1, as macOS does,
they share it and differ by port.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from typing import NamedTuple, Self

from monitor.demo import press
from monitor.demo.httpd import Listener, Reply, Request
from monitor.demo.outlets import Fault, Outlet, Piece, load_outlets

NETWORKS = ("127.0.1.0/24", "127.0.0.1/32")  # where the newspapers live, for `allow_private`
SLOW_S = 2.0
RELATED = 4
ROBOTS = b"User-agent: *\nAllow: /\n"


class Hit(NamedTuple):
    """An answered request. path: without the query."""

    outlet: str
    path: str
    status: int


@dataclass(slots=True, kw_only=True)
class Site:
    """A newspaper with its address and what it has printed so far, newest first."""

    outlet: Outlet
    url: str
    printed: list[press.Printed] = field(default_factory=list)

    @property
    def feed_url(self) -> str:
        return f"{self.url}/feed"

    def add(self, piece: Piece, published_at: datetime) -> press.Printed:
        printed = press.Printed(piece=piece, url=self.url + piece.path, published_at=published_at.replace(microsecond=0))
        self.printed.append(printed)
        self.printed.sort(key=lambda one: one.published_at, reverse=True)
        return printed


class World:
    """All newspapers, running. hits: how often each path of each outlet was answered, by status."""

    def __init__(self, outlets: Sequence[Outlet] | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), slow_s: float = SLOW_S) -> None:
        self.sites: dict[str, Site] = {}
        self.hits: Counter[Hit] = Counter()
        self._outlets = load_outlets() if outlets is None else tuple(outlets)
        self._clock, self._slow_s = clock, slow_s
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for number, outlet in enumerate(self._outlets):
            listener = Listener(partial(self._respond, outlet.id))
            self._stack.push_async_callback(listener.close)
            try:
                await listener.open(f"127.0.1.{11 + number}")
            except OSError:
                await listener.open("127.0.0.1")
            self.sites[outlet.id] = self._site(outlet, listener.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def publish(self, outlet_id: str, slug: str) -> str:
        """Let a newspaper print a piece it held back; gives the address of its page. raises: LookupError where there is none."""
        site = self.sites[outlet_id]
        piece = next((piece for piece in site.outlet.pieces if piece.slug == slug), None)
        if piece is None or any(one.piece is piece for one in site.printed):
            raise LookupError(f"{outlet_id} holds nothing back under {slug!r}")
        return site.add(piece, self._clock()).url

    def _site(self, outlet: Outlet, url: str) -> Site:
        site, now = Site(outlet=outlet, url=url), self._clock()
        for piece in outlet.pieces:
            if piece.minutes_ago is not None:
                site.add(piece, now - timedelta(minutes=piece.minutes_ago))
        return site

    async def _respond(self, outlet_id: str, request: Request) -> Reply:
        site, path = self.sites[outlet_id], request.path.partition("?")[0]
        if site.outlet.fault is Fault.SLOW:
            await asyncio.sleep(self._slow_s)  # The slowness is the exhibit here, nothing waits for it to be over.
        reply = _conditional(request, _answer(site, path)) if request.method in {"GET", "HEAD"} else Reply(status=405, headers={"Allow": "GET, HEAD"})
        self.hits[Hit(outlet_id, path, reply.status)] += 1
        return reply


def _answer(site: Site, path: str) -> Reply:
    match path:
        case "/feed" if site.outlet.fault is Fault.SERVER_ERROR:
            return Reply(status=500, body=b"The press has jammed.\n")
        case "/feed":
            return _document(press.feed(site.outlet, site.url, site.printed), press.CONTENT_TYPES[site.outlet.format], site.printed[0].published_at)
        case "/":
            return _document(press.front_page(site.outlet, site.url, site.printed), "text/html; charset=utf-8", site.printed[0].published_at)
        case "/robots.txt":
            return Reply(headers={"Content-Type": "text/plain"}, body=ROBOTS)
    printed = next((one for one in site.printed if one.piece.path == path), None)
    if printed is None:
        return Reply(status=404, headers={"Content-Type": "text/plain"}, body=b"No such page.\n")
    others = [one for one in site.printed if one is not printed][:RELATED]
    return _document(press.page(site.outlet, site.url, printed, others), "text/html; charset=utf-8", printed.published_at)


def _document(body: bytes, content_type: str, modified_at: datetime) -> Reply:
    validators = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"', "Last-Modified": format_datetime(modified_at, usegmt=True)}
    return Reply(headers={"Content-Type": content_type, "Cache-Control": "max-age=0", **validators}, body=body)


def _conditional(request: Request, reply: Reply) -> Reply:
    """304 where the client has this version; If-None-Match wins over the date. Source: RFC 9110 §13.2.2."""
    if reply.status != 200 or "ETag" not in reply.headers:
        return reply
    version, modified = reply.headers["ETag"], reply.headers["Last-Modified"]
    if tags := request.headers.get("if-none-match"):
        has_it = version in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    else:
        has_it = _is_since(request.headers.get("if-modified-since", ""), modified)
    return Reply(status=304, headers={"ETag": version, "Last-Modified": modified}) if has_it else reply


def _is_since(asked: str, modified: str) -> bool:
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(asked)
    except (ValueError, TypeError):
        return False  # No date, or none that reads: then the request has no condition (RFC 9110 §13.1.3).
