"""`monitor feeds health`: how every feed is, in words, and what the operator can do."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, ago, command, counted, no_such, shown, tell, write_json

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from monitor.feeds.health import Diagnosis, Health
    from monitor.model import Feed
    from monitor.store.database import Database

LAST_POLLS, LAST_EVENTS = 10, 10
NARROW, WIDEST = 100, 140  # columns; longer lines are hard to read


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A feed with what there is to say of it. cadence: the usual time between its entries; held: its articles that a flood made wait."""

    feed: "Feed"
    diagnosis: "Diagnosis"
    why: str
    cadence: str
    entries: int
    held: int


@command("health")
@click.argument("feed_id", default="", metavar="[ID]")
@click.option("--all", "everything", is_flag=True, help="Also name the feeds that are well, one by one.")
def health(feed_id: str, everything: bool, options: Options) -> int:
    """How the feeds are: those that need you first, each with what is the matter and the next step. Exit code 1 where there is one.

    With an id: that feed alone, with its last polls and what happened to it.
    """
    from monitor.store.state import open_store

    now = datetime.now(UTC)
    with open_store(options.load().storage.url, options.state_path) as database:
        rows = _rows(database, now)
        if feed_id:
            if feed_id not in {row.feed.id for row in rows}:
                raise no_such("feed", feed_id, [row.feed.id for row in rows], advice="see monitor feeds list")
            rows = [row for row in rows if row.feed.id == feed_id]
        details = _details(database, feed_id) if feed_id else {}
    unwell = [row for row in rows if not row.diagnosis.is_well]
    if options.as_json:
        write_json({"feeds": [_as_json(row) for row in rows], "need_attention": len(unwell)} | details, schema="feeds health/1")
    elif rows:
        console = _console()
        names_all = everything or len(rows) - len(unwell) <= len(unwell)
        for part in _one(rows[0], details, now) if feed_id else _all(rows, now, everything=names_all, is_narrow=console.width < NARROW):
            console.print(part)
    else:
        tell(options, "No feed was ever asked. Next: monitor poll")
    return 1 if unwell else 0


def _rows(database: "Database", now: datetime) -> list[Row]:
    from monitor.feeds.health import diagnose, duration, why
    from monitor.fetcher.advice import advice
    from monitor.store import feeds, reports

    held, entries = database.read_now(feeds.held_counts), database.read_now(reports.entries_of_feeds)
    rows = [
        Row(
            feed=feed,
            diagnosis=diagnose(feed, now, advice=advice(feed.last_problem), held=held.get(feed.id, 0)),
            why=why(feed, now),
            cadence=duration(feed.gap_s) if feed.gap_s else "",
            entries=entries.get(feed.id, 0),
            held=held.get(feed.id, 0),
        )
        for feed in database.read_now(feeds.all_feeds)
    ]
    return sorted(rows, key=lambda row: (_urgency(row.diagnosis.state), row.feed.failing_since or now, row.feed.id))


def _urgency(state: "Health") -> int:
    """What an operator should look at first; the well ones come last."""
    from monitor.feeds.health import Health

    order = (
        Health.OUR_NETWORK,
        Health.FLOOD,
        Health.SUSPICIOUS,
        Health.DISABLED,
        Health.GONE,
        Health.MOVED,
        Health.DUPLICATE,
        Health.FAILING,
        Health.SILENT,
        Health.WAITING,
        Health.NEW,
        Health.HEALTHY,
        Health.PAUSED,
    )
    return order.index(state) if state in order else 0


def _details(database: "Database", feed_id: str) -> dict[str, Any]:
    from monitor.store import events, reports

    happened = database.read_now(events.list_events, feed_id=feed_id, limit=LAST_EVENTS)
    return {
        "polls": database.read_now(reports.list_polls, feed_id, limit=LAST_POLLS),
        "events": [{"at": each.at, "kind": str(each.kind), "detail": each.detail} for each in happened],
    }


