"""A small HTTP/1.1 server: what the demo's news sites and its webhook receiver stand on.

Only for loopback and for the demo. Everything it reads is bounded, so a confused client cannot hold it up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

HEAD_BYTES = 16 << 10
BODY_BYTES = 1 << 20
REQUESTS_PER_CONNECTION = 1000
IDLE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked. headers: names in lower case. path: with its query, as sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What it gets. Content-Length and Connection are added by the server."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Respond = Callable[[Request], Awaitable[Reply]]


class Listener:
    """One listening address. url: "http://host:port", without a slash at the end."""

    def __init__(self, respond: Respond) -> None:
        self.url = ""
        self._respond = respond
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int = 0) -> None:
        """Listen; port 0 takes a free one. raises: OSError where the address does not exist."""
        self._server = await asyncio.start_server(self._greet, host, port, limit=HEAD_BYTES)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"http://{host}:{port}"

    async def close(self) -> None:
        """Hang up on everybody; nothing is left behind."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for _ in range(REQUESTS_PER_CONNECTION):
                async with asyncio.timeout(IDLE_S):
                    request = await _read_request(reader)
                stays = request is not None and request.headers.get("connection", "").lower() != "close"
                reply = await self._respond(request) if request is not None else Reply(status=400, body=b"I did not understand that.\n")
                writer.write(_as_bytes(reply, with_body=request is None or request.method != "HEAD", stays=stays))
                await writer.drain()
                if not stays:
                    break
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            pass  # The client has left or fell silent: nothing to tell it.
        finally:
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or None where it cannot be understood."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "0")
    if len(words) != 3 or "transfer-encoding" in headers or not length.isdecimal() or int(length) > BODY_BYTES:
        return None
    return Request(method=words[0], path=words[1], headers=headers, body=await reader.readexactly(int(length)))


def _as_bytes(reply: Reply, *, with_body: bool, stays: bool) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}", *(f"{name}: {value}" for name, value in reply.headers.items())]
    lines.append("Connection: keep-alive" if stays else "Connection: close")
    if reply.status != HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Length: {len(reply.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (reply.body if with_body else b"")
