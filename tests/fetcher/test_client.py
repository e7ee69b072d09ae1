"""The client against real servers on loopback: polite, bounded, and never where it must not go."""

import asyncio
import gzip
import json
import socket
import ssl
import struct
import zlib
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd
from wire import answer, forever, hang, redirect

from monitor.errors import BadBody, BadStatus, FetchError, Refused, Unreachable
from monitor.fetcher.client import user_agent

RSS = b"<rss version='2.0'/>"
MIB = 1024 * 1024
TLS = Path(__file__).parent / "tls"


async def failure(asking: Any) -> FetchError:
    """The error that a request ends with; the test fails if it takes longer than anything here may."""
    with pytest.raises(FetchError) as error:
        async with asyncio.timeout(10):
            await asking
    return error.value


# ---------------------------------------------------------------------------------------- asking
async def test_a_body_comes_with_its_status_headers_and_time(client, serve, clock):
    server = await serve(answer(RSS, content_type="application/rss+xml", etag='"1"'))

    response = await client.get(server.url)

    assert (response.status, response.body, response.url, response.fetched_at) == (200, RSS, server.url, clock.now)
    assert (response.headers["content-type"], response.headers["etag"]) == ("application/rss+xml", '"1"')
    assert (response.permanent_url, response.retry_at) == ("", None)


async def test_we_say_who_we_are_and_nothing_of_where_we_come_from(client, serve):
    server = await serve(answer(RSS))

    await client.get(server.url, accept="application/atom+xml")

    assert server.header("User-Agent") == "monitor/0.1 (+test)"
    assert server.header("Accept") == "application/atom+xml"
    assert server.header("Accept-Encoding") == "gzip, deflate, br, zstd"
    assert [server.header(name) for name in ("Cookie", "Referer", "If-None-Match", "If-Modified-Since", "Authorization")] == [None] * 5
    assert user_agent("0.1.0", "https://desk.example/about") == "monitor/0.1.0 (+https://desk.example/about)"
    assert user_agent("0.1.0", "") == "monitor/0.1.0"


@pytest.mark.parametrize("etag", ['W/"a b"', '"x"', "unquoted", '"ünïcode"', '"a,b";c', '"' + "x" * 900 + '"'])
async def test_C01_C02_validators_go_back_byte_for_byte(client, serve, etag):
    server = await serve(answer(status="304 Not Modified", content_length=None))

    response = await client.get(server.url, etag=etag, last_modified="Tue, 01 Jan 2030 00:00:00 GMT")

    assert (response.status, response.body) == (304, b"")
    assert server.header("If-None-Match") == etag
    assert server.header("If-Modified-Since") == "Tue, 01 Jan 2030 00:00:00 GMT"


@pytest.mark.parametrize("etag", ["", '"' + "x" * 1024 + '"', '"a\r\nX: y"', '"\x00"', '"\ufffd"'])
async def test_A59_a_validator_that_cannot_go_back_unchanged_is_not_sent(client, serve, etag):
    server = await serve(answer(RSS))

    await client.get(server.url, etag=etag)

    assert server.header("If-None-Match") is None
    assert server.header("X") is None


async def test_C01_an_etag_makes_the_round_trip(client, serve):
    server = await serve(answer(RSS, etag='W/"ключ"'))

    first = await client.get(server.url)
    await client.get(server.url, etag=first.headers["etag"])

    assert server.header("If-None-Match") == 'W/"ключ"'


async def test_a_forced_request_sends_no_validators(client, serve):
    server = await serve(answer(RSS))

    await client.get(server.url, etag='"1"', last_modified="yesterday", conditional=False)

    assert (server.header("If-None-Match"), server.header("If-Modified-Since")) == (None, None)


async def test_a_304_that_nobody_asked_for_is_a_bad_status(client, serve):
    server = await serve(answer(status="304 Not Modified", content_length=None))

    assert (await failure(client.get(server.url))).reason == "status-304"


