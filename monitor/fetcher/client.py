"""The one guarded door to HTTP.

aiohttp without the httpx API on top: a 304 costs 200 µs of CPU against 410 through httpx over the same connector (bench/fetch.py),
and only aiohttp's own errors still say whether it was the name, the certificate or the connection. Nothing outside this file knows.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from ipaddress import ip_address
from threading import Thread
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.http_parser import RawResponseMessage
from yarl import URL

from monitor.errors import BadBody, BadStatus, FetchError, Refused, Unreachable
from monitor.fetcher.body import ACCEPT_ENCODING, BoundedBody
from monitor.fetcher.guard import Guard, parsed_address
from monitor.model import Response

GOOD = (200, 203)
PERMANENT = (301, 308)
REDIRECTS = (*PERMANENT, 302, 303, 307)
BUSY = (429, 503)  # whose Retry-After is heard
STATUS_REASONS = {401: "auth", 407: "proxy", 410: "gone", 429: "rate-limited"}
# What stands in the way of bots says so in one of these headers (Cloudflare, AWS WAF, DataDome).
CHALLENGE_STATUSES = (202, 403, 405, 429, 503)
CHALLENGE_HEADERS = frozenset(("cf-mitigated", "x-amzn-waf-action", "x-datadome"))

MAX_REDIRECTS = 5
MAX_HEADERS_BYTES = 64 * 1024
MAX_FIELD_BYTES = 16 * 1024
MAX_VALIDATOR_CHARS = 1024
MAX_INTERIM_ANSWERS = 20
POST_ANSWER_BYTES = 64 * 1024
POST_ANSWER_S = 2.0
# Retry-After of years is a mistake of the server's, not a wish.
LONGEST_RETRY_AFTER = timedelta(hours=24)
# One feed and then its articles may share a connection; at hundreds of hosts a second idle ones must not use up file descriptors and memory.
KEEP_ALIVE_S = 5
MOST_IDLE_HOSTS = 128
DNS_CACHE_S = 60
# At once; a name server that does not answer holds a thread for ten seconds and more, and uvloop has only four of its own.
LOOKUP_THREADS = 16

# openssl/x509_vfy.h; the ssl module has no names for them.
X509_V_ERR_CERT_HAS_EXPIRED = 10
X509_V_ERR_OTHER_NAME = (62, 64)  # of the host, of the IP address
X509_V_ERR_UNKNOWN_ISSUER = (2, 18, 19, 20, 21, 27)  # self-signed, or an authority that nobody here knows
# OpenSSL's words for a server that speaks nothing newer than TLS 1.1.
OLD_TLS = ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE")
_CONDITIONS = frozenset(("If-None-Match", "If-Modified-Since"))

NOTHING: Mapping[str, str] = MappingProxyType({})

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""Host name → its IP addresses; raises OSError where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Bounds for every request; `get` can narrow or widen the first two for one.

    timeout_s: for the whole request, redirects and body included.
    max_bytes: of a body, on the wire as well as unpacked.
    connections: open at once, over all hosts; as many again for POST.
    """

    timeout_s: float = 30.0
    max_bytes: int = 5 * 1024 * 1024
    connections: int = 64


