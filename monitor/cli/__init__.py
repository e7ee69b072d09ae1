"""The command line: results on stdout, talk on stderr, `--json` on every command, exit codes that scripts can trust.

Commands are imported when they are called, so `monitor --help` stays quick.
"""

import gc
import importlib
import os
import sys
import traceback
from typing import Any

import click

from monitor.cli.options import no_such
from monitor.errors import BadData, ConfigError, MonitorError, QueryError, SchemaMismatch, StateLocked, StoreError

# New objects until the interpreter looks for circles of them that nobody holds. With its own 700 that look takes a seventh of a poll, and our objects
# form hardly any circles.
NEW_OBJECTS = 20_000

# name: (module, what it does). A group's commands are listed in its own module.
COMMANDS = {
    "demo": ("watch", "Show the whole watch at work on a small world of news sites, without any network."),
    "init": ("setup", "Write a commented config.toml and state/ to begin with."),
    "check": ("setup", "Validate the configuration: topics, secrets, addresses; all complaints at once."),
    "run": ("watch", "The daemon, in the foreground."),
    "poll": ("watch", "One whole cycle now: ask feeds, read, judge, close due digests, deliver."),
    "reload": ("watch", "Let the running daemon take the changed configuration."),
    "feeds": ("feeds", "The feeds: add, check, list, import and export them, and see how they do."),
    "articles": ("articles", "Articles: extract the text of a page, try the rules of a site."),
    "topics": ("topics", "The topics: score texts, explain a score, label stories, test, try out and tune a topic."),
    "stories": ("stories", "What was found, grouped by event."),
    "digest": ("digests", "The digest that a subscriber gets next."),
    "deliveries": ("digests", "What was sent, what waits, what failed."),
    "db": ("database", "The database: migrate, check."),
    "status": ("watch", "The state of the watch, in a few lines."),
}

EXIT = {ConfigError: 78, StateLocked: 75, SchemaMismatch: 69, StoreError: 74, QueryError: 65, BadData: 65}


class Commands(click.Group):
    """The commands, imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"monitor.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise no_such("command", args[0], COMMANDS, advice="see `monitor --help`")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `| head -1` has read enough; click would call that a failure
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains once more at exit
            ctx.exit(0)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--config", metavar="FILE", help="The configuration; else MONITOR_CONFIG, ./config.toml, …")
@click.option("--state", metavar="DIR", help="Where the state lives; else MONITOR_STATE, ./state, …")
@click.option("-q", "--quiet", is_flag=True, help="Only warnings on stderr.")
@click.option("-v", "--verbose", is_flag=True, help="Everything on stderr.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.version_option(package_name="monitor", prog_name="monitor")
@click.pass_context
def monitor(ctx: click.Context, /, **options: Any) -> None:
    """A news watch that runs by itself.

    \b
    monitor demo                     see it work, without any network
    monitor init && monitor check    begin a watch of your own
    monitor poll                     one cycle now
    monitor run                      the daemon
    """
    ctx.obj = options


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(NEW_OBJECTS)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal that lacks a letter stops nobody
    try:
        code = monitor(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except MonitorError as error:
        click.echo(error, err=True)
        sys.exit(next((code for kind, code in EXIT.items() if isinstance(error, kind)), 70))
    except PermissionError as error:
        click.echo(f"{error.filename}: {error.strerror} – make it accessible for this user", err=True)
        sys.exit(77)
    except OSError as error:
        click.echo(f"{error.filename or 'input/output'}: {error.strerror or error}", err=True)
        sys.exit(74)
    except Exception:  # noqa: BLE001 -- a bug of ours; the interpreter's own exit code, 1, would say "done, with problems"
        traceback.print_exc()
        click.echo("this is a mistake in monitor itself – please report it with the lines above", err=True)
        sys.exit(70)
    sys.exit(code if isinstance(code, int) else 0)