async def test_A22_cookies_are_not_kept(connect, serve):
    server = await serve({"/": answer(RSS, set_cookie="id=1; Path=/"), "/hop": redirect("/")})
    client = await connect(lookup=addresses("127.0.0.1"))
    site = f"http://site.example:{server.port}/"  # a name, because cookies of bare addresses are dropped anyway

    for _ in range(2):
        await client.get(site + "hop")

        assert server.header("Cookie") is None


async def test_A17_proxies_from_the_environment_are_ignored(connect, serve, monkeypatch):
    proxy, server = await serve(answer(b"proxied")), await serve(answer(RSS))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)

    response = await (await connect()).get(server.url)

    assert (response.body, proxy.connections) == (RSS, 0)


async def test_A29_a_few_interim_answers_are_passed_over(client, serve):
    server = await serve(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3 + answer(RSS))

    assert [(await client.get(server.url)).body for _ in range(10)] == [RSS] * 10


async def test_repeated_headers_are_joined(client, serve):
    server = await serve(b"HTTP/1.1 200 OK\r\nVary: a\r\nContent-Length: 0\r\nvary: b\r\n\r\n")

    assert (await client.get(server.url)).headers["vary"] == "a, b"


async def test_A59_a_validator_that_cannot_go_back_unchanged_is_not_handed_on(client, serve):
    head = b'HTTP/1.1 200 OK\r\nETag: "\xff"\r\nLast-Modified: ' + b"x" * 2000 + b"\r\nContent-Length: 0\r\n\r\n"
    server = await serve(head)

    assert (await client.get(server.url)).headers.keys().isdisjoint({"etag", "last-modified"})


