"""Which addresses we ask at all: schemes, hosts and ports by their text, networks by the address really dialled."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urlsplit

import idna

from monitor.errors import Refused

MAX_URL_CHARS = 4096
DEFAULT_PORTS = {"http": 80, "https": 443}

# Services behind high ports that answer whatever a request line happens to say to them: NFS, SIP, X11, IRC, databases, caches.
SERVICE_PORTS = frozenset((2049, 3306, 5060, 5061, 5432, 6000, 6379, *range(6665, 6670), 6697, 9200, 11211, 27017))

# No public web server can be there. IANA special-purpose registries (RFC 6890), multicast and the reserved rest,
# and the one address of a cloud's own services that looks public (Azure's 168.63.129.16).
# A list of our own: what `ipaddress` calls global differs from one Python to the next and takes multicast in.
_FORBIDDEN_IPV4 = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
    192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    """
FORBIDDEN_IPV4 = tuple(map(IPv4Network, _FORBIDDEN_IPV4.split()))  # in order, and none inside another
_FIRST_FORBIDDEN = [int(network.network_address) for network in FORBIDDEN_IPV4]
_LAST_FORBIDDEN = [int(network.broadcast_address) for network in FORBIDDEN_IPV4]
# IPv6 the other way round: only global unicast space, less what is set aside in it.
# 2001::/23 holds Teredo and benchmarking, 2002::/16 is 6to4; both can carry an IPv4 address, neither carries a news site.
GLOBAL_IPV6 = IPv6Network("2000::/3")
FORBIDDEN_IPV6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# An IPv4 address in other clothes; networks without IPv4 need the second one (DNS64, RFC 6147) to reach the IPv4 web.
MAPPED, NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")

# Control characters, because urlsplit drops some of them and so joins two hosts into one; a backslash, because
# browsers read it as a slash and urlsplit does not; halves of surrogate pairs, because they have no bytes.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_BRACKETED = re.compile(r"\[[^%\]]*\](:[0-9]*)?")  # no zone: it names an interface of ours
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
# The spelling of nearly every address already: what this takes, the long way gives back unchanged (tests/fetcher/test_guard.py).
_USUAL = re.compile(
    r"https?://(?:(?P<name>(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9_-]{0,62})|(?P<ip>(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})))(?::(?P<port>[1-9]\d{3,4}))?"
    r"/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/%?-]+)?",
    re.ASCII,
)
# RFC 3986 §2: what stays as it is; the percent sign too, because what is escaped already must not be escaped twice.
_AS_IS = "%!$&'()*+,;=:@/?~[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The operator's view of what may be reached.

    allow_private: networks that are fine although they are not public, from `[network] allow_private`.
    """

    allow_private: tuple[IPv4Network | IPv6Network, ...] = ()

    def check_url(self, url: str) -> str:
        """The address in the one spelling that is then asked: ASCII, host in lower case, no fragment, IP addresses in their usual form.

        `feed:` addresses become what they stand for.
        raises: Refused `bad-scheme`, `bad-url`, `bad-port`, or `private-address` where the host is an IP address in any spelling.
        """
        if self._is_usual(url):
            return url
        parts = _split(url)
        host = _host(url, parts)
        if not isinstance(host, str) and not self.allows(host):
            raise Refused(url, "private-address", str(host))
        return f"{parts.scheme}://{f'[{host}]' if isinstance(host, IPv6Address) else host}{_port(url, parts)}{_path_and_query(parts)}"

    def _is_usual(self, url: str) -> bool:
        """Whether the address is plainly fine; a tenth of what taking it apart costs, and every poll and every link asks."""
        usual = _USUAL.fullmatch(url)
        if usual is None or len(url) > MAX_URL_CHARS:
            return False
        name, ip, port = usual.group("name", "ip", "port")
        if port and (int(port) > 65535 or int(port) in SERVICE_PORTS):
            return False
        if name:
            return len(name) <= 253
        try:
            return self.allows(parsed_address(ip))
        except ValueError:
            return False

    def check_hop(self, address: str, following: str) -> None:
        """Nothing, if a redirect between these checked addresses may be followed.

        A private address that the operator allowed is for those that the operator names. Who is there already may lead on in the
        same network; nobody else may lead there.
        raises: Refused `private-address`.
        """
        target = _literal(following)
        if target is None or is_public(_unwrapped(target)):
            return
        source = _literal(address)
        together = [network for network in self.allow_private if _unwrapped(target) in network]
        if source is None or not any(_unwrapped(source) in network for network in together):
            raise Refused(following, "private-address", f"{target}, redirected from another network")

    def check_address(self, address: IPv4Address | IPv6Address) -> None:
        """Nothing, if the address may be dialled.

        raises: Refused `private-address`.
        """
        if not self.allows(address):
            raise Refused(str(address), "private-address", str(address))

    def allows(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether the address is public, or the operator allowed its network."""
        meant = _unwrapped(address)
        return is_public(meant) or any(meant in network for network in self.allow_private)


