"""What feeds of the wild do, and what bad ones try: the quirks and attacks that have no place in another test of this room."""

import json
import sqlite3
from datetime import UTC, datetime

import pytest

from monitor.feeds.entries import MAX_ENTRIES
from monitor.feeds.parse import parse
from monitor.feeds.present import feeds_json
from monitor.matcher.match import match
from monitor.matcher.query import Group, compile_topic
from monitor.text import clean_line, fold

HERE = "https://news.example.org/feeds/all.xml"
JSON_FEED = "https://jsonfeed.org/version/1.1"


def item(body):
    return f"<item>{body}</item>"


def codes(feed):
    return [problem.code for problem in feed.problems]


def first(body, **options):
    return parse(body, url=HERE, **options).entries[0]


# --------------------------------------------------------------------------------- identity
def test_Q09_without_guids_entries_of_one_link_are_told_apart_by_their_titles(rss):
    feed = parse(rss(*(item(f"<title>{name}</title><link>https://e.org/live</link>") for name in ("One", "Two", "Three"))))

    assert [entry.title for entry in feed.entries] == ["One", "Two", "Three"]
    assert len({entry.key for entry in feed.entries}) == 3


@pytest.mark.parametrize("nothing", ["N/A", "n/a", "none", "null", "undefined", "#", "-"])
def test_Q10_placeholders_are_neither_guid_nor_link(rss, nothing):
    entry = first(rss(item(f"<title>T</title><guid isPermaLink='false'>{nothing}</guid><link>{nothing}</link>")))

    assert (entry.id, entry.url) == ("", "")


def test_Q11_a_guid_that_is_no_permalink_is_never_the_link(rss):
    assert first(rss(item("<title>T</title><guid isPermaLink='false'>https://e.org/1</guid>"))).url == ""


def test_A50_guids_that_differ_in_case_alone_are_two_entries(rss):
    assert [entry.key for entry in parse(rss(item("<guid>a</guid>"), item("<guid>A</guid>"))).entries] == ["a", "A"]


def test_A50_a_number_is_a_guid():
    document = {"version": JSON_FEED, "items": [{"id": 7, "title": "A"}, {"id": 7.5, "title": "B"}, {"id": True, "title": "C", "url": "https://e.org/"}]}

    assert [entry.key for entry in parse(json.dumps(document).encode()).entries] == ["7", "7.5", "https://e.org/"]


def test_A50_a_guid_that_every_entry_has_is_passed_over_for_the_address(rss):
    feed = parse(rss(*(item(f"<guid>all</guid><link>https://e.org/{number}</link>") for number in range(3))))

    assert [entry.key for entry in feed.entries] == ["https://e.org/0", "https://e.org/1", "https://e.org/2"]


# ------------------------------------------------------------------------------------ links
def test_Q12_Q14_relative_links_are_resolved_against_where_the_feed_came_from_at_last(rss):
    body = rss(item("<link>/1</link><guid isPermaLink='false'>1</guid>"), item("<guid>two/2</guid>"))

    assert [entry.url for entry in parse(body, url="https://after.example/redirects/feed").entries] == [
        "https://after.example/1",
        "https://after.example/redirects/two/2",
    ]


# ------------------------------------------------------------------------------------ dates
@pytest.mark.parametrize("date", ["Sam, 01 févr. 2025", "2025-13-40", "", "gestern", "0000-00-00", "Thu, 32 Foo 20255 99:99", "1e400"])
def test_C45_Q15_an_odd_date_or_none_costs_no_entry(rss, date):
    entry = first(rss(item(f"<guid>1</guid><pubDate>{date}</pubDate>")))

    assert entry.published_at == (datetime(2025, 2, 1, tzinfo=UTC) if "févr" in date else None)


def test_Q17_a_date_in_the_future_is_kept_as_it_was_given(rss):
    assert first(rss(item("<pubDate>Thu, 01 Jan 2099 00:00:00 GMT</pubDate>"))).published_at == datetime(2099, 1, 1, tzinfo=UTC)


# ---------------------------------------------------------------------------------- formats
@pytest.mark.parametrize("content_type", ["", "text/html", "text/plain; charset=utf-8", "application/octet-stream", "image/png", "nonsense;;="])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<rss version='2.0'><channel><item><title>One</title></item></channel></rss>", id="RSS"),
        pytest.param(b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>One</title></entry></feed>", id="Atom"),
        pytest.param(json.dumps({"version": JSON_FEED, "items": [{"id": "1", "title": "One"}]}).encode(), id="JSON Feed"),
    ],
)
def test_Q35_the_body_says_what_it_is_whatever_the_label_says(body, content_type):
    assert first(body, content_type=content_type).title == "One"