@pytest.mark.parametrize("date", ["Tue, 99 Foo 0000 25:61:61 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "yesterday", "-1", "0"])
async def test_A60_senseless_dates_are_echoed_and_nothing_else(client, serve, clock, date):
    server = await serve(answer(RSS, date=date, last_modified=date, expires=date))

    first = await client.get(server.url)
    await client.get(server.url, last_modified=first.headers["last-modified"])

    assert (first.fetched_at, first.retry_at) == (clock.now, None)
    assert server.header("If-Modified-Since") == date


async def test_C34_a_challenge_is_met_with_our_own_name_and_not_asked_again(client, serve):
    server = await serve(answer(status="403 Forbidden", cf_mitigated="challenge"))

    await failure(client.get(server.url))

    assert [head.count("User-Agent: monitor/0.1 (+test)\r\n") for head in server.heads] == [1]


# ---------------------------------------------------------------------------------- credentials
SECRET = {"Authorization": "Bearer s3cret", "X-Api-Key": "k3y", "Cookie": "session=1"}


def secrets_in(server) -> list[str | None]:
    return [server.header(name) for name in SECRET]


async def test_credentials_go_to_the_address_they_are_for(client, serve):
    server = await serve({"/": redirect("/feed"), "/feed": answer(RSS)})

    await client.get(server.url, private_headers=SECRET)

    assert [head.split(" ")[1] for head in server.heads] == ["/", "/feed"]
    assert secrets_in(server) == list(SECRET.values())


async def test_C55_credentials_do_not_follow_a_redirect_to_another_host(connect, serve):
    other = await serve(answer(RSS))
    first = await serve(redirect(f"http://b.example:{other.port}/"))
    client = await connect(lookup=addresses("127.0.0.1"))

    await client.get(f"http://a.example:{first.port}/", private_headers=SECRET, etag='"1"')

    assert (secrets_in(first), secrets_in(other)) == (list(SECRET.values()), [None] * 3)
    assert other.header("If-None-Match") == '"1"'


async def test_C55_credentials_do_not_follow_a_redirect_to_another_port(client, serve):
    other = await serve(answer(RSS))
    first = await serve(redirect(other.url))

    await client.get(first.url, private_headers=SECRET)

    assert secrets_in(other) == [None] * 3


async def test_C55_credentials_do_not_come_back_by_a_detour(client, serve):
    first, other = await serve({"/home": answer(RSS)}), await serve({})
    first.answers["/"], other.answers["/"] = redirect(other.url), redirect(first.url + "home")

    await client.get(first.url, private_headers=SECRET)

    assert (first.heads[-1].split(" ")[1], secrets_in(first)) == ("/home", [None] * 3)


async def test_credentials_are_in_no_error(client, serve):
    server = await serve(answer(b"no", status="401 Who"))

    error = await failure(client.get(server.url, private_headers=SECRET))

    assert not any(value in f"{error!r} {error} {vars(error)}" for value in SECRET.values())


# ---------------------------------------------------------------------------------------- proxy
async def forward(server, path, writer) -> None:
    """A proxy that has read what it fetches."""
    writer.write(answer(json.dumps(path).encode()))


async def proxied(connect, serve, answers=forward, **options):
    proxy = await serve(answers)
    return proxy, await connect(proxy=f"http://user:pass@127.0.0.1:{proxy.port}", allow=(), **options)


async def test_with_a_proxy_everything_goes_through_it_wherever_it_stands(connect, serve):
    proxy, client = await proxied(connect, serve, lookup=addresses("1.1.1.1"))

    response = await client.get("http://news.example/feed", private_headers={"X-Key": "1"})

    assert response.body == b'"http://news.example/feed"'
    assert (proxy.header("Host"), proxy.header("X-Key")) == ("news.example", "1")
    assert proxy.header("Proxy-Authorization") == "Basic dXNlcjpwYXNz"


@pytest.mark.parametrize("found", [("127.0.0.1",), ("1.1.1.1", "10.0.0.1"), ("169.254.169.254",)])
async def test_A09_with_a_proxy_a_name_with_any_private_address_is_refused(connect, serve, found):
    proxy, client = await proxied(connect, serve, lookup=addresses(*found))

    assert (await failure(client.get("http://inside.example/"))).reason == "private-address"
    assert (await failure(client.post("http://inside.example/", body=b"", headers={}))).reason == "private-address"
    assert proxy.connections == 0


async def test_A08_with_a_proxy_every_hop_is_checked_too(connect, serve):
    proxy, client = await proxied(connect, serve, redirect("http://169.254.169.254/latest"), lookup=addresses("1.1.1.1"))

    assert (await failure(client.get("http://news.example/"))).reason == "private-address"
    assert proxy.connections == 1


async def test_A01_the_proxy_itself_cannot_be_asked_for(connect, serve):
    proxy, client = await proxied(connect, serve)

    assert (await failure(client.get(f"http://127.0.0.1:{proxy.port}/"))).reason == "private-address"
    assert proxy.connections == 0


async def test_a_name_that_only_the_proxy_knows_is_the_proxys_to_judge(connect, serve):
    _, client = await proxied(connect, serve, lookup=addresses())

    assert (await client.get("http://news.example/")).body == b'"http://news.example/"'


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_does_not_let_us_in_has_its_reason(connect, serve, scheme):
    _, client = await proxied(connect, serve, answer(status="407 Who"), lookup=addresses("1.1.1.1"))

    error = await failure(client.get(f"{scheme}://news.example/"))

    assert error.reason == "proxy"
    assert "pass" not in str(error)


async def test_a_proxy_that_is_down_has_its_reason(connect, serve):
    proxy, client = await proxied(connect, serve, lookup=addresses("1.1.1.1"))
    await proxy.stop()

    error = await failure(client.get("http://news.example/"))

    assert error.reason == "proxy"
    assert "pass" not in str(error)


# ------------------------------------------------------------------------------------- redirects
@pytest.mark.parametrize(
    ("statuses", "is_permanent"),
    [
        pytest.param((301,), True, id="301"),
        pytest.param((308,), True, id="308"),
        pytest.param((301, 308, 301), True, id="all permanent"),
        pytest.param((302,), False, id="302"),
        pytest.param((303,), False, id="303"),
        pytest.param((307,), False, id="307"),
        pytest.param((301, 302), False, id="one hop is temporary"),
        pytest.param((302, 301), False, id="a permanent hop after a temporary one"),
    ],
)
async def test_a_move_is_permanent_only_when_every_hop_says_so(client, serve, statuses, is_permanent):
    hops = {f"/{n}": redirect(f"/{n + 1}", status) for n, status in enumerate(statuses)}
    server = await serve(hops | {f"/{len(statuses)}": answer(RSS)})

    response = await client.get(server.url + "0", etag='"1"')

    goal = f"{server.url}{len(statuses)}"
    assert (response.url, response.body, response.permanent_url) == (goal, RSS, goal if is_permanent else "")
    assert server.header("If-None-Match") == '"1"'


@pytest.mark.parametrize(
    ("location", "path"),
    [("next", "/dir/next"), ("../next", "/next"), ("?q=1", "/dir/feed?q=1"), ("/ä b", "/%C3%A4%20b"), ("next#part", "/dir/next"), ("  /next", "/next")],
)
async def test_A21_a_relative_location_is_resolved(client, serve, location, path):
    server = await serve({"/dir/feed": redirect(location), path: answer(RSS)})

    assert (await client.get(server.url + "dir/feed")).url == server.url.rstrip("/") + path


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://169.254.169.254/latest/", "private-address"),
        ("http://10.0.0.1/", "private-address"),
        ("//192.168.1.1/", "private-address"),
        ("http://0x0a000001/", "private-address"),
        ("http://[::ffff:10.0.0.1]/", "private-address"),
        ("file:///etc/passwd", "bad-scheme"),
        ("http://user:pass@example.com/", "bad-url"),
        ("/\\example.com", "bad-url"),
        ("http://example.com:25/", "bad-port"),
        ("http://[::1", "bad-redirect"),
        ("", "bad-redirect"),
    ],
)
async def test_A08_A21_every_hop_is_checked_like_a_first_address(client, serve, location, reason):
    server = await serve(redirect(location))

    assert (await failure(client.get(server.url))).reason == reason
    assert len(server.heads) == 1


