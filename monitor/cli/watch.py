"""`monitor run`, `poll`, `reload`, `status`, `demo`: the watch itself."""

import asyncio
import gc
import os
import signal
import sys
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from monitor import heap
from monitor.cli.options import Options, ago, command, counted, no_such, say, tell, write_json
from monitor.errors import BadData

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.service import Watch


@command("run")
@click.option("--no-web", is_flag=True, help="Serve neither /healthz nor /metrics.")
@click.option("--no-deliver", is_flag=True, help="Do everything but send; deliveries wait.")
@click.option("--log-format", type=click.Choice(["auto", "text", "json"]), default="auto", help="Words on a terminal, JSON otherwise.")
def run(no_web: bool, no_deliver: bool, log_format: str, options: Options) -> None:
    """The daemon, in the foreground: SIGTERM and Ctrl-C drain and end, SIGHUP reloads the configuration."""
    from monitor import telemetry

    telemetry.configure(verbosity=options.verbosity, as_json={"auto": None, "text": False, "json": True}[log_format])
    config = options.load()
    _tell_warnings(config)
    _run(_daemon(config, options, web=not no_web, deliver=not no_deliver))


async def _daemon(config: "Config", options: Options, *, web: bool, deliver: bool) -> None:
    from monitor.service import watching
    from monitor.store.state import say_reloadable
    from monitor.telemetry import log
    from monitor.web import serving

    async with watching(config, options.state_path, deliver=deliver) as watch:
        loop = asyncio.get_running_loop()
        for received in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(received, _stop, watch, received)
        reloads: set[asyncio.Task[bool]] = set()

        def reload() -> None:
            reloads.add(task := asyncio.create_task(watch.reload(options.config_path)))
            task.add_done_callback(reloads.discard)

        loop.add_signal_handler(signal.SIGHUP, reload)
        say_reloadable(options.state_path)
        async with serving(watch, config.web.host, config.web.port) if web else _nothing() as address:
            log.info("running", feeds=len(config.feeds), web=address or "off", state=str(options.state_path))
            await watch.run()
        log.info("stopped")


def _stop(watch: "Watch", received: signal.Signals) -> None:
    from monitor.telemetry import log

    log.info("stopping", signal=received.name)
    watch.stop()


class _nothing:
    async def __aenter__(self) -> str:
        return ""

    async def __aexit__(self, *_: object) -> None:
        return None


def _run(main: Any) -> None:
    """uvloop where it is there: about a third less CPU for a poll."""
    heap.share_arenas()
    _pass_over_code()
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def _pass_over_code() -> None:
    """What was imported is never garbage; looking at all of it again and again took a tenth of a poll."""
    import monitor.service  # noqa: F401 -- with everything that works below it

    gc.freeze()


def _tell_warnings(config: "Config") -> None:
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)


# ------------------------------------------------------------------------------------------------ poll
@command("poll")
@click.argument("feeds", nargs=-1, metavar="[FEED]…")
@click.option("--all", "everything", is_flag=True, help="Every feed, whether it is due or not.")
@click.option("--no-deliver", is_flag=True, help="Do everything but send; deliveries wait.")
@click.option("--record", default=None, metavar="DIR", type=click.Path(path_type=Path), help="Keep every answer of the web in this new folder.")
@click.option(
    "--replay", default=None, metavar="DIR", type=click.Path(path_type=Path), help="Ask this recording instead of the web, at its own time; send nothing."
)
def poll(feeds: tuple[str, ...], everything: bool, no_deliver: bool, record: Path | None, replay: Path | None, options: Options) -> int:
    """One whole cycle now: the feeds that are due, or those named, then reading, judging, closing, delivering until nothing is due."""
    from monitor import telemetry

    if record and replay:
        raise click.UsageError("a poll is either recorded or repeated – give --record or --replay")
    telemetry.configure(verbosity=options.verbosity or -1)
    config = options.load()
    known = _known_feeds(config) if feeds else []
    if unknown := [name for name in feeds if name not in known]:
        raise no_such("feed", unknown[0], known, advice=f"see [feeds] in {options.config_path}")
    summary: dict[str, Any] = {}
    _run(_cycle(config, options, feeds or None, everything, not (no_deliver or replay), summary, record=record, replay=replay))
    if options.as_json:
        write_json(summary, schema="poll/1")
    else:
        say(_in_words(summary))
        tell(options, f"Next: {_following(summary)}")
    return 1 if summary.get("replay", {}).get("not_recorded") else 0


