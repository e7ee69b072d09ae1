"""What an answer does to what is stored: validators and bodies, exactly."""

import gzip
from dataclasses import replace

import pytest

from monitor.model import Feed
from monitor.store import feeds
from monitor.store.schema import article, entry, feed, poll

HEAD = (feed.c.etag, feed.c.last_modified)


@pytest.fixture
async def known(life):
    """A feed that was read once, and has validators."""
    life.web.feed("/a.xml", ("News", "/1.html", "Words.", life.clock()), etag='"1"')
    life.watches("/a.xml")
    await life.poll()
    return life


def asked_last(life):
    return life.web.asked[-1][1]


def without_parser(life):
    """From here on, whatever is parsed is a failure."""
    life.doors = replace(life.doors, sandbox=None)
    life.clock.forward(hours=1)
    return life


async def test_C03_a_304_parses_nothing_is_no_change_and_clears_the_failures(known):
    body = known.web.pages["/a.xml"]
    known.web.pages["/a.xml"] = (500, {}, b"")
    await known.poll()
    ((changed_at, polled_at, failures),) = known.rows(feed, feed.c.changed_at, feed.c.polled_at, feed.c.failures)
    known.web.pages["/a.xml"] = body

    await without_parser(known).poll()

    ((changed_later, polled_later, failures_later),) = known.rows(feed, feed.c.changed_at, feed.c.polled_at, feed.c.failures)
    assert known.rows(poll, poll.c.status, poll.c.outcome)[-1] == (304, "not-modified")
    assert (changed_later, polled_later > polled_at, failures, failures_later) == (changed_at, True, 1, 0)


async def test_C04_new_validators_in_a_304_take_the_place_of_the_old_ones(known):
    known.web.pages["/a.xml"] = (304, {"ETag": 'W/"2"', "Last-Modified": "Tue, 01 Jan 2030 00:00:00 GMT"}, b"")

    await known.poll()
    await known.poll()

    assert known.rows(feed, *HEAD) == [('W/"2"', "Tue, 01 Jan 2030 00:00:00 GMT")]
    assert (asked_last(known)["If-None-Match"], asked_last(known)["If-Modified-Since"]) == ('W/"2"', "Tue, 01 Jan 2030 00:00:00 GMT")


async def test_C04_a_304_without_validators_leaves_the_old_ones(known):
    known.web.pages["/a.xml"] = (304, {}, b"")

    await known.poll()

    assert known.rows(feed, *HEAD) == [('"1"', "")]


async def test_C05_a_body_that_was_seen_before_writes_nothing_and_counts_as_unchanged(known):
    before = known.rows(entry), known.rows(article)
    _, headers, body = known.web.pages["/a.xml"]
    known.web.pages["/a.xml"] = (200, {**headers, "ETag": '"2"'}, body)

    await without_parser(known).poll()

    assert known.rows(poll, poll.c.status, poll.c.outcome)[-1] == (200, "unchanged")
    assert (known.rows(entry), known.rows(article)) == before
    assert known.rows(feed, *HEAD) == [('"2"', "")]


async def test_C06_a_first_answer_that_cannot_be_read_leaves_no_validator_behind(life):
    life.web.pages["/a.xml"] = (200, {"ETag": '"1"', "Last-Modified": "Tue, 01 Jan 2030 00:00:00 GMT"}, b"<html><body>no feed</body></html>")
    life.watches("/a.xml")
    await life.poll()

    await life.poll()

    assert life.rows(feed, *HEAD) == [("", "")]
    assert asked_last(life).keys().isdisjoint({"If-None-Match", "If-Modified-Since"})


async def test_C06_a_body_that_cannot_be_read_later_leaves_the_validators_of_the_one_that_could(known):
    known.web.pages["/a.xml"] = (200, {"ETag": '"2"'}, b"<html><body>no feed</body></html>")

    await known.poll()

    assert known.rows(feed, *HEAD) == [('"1"', "")]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param((206, {"ETag": '"2"'}, b"<rss version='2.0'/>"), "status-206", id="C07 a part"),
        pytest.param((200, {"ETag": '"2"', "Content-Length": "9999", "Connection": "close"}, b"<rss/>"), "truncated", id="C07 cut off"),
        pytest.param((200, {"ETag": '"2"', "Content-Encoding": "gzip"}, b"<rss/>"), "bad-encoding", id="A27 a false packing"),
        pytest.param((200, {"ETag": '"2"', "Content-Encoding": "gzip"}, gzip.compress(b"<rss/>")[:-4]), "bad-encoding", id="A27 a packing cut off"),
        pytest.param((200, {"ETag": '"2"'}, b"%PDF-1.7" + bytes(100)), "content-type", id="A57 a PDF"),
    ],
)
async def test_a_body_that_cannot_be_taken_leaves_the_validators(known, answer, reason):
    known.web.pages["/a.xml"] = answer

    await known.poll()

    ((etag, last_modified, problem),) = known.rows(feed, *HEAD, feed.c.last_problem)
    assert (etag, last_modified, problem.partition(" ")[0]) == ('"1"', "", reason)


async def test_A59_a_validator_that_cannot_go_back_is_not_kept(known):
    known.web.feed("/a.xml", ("News", "/1.html", "Other words.", known.clock()), etag='"' + "x" * 2000 + '"')

    await known.poll()

    assert known.rows(feed, *HEAD) == [("", "")]


@pytest.mark.parametrize("content_type", ["text/html", "text/plain; charset=utf-8", "application/octet-stream", "nonsense", ""])
async def test_Q35_a_feed_with_a_wrong_content_type_is_read(life, content_type):
    life.web.feed("/a.xml", ("News", "/1.html", "Words.", life.clock()))
    _, _, body = life.web.pages["/a.xml"]
    life.web.pages["/a.xml"] = (200, {"Content-Type": content_type}, body)
    life.watches("/a.xml")

    await life.poll()

    assert len(life.rows(entry)) == 1


async def test_C08_a_feed_whose_address_changes_is_asked_without_the_old_validators(known):
    known.web.feed("/b.xml", ("News", "/1.html", "Words.", known.clock()), etag='"1"')

    known.database.write_now(feeds.sync_feeds, [Feed(id="a", url=f"{known.web.address}/b.xml")], known.clock())
    await known.poll()

    assert known.web.asked[-1][0] == "/b.xml"
    assert asked_last(known).keys().isdisjoint({"If-None-Match", "If-Modified-Since"})
