"""Addresses: one spelling, one identity, one owner.

Nothing here raises and nothing here asks the network. What is no usable http(s) address becomes "".
"""

import base64
import re
import unicodedata
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

if TYPE_CHECKING:
    import tldextract

MAX_URL_CHARS = 4096

# Parameters that say where a reader came from and never which page is meant.
# Names that are meaningful on some sites (`ref`, `source`, `partner`, `id`) are left alone: two addresses
# for one page cost a repeated fetch, one address for two pages loses a story.
TRACKING_PREFIXES = ("utm_", "mtm_", "hsa_", "at_campaign", "at_custom", "at_link", "at_medium", "at_ptr_", "at_bbc_", "ns_m", "wt_", "wt.", "__twitter_")
_TRACKING = """
    _ga _gl _hsenc _hsmi _openstat at_format cmpid dclid emci fb_action_ids fb_ref fbclid gbraid gclid gclsrc gs_l guccounter guce_referrer
    guce_referrer_sig icid igsh igshid ito mc_cid mc_eid mkt_tok msclkid ns_campaign ns_fee ns_linkname ns_source oly_anon_id oly_enc_id
    pk_campaign pk_kwd pk_source rb_clickid ref_src ref_url s_cid smid spm srsltid ttclid twclid vero_id wbraid xtor yclid ysclid
    """
TRACKING_NAMES = frozenset(_TRACKING.split())

# The same page under another door. Longest first, so that "www.m." loses both.
SAME_SITE_PREFIXES = ("mobile.", "www.", "amp.", "m.")

_AMP_PARAMETERS = frozenset(("amp", "amp=1", "amp=true", "outputtype=amp"))
_AMP_SUFFIX = re.compile(r"\.amp(?=(?:\.html?)?$)")
_ARTICLE_NAME = re.compile(r"[0-9-]")

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
# Addresses that are as they come out already, nearly all that feeds hold: a tenth of what taking one apart costs (tests/test_urls.py).
_CANONICAL = re.compile(
    r"https?://(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*+(?::(?!(?:80|443)/)[1-9][0-9]{1,3})?/[A-Za-z0-9._~!$&'()*+,;=:@/|-]*+", re.ASCII
)
_PLAIN_ORIGIN = re.compile(r"https?://([a-z0-9.-]+)(?::[1-9][0-9]{1,3})?/[!-\[\]-~]*\Z")
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_DEFAULT_PORT = {"http": 80, "https": 443}
# RFC 3986 §3.3 and §3.4: what may stand unescaped in a path or a query.
_SAFE = "/?%:@!$&'()*+,;=~[]|"


@lru_cache(maxsize=2048)  # an entry's address is asked for again while its feed is read, and hardly later
def canonical(url: str) -> str:
    """The address as every spelling of it comes out: for storing and for asking.

    Host in lower case and IDNA, default port, fragment and tracking parameters off; the other parameters stay in their order.
    "" for everything that is no http(s) address: other schemes, names and passwords in it, control characters, impossible hosts.
    """
    if len(url) <= 253 and _CANONICAL.fullmatch(url):
        return url
    parts = _split(url)
    if parts is None:
        return ""
    host = _host(parts)
    if not host:
        return ""
    query = "&".join(parameter for parameter in parts.query.split("&") if parameter and not _is_tracking(parameter))
    return f"{parts.scheme}://{host}{_port(parts)}{_escaped(parts.path) or '/'}" + (f"?{_escaped(query)}" if query else "")


@lru_cache(maxsize=512)  # a feed's addresses are asked for by who remembers its items and by who looks for their articles
def url_key(url: str) -> str:
    """What makes two addresses the same page, across feeds: `canonical` without scheme, `www.`, `m.`, a last slash and the marks of AMP.

    AMP is the same article laid out for phones: `amp.` before the host, "/amp" before or after an article's path, ".amp" in
    its last name, `amp=1` or `outputType=amp` behind it. "/amp" counts only beside a name with a digit or a hyphen, as
    articles have: "/wiki/amp" is a page of its own.
    """
    address = canonical(url)
    if not address:
        return ""
    host, slash, rest = address.partition("://")[2].partition("/")
    path, _, query = (slash + rest).partition("?")
    path = _without_amp(path.rstrip("/"))
    if "amp" in query.lower():
        query = "&".join(parameter for parameter in query.split("&") if parameter.lower() not in _AMP_PARAMETERS)
    return _without_prefixes(host) + path + (f"?{query}" if query else "")


def publisher(url: str) -> str:
    """The publisher's own address where another one only leads there and says so: Google News, Google Alerts, Bing News; else as given.

    Newer addresses of Google News name nothing that could be read; they stay.
    """
    parts = _split(url) if "google." in url or "bing." in url else None
    if parts is None or not _PASSES_ON.search(parts.netloc.lower()):
        return url
    if parts.hostname == "news.google.com":
        named = _in_google_news(parts.path.rpartition("/")[2])
    elif parts.path in ("/url", "/news/apiclick.aspx"):
        fields = dict(parse_qsl(parts.query))
        named = fields.get("url") or fields.get("q") or ""
    else:
        named = ""
    return named if canonical(named) else url


def passes_on(host_or_url: str) -> bool:
    """Whether an address belongs to somebody who passes on what others publish, so that it says nothing of the outlet."""
    return bool(_PASSES_ON.search(host_of(host_or_url) if "/" in host_or_url else host_or_url))


