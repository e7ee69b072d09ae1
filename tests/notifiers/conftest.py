"""Receivers on loopback: a mail server and a web server that take, refuse, hang up or say nothing."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from monitor.model import Response

CERTIFICATE = Path(__file__).parent / "localhost.pem"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


# ----------------------------------------------------------------------------------------------- mail
@dataclass
class Mailbox:
    """A mail server's mind. answers: to RCPT and DATA; hang_up: closes after it has the text, without a word."""

    rcpt: str = ""
    data: str = "250 taken"
    hang_up: bool = False
    port: int = 0
    received: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes, bool]] = field(default_factory=list)
    connections: int = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if not self.rcpt:
            envelope.rcpt_tos.append(address)
        return self.rcpt or "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hang_up:
            self.received.append(envelope)
            server.transport.abort()
            return ""
        if self.data.startswith("2"):
            self.received.append(envelope)
        return self.data

    def log_in(self, server: SMTP, session: Session, envelope: Envelope, *mechanism_and_login: Any) -> AuthResult:
        login = mechanism_and_login[1]
        self.logins.append((login.login, login.password, session.ssl is not None))
        return AuthResult(success=login.password == b"right", handled=False)


@pytest.fixture
def mail_server() -> Callable[..., Any]:
    @asynccontextmanager
    async def running(mailbox: Mailbox, **options: Any) -> AsyncIterator[Mailbox]:
        def connected() -> SMTP:
            mailbox.connections += 1
            return SMTP(mailbox, hostname="localhost", loop=asyncio.get_running_loop(), **options)

        server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
        mailbox.port = server.sockets[0].getsockname()[1]
        try:
            yield mailbox
        finally:
            server.close()
            await server.wait_closed()

    return running


@pytest.fixture
def greeter() -> Callable[..., Any]:
    """A server that greets (or says nothing) and then only listens; gives its port."""

    @asynccontextmanager
    async def running(greeting: bytes = b"") -> AsyncIterator[int]:
        over: list[asyncio.Task[Any] | None] = []

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            over.append(asyncio.current_task())
            writer.write(greeting)
            await reader.read()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            await asyncio.wait_for(asyncio.gather(*filter(None, over)), timeout=5)

    return running


@pytest.fixture
def mailbox() -> type[Mailbox]:
    return Mailbox


@pytest.fixture
def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture
def trusting_tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


# ------------------------------------------------------------------------------------------- webhooks
@dataclass
class Hook:
    """A web server's mind. answer: the status line and headers it gives; received: (headers, body) of each request."""

    answer: str = "204 No Content"
    url: str = ""
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:] if line)}
        self.received.append((headers, await reader.readexactly(int(headers.get("content-length", 0)))))
        status, *more = self.answer.split("\n")
        writer.write("\r\n".join([f"HTTP/1.1 {status}", *more, "Content-Length: 0", "Connection: close", "", ""]).encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    found = Hook()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield found
    server.close()
    await server.wait_closed()


@pytest.fixture
def post() -> Callable[..., Any]:
    """A POST that, like the guarded client's, follows nothing and gives any status."""

    async def posted(url: str, *, body: bytes, headers: dict[str, str], timeout_s: float) -> Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, content=body, headers=headers, timeout=timeout_s)
        wait = answer.headers.get("retry-after")
        retry_at = NOON + timedelta(seconds=int(wait)) if wait else None
        return Response(url=url, status=answer.status_code, headers=dict(answer.headers), body=answer.content, fetched_at=NOON, retry_at=retry_at)

    return posted
