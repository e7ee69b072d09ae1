"""The global options, before or after a command, and how results are written."""

import base64
import binascii
import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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


def no_such(what: str, word: str, known: Collection[str], *, advice: str) -> click.UsageError:
    """The error for a name that nobody knows: with the nearest one, else with advice where the names stand."""
    import difflib

    near = difflib.get_close_matches(word, known, 1)
    return click.UsageError(f"no {what} {word!r} – " + (f"did you mean {near[0]!r}?" if near else advice))


# ------------------------------------------------------------------------------------------ what comes out
# Feeds and servers may say what moves the cursor or turns the direction of reading; a line break and a tab do no harm.
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """A text as it may be shown on a terminal."""
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text)


def say(text: str) -> None:
    """A result for people, on stdout."""
    click.echo(shown(text))


def tell(options: Options, text: str) -> None:
    """Talk, on stderr: what to do next, why a list is empty. Not under -q."""
    if options.verbosity >= 0:
        click.echo(text, err=True)


def write_json(document: Mapping[str, Any], *, schema: str) -> None:
    """One JSON document on stdout. schema: what it is, and in which version."""
    click.echo(_dumped({"schema": schema, **document}))


def write_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """JSON Lines on stdout, each as soon as it is there."""
    for row in rows:
        click.echo(_dumped(row))


def _dumped(document: Mapping[str, Any]) -> str:
    """In JSON such characters stand only inside strings, where they may be written as escapes."""
    text = json.dumps(document, ensure_ascii=False, default=plain)
    return _UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


# ------------------------------------------------------------------------------------------- what goes in
def read_input(file: str) -> bytes:
    """The bytes of a file; "-": of stdin."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def read_text() -> str:
    """The text on stdin, as UTF-8 whatever the locale says."""
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def in_batch(do: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """JSON Lines in, JSON Lines out, in the same order; an "error" key instead of an exit."""
    write_lines(_answer(do, line, number) for number, line in enumerate(sys.stdin.buffer, 1) if line.strip())


def _answer(do: Callable[[Mapping[str, Any]], Mapping[str, Any]], line: bytes, number: int) -> Mapping[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"line {number} is not JSON: {error}"}
    if not isinstance(given, dict):
        return {"id": None, "error": f"line {number} is not an object"}
    try:
        return {"id": given.get("id"), **do(given)}
    except (ValueError, OSError) as error:
        return {"id": given.get("id"), "error": str(error)}


def text_of(given: Mapping[str, Any], key: str) -> str:
    """A text in a line of a batch, "" where it is missing. raises: ValueError where it is something else."""
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text")  # noqa: TRY004 -- it is a value in a file, not a type in our code
    return value


def body_of(given: Mapping[str, Any]) -> bytes:
    """The document that a line of a batch names. raises: ValueError where it names none, OSError where it cannot be read."""
    if path := text_of(given, "path"):
        return Path(path).read_bytes()
    if "base64" not in given:
        raise ValueError('give "path" or "base64"')
    try:
        return base64.b64decode(text_of(given, "base64"), validate=True)
    except binascii.Error as error:
        raise ValueError(f"base64: {error}") from error


def write_table(table: "Table") -> None:
    """A table for people; what stands in its cells is text, never markup, and none of it moves the cursor."""
    from rich.console import Console

    for column in table.columns:
        column._cells = [shown(cell) if isinstance(cell, str) else cell for cell in column._cells]

    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)


def plain(value: Any) -> Any:
    """What JSON does not know, as text: times in UTC with a Z (RFC 3339)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def counted(number: int, noun: str, plural: str = "") -> str:
    """ "1 feed", "2 feeds"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


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
