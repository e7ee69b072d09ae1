"""The operator's rules for pages of one site: which parts to keep, which to drop, where the next page and the site itself are."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor import urls
from monitor.articles.feed_text import plain_text
from monitor.status import Problem

if TYPE_CHECKING:
    from bs4 import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What `[sites."host"]` says.

    keep, drop: CSS selectors; the article is inside these (empty means everywhere), or never part of it.
    next_page: CSS selector of the link to an article's next page, "" for rel=next.
    canonical_host: the host that the site's pages are asked at, whichever of its names a feed has; "" for the name as it is.
    ignores_robots: its pages are asked for whatever its robots.txt says.
    """

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    next_page: str = ""
    canonical_host: str = ""
    ignores_robots: bool = False


def rules_for(url: str, sites: Mapping[str, SiteRules]) -> SiteRules | None:
    """The rules of the longest configured host that is the page's host or a suffix of it at a dot."""
    found = site_of(url, sites)
    return sites[found] if found else None


def site_of(url: str, sites: Collection[str]) -> str:
    """The configured host that an address belongs to, "" where there is none."""
    try:
        labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    except ValueError:
        return ""
    suffixes = (".".join(labels[start:]) for start in range(len(labels)))
    return next((suffix for suffix in suffixes if suffix in sites), "")


def asked_at(url: str, sites: Mapping[str, SiteRules]) -> str:
    """Where a page is asked for: its address, at the host that its site is really at.

    Only the site's own name is another for it, and the usual ones before it (www, m, mobile, amp): other names are other pages.
    """
    name = site_of(url, sites)
    parts = urlsplit(url)
    if not name or not sites[name].canonical_host or parts.hostname == sites[name].canonical_host:
        return url
    is_its_own = parts.hostname in (name, *(prefix + name for prefix in urls.SAME_SITE_PREFIXES))
    return parts._replace(netloc=sites[name].canonical_host).geturl() if is_its_own else url


def selector_problem(selector: str) -> str:
    """Why a CSS selector does not read, "" where it does."""
    from bs4 import BeautifulSoup
    from soupsieve import SelectorSyntaxError

    try:
        BeautifulSoup("", "lxml").select_one(selector)
    except SelectorSyntaxError as error:
        return str(error).splitlines()[0]
    return ""


def idle_selectors(markup: str, rules: SiteRules) -> frozenset[str]:
    """The selectors that find nothing on a page; those that do not read are among them."""
    from bs4 import BeautifulSoup
    from soupsieve import SelectorSyntaxError

    soup = BeautifulSoup(markup, "lxml")

    def finds(selector: str) -> bool:
        try:
            return soup.select_one(selector) is not None
        except SelectorSyntaxError:
            return False

    return frozenset(selector for selector in (*rules.keep, *rules.drop, rules.next_page) if selector and not finds(selector))


def linked(markup: str, selector: str) -> str:
    """Where the first link leads that a selector finds, itself or inside of what it finds; "" where there is none."""
    from bs4 import BeautifulSoup  # slow to import, and few sites have rules
    from soupsieve import SelectorSyntaxError

    try:
        found = BeautifulSoup(markup, "lxml").select(selector)
    except SelectorSyntaxError:
        return ""
    links = (link.get("href") for part in found for link in (part, *part.select("a[href]")))
    return next((str(link) for link in links if link), "")


def apply_rules(markup: str, rules: SiteRules) -> tuple[str, tuple[Problem, ...]]:
    """The page reduced to what the rules leave; its head stays, because the metadata is there.

    What is kept is text by the operator's word: it stands there as bare paragraphs, in the order of the page, so that no
    name of a class ("teaser") and no number of links makes an extractor leave some of it out.
    A selector that does not read, or a `keep` that finds nothing (the site changed), is a problem and is ignored.
    """
    from bs4 import BeautifulSoup  # slow to import, and few sites have rules
    from soupsieve import SelectorSyntaxError

    soup = BeautifulSoup(markup, "lxml")
    problems: list[Problem] = []

    def found(selector: str) -> "list[Tag]":
        try:
            return soup.select(selector)
        except SelectorSyntaxError as error:
            problems.append(Problem(code="bad-selector", detail=f"{selector}: {str(error).splitlines()[0]}"))
            return []

    if rules.next_page:
        found(rules.next_page)
    for selector in rules.drop:
        for part in found(selector):
            if part.name not in ("html", "body"):
                part.extract()
    kept = {id(part) for selector in rules.keep for part in found(selector)}
    if rules.keep and not kept:
        problems.append(Problem(code="keep-found-nothing", detail=", ".join(rules.keep)))
    if kept and soup.body:
        lines = [line for part in soup.body.find_all(_is_outermost(kept)) for line in plain_text(str(part)).splitlines()]
        soup.body.clear()
        article = soup.new_tag("article")
        soup.body.append(article)
        for line in lines:
            paragraph = soup.new_tag("p")
            paragraph.string = line
            article.append(paragraph)
    return str(soup), tuple(problems)


def _is_outermost(kept: set[int]) -> "Callable[[Tag], bool]":
    """A part inside another kept part comes with it."""
    return lambda part: id(part) in kept and not any(id(parent) in kept for parent in part.parents)
