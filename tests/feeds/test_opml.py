"""Many feeds out of one file, and no harm out of it."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.opml import OpmlError, OpmlFeed, feed_id, read

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>Watch</title></head>
  <body>
    <outline text="Europe">
      <outline text="Press rooms">
        <outline type="rss" text="Рада" title="Верховна Рада" xmlUrl="https://rada.example.ua/rss?a=1&amp;b=2" htmlUrl="https://rada.example.ua/" language="uk"/>
      </outline>
      <outline text="NATO" xmlurl="https://nato.example.int/rss"/>
    </outline>
    <outline text="Top" xmlUrl="http://top.example.org/feed"/>
    <outline text="Again" xmlUrl="http://TOP.example.org:80/feed#x"/>
    <outline text="A note"/>
  </body>
</opml>
"""


def opml(body):
    return f"<opml><body>{body}</body></opml>".encode()


def test_a_list_gives_its_feeds_with_their_groups_each_once():
    assert read(LIST.encode()) == (
        OpmlFeed(
            url="https://rada.example.ua/rss?a=1&b=2", title="Верховна Рада", site_url="https://rada.example.ua/", language="uk", group="Europe/Press rooms"
        ),
        OpmlFeed(url="https://nato.example.int/rss", title="NATO", group="Europe"),
        OpmlFeed(url="http://top.example.org/feed", title="Top"),
    )


def test_a_list_in_another_encoding_is_read():
    assert read(LIST.replace("UTF-8", "windows-1251").encode("cp1251")) == read(LIST.encode())
    assert read(b"\xef\xbb\xbf" + LIST.encode()) == read(LIST.encode())


def test_an_empty_list_has_no_feeds():
    assert read(opml("")) == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", r"broken", id="empty"),
        pytest.param(b"<html><body/></html>", r"line 1: <html> where <opml> was expected", id="a page"),
        pytest.param(b"<opml>\n<body>\n<outline text='a & b'/></body></opml>", r"line 3: the XML is broken", id="broken XML"),
        pytest.param(b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body/></opml>', r"line 1: a DOCTYPE is not taken", id="entities"),
        pytest.param(b'<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>', r"a DOCTYPE is not taken", id="outside file"),
        pytest.param(opml("<outline text='x'>" * 40), r"more than 32 elements", id="too deep"),
        pytest.param(opml("\n<outline text='x' xmlUrl='file:///etc/passwd'/>"), r'line 2: "file:///etc/passwd" is no http', id="a file"),
        pytest.param(opml("<outline text='x' xmlUrl='javascript:alert(1)'/>"), r"is no http", id="a script"),
        pytest.param(opml("".join(f"<outline xmlUrl='http://e.org/{n}'/>" for n in range(11))), r"more than 10 feeds", id="too many"),
        pytest.param(b"<opml>" + b" " * (5 * 1024 * 1024), r"bytes are too many", id="too large"),
        pytest.param(b'<?xml version="1.0" encoding="no-such"?><opml/>', r"encoding|decoded", id="no such encoding"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(data, message):
    with pytest.raises(OpmlError, match=message):
        read(data, max_feeds=10)


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: opml(text.replace("\ud800", "")) if text.isascii() else text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_give_feeds_or_an_opml_error(data):
    with suppress(OpmlError):
        assert isinstance(read(data), tuple)


@pytest.mark.parametrize(
    ("title", "url", "slug"),
    [
        pytest.param("NATO News & Views", "https://nato.example.int/rss", "nato-news-views", id="title"),
        pytest.param("Verkhovna Rada – Žinios", "https://e.org/", "verkhovna-rada-zinios", id="accents"),
        pytest.param("Верховна Рада", "https://www.rada.gov.ua/rss", "rada-gov-ua", id="no Latin letters: the site"),
        pytest.param("", "nonsense", "nonsense", id="hardly anything"),
        pytest.param("x" * 200, "https://e.org/", "x" * 40, id="long"),
    ],
)
def test_an_id_is_readable_plain_and_stable(title, url, slug):
    made = feed_id(title, url)

    assert re.fullmatch(re.escape(slug) + "-[0-9a-f]{6}", made)
    assert made == feed_id(title, url)


def test_two_feeds_of_one_title_have_two_ids():
    assert feed_id("News", "https://e.org/a") != feed_id("News", "https://e.org/b")
