"""`monitor articles test`: what the rules of [sites] make of stored pages."""

import asyncio
import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

from monitor.cli.options import Options, command, counted, no_such, read_input, say, tell, write_json
from monitor.errors import BadData, FetchError, SandboxError

if TYPE_CHECKING:
    from monitor.articles.samples import Reading
    from monitor.articles.sites import SiteRules
    from monitor.config import Config

LINES_SHOWN = 12
RULE_PROBLEMS = ("bad-selector", "keep-found-nothing", "keep-found-too-little")
PAGE_ENDS = (".html", ".html.gz")


@command("test")
@click.argument("sites", nargs=-1, metavar="[SITE…]")
@click.option("--save", "url", metavar="URL", help="Store a page first: ask for it, and keep it with the text that is read on it now.")
@click.option("--page", metavar="FILE", help="With --save: take the page from a file (- for stdin) instead of asking for it.")
@click.option("--accept", is_flag=True, help="Take what is read now as what should be read.")
@click.option("--samples", "folder", metavar="DIR", help="Where the stored pages are; else [articles] samples.")
def test(sites: Sequence[str], url: str | None, page: str | None, accept: bool, folder: str | None, options: Options) -> int:
    """Read the stored pages of sites by the rules of [sites], and compare with what should be read: words gained and lost. Exit code 1 where one differs.

    \b
    monitor articles test --save https://example.com/news/1    store a page
    monitor articles test example.com                          after each change of its rules
    monitor articles test --accept example.com                 the text is as it should be
    """
    if page is not None and url is None:
        raise click.UsageError("--page needs --save with the address that the page is from")
    config = options.load()
    from monitor.config import site_rules

    rules = site_rules(config)
    home = Path(folder) if folder else config.folder / config.articles.samples
    if url is not None:
        try:
            saved = _save(home, url, page, rules, config, options)
        except (FetchError, SandboxError) as error:
            from monitor.fetcher.advice import ADVICE

            advice = ADVICE.get(error.reason, "")
            click.echo(f"{error}" + (f" – {advice}" if advice else ""), err=True)
            return 1
        sites = [*sites, saved.site]
        tell(options, f"stored as {saved.page_path}; what should be read is in {saved.text_path.name} beside it, edit it as you like")
    known = _stored(home)
    for site in sites:
        if site not in known:
            raise no_such("stored page of", site, known, advice="store one with `monitor articles test --save URL`")
    results = [_result(sample, rules, accept=accept) for site in (sites or known) for sample in known[site]]
    differing = sum(not result["is_same"] for result in results)
    if options.as_json:
        write_json({"samples": results, "differing": differing}, schema="articles test/1")
    else:
        _show(results)
        _close(options, home, results, differing)
    return 1 if differing else 0


# ----------------------------------------------------------------------------------------- stored pages
@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """A stored page, and the text beside it."""

    site: str
    name: str
    page_path: Path

    @property
    def text_path(self) -> Path:
        return self.page_path.with_name(f"{self.name}.txt")


def _stored(home: Path) -> dict[str, list[_Sample]]:
    """By site; a site is a folder."""
    found: dict[str, list[_Sample]] = {}
    for site in sorted(path for path in home.iterdir() if path.is_dir()) if home.is_dir() else ():
        for path in sorted(site.iterdir()):
            if end := next((end for end in reversed(PAGE_ENDS) if path.name.endswith(end)), ""):
                found.setdefault(site.name, []).append(_Sample(site=site.name, name=path.name.removesuffix(end), page_path=path))
    return found


def _save(home: Path, url: str, page: str | None, rules: "Mapping[str, SiteRules]", config: "Config", options: Options) -> _Sample:
    """raises: FetchError, SandboxError, click.UsageError."""
    from monitor import urls
    from monitor.articles.samples import written
    from monitor.articles.sites import asked_at, site_of

    address = urls.canonical(asked_at(url, rules))
    if not address:
        raise click.UsageError(f"{url!r} is no address of a page – such as https://example.org/news/1")
    content_type = ""
    if page is None:
        address, content_type, body = asyncio.run(_asked(config, options, address, rules))
    else:
        body = read_input(page)
    site = site_of(address, rules) or urls.host_of(address).removeprefix("www.")
    folder = home / site
    folder.mkdir(parents=True, exist_ok=True)
    name = _free_name(folder, address)
    sample = _Sample(site=site, name=name, page_path=folder / f"{name}.html.gz")
    packed = body if body.startswith(b"\x1f\x8b") else gzip.compress(body, mtime=0)
    sample.page_path.write_bytes(packed)
    sample.text_path.write_text(written(_read(body, address, content_type, rules)), encoding="utf-8")
    return sample


async def _asked(config: "Config", options: Options, url: str, rules: "Mapping[str, SiteRules]") -> tuple[str, str, bytes]:
    """The page's address after redirects, its content type, and the page."""
    from monitor.articles.sites import rules_for
    from monitor.pipeline import ask_page_once
    from monitor.service import looking

    site = rules_for(url, rules)
    async with looking(config, options.state_path) as eyes:
        response = await ask_page_once(eyes, url, ignores_robots=bool(site and site.ignores_robots))
    return response.url, response.headers.get("content-type", ""), response.body


