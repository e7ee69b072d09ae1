"""Words that nobody sees match nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import tostring

from monitor.articles.extract import extract
from monitor.articles.feed_text import parsed, plain_text
from monitor.articles.hidden import drop_hidden, may_hide

STORY = "https://news.example/2026/11/22/allies-agree-on-air-defence"
STUFFING = "NATO Ukraine words that nobody sees but a program does, long enough to be taken for a paragraph of the article itself."

HIDDEN = [
    pytest.param(f'<p style="display:none">{STUFFING}</p>', id="A55 not displayed"),
    pytest.param(f'<div style="visibility: hidden"><p>{STUFFING}</p></div>', id="A55 invisible"),
    pytest.param(f"<p hidden>{STUFFING}</p>", id="A55 marked hidden"),
    pytest.param(f'<p aria-hidden="true">{STUFFING}</p>', id="A55 hidden from readers aloud"),
    pytest.param(f'<p style="opacity: 0;">{STUFFING}</p>', id="A55 transparent"),
    pytest.param(f'<p style="font-size:0">{STUFFING}</p>', id="A55 without size"),
    pytest.param(f'<p style="font-size: 0px; color: red">{STUFFING}</p>', id="A55 without size in pixels"),
    pytest.param(f'<p style="position:absolute;left:-9999px">{STUFFING}</p>', id="A55 off the page"),
    pytest.param(f'<p style="text-indent: -999em">{STUFFING}</p>', id="A55 indented away"),
    pytest.param(f'<p style="color:#fff">{STUFFING}</p>', id="A55 white on white"),
    pytest.param(f'<p style="color:#333;background:rgb(51, 51, 51)">{STUFFING}</p>', id="A55 grey on the same grey"),
    pytest.param(f'<div style="background-color: black"><p style="color: #000000">{STUFFING}</p></div>', id="A55 black on black"),
    pytest.param(f'<p class="news sr-only">{STUFFING}</p>', id="A55 for screen readers"),
]
SEEN = [
    pytest.param(f'<p style="display:block;opacity:0.9">{STUFFING}</p>', id="nearly opaque"),
    pytest.param(f'<p style="font-size:0.9em">{STUFFING}</p>', id="small"),
    pytest.param(f'<p style="margin-left:-10px">{STUFFING}</p>', id="moved a little"),
    pytest.param(f'<div style="background:#123"><p style="color:white">{STUFFING}</p></div>', id="white on blue"),
    pytest.param(f'<div class="hero-dark"><p style="color:white">{STUFFING}</p></div>', id="white on what a style sheet says"),
    pytest.param(f'<p style="color:#eee">{STUFFING}</p>', id="light grey"),
    pytest.param(f'<p style="color:var(--ink)">{STUFFING}</p>', id="a colour of the style sheet"),
]


@pytest.mark.parametrize("part", HIDDEN)
def test_A55_hidden_text_of_a_page_matches_nothing(page, paragraphs, part):
    assert extract(page().replace(b"</article>", part.encode() + b"</article>"), STORY).text == "\n".join(paragraphs)


@pytest.mark.parametrize("part", HIDDEN)
def test_A55_hidden_text_of_a_feed_matches_nothing(part):
    assert plain_text(f"<p>News.</p>{part}") == "News."


@pytest.mark.parametrize("part", SEEN)
def test_what_can_be_seen_stays(page, part):
    assert STUFFING in extract(page().replace(b"</article>", part.encode() + b"</article>"), STORY).text
    assert STUFFING in plain_text(f"<p>News.</p>{part}")


def test_A55_a_footer_stuffed_with_words_matches_nothing(page, paragraphs):
    footer = f"<footer><p>{STUFFING}</p><p>{STUFFING}</p></footer>"

    assert extract(page(body=footer), STORY).text == "\n".join(paragraphs)


@pytest.mark.parametrize("how", ["opacity:0", "visibility:hidden", "display:none"])
def test_a_page_that_is_hidden_until_its_scripts_run_is_read(page, paragraphs, how):
    assert extract(page().replace(b"<body>", f'<body style="{how}">'.encode()), STORY).text == "\n".join(paragraphs)


ATTRIBUTES = [
    "hidden",
    'HIDDEN=""',
    "style='display:none'",
    'STYLE = "left:-999px"',
    'class="sr-only"',
    'class="sr&#45;only"',
    'class="SR-ONLY"',
    'class="a-b"',
    'aria-hidden="true"',
    "",
]


@given(st.lists(st.builds("<p {}>words {}</p>".format, st.sampled_from(ATTRIBUTES), st.text(max_size=20)), min_size=1).map("".join))
def test_a_page_that_hides_nothing_is_known_as_such(markup):
    tree = parsed(f"<body>{markup}</body>")
    before = tostring(tree)

    drop_hidden(tree)

    assert may_hide(markup) or tostring(tree) == before
