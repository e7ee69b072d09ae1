"""Real servers on loopback that answer whatever the test says, byte for byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest
import uvloop

from monitor.fetcher.client import Client, FetchLimits
from monitor.fetcher.guard import Guard

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

Answer = bytes | Callable[["Server", str, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server and what it was asked. heads: request lines and headers as they came in."""

    answers: dict[str, Answer]
    scheme: str = "http"
    port: int = 0
    connections: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/"

    def header(self, name: str) -> str | None:
        """The value of a header of the last request, None where it was not sent."""
        found = [line.partition(": ")[2] for line in self.heads[-1].split("\r\n") if line.lower().startswith(f"{name.lower()}:")]
        return found[0] if found else None

    async def start(self, context: ssl.SSLContext | None = None) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.scheme = "https" if context else "http"
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._listener
        self._listener.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._listener.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            length = self.header("Content-Length")
            self.bodies.append(await reader.readexactly(int(length)) if length else b"")
            path = head.split(" ")[1]
            said = self.answers.get(path) or self.answers["*"]
            if isinstance(said, bytes):
                writer.write(said)
                await writer.drain()
            else:
                await said(self, path, writer)
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()  # the client hung up, which is what many of these tests are about


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Both loops, because they fail with different errors: the daemon runs on uvloop where there is one."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """Starts a server: `await serve(one_answer_for_everything)` or `await serve({"/path": answer, …})`."""
    started: list[Server] = []

    async def start(answers: Answer | dict[str, Answer], tls: ssl.SSLContext | None = None) -> Server:
        server = Server(answers if isinstance(answers, dict) else {"*": answers})
        await server.start(tls)
        started.append(server)
        return server

    yield start
    for server in started:
        await server.stop()


@pytest.fixture
async def connect(clock) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Opens clients that may reach loopback, unless the test says otherwise, and closes them."""
    opened: list[Client] = []

    async def open_client(*, allow: tuple[Any, ...] = LOOPBACK, lookup: Any = None, proxy: str = "", **limits: Any) -> Client:
        guard, bounds = Guard(allow_private=allow), FetchLimits(**limits)
        client = Client(guard=guard, user_agent="monitor/0.1 (+test)", limits=bounds, clock=clock, proxy=proxy, lookup=lookup)
        opened.append(await client.__aenter__())
        return client

    yield open_client
    for client in opened:
        await client.__aexit__(None, None, None)


@pytest.fixture
async def client(connect: Callable[..., Awaitable[Client]]) -> Client:
    return await connect()
