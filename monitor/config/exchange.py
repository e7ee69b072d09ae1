"""A feed of config.toml as a line of an OPML, and back: groups and settings travel, secrets never do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from monitor.config.complaints import path_of
from monitor.config.schema import Config, FeedTable
from monitor.feeds.opml import SETTINGS, OpmlFeed, feed_id

_NAMED_OTHERWISE = {"title": "title", "site": "site_url", "language": "language", "group": "group"}  # keys of [feeds.ID]: fields of OpmlFeed


def opml_feeds(config: Config) -> list[OpmlFeed]:
    """Every feed that is polled, those of [feeds] first, values in the operator's own spelling."""
    written: Mapping[str, Mapping[str, Any]] = config.found.tables.get("feeds", {})
    listed = [
        OpmlFeed(
            id=name,
            url=feed.url,
            title=feed.title,
            site_url=feed.site,
            language=feed.language,
            group=feed.group,
            settings={key: text for key in SETTINGS if (text := _text(written[name], key))},
        )
        for name, feed in config.feeds.items()
    ]
    return listed + [replace(feed, id=feed_id(feed.title, feed.url)) for feed in config.found.opml_feeds]


def feed_keys(feed: OpmlFeed) -> tuple[dict[str, Any], list[str]]:
    """The table for [feeds.ID], and which settings of the list are left out because config.toml would not take them."""
    keys: dict[str, Any] = {"url": feed.url} | {key: getattr(feed, name) for key, name in _NAMED_OTHERWISE.items() if getattr(feed, name)}
    for setting, text in feed.settings.items():
        table = keys
        *above, key = setting.split(".")
        for name in above:
            table = table.setdefault(name, {})
        table[key] = _value(text)
    left_out = []
    for _ in range(len(SETTINGS) + len(_NAMED_OTHERWISE)):
        try:
            FeedTable.model_validate(keys)
        except ValidationError as error:
            for path in {path_of(one) for one in error.errors(include_url=False)}:
                left_out += _without(keys, [str(part) for part in path])
        else:
            break
    return keys, left_out


def _without(keys: dict[str, Any], path: list[str]) -> list[str]:
    """Take one key out, and a table that is empty then; gives its name. The address is left, for the configuration to complain of."""
    table = keys
    for name in path[:-1]:
        table = table.get(name, {})
    if path == ["url"] or path[-1] not in table:
        return []
    del table[path[-1]]
    if len(path) > 1 and not table:
        del keys[path[0]]
    return [".".join(path)]


def _value(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else {"true": True, "false": False}.get(text, text)


def _text(table: Mapping[str, Any], dotted: str) -> str:
    value: Any = table
    for name in dotted.split("."):
        value = value.get(name, "") if isinstance(value, Mapping) else ""
    return str(value).lower() if isinstance(value, bool) else str(value)