def _known_feeds(config: "Config") -> list[str]:
    from monitor.config import feeds

    return [feed.id for feed in feeds(config)]


async def _cycle(
    config: "Config",
    options: Options,
    only: tuple[str, ...] | None,
    everything: bool,
    deliver: bool,
    summary: dict[str, Any],
    *,
    record: Path | None,
    replay: Path | None,
) -> None:
    from monitor.fetcher.recording import RecordingClient, ReplayClient
    from monitor.service import guarded_client, now, watching
    from monitor.store import reports

    began, clock = perf_counter(), now
    recording = guarded_client(config, partial(RecordingClient, folder=record)) if record else None
    repeating = guarded_client(config, partial(ReplayClient, folder=replay)) if replay else None
    if repeating:
        clock, config = repeating.clock, _without_waiting(config)
        _must_be_older(config, options, repeating.began_at)
    async with watching(config, options.state_path, settle=False, deliver=deliver, client=recording or repeating, clock=clock) as watch:
        due = (await watch.database.read(reports.due_counts, clock()))[0]["poll"]
        expected = len(only) if only else len(config.feeds) + len(config.found.opml_feeds) if everything else due
        progress = asyncio.create_task(_progress(watch, expected)) if sys.stderr.isatty() and options.verbosity >= 0 else None
        try:
            await watch.cycle(only=only, everything=everything)
        finally:
            if progress:
                progress.cancel()
                with suppress(asyncio.CancelledError):
                    await progress
        summary.update(_summary(watch, expected, perf_counter() - began))
    if recording:
        summary["record"] = {"folder": str(record), "answers": recording.recorded, "left_out": recording.left_out}
    if repeating:
        summary["replay"] = {"folder": str(replay), "began_at": repeating.began_at, "not_recorded": repeating.missing}


def _without_waiting(config: "Config") -> "Config":
    """A recording needs no manners."""
    from monitor.config.schema import PerHost

    per_host = PerHost.model_validate({"concurrent": 64, "gap": "0s"})
    return config.model_copy(update={"network": config.network.model_copy(update={"per_host": per_host})})


def _must_be_older(config: "Config", options: Options, began_at: datetime) -> None:
    """raises: BadData where feeds were asked after the recording began: time would go backwards for them."""
    from monitor.store import reports
    from monitor.store.state import open_store

    with open_store(config.storage.url, options.state_path) as database:
        last_poll_at = database.read_now(reports.counts, began_at).last_poll_at
    if last_poll_at and last_poll_at > began_at:
        raise BadData(f"{options.state_path} has polls from after this recording – name a new folder with --state")


