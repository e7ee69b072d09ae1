"""What happens to feeds is on record, and operators are told of it once, on both engines."""

from dataclasses import replace

from builders import LEASE, a_feed
from sqlalchemy import select

from monitor.model import EventKind, FeedEvent, FeedState
from monitor.store import events, feeds
from monitor.store.feeds import FeedPoll
from monitor.store.schema import digest


def notices(store):
    statement = select(digest.c.subscriber_id, digest.c.kind, digest.c.state).order_by(digest.c.subscriber_id)
    return [tuple(row) for row in store.database.read_now(lambda connection: connection.execute(statement).all())]


def happened(store):
    return [(event.kind, event.detail) for event in store.database.read_now(events.list_events)]


def disabled(store, claim):
    head = replace(claim.feed, state=FeedState.DISABLED)
    told = FeedEvent(kind=EventKind.DISABLED, detail="14 days")
    return FeedPoll(feed=head, attempt=claim.attempt, at=store.now, outcome="failed", events=(told,))


def test_C31_a_notice_opens_one_digest_for_each_subscriber_who_wants_notices(store):
    store.has_feeds(a_feed())
    store.write(feeds.sync_subscribers, ["desk", "editor", "night"], notices=["desk", "night"])

    store.write(events.add, "nato", store.now, EventKind.DISABLED, "14 days")

    assert notices(store) == [("desk", "notice", "open"), ("night", "notice", "open")]


def test_an_event_that_is_no_notice_is_told_to_nobody(store):
    store.has_feeds(a_feed())
    store.write(feeds.sync_subscribers, ["desk"], notices=["desk"])

    store.write(events.add, "nato", store.now, EventKind.MOVED, "to https://b.example/feed")

    assert notices(store) == []
    assert happened(store) == [("moved", "to https://b.example/feed")]


def test_who_left_the_configuration_hears_of_nothing(store):
    store.has_feeds(a_feed())
    store.write(feeds.sync_subscribers, ["desk"], notices=["desk"])
    store.write(feeds.sync_subscribers, ["night"])

    store.write(events.add, "nato", store.now, EventKind.GONE)

    assert notices(store) == []


def test_events_are_saved_with_the_head_of_their_poll(store):
    store.has_feeds(a_feed())
    store.write(feeds.sync_subscribers, ["desk"], notices=["desk"])
    (claim,) = store.claims_feed()

    store.write(feeds.save_polls, [disabled(store, claim)])

    assert happened(store) == [("disabled", "14 days")]
    assert notices(store) == [("desk", "notice", "open")]


def test_a_poll_that_lost_its_claim_tells_nothing(store):
    store.has_feeds(a_feed())
    store.write(feeds.sync_subscribers, ["desk"], notices=["desk"])
    (late,) = store.claims_feed()
    store.now += LEASE
    store.claims_feed()

    store.write(feeds.save_polls, [disabled(store, late)])

    assert (happened(store), notices(store)) == ([], [])
