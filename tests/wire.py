"""Answers as bytes on the wire, for servers of tests that say anything whatever."""

import asyncio
from typing import Any


def answer(body: bytes = b"", status: str = "200 OK", **headers: Any) -> bytes:
    """One answer; Content-Length is the body's unless given, None leaves it out; `content_type="a/b"` is Content-Type."""
    fields = {"content_length": len(body)} | headers
    lines = "".join(f"{name.replace('_', '-').title()}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def redirect(to: str, status: int = 302) -> bytes:
    return answer(status=f"{status} Elsewhere", location=to)


async def forever(server, path, writer) -> None:
    """A body without end."""
    writer.write(answer(content_length=None))
    for _ in range(2000):
        writer.write(b"x" * 100_000)
        await writer.drain()


async def hang(server, path, writer) -> None:
    await asyncio.Event().wait()
