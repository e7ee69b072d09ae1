import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from monitor.demo.httpd import BODY_BYTES, HEAD_BYTES, Listener, Reply, Request


async def echo(request: Request) -> Reply:
    return Reply(headers={"X-Method": request.method}, body=request.path.encode() + b" " + request.body)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener(echo)
    await listener.open("127.0.0.1")
    yield listener
    await listener.close()


async def exchange(listener: Listener, sent: bytes) -> bytes:
    """Everything the server says to `sent` until it hangs up."""
    url = urlsplit(listener.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(sent)
    writer.write_eof()
    heard = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return heard


async def test_several_requests_share_a_connection(listener):
    heard = await exchange(listener, b"GET /one HTTP/1.1\r\n\r\nPOST /two HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")

    assert b"/one " in heard
    assert heard.endswith(b"/two abc")


async def test_a_client_that_asks_for_it_is_hung_up_on(listener):
    heard = await exchange(listener, b"GET /one HTTP/1.1\r\nConnection: close\r\n\r\nGET /two HTTP/1.1\r\n\r\n")

    assert b"Connection: close" in heard
    assert b"/two" not in heard


async def test_head_gets_the_length_and_no_body(listener):
    heard = await exchange(listener, b"HEAD /one HTTP/1.1\r\n\r\n")

    assert b"Content-Length: 5" in heard
    assert heard.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"hello\r\n\r\n", id="no request line"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES + 1), id="a body too large"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", id="a negative length"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", id="chunks"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"x" * HEAD_BYTES + b"\r\n\r\n", id="endless headers"),
    ],
)
async def test_what_it_cannot_take_is_refused(listener, sent):
    assert (await exchange(listener, sent)).startswith(b"HTTP/1.1 400 ")


async def test_a_client_that_leaves_halfway_hurts_nobody(listener):
    assert await exchange(listener, b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc") == b""
    assert b"/still-here" in await exchange(listener, b"GET /still-here HTTP/1.1\r\n\r\n")