async def test_A08_a_hop_into_a_forbidden_network_makes_no_connection(connect, serve):
    client = await connect(allow=(ip_network("127.0.0.1/32"),))
    with socket.create_server(("127.9.9.9", 0)) as canary:
        canary.setblocking(False)
        server = await serve(redirect(f"http://127.9.9.9:{canary.getsockname()[1]}/"))

        assert (await failure(client.get(server.url))).reason == "private-address"

        with pytest.raises(BlockingIOError):
            canary.accept()


async def test_A20_Q39_five_hops_are_followed_and_not_six(client, serve):
    server = await serve({f"/{n}": redirect(f"/{n + 1}") for n in range(6)} | {"/6": answer(RSS)})

    assert (await client.get(server.url + "1")).body == RSS
    assert (await failure(client.get(server.url + "0"))).reason == "too-many-redirects"


async def test_A20_Q39_a_loop_ends(client, serve):
    server = await serve(redirect("/"))

    error = await failure(client.get(server.url))

    assert isinstance(error, Refused)
    assert (error.reason, len(server.heads)) == ("too-many-redirects", 6)


# ---------------------------------------------------------------------------------------- status
@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        ("404 Not Found", {}, "status-404"),
        ("500 Oops", {}, "status-500"),
        ("503 Busy", {}, "status-503"),
        ("403 Forbidden", {}, "status-403"),
        pytest.param("403 Forbidden", {"cf_mitigated": "challenge"}, "challenge", id="C34 Cloudflare"),
        ("405 No", {"x_amzn_waf_action": "captcha"}, "challenge"),
        ("404 Not Found", {"x_datadome": "protected"}, "status-404"),
        ("401 Who", {}, "auth"),
        ("410 Gone", {}, "gone"),
        ("407 Who", {}, "proxy"),
        ("429 Slow down", {}, "rate-limited"),
        ("204 Nothing", {"content_length": None}, "status-204"),
        pytest.param("206 Part", {}, "status-206", id="C07 a part"),
        ("300 Choose", {}, "status-300"),
        ("305 Proxy", {"location": "http://10.0.0.1/"}, "status-305"),
    ],
)
async def test_every_other_status_is_an_error_with_its_reason(client, serve, status, headers, reason):
    server = await serve(answer(status=status, **headers))

    error = await failure(client.get(server.url))

    assert isinstance(error, BadStatus)
    assert (error.reason, error.status) == (reason, int(status[:3]))


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999", 86400),
        ("9" * 50, 86400),
        ("Sun, 22 Nov 2026 12:30:00 GMT", 1800),
        ("Sun, 22 Nov 2026 12:30:00 -0000", 1800),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("abc", None),
        ("Sun, 99 Nov 2026 11:00:00 GMT", None),
    ],
)
@pytest.mark.parametrize("status", ["429 Slow down", "503 Busy"])
async def test_C09_C10_C11_the_wish_to_be_left_alone_is_understood(client, serve, clock, status, retry_after, seconds):
    server = await serve(answer(status=status, retry_after=retry_after))

    error = await failure(client.get(server.url))

    assert error.retry_at == (None if seconds is None else clock.now + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("retry_after", "warning"),
    [
        pytest.param("abc", "Retry-After 'abc' is no time", id="C11 no time"),
        pytest.param("-5", "Retry-After '-5' is no time", id="C11 negative"),
        pytest.param("99999999", "Retry-After of 99999999 s is taken as a day", id="C11 years"),
        pytest.param("120", "", id="C11 two minutes"),
    ],
)
async def test_C11_a_wish_that_makes_no_sense_is_told(client, serve, retry_after, warning):
    server = await serve(answer(status="429 Slow down", retry_after=retry_after))

    error = await failure(client.get(server.url))

    assert error.detail == warning


