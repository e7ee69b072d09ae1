"""`monitor feeds import` and `export`: lists of feeds, to and from other readers."""

import asyncio
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.feeds.editing import edit_config, tell_what_follows
from monitor.cli.options import Options, command, counted, say, tell, write_json, write_table
from monitor.cli.watch import signal_daemon
from monitor.errors import BadData, FetchError, Refused

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.feeds.opml import LeftOut, OpmlFeed


# --------------------------------------------------------------------------------------------------- export
@command("export")
@click.option("--out", default="-", metavar="FILE", help="Write there instead of stdout.")
def export(out: str, options: Options) -> None:
    """Every feed with its group and its settings, as OPML 2.0. Secrets are never in it."""
    from monitor.config.exchange import opml_feeds
    from monitor.feeds.opml import write

    feeds = opml_feeds(options.load())
    text = write(feeds, title="Feeds of monitor", at=datetime.now(UTC))
    if options.as_json:
        write_json({"feeds": [_as_json(feed) for feed in feeds], "opml": text}, schema="feeds export/1")
    elif out == "-":
        click.echo(text, nl=False)
    else:
        Path(out).write_text(text, encoding="utf-8")
        say(f"wrote {counted(len(feeds), 'feed')} to {out}")


# --------------------------------------------------------------------------------------------------- import
@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What becomes of one line of the list. status: `new`, `known`, `duplicate`, or `refused`; detail: why, or what was left out."""

    id: str = ""
    url: str
    title: str = ""
    group: str = ""
    status: str
    detail: str = ""
    keys: dict[str, Any] = field(default_factory=dict)


@command("import")
@click.argument("source", default="-", metavar="[FILE|URL|-]")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def import_(source: str, dry_run: bool, yes: bool, options: Options) -> int:
    """Add the feeds of an OPML to config.toml, with their groups and settings.

    The list is shown first. On a terminal it is then asked whether to go on; elsewhere --yes says so.
    A list has at most 5 MiB and 5,000 feeds, and none of its addresses may lead into a private network that config.toml does not allow.
    """
    from monitor.config import edit

    config = options.load()
    lines = plan(config, _read(config, source))
    new = {line.id: line.keys for line in lines if line.status == "new"}
    if not options.as_json:
        _show(lines)
    goes_on = bool(new) and not dry_run and (yes or _agreed(len(new), source, options))
    if new:  # a list that config.toml would not take is said so before anybody is asked
        edit_config(lambda text: edit.with_feeds(text, new), options, write=goes_on)
    daemon = signal_daemon(options) if goes_on else None
    refused = sum(line.status == "refused" for line in lines)
    if options.as_json:
        write_json({"feeds": [_line_json(line) for line in lines], "written": goes_on, "daemon": daemon}, schema="feeds import/1")
    elif goes_on:
        say(f"imported {counted(len(new), 'feed')}")
        tell_what_follows(options, daemon)
    else:
        tell(options, "Nothing was written." if new else "There is nothing new in it.")
    if new and not goes_on and not dry_run:
        return 2
    return 1 if refused else 0


def _agreed(number: int, source: str, options: Options) -> bool:
    if sys.stdin.isatty() and source != "-" and not options.as_json:
        return click.confirm(f"Import {counted(number, 'feed')}?", err=True)
    tell(options, f"To import {'it' if number == 1 else 'them'}: monitor feeds import {source} --yes")
    return False


def _read(config: "Config", source: str) -> bytes:
    """The list, never more of it than is taken. raises: BadData when it is larger or cannot be had, OSError."""
    from monitor.feeds.opml import MAX_BYTES

    if "://" in source:
        return asyncio.run(_fetch(config, source))
    if source == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(source).open("rb") as file:
        return file.read(MAX_BYTES + 1)


async def _fetch(config: "Config", url: str) -> bytes:
    from monitor.feeds.opml import MAX_BYTES
    from monitor.fetcher.client import Client
    from monitor.service import guarded_client

    async with guarded_client(config, Client) as client:
        try:
            response = await client.get(url, accept="text/x-opml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1", max_bytes=MAX_BYTES)
        except FetchError as error:
            raise BadData(str(error)) from error
    return response.body


def plan(config: "Config", data: bytes) -> list[Line]:
    """What an import of this list would do, line for line. raises: BadData where it is no OPML."""
    from monitor.config import feeds as feeds_of
    from monitor.feeds.opml import OpmlError, read_list
    from monitor.fetcher.guard import Guard
    from monitor.urls import canonical

    try:
        listed = read_list(data)
    except OpmlError as error:
        raise BadData(f"the list is not taken: {error}") from error
    guard = Guard(allow_private=config.network.allow_private)
    known = {canonical(feed.url): feed.id for feed in feeds_of(config)}
    ids = set(config.feeds)
    lines: list[Line] = []
    for feed in listed.feeds:
        try:
            guard.check_url(feed.url)
        except Refused as refusal:
            lines.append(_line(feed, "refused", f"{refusal.reason} ({refusal.detail})" if refusal.detail else refusal.reason))
            continue
        if there := known.get(canonical(feed.url)):
            lines.append(_line(feed, "known", f"as {there}"))
            continue
        lines.append(_new_line(feed, ids))
        ids.add(lines[-1].id)
    return lines + [_left_out(each) for each in listed.left_out]


def _new_line(feed: "OpmlFeed", ids: Collection[str]) -> Line:
    from monitor.config.exchange import feed_keys

    keys, left_out = feed_keys(feed)
    detail = f"without {', '.join(left_out)}: no such value" if left_out else ""
    return Line(id=free_id(feed, ids), url=feed.url, title=feed.title, group=feed.group, status="new", detail=detail, keys=keys)


def free_id(feed: "OpmlFeed", ids: Collection[str]) -> str:
    """The id that the list gives, or one made from title and address; never one that is taken."""
    from monitor.config.schema import is_id
    from monitor.feeds.opml import feed_id

    made = feed_id(feed.title, feed.url)
    candidates = chain((feed.id, made), (f"{made}-{number}" for number in count(2)))
    return next(each for each in candidates if is_id(each) and each not in ids)


def _line(feed: "OpmlFeed", status: str, detail: str) -> Line:
    return Line(url=feed.url, title=feed.title, group=feed.group, status=status, detail=detail)


def _left_out(each: "LeftOut") -> Line:
    is_repeated = each.reason == "duplicate"
    detail = f"line {each.line}: {'is in the list already' if is_repeated else 'no http or https address'}"
    return Line(url=each.address, title=each.title, status="duplicate" if is_repeated else "refused", detail=detail)


def _show(lines: list[Line]) -> None:
    from rich.table import Table

    if not lines:
        return
    table = Table("", "feed", "group", "address", "", box=None, header_style="bold", pad_edge=False)
    for line in lines:
        table.add_row(line.status, line.id or line.title, line.group, line.url, line.detail)
    write_table(table)


def _as_json(feed: "OpmlFeed") -> dict[str, Any]:
    return {
        "id": feed.id,
        "url": feed.url,
        "title": feed.title,
        "site_url": feed.site_url,
        "language": feed.language,
        "group": feed.group,
        "settings": dict(feed.settings),
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ("id", "url", "title", "group", "status", "detail")}
