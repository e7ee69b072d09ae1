"""What happens to feeds is on record, and operators are told of it once, on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import LEASE, a_feed
from sqlalchemy import select, update

from monitor.model import EventKind, FeedEvent, FeedState
from monitor.store import events, feeds, reports
from monitor.store.feeds import FeedPoll
from monitor.store.schema import digest, feed


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


def row(store, feed_id="nato"):
    return store.database.read_now(lambda connection: connection.execute(select(*feed.c).where(feed.c.id == feed_id)).mappings().one())


def is_now(store, feed_id="nato", **values):
    store.write(lambda connection: connection.execute(update(feed).where(feed.c.id == feed_id).values(values)))


@pytest.mark.parametrize("state", ["disabled", "gone", "duplicate", "active"])
def test_C31_a_feed_that_is_resumed_is_asked_at_once(store, state):
    store.has_feeds(a_feed(next_poll_at=store.now + timedelta(days=1)))
    is_now(store, state=state, failures=30, failing_since=store.now, gone_since=store.now, last_problem="timeout", missing_polls=9)

    resumed = store.write(events.resume, ["nato", "unknown"], store.now)

    assert resumed == ["nato"]
    (claim,) = store.claims_feed()
    assert (claim.feed.failures, claim.feed.failing_since, claim.feed.gone_since, claim.feed.missing_polls) == (0, None, None, 0)
    assert happened(store) == [("resumed", "")]


def test_resuming_a_feed_that_is_well_or_paused_changes_nothing(store):
    store.has_feeds(a_feed("well"), a_feed("left"))
    store.write(feeds.sync_feeds, [a_feed("well")], store.now)

    assert store.write(events.resume, ["well", "left"], store.now) == []
    assert happened(store) == []


def test_a_poll_under_way_does_not_bring_the_old_state_of_a_resumed_feed_back(store):
    store.has_feeds(a_feed())
    is_now(store, failures=30)
    (late,) = store.claims_feed()

    store.write(events.resume, ["nato"], store.now)
    store.write(feeds.save_polls, [disabled(store, late)])

    assert row(store)["state"] == "active"
    assert happened(store) == [("resumed", "")]


def test_C30_a_proposal_that_is_accepted_is_asked_at_once_and_stays_over_a_reload(store):
    store.has_feeds(a_feed(next_poll_at=store.now + timedelta(days=1)))
    is_now(store, state="disabled", etag='"old"', failures=5, proposed_url="https://nato.example/new", proposed_reason="linked")
    (proposal,) = store.database.read_now(events.proposals, ["nato"])

    assert store.write(events.accept, proposal, store.now)
    store.write(feeds.sync_feeds, [a_feed(url="https://nato.example/new")], store.now)

    found = row(store)
    assert (found["url"], found["configured_url"], found["etag"], found["proposed_url"]) == ("https://nato.example/new",) * 2 + ("", "")
    assert [claim.feed.url for claim in store.claims_feed()] == ["https://nato.example/new"]
    assert store.database.read_now(events.proposals) == []


def test_a_feed_that_moved_on_its_own_offers_its_new_address_and_keeps_what_it_learned_there(store):
    store.has_feeds(a_feed())
    is_now(store, url="https://new.example/feed", etag='"there"')
    (proposal,) = store.database.read_now(events.proposals)

    assert (proposal.url, proposal.reason) == ("https://new.example/feed", "moved")
    assert store.write(events.accept, proposal, store.now)
    assert row(store)["etag"] == '"there"'


def test_a_proposal_for_a_feed_that_has_another_address_by_now_is_not_taken(store):
    store.has_feeds(a_feed())
    is_now(store, proposed_url="https://nato.example/new", proposed_reason="linked")
    (proposal,) = store.database.read_now(events.proposals)
    store.write(feeds.sync_feeds, [a_feed(url="https://nato.example/by-hand")], store.now)

    assert not store.write(events.accept, proposal, store.now)
    assert row(store)["url"] == "https://nato.example/by-hand"


def test_C23_the_address_a_feed_moved_to_stays_over_a_restart_with_the_old_configuration(store):
    store.has_feeds(a_feed())
    is_now(store, url="https://new.example/feed", etag='"there"')

    store.write(feeds.sync_feeds, [a_feed(title="A new title")], store.now)

    assert (row(store)["url"], row(store)["etag"]) == ("https://new.example/feed", '"there"')


def test_the_address_a_feed_moved_to_written_into_the_configuration_drops_nothing(store):
    store.has_feeds(a_feed())
    is_now(store, url="https://new.example/feed", etag='"there"')

    store.write(feeds.sync_feeds, [a_feed(url="https://new.example/feed")], store.now)

    assert (row(store)["url"], row(store)["configured_url"], row(store)["etag"]) == ("https://new.example/feed", "https://new.example/feed", '"there"')


def test_C28_a_duplicate_is_asked_again_when_its_twin_leaves_the_configuration(store):
    store.has_feeds(a_feed("a"), a_feed("b"))
    is_now(store, "a", state="duplicate", duplicate_of="b")
    store.write(feeds.sync_feeds, [a_feed("a"), a_feed("b")], store.now)
    assert row(store, "a")["state"] == "duplicate"

    store.write(feeds.sync_feeds, [a_feed("a")], store.now)

    assert (row(store, "a")["state"], row(store, "a")["duplicate_of"]) == ("active", "")


def test_states_and_waiting_proposals_are_counted(store):
    store.has_feeds(a_feed("a"), a_feed("b"), a_feed("c"))
    is_now(store, "b", state="disabled", proposed_url="https://b.example/new")

    counts = store.database.read_now(reports.counts, store.now)

    assert (counts.feeds, counts.proposals) == ({"active": 2, "disabled": 1}, 1)
    assert store.database.read_now(reports.feed_states) == counts.feeds
