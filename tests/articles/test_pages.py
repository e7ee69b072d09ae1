"""Where an article goes on, and what its pages make together."""

import json

import pytest

from monitor.articles.extract import Extraction
from monitor.articles.pages import fuller, is_further_page, is_part, joined, read_page
from monitor.articles.sites import SiteRules
from monitor.status import ArticleStatus

HERE = "https://news.example/2026/air-defence-for-odesa.html"
SAYS_ARTICLE = '<meta property="og:type" content="article"><meta property="article:published_time" content="2026-11-23T09:00:00Z">'


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (HERE, f"{HERE}?page=2"),
        (HERE, f"{HERE}?p=12"),
        (f"{HERE}?id=7", f"{HERE}?id=7&page=2"),
        (f"{HERE}?page=1", f"{HERE}?page=2"),
        (HERE, "https://news.example/2026/air-defence-for-odesa-2.html"),
        (HERE, "https://news.example/2026/air-defence-for-odesa,2.html"),
        (HERE, "https://news.example/2026/air-defence-for-odesa/seite-2"),
        ("https://news.example/a/story", "https://news.example/a/story/2/"),
        ("https://news.example/a/story/", "https://news.example/a/story/page/3"),
        ("https://news.example/a/story-1", "https://news.example/a/story-2"),
        ("https://www.news.example/a/story/page/1", "https://www.news.example/a/story/page/2"),
    ],
)
def test_a_further_page_has_the_articles_path_and_a_number(first, other):
    assert is_further_page(first, other)
    assert not is_further_page(other, first)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (HERE, HERE),
        (HERE, f"{HERE}#comments"),
        (HERE, f"{HERE}?utm_source=next"),
        (HERE, "https://news.example/2026/grain-prices-fall.html"),
        (HERE, "https://other.example/2026/air-defence-for-odesa.html?page=2"),
        (HERE, "https://news.example/2026/air-defence-for-odesa-in-2026.html"),
        ("https://news.example/?p=123", "https://news.example/?p=124"),
        ("https://news.example/?p=9", "https://news.example/?p=10"),
        ("https://news.example/", "https://news.example/2"),
        ("https://news.example/a/7715044", "https://news.example/a/7715045"),
        (HERE, "javascript:void(0)"),
        (HERE, ""),
    ],
)
def test_other_articles_lists_and_the_same_page_are_none(first, other):
    assert not is_further_page(first, other)


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="next" href="?page=2">',
        "<link href='?page=2' rel='next'>",
        "<a class=x rel=next href=?page=2>2</a>",
        '<A HREF="/2026/air-defence-for-odesa.html?page=2" REL="nofollow next">2</A>',
        '<link rel="next" href="/2026/grain.html"><a rel="next" href="?page=2&amp;utm_source=x">2</a>',
    ],
)
def test_rel_next_is_found_however_it_is_written(page, link):
    made = page(head=SAYS_ARTICLE + (link if link.startswith("<link") else ""), body="" if link.startswith("<link") else link)

    found = read_page(made, HERE)

    assert found.next_url == f"{HERE}?page=2"
    assert found.article.status is ArticleStatus.FULL


@pytest.mark.parametrize(
    "link", ['<link rel="prev" href="?page=2">', '<a rel="nextish" href="?page=2">', '<p>rel="next" href="?page=2"</p>', '<link rel=next href="http://[">']
)
def test_other_links_are_not(page, link):
    assert read_page(page(head=link), HERE).next_url == ""


def test_the_operators_selector_finds_a_link_inside_of_what_it_names_and_stays_on_the_site(page):
    rules = SiteRules(next_page="nav.pages .on")
    found = [
        read_page(page(body=f'<nav class="pages"><span class="on"><a href="{url}">2</a></span></nav>'), HERE, rules=rules)
        for url in ("/x/2", "https://o.example/2")
    ]

    assert [each.next_url for each in found] == ["https://news.example/x/2", ""]


@pytest.mark.parametrize("mark", ["amp", "⚡", "⚡️", 'AMP=""'])
def test_a_page_for_phones_says_where_the_article_itself_is(page, mark):
    phone = page(head='<link rel="canonical" href="/2026/full.html">').replace(b"<html ", f"<html {mark} ".encode())

    assert read_page(phone, HERE).full_url == "https://news.example/2026/full.html"