def user_agent(version: str, contact: str) -> str:
    """Who we are, honestly, and where to complain. contact: a URL or mail address, "" where the operator gave none."""
    return f"monitor/{version}" + (f" (+{contact})" if contact else "")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one `get` was asked for."""

    url: str
    headers: dict[str, str]
    private_headers: Mapping[str, str]
    accept_types: tuple[str, ...] | None
    max_bytes: int
    allow_downgrade: bool
    cut: bool


class Client:
    """GET and POST that reach only what the guard allows, within a deadline, into a bounded body. Use with `async with`.

    user_agent: see `user_agent`. lookup: for tests; the system's resolver otherwise.
    proxy: address of an HTTP proxy of the operator's, which may be anywhere; "" for none. It dials for us, so then the guard
    checks what our own resolver says of a name, and the proxy has to refuse what only its resolver knows.
    """

    def __init__(self, *, guard: Guard, user_agent: str, limits: FetchLimits, clock: Callable[[], datetime], proxy: str = "", lookup: Lookup | None = None):
        self._guard, self._user_agent, self._limits, self._clock = guard, user_agent, limits, clock
        self._lookup = lookup or self._system_lookup
        self._proxy = URL(proxy) if proxy else None

    async def __aenter__(self) -> Self:
        self._lookups = asyncio.Semaphore(LOOKUP_THREADS)
        self._session = self._open_session(keepalive_timeout=KEEP_ALIVE_S)
        # A kept connection that the receiver is just closing fails, and unlike a GET a POST must not simply be asked again.
        self._post_session = self._open_session(force_close=True)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._session.close()
        await self._post_session.close()

    async def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "*/*",
        accept_types: tuple[str, ...] | None = None,
        max_bytes: int | None = None,
        timeout_s: float | None = None,
        conditional: bool = True,
        private_headers: Mapping[str, str] = NOTHING,
        allow_downgrade: bool = False,
        cut: bool = False,
    ) -> Response:
        """What stands at an address, after at most five redirects, or that it did not change (status 304, no body).

        etag, last_modified: validators as the server gave them; sent back byte for byte, unless `conditional` is off.
        accept: the header. accept_types: media types whose body is read, every other is refused after the headers; None reads all.
        max_bytes, timeout_s: instead of the limits' own. cut: what is over max_bytes is left away, and no error.
        private_headers: the operator's for this address, credentials among them; a redirect to another origin loses them for good.
        allow_downgrade: a redirect from https to http is followed, and never called permanent.
        raises: Refused `bad-scheme` `bad-url` `bad-port` `private-address` `downgrade` `too-many-redirects`;
        Unreachable `dns` `refused` `tls` `tls-expired` `tls-name` `tls-untrusted` `tls-old` `timeout` `reset` `unreachable` `protocol` `proxy`;
        BadStatus `gone` `auth` `challenge` `rate-limited` `bad-redirect` `status-404` …;
        BadBody `too-large` `bomb` `bad-encoding` `truncated` `content-type`.
        """
        headers = {"User-Agent": self._user_agent, "Accept": accept or "*/*", "Accept-Encoding": ACCEPT_ENCODING}
        if conditional:
            headers |= _validators(etag, last_modified)
        wish = _Wish(url, headers, private_headers, accept_types, max_bytes or self._limits.max_bytes, allow_downgrade, cut)
        timeout_s = timeout_s or self._limits.timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(wish)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _in_our_words(url, error, timeout_s) from error

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str], timeout_s: float | None = None) -> Response:
        """What a webhook's receiver answered, whatever its status; redirects are not followed, of the answer 64 KiB are read.

        raises: Refused or Unreachable, as `get`, where there was no answer.
        """
        address = self._guard.check_url(url)
        sent = {"User-Agent": self._user_agent, "Accept-Encoding": "identity", **headers}
        timeout_s = timeout_s or self._limits.timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                if self._proxy:
                    await self._check_behind_proxy(address)
                asked = self._post_session.post(URL(address, encoded=True), data=body, headers=sent, allow_redirects=False)
                with closing(await asked) as answer:
                    return self._response(address, answer.status, _fields(address, answer), await _beginning(answer))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _in_our_words(url, error, timeout_s) from error

    async def _follow(self, wish: _Wish) -> Response:
        address, headers = self._guard.check_url(wish.url), {**wish.headers, **wish.private_headers}
        hops: list[tuple[int, str]] = []
        is_lasting = True  # every hop was permanent, and none led to a worse place
        while len(hops) <= MAX_REDIRECTS:
            if self._proxy:
                await self._check_behind_proxy(address)
            asked = self._session.get(URL(address, encoded=True), headers=headers, allow_redirects=False)
            with closing(await asked) as answer:
                fields = _fields(address, answer)
                if answer.status in REDIRECTS:
                    following = self._next_hop(address, answer.status, fields, allow_downgrade=wish.allow_downgrade)
                    hops.append((answer.status, following))
                    is_lasting &= answer.status in PERMANENT and not _is_downgrade(address, following)
                    if _origin(following) != _origin(address):
                        headers = wish.headers
                    address = following
                    continue
                self._check_status(address, answer.status, fields, is_conditional=not _CONDITIONS.isdisjoint(headers))
                body = b"" if answer.status == 304 else await _body(address, answer, fields, wish)
                return self._response(address, answer.status, fields, body, permanent_url=address if hops and is_lasting else "", hops=tuple(hops))
        raise Refused(wish.url, "too-many-redirects", f"more than {MAX_REDIRECTS}")

    def _next_hop(self, address: str, status: int, fields: Mapping[str, str], *, allow_downgrade: bool) -> str:
        location = fields.get("location", "").strip()
        if not location:
            raise BadStatus(address, "bad-redirect", "no Location", status=status)
        try:
            target = urljoin(address, location)
        except ValueError as error:
            raise BadStatus(address, "bad-redirect", str(error), status=status) from None
        following = self._guard.check_url(target)
        self._guard.check_hop(address, following)
        if _is_downgrade(address, following) and not allow_downgrade:
            raise Refused(following, "downgrade", f"redirected from {address}")
        return following

    def _check_status(self, address: str, status: int, fields: Mapping[str, str], *, is_conditional: bool) -> None:
        if status in GOOD or (status == 304 and is_conditional):
            return
        is_challenge = status in CHALLENGE_STATUSES and not CHALLENGE_HEADERS.isdisjoint(fields)
        reason = "challenge" if is_challenge else STATUS_REASONS.get(status, f"status-{status}")
        if status not in BUSY:
            raise BadStatus(address, reason, status=status)
        retry_at = _retry_at(fields, self._clock())
        raise BadStatus(address, reason, _odd_retry_after(fields, retry_at), status=status, retry_at=retry_at)

    def _response(self, address: str, status: int, fields: Mapping[str, str], body: bytes, **way: Any) -> Response:
        now = self._clock()
        return Response(url=address, status=status, headers=fields, body=body, fetched_at=now, retry_at=_retry_at(fields, now), **way)

    def _open_session(self, **keeping: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=_Connector(
                limit=self._limits.connections,
                ttl_dns_cache=DNS_CACHE_S,
                resolver=_GuardedResolver(self._guard, self._lookup) if self._proxy is None else _Resolver(self._lookup),
                socket_factory=self._guarded_socket,
                ssl=True,  # the library's own context, which is the system's authorities; reading those again costs 1 MB
                **keeping,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy from the environment would dial for us, past the guard
            proxy=self._proxy,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),  # ours is for the whole request
            max_field_size=MAX_FIELD_BYTES,
        )

    def _guarded_socket(self, target: tuple[Any, ...]) -> socket.socket:
        """The last word: every connection of the session begins here, with the address that is dialled."""
        family, kind, protocol, _, address = target
        if self._proxy:  # nothing else is dialled then, and where it stands is the operator's choice
            return socket.socket(family, kind, protocol)
        try:
            self._guard.check_address(parsed_address(address[0]))
        except Refused as refusal:
            raise _AddressRefused(refusal.detail) from refusal
        return socket.socket(family, kind, protocol)

    async def _check_behind_proxy(self, address: str) -> None:
        """What our own resolver knows of a name is checked; a name that only the proxy can find is the proxy's to judge.

        raises: Refused `private-address`, if only one of its addresses is forbidden: which one the proxy takes is not ours to say.
        """
        host = URL(address, encoded=True).host or ""
        try:
            addresses = await self._lookup(host)
        except OSError:
            return
        for found in addresses:
            if not self._guard.allows(ip_address(found)):
                raise Refused(address, "private-address", found)

    async def _system_lookup(self, host: str) -> list[str]:
        """In a thread that nobody waits for at the end: a pool's threads hold up the exit while a name server is silent (17.9 s, measured)."""
        answer: Future[list[str]] = Future()

        def look() -> None:
            answer.set_running_or_notify_cancel()
            try:
                answer.set_result([str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)])
            except (OSError, UnicodeError) as error:
                answer.set_exception(error if isinstance(error, OSError) else OSError(str(error)))

        async with self._lookups:
            Thread(target=look, name=f"lookup-{host}", daemon=True).start()
            return await asyncio.wrap_future(answer)


