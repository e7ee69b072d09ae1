"""Reading only what changed gives the same entries as reading everything."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.feeds import news
from monitor.feeds.changes import KnownEntry, Past, compare
from monitor.feeds.news import News, Seen, glance, is_worth_a_look, look, read_news
from monitor.feeds.parse import parse
from monitor.urls import url_key

HERE = "https://news.example.org/feeds/all.xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Follower:
    """Follows one feed as a poll does, and beside it the same feed read whole every time."""

    def __init__(self, url=HERE):
        self.url, self.seen = url, Seen()
        self.known, self.known_whole = {}, {}

    def reads(self, body, *, now=NOON, content_type=""):
        """What is new and edited, by reading only what changed; it must be what reading the whole finds."""
        self.news = read_news(body, url=self.url, content_type=content_type, seen=self.seen, now=now)
        whole = parse(body, url=self.url, content_type=content_type)
        found = self.compared(self.known, self.news.feed.entries if self.news.feed else ())
        expected = self.compared(self.known_whole, whole.entries)
        assert (found.new, found.edited, found.renamed) == (expected.new, expected.edited, expected.renamed)
        glanced = glance(body, url=self.url, seen=self.seen, now=now)
        assert glanced in (None, self.news)
        assert look(body, url=self.url, seen=self.seen, now=now) in (None, self.news)
        self.known, self.known_whole = _grown(self.known, found), _grown(self.known_whole, expected)
        self.seen = self.news.seen
        return found

    @staticmethod
    def compared(known, entries):
        """What the poll would find, with all it knows of the past at hand."""
        by_link = {}
        for entry in filter(lambda entry: entry.url, known.values()):
            by_link.setdefault(url_key(entry.url), []).append(_known(entry))
        links = {entry.key: url_key(entry.url) for entry in entries if entry.url}
        return compare(Past(by_key={key: _known(entry) for key, entry in known.items()}, by_link=by_link), entries, links)


def _known(entry):
    return KnownEntry(key=entry.key, sha256=entry.sha256, title=entry.title)


def _grown(known, found):
    kept = {key: entry for key, entry in known.items() if key not in found.renamed.values()}
    renamed = {new: replace(known[old], key=new) for new, old in found.renamed.items()}
    return kept | renamed | {entry.key: entry for entry in (*found.new, *found.edited)}


def is_old_news(body, *, url, seen, now):
    return glance(body, url=url, seen=seen, now=now) == News(feed=None, seen=seen)


@pytest.fixture
def follower():
    return Follower()


def item(number, *, title="News {}", more=""):
    return f"<item><title>{title.format(number)}</title><link>/{number}</link><guid>g{number}</guid>{more}</item>"


def items(*numbers, **options):
    return [item(number, **options) for number in numbers]


# ------------------------------------------------------------------------------------- what is read
def test_only_the_new_item_is_read(rss, follower):
    follower.reads(rss(*items(1, 2, 3, 4)))

    found = follower.reads(rss(*items(5, 1, 2, 3)))

    assert [entry.title for entry in found.new] == ["News 5"]
    assert (len(follower.news.feed.entries), follower.news.unread) == (1, 3)


def test_one_new_item_is_seen_at_a_glance(rss, follower):
    follower.reads(rss(*items(1, 2, 3, 4)))
    body = rss(*items(5, 1, 2, 3))

    glanced = glance(body, url=HERE, seen=follower.seen, now=NOON)

    assert ([entry.title for entry in glanced.feed.entries], glanced.unread) == (["News 5"], 3)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(item(5, title="A & B"), id="what needs feedparser"),
        pytest.param(item(5, more=f"<description>{'x' * 20_000}</description>"), id="a long item"),
        pytest.param(item(5, more=f"<description><![CDATA[{'<b>' * 4_000}]]></description>"), id="thousands of tags"),
        pytest.param(item(5, title="FÃ¶rderung"), id="text that needs repair"),
        pytest.param(item(5, more=f"<description>{'x' * 300_000}</description>"), id="a large document"),
    ],
)
def test_what_takes_longer_than_a_glance_is_left_for_the_sandbox(rss, follower, new):
    follower.reads(rss(*items(1, 2, 3, 4)))

    assert glance(rss(new, *items(1, 2, 3)), url=HERE, seen=follower.seen, now=NOON) is None
    assert [entry.key for entry in follower.reads(rss(new, *items(1, 2, 3))).new] == ["g5"]


def test_a_feed_of_whole_articles_takes_a_longer_look_once(rss, follower):
    body = rss(*(item(number, more=f"<description>{'word &amp;lt;p&amp;gt; ' * 700}</description>") for number in range(10)))
    assert glance(body, url=HERE, seen=Seen(), now=NOON) is None
    assert is_worth_a_look(body, seen=Seen(), now=NOON)

    follower.reads(body)

    assert look(body, url=HERE, seen=Seen(), now=NOON) == follower.news
    assert not is_worth_a_look(body, seen=follower.seen, now=NOON)


@pytest.mark.parametrize(
    "body", [pytest.param(b"", id="nothing"), pytest.param(b"\xff<rss/>", id="no UTF-8"), pytest.param(b"<rss>&nbsp;</rss>", id="what needs feedparser")]
)
def test_a_longer_look_leaves_what_is_doubtful_to_the_sandbox(body):
    assert look(body, url=HERE, seen=Seen(), now=NOON) is None


def test_an_edited_item_is_read(rss, follower):
    follower.reads(rss(*items(1, 2, 3, 4)))

    found = follower.reads(rss(item(1, title="Corrected"), *items(2, 3, 4)))

    assert ([entry.title for entry in found.edited], follower.news.unread) == (["Corrected"], 3)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("<lastBuildDate>Sun, 01 Mar 2026 10:00:00 GMT</lastBuildDate>", "<lastBuildDate>now</lastBuildDate>", id="lastBuildDate"),
        pytest.param("<pubDate>1 Mar 2026</pubDate>", "<pubDate><![CDATA[ 2 Mar 2026 ]]></pubDate>", id="pubDate of the channel"),
        pytest.param("<dc:date>2026-03-01</dc:date>", "<dc:date>2026-03-02</dc:date>", id="dc:date"),
        pytest.param("<generator>Press 1.0</generator>", "<generator>Press 1.1</generator>", id="generator"),
        pytest.param("<!-- built 1 -->", "<!-- built 2 -->", id="comment"),
    ],
)
def test_when_only_the_build_time_differs_nothing_is_read(rss, follower, before, after):
    follower.reads(rss(*items(1, 2), head=before))

    assert is_old_news(rss(*items(1, 2), head=after), url=HERE, seen=follower.seen, now=NOON)
    follower.reads(rss(*items(1, 2), head=after))
    assert follower.news.feed is None


def test_a_comment_after_the_feed_is_no_news(rss, follower):
    follower.reads(rss(*items(1, 2)) + b"<!-- built 1 -->")

    assert is_old_news(rss(*items(1, 2)) + b"<!-- built 2 -->", url=HERE, seen=follower.seen, now=NOON)


def test_an_atom_feed_that_was_only_updated_is_no_news(atom, follower):
    entry = "<entry><id>1</id><title>One</title></entry>"
    follower.reads(atom("<updated>2026-03-01T10:00:00Z</updated>" + entry))

    assert is_old_news(atom("<updated>2026-03-01T11:00:00Z</updated>" + entry), url=HERE, seen=follower.seen, now=NOON)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("<title>Account suspended</title>", id="title"),
        pytest.param("<ttl>60</ttl>", id="ttl"),
        pytest.param("<skipHours><hour>1</hour></skipHours>", id="skipHours"),
        pytest.param("<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>https://e.org/</itunes:new-feed-url>", id="new address"),
    ],
)
def test_what_else_the_feed_says_of_itself_is_heard(rss, follower, head):
    follower.reads(rss(*items(1, 2)))

    follower.reads(rss(*items(1, 2), head=head))

    assert follower.news.feed is not None


def test_an_item_hidden_in_a_date_or_a_comment_is_seen(rss, follower):
    follower.reads(rss(item(1), head="<pubDate>1</pubDate>"))

    for head in (f"<pubDate>{item(2)}</pubDate>", f"<!-- -- > {item(3)} -->", "<pubDate>a &amp; b</pubDate>"):
        assert not is_old_news(rss(item(1), head=head), url=HERE, seen=follower.seen, now=NOON)


def test_items_that_leave_or_change_places_are_no_news(rss, follower):
    follower.reads(rss(*items(1, 2, 3, 4)))

    follower.reads(rss(*items(4, 2, 1)))

    assert (follower.news.feed, follower.news.unread) == (None, 3)


def test_an_item_that_left_and_comes_back_is_read_again(rss, follower):
    follower.reads(rss(*items(1, 2, 3)))
    follower.reads(rss(*items(2, 3)))

    follower.reads(rss(*items(1, 2, 3)))

    assert [entry.key for entry in follower.news.feed.entries] == ["g1"]


# --------------------------------------------------------------------------- when all is read again
def test_nothing_is_hidden_for_more_than_a_week(rss, follower):
    body = rss(*items(1, 2, 3))
    follower.reads(body)
    follower.reads(rss(*items(1, 2, 3, 4)), now=NOON + timedelta(days=6))

    assert is_old_news(rss(*items(1, 2, 3, 4)), url=HERE, seen=follower.seen, now=NOON + timedelta(days=6))
    assert not is_old_news(rss(*items(1, 2, 3, 4)), url=HERE, seen=follower.seen, now=NOON + timedelta(days=8))
    follower.reads(rss(*items(1, 2, 3, 4)), now=NOON + timedelta(days=8))
    assert (len(follower.news.feed.entries), follower.news.unread) == (4, 0)


def test_a_clock_that_jumped_back_does_not_stretch_the_week(rss, follower):
    follower.reads(rss(*items(1, 2)))

    assert not is_old_news(rss(*items(1, 2)), url=HERE, seen=follower.seen, now=NOON - timedelta(days=1))


def test_after_a_change_of_the_reading_all_is_read_again(rss, follower, monkeypatch):
    follower.reads(rss(*items(1, 2, 3)))

    monkeypatch.setattr(news, "RULES", news.RULES + 1)
    follower.reads(rss(*items(1, 2, 3)))

    assert len(follower.news.feed.entries) == 3


def test_at_another_address_relative_links_mean_something_else(rss, follower):
    follower.reads(rss(*items(1, 2, 3)))

    follower.url = "https://elsewhere.example.org/"
    found = follower.reads(rss(*items(1, 2, 3)))

    assert found.edited[0].url == "https://elsewhere.example.org/1"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(items(1, 2, 5, 5), id="an item twice"),
        pytest.param([*items(1, 2, 3), item(5).replace("g5", "g1")], id="a guid that is taken"),
        pytest.param([*items(1, 2, 3), item(5).replace("/5", "/1")], id="a link that is taken"),
        pytest.param([*items(1, 2, 3), item(5).replace("/5", "/1?utm_source=rss")], id="a page that is taken"),
        pytest.param([*items(1, 2, 3), item(5).replace("<guid>g5</guid>", "").replace("/5", "/1")], id="a link for a guid that is taken"),
        pytest.param([*items(1, 2, 3), "<item><title>Nameless</title></item>"], id="neither guid nor link"),
        pytest.param([*items(1, 2, 3), item(5).replace("g5", "https://e.org/g").replace("/5", "g")], id="a guid that is https now"),
        pytest.param([*items(1, 2, 3), item(5).replace("/5", "http://e.org/g")], id="a link that is a guid elsewhere"),
        pytest.param(items(1, 5, 6, 7), id="mostly new"),
        pytest.param([*items(1, 2, 3), item(5, title="A & B < C")], id="broken"),
        pytest.param([*items(1, 2, 3), "<item><title>A<title>B</title></title><guid>x</guid></item>"], id="a title in a title"),
        pytest.param([*items(1, 2, 3), "<item><guid>x</guid><svg><title>A</title></svg></item>"], id="a picture in markup"),
        pytest.param([*items(1, 2, 3), f"<item><guid>x</guid>{item(6)}</item>"], id="an item in an item"),
        pytest.param([*items(1, 2, 3), "<b>", item(5), "</b>"], id="an item further in"),
        pytest.param([*items(1, 2), "<image><title>x</title></image>", *items(3, 4, 5)], id="something between items"),
        pytest.param([*items(1, 2, 3), "<item xmlns:dc='http://e.org/'><guid>x</guid><dc:title>x</dc:title></item>"], id="a prefix of its own meaning"),
    ],
)
def test_where_it_is_in_doubt_the_whole_is_read(rss, follower, changed):
    follower.reads(rss(*items(1, 2), item(3, more="<link>/three</link>").replace("g3", "http://e.org/g"), item(4)))
    changed = [
        each.replace("g3", "http://e.org/g").replace("</guid></item>", "</guid><link>/three</link></item>") if ">g3<" in each else each for each in changed
    ]

    follower.reads(rss(*changed))

    assert (len(follower.news.feed.entries) >= 3, follower.news.unread) == (True, 0)


def test_entries_that_shared_a_guid_are_read_whole_until_they_do_not(rss, follower):
    alike = [item(number).replace(f"g{number}", "same") for number in (1, 2)]
    follower.reads(rss(*alike, *items(3, 4, 5)))

    follower.reads(rss(alike[0], *items(3, 4, 5)))
    assert follower.news.unread == 0
    follower.reads(rss(alike[0], *items(3, 4, 5, 6)))
    assert follower.news.unread == 4


def test_the_head_that_feedparser_carries_into_the_first_item_is_carried_into_no_other(rss, follower):
    head = "<description>One</description><media:description>Two</media:description>"
    described = "<description>short</description><description>long</description>"
    follower.reads(rss(*items(1, 2, 3, more=described), head=head))

    found = follower.reads(rss(*items(1, 2, 3, 4, more=described), head=head))
    assert (found.new[0].content, follower.news.unread) == ("long", 3)
    follower.reads(rss(*items(5, 1, 2, 3, 4, more=described), head=head))


def test_a_feed_in_an_old_encoding_is_followed_item_by_item(follower):
    def body(*titles):
        rows = "".join(f"<item><title>{title}</title><guid>{title}</guid></item>" for title in titles)
        return f"<?xml version='1.0' encoding='windows-1251'?><rss version='2.0'><channel>{rows}</channel></rss>".encode("cp1251")

    follower.reads(body("Одеса", "Київ", "Львів"))
    found = follower.reads(body("Харків", "Одеса", "Київ"))

    assert ([entry.title for entry in found.new], follower.news.unread) == (["Харків"], 2)


def test_what_is_no_feed_is_remembered_as_nothing(follower):
    for body in (b"", b"<html><body>x</body></html>", b"words", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}'):
        follower.reads(body)

        assert follower.news.feed is not None
        assert not is_old_news(b"other", url=HERE, seen=follower.seen, now=NOON)


# ------------------------------------------------------------------------------------- any feed
WORDS = st.sampled_from(
    ["One", "Two", "Три", "A &amp; B", "A & B", "&nbsp;", "<![CDATA[<b>x</b>]]>", "<![CDATA[</item><item>]]>", "<!-- </item> -->", "\x0b", "<b>x", ""]
)
DIV = "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A <b>b</b> <link/><source>x</source></div></content>"
PIECES = st.sampled_from(
    [
        "<description>d</description>",
        "<description><![CDATA[<p>d</p>]]></description>",
        "<description>a<p>b</p></description>",
        "<description>a<div xml:base='http://other.example/'>b</div></description>",
        "<content:encoded><![CDATA[<p>All</p>]]></content:encoded>",
        "<summary>s<summary>t</summary></summary>",
        "<media:content url='x'><media:title>Picture</media:title><media:description>d</media:description></media:content>",
        "<media:title>Picture</media:title>",
        "<m:title xmlns:m='http://search.yahoo.com/mrss/'>Other</m:title>",
        "<media:thumbnail xmlns:media='http://search.yahoo.com/mrss/' url='x'/>",
        "<x:creator xmlns:x='http://purl.org/dc/elements/1.1/'>Ada</x:creator>",
        "<dc:creator xmlns:dc='http://example.org/no-dc'>Ada</dc:creator>",
        "<dc:language>uk</dc:language>",
        "<author><name>Ada</name><uri>/ada</uri></author>",
        "<source url='http://s.example/'><title>Source</title></source>",
        "<source><title>S</title><link href='/s'/><id>s</id></source>",
        "<image><title>I</title><url>/i.png</url><link>/i</link></image>",
        "<enclosure url='/a.mp3' length='3'/>",
        "<svg xmlns='http://www.w3.org/2000/svg'><title>T</title></svg>",
        "<category>c</category>",
        "<pubDate>1 Mar 2026 10:00 GMT</pubDate>",
        "<textInput><name>q</name></textInput>",
        "<wfw:x>1</wfw:x>",
        "<item><title>nested</title></item>",
        "<?php x ?>",
        "</channel>",
        "<link href='rel' xml:base='/deep/'/>",
        DIV,
    ]
)
NAMES = st.sampled_from(
    ["<guid>1</guid>", "<guid>2</guid>", "<guid isPermaLink='false'>3</guid>", "<guid>N/A</guid>", "<id>4</id>", "", "<guid>5</guid>", "<guid>6</guid>"]
)
LINKS = st.sampled_from(
    ["<link>/1</link>", "<link>/2</link>", "<link href='3'/>", "", "<link>/4?utm_source=x</link>", "<link>/4</link>", "<link>/5</link>", "<link>/6</link>"]
)
ITEMS = st.builds(lambda *parts: "".join(parts), NAMES, LINKS, WORDS.map("<title>{}</title>".format), st.lists(PIECES, max_size=3).map("".join))
GAPS = st.sampled_from(["", "", "\n ", "<!-- gap -->", "<!-- <item> -->", "text", "<hr/>"])
HEADS = st.sampled_from(
    [
        "",
        "<title>T</title>",
        "<description>One</description><itunes:summary xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>Two</itunes:summary>",
        "<lastBuildDate>x</lastBuildDate>",
        "<image><title>I</title><link>/i</link></image>",
        "<x:y xmlns:x='http://search.yahoo.com/mrss/'/>",
        "<x:y xmlns:x='http://example.org/'/>",
        "<title>a<title>b</title></title>",
        "<title type='xhtml'><div>b</div></title>",
        "<textInput><title>q</title></textInput>",
        "<body>x</body>",
    ]
)
ROOTS = st.sampled_from(
    [
        ("<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>", "item", "</channel></rss>"),
        ("<rss version='2.0' xmlns:media='http://purl.org/dc/elements/1.1/'><channel xml:base='http://b.example/'>", "item", "</channel></rss>"),
        ("<feed xmlns='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/' xml:lang='uk'>", "entry", "</feed>"),
        ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel/>", "item", "</rdf:RDF>"),
        ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>", "item", "</rdf:RDF>"),
        ("<rss><channel>", "ITEM", "</channel></rss>"),
        ("<!DOCTYPE rss [<!ENTITY b 'B'>]><rss><channel>", "item", "</channel></rss>"),
    ]
)  # fmt: skip


SAFE_PIECES = st.sampled_from(
    [
        "<description>d</description>",
        "<description>d</description><description>more</description>",
        "<description><![CDATA[<p>d</p> </item> <item>]]></description>",
        "<summary>s</summary><content:encoded><![CDATA[<p>All</p>]]></content:encoded>",
        "<description>a<p>b</p><div>c</div></description>",
        "<media:group><media:content url='x'><media:title>Picture</media:title></media:content></media:group>",
        "<media:title>Picture</media:title><media:thumbnail xmlns:media='http://search.yahoo.com/mrss/' url='x'/>",
        "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Ada</dc:creator><dc:language>uk</dc:language>",
        "<author><name>Ada</name><uri>/ada</uri></author>",
        "<source url='http://s.example/'>Source</source>",
        "<source><title>S</title><link href='/s'/><id>s</id></source>",
        "<enclosure url='/a.mp3' length='3'/><category>c</category>",
        "<pubDate>1 Mar 2026 10:00 GMT</pubDate>",
        "<link href='rel' xml:base='/deep/'/>",
        "<!-- </item> <not an='item -->",
        "<content type='xhtml'><p xmlns='http://www.w3.org/1999/xhtml'>A <b>b</b><img src='x'/></p></content>",
    ]
)


@st.composite
def usual_histories(draw):
    """Answers of a feed as most are: every item has a guid of its own, a few come, go and change."""
    opening, tag, closing = draw(ROOTS)
    count = draw(st.integers(6, 10))
    pool = [
        f"<guid isPermaLink='{draw(st.sampled_from(['true', 'false']))}'>g{number}</guid>{draw(st.sampled_from(['', f'<link>/{number}</link>']))}"
        f"<title>{draw(st.sampled_from(['T', 'A &amp; B', '<![CDATA[C]]>']))} {number}</title>{draw(st.lists(SAFE_PIECES, max_size=2).map(''.join))}"
        for number in range(count)
    ]
    head, first, answers = draw(HEADS), draw(st.integers(1, 3)), []
    for _ in range(3):
        body = "".join(f"<{tag}>{each}</{tag}>" for each in pool[first:])
        answers.append(f"{opening}{head}{body}{draw(st.sampled_from(['', '<!-- x -->']))}{closing}")
        first = draw(st.integers(0, first))
        place = draw(st.integers(0, count - 1))
        pool[place] = draw(
            st.one_of(st.just(pool[place]), SAFE_PIECES.map(lambda piece, old=pool[place]: old + piece), PIECES.map(lambda piece, old=pool[place]: old + piece))
        )
    return answers


@st.composite
def histories(draw):
    """Three answers of one feed: items come, go, change and change places; sometimes the head does."""
    opening, tag, closing = draw(ROOTS)
    pool = draw(st.lists(ITEMS, min_size=3, max_size=7))
    head = draw(HEADS)
    answers = []
    for _ in range(3):
        chosen = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=6))
        gap = draw(GAPS)
        head = draw(st.one_of(st.just(head), HEADS))
        answers.append(f"{opening}{head}{gap.join(f'<{tag}>{body}</{tag}>' for body in chosen)}{closing}")
        pool = [re.sub("title>", "title>!", body, count=1) if draw(st.booleans()) else body for body in pool]
    return answers


@settings(deadline=None)  # how long a reading takes is no matter here
@given(usual_histories())
def test_a_usual_feed_gives_the_same_entries_item_by_item_as_whole(answers):
    follower = Follower()

    for answer in answers:
        follower.reads(answer.encode())


@given(histories())
@example(["<rss version='2.0'><channel><item><guid>1</guid></item></channel></rss>"] * 3)
def test_any_feed_gives_the_same_entries_item_by_item_as_whole(answers):
    follower = Follower()

    for answer in answers:
        follower.reads(answer.encode("utf-8", "surrogatepass"))


def test_what_is_remembered_is_small_and_of_one_item_each(rss, follower):
    follower.reads(rss(*items(*range(100))))

    assert len(follower.seen.items) < 2500
    assert replace(follower.seen, items=b"") == Seen(fingerprint=follower.seen.fingerprint)