@pytest.mark.parametrize(
    ("attributes", "canonical"),
    [("", "/2026/full.html"), ('data-x="amp"', "/2026/full.html"), ("amp", HERE), ("amp", "https://other.example/full.html"), ("amp", "")],
    ids=["no such page", "the word elsewhere", "its own address", "another site", "no address"],
)
def test_others_lead_nowhere(page, attributes, canonical):
    made = page(head=f'<link rel="canonical" href="{canonical}">').replace(b"<html ", f"<html {attributes} ".encode())

    assert read_page(made, HERE).full_url == ""


# ---------------------------------------------------------------------------------------------- together
def part(text, status=ArticleStatus.FULL, reason="complete", **fields):
    return Extraction(text=text, status=status, reason=reason, **fields)


def test_pages_make_one_article_and_what_they_share_stands_there_once():
    whole = joined([part("Lead.\nOne.", title="T"), part("Lead.\nTwo.\nTwo."), part("Three.")], is_whole=True)

    assert (whole.text, whole.title, whole.status) == ("Lead.\nOne.\nTwo.\nTwo.\nThree.", "T", ArticleStatus.FULL)


def test_a_first_page_that_was_too_short_by_itself_is_whole_with_the_others():
    assert joined([part("One.", ArticleStatus.PARTIAL, "shorter-than-stated"), part("Two.")], is_whole=True).status is ArticleStatus.FULL


def test_an_article_is_no_better_than_its_last_page():
    assert joined([part("One."), part("Two.", ArticleStatus.PAYWALLED, "locked-and-short")], is_whole=True).status is ArticleStatus.PAYWALLED


def test_what_is_missing_is_said():
    some = joined([part("One."), part("Two.")], is_whole=False)

    assert (some.status, some.reason, [problem.code for problem in some.problems]) == (ArticleStatus.PARTIAL, "pages-missing", ["pages-missing"])


def test_a_list_of_other_articles_is_part_of_none():
    assert is_part(part("x" * 200, ArticleStatus.NOT_AN_ARTICLE, "list-or-product"))
    assert not is_part(part("x", ArticleStatus.NOT_AN_ARTICLE, "list-or-product"))
    assert not is_part(part("x" * 200, ArticleStatus.NOT_AN_ARTICLE, "not-found"))


def test_of_two_forms_of_a_page_the_fuller_one_is_read():
    phone, full = part("word " * 100), part("word " * 90)

    assert fuller(phone, full) is full
    assert fuller(phone, part("word " * 20)) is phone
    assert fuller(phone, part("", ArticleStatus.BLOCKED, "consent")) is phone
    assert fuller(part("", ArticleStatus.EMPTY, "no-text"), full) is full


def test_the_posts_of_a_live_blog_reach_the_text(page):
    posts = [
        {
            "@type": "BlogPosting",
            "headline": f"Post {n}",
            "datePublished": f"2026-11-22T0{n}:30:00+02:00",
            "articleBody": f"In post {n} " + "much is said. " * 20,
        }
        for n in (3, 5)
    ]

    found = read_page(page(ld={"@type": "LiveBlogPosting", "headline": "Live", "liveBlogUpdate": posts}), HERE)

    lines = found.article.text.splitlines()
    assert [line for line in lines if "UTC" in line] == ["2026-11-22 03:30 UTC – Post 5", "2026-11-22 01:30 UTC – Post 3"]
    assert lines[lines.index("2026-11-22 01:30 UTC – Post 3") + 1].startswith("In post 3")


@pytest.mark.parametrize(
    "made",
    [
        b"",
        b"\x89PNG\r\n",
        b"<html amp",
        b"<p>Words of a page. " * 40 + b"<a rel=next " * 40_000,
        b"<p>liveBlogUpdate" + b"<script type=ld+json>" * 49_000,
        b"<!--" + b"<a rel=next " * 200_000,
        json.dumps({"liveBlogUpdate": 1}).encode(),
    ],
    ids=["nothing", "a picture", "cut off", "links without end", "scripts without end", "a comment without end", "JSON"],
)
def test_odd_pages_end(made):
    assert read_page(made, HERE).next_url == ""
