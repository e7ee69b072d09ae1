"""The operator's rules for pages of one site: which parts to keep, which to drop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.model import Problem

if TYPE_CHECKING:
    from bs4 import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What `[sites."host"]` says.

    keep, drop: CSS selectors; the article is inside these (empty means everywhere), or never part of it.
    ignores_robots: its pages are asked for whatever its robots.txt says.
    """

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    ignores_robots: bool = False


def rules_for(url: str, sites: Mapping[str, SiteRules]) -> SiteRules | None:
    """The rules of the longest configured host that is the page's host or a suffix of it at a dot."""
    try:
        labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    except ValueError:
        return None
    suffixes = (".".join(labels[start:]) for start in range(len(labels)))
    return next((sites[suffix] for suffix in suffixes if suffix in sites), None)


def apply_rules(markup: str, rules: SiteRules) -> tuple[str, tuple[Problem, ...]]:
    """The page reduced to what the rules leave; its head stays, because the metadata is there.

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

    for selector in rules.drop:
        for part in found(selector):
            if part.name not in ("html", "body"):
                part.extract()
    kept = [part for selector in rules.keep for part in found(selector)]
    if rules.keep and not kept:
        problems.append(Problem(code="keep-found-nothing", detail=", ".join(rules.keep)))
    if kept and soup.body:
        # A part inside another kept part comes with it; moved twice it would be torn out.
        outermost = [part for part in kept if not any(parent is other for parent in part.parents for other in kept)]
        soup.body.clear()
        article = soup.new_tag("article")
        soup.body.append(article)
        for part in outermost:
            article.append(part.extract())
    return str(soup), tuple(problems)
