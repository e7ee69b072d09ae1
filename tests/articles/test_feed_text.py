"""The feed's HTML becomes plain text."""

from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles import feed_text
from monitor.articles.feed_text import from_feed, plain_text


def test_paragraphs_stay_apart():
    assert plain_text("<p>One <b>bold</b>\n word.</p><p>Two.<br>Three.</p><ul><li>Four</li></ul>") == "One bold word.\nTwo.\nThree.\nFour"


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        '<span style="display: none">x</span>',
        "<span hidden>x</span>",
        '<img src="https://t.example/1.gif" alt="x">',
        "<!-- x -->",
        "<iframe>x</iframe>",
        "<figure><figcaption>x</figcaption></figure>",
    ],
)
def test_A37_A47_A55_what_a_reader_does_not_see_is_left_out(unseen):
    assert plain_text(f"<p>Before {unseen}after.</p>").split() == ["Before", "after."]


def test_text_after_a_dropped_part_stays():
    assert plain_text("<div>One<script>x</script> two</div>") == "One two"


def test_entities_are_read_in_plain_summaries():
    assert plain_text("Kyiv &amp; Odesa &#8211; news") == "Kyiv & Odesa – news"


def test_the_content_has_the_word_unless_the_summary_says_more():
    assert from_feed("", "<p>Short.</p>", "<p>The long content.</p>") == "The long content."
    assert from_feed("", "<p>The long summary.</p>", "<p>Short.</p>") == "The long summary."


def test_a_first_line_that_repeats_the_title_is_dropped():
    assert from_feed("Allies agree", "", "<h1>Allies agree</h1><p>The text.</p>") == "The text."
    assert from_feed("Allies agree", "Allies agree", "") == "Allies agree"


@pytest.mark.parametrize("odd", ["", "<", "<>", "<p", "&", "\x00", "<!--", "<![CDATA[", "<div>" * 50_000 + "x", "<?xml version='1.0' encoding='latin-1'?><p>x"])
def test_nothing_raises(odd):
    assert "<div>" not in plain_text(odd)


HOSTILE = [line for line in (Path(__file__).parents[1] / "alerts" / "hostile.txt").read_text().splitlines() if line]


@pytest.mark.parametrize("markup", HOSTILE)
def test_A37_A38_what_comes_out_of_a_strangers_markup_is_text_and_stays_what_it_is(markup):
    text = plain_text(f"<p>Before.</p><div>{markup}</div><p>After.</p>")

    assert is_fixed(text)
    assert text.startswith("Before.")


@given(st.text(alphabet="<>/!-=\"'& svgpamthtyleocrinx\n\x00", max_size=80) | st.text(max_size=40))
def test_A38_a_second_reading_changes_nothing(markup):
    assert is_fixed(plain_text(markup))


def is_fixed(text):
    """Shown as text, line by line, it reads as itself; no tag has come to life."""
    return all(plain_text(escape(line)) == line for line in text.splitlines())


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<svg></p><style><a title='</style><img src=x onerror=alert(1)>'>", id="A38 style inside svg"),
        pytest.param("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>", id="A38 math, table and comment"),
        pytest.param("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", id="A38 nested noscript"),
        pytest.param("<!--<img src='--><img src=x onerror=alert(1)//'>", id="A38 unclosed comment"),
        pytest.param("<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", id="A38 forms that overlap"),
    ],
)
def test_A38_markup_that_mutates_when_read_again_leaves_nothing_active(markup):
    text = plain_text(markup)

    assert is_fixed(text)


simple_markup = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<br>",
            "<br/>",
            "<a href='/x'>",
            '<a href="https://e.example/?a=1&amp;b=2">',
            "</a>",
            "<b>",
            "</b>",
            "<em>",
            "</em>",
            "<ul>",
            "<li>",
            "</li>",
            "</ul>",
            '<div class="x">',
            "</div>",
            '<img src="/1.gif"/>',
            "<h2>",
            "</h2>",
            "<blockquote>",
            "</blockquote>",
            "text",
            " two  words ",
            "\n",
            "&amp;",
            "&lt;p&gt;",
            "&nbsp;",
            "&#8217;",
            "&#39;",
            "&#8232;",
            "\xa0",
            "\u2028",
            "ü",
            "a > b",
            "a < b",
            "&copy;",
            "&",
            "<!-- c -->",
            "<p style='x'>",
            "<x>",
        ]
    ),
    max_size=14,
).map("".join)
balanced = st.recursive(
    st.sampled_from(["text", " two  words ", "&amp;", "<br>", "<img src='/1.gif'>", "<a href='/x'>link</a>", "<em>x</em>", "\n", "&nbsp;"]),
    lambda inner: st.tuples(st.sampled_from(["p", "div", "li", "ul", "blockquote", "b"]), st.lists(inner, max_size=4)).map(
        lambda given: f"<{given[0]}>{''.join(given[1])}</{given[0]}>"
    ),
    max_leaves=12,
)


@given(simple_markup | st.lists(balanced, max_size=4).map("".join))
def test_simple_markup_is_read_as_its_tree_is(markup):
    simple = feed_text._simple_text(markup)
    tree = feed_text.parsed(markup)

    assert simple is None or simple == ("" if tree is None else feed_text.text_of(tree))


def test_what_feeds_are_full_of_needs_no_tree():
    assert feed_text._simple_text('<p>One &amp; <a href="/x">two</a></p><ul><li>three</li></ul><img src="/1.gif"/>') == "One & two\nthree"
