"""`monitor feeds add`: from an address or a site to a feed in config.toml."""

import asyncio
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.feeds.editing import edit_config, tell_what_follows
from monitor.cli.options import Options, ago, command, counted, say, shown, tell, write_json, write_table
from monitor.cli.watch import signal_daemon
from monitor.errors import FetchError, SandboxError

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.pipeline import Eyes, Sight

MOST_TITLE_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What came of one address. status: `new`, `known`, `choose` or `failed`.

    sight: the feed that is taken. several: the feeds of a site, where one has to be chosen. notes: what the operator should know.
    """

    asked: str
    status: str
    sight: "Sight | None" = None
    several: "tuple[Sight, ...]" = ()
    id: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    reason: str = ""
    keys: Mapping[str, Any] = field(default_factory=dict)


@command("add")
@click.argument("addresses", nargs=-1, required=True, metavar="URL|SITE…")
@click.option("--id", "feed_id", default="", metavar="ID", help="Its key in config.toml; else one is made from its title.")
@click.option("--dry-run", is_flag=True, help="Show what would be added, and change nothing.")
@click.option("--yes", is_flag=True, help="Ask nothing: where a site has several feeds, take the likeliest.")
def add(addresses: tuple[str, ...], feed_id: str, dry_run: bool, yes: bool, options: Options) -> int:
    """Ask an address, show what stands there, and write it into config.toml as a feed; of a site, the feeds that it leads to.

    \b
    monitor feeds add https://example.org/feed.xml
    monitor feeds add example.org
    """
    from monitor.config import edit
    from monitor.config.schema import is_id

    if feed_id and (len(addresses) > 1 or not is_id(feed_id)):
        raise click.UsageError("--id is for one address" if len(addresses) > 1 else f"{feed_id!r} cannot be an id – up to 80 letters, digits, - and _")
    config = options.load()
    if feed_id in config.feeds:
        raise click.UsageError(f"the id {feed_id!r} is taken – choose another one")
    asks = sys.stdin.isatty() and not yes and not options.as_json
    offers = [_decided(offer, asks=asks, takes_first=yes) for offer in asyncio.run(_ask_all(config, addresses, options))]
    offers = _with_ids(config, offers, feed_id)
    if not options.as_json:
        for offer in offers:
            _show(offer, options)
    new = {offer.id: offer.keys for offer in offers if offer.status == "new"}
    if new:
        edit_config(lambda text: edit.with_feeds(text, new), options, write=not dry_run)
    daemon = signal_daemon(options) if new and not dry_run else None
    if options.as_json:
        document = {"feeds": [_as_json(offer) for offer in offers], "written": bool(new) and not dry_run, "daemon": daemon}
        write_json(document, schema="feeds add/1")
    elif new:
        if not dry_run:
            say(f"added {', '.join(new)}")
        tell_what_follows(options, daemon, dry_run=dry_run)
    statuses = {offer.status for offer in offers}
    return 2 if "choose" in statuses else 1 if statuses & {"known", "failed"} else 0


# ------------------------------------------------------------------------------------------------ asking
async def _ask_all(config: "Config", addresses: Iterable[str], options: Options) -> list[Offer]:
    from monitor.service import looking
    from monitor.store import feeds as feed_rows
    from monitor.store.state import open_store

    with open_store(config.storage.url, options.state_path) as database:
        asked_at = {feed.url: feed.id for feed in database.read_now(feed_rows.all_feeds) if feed.state != "paused"}
    known = _known(config, asked_at)
    async with looking(config, options.state_path) as eyes:
        return [await _offer(eyes, address, known, options) for address in dict.fromkeys(addresses)]


def _known(config: "Config", asked_at: Mapping[str, str]) -> dict[str, str]:
    """Canonical address → id of the feed that has it, in the configuration or since it moved."""
    from monitor.config import feeds
    from monitor.urls import canonical

    configured = {canonical(feed.url): feed.id for feed in feeds(config)}
    ids = set(configured.values())
    return {canonical(url): feed_id for url, feed_id in asked_at.items() if feed_id in ids} | configured


async def _offer(eyes: "Eyes", asked: str, known: Mapping[str, str], options: Options) -> Offer:
    from monitor.pipeline import discover, look
    from monitor.urls import canonical

    url, notes = whole_address(asked)
    if name := known.get(canonical(url)):
        return Offer(asked=asked, status="known", id=name, notes=notes)
    if sys.stderr.isatty():
        tell(options, shown(f"asking {url}"))
    sight = await look(eyes, url)
    if sight.is_feed:
        return _judged(Offer(asked=asked, status="new", sight=sight, notes=notes), known)
    if sight.parsed is None:
        return Offer(asked=asked, status="failed", notes=notes, problem=in_words(sight), reason=reason_of(sight))
    if sys.stderr.isatty():
        tell(options, "it is no feed; looking for the feeds of this site")
    found = [each.sight for each in await discover(eyes, sight)]
    new = [each for each in found if not _name(each, known)]
    if not found:
        problem = f"{url}: it is no feed, and leads to none – find the address of the feed on the site, often behind an RSS sign"
        return Offer(asked=asked, status="failed", notes=notes, problem=problem, reason="not-a-feed")
    if not new:
        return Offer(asked=asked, status="known", id=_name(found[0], known), notes=notes)
    if len(new) == 1:
        return _judged(Offer(asked=asked, status="new", sight=new[0], notes=notes), known)
    return Offer(asked=asked, status="choose", several=tuple(new), notes=notes)


def whole_address(asked: str) -> tuple[str, tuple[str, ...]]:
    """What a person typed as an address, and what was made of it: `feed:` is https, and so is a name alone."""
    if asked[:5].lower() == "feed:":
        url = f"https:{asked[5:]}" if asked[5:7] == "//" else asked[5:]
        return url, (f"feed: is read as {url.partition(':')[0]}: {url}",)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", asked):
        return f"https://{asked}", ()
    return asked, ()


def _judged(offer: Offer, known: Mapping[str, str]) -> Offer:
    """Whether this feed is there already, under the address where a redirect ends too; and what is odd about its host."""
    from monitor.urls import host_for_people

    assert offer.sight
    if name := _name(offer.sight, known):
        return replace(offer, status="known", id=name)
    notes = list(offer.notes)
    url = address_of(offer.sight)
    if offer.sight.response and offer.sight.response.permanent_url:
        notes.append(f"it moved for good, so the new address is taken: {url}")
    elif offer.sight.response and offer.sight.response.hops:
        notes.append(f"it leads to {offer.sight.response.url} for now")
    host, is_mixed = host_for_people(url)
    if " " in host:
        notes.append(f"the host is {host}")
    if is_mixed:
        notes.append("it mixes letters of several alphabets, as look-alikes of well-known names do: make sure that it is the one you mean")
    return replace(offer, notes=tuple(notes))


def _name(sight: "Sight", known: Mapping[str, str]) -> str:
    """The feed that is asked at this address already, "" where none is."""
    from monitor.urls import canonical

    urls = (sight.url, sight.response.url if sight.response else "")
    return next((known[key] for key in map(canonical, urls) if key in known), "")


def address_of(sight: "Sight") -> str:
    """The address to write down: the new one after a move for good."""
    return (sight.response.permanent_url if sight.response else "") or sight.url


# --------------------------------------------------------------------------------------------- deciding
def _decided(offer: Offer, *, asks: bool, takes_first: bool) -> Offer:
    """One of several feeds, where somebody says which."""
    if offer.status != "choose" or not (asks or takes_first):
        return offer
    chosen = 1
    if asks:
        _show_several(offer.several)
        chosen = click.prompt("Which one? 0 for none", type=click.IntRange(0, len(offer.several)), default=1, err=True)
    if not chosen:
        return replace(offer, status="failed", several=(), problem=f"{offer.asked}: none was chosen", reason="none-chosen")
    return _judged(replace(offer, status="new", sight=offer.several[chosen - 1], several=()), {})


def _with_ids(config: "Config", offers: Iterable[Offer], wished: str) -> list[Offer]:
    """Each new feed with its id and its keys; the same feed twice is one."""
    from monitor.config import feeds
    from monitor.urls import canonical

    taken = {feed.id for feed in feeds(config)}
    first: dict[str, str] = {}
    found = []
    for offer in offers:
        if offer.status != "new" or not offer.sight:
            found.append(offer)
            continue
        url, title = address_of(offer.sight), title_of(offer.sight)
        name = wished or _free_id(title, url, taken)
        if first.setdefault(canonical(url), name) != name:
            found.append(replace(offer, status="known", id=first[canonical(url)]))
            continue
        taken.add(name)
        found.append(replace(offer, id=name, keys={"url": url} | ({"title": title} if title else {})))
    return found


def _free_id(title: str, url: str, taken: set[str]) -> str:
    from monitor.feeds.opml import feed_id, slug
    from monitor.urls import host_of

    short = slug(title) or slug(host_of(url).removeprefix("www."))
    return short if short and short not in taken else feed_id(title, url)


def title_of(sight: "Sight") -> str:
    from monitor.text import clean_line

    return clean_line(sight.parsed.title, MOST_TITLE_CHARS) if sight.parsed else ""


# ---------------------------------------------------------------------------------------------- in words
def reason_of(sight: "Sight") -> str:
    match sight.error:
        case FetchError():
            return sight.error.reason
        case SandboxError():
            return f"parse-{sight.error.reason}"
        case _:
            return "" if sight.is_feed else "not-a-feed"


def in_words(sight: "Sight") -> str:
    """Why there is no feed, in one sentence with what to do."""
    from monitor.fetcher.advice import advice

    reason = reason_of(sight)
    detail = sight.error.detail if sight.error else ""
    said = f"{sight.error.url if isinstance(sight.error, FetchError) else sight.url}: {reason}" + (f" ({detail})" if detail else "")
    help_ = advice(reason)
    return f"{said} – {help_[:1].lower()}{help_[1:].removesuffix('.')}" if help_ else said


def preview(sight: "Sight") -> str:
    """Format, language, entries, newest date, and what the topics would have made of it."""
    assert sight.parsed
    newest = f", the newest {ago(sight.newest_at, datetime.now(UTC))}" if sight.newest_at else ", without dates" if sight.entries else ""
    matched = " and ".join(f"{number} would match {topic}" for topic, number in sight.matches.items() if number) or "none would match a topic"
    return " · ".join(
        filter(None, (sight.parsed.format, sight.parsed.language, counted(len(sight.entries), "entry", "entries") + newest, matched if sight.matches else ""))
    )


def _show(offer: Offer, options: Options) -> None:
    match offer.status:
        case "new":
            assert offer.sight
            say(f"{title_of(offer.sight) or '(no title)'}\n  {address_of(offer.sight)}\n  {preview(offer.sight)}")
        case "known":
            click.echo(f"{offer.asked} is watched already, as {offer.id}", err=True)
        case "failed":
            click.echo(shown(offer.problem), err=True)
        case _:
            say(f"{offer.asked} leads to {counted(len(offer.several), 'feed')}:")
            _show_several(offer.several)
            click.echo("Choose one:\n" + "\n".join(f"  {_command(each, options)}" for each in offer.several), err=True)
    for note in offer.notes:
        click.echo(shown(f"note: {note}"), err=True)


def _command(sight: "Sight", options: Options) -> str:
    given = f"--config {shlex.quote(options.config)} " if options.config else ""
    return f"monitor {given}feeds add {shlex.quote(sight.url)}"


def _show_several(several: "Iterable[Sight]") -> None:
    from rich.table import Table

    table = Table("", "title", "address", "entries", "newest", "would match", box=None, header_style="bold", pad_edge=False)
    now = datetime.now(UTC)
    for number, sight in enumerate(several, 1):
        newest = ago(sight.newest_at, now) if sight.newest_at else "–"
        table.add_row(str(number), title_of(sight), sight.url, str(len(sight.entries)), newest, str(sum(sight.matches.values())))
    write_table(table)


def _as_json(offer: Offer) -> dict[str, Any]:
    return {
        "asked": offer.asked,
        "status": offer.status,
        "id": offer.id,
        "feed": sight_json(offer.sight) if offer.sight else None,
        "candidates": [sight_json(each) for each in offer.several],
        "notes": list(offer.notes),
        "reason": offer.reason,
        "problem": offer.problem,
    }


def sight_json(sight: "Sight") -> dict[str, Any]:
    """What stands at an address, for scripts."""
    parsed = sight.parsed
    return {
        "url": address_of(sight),
        "title": title_of(sight),
        "site_url": parsed.site_url if parsed else "",
        "language": parsed.language if parsed else "",
        "format": parsed.format if parsed else "",
        "entries": len(sight.entries),
        "newest_at": sight.newest_at,
        "matches": dict(sight.matches),
    }
