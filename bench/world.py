"""A small press on loopback: the feeds and pages that contenders poll. `python -m bench.world --feeds 1000`

Feed i lives on host 127.1.x.y, five feeds a host, 30 entries a feed; every second one is Atom, every ninth carries its articles' full text.
With --faulty two in a hundred feeds never answer, two answer after three seconds, two fail, and one is a bomb.
Everything is made from numbers, so each run has the same press. It is told what to do by lines of JSON on stdin, and answers each with one line:

    {"publish": 10}                            one new entry in that many feeds, other ones each time
    {"validators": false, "volatile": true}    no ETag and no Last-Modified; every answer differs in its build time
    {"count": true}                            what was asked since the last count

Its first line is its addresses. It ends when stdin does.
"""

import argparse
import asyncio
import gzip
import json
import random
import resource
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from html import escape
from http import HTTPStatus

import uvloop

FEEDS_A_HOST = 5
ENTRIES = 30
CACHED_FEEDS = 3000
SLOW_S = 3
FAULTS = {1: "hang", 51: "hang", 2: "slow", 52: "slow", 3: "fail", 53: "fail", 4: "bomb"}  # by the last two digits of the feed's number
STARTED = int(time.time())

NOUNS = [
    "bridge",
    "tram",
    "harbour",
    "archive",
    "orchard",
    "school",
    "museum",
    "ferry",
    "library",
    "market",
    "tunnel",
    "river",
    "mill",
    "clinic",
    "stadium",
    "garden",
    "vineyard",
    "quarry",
    "depot",
    "theatre",
]
VERBS = [
    "opens",
    "closes",
    "moves",
    "expands",
    "delays",
    "repairs",
    "leases",
    "inspects",
    "restores",
    "surveys",
    "insures",
    "welcomes",
    "questions",
    "renames",
    "audits",
    "trains",
]
TOWNS = [
    "Aveiro",
    "Bruges",
    "Cork",
    "Derry",
    "Esbjerg",
    "Faro",
    "Graz",
    "Huelva",
    "Ivrea",
    "Jena",
    "Kosice",
    "Lucca",
    "Metz",
    "Narvik",
    "Olomouc",
    "Patras",
    "Ronda",
    "Siena",
    "Tartu",
    "Ulm",
]
FILLING = [
    "after",
    "several",
    "months",
    "of",
    "quiet",
    "work",
    "the",
    "people",
    "who",
    "live",
    "beside",
    "it",
    "say",
    "that",
    "nobody",
    "asked",
    "them",
    "first",
    "but",
    "most",
    "of",
    "them",
    "like",
    "what",
    "they",
    "see",
    "because",
    "a",
    "plan",
    "from",
    "last",
    "spring",
    "had",
    "promised",
    "less",
    "for",
    "more",
    "money",
    "and",
    "the",
    "council",
    "kept",
    "its",
    "word",
    "this",
    "time",
    "while",
    "two",
    "smaller",
    "parties",
    "wanted",
    "another",
    "vote",
    "before",
    "winter",
    "and",
    "a",
    "report",
    "by",
    "engineers",
    "found",
    "no",
    "fault",
    "in",
    "walls",
    "roof",
    "or",
    "ground",
]

_chance = random.Random(4)
SENTENCES = [" ".join(_chance.choices(FILLING, k=_chance.randint(8, 24))).capitalize() + "." for _ in range(2000)]
MENU = "".join(f'<li><a href="/section/{number}">{_chance.choice(NOUNS)}s</a></li>' for number in range(80))
TEASERS = "".join(
    f'<div class="card"><a href="/news/{number}/0.html"><h3>{_chance.choice(TOWNS)} {_chance.choice(VERBS)}</h3></a><p>{_chance.choice(SENTENCES)}</p></div>'
    for number in range(60)
)
SCRIPT = "".join(f"window.d.push('{_chance.choice(NOUNS)}-{_chance.choice(TOWNS)}-{number % 7}');" for number in range(1800))