async def test_a_page_that_is_missing_cannot_ask_for_rest(client, serve):
    server = await serve(answer(status="404 Not Found", retry_after="120"))

    assert (await failure(client.get(server.url))).retry_at is None


# ---------------------------------------------------------------------------------------- bodies
@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)]
)
async def test_packed_bodies_are_unpacked(client, serve, coding, pack):
    server = await serve(answer(pack(RSS), content_encoding=coding))

    assert (await client.get(server.url)).body == RSS


async def test_a_chunked_body_is_put_together(client, serve):
    server = await serve(answer(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", content_length=None, transfer_encoding="chunked"))

    assert (await client.get(server.url)).body == b"abcde"


async def test_a_body_may_end_with_the_connection_where_no_length_was_given(client, serve):
    server = await serve(answer(RSS, content_length=None))

    assert (await client.get(server.url)).body == RSS


async def forever_chunked(server, path, writer) -> None:
    writer.write(answer(content_length=None, transfer_encoding="chunked"))
    for _ in range(2000):
        writer.write(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(answer(b"x" * 2000), "too-large", id="large"),
        pytest.param(answer(b"x", content_length=10**13), "too-large", id="A25 ten terabytes announced"),
        pytest.param(forever, "too-large", id="A24 without end"),
        pytest.param(forever_chunked, "too-large", id="A24 chunks without end"),
        pytest.param(answer(gzip.compress(b"x" * 2000), content_encoding="gzip"), "too-large", id="large after unpacking"),
        pytest.param(answer(RSS, content_encoding="gzip"), "bad-encoding", id="A27 plain text called gzip"),
        pytest.param(answer(RSS, content_encoding="compress"), "bad-encoding", id="a packing that we did not announce"),
        pytest.param(answer(b"%PDF-1.7" + bytes(100), content_type="text/html"), "content-type", id="A57 a PDF called HTML"),
        pytest.param(answer(RSS, content_length=len(RSS) + 1), "truncated", id="C07 shorter than announced"),
        pytest.param(answer(b"5\r\nab", content_length=None, transfer_encoding="chunked"), "truncated", id="C07 chunk cut short"),
        pytest.param(answer(b"5\r\nabcde\r\n", content_length=None, transfer_encoding="chunked"), "truncated", id="C07 last chunk missing"),
    ],
)
async def test_a_body_that_cannot_be_taken_is_given_up(client, serve, said, reason):
    server = await serve(said)

    error = await failure(client.get(server.url, max_bytes=1000))

    assert isinstance(error, BadBody)
    assert error.reason == reason


async def test_A26_a_bomb_is_given_up(client, serve):
    server = await serve(answer(gzip.compress(bytes(100 * MIB)), content_encoding="gzip"))

    assert (await failure(client.get(server.url))).reason == "bomb"


async def test_A24_the_client_goes_on_after_a_body_it_gave_up(client, serve):
    server = await serve({"/big": forever, "/feed": answer(RSS)})

    await failure(client.get(server.url + "big"))

    assert (await client.get(server.url + "feed")).body == RSS


async def test_of_the_hosts_with_idle_connections_the_one_idle_longest_loses_them(client, monkeypatch):
    monkeypatch.setattr("monitor.fetcher.client.MOST_IDLE_HOSTS", 2)
    hung_up = asyncio.Queue()

    async def stay(reader, writer):
        while await reader.read(65_536):
            writer.write(answer(RSS))
        hung_up.put_nowait(writer.get_extra_info("sockname")[1])
        writer.close()

    servers = [await asyncio.start_server(stay, "127.0.0.1", 0) for _ in range(3)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]

    for port in ports:
        await client.get(f"http://127.0.0.1:{port}/")

    async with asyncio.timeout(5):
        assert await hung_up.get() == ports[0]
    assert hung_up.empty()
    for server in servers:
        server.close()


@pytest.mark.parametrize("content_type", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml", ""])
async def test_wanted_types_are_read(client, serve, content_type):
    server = await serve(answer(RSS, content_type=content_type))

    assert (await client.get(server.url, accept_types=("text/html", "application/xhtml+xml"))).body == RSS


async def test_A57_an_unwanted_type_is_refused_after_the_headers(client, serve):
    server = await serve(answer(b"", content_type="application/pdf", content_length=4_000_000))

    assert (await failure(client.get(server.url, accept_types=("text/html",)))).reason == "content-type"


# --------------------------------------------------------------------------------- broken servers
async def drip(server, path, writer) -> None:
    """One byte at a time, for as long as somebody listens."""
    for byte in answer(b"x" * 10_000):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.01)


async def drip_body(server, path, writer) -> None:
    writer.write(answer(content_length=10_000))
    await drip(server, path, writer)


async def hint_for_ever(server, path, writer) -> None:
    """Early hints without end, and never an answer."""
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 100)
        await writer.drain()


