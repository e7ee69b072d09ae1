"""T2 and the claims of articles, on both engines."""

from dataclasses import replace

import pytest
from builders import LEASE, a_feed, a_new_entry
from sqlalchemy import select

from monitor.pipeline import is_one_page
from monitor.store import articles
from monitor.store.articles import ArticleRead
from monitor.store.schema import article


@pytest.fixture(autouse=True)
def two_entries(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"), a_new_entry("e2"))


def claim(store, step="read", limit=10):
    return store.write(articles.claim_articles, step, store.now, LEASE, limit)


def test_an_article_is_claimed_once(store):
    assert len(claim(store)) == 2
    assert claim(store) == []


def test_a_claim_takes_no_more_than_asked(store):
    assert len(claim(store, limit=1)) == 1


def test_an_article_due_to_read_is_not_due_to_judge(store):
    assert claim(store, "judge") == []


def test_an_article_that_is_not_due_yet_is_not_claimed(store):
    store.now -= LEASE

    assert claim(store) == []


def test_a_claim_brings_the_entry_that_leads_to_the_article(store):
    assert sorted(each.entry.key for each in claim(store)) == ["e1", "e2"]


def test_a_lease_that_runs_out_gives_the_article_back_under_a_new_attempt(store):
    first = claim(store)
    store.now += LEASE

    assert {each.attempt for each in claim(store)} == {first[0].attempt + 1}


def test_reading_that_lost_its_claim_saves_nothing(store):
    late = claim(store)[0]
    store.now += LEASE
    claim(store)

    saved = store.write(articles.save_reads, [ArticleRead(article=replace(late.article, text="late"), attempt=late.attempt, at=store.now)], is_one_page)

    assert saved == 0
    assert "late" not in store.database.read_now(lambda connection: connection.execute(select(article.c.text)).scalars().all())


def test_what_was_read_is_due_to_judge_with_its_text(store):
    store.read(text="What happened.")

    judged = claim(store, "judge")

    assert [each.article.text for each in judged] == ["What happened."] * 2
    assert store.database.read_now(articles.next_article_at, "read") is None
