"""What reading a feed gives."""

from dataclasses import dataclass

from monitor.model import Entry
from monitor.status import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed as it says itself.

    format: "rss20", "rss10" (RDF), "atom10", "json11", …; "" when the document is no feed.
    url: the address the feed gives itself, site_url: the site it belongs to; absolute or "".
    new_url: where the feed says that it has moved to (itunes:new-feed-url); "" where it does not.
    language: BCP 47, as given. entries: in the document's order.
    is_well_formed: XML that was read to its end by its grammar; else feedparser's other parser made the best of it.
    ttl_s, update_period_s: how rarely the publisher wants to be asked, in seconds; None where it does not say.
    skip_hours: hours of the day in UTC, skip_days: 0 is Monday; when not to ask at all.
    """

    format: str = ""
    title: str = ""
    url: str = ""
    site_url: str = ""
    new_url: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    is_well_formed: bool = False
    problems: tuple[Problem, ...] = ()
    ttl_s: float | None = None
    update_period_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