async def redirect_slowly(server, path, writer) -> None:
    await asyncio.sleep(0.1)
    writer.write(redirect("/"))


@pytest.mark.parametrize("said", [drip, drip_body, hang, redirect_slowly])
async def test_A23_the_deadline_is_for_the_whole_request(client, serve, said):
    server, loop = await serve(said), asyncio.get_running_loop()
    begun_at = loop.time()

    error = await failure(client.get(server.url, timeout_s=0.25))

    assert isinstance(error, Unreachable)
    assert error.reason == "timeout"
    assert loop.time() - begun_at < 1.25


async def reset(server, path, writer) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(reset, "reset", id="reset"),
        pytest.param(b"", "reset", id="hung up without a word"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "protocol", id="another protocol"),
        pytest.param(b"<rss version='2.0'/>", "protocol", id="HTTP/0.9"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", "protocol", id="no status"),
        pytest.param(answer(RSS, x_long="x" * MIB), "protocol", id="one header of 1 MiB"),
        pytest.param(answer(RSS, **{f"x_{n}": "y" for n in range(500)}), "protocol", id="500 headers"),
        pytest.param(answer(RSS, **{f"x_{n}": "y" * 10_000 for n in range(10)}), "protocol", id="100 kB of headers"),
        pytest.param(answer(RSS, x_nul="a\0b"), "protocol", id="NUL in a header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "protocol", id="two lengths"),
        pytest.param(hint_for_ever, "protocol", id="A29 early hints without end"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 30 + answer(RSS), "protocol", id="A29 a storm of 100"),
    ],
)
async def test_A28_what_is_no_http_has_a_reason(client, serve, said, reason):
    server = await serve(said)

    error = await failure(client.get(server.url))

    assert isinstance(error, Unreachable)
    assert error.reason == reason


async def test_C33_a_closed_port_is_refused_by_the_machine(client, serve):
    server = await serve(answer(RSS))
    await server.stop()

    assert (await failure(client.get(server.url))).reason == "refused"


