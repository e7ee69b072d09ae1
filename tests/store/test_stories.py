"""T3: what one article means is saved once, and a story is told once; on both engines."""

from datetime import timedelta

import pytest
from builders import LEASE, a_feed, a_new_entry, an_entry
from sqlalchemy import func, select

from monitor.errors import DigestTaken
from monitor.store import articles, deliveries, stories
from monitor.store.schema import alert, article, digest, match, stem_frequency, story, story_member


@pytest.fixture(autouse=True)
def one_article(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"))
    store.read()


def count(store, table, *conditions):
    return store.database.read_now(lambda connection: connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def another_article(store, key="e2"):
    store.polled(a_new_entry(key))
    store.read()


def test_a_judgement_saves_story_match_alert_and_digest_together(store):
    assert store.judged() == {1}

    assert [count(store, table) for table in (story, story_member, match, alert, digest)] == [1, 1, 1, 1, 1]
    assert store.database.read_now(lambda connection: connection.execute(select(article.c.step)).scalar()) == "done"


def test_a_story_is_told_once_to_a_subscriber(store):
    store.judged()
    another_article(store)

    store.judged()

    assert count(store, alert, alert.c.action != "silent") == 1
    assert count(store, story_member) == 2


def test_a_story_that_grew_is_told_again_once_for_each_mark(store):
    store.judged()
    for key in ("e2", "e3"):
        another_article(store, key)
        store.judged(step=5, key="story-1-5")

    assert store.database.read_now(lambda connection: connection.execute(select(alert.c.step).order_by(alert.c.id)).scalars().all()) == [0, 5]


def test_every_silence_is_kept_with_its_reason(store):
    store.judged()
    for key in ("e2", "e3"):
        another_article(store, key)
        store.judged(action="silent")

    assert count(store, alert, alert.c.action == "silent") == 2
    assert count(store, digest) == 1


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "being closed"])
def test_nothing_is_added_to_a_digest_that_may_have_its_words_already(store, closed):
    store.judged(kind="digest", key="2026-11-22T17:00")
    (claim,) = store.write(deliveries.claim_digests, store.now, LEASE, 10)
    if closed:
        store.closes(claim)
    another_article(store)

    with pytest.raises(DigestTaken):
        store.judged(story_id=2, kind="digest", key="2026-11-22T17:00")

    assert count(store, story_member) == 1
    store.now += LEASE
    assert store.judged(story_id=2, kind="digest", key="2026-11-23T17:00") == {2}


def test_two_subscribers_are_both_told(store):
    store.judged(subscriber="desk")
    another_article(store)
    store.judged(subscriber="night")

    assert count(store, alert, alert.c.action != "silent") == 2


def test_an_article_edited_while_it_was_judged_is_judged_again_and_says_nothing_now(store):
    store.now += timedelta(seconds=1)
    claims = store.write(articles.claim_articles, "judge", store.now, LEASE, 10)
    store.polled(edited=(an_entry("e1", title="Edited", sha256="other"),))

    judgements = [stories.Judgement(article_id=each.article.id, attempt=each.attempt, version=each.article.version, at=store.now) for each in claims]
    held = store.write(stories.save_judgements, judgements, {}, {})

    assert held == set()
    assert len(store.read()) == 1


def test_a_judgement_that_lost_its_claim_saves_nothing(store):
    late = store.write(articles.claim_articles, "judge", store.now, LEASE, 10)
    store.now += LEASE
    store.write(articles.claim_articles, "judge", store.now, LEASE, 10)

    judgements = [stories.Judgement(article_id=each.article.id, attempt=each.attempt, version=each.article.version, at=store.now) for each in late]

    assert store.write(stories.save_judgements, judgements, {}, {("en", "x"): 1}) == set()
    assert count(store, stem_frequency) == 0


def test_document_frequencies_add_up(store):
    store.judged()
    another_article(store)
    store.judged()

    assert store.database.read_now(stories.load_frequencies) == {"en": (2, {})}


def test_what_clustering_needs_comes_back(store):
    store.judged()

    (remembered,) = store.database.read_now(stories.load_remembered, store.now - timedelta(hours=72), 10)

    assert (remembered.article_id, remembered.story_id, remembered.vector, remembered.outlet) == (1, 1, b"v", "nato.example")
    assert store.database.read_now(stories.last_story_id) == 1


def test_old_vectors_are_forgotten(store):
    store.judged()

    assert store.write(stories.forget_vectors, store.now + timedelta(hours=1)) == 1
    assert store.database.read_now(stories.load_remembered, store.now - timedelta(hours=72), 10) == []


def test_what_was_told_is_known_per_story(store):
    store.judged()

    (told,) = store.database.read_now(stories.load_told, [1])

    assert (told.subscriber, told.topic, told.step) == ("desk", "topic", 0)
    assert store.database.read_now(stories.count_recent_alerts, store.now - timedelta(hours=1)) == {"desk": 1}