@dataclass
class Press:
    """What is published now, and what was asked for."""

    feeds: int
    port: int
    is_faulty: bool = False
    validators: bool = True
    volatile: bool = False
    published: Counter[int] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    builds: int = 0

    def site(self, feed: int) -> str:
        return f"http://{host(feed)}:{self.port}"

    def fault(self, number: int) -> str:
        return FAULTS.get(number % 100, "") if self.is_faulty else ""

    def told(self, command: dict) -> dict:
        if "publish" in command:
            self.rounds += 1
            step = max(self.feeds // command["publish"], 1)
            self.published.update(range(self.rounds % step, self.feeds, step))
        self.validators = command.get("validators", self.validators)
        self.volatile = command.get("volatile", self.volatile)
        asked = dict(self.asked)
        if "count" in command:
            self.asked.clear()
        return {"asked": asked}

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
        """Status, further headers, body."""
        kind, _, rest = path.strip("/").partition("/")
        if kind == "feed":
            return self._feed(int(rest.partition(".")[0]), headers)
        if kind == "news":
            feed, entry = map(int, rest.removesuffix(".html").split("/"))
            self.asked["pages"] += 1
            return 200, "Content-Type: text/html; charset=utf-8\r\n", page(feed, entry)
        self.asked["others"] += 1
        return 404, "", b""

    def _feed(self, number: int, headers: dict[str, str]) -> tuple[int, str, bytes]:
        version = self.published[number]
        etag, modified = f'"{number}-{version}"', formatdate(STARTED + version, usegmt=True)
        told = f"ETag: {etag}\r\nLast-Modified: {modified}\r\n" if self.validators else ""
        known = headers["if-none-match"] == etag if "if-none-match" in headers else headers.get("if-modified-since") == modified
        self.asked["feeds"] += 1
        if self.fault(number) == "fail":
            return 500, "", b"out of order"
        if self.fault(number) == "bomb":
            return 200, "Content-Type: application/xml\r\nContent-Encoding: gzip\r\n", bomb()
        if known and self.validators:
            self.asked["not modified"] += 1
            return 304, told, b""
        body = document(number, version, self.site(number))
        if self.volatile:  # RSS says it in its head, as WordPress does; Atom at its end, as caches do
            self.builds += 1
            built = formatdate(STARTED + self.builds, usegmt=True)
            old, new = (
                ("</language>", f"</language><lastBuildDate>{built}</lastBuildDate>") if number % 2 == 0 else ("</feed>", f"</feed><!-- built {built} -->")
            )
            body = body.replace(old.encode(), new.encode(), 1)
        return 200, f"Content-Type: application/xml; charset=utf-8\r\n{told}", body


@lru_cache(1)
def bomb() -> bytes:
    """200 KB that unpack to 200 MB."""
    return gzip.compress(b"<rss><channel>" + bytes(200_000_000), 9)


def host(feed: int) -> str:
    number = 1 + feed // FEEDS_A_HOST
    return f"127.1.{number >> 8}.{number & 255}"


def headline(feed: int, entry: int) -> str:
    """Every twentieth is one for the topic of the benchmark's configuration, and so is everything that was published while it ran."""
    chance = random.Random(feed << 20 | entry)
    words = f"{chance.choice(TOWNS)} {chance.choice(NOUNS)} {chance.choice(VERBS)} {chance.choice(NOUNS)} {feed}.{entry}"
    return f"NATO and Ukraine: {words}" if entry >= ENTRIES or (feed * 7 + entry) % 20 == 0 else words


def paragraphs(feed: int, entry: int) -> list[str]:
    chance = random.Random(feed << 20 | entry | 1 << 50)
    return [headline(feed, entry) + ".", *(" ".join(chance.choices(SENTENCES, k=chance.randint(3, 6))) for _ in range(chance.randint(9, 26)))]


@lru_cache(CACHED_FEEDS)
def document(feed: int, version: int, site: str) -> bytes:
    """The newest entries, newest first."""
    newest = ENTRIES + version - 1
    entries = "".join(_entry(feed, entry, site) for entry in range(newest, newest - ENTRIES, -1))
    name = f"{TOWNS[feed % len(TOWNS)]} News {feed}"
    if feed % 2:
        head = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>{site}/feed/{feed}</id><title>{name}</title><updated>{_iso(STARTED + version)}</updated>'
        return f'<?xml version="1.0" encoding="utf-8"?>\n{head}<link href="{site}/"/>{entries}</feed>'.encode()
    head = f"<channel><title>{name}</title><link>{site}/</link><description>All of {name}</description><language>en</language>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{head}{entries}</channel></rss>'
    ).encode()


