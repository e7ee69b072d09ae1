"""`monitor feeds list`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, ago, command, tell, write_json, write_table

if TYPE_CHECKING:
    from rich.table import Table

    from monitor.config import Config


@command("list")
@click.option("--changed", is_flag=True, help="Only feeds that are asked in a way of their own, and which keys say so.")
def list_(changed: bool, options: Options) -> None:
    """Every feed: state, entries, last answer, next poll and why then."""
    from monitor.store import reports
    from monitor.store.state import open_store

    config = options.load()
    with open_store(config.storage.url, options.state_path) as database:
        rows = database.read_now(reports.list_feeds)
    for row in rows:
        row["settings"] = own_settings(config, row["id"])
    if changed:
        rows = [row for row in rows if row["settings"]]
    if options.as_json:
        write_json({"feeds": rows}, schema="feeds list/1")
        return
    if rows:
        write_table(_changed(rows) if changed else _everything(rows))
    elif changed:
        tell(options, "Every feed is asked in the usual way, as [polling] and [network] say.")
    else:
        tell(options, "No feed was ever asked. Next: monitor poll")


def _everything(rows: list[dict[str, Any]]) -> "Table":
    from rich.table import Table

    now = datetime.now(UTC)
    table = Table("feed", "state", "lang", "entries", "asked", "next", "why then", "last problem", box=None, header_style="bold", pad_edge=False)
    for row in rows:
        state = row["state"] if row["state"] != "active" or not row["failures"] else f"failing ×{row['failures']}"
        following = ago(row["next_poll_at"], now) if row["state"] == "active" else "–"
        table.add_row(
            row["id"], state, row["language"], str(row["entries"]), ago(row["polled_at"], now), following, row["next_poll_reason"], row["last_problem"][:60]
        )
    return table


def _changed(rows: list[dict[str, Any]]) -> "Table":
    from rich.table import Table

    table = Table("feed", "keys of its own", box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(row["id"], "  ".join(f"{key} = {value}" for key, value in row["settings"].items()))
    return table


_PRIVATE = ("auth", "headers")  # said to be there, and no more
_NAMES = ("url", "title", "site", "language", "outlet", "group")  # what a feed is, not how it is asked


def own_settings(config: "Config", feed_id: str) -> dict[str, Any]:
    """The keys that make this feed another than the rest, as written: `{"interval.min": "3m"}`."""
    written: Mapping[str, Any] = config.found.tables.get("feeds", {}).get(feed_id, {})
    found: dict[str, Any] = {}
    for key, value in written.items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{below}": "set" if key in _PRIVATE else setting for below, setting in value.items()}
        elif key not in _NAMES:
            found[key] = value
    return found
