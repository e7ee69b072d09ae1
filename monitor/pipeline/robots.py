"""Asking a site's robots.txt before its pages: once a day, once at a time, in the site's own turn."""

import asyncio
from collections import OrderedDict, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.errors import Refused, SandboxError
from monitor.fetcher.robots import GIVES_UP_AFTER, ask, for_us, judge, origin_of
from monitor.model import Robots
from monitor.store.robots import load_robots
from monitor.telemetry import log

if TYPE_CHECKING:
    from monitor.pipeline.doors import Doors

KNOWN = 1000  # sites whose rules are remembered; the others are in the rows
SHORT_RULES = 20_000  # characters; reading them takes a few milliseconds
READ_LIMIT_S = 2.0


class RobotsMemory:
    """What this process knows of sites. next_page_at: where a Crawl-delay is kept."""

    def __init__(self) -> None:
        self.said: OrderedDict[str, Robots] = OrderedDict()
        self.asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.next_page_at: dict[str, datetime] = {}

    def remember(self, said: Robots) -> None:
        self.said[said.origin] = said
        self.said.move_to_end(said.origin)
        while len(self.said) > KNOWN:
            forgotten, _ = self.said.popitem(last=False)
            self.next_page_at.pop(forgotten, None)

    def take_turn(self, url: str, delay_s: float, now: datetime) -> None:
        """One page now, the next after the site's Crawl-delay.

        raises: Refused `crawl-delay` with `retry_at`.
        """
        origin = origin_of(url)
        if delay_s <= 0:
            return
        next_at = self.next_page_at.get(origin, now)
        if now < next_at <= now + timedelta(seconds=delay_s):
            raise Refused(url, "crawl-delay", f"its site wants {delay_s:g} s between two pages", retry_at=next_at)
        self.next_page_at[origin] = now + timedelta(seconds=delay_s)


async def may_read(doors: "Doors", url: str, timeout_s: float, retry_after: str) -> float:
    """The seconds that its site wants between two pages, if we may ask for this one.

    retry_after: who is left alone when robots.txt is answered with a wish for rest.
    raises: Refused `robots` where it is forbidden; `robots-unavailable` with `retry_at` while nobody can say; FetchError where the site
    does not answer at all.
    """
    origin = origin_of(url)
    if not origin:
        return 0.0
    said = doors.robots.said.get(origin)
    if said is None or said.expires_at <= doors.clock():
        async with doors.robots.asking[origin]:
            said = await _news(doors, origin, timeout_s, retry_after)
        if not doors.robots.asking[origin].locked():
            doors.robots.asking.pop(origin, None)
    now = doors.clock()
    if said.failing_since and not said.body:
        if now - said.failing_since < GIVES_UP_AFTER:
            raise Refused(url, "robots-unavailable", "its site cannot say which pages it forbids", retry_at=said.expires_at)
        return 0.0
    try:
        may, delay_s = judge(said.body, url) if len(said.body) <= SHORT_RULES else await doors.sandbox.run(judge, said.body, url, timeout_s=READ_LIMIT_S)
    except SandboxError:
        return 0.0  # nobody can follow such rules
    if not may:
        raise Refused(url, "robots", "its robots.txt forbids the page")
    return delay_s


async def _news(doors: "Doors", origin: str, timeout_s: float, retry_after: str) -> Robots:
    """raises: FetchError where nobody answers and nothing is known."""
    said = doors.robots.said.get(origin) or await doors.database.read(load_robots, origin)
    if said and said.expires_at > doors.clock():
        doors.robots.remember(said)
        return said
    async with doors.hosts.turn(origin, queues=True) as turn, doors.fetching:
        turn.asks()
        said, error = await ask(doors.client, origin, said, doors.clock(), timeout_s)
    if error is None and said.body:
        said = replace(said, body=await _rules(doors, said.body))
    doors.robots.remember(said)
    await doors.save_robots(said)
    log.debug("robots", site=origin, status=said.status, failing_since=str(said.failing_since or ""))
    if error and error.retry_at:
        await doors.hosts.hold(origin, error.retry_at, retry_after)
    if error and error.status is None and not said.body:
        raise error
    return said


async def _rules(doors: "Doors", text: str) -> str:
    if len(text) <= SHORT_RULES:
        return for_us(text)
    try:
        return await doors.sandbox.run(for_us, text, timeout_s=READ_LIMIT_S)
    except SandboxError:
        return ""