def _entry(feed: int, entry: int, site: str) -> str:
    chance, at = random.Random(feed << 20 | entry | 1 << 51), _published_at(entry)
    link, title = f"{site}/news/{feed}/{entry}.html", escape(headline(feed, entry))
    lead = escape(f'<p><img src="{site}/{entry}.jpg" width="640" alt=""/>{" ".join(chance.choices(SENTENCES, k=chance.randint(4, 8)))}</p>')
    full = escape("".join(f"<p>{text}</p>" for text in paragraphs(feed, entry))) if feed % 9 == 0 else ""
    if feed % 2:
        content = f'<content type="html">{full}</content>' if full else ""
        return (
            f'<entry><id>tag:bench:{feed}/{entry}</id><title>{title}</title><link href="{link}"/><updated>{_iso(at)}</updated>'
            f'<published>{_iso(at)}</published><author><name>A. Writer</name></author><summary type="html">{lead}</summary>{content}</entry>'
        )
    content = f"<content:encoded>{full}</content:encoded>" if full else ""
    return (
        f'<item><title>{title}</title><link>{link}</link><guid isPermaLink="false">bench-{feed}-{entry}</guid><pubDate>{formatdate(at, usegmt=True)}</pubDate>'
        f"<dc:creator>A. Writer</dc:creator><category>{chance.choice(NOUNS)}</category><description>{lead}</description>{content}</item>"
    )


def page(feed: int, entry: int) -> bytes:
    """About 90 KB, of which 3 to 12 are the story, as on a news site."""
    title, story = escape(headline(feed, entry)), "".join(f"<p>{text}</p>" for text in paragraphs(feed, entry))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:title" content="{title}"><meta property="article:published_time" content="{_iso(_published_at(entry))}">'
        f"<script>window.d=[];{SCRIPT}</script></head><body>"
        f'<header><nav><ul>{MENU}</ul></nav></header><main><article><h1>{title}</h1><p class="byline">By A. Writer</p>{story}</article>'
        f'<aside class="sidebar">{TEASERS}</aside></main><footer>All rights reserved.</footer></body></html>'
    ).encode()


def _published_at(entry: int) -> int:
    """Half an hour apart; what comes while the benchmark runs is from its time."""
    return STARTED - 1800 * max(ENTRIES - entry, 0)


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


class Site(asyncio.Protocol):
    """As much of HTTP/1.1 as a GET needs."""

    press: Press

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.rest = transport, b""

    def data_received(self, data: bytes) -> None:
        *requests, self.rest = (self.rest + data).split(b"\r\n\r\n")
        for request in requests:
            line, *lines = request.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
            path = line.split()[1]
            status, more, body = self.press.answer(path, headers)
            length = "" if status == 304 else f"Content-Length: {len(body)}\r\n"
            answer = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{more}{length}\r\n".encode() + body
            fault = self.press.fault(int(path[6:].partition(".")[0])) if path.startswith("/feed/") else ""
            if fault == "slow":
                asyncio.get_running_loop().call_later(SLOW_S, self.transport.write, answer)
            elif fault != "hang":
                self.transport.write(answer)


async def serve(feeds: int, *, is_faulty: bool) -> None:
    hosts = sorted({host(feed) for feed in range(feeds)})
    with socket.socket() as probe:
        probe.bind((hosts[0], 0))
        port = probe.getsockname()[1]
    Site.press = Press(feeds=feeds, port=port, is_faulty=is_faulty)
    if is_faulty:
        bomb()  # takes a second, and no client shall wait for it
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Site, hosts, port, backlog=1024)
    async with server:
        print(json.dumps([f"{Site.press.site(feed)}/feed/{feed}.xml" for feed in range(feeds)]), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(Site.press.told(json.loads(line))), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--faulty", action="store_true")
    args = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(serve(args.feeds, is_faulty=args.faulty))


if __name__ == "__main__":
    main()
