"""The feed's HTML becomes plain text."""

import pytest

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