# ------------------------------------------------------------------------------------------ names
def addresses(*found: str):
    """A resolver that knows one answer."""

    async def lookup(host: str) -> list[str]:
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return list(found)

    return lookup


async def test_A01_a_name_that_means_a_private_address_is_refused(connect, serve):
    canary = await serve(answer(b"secret"))
    client = await connect(allow=())

    error = await failure(client.get(f"http://localhost:{canary.port}/"))

    assert isinstance(error, Refused)
    assert (error.reason, canary.connections) == ("private-address", 0)


@pytest.mark.parametrize("found", [("127.0.0.1",), ("10.0.0.1", "127.0.0.1"), ("::1", "127.0.0.1"), ("::ffff:127.0.0.1",)])
async def test_A09_whatever_the_name_server_says_only_allowed_addresses_are_dialled(connect, serve, found):
    canary = await serve(answer(b"secret"))
    client = await connect(allow=(), lookup=addresses(*found))

    assert (await failure(client.get(f"http://rebind.example:{canary.port}/"))).reason == "private-address"
    assert canary.connections == 0


async def test_A10_of_mixed_addresses_only_the_allowed_one_is_dialled(connect, serve):
    server = await serve(answer(RSS))
    with socket.create_server(("127.9.9.9", server.port)) as canary:
        canary.setblocking(False)
        client = await connect(allow=(ip_network("127.0.0.1/32"),), lookup=addresses("127.9.9.9", "127.0.0.1"))

        response = await client.get(f"http://mixed.example:{server.port}/")

        assert response.body == RSS
        with pytest.raises(BlockingIOError):
            canary.accept()


async def test_A09_a_literal_address_is_checked_where_it_is_dialled_too(connect, serve, monkeypatch):
    """The check of the text is the first lock, the socket the second; each must hold alone."""
    canary = await serve(answer(b"secret"))
    client = await connect(allow=())
    monkeypatch.setattr(type(client._guard), "check_url", lambda self, url: url)

    assert (await failure(client.get(canary.url))).reason == "private-address"
    assert canary.connections == 0


async def test_C33_a_name_that_nobody_knows(connect):
    client = await connect(lookup=addresses())

    assert (await failure(client.get("http://nowhere.example/"))).reason == "dns"


async def test_C33_a_name_server_that_never_answers(connect):
    async def lookup(host: str) -> list[str]:
        await asyncio.Event().wait()
        return []

    client = await connect(lookup=lookup, timeout_s=0.2)

    assert (await failure(client.get("http://slow.example/"))).reason == "timeout"


# -------------------------------------------------------------------------------------------- TLS
def certificate(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


@pytest.fixture
def trusted(monkeypatch):
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context(cafile=str(TLS / "authority.pem")))


async def test_a_certificate_of_a_known_authority_is_fine(trusted, connect, serve):
    server = await serve(answer(RSS), tls=certificate("good"))

    assert (await (await connect()).get(server.url)).body == RSS


@pytest.mark.parametrize(("name", "reason"), [("expired", "tls-expired"), ("other-host", "tls-name")])
async def test_C33_A30_a_wrong_certificate_has_its_reason(trusted, connect, serve, name, reason):
    server = await serve(answer(RSS), tls=certificate(name))

    error = await failure((await connect()).get(server.url))

    assert isinstance(error, Unreachable)
    assert (error.reason, server.heads) == (reason, [])


async def test_A30_an_unknown_authority_is_not_trusted(client, serve):
    server = await serve(answer(RSS), tls=certificate("good"))

    assert (await failure(client.get(server.url))).reason == "tls-untrusted"


