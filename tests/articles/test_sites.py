"""The operator's selectors."""

import pytest

from monitor.articles.sites import SiteRules, apply_rules, rules_for

PAGE = "<html><head><title>T</title></head><body><div class='a'>A<div class='b'>B</div></div><div class='c'>C</div></body></html>"
SITES = {"example.com": SiteRules(keep=("main",)), "sport.example.com": SiteRules(keep=("article",))}


@pytest.mark.parametrize(
    ("url", "keep"),
    [
        ("https://example.com/x", ("main",)),
        ("https://www.example.com/x", ("main",)),
        ("https://de.example.com:8080/x", ("main",)),
        ("https://live.sport.example.com/x", ("article",)),
    ],
)
def test_the_longest_suffix_of_the_host_rules(url, keep):
    assert rules_for(url, SITES) == SiteRules(keep=keep)


@pytest.mark.parametrize("url", ["https://notexample.com/", "https://example.com.evil.org/", "", "http://[bad", "/path"])
def test_other_sites_have_no_rules(url):
    assert rules_for(url, SITES) is None


def test_only_what_is_kept_stays_and_the_head_with_it():
    markup, problems = apply_rules(PAGE, SiteRules(keep=(".a", ".b"), drop=()))

    assert "<title>T</title>" in markup
    assert markup.count("B") == 1
    assert ">C<" not in markup
    assert problems == ()


def test_what_is_dropped_goes():
    assert ">B<" not in apply_rules(PAGE, SiteRules(drop=(".b", "body", "html")))[0]


def test_selectors_that_do_not_work_are_told_and_ignored():
    markup, problems = apply_rules(PAGE, SiteRules(keep=(".gone",), drop=("div[",)))

    assert ">A<" in markup
    assert [problem.code for problem in problems] == ["bad-selector", "keep-found-nothing"]
