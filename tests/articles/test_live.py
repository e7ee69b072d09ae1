"""Live blogs as dated posts."""

import json
from datetime import UTC, datetime

import pytest

from monitor.articles.live import Post, posts_of, with_posts

AT_NOON, AT_NINE = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
POSTS = (
    Post(title="Sirens over Odesa", text="The sirens went off again.\nNobody was hurt.", at=AT_NOON),
    Post(title="Rutte arrives", text="He came by train.", at=AT_NINE),
)


def script(node):
    return f'<html><script type="application/ld+json">{json.dumps(node)}</script></html>'


def stated(*updates, **fields):
    return script({"@type": "LiveBlogPosting", "liveBlogUpdate": list(updates)} | fields)


def test_posts_are_read_newest_first_with_their_own_times():
    early = {"headline": "Rutte arrives", "datePublished": "2026-11-22T11:05:00+02:00", "articleBody": "<p>He came by&nbsp;train.</p>"}
    late = {
        "headline": "Sirens over Odesa",
        "datePublished": "2026-11-22T12:00:00Z",
        "articleBody": "Sirens over Odesa\nThe sirens went off again.\nNobody was hurt.",
    }

    assert posts_of(stated(early, late, late)) == POSTS


@pytest.mark.parametrize(
    "markup",
    [
        script({"@graph": [{"@type": "WebPage"}, {"@type": ["LiveBlogPosting"], "liveBlogUpdate": {"headline": "One", "datePublished": "2026-11-22"}}]}),
        script({"@type": "WebPage", "mainEntity": {"@type": "https://schema.org/LiveBlogPosting", "liveBlogUpdate": [{"headline": "One"}]}}),
    ],
    ids=["in a graph", "inside of the page"],
)
def test_posts_are_found_where_outlets_put_them(markup):
    assert [post.title for post in posts_of(markup)] == ["One"]


@pytest.mark.parametrize(
    "markup",
    [
        "",
        script({"@type": "NewsArticle", "liveBlogUpdate": [{"headline": "One"}]}),
        stated("text", None, 7, {}),
        '<script type="application/ld+json">{"liveBlogUpdate": </script>',
        '<script type="application/ld+json">' + '{"liveBlogUpdate":[' * 5_000 + "</script>",
    ],
    ids=["nothing", "another kind of page", "no posts", "broken", "deep"],
)
def test_what_states_no_posts_has_none(markup):
    assert posts_of(markup) == ()


def test_stated_posts_stand_for_the_page_below_what_it_says_before_them():
    text = "What we know so far.\nSirens over Odesa\nThe sirens went off again.\nNobody was hurt.\nHe came by train."

    assert with_posts(text, POSTS).splitlines() == [
        "What we know so far.",
        "2026-11-22 12:00 UTC – Sirens over Odesa",
        "The sirens went off again.",
        "Nobody was hurt.",
        "2026-11-22 09:05 UTC – Rutte arrives",
        "He came by train.",
    ]


def test_where_only_headlines_are_stated_the_page_keeps_its_words_and_gets_the_times():
    heads = tuple(Post(title=post.title, at=post.at) for post in POSTS)
    text = "Sirens over Odesa\nThe sirens went off again.\nRutte arrives!\nRUTTE ARRIVES\nHe came by train."

    assert with_posts(text, heads).splitlines() == [
        "2026-11-22 12:00 UTC – Sirens over Odesa",
        "The sirens went off again.",
        "Rutte arrives!",
        "2026-11-22 09:05 UTC – Rutte arrives",
        "He came by train.",
    ]


def test_a_page_without_posts_keeps_its_text():
    assert with_posts("As it was.", ()) == "As it was."