class _AddressRefused(OSError):
    """The guard's no, in the only kind of error that the connector lets through; its text is the address."""


class _Connector(aiohttp.TCPConnector):
    """Connections on which no server can keep us busy with interim answers; those that have been idle longest are closed where there are many."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        handler: type[ResponseHandler] = _Handler
        self._factory = partial(handler, loop=self._loop)

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        super()._release(key, protocol, should_close=should_close)
        if len(self._conns) > MOST_IDLE_HOSTS:
            longest_idle = next(iter(self._conns))
            for idle, _ in self._conns.pop(longest_idle):
                idle.close()


class _Handler(ResponseHandler):
    """The library reads interim answers (1xx) until the deadline; thousands at once would hold up everybody else's requests."""

    _interim_answers = 0

    def feed_data(self, data: tuple[RawResponseMessage, aiohttp.StreamReader], size: int = 0) -> None:
        if self._interim_answers > MAX_INTERIM_ANSWERS:
            return
        self._interim_answers = self._interim_answers + 1 if data[0].code < 200 else 0
        if self._interim_answers <= MAX_INTERIM_ANSWERS:
            super().feed_data(data, size)
        else:
            self.close()
            self.set_exception(BadHttpMessage(f"more than {MAX_INTERIM_ANSWERS} interim answers"))


