"""A web of our own on loopback: pages, a webhook receiver and a mail server, real ones, for tests."""

import asyncio
import email
import email.policy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread

from aiosmtpd.smtp import SMTP

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass
class Web:
    """Pages by path, and what was asked. A page is (status, headers, body) or a body alone."""

    pages: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    posted: list = field(default_factory=list)
    post_answers: list = field(default_factory=list)  # statuses for the next posts; 200 when there is none
    release: Event = field(default_factory=Event)  # pages with status "hang" wait for it
    changed: Condition = field(default_factory=Condition)
    address: str = ""

    def wait_for(self, condition, seconds=40):
        """Until something that was asked or posted makes the condition true."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), f"asked: {[path for path, _ in self.asked]}"

    def took(self, where, what):
        with self.changed:
            where.append(what)
            self.changed.notify_all()

    def feed(self, path, *items, title="Outlet", etag=None):
        """An RSS feed; an item is (title, path of its page, lead, published)."""
        body = "".join(
            f"<item><title>{escape(name)}</title><link>{self.address}{link}</link><guid>{self.address}{link}</guid>"
            f"<pubDate>{format_datetime(published)}</pubDate><description>{escape(lead)}</description></item>"
            for name, link, lead, published in items
        )
        text = (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>{self.address}/</link><language>en</language>{body}</channel></rss>'
        )
        headers = {"Content-Type": "application/rss+xml", **({"ETag": etag} if etag else {})}
        self.pages[path] = (200, headers, text.encode())

    def article(self, path, title, *paragraphs):
        text = "".join(f"<p>{escape(part)}</p>" for part in paragraphs)
        self.pages[path] = (
            200,
            {"Content-Type": "text/html; charset=utf-8"},
            f'<!doctype html><html lang="en"><head><title>{escape(title)}</title></head><body><nav><a href="/">Home</a></nav>'
            f"<article><h1>{escape(title)}</h1>{text}</article><footer>Terms</footer></body></html>".encode(),
        )

    @property
    def webhooks(self):
        """The bodies of what was posted."""
        return [json.loads(body) for _, _, body in self.posted]


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            web.took(web.asked, (self.path, dict(self.headers)))
            page = web.pages.get(self.path, (404, {}, b""))
            status, headers, body = page if isinstance(page, tuple) else (200, {}, page)
            if status == "hang":
                web.release.wait(30)
                status = 200
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.answer(status, headers, body)

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = web.post_answers.pop(0) if web.post_answers else 200
            if status == 200:
                web.took(web.posted, (self.path, dict(self.headers), body))
            self.answer(status, {}, b"{}")

        def answer(self, status, headers, body):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304 and "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # clients that go away are part of the tests

    server = Server((host, 0), Handler)
    web.address = f"http://{host}:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        web.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Inbox:
    """Mails that arrived, and answers for the next ones ("451 later")."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server, session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@contextmanager
def receiving() -> Iterator[Inbox]:
    inbox, loop = Inbox(), asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0))
    inbox.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield inbox
    finally:
        server.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


CONFIG = """version = 1
[network]
contact = "https://test.invalid/about"
timeout = "5s"
per_host = {{ concurrent = 8, gap = "0s" }}
allow_private = ["127.0.0.0/8"]
[polling]
interval = {{ min = "{interval}", max = "{interval}", adaptive = false }}
backfill = "48h"
[storage]
url = "{storage}"
{feeds}
[topics.nato-ukraine]
title = "NATO and Ukraine"
rule = "nato AND ukraine"
digest_at = 0.5
alert_at = 0.5
[topics.nato-ukraine.groups]
nato = {{ weight = 3.0, terms = ["=NATO"] }}
ukraine = {{ weight = 3.0, terms = ["ukrain*", "kyiv"] }}
[subscribers.desk]
topics = ["nato-ukraine"]
alert = {{ min_score = 0.5, max_per_hour = 1000, settle = "0s" }}
channels = [{channels}]
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "monitor@example.org"
[web]
listen = "127.0.0.1:0"
"""


def write_config(folder: Path, web: Web, *feeds: str, inbox: Inbox | None = None, storage: str = "", interval: str = "1m") -> Path:
    """A config.toml over these feeds, with the webhook of `web` and the mail server of `inbox`."""
    (folder / "hook.secret").write_text(SECRET)
    (folder / "hook.secret").chmod(0o600)
    channels = [f'{{ webhook = "{web.address}/hook", secret_file = "{folder}/hook.secret" }}']
    if inbox:
        channels.append('{ email = "desk@example.org" }')
    tables = "".join(f'[feeds.f{number}]\nurl = "{web.address}{path}"\n' for number, path in enumerate(feeds))
    path = folder / "config.toml"
    path.write_text(
        CONFIG.format(feeds=tables, channels=", ".join(channels), smtp=inbox.port if inbox else 9, storage=storage, interval=interval), encoding="utf-8"
    )
    return path
