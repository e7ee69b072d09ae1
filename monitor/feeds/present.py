"""A parsed feed as the JSON document that `monitor feeds parse` prints (CONTRACT, Command line)."""

from datetime import UTC, datetime
from typing import Any

from monitor.feeds.parsed import ParsedFeed
from monitor.model import Entry


def feeds_json(feed: ParsedFeed) -> dict[str, Any]:
    """Plain values for `json.dumps`: times as ISO 8601 in UTC with a Z, what is unknown as null, hours and weekdays as sorted lists."""
    return {
        "format": feed.format,
        "feed": {
            "title": feed.title,
            "url": feed.url,
            "site_url": feed.site_url,
            "language": feed.language,
            "ttl_s": feed.ttl_s,
            "update_period_s": feed.update_period_s,
            "skip_hours": sorted(feed.skip_hours),
            "skip_days": sorted(feed.skip_days),
        },
        "entries": [_entry_json(entry) for entry in feed.entries],
        "problems": [{"code": problem.code, "detail": problem.detail} for problem in feed.problems],
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content,
        "authors": list(entry.authors),
        "published_at": _iso(entry.published_at),
        "updated_at": _iso(entry.updated_at),
        "enclosures": [{"url": file.url, "media_type": file.media_type, "length_bytes": file.length_bytes} for file in entry.enclosures],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
