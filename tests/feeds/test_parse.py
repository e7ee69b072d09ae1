"""From a feed's bytes to its entries, whatever is wrong with them."""

import json
import socket
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.parse import parse
from monitor.feeds.present import feeds_json

HERE = "https://news.example.org/feeds/all.xml"


def item(body):
    return f"<item>{body}</item>"


def codes(feed):
    return [problem.code for problem in feed.problems]


def first(body, **options):
    return parse(body, url=HERE, **options).entries[0]


# ---------------------------------------------------------------------------------- formats
RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    b'<channel rdf:about="http://e.org/"><title>News</title><link>http://e.org/</link></channel>'
    b'<item rdf:about="http://e.org/1"><title>One</title><link>http://e.org/1</link><dc:date>2025-03-01T10:00:00Z</dc:date></item></rdf:RDF>'
)
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "home_page_url": "https://e.org/",
        "feed_url": "https://e.org/feed.json",
        "language": "uk",
        "items": [
            {
                "id": 7,
                "url": "/one",
                "title": "One",
                "content_html": "<p>All &amp; sundry</p>",
                "date_published": "2025-03-01T10:00:00+02:00",
                "date_modified": "2025-03-02T10:00:00Z",
                "authors": [{"name": "Ada"}, {"url": "https://e.org/"}],
                "attachments": [{"url": "https://e.org/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}],
            }
        ],
    }
).encode()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(b'<rss version="2.0"><channel><item><title>One</title></item></channel></rss>', "rss20", id="RSS 2.0"),
        pytest.param(b'<rss version="0.92"><channel><item><title>One</title></item></channel></rss>', "rss092", id="RSS 0.92"),
        pytest.param(b"<rss><channel><item><title>One</title></item></channel></rss>", "rss", id="RSS of no version"),
        pytest.param(RDF, "rss10", id="RDF"),
        pytest.param(b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title></entry></feed>', "atom10", id="Atom"),
        pytest.param(b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>One</title></entry></feed>', "atom03", id="Atom 0.3"),
        pytest.param(JSON, "json11", id="JSON Feed 1.1"),
        pytest.param(JSON.replace(b"1.1", b"1"), "json10", id="JSON Feed 1.0"),
        pytest.param(b"\xef\xbb\xbf" + JSON, "json11", id="JSON Feed after a byte order mark"),
    ],
)
def test_Q43_Q44_every_format_gives_its_entries(body, name):
    feed = parse(body, url=HERE)

    assert (feed.format, [entry.title for entry in feed.entries], codes(feed)) == (name, ["One"], [])


def test_Q43_a_json_feed_says_all_that_an_entry_can_say():
    feed = parse(JSON, url="https://e.org/feed.json")
    entry = feed.entries[0]

    assert (feed.title, feed.url, feed.site_url, feed.language) == ("News", "https://e.org/feed.json", "https://e.org/", "uk")
    assert (entry.key, entry.id, entry.url, entry.summary, entry.content) == ("7", "7", "https://e.org/one", "All & sundry", "<p>All &amp; sundry</p>")
    assert (entry.published_at, entry.updated_at) == (datetime(2025, 3, 1, 8, tzinfo=UTC), datetime(2025, 3, 2, 10, tzinfo=UTC))
    assert (entry.authors, entry.enclosures[0].length_bytes) == (("Ada",), 9)


def test_Q43_a_json_item_of_the_wrong_shape_costs_only_itself():
    document = {
        "version": "https://jsonfeed.org/version/1",
        "items": ["x", None, {"id": {}, "url": 3, "title": ["a"], "authors": "Ada"}, {"id": "ok", "title": "T"}],
    }

    feed = parse(json.dumps(document).encode())

    assert [entry.title for entry in feed.entries] == ["", "T"]
    assert codes(feed) == ["bad-entry"]


