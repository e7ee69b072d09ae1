"""What the XML and the JSON reader share: how a feed's raw words become the fields of an entry, and what goes on record as odd."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from monitor.feeds.dates import read_date
from monitor.feeds.plain import MAX_SUMMARY_CHARS, MAX_TITLE_BYTES, MAX_TITLE_CHARS, clean, cut, cut_bytes, one_line, plain
from monitor.model import Enclosure
from monitor.status import Problem

MAX_ENTRIES = 1_000
MAX_PROBLEMS = 20
MAX_AUTHORS = 20
MAX_ENCLOSURES = 20
MAX_URL_CHARS = 4096
MAX_DETAIL_CHARS = 200

# What templates print where nothing was filled in (cocopuff2u/MOFA#24).
_PLACEHOLDERS = frozenset({"n/a", "none", "null", "undefined", "#", "-"})
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,3}")
# Addresses that `urljoin` gives back as they are, whatever they are joined to: nearly all that feeds hold.
_ABSOLUTE = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?/[!$-.0-:=@-\[\]-~/]*(?:\?[!$-~]+)?")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Raw = TypeVar("Raw")


class Reader:
    """The fields of one document, and its problems as they turn up.

    url: where the document came from, after redirects; relative links are resolved against it.
    """

    def __init__(self, url: str):
        self.url = url
        self.problems: list[Problem] = []

    def problem(self, code: str, detail: str = "") -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code=code, detail=one_line(detail)[:MAX_DETAIL_CHARS]))

    def newest(self, raw_entries: Sequence[Raw], date_of: Callable[[Raw], str]) -> Sequence[Raw]:
        """At most MAX_ENTRIES, the newest by date, undated last; in the document's order."""
        if len(raw_entries) <= MAX_ENTRIES:
            return raw_entries
        self.problem("too-many-entries", f"{len(raw_entries)} entries, the {MAX_ENTRIES} newest were taken")
        by_age = sorted(range(len(raw_entries)), key=lambda place: read_date(date_of(raw_entries[place])) or _LONG_AGO, reverse=True)
        return [raw_entries[place] for place in sorted(by_age[:MAX_ENTRIES])]

    def date(self, text: str) -> datetime | None:
        moment = read_date(text)
        if moment is None and text.strip():
            self.problem("bad-date", text)
        return moment

    def title(self, text: str, *, is_html: bool | None = None) -> str:
        return cut_bytes(cut(plain(text, is_html=is_html), MAX_TITLE_CHARS), MAX_TITLE_BYTES)

    def summary(self, text: str, *, is_html: bool | None = None) -> str:
        return cut(plain(text, is_html=is_html), MAX_SUMMARY_CHARS)

    def identifier(self, text: str) -> str:
        """A guid as given, but for blanks around it; "" for placeholders."""
        guid = one_line(text)
        return "" if guid.lower() in _PLACEHOLDERS else guid

    def absolute(self, link: str) -> str:
        """The http(s) address that a link means, "" where it means none.

        Where the document's own address is not known there is nothing to resolve against, and a relative link stays as it is.
        """
        if _ABSOLUTE.fullmatch(link) and len(link) <= MAX_URL_CHARS and ";" not in link:
            return link
        # Browsers, too, drop line ends inside an address and escape its blanks.
        link = re.sub(r"[\t\r\n]+", "", clean(link).strip()).replace(" ", "%20")
        if not link or len(link) > MAX_URL_CHARS or link.lower() in _PLACEHOLDERS:
            return ""
        try:
            address = urljoin(self.url, link)
            parts = urlsplit(address)
            is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:  # a bracket that opens no IPv6 address
            return ""
        return address if is_web or (not self.url and not parts.scheme) else ""

    def language(self, text: str) -> str:
        tag = text.strip().replace("_", "-")
        return tag if _LANGUAGE.fullmatch(tag) else ""

    def authors(self, names: Iterable[str]) -> tuple[str, ...]:
        plain_names = (cut(plain(name), 200) for name in names if name)
        return tuple(islice(dict.fromkeys(filter(None, plain_names)), MAX_AUTHORS))

    def enclosures(self, enclosures: Iterable[Enclosure]) -> tuple[Enclosure, ...]:
        return tuple(islice(enclosures, MAX_ENCLOSURES))
