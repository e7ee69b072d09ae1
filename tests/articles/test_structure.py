"""What the place of a text on its page says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.blocks import blocks_of, is_inside, places_in
from monitor.articles.body import main_text
from monitor.articles.extract import extract
from monitor.articles.feed_text import parsed
from monitor.articles.structure import plain_places

STORY = "https://news.example/2026/11/22/allies-agree-on-air-defence"
LEAD = "The first batteries should reach the coast within weeks, and eleven members pay."
CARD = "<div class='x'><a href='/2'>Another story that has a headline of its own</a><p>Its first sentence stands here and tells a little about what else happened.</p></div>"


def lines(markup, url=STORY):
    return extract(markup, url).text.splitlines()


def into(page, part, *, after):
    """The page with a part put behind the paragraph that begins so."""
    markup = page.decode()
    place = markup.index("</p>", markup.index(f"<p>{after[:40]}")) + len("</p>")
    return (markup[:place] + part + markup[place:]).encode()


@pytest.mark.parametrize(
    ("above", "head"),
    [
        pytest.param(f"<p class='article__lead'>{LEAD}</p>", "", id="named a lead"),
        pytest.param(f"<div data-testid='standfirst'><span>{LEAD}</span></div>", "", id="named by its test"),
        pytest.param(f"<div class='c-9f'>{LEAD}</div>", f'<meta name="description" content="{LEAD}">', id="repeats the description"),
        pytest.param(f"<h2>{LEAD}</h2>", f'<meta property="og:description" content="{LEAD[:70]}…">', id="is cut in the description"),
    ],
)
def test_a_lead_in_the_head_of_the_page_is_the_first_line(page, paragraphs, above, head):
    markup = page(head=head).replace(b"<article><h1>", b"<header><h1>").replace(b"</h1>", f"</h1>{above}<p>22 November</p></header><article>".encode())

    assert lines(markup) == [LEAD, *paragraphs]


def test_what_else_stands_in_the_head_is_no_lead(page, paragraphs):
    markup = page().replace(b"</h1>", b"</h1><div class='meta'>Our correspondents report from the harbour, in the morning and in the evening</div>")

    assert lines(markup) == list(paragraphs)


@pytest.mark.parametrize("name", ["related-articles", "newsletter", "fact-box", "promo", "social-share", "author-bio", "tags", "comments"])
def test_a_box_with_a_name_of_its_own_is_beside_the_article(page, paragraphs, name):
    box = f"<div class='{name}'><p>These words are long enough for a paragraph, and yet they are no part of the story at all.</p></div>"

    assert lines(into(page(), box, after=paragraphs[1])) == list(paragraphs)


@pytest.mark.parametrize("name", ["body no-ads", "section has-comments", "text image-left", "d-print-block", "tagline"])
def test_names_that_only_sound_like_one_lose_nothing(page, paragraphs, name):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs[3:])
    markup = page(inside=paragraphs[:3]).replace(b"</article>", f"<div class='{name}'>{text}</div></article>".encode())

    assert lines(markup) == list(paragraphs)


def test_names_that_mislead_lose_nothing(paragraphs):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    markup = (
        f"<html lang='en'><title>Allies agree</title><body><div class='page'><h1>Allies agree</h1><div class='related promo'>{text}</div></div></body></html>"
    )

    assert lines(markup.encode()) == list(paragraphs)


def test_a_teaser_card_between_the_paragraphs_goes(page, paragraphs):
    assert lines(into(page(), CARD, after=paragraphs[1])) == list(paragraphs)


def test_a_line_that_is_only_a_link_leads_away(page, paragraphs):
    assert lines(into(page(), "<p><a href='/3'>The port that waits for ships</a></p>", after=paragraphs[0])) == list(paragraphs)


def test_a_paragraph_with_a_link_stays(page, paragraphs):
    sentence = "Officials <a href='/4'>said on Sunday</a> that the harbour had been closed for two days before the visit."

    assert "said on Sunday that the harbour" in "\n".join(lines(into(page(), f"<p>{sentence}</p>", after=paragraphs[0])))


def test_a_sentence_set_large_is_said_once(page, paragraphs):
    large = f"<blockquote><p>{paragraphs[1].split(', and')[0]}</p></blockquote>"

    assert lines(into(page(), large, after=paragraphs[2])) == list(paragraphs)


def test_a_quotation_of_its_own_stays_in_its_place(page, paragraphs):
    quote = "“We have waited for this since the spring, and now it is here,” the harbour master said."

    assert lines(into(page(), f"<figure><blockquote><p>{quote}</p></blockquote></figure>", after=paragraphs[0]))[:2] == [paragraphs[0], quote]


def test_headings_and_lists_between_the_paragraphs_stay_in_order(page, paragraphs):
    part = "<h2>What comes next</h2><ul><li>Four more batteries for the coast</li><li>Interceptors before the winter comes</li></ul>"

    found = lines(into(page(), part, after=paragraphs[0]))

    assert found[:4] == [paragraphs[0], "What comes next", "Four more batteries for the coast", "Interceptors before the winter comes"]


def test_rows_of_a_table_are_lines(page, paragraphs):
    table = "<table><tr><th>Member<th>Batteries</tr><tr><td>Northmark<td>2</tr></table>"

    found = lines(into(page(), table, after=paragraphs[0]))

    assert found[1:3] == ["Member | Batteries", "Northmark | 2"]


def test_an_article_goes_on_in_a_second_box_of_the_same_kind(paragraphs):
    half = "<div class='story-body wide'>{}</div>"
    boxes = "<div class='ad'>Advertisement</div>".join(half.format("".join(f"<p>{text}</p>" for text in part)) for part in (paragraphs[:2], paragraphs[2:]))
    markup = f"<html lang='en'><title>Allies agree</title><body><section><h1>Allies agree</h1>{boxes}</section></body></html>"

    assert lines(markup.encode()) == list(paragraphs)


def test_the_next_article_of_a_page_that_scrolls_on_is_another(page, paragraphs):
    another = (
        "<article><h1>Grain prices fall</h1>"
        + "<p>Wheat fell for the third day, traders in the exchange of Northmark said on Monday evening.</p>" * 1
        + "</article>"
    )

    assert "Wheat" not in extract(page(body=another), STORY).text
    assert lines(page(body=another))[0] == paragraphs[0]


def test_words_that_stand_three_times_between_the_paragraphs_are_an_offer(page, paragraphs):
    offer = "<p>Always with the news: it starts with us, cancel whenever you want to</p>"
    markup = page()
    for paragraph in paragraphs[:3]:
        markup = into(markup, offer, after=paragraph)

    assert lines(markup) == list(paragraphs)


def test_captions_are_kept_apart_and_in_order(page, paragraphs):
    pictures = [f"<figure><img src='{number}.jpg'><figcaption>Picture {number} of the harbour</figcaption></figure>" for number in (1, 2)]
    article = extract(into(into(page(), pictures[0], after=paragraphs[0]), pictures[1], after=paragraphs[2]), STORY)

    assert article.text == "\n".join(paragraphs)
    assert article.captions == ("Picture 1 of the harbour", "Picture 2 of the harbour")


def test_readings_above_a_name_go_and_the_name_stays_whole(page):
    sentences = [
        "韓国の<ruby>尹錫悦<rp>（</rp><rt>ユンソンニョル</rt><rp>）</rp></ruby>大統領は三日夜、緊急の談話を出し、非常戒厳を宣言した。"
        + "国会は直ちに解除を求める決議を採択し、軍は撤収を始めた。" * 3
    ] * 3
    sentences = [f"{number}、{sentence}" for number, sentence in enumerate(sentences)]

    assert "韓国の尹錫悦大統領は" in extract(page(inside=sentences, lang="ja"), STORY).text


# --------------------------------------------------------------------------------------- plain pages
LONG = ("émigrés and residents of the port said that they had waited for such news since the strikes on the harbour in the spring. " * 3).strip()
ASIDE = "<div class='card'><p>These words are long enough for a paragraph, and yet they are no part of the story at all.</p></div>"


def read_plainly(markup):
    blocks = blocks_of(parsed(markup.decode()))
    return [blocks[place].text for place in plain_places(blocks)]


def test_a_page_whose_paragraphs_stand_side_by_side_is_read_without_weighing(page, paragraphs):
    markup = page(inside=(*paragraphs, LONG, LONG[1:]), body=f"<aside>{ASIDE * 30}</aside>")

    assert read_plainly(markup)[1:] == [*paragraphs, LONG, LONG[1:]]
    assert main_text(parsed(markup.decode()), STORY).splitlines()[-7:] == [*paragraphs, LONG, LONG[1:]]


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<article><h1>Short</h1><p>" + LONG + "</p></article>", id="short"),
        pytest.param("".join(f"<article><p>{LONG}</p><p>{LONG}</p><p>{LONG}</p><p>{LONG}</p></article>" for _ in range(3)), id="several articles"),
        pytest.param("<article>" + "".join(f"<div><p>{LONG}</p></div>" for _ in range(6)) + "</article>", id="each paragraph by itself"),
        pytest.param("<article>" + "".join(f"<p>{LONG}</p>{ASIDE}" for _ in range(7)) + "</article>", id="boxes between the paragraphs"),
        pytest.param(
            "<div>" + "".join(f"<p>{LONG}</p>" for _ in range(5)) + "</div><div>" + "".join(f"<p>{LONG}</p>" for _ in range(5)) + "</div>", id="two columns"
        ),
    ],
)
def test_where_something_has_to_be_weighed_no_page_is_plain(markup):
    assert read_plainly(f"<html><body>{markup}</body></html>".encode()) == []


BOXES = st.recursive(
    st.sampled_from(["bare words", "<p>A line.</p>", "<br>", "<table><tr><td>1</td><td>2</td></tr></table>"]),
    lambda inner: st.builds(
        "<{0}>{1}</{0}>".format, st.sampled_from(["div", "section", "span", "x-box", "ul", "blockquote", "a"]), st.lists(inner).map("".join)
    ),
    max_leaves=25,
)


@given(st.lists(BOXES).map("".join))
def test_the_blocks_in_a_box_are_found_from_any_of_them(markup):
    tree = parsed(f"<body><p>Above.</p>{markup}<p>Below.</p></body>")
    blocks = blocks_of(tree)

    for box in tree.iter():
        inside = [place for place, block in enumerate(blocks) if is_inside(block.element, box)]
        assert all(places_in(box, blocks, place) == inside for place in inside)
