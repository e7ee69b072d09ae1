"""The units people write in config.toml, and what they become.

Each type refuses a bare number: whether "15" means seconds or minutes is not ours to guess.
"""

import difflib
import re
import zoneinfo
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_QUANTITY = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]+)", re.ASCII)
_LONGEST = timedelta(days=36_500)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_QUIET = re.compile(r"\s*([\d:]+)\s*[-–]\s*([\d:]+)\s*")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_MAILBOX = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+")


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    """An error for a validator to raise; message and hint reach the operator as they are."""
    return PydanticCustomError("monitor", "{message}", {"message": message, "hint": hint})


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """The known word that was most likely meant, "" where none is near."""
    spelled = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), spelled, n=1, cutoff=0.6)
    return spelled[found[0]] if found else ""


def _quantity(value: object, units: dict[str, float] | dict[str, int], *, example: str, noun: str) -> tuple[float, str]:
    examples = " or ".join(f'"{value}{unit}"' for unit in (("s", example) if example == "m" else (example,)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise wrong(f"{value} has no unit", f"write {noun} with its unit, in quotes: {examples}")
    if not isinstance(value, str):
        raise wrong(f"must be {noun}", f'write it as text with a unit, such as "15{example}"')
    match = _QUANTITY.fullmatch(value.strip())
    if match is None:
        bare = value.strip().replace(".", "", 1).isdigit()
        raise wrong(f'"{value}" {"has no unit" if bare else f"is not {noun}"}', f'write a number and a unit, such as "15{example}"')
    unit = match[2] if match[2] in units else match[2].lower()
    if unit not in units:
        raise wrong(f'"{match[2]}" is not a unit of {noun}', f"units are {', '.join(units)}")
    return float(match[1]), unit


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    number, unit = _quantity(value, _SECONDS, example="m", noun="a duration")
    if number * _SECONDS[unit] > _LONGEST.total_seconds():
        raise wrong(f'"{value}" is longer than a hundred years', 'write a duration such as "365d"')
    return timedelta(seconds=number * _SECONDS[unit])


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise wrong("must be longer than nothing", 'write a duration such as "15m"')
    return value


def _size(value: object) -> int:
    number, unit = _quantity(value, _BYTES, example="MiB", noun="a size")
    if number * _BYTES[unit] < 1:
        raise wrong("must be at least one byte", 'write a size such as "5MiB"')
    return int(number * _BYTES[unit])


def _timezone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = nearest(value, sorted(zoneinfo.available_timezones()))
        raise wrong(f'"{value}" is not a time zone', f'did you mean "{meant}"?' if meant else 'write an IANA name such as "Europe/Kyiv"') from error
    return value


def _network(value: object) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    if not isinstance(value, str):
        raise wrong("must be a network in CIDR form", 'write it in quotes, such as "10.20.0.0/16"')
    try:
        return ip_network(value)
    except ValueError as error:
        raise wrong(f'"{value}" is not a network in CIDR form', _meant_network(value)) from error


def _meant_network(value: str) -> str:
    try:
        return f'did you mean "{ip_network(value, strict=False)}"?'
    except ValueError:
        return 'write an address and a prefix length, such as "10.20.0.0/16"'


def clock(value: str) -> str:
    """A local time "HH:MM", 00:00 to 23:59."""
    if not _CLOCK.fullmatch(value):
        raise wrong(f'"{value}" is not a time', 'write hours and minutes with two digits each, such as "07:30"')
    return value


def _weekdays(value: object) -> tuple[int, ...]:
    """ "mon-fri", "mon,wed", "daily" → weekdays, 0 is Monday; a span may pass the end of the week ("fri-mon")."""
    if not isinstance(value, str):
        raise wrong("must be days of the week", 'write them in quotes: "mon-fri", "mon,wed" or "daily"')
    if value.strip().lower() == "daily":
        return tuple(range(7))
    days: set[int] = set()
    for part in value.lower().split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        for day in (first, last or first):
            if day not in _WEEKDAYS:
                raise wrong(f'"{day}" is not a day', 'days are mon, tue, wed, thu, fri, sat, sun; write "mon-fri", "mon,wed" or "daily"')
        start, stop = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
        days.update((start + step) % 7 for step in range((stop - start) % 7 + 1))
    return tuple(sorted(days))


def _quiet(value: object) -> tuple[str, str]:
    """ "22:00-06:30" → ("22:00", "06:30")."""
    match = _QUIET.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong("must be a span of local time", 'write its start and end, such as "22:00-06:30"')
    start, end = clock(match[1]), clock(match[2])
    if start == end:
        raise wrong("begins and ends at the same time", "leave quiet out, or end it earlier or later")
    return start, end


def web_address(value: str) -> str:
    """An http or https address with a host and without a user name (it would end in logs and mails)."""
    shown = hide_password(value)
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise wrong(f'"{shown}" is not a web address', "check the host and the port") from error
    if parts.scheme not in ("http", "https"):
        raise wrong(f'"{shown}" is not an http or https address', "write it whole, beginning with https://")
    if not parts.hostname or any(character.isspace() or not character.isprintable() for character in value):
        raise wrong(f'"{shown}" is not a web address', "it needs a host and no spaces, such as https://example.org/feed.xml")
    if parts.username is not None:
        raise wrong("carries a user name", "addresses with a login are not supported; leave out everything up to the @")
    return value


def _maybe_web_address(value: str) -> str:
    return web_address(value) if value else value


def _mail_address(value: str) -> str:
    if not _MAILBOX.fullmatch(value) or not value.isprintable():
        raise wrong(f'"{value}" is not a mail address', "write one plain address, such as desk@example.org")
    return value


def _sender(value: str) -> str:
    name, address = parseaddr(value)
    if not _MAILBOX.fullmatch(address) or not value.isprintable() or not (name or value.strip() == address):
        raise wrong(f'"{value}" is not a sender', 'write "monitor@example.org" or "News Monitor <monitor@example.org>"')
    return value


def _language(value: str) -> str:
    if value and not _LANGUAGE.fullmatch(value):
        raise wrong(f'"{value}" is not a language code', 'write a code such as "en", "uk" or "pt-BR"')
    return value


def _host_name(value: str) -> str:
    if not value or "/" in value or ":" in value or any(character.isspace() for character in value):
        raise wrong(f'"{value}" is not a host name', "leave out https:// and the path: example.com")
    return value


def _path(value: str) -> str:
    if not value.isprintable():
        raise wrong("is not a path", "remove what is not printable from it")
    return value


def split_listen(value: str) -> tuple[str, int]:
    """ "127.0.0.1:8321", "[::1]:8321" → host and port."""
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535 or (":" in host and not host.startswith("[")):
        raise wrong(f'"{value}" is not an address to listen on', 'write host and port, such as "127.0.0.1:8321"')
    return host.strip("[]"), int(port)


def _listen(value: str) -> str:
    split_listen(value)
    return value


# What the client itself says with each request; two of these would contradict each other.
_OURS = """
    accept-encoding connection content-length content-type expect host if-match if-modified-since if-none-match if-range keep-alive range
    te trailer transfer-encoding upgrade user-agent via
    """
_OUR_HEADERS = frozenset(_OURS.split())


def header_name(value: str) -> str:
    """The name of a header that an operator may set."""
    if not _HEADER.fullmatch(value):
        raise wrong(f'"{value}" cannot be the name of a header', 'write a name such as "X-Api-Key"')
    if value.lower() in _OUR_HEADERS:
        raise wrong(f'"{value}" is set by the program itself', "leave it out; [network] contact is how publishers know you")
    return value


def _header_value(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise wrong("cannot be sent in a header", "write one line of ASCII text")
    return value


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if header_name(name).lower() in ("authorization", "proxy-authorization"):
            raise wrong(f'"{name}" would be a secret in the file', "use auth, which names the place the secret is kept in")
    return value


def _maybe_header_name(value: str) -> str:
    return header_name(value) if value else value


def _proxy(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    try:
        is_whole = bool(parts.hostname and parts.port)
    except ValueError:
        is_whole = False
    if parts.scheme != "http" or not is_whole or parts.path not in ("", "/") or not value.isprintable() or " " in value:
        raise wrong(f'"{hide_password(value)}" is not the address of a proxy', 'write scheme, host and port, such as "http://proxy.example:3128"')
    return value


def _storage_url(value: str) -> str:
    if value and not value.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
        raise wrong("is not a database address", 'leave it "" for SQLite in the state folder, or write postgresql://user@host/database')
    return value


def hide_password(address: str) -> str:
    """A database address as it may be shown: `postgresql://me:•••@host/news`."""
    head, slashes, tail = address.partition("://")
    login, at, place = tail.rpartition("@")
    shown = f"{head}{slashes}{login.partition(':')[0]}:•••@{place}" if at and ":" in login else address
    return re.sub(r"(?<=password=)[^&]+", "•••", shown)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
PositiveDuration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_positive)]
Size = Annotated[int, BeforeValidator(_size)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Clock = Annotated[str, AfterValidator(clock)]
Weekdays = Annotated[tuple[int, ...], BeforeValidator(_weekdays)]
Quiet = Annotated[tuple[str, str], BeforeValidator(_quiet)]
WebAddress = Annotated[str, AfterValidator(web_address)]
MaybeWebAddress = Annotated[str, AfterValidator(_maybe_web_address)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Sender = Annotated[str, AfterValidator(_sender)]
Language = Annotated[str, AfterValidator(_language)]
HostName = Annotated[str, AfterValidator(_host_name)]
PathName = Annotated[str, AfterValidator(_path)]
Listen = Annotated[str, AfterValidator(_listen)]
Headers = Annotated[dict[str, Annotated[str, AfterValidator(_header_value)]], AfterValidator(_headers)]
HeaderName = Annotated[str, AfterValidator(_maybe_header_name)]
Proxy = Annotated[str, AfterValidator(_proxy)]
StorageUrl = Annotated[str, AfterValidator(_storage_url)]
