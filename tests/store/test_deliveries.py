"""T4 and T5: a digest closes once, and a delivery is sent, dead, or due again; on both engines."""

from datetime import timedelta

import pytest
from builders import LEASE, a_feed, a_new_entry
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from monitor.model import Attempt, ChannelKind, Delivery, Outcome
from monitor.store import deliveries
from monitor.store.schema import attempt, delivery, digest, digest_member

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def one_open_digest(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"))
    store.read()
    store.judged()


def claim_digests(store):
    return store.write(deliveries.claim_digests, store.now, LEASE, 10)


def claim(store):
    return store.write(deliveries.claim_deliveries, store.now, LEASE, 10)


def a_delivery(claimed, delivery_id="d1", channel="email:desk@example.org", now=None):
    return Delivery(
        id=delivery_id,
        digest_id=claimed.id,
        subscriber=claimed.subscriber,
        channel=channel,
        kind=ChannelKind.EMAIL,
        address="desk@example.org",
        subject="A story",
        body=b"frozen",
        created_at=now,
    )


def closed(store, *ids):
    (claimed,) = claim_digests(store)
    made = [a_delivery(claimed, name, f"email:{name}", store.now) for name in ids or ("d1",)]
    return store.closes(claimed, made, members={(1, 1)})


def tried(claimed, outcome, store, **fields):
    return Attempt(delivery_id=claimed.delivery.id, number=claimed.tries + 1, at=store.now, outcome=outcome, **fields)


def states(store):
    return store.database.read_now(lambda connection: connection.execute(select(delivery.c.state).order_by(delivery.c.id)).scalars().all())


def test_a_due_digest_is_claimed_once(store):
    assert len(claim_digests(store)) == 1
    assert claim_digests(store) == []


def test_a_digest_does_not_close_before_its_time(store):
    store.now -= MINUTE

    assert claim_digests(store) == []


def test_closing_freezes_members_and_makes_one_delivery_per_channel(store):
    assert closed(store, "d1", "d2")

    assert states(store) == ["due", "due"]
    assert store.database.read_now(lambda connection: connection.execute(select(*digest_member.c)).all()) == [(1, 1, 1)]
    assert claim_digests(store) == []


def test_a_digest_closed_by_someone_else_in_the_meantime_is_not_closed_again(store):
    (late,) = claim_digests(store)
    store.now += LEASE
    closed(store)

    assert not store.closes(late, [a_delivery(late, "d9", now=store.now)])
    assert states(store) == ["due"]


def test_one_digest_cannot_have_two_deliveries_for_one_channel(store):
    (claimed,) = claim_digests(store)
    twins = [a_delivery(claimed, name, now=store.now) for name in ("d1", "d2")]

    with pytest.raises(IntegrityError):
        store.closes(claimed, twins)

    assert states(store) == []


def test_a_digest_with_nothing_to_say_is_skipped(store):
    (claimed,) = claim_digests(store)

    assert store.closes(claimed)
    assert store.database.read_now(lambda connection: connection.execute(select(digest.c.state)).scalar()) == "skipped"


def test_there_is_one_digest_for_one_local_time(store):
    for _ in range(2):
        store.write(deliveries.open_digest, "desk", "2026-11-22T17:00", store.now, store.now)

    assert (
        store.database.read_now(lambda connection: connection.execute(select(func.count()).select_from(digest).where(digest.c.kind == "digest")).scalar()) == 1
    )


def test_a_due_delivery_is_claimed_once(store):
    closed(store)

    assert len(claim(store)) == 1
    assert claim(store) == []


def test_a_delivery_whose_next_try_lies_ahead_is_not_claimed(store):
    closed(store)
    store.now -= MINUTE

    assert claim(store) == []


@pytest.mark.parametrize("state", ["sent", "dead"])
def test_a_delivery_that_is_not_due_is_not_claimed(store, state):
    closed(store)
    sent_at = store.now if state == "sent" else None
    store.write(lambda connection: connection.execute(update(delivery).values(state=state, sent_at=sent_at)))

    assert claim(store) == []


def test_a_claimed_delivery_is_still_due_until_the_channel_accepted_it(store):
    closed(store)
    claim(store)

    assert states(store) == ["due"]


def test_a_lease_that_runs_out_gives_the_delivery_back_with_the_same_bytes(store):
    closed(store)
    (first,) = claim(store)
    store.now += LEASE

    (second,) = claim(store)

    assert (second.delivery.id, second.delivery.body) == (first.delivery.id, b"frozen")
    assert second.delivery.attempt == first.delivery.attempt + 1


def test_an_accepted_delivery_is_sent_and_never_due_again(store):
    closed(store)
    (claimed,) = claim(store)

    assert store.write(deliveries.save_attempt, claimed, tried(claimed, Outcome.ACCEPTED, store, status=250), None)
    store.now += 10 * LEASE

    assert states(store) == ["sent"]
    assert claim(store) == []


def test_a_refused_delivery_is_due_again_at_its_next_try(store):
    closed(store)
    (claimed,) = claim(store)

    store.write(deliveries.save_attempt, claimed, tried(claimed, Outcome.RETRY, store, status=451, detail="busy"), store.now + 5 * MINUTE)

    assert claim(store) == []
    assert store.database.read_now(deliveries.next_delivery_at) == store.now + 5 * MINUTE
    store.now += 5 * MINUTE
    assert [each.tries for each in claim(store)] == [1]


def test_a_dead_delivery_says_why(store):
    closed(store)
    (claimed,) = claim(store)

    store.write(deliveries.save_attempt, claimed, tried(claimed, Outcome.DEAD, store, status=550, detail="no such user"), None)

    assert store.database.read_now(lambda connection: connection.execute(select(delivery.c.state, delivery.c.last_error)).one()) == ("dead", "no such user")


def test_a_try_whose_claim_was_lost_is_recorded_and_changes_nothing(store):
    closed(store)
    (late,) = claim(store)
    store.now += LEASE
    (current,) = claim(store)

    assert not store.write(deliveries.save_attempt, late, tried(late, Outcome.DEAD, store), None)

    assert states(store) == ["due"]
    assert store.database.read_now(lambda connection: connection.execute(select(func.count()).select_from(attempt)).scalar()) == 1
    assert store.write(deliveries.save_attempt, current, tried(current, Outcome.ACCEPTED, store), None)