class _Resolver(AbstractResolver):
    """Our lookup, in the connector's words."""

    def __init__(self, lookup: Lookup):
        self._lookup = lookup

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:  # noqa: ARG002 – the connector asks for both
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET6 if ":" in address else socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
            for address in self._fit(await self._lookup(host))
        ]

    async def close(self) -> None:
        """Nothing is kept open."""

    def _fit(self, addresses: Sequence[str]) -> Sequence[str]:
        return addresses


class _GuardedResolver(_Resolver):
    """Takes refused addresses out of an answer, so that a name with a public and a private one is reached by the public one."""

    def __init__(self, guard: Guard, lookup: Lookup):
        super().__init__(lookup)
        self._guard = guard

    def _fit(self, addresses: Sequence[str]) -> Sequence[str]:
        allowed = [address for address in addresses if self._guard.allows(ip_address(address))]
        if addresses and not allowed:
            raise _AddressRefused(addresses[0])
        return allowed


def _in_our_words(url: str, error: aiohttp.ClientError | OSError, timeout_s: float) -> FetchError:
    match error:
        case aiohttp.ClientProxyConnectionError():  # whose own words name the proxy with its password
            return Unreachable(url, "proxy", str(error.os_error))
        case aiohttp.ClientHttpProxyError():
            return Unreachable(url, "proxy", f"it answers with status {error.status}", status=error.status)
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError(verify_code=code, verify_message=why)):
            return Unreachable(url, _why_not_trusted(code), why)
        case aiohttp.ClientConnectorSSLError(os_error=ssl.SSLError(reason=reason)) if reason in OLD_TLS:
            return Unreachable(url, "tls-old", "the server speaks nothing newer than TLS 1.1")
        case aiohttp.ClientSSLError():
            return Unreachable(url, "tls", str(error))
        case aiohttp.ClientConnectorError(os_error=_AddressRefused() as refusal):
            return Refused(url, "private-address", str(refusal))
        case aiohttp.ClientConnectorDNSError():
            return Unreachable(url, "dns", str(error.os_error))
        case aiohttp.ClientConnectorError():
            return Unreachable(url, _why_not_connected(error.os_error), str(error.os_error))
        case aiohttp.ClientPayloadError():
            return BadBody(url, "truncated", "the connection ended before the body did")
        case TimeoutError() if not isinstance(error, aiohttp.ClientError):
            return Unreachable(url, "timeout", f"no whole answer within {timeout_s:g} s")
        case aiohttp.ServerDisconnectedError() | OSError():
            return Unreachable(url, "reset", str(error))
        case _:
            return Unreachable(url, "protocol", str(error))


