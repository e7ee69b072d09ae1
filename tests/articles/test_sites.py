"""The operator's selectors."""

import pytest

from monitor.articles.sites import SiteRules, apply_rules, asked_at, linked, rules_for, selector_problem

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


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://bbc.example/news/1?x=1", "https://www.bbc.example/news/1?x=1"),
        ("http://m.bbc.example/news/1", "http://www.bbc.example/news/1"),
        ("https://amp.bbc.example/news/1", "https://www.bbc.example/news/1"),
        ("https://www.bbc.example/news/1", "https://www.bbc.example/news/1"),
        ("https://feeds.bbc.example/news/1", "https://feeds.bbc.example/news/1"),
        ("https://other.example/news/1", "https://other.example/news/1"),
        ("", ""),
    ],
    ids=["bare", "phone", "AMP", "there already", "another part of the site", "another site", "nothing"],
)
def test_pages_are_asked_for_at_the_sites_own_host(url, asked):
    assert asked_at(url, {"bbc.example": SiteRules(canonical_host="www.bbc.example")}) == asked


def test_without_such_a_rule_they_are_asked_for_where_they_are():
    assert asked_at("https://m.example.com/1", SITES) == "https://m.example.com/1"


def test_a_selector_that_does_not_read_says_why():
    assert selector_problem("article > .body:not(.related)") == ""
    assert selector_problem("div[") != ""


@pytest.mark.parametrize(("selector", "url"), [("a.on", "/2"), (".pages", "/1"), (".pages > :last-child", "/2"), (".none", ""), ("a[", "")])
def test_a_link_is_what_the_selector_finds_or_has_inside(selector, url):
    assert linked('<p class="pages"><a href="/1">1</a><a class="on" href="/2">2</a></p>', selector) == url


def test_a_selector_for_the_next_page_that_does_not_read_is_told():
    assert [problem.code for problem in apply_rules(PAGE, SiteRules(next_page="a["))[1]] == ["bad-selector"]
