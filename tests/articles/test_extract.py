"""A page's bytes become text, metadata and a status."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.articles.extract import Extraction, Limits, article_json, choose_text, extract
from monitor.articles.sites import SiteRules
from monitor.status import ArticleStatus

STORY = "https://news.example/2026/11/22/allies-agree-on-air-defence"
NEWS = {"@type": "NewsArticle", "headline": "Allies agree on air defence for Odesa", "datePublished": "2026-11-22T07:30:00+01:00"}


def test_text_is_the_article_without_what_stands_around_it(page, paragraphs):
    article = extract(page(), STORY)

    assert article.status is ArticleStatus.FULL
    assert article.text == "\n".join(paragraphs)


def test_gzipped_pages_are_read_as_they_are(page):
    assert extract(gzip.compress(page()), STORY) == extract(page(), STORY)


def test_the_answer_has_the_keys_of_the_contract(page):
    answer = article_json(extract(page(ld=NEWS), STORY), STORY)

    assert list(answer) == [
        "status", "reason", "title", "authors", "published_at", "modified_at", "language", "text", "captions",
        "url", "site", "section", "keywords", "image_url", "problems",
    ]  # fmt: skip
    assert (answer["status"], answer["published_at"], answer["modified_at"], answer["language"]) == ("full", "2026-11-22T06:30:00Z", None, "en")


@pytest.mark.parametrize(
    ("bad", "status", "reason"),
    [
        pytest.param(b"", ArticleStatus.EMPTY, "no-markup", id="nothing"),
        pytest.param(b"%PDF-1.7 ...", ArticleStatus.NOT_AN_ARTICLE, "not-html", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n....", ArticleStatus.NOT_AN_ARTICLE, "not-html", id="picture"),
        pytest.param(b"x" * (4 << 20), ArticleStatus.FAILED, "too-large", id="4 MiB"),
        pytest.param(gzip.compress(bytes(50_000_000)), ArticleStatus.FAILED, "too-large", id="bomb"),
        pytest.param(b"\x1f\x8bnonsense", ArticleStatus.FAILED, "bad-compression", id="broken gzip"),
        pytest.param(b"<a>x</a>" * 60_000, ArticleStatus.FAILED, "too-many-tags", id="60,000 links"),
        pytest.param(b"<p " + b"a=1 " * 200_000 + b">", ArticleStatus.FAILED, "too-many-attributes", id="attributes"),
    ],
)
def test_A58_bad_pages_are_told_and_not_parsed(bad, status, reason):
    article = extract(bad, STORY)

    assert (article.status, article.reason, article.text) == (status, reason, "")


def test_limits_can_be_narrowed(page):
    assert extract(page(), STORY, limits=Limits(page_bytes=100)).reason == "too-large"


def test_site_rules_decide_what_is_looked_at(page, paragraphs):
    widget = '<div class="box"><p>' + " ".join(paragraphs) * 4 + "</p></div>"

    article = extract(page(body=widget), STORY, rules=SiteRules(keep=("article",), drop=(".box",)))

    assert article.text == "\n".join(paragraphs)
    assert article.problems == ()


def test_a_teaser_in_front_of_an_offer_is_paywalled_and_the_offer_is_no_text(page, paragraphs):
    offer = '<div class="paywall"><p>To read the rest of this article, subscribe now</p><p>Only one euro for four weeks, cancel any time.</p></div>'
    teaser = page(inside=paragraphs[:1], ld={**NEWS, "isAccessibleForFree": False}).replace(b"</article>", offer.encode() + b"</article>")

    article = extract(teaser, STORY)

    assert article.status is ArticleStatus.PAYWALLED
    assert article.text == paragraphs[0]


def test_a_locked_page_with_its_whole_text_is_full(page):
    # Five of the real development pages are marked so and carry everything.
    whole = [f"Paragraph {number} is long enough for the text to be whole, as anybody can see who counts its letters. " * 3 for number in range(8)]

    assert extract(page(inside=whole, ld={**NEWS, "isAccessibleForFree": False}), STORY).status is ArticleStatus.FULL


def test_much_less_text_than_the_page_states_is_partial(page, paragraphs):
    assert extract(page(inside=paragraphs[:2], ld={**NEWS, "wordCount": 900}), STORY).status is ArticleStatus.PARTIAL


def test_C51_a_page_with_hardly_any_text_is_a_teaser_and_leaves_the_feeds_words(page):
    shown = "Ministers met in Odesa and agreed on air defence for the whole coast before the winter comes, two officials of the alliance said."
    article = extract(page(inside=[shown], ld=NEWS), STORY)

    assert (article.status, article.reason) == (ArticleStatus.PARTIAL, "teaser")
    assert choose_text("From the feed.", article) == ("From the feed.", ArticleStatus.PARTIAL)
    assert choose_text("", article) == (shown, ArticleStatus.PARTIAL)


def test_text_that_only_the_scripts_hold_is_found(paragraphs):
    body = "".join(f"\\u003cp\\u003e{paragraph}\\u003c/p\\u003e" for paragraph in paragraphs)
    shell = f'<html><head><meta property="og:type" content="article"></head><body><div id="root"></div><script>self.push([1,"{body}"])</script></body></html>'

    article = extract(shell.encode(), STORY)

    assert (article.status, article.text) == (ArticleStatus.FULL, "\n".join(paragraphs))


@pytest.mark.parametrize("status", [ArticleStatus.BLOCKED, ArticleStatus.NOT_AN_ARTICLE, ArticleStatus.EMPTY, ArticleStatus.FAILED])
def test_a_page_that_is_no_article_leaves_the_feeds_words(status):
    assert choose_text("From the feed.", Extraction(status=status, text="Accept all cookies " * 100)) == ("From the feed.", status)


def test_the_page_has_the_word_where_it_says_more():
    assert choose_text("Short.", Extraction(status=ArticleStatus.FULL, text="Long. " * 50)) == ("Long. " * 50, ArticleStatus.FULL)


def test_a_whole_text_in_the_feed_beats_a_teaser_on_the_page():
    whole = "A sentence of the article. " * 80

    assert choose_text(whole, Extraction(status=ArticleStatus.PAYWALLED, text="A teaser.")) == (whole, ArticleStatus.FULL)


def test_without_a_page_the_text_is_the_feeds_own():
    assert choose_text("From the feed.", None) == ("From the feed.", ArticleStatus.FEED_ONLY)


@given(st.binary(max_size=400) | st.text(alphabet="<>/=\"'&;!- abdivptx\x00\ud7ff", max_size=400).map(lambda text: text.encode()))
@settings(max_examples=150)
def test_nothing_raises(noise):
    assert extract(noise, "https://news.example/x").status in ArticleStatus
    assert extract(b"<html><body><p>" + noise + b"</p>", "not an address").status in ArticleStatus
    assert extract(b"<html><body><p>" + noise + b"</p>", "http://[bad").status in ArticleStatus


def test_times_are_utc(page):
    assert extract(page(ld=NEWS), STORY).published_at == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