@lru_cache(maxsize=4096)  # as with `is_public`
def parsed_address(text: str) -> IPv4Address | IPv6Address:
    """The IP address in its usual spelling. raises: ValueError."""
    return ip_address(text)


@lru_cache(maxsize=4096)  # the same servers are asked again and again, and each takes sixteen comparisons
def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether a web server for everybody can have this address."""
    if isinstance(address, IPv4Address):
        place = bisect_right(_FIRST_FORBIDDEN, int(address)) - 1
        return place < 0 or int(address) > _LAST_FORBIDDEN[place]
    return address in GLOBAL_IPV6 and not any(address in network for network in FORBIDDEN_IPV6)


def _literal(checked_url: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a checked URL names, None for a name."""
    host = urlsplit(checked_url).hostname or ""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if address.version == 6 and (address in MAPPED or address in NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_CHARS or _UNSAFE.search(url) or url != url.strip():
        raise Refused(url[:MAX_URL_CHARS], "bad-url", "too long, or with characters that no address has")
    try:
        parts = urlsplit(_without_feed_scheme(url))
    except ValueError as error:
        raise Refused(url, "bad-url", str(error)) from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused(url, "bad-scheme", f"{parts.scheme or 'no'} scheme, http or https is needed")
    if "@" in parts.netloc:
        raise Refused(url, "bad-url", "name or password in the address")
    return parts


def _without_feed_scheme(url: str) -> str:
    """Browsers' subscribe links: "feed:https://host/…" or "feed://host/…"."""
    if url[:5].lower() != "feed:":
        return url
    rest = url[5:]
    return f"https:{rest}" if rest.startswith("//") else rest


def _host(url: str, parts: SplitResult) -> str | IPv4Address | IPv6Address:
    """A name in ASCII, or the IP address that some spelling of it means."""
    name = parts.hostname or ""
    try:
        if _BRACKETED.fullmatch(parts.netloc):
            return IPv6Address(name)
        if not name.isascii():
            name = _to_ascii(name)
        name = name.removesuffix(".")
        if _NUMBER.fullmatch(name.rpartition(".")[2]):
            return _ipv4(name)
    except ValueError as error:  # IDNAError is one
        raise Refused(url, "bad-url", str(error)) from None
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise Refused(url, "bad-url", f"no such host can exist: {name!r}")
    return name


def _to_ascii(name: str) -> str:
    # Mapping first: it turns circled and full-width digits and ideographic dots into the plain ones, as resolvers do.
    mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
    return ".".join(label if label.isascii() else idna.alabel(label).decode() for label in mapped.split("."))


def _ipv4(text: str) -> IPv4Address:
    """An IPv4 address as the C library reads it: decimal, octal or hexadecimal, and with up to three dots.

    Source: WHATWG URL Standard, "IPv4 parser".
    """
    numbers = [_number(part) for part in text.split(".")]
    if len(numbers) > 4 or any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise ValueError(f"no IPv4 address: {text!r}")
    return IPv4Address(sum(number << 8 * (3 - place) for place, number in enumerate(numbers[:-1])) + numbers[-1])


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"not a number: {text!r}")
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)


def _port(url: str, parts: SplitResult) -> str:
    try:
        port = parts.port
    except ValueError as error:
        raise Refused(url, "bad-port", str(error)) from None
    if port is None or port == DEFAULT_PORTS[parts.scheme]:
        return ""
    if (port < 1024 and port not in DEFAULT_PORTS.values()) or port in SERVICE_PORTS:
        raise Refused(url, "bad-port", str(port))
    return f":{port}"


def _path_and_query(parts: SplitResult) -> str:
    return (quote(parts.path, safe=_AS_IS) or "/") + (f"?{quote(parts.query, safe=_AS_IS)}" if parts.query else "")
