"""What is read without feedparser is what feedparser reads."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feeds import xmlfeed
from monitor.feeds.parse import parse
from monitor.feeds.wellformed import read_wellformed

SHARED = Path(os.environ.get("MONITOR_SHARED", Path(__file__).resolve().parents[2].parent / "shared"))
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
URL = "https://press.example/news/feed.xml"
NAMESPACES = (
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
)


def by_feedparser(body, monkeypatch_context):
    monkeypatch_context.setattr(xmlfeed, "read_wellformed", lambda document: None)
    return parse(body, url=URL)


def assert_same(body):
    """The same feed both ways."""
    with pytest.MonkeyPatch.context() as patched:
        judged = by_feedparser(body, patched)
    assert parse(body, url=URL) == judged


def rss(*items, head="", version="2.0", attributes=NAMESPACES):
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'{HEAD}<rss version="{version}"{attributes}><channel><title>Press</title><link>https://press.example/</link>{head}{inside}</channel></rss>'.encode()


def atom(*entries, head="", attributes=""):
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'{HEAD}<feed xmlns="http://www.w3.org/2005/Atom"{attributes}><title>Press</title>{head}{inside}</feed>'.encode()


ITEM = (
    "<title>A talk</title><link>https://press.example/1</link><guid>g1</guid><pubDate>Sun, 13 Apr 2025 09:00:00 GMT</pubDate><description>Words</description>"
)
ENTRY = '<id>tag:press,1</id><title>A talk</title><link href="https://press.example/1"/><updated>2025-04-13T09:00:00Z</updated><summary>Words</summary>'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(ITEM), id="rss"),
        pytest.param(rss(ITEM, version="0.92", attributes=""), id="rss 0.92"),
        pytest.param(rss(ITEM, head="<language>uk</language><ttl>60</ttl><sy:updatePeriod>hourly</sy:updatePeriod>"), id="wishes"),
        pytest.param(rss(ITEM, head="<skipHours><hour>1</hour><hour>2</hour></skipHours>"), id="skipHours"),
        pytest.param(rss(ITEM, head='<atom:link href="https://press.example/feed" rel="self" type="application/rss+xml"/>'), id="self"),
        pytest.param(rss(ITEM, head="<image><url>https://press.example/i.png</url><title>Logo</title><link>https://x.example/</link></image>"), id="logo"),
        pytest.param(rss('<title>No link</title><guid isPermaLink="true">https://press.example/2</guid>'), id="guid is the link"),
        pytest.param(rss('<title>No link</title><guid isPermaLink="false">abc</guid>'), id="guid is no link"),
        pytest.param(rss("<title>x</title><guid>//press.example//2</guid><link>http:////press.example/3</link>"), id="slashes"),
        pytest.param(rss("<title>x</title><link>/rel?a=1&amp;b=2</link>"), id="relative link"),
        pytest.param(rss("<title>x</title><link>https://e.example/?a=1&amp;copy;=2</link>"), id="a reference in a link"),
        pytest.param(rss("<title>A &lt;b&gt;bold&lt;/b&gt; word &amp;amp; more</title><link>https://e.example/</link>"), id="html in a title"),
        pytest.param(rss("<title><![CDATA[<3 & you]]></title><link>https://e.example/</link>"), id="CDATA"),
        pytest.param(rss("<title>x</title><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>"), id="content only"),
        pytest.param(rss("<title>x</title><content:encoded>Long</content:encoded><description>Short</description>"), id="content first"),
        pytest.param(rss("<title>x</title><description/><content:encoded>Long</content:encoded>"), id="empty description"),
        pytest.param(rss("<title>x</title><dc:creator>A. Writer</dc:creator><dc:creator>B. Writer</dc:creator>"), id="two authors"),
        pytest.param(rss("<title>x</title><author>a@e.example (A. Writer)</author>"), id="an author's mail"),
        pytest.param(rss('<title>x</title><enclosure url="https://e.example/a.mp3" length="12" type="Audio/MPEG"/>'), id="enclosure"),
        pytest.param(rss('<title>x</title><source url="https://e.example/f">Other</source>'), id="source"),
        pytest.param(rss("<title>x</title><media:title>y</media:title>"), id="a second title"),
        pytest.param(rss("<title>x</title><title>y</title>"), id="twice"),
        pytest.param(rss("<title>x</title><dc:date>2025-04-13T09:00:00Z</dc:date>"), id="dc:date"),
        pytest.param(rss("<title>KÃ¶ln und DÃ¼sseldorf</title>"), id="encoded twice"),
        pytest.param(rss("<title>Köln</title><description>Привіт</description>"), id="not ascii"),
        pytest.param(rss("<title>quote&#146;s</title>"), id="a control as a number"),
        pytest.param(rss("<title>a &nbsp; b</title>"), id="an entity of HTML"),
        pytest.param(rss("<title>AT&T</title>"), id="a bare ampersand"),
        pytest.param(rss("<title>x</title><!-- a comment --><link>https://e.example/</link>"), id="comment"),
        pytest.param(rss("<title>x</title><description><p>real markup</p></description>"), id="markup"),
        pytest.param(rss('<title>x</title><link xml:base="https://other.example/">a</link>'), id="xml:base"),
        pytest.param(rss("<title>x</title><d:creator xmlns:d='http://purl.org/dc/elements/1.1/'>N</d:creator>"), id="a namespace below"),
        pytest.param(rss("<title>x</title>", attributes=' xmlns:content="http://search.yahoo.com/mrss/"'), id="a prefix that lies"),
        pytest.param(rss("<title>x</title>", attributes=' xmlns="http://backend.userland.com/rss2"'), id="rss with a namespace"),
        pytest.param(b'<!DOCTYPE rss [<!ENTITY x "y">]>' + rss("<title>&x;</title>"), id="doctype"),
        pytest.param(rss(), id="empty"),
        pytest.param(atom(ENTRY), id="atom"),
        pytest.param(atom(ENTRY, head="<id>https://press.example/</id>"), id="the feed's id is its link"),
        pytest.param(atom(ENTRY, attributes=' xml:lang="de_AT"'), id="language"),
        pytest.param(atom('<id>https://e.example/1</id><title type="html">A &lt;i&gt;b&lt;/i&gt;</title>'), id="id is the link"),
        pytest.param(atom('<id>1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x</div></title>'), id="xhtml"),
        pytest.param(atom('<id>1</id><title>x</title><content type="html">&lt;p&gt;L&lt;/p&gt;</content>'), id="atom content"),
        pytest.param(atom('<id>1</id><title>x</title><content type="text">L &amp;lt; M</content><summary>S</summary>'), id="atom text content"),
        pytest.param(atom('<id>1</id><title>x</title><content src="https://e.example/c" type="html"/>'), id="content elsewhere"),
        pytest.param(atom('<id>1</id><title>x</title><link rel="edit" href="/e"/><link rel="enclosure" href="/a.mp3" length="5"/>'), id="links"),
        pytest.param(atom("<id>1</id><title>x</title><author><name>N</name><email>n@e.example</email><uri>/n</uri></author>"), id="atom author"),
        pytest.param(atom("<id>1</id><title>x</title><author><email>n@e.example</email></author>"), id="author without a name"),
        pytest.param(atom("<id>1</id><title>x</title><source><title>Other</title></source>"), id="atom source"),
    ],
)
def test_both_ways_give_the_same_feed(body):
    assert_same(body)


@pytest.mark.parametrize("body", [rss(ITEM), atom(ENTRY)])
def test_common_feeds_do_not_need_feedparser(body):
    assert read_wellformed(body) is not None


@pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="../shared is not here")
def test_every_feed_of_the_corpus_is_the_same_both_ways():
    found = [path for path in sorted(Path(SHARED / "corpus" / "feeds").iterdir()) if path.suffix in (".xml", ".rdf", ".rss", ".atom")]

    for path in found:
        assert_same(path.read_bytes())

    assert len(found) > 50


words = st.text(st.sampled_from("aZé ü-Жツ&<>;#'\"]/0\n\t\x85\u00a0ÃÂ¶"), max_size=12)
escaped = words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))
addresses = st.sampled_from(["https://e.example/1", "/a?b=1&amp;c=2", "", "http:///x", "mailto:a@b", " https://e.example/2 ", "tag:e,1", "https://[x/"])


NO_ATTRIBUTES = st.just("")


def element(name, attributes=NO_ATTRIBUTES):
    return st.tuples(attributes, escaped | addresses).map(lambda given: f"<{name}{given[0]}>{given[1]}</{name}>")


rss_parts = st.one_of(
    *(
        element(name)
        for name in ("title", "link", "pubDate", "description", "content:encoded", "dc:creator", "dc:date", "category", "author", "comments", "source")
    ),
    element("guid", st.sampled_from(["", ' isPermaLink="false"', ' isPermaLink="true"', ' isPermaLink="x"'])),
    st.sampled_from(['<enclosure url="/a.mp3" type="A/B"/>', "<media:content/>", "<!--c-->", "<title><b>x</b></title>", "<x/>", '<link href="/z"/>']),
)
types = st.sampled_from(["", ' type="html"', ' type="text"', ' type="TEXT/HTML"', ' type="text/plain"', ' type="application/x"'])
atom_parts = st.one_of(
    *(element(name, types) for name in ("title", "summary", "content")),
    *(element(name) for name in ("id", "updated", "published", "category", "rights")),
    addresses.map(lambda address: f'<link href="{address}"/>'),
    st.sampled_from(['<link rel="self" href="/s"/>', '<link rel="ALTERNATE" type="Text/HTML" href="/t"/>', "<author><name>N</name></author>", "<x/>"]),
)


@settings(max_examples=150)
@given(st.lists(st.lists(rss_parts, max_size=6).map("".join), max_size=3), st.lists(rss_parts, max_size=2).map("".join))
def test_invented_rss_is_the_same_both_ways(items, head):
    assert_same(rss(*items, head=head))


@settings(max_examples=150)
@given(st.lists(st.lists(atom_parts, max_size=6).map("".join), max_size=3), st.lists(atom_parts, max_size=2).map("".join))
def test_invented_atom_is_the_same_both_ways(entries, head):
    assert_same(atom(*entries, head=head))