def _free_name(folder: Path, url: str) -> str:
    """From the end of the address; a second page of that name gets a number."""
    parts = urlsplit(url)
    words = unquote(parts.path.rstrip("/").rpartition("/")[2] or parts.query or "page")
    name = re.sub(r"[^\w-]+", "-", words.removesuffix(".html")).strip("-_")[:60] or "page"
    taken = {path.name.partition(".")[0] for path in folder.iterdir()}
    return next(each for each in (name, *(f"{name}-{number}" for number in range(2, 10_000))) if each not in taken)


# --------------------------------------------------------------------------------------------- results
def _read(page: bytes, url: str, content_type: str, rules: "Mapping[str, SiteRules]") -> "Reading":
    from monitor.articles.pages import read_page
    from monitor.articles.samples import reading_of
    from monitor.articles.sites import rules_for

    return reading_of(read_page(page, url, content_type=content_type, rules=rules_for(url, rules)), url, content_type)


def _result(sample: _Sample, rules: "Mapping[str, SiteRules]", *, accept: bool) -> dict[str, Any]:
    from monitor.articles.pages import read_page
    from monitor.articles.samples import difference, other_fields, read, reading_of, written
    from monitor.articles.sites import rules_for

    try:
        expected = read(sample.text_path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadData(f"{sample.text_path}: is missing – begin it with a line `url: https://…`, and then --accept") from None
    except ValueError as error:
        raise BadData(f"{sample.text_path}: {error}") from error
    body = sample.page_path.read_bytes()
    page = read_page(body, expected.url, content_type=expected.content_type, rules=rules_for(expected.url, rules))
    now = reading_of(page, expected.url, expected.content_type)
    broken = sorted(f"{problem.code}: {problem.detail}" for problem in page.article.problems if problem.code in RULE_PROBLEMS)
    if accept and not broken:
        sample.text_path.write_text(written(now), encoding="utf-8")
        expected = now
    change = difference(expected.text, now.text)
    others = other_fields(expected, now)
    general = reading_of(read_page(body, expected.url, content_type=expected.content_type), expected.url)
    by_rules = difference(general.text, now.text)
    return {
        "site": sample.site,
        "name": sample.name,
        "url": expected.url,
        "status": now.status,
        "words": _word_count(now.text),
        "is_same": not (change.lines or others or broken),
        "gained": change.gained,
        "lost": change.lost,
        "lines": list(change.lines),
        "others": list(others),
        "problems": broken,
        "by_rules": {"gained": by_rules.gained, "lost": by_rules.lost, "others": list(other_fields(general, now))},
        "idle": sorted(_idle(body, expected.content_type, rules_for(expected.url, rules))),
    }


def _word_count(text: str) -> int:
    from monitor.text import fold, words

    return len(words(fold(text).text))


def _idle(page: bytes, content_type: str, rules: "SiteRules | None") -> frozenset[str]:
    """The selectors that find nothing on the page."""
    from monitor.articles.decode import Limits, decode_page
    from monitor.articles.sites import idle_selectors

    return idle_selectors(decode_page(page, content_type, Limits()).text, rules) if rules else frozenset()


# ------------------------------------------------------------------------------------------ for people
def _show(results: Sequence[Mapping[str, Any]]) -> None:
    for site in dict.fromkeys(result["site"] for result in results):
        mine = [result for result in results if result["site"] == site]
        say(f"{site}: {counted(len(mine), 'page')}")
        width = max(len(result["name"]) for result in mine)
        for result in mine:
            for line in _lines(result, width):
                say(line)
        idle = set.intersection(*(set(result["idle"]) for result in mine))
        if idle:
            say(f"  these selectors find nothing on any of them: {'   '.join(sorted(idle))}")


def _lines(result: Mapping[str, Any], width: int) -> Iterator[str]:
    mark = "as it should be" if result["is_same"] else "DIFFERS"
    yield f"  {result['name']:<{width}}  {result['status']}, {counted(result['words'], 'word')}: {mark}; {_by_rules(result['by_rules'])}"
    for line in (*result["problems"], *result["others"]):
        yield f"      {line}"
    if result["lines"]:
        yield f"      {counted(result['gained'], 'word')} gained, {result['lost']} lost:"
    for line in result["lines"][:LINES_SHOWN]:
        yield f"      {line if len(line) <= 140 else line[:139] + '…'}"
    if (more := len(result["lines"]) - LINES_SHOWN) > 0:
        yield f"      … and {counted(more, 'more line', 'more lines')}"


def _by_rules(change: Mapping[str, Any]) -> str:
    if not (change["gained"] or change["lost"] or change["others"]):
        return "without its rules it would be the same"
    words = f"its rules add {counted(change['gained'], 'word')} and take {change['lost']} away"
    return f"{words} ({'; '.join(change['others'])})" if change["others"] else words


def _close(options: Options, home: Path, results: Sequence[Mapping[str, Any]], differing: int) -> None:
    if not results:
        tell(options, f"no stored pages in {home} – store one with: monitor articles test --save https://example.org/news/1")
    elif differing:
        verb = "reads otherwise than it should" if differing == 1 else "read otherwise than they should"
        tell(options, f"{differing} of {counted(len(results), 'page')} {verb} – mend the rules, or take what is read now with --accept")
