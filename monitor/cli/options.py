"""The global options, before or after a command, and how results are written."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.table import Table

    from monitor.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the global options say. verbosity: -1, 0 or 1."""

    config: str | None
    state: str | None
    verbosity: int
    as_json: bool

    @property
    def config_path(self) -> Path:
        from monitor.config import config_path

        return config_path(self.config, os.environ, Path.cwd())

    @property
    def state_path(self) -> Path:
        from monitor.config import state_path

        return state_path(self.state, os.environ, Path.cwd())

    def load(self) -> "Config":
        """The configuration. raises: ConfigError with all complaints."""
        from monitor.config import load

        return load(self.config_path)


class GlobalOptions(click.Command):
    """A command that takes the global options too, and gets them as `options`."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(["--config", "g_config"], metavar="FILE", hidden=True),
            click.Option(["--state", "g_state"], metavar="DIR", hidden=True),
            click.Option(["-q", "--quiet", "g_quiet"], is_flag=True, hidden=True),
            click.Option(["-v", "--verbose", "g_verbose"], is_flag=True, hidden=True),
            click.Option(["--json", "g_json"], is_flag=True, hidden=True),
        ]

    def invoke(self, ctx: click.Context) -> Any:
        before = ctx.find_root().obj or {}
        own = {name.removeprefix("g_"): ctx.params.pop(name) for name in ("g_config", "g_state", "g_quiet", "g_verbose", "g_json")}
        quiet, verbose = own["quiet"] or before.get("quiet"), own["verbose"] or before.get("verbose")
        ctx.params["options"] = Options(
            config=own["config"] or before.get("config"),
            state=own["state"] or before.get("state"),
            verbosity=1 if verbose else -1 if quiet else 0,
            as_json=bool(own["json"] or before.get("as_json")),
        )
        return super().invoke(ctx)


def command(name: str | None = None, **kwargs: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A command that takes the global options."""
    return click.command(name, cls=GlobalOptions, context_settings={"help_option_names": ["-h", "--help"]}, **kwargs)


def group(name: str, text: str, commands: Sequence[click.Command]) -> click.Group:
    """A noun with its commands."""
    return click.Group(name, help=text, commands=commands, context_settings={"help_option_names": ["-h", "--help"]})


def write_json(document: Mapping[str, Any], *, schema: str) -> None:
    """One JSON document on stdout. schema: what it is, and in which version."""
    click.echo(json.dumps({"schema": schema, **document}, ensure_ascii=False, default=plain))


def write_lines(rows: Iterable[dict[str, Any]]) -> None:
    """JSON Lines on stdout, each as soon as it is there."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False, default=plain))
        sys.stdout.flush()


def read_lines() -> Iterable[tuple[dict[str, Any], str]]:
    """JSON Lines from stdin as (object, error): an error for a line that is none."""
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            yield (found, "") if isinstance(found, dict) else ({}, f"line {number}: not an object")
        except ValueError as error:
            yield {}, f"line {number}: {error}"


def in_batch(do: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """JSON Lines in, JSON Lines out, in the same order; an "error" key instead of an exit."""

    def results() -> Iterable[dict[str, Any]]:
        for given, error in read_lines():
            try:
                yield {"error": error} if error else {"id": given.get("id"), **do(given)}
            except (KeyError, TypeError, ValueError, OSError) as wrong:
                missing = f"missing {wrong}" if isinstance(wrong, KeyError) else str(wrong)
                yield {"id": given.get("id"), "error": missing}

    write_lines(results())


def write_table(table: "Table") -> None:
    """A table for people."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(table)


def plain(value: Any) -> Any:
    """What JSON does not know, as text: times in UTC with a Z (RFC 3339)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def ago(moment: datetime | None, now: datetime) -> str:
    """A time as people say it: "4 min ago", "in 2 h", "never"."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    amount = abs(seconds)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if amount >= size:
            words = f"{amount / size:.0f} {unit}"
            break
    else:
        words = f"{amount:.0f} s"
    return f"{words} ago" if seconds >= 0 else f"in {words}"
