"""What is old is forgotten in its order, and nothing that is still needed; on both engines."""

from datetime import timedelta

import pytest
from builders import LEASE, a_feed, a_new_entry, an_entry
from sqlalchemy import func, select

from monitor.model import ChannelKind, Delivery, EventKind
from monitor.store import deliveries, events, feeds, retention
from monitor.store.schema import alert, article, delivery, entry, match, poll, story, story_member, tombstone


@pytest.fixture(autouse=True)
def one_told_story(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1", content="<p>The text.</p>"))
    store.read("The text.")
    store.judged()
    (claim,) = store.write(deliveries.claim_digests, store.now, LEASE, 10)
    made = Delivery(
        id="d1",
        digest_id=claim.id,
        subscriber="desk",
        channel="file:",
        kind=ChannelKind.FILE,
        address="",
        subject="A story",
        body=b"x",
        created_at=store.now,
    )
    store.closes(claim, [made], members={(1, 1)})


def count(store, table):
    return store.database.read_now(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one())


def is_delivered(store):
    from monitor.model import Attempt, Outcome

    (claim,) = store.write(deliveries.claim_deliveries, store.now, LEASE, 10)
    store.write(deliveries.save_attempt, claim, Attempt(delivery_id="d1", number=1, at=store.now, outcome=Outcome.ACCEPTED), None)


def later(store):
    return store.now + timedelta(seconds=1)


def test_texts_go_first_and_the_story_stays(store):
    assert store.write(retention.forget_texts, later(store)) == 2

    assert store.database.read_now(lambda connection: connection.execute(select(article.c.text, article.c.title)).one()) == ("", "Title of e1")
    assert count(store, story) == 1
    assert store.write(retention.forget_texts, later(store)) == 0


def test_nothing_young_is_forgotten(store):
    then = store.now - timedelta(days=1)

    assert [store.write(forget, then) for forget in (retention.forget_texts, retention.forget_deliveries, retention.forget_polls)] == [0] * 3
    assert store.write(retention.forget_articles, then, store.now) == 0


def test_a_delivery_that_waits_is_kept_and_so_is_its_article(store):
    assert store.write(retention.forget_deliveries, later(store)) == 0
    assert store.write(retention.forget_articles, later(store), store.now) == 0


def test_an_old_article_goes_with_all_that_hangs_on_it(store):
    is_delivered(store)

    assert store.write(retention.forget_deliveries, later(store)) == 1
    assert store.write(retention.forget_articles, later(store), store.now) == 1

    assert [count(store, table) for table in (article, entry, match, alert, story_member, story, delivery)] == [0] * 7


def test_the_log_of_polls_is_bounded(store):
    assert store.write(retention.forget_polls, later(store)) == 1
    assert count(store, poll) == 0


def past(store, *entries):
    (found,) = store.database.read_now(feeds.known_entries, [feeds.Asked(feed_id="nato", entries=entries)])
    return found


def forgets_all(store):
    is_delivered(store)
    store.write(retention.forget_deliveries, later(store))
    return store.write(retention.forget_articles, later(store), store.now)


def test_C60_of_a_forgotten_entry_its_key_and_address_are_remembered(store):
    forgets_all(store)

    found = past(store, ("e1", (), ""), ("new guid", (), "nato.example/e1"), ("e2", (), "nato.example/e2"))

    assert (found.forgotten, found.forgotten_links) == ({"e1"}, {"nato.example/e1": ("e1", store.now)})


def test_an_article_whose_entries_go_on_is_not_old(store):
    is_delivered(store)
    store.write(retention.forget_deliveries, later(store))
    before = later(store)
    store.now += timedelta(days=1)
    store.polled(edited=(an_entry("e1", sha256="edited"),))
    store.read()
    store.judged(action="silent")

    assert store.write(retention.forget_articles, before, store.now) == 0
    assert store.write(retention.forget_articles, later(store), store.now) == 1


def test_C60_what_is_remembered_ends_long_after_the_feed_showed_it_last(store):
    forgets_all(store)
    seen_at = store.now
    store.now += timedelta(days=300)
    head = store.claims_feed(even_if_not_due=True)[0]
    store.write(feeds.save_polls, [feeds.FeedPoll(feed=head.feed, attempt=head.attempt, at=store.now, outcome="changed", forgotten=("e1",))])

    assert store.write(retention.forget_tombstones, seen_at + timedelta(days=401)) == 0
    assert store.write(retention.forget_tombstones, store.now + timedelta(days=401)) == 1
    assert count(store, tombstone) == 0


def test_C60_no_feed_has_more_than_a_bounded_number_of_forgotten_entries(store, monkeypatch):
    monkeypatch.setattr(feeds, "TOMBSTONES", 10)
    store.polled(*(a_new_entry(f"n{number}") for number in range(25)))
    store.read()
    store.judged(action="silent")

    assert forgets_all(store) == 26
    assert count(store, tombstone) == 10


def test_what_happened_to_feeds_long_ago_is_forgotten(store):
    store.write(events.add, "nato", store.now - timedelta(days=400), EventKind.GONE)
    store.write(events.add, "nato", store.now, EventKind.RESUMED)

    assert store.write(retention.forget_events, store.now - timedelta(days=365)) == 1

    assert [event.kind for event in store.database.read_now(events.list_events)] == [EventKind.RESUMED]