async def _progress(watch: "Watch", expected: int) -> None:
    """A line on the terminal that says how far the cycle is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        asking, reading = bar.add_task("asking feeds", total=expected), bar.add_task("reading articles", total=None)
        while True:
            tally = watch.tally
            bar.update(asking, completed=tally.polls.total())
            bar.update(
                reading, completed=tally.articles.total(), total=tally.entries["new"] + tally.entries["edited"], description=f"reading, {tally.matches} matched"
            )
            await asyncio.sleep(0.1)


def _summary(watch: "Watch", due: int, seconds: float) -> dict[str, Any]:
    tally = watch.tally
    polls = tally.polls
    return {
        "feeds": {
            "due": due,
            "polled": polls.total(),
            "not_modified": polls["not-modified"],
            "unchanged": polls["unchanged"],
            "changed": polls["changed"],
            "failed": polls["failed"],
        },
        "entries": {"new": tally.entries["new"], "edited": tally.entries["edited"]},
        "articles": {"read": tally.articles.total(), "by_status": dict(sorted(tally.articles.items()))},
        "matches": tally.matches,
        "stories": {"new": tally.stories["new"], "grown": tally.stories["grown"]},
        "alerts": tally.alerts,
        "deliveries": {name: tally.deliveries[name] for name in ("sent", "retrying", "dead")},
        "seconds": round(seconds, 2),
    }


def _in_words(summary: dict[str, Any]) -> str:
    feeds, entries, sent = summary["feeds"], summary["entries"], summary["deliveries"]
    lines = [
        f"{counted(feeds['polled'], 'feed')} asked in {summary['seconds']} s: {feeds['changed']} changed, {feeds['not_modified'] + feeds['unchanged']} as before, {feeds['failed']} failed",
        f"{counted(entries['new'], 'new entry', 'new entries')}, {entries['edited']} edited; {summary['matches']} matched, "
        f"{counted(summary['stories']['new'], 'new story', 'new stories')}, {counted(summary['stories']['grown'], 'article')} joined one",
        f"{counted(sent['sent'], 'message')} sent, {sent['retrying']} to be tried again, {sent['dead']} given up",
    ]
    if record := summary.get("record"):
        lines.append(
            f"recorded {counted(record['answers'], 'answer')} in {record['folder']}"
            + (f"; no room for {record['left_out']} more" if record["left_out"] else "")
        )
    if replay := summary.get("replay"):
        missing = replay["not_recorded"]
        lines.append(
            f"repeated from {replay['folder']}, of {replay['began_at']:%Y-%m-%d %H:%M} UTC; "
            + (f"not recorded: {', '.join(missing)}" if missing else "all of it was there")
        )
    return "\n".join(lines)


def _following(summary: dict[str, Any]) -> str:
    """The command that shows what deserves a look now."""
    if summary["feeds"]["failed"]:
        return "monitor feeds health"
    return "monitor deliveries list" if summary["deliveries"]["retrying"] or summary["deliveries"]["dead"] else "monitor stories list"


# ---------------------------------------------------------------------------------------------- reload
@command("reload")
def reload(options: Options) -> None:
    """Let the daemon take the configuration as it is now. Exit code 78, and nothing happens, where the configuration is wrong."""
    config = options.load()
    _tell_warnings(config)
    process = signal_daemon(options)
    if options.as_json:
        write_json({"process": process}, schema="reload/1")
    elif process:
        say(f"process {process} takes {options.config_path}; its log says what changed")
    else:
        say(f"no daemon works in {options.state_path}, so there is nothing to reload; the next start takes {options.config_path}")


def signal_daemon(options: Options) -> int | None:
    """Tell the daemon of this state, if one runs, to take the configuration; gives its process."""
    from monitor.store.state import daemon_of

    process = daemon_of(options.state_path)
    if process:
        os.kill(process, signal.SIGHUP)
    return process


# ---------------------------------------------------------------------------------------------- status
@command("status")
def status(options: Options) -> None:
    """The state of the watch, in a few lines."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from monitor.store import reports
    from monitor.store.state import open_store

    now = datetime.now(UTC)
    with open_store(options.load().storage.url, options.state_path) as database:
        counts = database.read_now(reports.counts, now)
    if options.as_json:
        write_json(asdict(counts), schema="status/1")
        return
    waiting = ", ".join(f"{rows} to {step}" for step, rows in counts.due.items() if rows) or "nothing waits"
    feeds = ", ".join(f"{rows} {state}" for state, rows in sorted(counts.feeds.items())) or "none"
    sent = ", ".join(f"{rows} {state}" for state, rows in sorted(counts.deliveries.items())) or "none"
    say(
        f"feeds       {feeds}; {counts.failing_feeds} failing; last asked {ago(counts.last_poll_at, now)}"
        + (f"; {counted(counts.proposals, 'new address waits', 'new addresses wait')}: monitor feeds health" if counts.proposals else "")
        + "\n"
        f"articles    {counts.articles} from {counts.entries} entries, {counts.matches} matched, {counts.stories} stories\n"
        f"waiting     {waiting}\n"
        f"deliveries  {sent}" + (f"; the oldest waits since {ago(counts.oldest_delivery_at, now)}" if counts.oldest_delivery_at else "")
    )


# ------------------------------------------------------------------------------------------------ demo
@command("demo")
@click.option("--out", default="demo-output", metavar="DIR", help="Where the mail, the digest and the state go.")
@click.option("--stay", is_flag=True, help="Keep the daemon up at the end, to look around.")
def demo(out: str, stay: bool, options: Options) -> int:  # noqa: ARG001 -- every command takes the global options
    """Show the whole watch at work on a small world of news sites, without any network."""
    import shutil
    from pathlib import Path

    from monitor.demo.run import show_all

    folder = Path(out).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "state", ignore_errors=True)  # of an earlier run; nothing else of the folder is touched
    return asyncio.run(show_all(folder, stay=stay))