async def test_A30_a_certificate_that_only_itself_vouches_for_is_not_trusted(client, serve):
    server = await serve(answer(RSS), tls=certificate("self-signed"))

    assert (await failure(client.get(server.url))).reason == "tls-untrusted"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("15 0301 0002 02 46", id="it refuses our version"),
        pytest.param("16 0301 002a 02 000026 0301" + "00" * 32 + "00 002f 00", id="it chooses TLS 1.0"),
    ],
)
async def test_A30_a_server_of_the_last_century_is_refused(client, said):
    async def speak_old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(2000)
        writer.write(bytes.fromhex(said))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(speak_old, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        assert (await failure(client.get(f"https://127.0.0.1:{port}/"))).reason == "tls-old"


async def test_a_server_that_speaks_no_tls(client):
    async def speak_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(speak_first, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        assert (await failure(client.get(f"https://127.0.0.1:{port}/"))).reason == "tls"


async def test_C27_a_redirect_from_https_to_http_is_refused(trusted, connect, serve):
    plain = await serve(answer(RSS))
    secure = await serve(redirect(plain.url), tls=certificate("good"))

    assert (await failure((await connect()).get(secure.url))).reason == "downgrade"
    assert plain.connections == 0


@pytest.mark.parametrize("status", [301, 308])
async def test_C27_where_it_is_allowed_a_downgrade_is_followed_and_never_lasting(trusted, connect, serve, status):
    plain = await serve(answer(RSS))
    secure = await serve(redirect(plain.url, status), tls=certificate("good"))

    response = await (await connect()).get(secure.url, allow_downgrade=True, private_headers=SECRET)

    assert (response.body, response.url, response.permanent_url) == (RSS, plain.url, "")
    assert secrets_in(plain) == [None] * 3


# -------------------------------------------------------------------------------------------- POST
async def test_a_webhook_gets_its_bytes_and_headers(client, serve):
    server = await serve(answer(b"thanks", status="202 Accepted"))

    response = await client.post(server.url, body=b'{"a": 1}', headers={"Content-Type": "application/json", "webhook-id": "d1"})

    assert (response.status, response.body) == (202, b"thanks")
    assert (server.bodies, server.header("webhook-id"), server.header("Content-Type")) == ([b'{"a": 1}'], "d1", "application/json")
    assert server.header("User-Agent") == "monitor/0.1 (+test)"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_post_does_not_follow_redirects(client, serve, status):
    canary = await serve(answer())
    server = await serve(redirect(canary.url, status))

    assert (await client.post(server.url, body=b"{}", headers={})).status == status
    assert canary.connections == 0


@pytest.mark.parametrize("status", ["400 Bad", "410 Gone", "429 Slow down", "500 Oops"])
async def test_every_answer_to_a_post_is_the_callers_to_judge(client, serve, clock, status):
    server = await serve(answer(b"no", status=status, retry_after="60"))

    response = await client.post(server.url, body=b"{}", headers={})

    assert (response.status, response.retry_at) == (int(status[:3]), clock.now + timedelta(seconds=60))


async def test_of_a_long_answer_to_a_post_the_beginning_is_read(client, serve):
    server = await serve(forever)

    assert len((await client.post(server.url, body=b"{}", headers={})).body) == 64 * 1024


async def test_a_receiver_that_hangs_up_after_every_answer_gets_every_post(client, serve):
    server = await serve(answer(b"yes"))

    async with asyncio.timeout(10), asyncio.TaskGroup() as posts:
        for _ in range(50):
            posts.create_task(client.post(server.url, body=b"{}", headers={}))
        for _ in range(50):
            await client.post(server.url, body=b"{}", headers={})

    assert len(server.bodies) == 100


async def say_yes_and_hang(server, path, writer) -> None:
    writer.write(answer(status="200 OK", content_length=100) + b"yes")
    await asyncio.Event().wait()


@pytest.mark.parametrize("said", [answer(b"yes", content_length=100), say_yes_and_hang])
async def test_an_answer_that_breaks_off_after_its_status_is_an_answer(client, serve, said):
    server = await serve(said)

    response = await client.post(server.url, body=b"{}", headers={})

    assert (response.status, response.body) == (200, b"yes")


async def test_A18_a_post_is_guarded_and_has_a_deadline(connect, serve):
    canary, slow = await serve(answer()), await serve(hang)

    assert (await failure((await connect(allow=())).post(canary.url, body=b"", headers={}))).reason == "private-address"
    assert (await failure((await connect()).post(slow.url, body=b"", headers={}, timeout_s=0.2))).reason == "timeout"
    assert canary.connections == 0
