"""The benchmarks' own press: what they measure is worth as much as it behaves like real sites."""

import asyncio

import httpx
import pytest

from bench import articles, peers
from monitor.articles.pages import read_page
from monitor.feeds.parse import parse


@pytest.fixture
def press():
    with peers.world(10) as world:
        yield world


def entries(answer):
    return parse(answer.content, url=str(answer.url), content_type=answer.headers["content-type"]).entries


def test_an_unchanged_feed_of_the_press_answers_304_to_its_own_etag(press):
    feed = press.addresses[0]
    etag = httpx.get(feed).headers["etag"]

    assert httpx.get(feed, headers={"If-None-Match": etag}).status_code == 304
    assert press(count=True)["asked"] == {"feeds": 2, "not modified": 1}


def test_a_publication_of_the_press_is_one_entry_of_one_feed(press):
    before = {feed: entries(httpx.get(feed)) for feed in press.addresses}

    press(publish=1)

    after = {feed: entries(httpx.get(feed)) for feed in press.addresses}
    grown = [feed for feed in press.addresses if after[feed] != before[feed]]
    assert len(grown) == 1
    assert after[grown[0]][1:] == before[grown[0]][:-1]


@pytest.mark.parametrize("number", [0, 1], ids=["RSS", "Atom"])
def test_without_validators_each_body_of_the_press_differs_and_its_entries_do_not(press, number):
    press(validators=False, volatile=True)

    first, second = httpx.get(press.addresses[number]), httpx.get(press.addresses[number])

    assert "etag" not in first.headers
    assert "last-modified" not in first.headers
    assert first.content != second.content
    assert entries(first) == entries(second)


def test_the_faulty_press_fails_as_it_says():
    with peers.world(60, is_faulty=True) as press, httpx.Client(timeout=0.3) as client:
        assert client.get(press.addresses[3]).status_code == 500
        assert client.get(press.addresses[5]).status_code == 200
        for number in (1, 2):
            with pytest.raises(httpx.ReadTimeout):
                client.get(press.addresses[number])
        with client.stream("GET", press.addresses[4]) as bomb:
            assert (bomb.headers["content-encoding"], int(bomb.headers["content-length"]) < 300_000) == ("gzip", True)


# ------------------------------------------------------------------------------------------- pages to read
def test_each_round_of_pages_has_words_of_its_own():
    bodies = [body for body, _ in articles.pages(2 * len(articles.originals())) if body]  # one of the corpus is empty

    assert len(set(bodies)) == len(bodies) > 160


def test_pages_without_the_corpus_are_those_of_the_press(monkeypatch, tmp_path):
    monkeypatch.setattr(articles, "CORPUS", tmp_path)

    assert {read_page(body, url).article.status for body, url in articles.originals()[:5]} == {"full"}


def test_the_worker_is_watched_while_it_reads(monkeypatch, tmp_path):
    monkeypatch.setattr(articles, "CORPUS", tmp_path)

    run = asyncio.run(articles.endure(20))

    assert (run.workers, run.failed, len(run.peaks)) == (1, 0, 10)
    assert all(20 < mib < 1024 for mib in run.peaks)
    assert 0 < run.slowest_s < 60
