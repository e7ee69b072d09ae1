"""`monitor feeds check`: ask feeds now, and save nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.feeds.adding import in_words, preview, reason_of, sight_json, title_of, whole_address
from monitor.cli.options import Options, ago, command, no_such, say, tell, write_json, write_table
from monitor.errors import FetchError

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.pipeline import Eyes, PageRules, Sight

FEW = 3  # feeds that are shown at length


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """id: "" for an address that is not in the configuration. problems: reasons with their details, none where all is well.

    pages: what robots.txt says of them; asked only for feeds that are checked by name.
    """

    id: str
    sight: "Sight"
    problems: tuple[str, ...]
    pages: "PageRules | None" = None


@command("check")
@click.argument("names", nargs=-1, metavar="[ID|URL]…")
def check(names: tuple[str, ...], options: Options) -> int:
    """Ask feeds now, each hop and problem shown, and save nothing. Without names: all of them. Exit code 1 where there are problems."""
    config = options.load()
    checked = asyncio.run(_check(config, _addresses(config, names, options), options, with_pages=bool(names)))
    if options.as_json:
        write_json({"feeds": [_as_json(each) for each in checked]}, schema="feeds check/1")
    elif len(checked) <= FEW:
        say("\n\n".join(_at_length(each) for each in checked))
    else:
        _show_all(checked)
    broken = [each for each in checked if each.problems]
    if not options.as_json and not checked:
        tell(options, "There is no feed to check. Next: monitor feeds add URL")
    return 1 if broken else 0


def _addresses(config: "Config", names: Sequence[str], options: Options) -> list[tuple[str, str]]:
    """(id or "", address) of what is to be asked."""
    from monitor.config import feeds

    known = {feed.id: feed.url for feed in feeds(config)}
    if not names:
        return list(known.items())
    found = []
    for name in dict.fromkeys(names):
        if name in known:
            found.append((name, known[name]))
        elif "." in name or ":" in name:
            found.append(("", whole_address(name)[0]))
        else:
            raise no_such("feed", name, list(known), advice=f"see [feeds] in {options.config_path}")
    return found


async def _check(config: "Config", addresses: Sequence[tuple[str, str]], options: Options, *, with_pages: bool) -> list[Checked]:
    from monitor.service import looking

    places = asyncio.Semaphore(config.polling.concurrency)
    async with looking(config, options.state_path) as eyes:

        async def one(feed_id: str, url: str) -> Checked:
            async with places:
                return await _look(config, eyes, feed_id, url, with_pages=with_pages)

        return list(await asyncio.gather(*(one(*each) for each in addresses)))


async def _look(config: "Config", eyes: "Eyes", feed_id: str, url: str, *, with_pages: bool) -> Checked:
    from monitor.pipeline import look, page_rules
    from monitor.service import settings_from

    sight = await look(eyes, url, settings_from(config).rules_of(feed_id) if feed_id else None)
    if not sight.is_feed:
        return Checked(id=feed_id, sight=sight, problems=(in_words(sight),))
    assert sight.parsed
    problems = tuple(f"{each.code} ({each.detail})" if each.detail else each.code for each in sight.parsed.problems)
    return Checked(id=feed_id, sight=sight, problems=problems, pages=await page_rules(eyes, sight) if with_pages else None)


# ---------------------------------------------------------------------------------------------- in words
def _at_length(checked: Checked) -> str:
    sight = checked.sight
    answer = sight.response
    lines = [f"{checked.id or title_of(sight) or '(no title)'}", f"  asked       {sight.url}"]
    if answer:
        lines += [f"  {status:<11} → {address}" for status, address in answer.hops]
        kind = answer.headers.get("content-type", "no content type")
        lines.append(f"  answer      {answer.status}, {kind}, {_size(len(answer.body))} in {sight.seconds:.2f} s")
        lines.append(f"  validators  {_validators(answer.headers.get('etag', ''), answer.headers.get('last-modified', ''))}")
        if caching := ", ".join(answer.headers[name] for name in ("cache-control", "expires") if name in answer.headers):
            lines.append(f"  caching     {caching}")
        if answer.permanent_url:
            lines.append(f"  moved       for good, to {answer.permanent_url}")
    if sight.is_feed:
        lines.append(f"  feed        {preview(sight)}")
    if checked.pages:
        lines.append(f"  pages       {_pages(checked.pages)}")
    lines += [f"  problem     {problem}" for problem in checked.problems] or ["  problem     none"]
    return "\n".join(lines)


def _validators(etag: str, last_modified: str) -> str:
    given = [f"{name} {value}" for name, value in (("ETag", etag), ("Last-Modified", last_modified)) if value]
    return ", ".join(given) or "none, so every answer is a whole one"


def _pages(pages: "PageRules") -> str:
    if pages.problem:
        return f"{pages.origin}/robots.txt: {pages.problem}, so none is read until it can say"
    rest = f", one every {pages.delay_s:g} s" if pages.delay_s else ""
    if pages.forbidden:
        return f"robots.txt of {pages.origin} forbids {pages.forbidden} of {pages.asked}, which are judged by the feed's words{rest}"
    return f"may be read, says robots.txt of {pages.origin}{rest}"


def _size(count: int) -> str:
    return f"{count / 1024:.0f} KiB" if count >= 10_240 else f"{count} bytes"


def _show_all(checked: Sequence[Checked]) -> None:
    from rich.table import Table

    table = Table("", "feed", "answer", "format", "entries", "newest", "problems", box=None, header_style="bold", pad_edge=False)
    now = datetime.now(UTC)
    for each in sorted(checked, key=lambda each: not each.problems):
        sight = each.sight
        status = str(_status(sight) or "–")
        newest = ago(sight.newest_at, now) if sight.newest_at else "–"
        problems = "; ".join(each.problems) if sight.is_feed else each.problems[0].removeprefix(f"{sight.url}: ")
        table.add_row(
            "!" if each.problems else "✓", each.id or sight.url, status, sight.parsed.format if sight.parsed else "", str(len(sight.entries)), newest, problems
        )
    write_table(table)


def _status(sight: "Sight") -> int | None:
    if sight.response:
        return sight.response.status
    return sight.error.status if isinstance(sight.error, FetchError) else None


def _as_json(checked: Checked) -> dict[str, Any]:
    sight = checked.sight
    answer = sight.response
    return {
        "id": checked.id,
        "asked": sight.url,
        "hops": [{"status": status, "url": address} for status, address in answer.hops] if answer else [],
        "status": _status(sight),
        "etag": answer.headers.get("etag", "") if answer else "",
        "last_modified": answer.headers.get("last-modified", "") if answer else "",
        "permanent_url": answer.permanent_url if answer else "",
        "seconds": sight.seconds,
        "feed": sight_json(sight) if sight.is_feed else None,
        "reason": reason_of(sight),
        "pages": {name: getattr(checked.pages, name) for name in ("origin", "asked", "forbidden", "delay_s", "problem")} if checked.pages else None,
        "problems": list(checked.problems),
    }
