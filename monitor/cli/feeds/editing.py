"""`monitor feeds remove`, `resume`, `accept`, `release`, `discard`: what an operator decides about a feed that is there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.options import Options, command, counted, no_such, say, tell, write_json
from monitor.cli.watch import signal_daemon

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.config.edit import Change, Edited
    from monitor.store.database import Database


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


# ------------------------------------------------------------------------------------------- the store's rows
@command("resume")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def resume(ids: tuple[str, ...], options: Options) -> None:
    """Ask feeds again that are disabled, gone or failing, at once and as if they had never failed."""
    from monitor.store import events

    with _feeds_of_store(options, ids) as database:
        resumed = database.write_now(events.resume, ids, datetime.now(UTC))
    daemon = signal_daemon(options) if resumed else None
    if options.as_json:
        write_json({"resumed": resumed, "daemon": daemon}, schema="feeds resume/1")
        return
    say(
        f"resumed {', '.join(resumed)}"
        if resumed
        else f"nothing to resume: {'it is' if len(ids) == 1 else 'they are'} asked as usual, or no longer in the configuration"
    )
    if resumed and daemon:
        tell(options, f"The daemon (process {daemon}) asks now.")
    elif resumed:
        tell(options, f"Next: monitor poll {' '.join(resumed)}")


@command("accept")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--dry-run", is_flag=True, help="Show what would change in config.toml, and change nothing.")
def accept(ids: tuple[str, ...], dry_run: bool, options: Options) -> int:
    """Write the new address of a feed into config.toml: where it moved for good, or what was found after it was gone."""
    from monitor.config import edit
    from monitor.store import events

    config = options.load()
    now = datetime.now(UTC)
    with _feeds_of_store(options, ids) as database:
        found = database.read_now(events.proposals, ids)
        must_be_in_file(config, [each.feed_id for each in found], options)

        def change(text: str) -> str:
            for each in found:
                text = edit.with_feed_url(text, each.feed_id, each.url)
            return text

        edited = edit_config(change, options, write=not dry_run) if found else None
        for each in () if dry_run else found:
            database.write_now(events.accept, each, now)
    daemon = signal_daemon(options) if found and not dry_run else None
    without = [feed_id for feed_id in dict.fromkeys(ids) if feed_id not in {each.feed_id for each in found}]
    if options.as_json:
        accepted = [{"id": each.feed_id, "url": each.url, "instead_of": each.configured_url, "reason": each.reason} for each in found]
        write_json({"accepted": accepted, "without_proposal": without, "dry_run": dry_run, "daemon": daemon}, schema="feeds accept/1")
        return 1 if without else 0
    if edited:
        say(difference(edited) if dry_run else "\n".join(f"{each.feed_id} is asked at {each.url} from now on" for each in found))
        tell_what_follows(options, daemon, dry_run=dry_run)
    for feed_id in without:
        click.echo(f"{feed_id}: no other address is known for it – see monitor feeds health {feed_id}", err=True)
    return 1 if without else 0


@command("release")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def release(ids: tuple[str, ...], options: Options) -> None:
    """Let what a flood of a feed brought be read, matched and told."""
    from monitor.store import feeds

    _decide_flood(ids, options, feeds.release, done="released", schema="feeds release/1")


@command("discard")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard(ids: tuple[str, ...], yes: bool, options: Options) -> None:
    """Throw away what a flood of a feed brought, for good."""
    import sys

    from monitor.store import feeds

    if not yes and not options.as_json and sys.stdin.isatty():
        click.confirm(f"Throw away for good what waits of {', '.join(ids)}?", abort=True, err=True)
    _decide_flood(ids, options, feeds.discard, done="discarded", schema="feeds discard/1")


def _decide_flood(ids: Sequence[str], options: Options, decide: "Callable[..., int]", *, done: str, schema: str) -> None:
    with _feeds_of_store(options, ids) as database:
        counts = {feed_id: database.write_now(decide, feed_id, datetime.now(UTC)) for feed_id in dict.fromkeys(ids)}
    daemon = signal_daemon(options) if any(counts.values()) else None
    if options.as_json:
        write_json({done: counts, "daemon": daemon}, schema=schema)
        return
    for feed_id, count in counts.items():
        say(f"{feed_id}: {done} {counted(count, 'article')}" if count else f"{feed_id}: nothing of it is held")


@contextmanager
def _feeds_of_store(options: Options, ids: Sequence[str]) -> "Iterator[Database]":
    """The store, also while a daemon works on it. raises: click.UsageError for a feed that it does not know."""
    from monitor.store import feeds
    from monitor.store.state import open_store

    with open_store(options.load().storage.url, options.state_path) as database:
        known = [feed.id for feed in database.read_now(feeds.all_feeds)]
        for feed_id in ids:
            if feed_id not in known:
                raise no_such(
                    "feed", feed_id, known, advice="it was never asked; see monitor feeds list" if known else "no feed was ever asked; next: monitor poll"
                )
        yield database


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
