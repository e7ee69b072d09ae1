"""robots.txt: what a site lets programs read, and how slowly (RFC 9309). Feeds are exempt, because a person subscribed to them.

What is kept of a file are only the lines that speak to us: a file may name thousands of robots, and Protego takes the
product of robots and rules in time and memory (500 KiB of such a file: minutes).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from protego import Protego

from monitor.errors import BadBody, BadStatus, FetchError, Refused
from monitor.fetcher.client import Client
from monitor.model import Robots
from monitor.urls import canonical

TOKEN = "monitor"  # noqa: S105 – the name that robots.txt knows us by (RFC 9309 §2.2.1)
MAX_BYTES = 500 * 1024  # RFC 9309 §2.5: at least so much is read
FRESH = timedelta(hours=24)  # RFC 9309 §2.4
# A file that cannot be had is asked for again soon, because pages wait for it; with the old rules at hand there is no hurry.
AGAIN_AFTER = timedelta(minutes=5)
AGAIN_AFTER_WITH_RULES = timedelta(hours=1)
# RFC 9309 §2.3.1.4: a site that cannot say for a month what it forbids, forbids nothing.
GIVES_UP_AFTER = timedelta(days=30)
LONGEST_DELAY_S = 60.0

_AGENT = re.compile(r"user[- ]?agent\s*[:\s]\s*(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(?:site-?maps?|host)\s*[:\s]", re.IGNORECASE)
_PRODUCT = re.compile(r"[a-z_-]+", re.IGNORECASE)


def origin_of(url: str) -> str:
    """Scheme, host and port, "" for what is no web address."""
    return "/".join(canonical(url).split("/", 3)[:3])


async def ask(client: Client, origin: str, known: Robots | None, clock_now: datetime, timeout_s: float) -> tuple[Robots, FetchError | None]:
    """What a site's robots.txt says now, and the error where it could not be had.

    known: what we had before; its rules hold on while the file cannot be had (RFC 9309 §2.4).
    A file that is not there (4xx), leads nowhere or is none allows everything; no answer, 5xx and 429 allow nothing for now.
    """
    try:
        response = await client.get(f"{origin}/robots.txt", accept="text/plain, */*;q=0.1", max_bytes=MAX_BYTES, cut=True, timeout_s=timeout_s)
    except FetchError as error:
        if _is_answer(error):
            return Robots(origin=origin, fetched_at=clock_now, expires_at=clock_now + FRESH, status=error.status), None
        failing = known or Robots(origin=origin, fetched_at=clock_now, expires_at=clock_now)
        again_at = max(clock_now + (AGAIN_AFTER_WITH_RULES if failing.body else AGAIN_AFTER), error.retry_at or clock_now)
        return replace(failing, fetched_at=clock_now, expires_at=again_at, status=error.status, failing_since=failing.failing_since or clock_now), error
    text = response.body.decode("utf-8", "replace")
    if len(response.body) >= MAX_BYTES:
        text = text[: text.rfind("\n") + 1]  # half a rule would be another rule
    return Robots(origin=origin, fetched_at=clock_now, expires_at=clock_now + FRESH, status=response.status, body=text), None


def _is_answer(error: FetchError) -> bool:
    match error:
        case BadStatus(status=int(status)):
            return status != 429 and status < 500
        case BadBody():
            return error.reason != "truncated"
        case _:
            return isinstance(error, Refused)


def for_us(text: str) -> str:
    """The rules of the groups that name us, else of those for everybody, as one group; "" where there are none."""
    named: list[str] = []
    everybody: list[str] = []
    wanted: list[list[str]] = []
    is_heading = False
    for line in _lines(text):
        if agent := _AGENT.match(line):
            if not is_heading:
                wanted = []
            is_heading = True
            product = _PRODUCT.match(agent[1])
            if agent[1].startswith("*"):
                wanted.append(everybody)
            elif product and product[0].lower() == TOKEN:
                wanted.append(named)
        elif not _SITE_WIDE.match(line):
            is_heading = False
            for rules in wanted:
                rules.append(line)
    rules = named or everybody
    return "\n".join([f"User-agent: {TOKEN}", *rules]) if rules else ""


def _lines(text: str) -> Iterator[str]:
    for line in text.removeprefix("\ufeff").splitlines():
        if said := line.partition("#")[0].strip():
            yield said


def judge(rules: str, url: str) -> tuple[bool, float]:
    """Whether we may ask for a page, and how many seconds its site wants between two of them, a minute at most.

    rules: as `for_us` gives them.
    """
    if not rules:
        return True, 0.0
    parsed = _parsed(rules)
    return parsed.can_fetch(url, TOKEN), min(parsed.crawl_delay(TOKEN) or 0.0, LONGEST_DELAY_S)


@lru_cache(maxsize=128)
def _parsed(rules: str) -> Protego:
    return Protego.parse(rules)