def _why_not_trusted(verify_code: int) -> str:
    if verify_code == X509_V_ERR_CERT_HAS_EXPIRED:
        return "tls-expired"
    if verify_code in X509_V_ERR_OTHER_NAME:
        return "tls-name"
    return "tls-untrusted" if verify_code in X509_V_ERR_UNKNOWN_ISSUER else "tls"


def _why_not_connected(error: OSError) -> str:
    match error:
        case ConnectionRefusedError():
            return "refused"
        case ConnectionResetError():
            return "reset"
        case TimeoutError():
            return "timeout"
        case _:
            return "unreachable"


def _origin(address: str) -> str:
    """Scheme, host and port of an address in the guard's spelling (RFC 6454)."""
    return address[: address.index("/", 8)]


def _is_downgrade(address: str, following: str) -> bool:
    return address.startswith("https:") and following.startswith("http:")


def _validators(etag: str, last_modified: str) -> dict[str, str]:
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in given.items() if _is_sendable(value)}


def _is_sendable(validator: str) -> bool:
    # U+FFFD stands where the server's bytes were no UTF-8: those cannot be sent back byte for byte.
    return 0 < len(validator) <= MAX_VALIDATOR_CHARS and validator.isprintable() and "\ufffd" not in validator


@lru_cache(maxsize=256)
def _field_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


def _fields(address: str, answer: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers, names in lower case, repeated ones joined (RFC 9110 §5.3)."""
    fields: dict[str, str] = {}
    size = 0
    for name, value in answer.raw_headers:
        size += len(name) + len(value)
        key, text = _field_name(name), value.decode("utf-8", "replace")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    if size > MAX_HEADERS_BYTES:
        raise Unreachable(address, "protocol", f"more than {MAX_HEADERS_BYTES} bytes of headers")
    for key in ("etag", "last-modified"):
        if key in fields and not _is_sendable(fields[key]):
            del fields[key]  # nobody shall keep what cannot be sent back
    return fields


async def _body(address: str, answer: aiohttp.ClientResponse, fields: Mapping[str, str], wish: _Wish) -> bytes:
    media_type = fields.get("content-type", "").partition(";")[0].strip().lower()
    if wish.accept_types is not None and media_type and media_type not in wish.accept_types:
        raise BadBody(address, "content-type", media_type[:100], status=answer.status)
    if (answer.content_length or 0) > wish.max_bytes and not wish.cut:
        raise BadBody(address, "too-large", f"{answer.content_length} bytes announced, at most {wish.max_bytes} are taken", status=answer.status)
    body = BoundedBody(address, fields.get("content-encoding", "").strip().lower(), wish.max_bytes, cut=wish.cut)
    async for chunk in answer.content.iter_any():
        body.take(chunk)
        if body.is_full():
            break
    return body.whole()


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """Up to 64 KiB of what a receiver says; the status has decided already, so what breaks off here is no failure."""
    body = b""
    with suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(POST_ANSWER_S):
            async for chunk in answer.content.iter_any():
                body += chunk
                if len(body) >= POST_ANSWER_BYTES:
                    break
    return body[:POST_ANSWER_BYTES]


def _retry_at(fields: Mapping[str, str], now: datetime) -> datetime | None:
    """When the server asked us to come back (RFC 9110 §10.2.3): seconds or a date, from now to a day from now; None where it is neither."""
    text = fields.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(now, min(at, now + LONGEST_RETRY_AFTER))


def _odd_retry_after(fields: Mapping[str, str], retry_at: datetime | None) -> str:
    """What to say of a Retry-After that cannot be taken at its word."""
    text = fields.get("retry-after", "").strip()
    if text and retry_at is None:
        return f"Retry-After {text[:40]!r} is no time"
    if text.isdigit() and int(text[:9]) > LONGEST_RETRY_AFTER.total_seconds():
        return f"Retry-After of {text[:40]} s is taken as a day"
    return ""