def test_Q43_an_item_of_a_json_feed_needs_no_title():
    document = {"version": JSON_FEED, "items": [{"id": "1", "url": "https://e.org/1", "content_text": "Just <words>"}]}

    entry = first(json.dumps(document).encode())

    assert (entry.title, entry.summary, entry.content) == ("", "Just <words>", "Just &lt;words&gt;")


def test_Q44_a_channel_of_cdf_is_refused_by_name_or_read_but_never_raises():
    feed = parse(b"<CHANNEL HREF='http://e.org/'><TITLE>News</TITLE><ITEM HREF='http://e.org/1'><TITLE>One</TITLE></ITEM></CHANNEL>")

    assert [entry.url for entry in feed.entries] == ["http://e.org/1"] or "not-a-feed" in codes(feed)


def test_Q32_a_byte_order_mark_and_blank_lines_come_before_the_feed(rss):
    for junk in (b"\xef\xbb\xbf", b"\r\n\n", b"\xef\xbb\xbf\n\n", b"\n \xef\xbb\xbf"):
        assert first(junk + b"<?xml version='1.0' encoding='utf-8'?>" + rss(item("<title>Größe</title>"))).title == "Größe"


def test_C37_broken_xml_gives_its_twenty_entries_and_one_warning(rss):
    feed = parse(rss(*(item(f"<title>{number} & more</title><guid>{number}</guid>") for number in range(20))) + b"<oops")

    assert (len(feed.entries), codes(feed)) == (20, ["malformed-xml"])


# --------------------------------------------------------------------------------- encoding
def test_C49_a_byte_order_mark_beats_the_header(rss):
    body = b"\xef\xbb\xbf" + rss(item("<title>Größe – Київ</title>"))

    assert first(body, content_type="text/xml; charset=iso-8859-1").title == "Größe – Київ"


@pytest.mark.parametrize("codec", ["cp1251", "koi8-u", "koi8-r"])
def test_C50_cyrillic_without_a_label_is_read_and_matches(rss, codec):
    words = "Генсек НАТО прибув до Одеси, щоб обговорити допомогу, яку надають союзники"
    words = words.replace("і", "и").replace("ї", "и") if codec == "koi8-r" else words
    nato = compile_topic("nato", title="", rule="nato", groups={"nato": Group(terms=("нато",), weight=3.0)}, digest_at=0.3, alert_at=0.9)

    entry = first(rss(item(f"<title>{words}</title>")).decode().encode(codec))

    assert entry.title == words
    assert match(nato, title=entry.title, text="", lang="uk").matched


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        pytest.param(b"<rss><channel><item><title>+ADw-script+AD4-</title></item></channel></rss>", "text/xml; charset=utf-7", "+ADw-script+AD4-", id="UTF-7"),
        pytest.param("<?xml version='1.0'?><rss><channel><item><title>Größe</title></item></channel></rss>".encode("utf-16-le"), "", "Größe", id="UTF-16 without a mark"),
        pytest.param("<?xml version='1.0'?><rss><channel><item><title>Größe</title></item></channel></rss>".encode("utf-16-be"), "", "Größe", id="UTF-16, the other way round"),
        pytest.param("<rss><channel><item><title>Größe</title></item></channel></rss>".encode(), "text/xml; charset=../../etc", "Größe", id="a path for a charset"),
        pytest.param("<rss><channel><item><title>Größe “x”</title></item></channel></rss>".encode("cp1252"), "text/xml; charset=utf-8", "Größe “x”", id="windows-1252 as UTF-8"),
        pytest.param(b"<?xml version='1.0' encoding='unicode_escape'?><rss><channel><item><title>\\u0041</title></item></channel></rss>", "", "\\u0041", id="escapes"),
    ],
)  # fmt: skip
def test_A34_false_and_foreign_labels_are_seen_through(body, content_type, title):
    assert first(body, content_type=content_type).title == title


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"\xc0\xaf\xe0\x80\xaf", id="overlong"),
        pytest.param(b"\xed\xa0\x80\xed\xbf\xbf", id="lone surrogates"),
        pytest.param(b"\x00\x01\x08\x1b[31m\x7f", id="NUL and C0"),
        pytest.param("\x80\x9b31m\x9f".encode(), id="C1"),
        pytest.param(b"&#0;&#1;&#x1b;&#xd800;&#xfffe;&#x110000;", id="by number"),
        pytest.param("\ufeff\ufffe\uffff\ufdd0".encode(), id="no characters"),
    ],
)
def test_A35_Q31_what_is_no_text_is_removed_and_the_rest_comes_back_from_json_and_sqlite(rss, bad):
    body = rss(item("<title>Gr\u00f6\u00dfe A@B</title><description>C@D – ÄÖÜäöü ÄÖÜäöü ÄÖÜäöü</description><guid>E@F</guid>")).replace(b"@", bad)

    entry = first(body)

    stored = sqlite3.connect(":memory:").execute("select ?, ?, ?", (entry.title, entry.summary, entry.key)).fetchone()
    assert json.loads(json.dumps([entry.title, entry.summary, entry.key])) == list(stored) == [entry.title, entry.summary, entry.key]
    assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 or 0xD800 <= ord(letter) < 0xE000 for text in stored for letter in text)
    assert entry.title in ("Größe AB", "Größe A[31mB", "Größe A31mB")  # the letters of a terminal's command are letters