# ------------------------------------------------------------------------------- not a feed
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", ["empty-body"], id="empty"),
        pytest.param(b" \r\n\x00", ["empty-body"], id="blank"),
        pytest.param(b"<!DOCTYPE html><html><body><item>x</item></body></html>", ["not-a-feed"], id="HTML"),
        pytest.param(b"<html><feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title></entry></feed></html>", ["not-a-feed"], id="a feed inside HTML"),
        pytest.param(b"<opml><body/></opml>", ["not-a-feed"], id="OPML"),
        pytest.param(b"just words", ["not-a-feed"], id="words"),
        pytest.param(b"\x1f\x8b\x08\x00\x00\x00", ["not-a-feed"], id="gzip"),
        pytest.param(b'{"items": []}', ["not-a-feed"], id="some JSON"),
        pytest.param(b'{"version": "https://jsonfeed.org/version/1", "items": [', ["malformed-json", "not-a-feed"], id="broken JSON"),
        pytest.param(b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": NaN}]}', ["malformed-json", "not-a-feed"], id="NaN"),
        pytest.param(b'{"items":' + b"[" * 100_000, ["malformed-json", "not-a-feed"], id="nested JSON"),
    ],
)
def test_what_is_no_feed_is_named(body, expected):
    feed = parse(body)

    assert (feed.format, feed.entries, codes(feed)) == ("", (), expected)


def test_C38_a_feed_without_entries_is_a_feed(rss):
    feed = parse(rss())

    assert (feed.format, feed.entries, codes(feed)) == ("rss20", (), [])


# ------------------------------------------------------------------------------- broken XML
@pytest.mark.parametrize(
    ("body", "titles"),
    [
        pytest.param(b'\n\n<?xml version="1.0"?><rss><channel><item><title>One</title></item></channel></rss>', ["One"], id="blank lines first"),
        pytest.param(
            b'<br><b>Warning</b>: x in y.php\n<?xml version="1.0"?><rss><channel><item><title>One</title></item></channel></rss>', ["One"], id="PHP's notice"
        ),
        pytest.param(b"<rss><channel><item><title>AT&T & co</title></item></channel></rss>", ["AT&T & co"], id="bare ampersands"),
        pytest.param(b"<rss><channel><item><title>One</title></item><item><title>Two</title><lin", ["One", "Two"], id="cut off"),
        pytest.param(b"<rss><channel><item><title>One</title></item><item><title><![CDATA[Two", ["One", ""], id="unfinished CDATA"),
        pytest.param(b"<rss><channel><item><title>O\x00n\x1be</title></item></channel></rss>", ["One"], id="control characters"),
        pytest.param(b"<rss><channel><item><title>O&#0;n&#x1b;&#xD800;e</title></item></channel></rss>", ["One"], id="control characters by number"),
        pytest.param(b"<rss><channel><item><title>caf&eacute; &nbsp; ok</title></item></channel></rss>", ["café ok"], id="entities of HTML"),
        pytest.param(b"<rss><channel><item><wfw:x>1</wfw:x><title>One</title></item></channel></rss>", ["One"], id="undeclared prefix"),
    ],
)
def test_Q28_Q29_Q30_Q31_Q32_broken_xml_gives_what_can_be_read(body, titles):
    assert [entry.title for entry in parse(body).entries] == titles


def test_broken_xml_is_on_record(rss):
    assert codes(parse(rss(item("<title>A & B</title>")))) == ["malformed-xml"]


