"""`monitor feeds remove`: what changes a feed that is there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from monitor.cli.options import Options, command, counted, no_such, say, tell, write_json
from monitor.cli.watch import signal_daemon

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.config.edit import Change, Edited


@command("remove")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--dry-run", is_flag=True, help="Show what would leave the file, and change nothing.")
def remove(ids: tuple[str, ...], dry_run: bool, options: Options) -> None:
    """Take feeds out of config.toml. What they brought stays in the store; adding one again goes on with it."""
    from monitor.config import edit

    config = options.load()
    must_be_in_file(config, ids, options)
    edited = edit_config(lambda text: edit.without_feeds(text, dict.fromkeys(ids)), options, write=not dry_run)
    daemon = None if dry_run else signal_daemon(options)
    if options.as_json:
        write_json({"removed": list(dict.fromkeys(ids)), "dry_run": dry_run, "daemon": daemon}, schema="feeds remove/1")
        return
    say(difference(edited) if dry_run else f"removed {', '.join(dict.fromkeys(ids))}; {'its' if len(ids) == 1 else 'their'} entries and stories stay")
    tell_what_follows(options, daemon, dry_run=dry_run)


# ---------------------------------------------------------------------------------- for the other commands too
def edit_config(change: "Change", options: Options, *, write: bool) -> "Edited":
    """Change config.toml, or only say what would change."""
    from monitor.config import edit

    return (edit.save if write else edit.preview)(options.config_path, change)


def difference(edited: "Edited") -> str:
    """The lines that go and come."""
    import difflib

    lines = list(difflib.unified_diff(edited.before.splitlines(), edited.after.splitlines(), lineterm="", n=0))[2:]
    return "\n".join(line for line in lines if not line.startswith("@@")) or "nothing changes"


def tell_what_follows(options: Options, daemon: int | None, *, dry_run: bool = False) -> None:
    """Who takes the change, and when."""
    if dry_run:
        tell(options, "Nothing was written.")
    elif daemon:
        tell(options, f"The daemon (process {daemon}) takes it now.")
    else:
        tell(options, "The next `monitor run` or `monitor poll` takes it.")


def must_be_in_file(config: "Config", ids: Sequence[str], options: Options) -> None:
    """raises: click.UsageError for a feed that is not in [feeds], with the reason."""
    listed = _ids_of_opml(config)
    for feed_id in ids:
        if feed_id in listed and config.opml:
            raise click.UsageError(f"feed {feed_id!r} comes from {config.opml.file} – remove it there; the next start or reload takes it")
        if feed_id not in config.feeds:
            raise no_such("feed", feed_id, list(config.feeds), advice=f"{counted(len(config.feeds), 'feed')} in {options.config_path}, see monitor feeds list")


def _ids_of_opml(config: "Config") -> set[str]:
    from monitor.config import feeds

    return {feed.id for feed in feeds(config)} - set(config.feeds)