@pytest.mark.parametrize(
    ("items", "titles"),
    [
        pytest.param("[" * 10_000 + "]" * 10_000, None, id="ten thousand arrays"),
        pytest.param('[{"id": "1", "title": NaN}]', None, id="NaN"),
        pytest.param('[{"id": "1", "title": "A", "title": "B"}]', ["B"], id="a key twice"),
        pytest.param('[{"id": 1e400, "title": "A"}]', ["A"], id="1e400"),
        pytest.param('[{"id": ' + "9" * 50 + ', "title": "A"}]', ["A"], id="fifty digits"),
        pytest.param('[{"id": ' + "9" * 5000 + ', "title": "A"}]', None, id="five thousand digits"),
        pytest.param('[{"id": "1", "title": "A", "attachments": [{"url": "https://e.org/", "size_in_bytes": 1e400}]}]', ["A"], id="an endless size"),
    ],
)
def test_A36_odd_json_is_an_error_or_read_but_never_a_crash(items, titles):
    feed = parse(f'{{"version": "{JSON_FEED}", "items": {items}}}'.encode())

    if titles is None:
        assert (feed.entries, codes(feed)) in (((), ["malformed-json", "not-a-feed"]), ((), ["bad-entry"]))
    else:
        assert [entry.title for entry in feed.entries] == titles
        json.dumps(feeds_json(feed), allow_nan=False)


# ------------------------------------------------------------------------------------- text
@pytest.mark.parametrize("letter", ["x", "ш", "字", "word "])
def test_A42_a_title_of_a_megabyte_is_stored_as_two_kilobytes(rss, letter):
    title = first(rss(item(f"<title>{letter * 300_000}</title>"))).title

    assert (len(title.encode()) <= 2000, len(title) > 600, title[-1]) == (True, True, "…")


def test_A43_letters_that_turn_the_line_round_or_hide_change_neither_match_nor_line(rss):
    title = first(rss(item("<title>\u202eNA\u200bTO\u2066 chief vi\u00adsits\u200d Odesa\u202c</title>"))).title

    assert fold(title).text.split() == ["nato", "chief", "visits", "odesa"]
    assert not set(clean_line(title, 300)) & set("\u202e\u2066\u200b\u202c\u00ad")


def test_A45_piled_up_marks_are_stored_down_to_four(rss):
    title = first(rss(item(f"<title>NATO a{chr(0x301) * 500} Việt Nam</title>"))).title

    assert title == f"NATO a{chr(0x301) * 4} Việt Nam"


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param("🇺🇦", id="flags"),
        pytest.param("👩‍👩‍👧", id="a family"),
        pytest.param("🏳️‍🌈", id="a joined flag"),
        pytest.param("e" + chr(0x301) * 3, id="marks"),
    ],
)
def test_A46_a_title_is_cut_between_letters(rss, letter):
    for lead in range(len(letter)):
        title = first(rss(item(f"<title>{'x' * lead}{letter * 500}</title>"))).title.removesuffix("…").lstrip("x")

        assert title == letter * (len(title) // len(letter))


# ------------------------------------------------------------------------------------- masses
def test_C42_a_json_feed_gives_its_newest_entries():
    items = [{"id": str(number), "date_published": f"2026-03-{1 + number // 400:02}T00:00:00Z"} for number in range(10_000)]

    feed = parse(json.dumps({"version": JSON_FEED, "items": items}).encode())

    assert (len(feed.entries), codes(feed), feed.entries[-1].id) == (MAX_ENTRIES, ["too-many-entries"], "9999")