# ------------------------------------------------------------------------------------------------- on paper
def _console() -> "Console":
    """As wide as the terminal, or as COLUMNS says; colours only on a terminal."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDEST)
    console.width = min(console.width, WIDEST)
    return console


def _all(rows: Sequence[Row], now: datetime, *, everything: bool, is_narrow: bool) -> "list[RenderableType]":
    """What needs the operator at length, the rest as a table or a line."""
    from rich.text import Text

    unwell = [row for row in rows if not row.diagnosis.is_well]
    well = [row for row in rows if row.diagnosis.is_well]
    parts: list[RenderableType] = [_headline(rows, unwell)]
    for row in unwell:
        parts += [Text(""), *_in_trouble(row, now)]
    if everything and well:
        parts += [Text(""), _table(well, now, is_narrow=is_narrow)]
    elif well:
        counts: dict[str, int] = {}
        for row in well:
            counts[str(row.diagnosis.state)] = counts.get(str(row.diagnosis.state), 0) + 1
        parts += [Text(""), Text(f"The others are well: {', '.join(f'{number} {state}' for state, number in counts.items())} (--all names them)", style="dim")]
    return parts


def _headline(rows: Sequence[Row], unwell: Sequence[Row]) -> "Text":
    from rich.text import Text

    if not unwell:
        return Text(f"All is well with {counted(len(rows), 'feed')}.", style="bold green")
    verb = "needs" if len(unwell) == 1 else "need"
    return Text(f"{len(unwell)} of {counted(len(rows), 'feed')} {verb} attention", style="bold")


def _in_trouble(row: Row, now: datetime) -> "Iterator[RenderableType]":
    """The name and state; what is the matter; when it is asked next, and why then; what to do."""
    from rich.padding import Padding
    from rich.text import Text

    line = Text()
    line.append("● ", style=_colour(row))
    line.append(shown(row.feed.id), style="bold")
    line.append(f"  {row.diagnosis.state}", style=_colour(row))
    if row.feed.title and row.feed.title != row.feed.id:
        line.append(f"  {shown(row.feed.title)[:60]}", style="dim")
    yield line
    yield Padding(Text(shown(row.diagnosis.words)), (0, 0, 0, 2), expand=False)
    yield Padding(Text(_when(row, now), style="dim"), (0, 0, 0, 2), expand=False)
    if row.diagnosis.next_step:
        yield Padding(Text.assemble(("→ ", _colour(row)), shown(row.diagnosis.next_step)), (0, 0, 0, 2), expand=False)


def _when(row: Row, now: datetime) -> str:
    asked = f"asked {ago(row.feed.polled_at, now)}" if row.feed.polled_at else "never asked"
    if not row.why:
        return f"{asked}, and no longer"
    return f"{asked}, again {_following(row, now)}: {shown(row.why)}"


def _following(row: Row, now: datetime) -> str:
    due_at = row.feed.next_poll_at
    return ago(due_at, now) if due_at and due_at > now else "now"


def _table(rows: Sequence[Row], now: datetime, *, is_narrow: bool) -> "Table":
    """A line a feed; where there is little room, without its rhythm and the reason of its next poll."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("feed", overflow="ellipsis", no_wrap=True, max_width=20 if is_narrow else 28)
    table.add_column("state", no_wrap=True)
    table.add_column("entries", justify="right", no_wrap=True)
    table.add_column("asked", no_wrap=True)
    table.add_column("next", no_wrap=True)
    if not is_narrow:
        table.add_column("every", no_wrap=True)
        table.add_column("why then", overflow="ellipsis", no_wrap=True)
    for row in rows:
        state = Text(str(row.diagnosis.state), style=_colour(row))
        cells = (shown(row.feed.id), state, str(row.entries), ago(row.feed.polled_at, now), _following(row, now) if row.why else "–")
        table.add_row(*cells, *(() if is_narrow else (row.cadence or "–", shown(row.why))))
    return table


def _one(row: Row, details: dict[str, Any], now: datetime) -> "list[RenderableType]":
    """Everything about one feed."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    feed = row.feed
    parts = list(_in_trouble(row, now))
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    moved = f"  (config.toml says {feed.configured_url})" if feed.configured_url and feed.configured_url != feed.url else ""
    for name, value in (
        ("address", feed.url + moved),
        ("proposed", f"{feed.proposed_url}  ({feed.proposed_reason})" if feed.proposed_url else ""),
        ("site", feed.site_url),
        ("language", feed.language),
        ("entries", f"{row.entries}, one every {row.cadence}" if row.cadence else str(row.entries)),
        ("newest", ago(feed.newest_at, now) if feed.newest_at else ""),
        ("last change", ago(feed.changed_at, now) if feed.changed_at else ""),
        ("validators", "  ".join(filter(None, (feed.etag, feed.last_modified)))),
    ):
        if value:
            facts.add_row(name, shown(value))
    parts += [Text(""), Padding(facts, (0, 0, 0, 2), expand=False)]
    polls = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column, how in (("poll", "left"), ("outcome", "left"), ("status", "right"), ("new", "right"), ("edited", "right"), ("seconds", "right")):
        polls.add_column(column, justify="right" if how == "right" else "left", no_wrap=True)
    polls.add_column("what", overflow="fold")
    for poll in details["polls"]:
        status = "–" if poll["status"] is None else str(poll["status"])
        counts = (str(poll["new_entries"] or "–"), str(poll["edited_entries"] or "–"), f"{poll['duration_s']:.2f}")
        polls.add_row(ago(poll["at"], now), poll["outcome"], status, *counts, shown(poll["detail"]))
    if details["polls"]:
        parts += [Text(""), Padding(polls, (0, 0, 0, 2), expand=False)]
    if details["events"]:
        happened = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        happened.add_column("when", no_wrap=True)
        happened.add_column("what happened", no_wrap=True)
        happened.add_column("", overflow="fold")
        for event in details["events"]:
            happened.add_row(ago(event["at"], now), event["kind"], shown(event["detail"]))
        parts += [Text(""), Padding(happened, (0, 0, 0, 2), expand=False)]
    return parts


def _colour(row: Row) -> str:
    from monitor.feeds.health import Health

    match row.diagnosis.state:
        case Health.HEALTHY:
            return "green"
        case Health.NEW | Health.WAITING | Health.PAUSED:
            return "cyan"
        case Health.DISABLED | Health.GONE | Health.FAILING | Health.OUR_NETWORK:
            return "red"
        case _:
            return "yellow"


def _as_json(row: Row) -> dict[str, Any]:
    from dataclasses import asdict

    feed = row.feed
    left_out = ("items", "items_sha256", "body_sha256", "credentials_sha256")
    return {
        "id": feed.id,
        "health": str(row.diagnosis.state),
        "is_well": row.diagnosis.is_well,
        "words": row.diagnosis.words,
        "next_step": row.diagnosis.next_step,
        "why": row.why,
        "entries": row.entries,
        "held": row.held,
    } | {name: value for name, value in asdict(feed).items() if name not in left_out and name != "id"}
