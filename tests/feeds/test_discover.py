"""From a site's page to the feeds that it may have, the likeliest first."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.discover import MOST_CANDIDATES, Candidate, How, candidates, likeliest
from monitor.urls import canonical

PAGE = "https://paper.example/news/index.html"


def page(head="", body=""):
    return f"<!doctype html><html><head><title>Paper</title>{head}</head><body>{body}</body></html>".encode()


def link(href, kind="application/rss+xml", title="", rel="alternate"):
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def addresses(found):
    return [candidate.url for candidate in found]


def in_page(*tags, url=PAGE, body=""):
    return candidates(page("".join(tags), body), url=url, guess=False)


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("application/rss+xml", "rss"),
        ("application/atom+xml", "atom"),
        ("application/feed+json", "json"),
        ("application/json", "json"),
        ("application/rdf+xml", "rss"),
        ("text/xml", "rss"),
        ("Application/RSS+XML; charset=utf-8", "rss"),
    ],
)
def test_links_to_feeds_of_every_kind_are_found(kind, means):
    (found,) = in_page(link("/feed", kind, "News"))

    assert found == Candidate(url="https://paper.example/feed", how=How.LINKED, title="News", kind=means)


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param(link("/de/", "text/html"), id="another language"),
        pytest.param(link("/wp-json/wp/v2/posts/7", "application/json"), id="an API of WordPress"),
        pytest.param(link("/oembed?url=x", "application/json+oembed"), id="oEmbed"),
        pytest.param(link("/x.css", "text/css", rel="alternate stylesheet"), id="a stylesheet"),
        pytest.param(link("javascript:alert(1)"), id="a script"),
        pytest.param(link("file:///etc/passwd"), id="a file"),
        pytest.param(link("https://user:secret@paper.example/feed"), id="a password"),
        pytest.param(link("http://[::1/feed"), id="no address"),
        pytest.param("<!-- " + link("/feed") + " -->", id="a comment"),
        pytest.param(f"<script>document.write('{link('/feed')}')</script>", id="a text in a script"),
    ],
)
def test_what_is_no_link_to_a_feed_is_left_out(tag):
    assert in_page(tag) == ()


def test_addresses_are_resolved_against_the_base_of_the_page():
    found = in_page('<base href="https://cdn.example/a/">', link("feed.xml"), link("//other.example/feed"), link("feed://third.example/feed"))

    assert addresses(found) == ["https://cdn.example/a/feed.xml", "https://other.example/feed", "https://third.example/feed"]


def test_what_the_page_declares_comes_before_what_it_names_before_guesses_and_comments_come_last_of_their_kind():
    found = candidates(
        page(link("/comments/feed", title="Comments") + link("/feed", title="News"), '<a href="/politics.rss">Politics</a> <a href="/about">About us</a>'),
        url=PAGE,
    )

    assert addresses(found)[:3] == ["https://paper.example/feed", "https://paper.example/comments/feed", "https://paper.example/politics.rss"]
    assert [candidate.how for candidate in found[2:4]] == [How.NAMED, How.GUESSED]
    assert found[2].title == "Politics"


def test_a_page_that_says_nothing_leaves_the_usual_paths_under_it_and_at_the_root():
    found = addresses(candidates(page(), url=PAGE))

    assert {"https://paper.example/news/feed", "https://paper.example/feed", "https://paper.example/rss.xml"} <= set(found)
    assert len(found) == len(set(found)) <= MOST_CANDIDATES


def test_the_page_itself_is_no_candidate():
    assert in_page(link(PAGE)) == ()


def test_the_feed_with_the_old_name_comes_first_then_what_is_like_the_old_address():
    found = in_page(
        link("/feed", title="Everything"), link("/world/rss.xml", title="World"), link("/sport/rss.xml", title="Sport"), link("/ukraine.xml", title="War diary")
    )

    ordered = likeliest(found, title="WAR DIARY", old_url="https://paper.example/old/world.rss")

    assert [candidate.title for candidate in ordered] == ["War diary", "World", "Sport", "Everything"]


def test_titles_of_strangers_become_clean_lines():
    (found,) = in_page('<link rel="alternate" type="application/rss+xml" href="/f" title="a&#10;b&#x202e;c&#27;[2J">')

    assert found.title.isprintable()
    assert "\u202e" not in found.title


def test_a_base_that_is_no_address_is_as_good_as_none():
    found = in_page('<base href="http://[::1">', link("/feed"))

    assert addresses(found) == ["https://paper.example/feed"]


HREFS = st.one_of(
    st.text(max_size=40), st.sampled_from(["/feed", "feed:", "feed://", "feed:https://x.example/f", "//", "http://[", "https://ex\u00e4mple.de/rss", "?", "#"])
)
TAGS = st.sampled_from(
    ['<link rel="alternate" type="application/rss+xml" href="{}">', '<base href="{}">', '<a href="{}">x</a>', "<{}", "<!--{}", "<script>{}", "<title>{}", "{}"]
)


@given(st.lists(st.tuples(TAGS, HREFS), max_size=12), st.binary(max_size=30))
def test_whatever_a_page_says_candidates_are_addresses_that_may_be_asked(tags, noise):
    body = noise + "".join(tag.format(href) for tag, href in tags).encode("utf-8", "surrogatepass")

    found = candidates(body, url=PAGE)

    assert all(candidate.url.startswith(("http://", "https://")) and candidate.url == canonical(candidate.url) for candidate in found)
    assert len(addresses(found)) == len(set(addresses(found))) <= MOST_CANDIDATES
    assert sorted(addresses(likeliest(found, title="x", old_url=PAGE))) == sorted(addresses(found))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<a href=" * 400_000, id="tags that never end"),
        pytest.param(b"<!--" * 700_000, id="comments that never end"),
        pytest.param(b"<div>" * 500_000, id="nesting"),
        pytest.param(b'<link rel=alternate type="application/rss+xml" href=/f>' * 50_000, id="links without end"),
        pytest.param(b"\x00\xff\xfe<html>" * 100_000, id="bytes of no meaning"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_page_built_to_choke_parsers_is_read_within_bounds(body):
    began = time.process_time()

    found = candidates(body, url=PAGE)

    assert len(found) <= MOST_CANDIDATES
    assert time.process_time() - began < 5