_PASSES_ON = re.compile(r"(?:^|\.)(?:google\.com|bing\.com|feedburner\.com|feedproxy\.google\.com)$")


def _in_google_news(token: str) -> str:
    """The address in a Google News id: base64 of a message whose fourth field is the address (tag 0x22, length as a varint)."""
    try:
        message = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return ""
    if not message.startswith(b'\x08\x13"') or len(message) < 5:
        return ""
    length, start = message[3], 4
    if length > 127:
        length, start = (length & 127) | message[4] << 7, 5
    return message[start : start + length].decode("ascii", "replace")


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have scheme, host and port in common (RFC 6454)."""
    first, second = (canonical(url).split("/", 3)[:3] for url in (one, other))
    return first == second and len(first) == 3


def registrable_domain(host_or_url: str) -> str:
    """What somebody registered ("bbc.co.uk"): the unit of politeness. IP addresses and single names give themselves, nonsense gives ""."""
    plain = _PLAIN_ORIGIN.match(host_or_url)
    if plain and len(host_or_url) <= MAX_URL_CHARS:  # nearly every address of a feed; every poll asks
        return _plain_domain(plain[1])
    host = host_of(host_or_url)
    return _registrable(host, private=False) if host else ""


@lru_cache(maxsize=8192)
def _plain_domain(host: str) -> str:
    return registrable_domain(host)


def outlet(url: str) -> str:
    """Who publishes an address.

    The registrable domain; on hosting domains of the Public Suffix List's private part ("blogspot.com") each customer is an outlet.
    """
    plain = _PLAIN_ORIGIN.match(url)
    if plain and len(url) <= MAX_URL_CHARS:
        return _plain_outlet(plain[1])
    host = host_of(url)
    return _registrable(host, private=True) if host else ""


@lru_cache(maxsize=8192)
def _plain_outlet(host: str) -> str:
    return outlet(host)


def host_for_people(url: str) -> tuple[str, bool]:
    """The host as people must see it, and whether a word in it mixes alphabets, as look-alikes do.

    An international name stands beside what is really asked: "nаto.int (xn--nto-6cd.int)".
    """
    host = host_of(url)
    if "xn--" not in host:
        return host, False
    labels = [_unicode(label) for label in host.split(".")]
    return f"{'.'.join(labels)} ({host})", any(_is_mixed(label) for label in labels)


def _unicode(label: str) -> str:
    import idna

    try:
        return idna.decode(label) if label.startswith("xn--") else label
    except (idna.IDNAError, UnicodeError):
        return label


def _is_mixed(label: str) -> bool:
    """Letters of several alphabets that have letters in common; Japanese, Korean and Chinese words mix scripts by right."""
    scripts = {name for letter in label for name in _ALIKE if unicodedata.name(letter, "").startswith(name)}
    return len(scripts) > 1


_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def _split(url: str) -> SplitResult | None:
    # urlsplit drops tabs and line ends inside an address, so "example.com\r\nX" would become another host.
    url = url.strip(" \t\r\n")
    if not url or len(url) > MAX_URL_CHARS or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in _DEFAULT_PORT and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return parts if is_web else None


def _host(parts: SplitResult) -> str:
    """The host in lower case, IDNA and without the root's dot; IPv6 in brackets; "" where no such host can exist."""
    name = (parts.hostname or "").lower()
    if parts.netloc.startswith("["):
        return f"[{name}]" if _is_ip(name) else ""
    if not name.isascii():
        name = _to_ascii(name)
    name = name.removesuffix(".")
    return name if len(name) <= 253 and _HOST.fullmatch(name) else ""


def _to_ascii(name: str) -> str:
    import idna  # only for the rare address that needs it: its tables cost 15 ms at start

    try:
        return idna.encode(name, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


def _port(parts: SplitResult) -> str:
    return f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORT[parts.scheme] else ""


def _escaped(text: str) -> str:
    return _ESCAPE.sub(lambda escape: escape[0].upper(), quote(text, safe=_SAFE))


def _is_tracking(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower().removeprefix("amp;")  # "&amp;" that was escaped once too often
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


def _without_prefixes(host: str) -> str:
    for prefix in SAME_SITE_PREFIXES:
        shorter = host.removeprefix(prefix)
        if "." in shorter:  # "m.co" is somebody's whole name
            host = shorter
    return host


def _without_amp(path: str) -> str:
    if "amp" not in path:
        return path
    shorter = _AMP_SUFFIX.sub("", path)
    shorter = shorter.removesuffix("/amp") if shorter.endswith("/amp") else shorter.removeprefix("/amp") if shorter.startswith("/amp/") else shorter
    return shorter if _ARTICLE_NAME.search(shorter.rpartition("/")[2]) else path


def host_of(host_or_url: str) -> str:
    """The host in an address, as all its spellings come out; "" where there is none."""
    parts = _split(host_or_url if "://" in host_or_url else f"http://{_bracketed(host_or_url)}/")
    return _host(parts).strip("[]") if parts else ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=512)  # of the plain ones, which are nearly all, the answer is kept above
def _registrable(host: str, *, private: bool) -> str:
    if "." not in host or _is_ip(host):
        return host
    return _suffix_list()(host, include_psl_private_domains=private).top_domain_under_public_suffix or host


@lru_cache(maxsize=1)
def _suffix_list() -> "tldextract.TLDExtract":
    import tldextract  # 0.3 s on a cold start: more than the whole of `monitor --help` may take

    # Without addresses and without a cache it can only use the list that came with it.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