def test_A31_A32_entity_bombs_stay_small_and_files_closed(monkeypatch):
    bomb = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    outside = b'<!ENTITY file SYSTEM "file:///etc/hostname"><!ENTITY web SYSTEM "http://127.0.0.1:1/">'
    body = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">%s%s]><rss version="2.0"><channel><item><title>x &e9; &file; &web;</title></item></channel></rss>'

    def refuse(*_):
        raise AssertionError("a feed made us open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    feed = parse(body % (bomb, outside))

    assert len(feed.entries) == 1
    assert len(feed.entries[0].title) < 100


def test_A31_deep_nesting_is_survived(rss):
    assert parse(rss(item("<title>x</title><description>" + "<a>" * 20_000 + "</description>"))).entries[0].title == "x"


# --------------------------------------------------------------------------------- encoding
@pytest.mark.parametrize(
    ("label", "codec", "content_type", "expected"),
    [
        pytest.param("utf-8", "utf-8", "text/xml; charset=iso-8859-1", [], id="UTF-8 under a false header"),
        pytest.param("iso-8859-1", "utf-8", "", [], id="UTF-8 under a false declaration"),
        pytest.param("windows-1251", "cp1251", "", [], id="declared"),
        pytest.param("", "cp1251", "text/xml; charset=windows-1251", [], id="by header"),
        pytest.param("", "cp1251", "", ["encoding"], id="Windows-1251, unlabelled"),
        pytest.param("", "koi8-u", "", ["encoding"], id="KOI8-U, unlabelled"),
        pytest.param("../../etc", "koi8-u", "text/xml; charset=x-nonsense", ["encoding"], id="labels that name nothing"),
        pytest.param("", "utf-8-sig", "text/xml; charset=iso-8859-1", [], id="byte order mark beats the header"),
        pytest.param("utf-16", "utf-16", "", [], id="UTF-16"),
    ],
)
def test_C49_A34_Q33_the_letters_come_out_right(label, codec, content_type, expected):
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    title = "Україна і НАТО: переговори тривають"
    body = f'{declaration}<rss version="2.0"><channel><item><title>{title}</title></item></channel></rss>'.encode(codec)

    feed = parse(body, content_type=content_type)

    assert ([entry.title for entry in feed.entries], codes(feed)) == ([title], expected)


def test_Q33_unlabelled_western_text_is_latin(rss):
    assert first(rss(item("<title>Ministério à tarde</title>")).decode().encode("cp1252")).title == "Ministério à tarde"


def test_Q33_one_stray_byte_does_not_spoil_the_rest(rss):
    body = rss(item("<title>Größe, Maß und Übermut – caf\x00</title>")).replace(b"\x00", b"\xe9")

    feed = parse(body)

    assert (feed.entries[0].title, codes(feed)) == ("Größe, Maß und Übermut – café", ["encoding"])


TWICE = ["Förderung für Ärzte", "“It’s” – café…", "Україна і НАТО", "Naïve façade €5", "日本の首相"]


@pytest.mark.parametrize("title", TWICE)
@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
@pytest.mark.parametrize("times", [1, 2])
def test_Q34_text_that_was_encoded_twice_is_repaired(rss, atom, title, codec, times):
    once = title
    for _ in range(times):
        once = _misread(once, codec)

    assert first(rss(item(f"<title>{once}</title>"))).title == title
    assert first(rss(item(f"<title>x &amp;amp; {once}</title>"))).title == f"x & {title}"
    assert first(atom(f"<entry><title type='html'>{once}</title><summary>{once}</summary></entry>")).summary == title


def test_Q34_a_json_feed_is_repaired_too():
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": _misread("Förderung", "cp1252"), "content_html": "x"}]}

    assert first(json.dumps(document, ensure_ascii=False).encode()).title == "Förderung"


@pytest.mark.parametrize("title", ["Größe", "naïve", "Ã is a letter", "Â", "SÃO PAULO", "ÃO", "Україна", "Ã„", "€", "ÐŸ", "Bjørn Ærø", "CAFÉ…", "PÅ”", "x"])
def test_Q34_text_that_is_right_stays(rss, title):
    assert first(rss(item(f"<title>{title} 2025</title>"))).title in (f"{title} 2025", "Ä 2025", "П 2025")


def _misread(text, codec):
    """UTF-8 taken for Windows' Latin, as browsers and editors do it: bytes that mean nothing there count as controls."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


# ------------------------------------------------------------------------------------- text
@pytest.mark.parametrize(
    ("xml", "title"),
    [
        pytest.param("<title>Tom &amp;amp; Jerry</title>", "Tom & Jerry", id="escaped twice"),
        pytest.param("<title>&amp;amp;lt;script></title>", "&lt;script>", id="escaped thrice: decoded once"),
        pytest.param("<title>&lt;b>Bold&lt;/b> move</title>", "Bold move", id="markup"),
        pytest.param("<title><![CDATA[<i>Bold</i> move &#8211; now]]></title>", "Bold move – now", id="markup in CDATA"),
        pytest.param("<title>A <b>bold</b> move</title>", "A bold move", id="markup unescaped"),
        pytest.param("<title>&lt;script>alert(1)&lt;/script>News</title>", "News", id="script"),
        pytest.param("<title>Using &lt;Suspense></title>", "Using <Suspense>", id="a word in brackets"),
        pytest.param("<title>1 &lt; 2 and a&lt;b</title>", "1 < 2 and a<b", id="less than"),
        pytest.param("<title>  One\n  two\u2028three\tfour </title>", "One two three four", id="line ends"),
        pytest.param("<title>Profit?a=1&amp;copy=2</title>", "Profit?a=1&copy=2", id="no entity without its semicolon"),
        pytest.param("<title>{{ 7*7 }} {% x %}</title>", "{{ 7*7 }} {% x %}", id="template text is text"),
        pytest.param("<media:title>From the picture</media:title>", "From the picture", id="media:title where there is no other"),
        pytest.param("<title>Real</title><media:title>Picture</media:title>", "Real", id="title beats media:title"),
    ],
)
def test_Q25_Q27_a_title_is_one_line_of_plain_text(rss, xml, title):
    assert first(rss(item(xml))).title == title


@pytest.mark.parametrize(
    ("xml", "title"),
    [
        pytest.param('<title type="html">&lt;3 Deno</title>', "<3 Deno", id="a heart"),
        pytest.param('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>bold</b> move</div></title>', "A bold move", id="XHTML"),
        pytest.param('<title type="html">Q&amp;amp;A &amp;eacute;</title>', "Q&A é", id="HTML entities"),
        pytest.param("<title>It&amp;#8217;s</title>", "It’s", id="text that was HTML all along"),
    ],
)
def test_Q26_Q27_an_atom_title_is_read_by_its_type(atom, xml, title):
    assert first(atom(f"<entry>{xml}</entry>")).title == title


def test_a_summary_is_plain_and_content_stays_html(rss):
    entry = first(
        rss(item("<description>&lt;p>One.&lt;/p>&lt;p>Two.&lt;/p></description><content:encoded><![CDATA[<p>One.</p><p>All.</p>]]></content:encoded>"))
    )

    assert (entry.summary, entry.content) == ("One. Two.", "<p>One.</p><p>All.</p>")


def test_a_whole_article_in_the_description_is_kept_as_content(rss):
    article = "<p>" + "word " * 1000 + "end</p>"

    entry = first(rss(item(f"<description><![CDATA[{article}]]></description>")))

    assert (len(entry.summary), entry.summary[-5:]) == (2000, "word…")
    assert entry.content == article


def test_an_endless_title_is_cut(rss):
    assert len(first(rss(item(f"<title>{'x' * 1_000_000}</title>"))).title) <= 1000


def test_authors_are_names(rss, atom):
    people = "<author><name>Ada</name></author><author><name>Bo</name><email>bo@example.org</email></author>"

    assert first(atom(f"<entry>{people}</entry>")).authors == ("Ada", "Bo")
    assert first(rss(item("<author>ada@example.org (Ada L.)</author>"))).authors == ("Ada L.",)
    assert first(rss(item("<dc:creator>Ada</dc:creator>"))).authors == ("Ada",)
    assert first(rss(item("<title>x</title>"))).authors == ()


def test_enclosures_are_files_with_address_kind_and_length(rss):
    files = first(
        rss(item('<enclosure url="/a.mp3" type="audio/mpeg" length="12"/><enclosure url="javascript:x"/><enclosure url="http://e.org/b" length="-"/>'))
    ).enclosures

    assert [(file.url, file.media_type, file.length_bytes) for file in files] == [
        ("https://news.example.org/a.mp3", "audio/mpeg", 12),
        ("http://e.org/b", "", None),
    ]


# ------------------------------------------------------------------------------------ links
@pytest.mark.parametrize(
    ("xml", "url"),
    [
        pytest.param("<link>https://e.org/1</link>", "https://e.org/1", id="absolute"),
        pytest.param("<link> https://e.org/1\n?a=b </link>", "https://e.org/1?a=b", id="line ends inside"),
        pytest.param("<link>/1</link>", "https://news.example.org/1", id="relative to the feed"),
        pytest.param("<link>//e.org/1</link>", "https://e.org/1", id="without scheme"),
        pytest.param("<link>https://e.org/?a=1&amp;b=2#top</link>", "https://e.org/?a=1&b=2#top", id="as given: canonical comes later"),
        pytest.param("<guid>https://e.org/1</guid>", "https://e.org/1", id="a guid is a permalink unless it denies it"),
        pytest.param('<guid isPermaLink="true">/1</guid>', "https://news.example.org/1", id="a relative permalink"),
        pytest.param('<guid isPermaLink="false">https://e.org/1</guid>', "", id="a guid that is none"),
        pytest.param("<link>javascript:alert(1)</link>", "", id="script"),
        pytest.param("<link>mailto:desk@e.org</link>", "", id="mail"),
        pytest.param("<link>N/A</link>", "", id="placeholder"),
        pytest.param("<link>http://[::1</link>", "", id="broken"),
    ],
)
def test_Q10_Q11_Q12_Q14_a_link_is_an_http_address_or_nothing(rss, xml, url):
    assert first(rss(item(f"<title>x</title>{xml}"))).url == url


def test_Q13_nested_bases_resolve(atom):
    entry = '<entry xml:base="2025/"><link href="one.html"/></entry>'

    assert first(atom(entry, attributes='xml:base="https://e.org/news/"')).url == "https://e.org/news/2025/one.html"
    assert first(atom('<entry><link href="one.html"/></entry>', attributes='xml:base="/news/"')).url == "https://news.example.org/news/one.html"


def test_without_an_address_of_the_feed_a_relative_link_stays_relative(rss):
    assert parse(rss(item("<link>/1</link>"))).entries[0].url == "/1"


def test_an_atom_link_of_another_type_is_better_than_none(atom):
    assert first(atom('<entry><link rel="self" href="/self"/><link rel="alternate" type="text/plain" href="/1"/></entry>')).url == "https://news.example.org/1"


# ------------------------------------------------------------------------------------ dates
def test_a_lone_dc_date_is_when_an_rss_entry_was_published():
    entry = first(RDF)

    assert (entry.published_at, entry.updated_at) == (datetime(2025, 3, 1, 10, tzinfo=UTC), None)


def test_Q16_an_atom_entry_that_was_only_updated_says_so(atom):
    entry = first(atom("<entry><updated>2025-03-01T10:00:00Z</updated></entry>"))

    assert (entry.published_at, entry.updated_at) == (None, datetime(2025, 3, 1, 10, tzinfo=UTC))


def test_C45_a_date_that_cannot_be_read_is_a_problem_and_no_date(rss):
    feed = parse(rss(item("<title>x</title><pubDate>someday</pubDate>")))

    assert (feed.entries[0].published_at, codes(feed), feed.problems[0].detail) == (None, ["bad-date"], "someday")


def test_a_thousand_bad_dates_are_a_few_problems(rss):
    assert len(parse(rss(*(item(f"<title>{n}</title><pubDate>day {n}</pubDate>") for n in range(900)))).problems) == 20


# --------------------------------------------------------------------------------- identity
@pytest.mark.parametrize(
    ("entries", "keys"),
    [
        pytest.param(["<guid>g1</guid><link>http://e.org/1</link>"], ["g1"], id="the guid"),
        pytest.param(["<link>http://e.org/1</link>"], ["http://e.org/1"], id="else the link"),
        pytest.param(["<guid>N/A</guid><link>http://e.org/1</link>"], ["http://e.org/1"], id="a placeholder is no guid"),
        pytest.param(
            ["<guid>g</guid><link>http://e.org/1</link>", "<guid>g</guid><link>http://e.org/2</link>"],
            ["http://e.org/1", "http://e.org/2"],
            id="a shared guid is no identity",
        ),
    ],
)
def test_Q01_Q02_Q10_the_key_is_the_best_identity_there_is(rss, entries, keys):
    assert [entry.key for entry in parse(rss(*map(item, entries))).entries] == keys


def test_C41_Q01_entries_without_guid_and_link_are_told_apart_by_their_words(rss):
    body = rss(item("<title>One</title>"), item("<title>Two</title>"))

    once, again = (parse(body).entries for _ in range(2))

    assert len({entry.key for entry in once}) == 2
    assert once == again


def test_Q02_A50_entries_that_share_guid_and_link_are_all_kept(rss):
    flashes = [item(f"<title>Flash {n}</title><guid>http://e.org/live</guid><link>http://e.org/live</link>") for n in range(5)]

    feed = parse(rss(*flashes))

    assert len({entry.key for entry in feed.entries}) == 5
    assert codes(feed) == ["shared-guid"]


def test_Q03_an_entry_that_is_there_twice_is_kept_once_and_in_place(rss):
    one, two = (item(f"<title>{name}</title><guid>{name}</guid>") for name in ("One", "Two"))

    feed = parse(rss(one, two, one))

    assert ([entry.key for entry in feed.entries], codes(feed)) == (["One", "Two"], ["repeated-entry"])


def test_A50_a_huge_guid_is_a_short_key(rss):
    assert len(first(rss(item(f"<guid>{'x' * 100_000}</guid>"))).key) < 100


def test_the_hash_shows_an_edit_but_not_a_new_date(rss):
    def entry_hash(title, date):
        return first(rss(item(f"<guid>1</guid><title>{title}</title><pubDate>{date}</pubDate>"))).sha256

    assert entry_hash("One", "1 Mar 2025") == entry_hash("One", "2 Mar 2025") != entry_hash("Two", "1 Mar 2025")


# ------------------------------------------------------------------------------- the feed itself
def test_a_feed_tells_who_it_is(rss):
    head = (
        '<link>/</link><language>en_US</language><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="/feeds/all.xml"/>'
        "<image><title>Logo</title><link>http://logo.example/</link></image>"
    )

    feed = parse(rss(head=head), url=HERE)

    assert (feed.title, feed.url, feed.site_url, feed.language) == ("News", HERE, "https://news.example.org/", "en-US")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param("<ttl>180</ttl>", {"ttl_s": 10800.0}, id="ttl is in minutes"),
        pytest.param("<ttl>0</ttl>", {"ttl_s": None}, id="ttl 0 says nothing"),
        pytest.param("<ttl>-1</ttl>", {"ttl_s": None}, id="a negative ttl says nothing"),
        pytest.param("<ttl>soon</ttl>", {"ttl_s": None}, id="nor does a word"),
        pytest.param("<skipHours><hour>0</hour><hour> 5 </hour><hour>24</hour></skipHours>", {"skip_hours": frozenset({0, 5})}, id="24 is midnight"),
        pytest.param("<skipDays><day>Saturday</day><day>Sunday</day><day>Blursday</day></skipDays>", {"skip_days": frozenset({5, 6})}, id="days"),
        pytest.param(
            '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>'
            '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">2</sy:updateFrequency>',
            {"update_period_s": 43200.0},
            id="twice a day",
        ),
    ],
)
def test_a_feed_tells_how_often_it_wants_to_be_asked(rss, head, expected):
    feed = parse(rss(head=head))

    assert {name: getattr(feed, name) for name in expected} == expected


def test_C42_of_too_many_entries_the_newest_are_taken_in_their_order(rss):
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")
    entries = [item(f"<guid>{year}-{month}</guid><pubDate>1 {month} {year}</pubDate>") for month in months for year in range(1990, 2190)]

    feed = parse(rss(*entries))

    assert (len(feed.entries), codes(feed)) == (1000, ["too-many-entries"])
    assert min(entry.published_at.year for entry in feed.entries) == 2023
    assert [entry.key[-3:] for entry in feed.entries] == sorted((entry.key[-3:] for entry in feed.entries), key=months.index)


def test_the_json_document_is_the_contracts(rss):
    body = rss(item("<guid>1</guid><title>One</title><pubDate>1 Mar 2025 10:00 CET</pubDate><author>Ada</author><enclosure url='http://e.org/a' length='3'/>"))

    document = json.loads(json.dumps(feeds_json(parse(body, url=HERE))))

    assert set(document) == {"format", "feed", "entries", "problems"}
    assert set(document["feed"]) >= {"title", "url", "site_url", "language"}
    assert document["entries"] == [
        {
            "key": "1",
            "id": "1",
            "url": "https://news.example.org/feeds/1",
            "title": "One",
            "summary": "",
            "content": "",
            "authors": ["Ada"],
            "published_at": "2025-03-01T09:00:00Z",
            "updated_at": None,
            "enclosures": [{"url": "http://e.org/a", "media_type": "", "length_bytes": 3}],
        }
    ]


# ------------------------------------------------------------------------------------ anything
SOUP = """
    <rss> <channel> <item> </item> <title> </title> <link> <guid> <description> <![CDATA[ ]]> <!-- --> &amp; &#0; &#xD800; &#x110000; &#99999999999; &nbsp &x; &
    <b <svg> </svg> <feed xmlns='http://www.w3.org/2005/Atom'> <entry> <content type='xhtml'> <content type='image/png'> <media:title> <image> <textinput>
    <author> <category> <source url='x'> </source> <pubDate> 1.1.2025 <itunes:image> <dc:date> xml:base='http://[' <!DOCTYPE <!ENTITY " ' > < http://[ é
    """
FRAGMENTS = st.sampled_from([*SOUP.split(), "\x00", "\ud800", "\u2028"])


@given(st.lists(FRAGMENTS, max_size=40))
def test_no_soup_of_tags_raises(fragments):
    body = "<rss version='2.0'>" + " ".join(fragments)

    feed = parse(body.encode("utf-8", "surrogatepass"), url=HERE)

    assert json.loads(json.dumps(feeds_json(feed)))["format"] == feed.format
    assert all(_is_text(entry.title + entry.summary + entry.content + entry.key) for entry in feed.entries)


def _is_text(given):
    """Half a surrogate pair would not encode."""
    return given.encode().decode() == given


@given(
    st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda tail: b"<rss><channel><item><title>" + tail)),
    st.text(max_size=40),
    st.text(max_size=40),
)
def test_no_bytes_raise(body, url, content_type):
    feed = parse(body, url=url, content_type=content_type)

    assert json.loads(json.dumps(feeds_json(feed)))["format"] == feed.format


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
JSON_ITEMS = st.dictionaries(st.sampled_from(["id", "url", "title", "content_html", "authors", "author", "attachments", "date_published"]), JSON_VALUES)


@given(st.lists(st.one_of(JSON_ITEMS, JSON_VALUES), max_size=4))
def test_no_json_raises(items):
    document = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items})

    feed = parse(document.encode(), url=HERE)

    assert json.loads(json.dumps(feeds_json(feed)))["format"] == feed.format
    assert len(feed.entries) <= len(items)
