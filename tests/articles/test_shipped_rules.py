"""Each rule for a site that config.toml ships has a page of that site's build, invented, on which it does what it is for."""

from pathlib import Path

import pytest

from monitor.articles.pages import read_page
from monitor.articles.samples import Reading, difference, read, reading_of
from monitor.articles.sites import asked_at, rules_for, selector_problem
from monitor.config import load, site_rules

SITES = site_rules(load(Path(__file__).parents[2] / "config.toml", environ={}))
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*/*.html"))


def pages() -> list[object]:
    return [pytest.param(path, read(path.with_suffix(".txt").read_text("utf-8")), id=path.parent.name) for path in SAMPLES]


@pytest.mark.parametrize(("path", "expected"), pages())
def test_by_its_rules_a_page_is_read_as_it_should_be_and_without_them_it_is_not(path: Path, expected: Reading):
    page, rules = path.read_bytes(), rules_for(expected.url, SITES)

    assert reading_of(read_page(page, expected.url, rules=rules), expected.url) == expected
    general = reading_of(read_page(page, expected.url), expected.url)
    assert (difference(general.text, expected.text).lines, general.next, general.status) != ((), expected.next, expected.status)


def test_every_site_with_rules_for_its_pages_has_one():
    assert {path.parent.name for path in SAMPLES} == {host for host, rules in SITES.items() if rules.keep or rules.drop or rules.next_page}
    assert len(SITES) >= 6


def test_every_selector_reads():
    selectors = [selector for rules in SITES.values() for selector in (*rules.keep, *rules.drop, rules.next_page) if selector]

    assert {selector: why for selector in selectors if (why := selector_problem(selector))} == {}


def test_the_two_names_of_one_site_are_one():
    assert asked_at("https://www.bbc.co.uk/news/articles/c1", SITES) == "https://www.bbc.com/news/articles/c1"
