"""T1 and the claims of feeds, on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import LEASE, a_feed, a_new_entry, an_entry
from sqlalchemy import event, func, select, update

from monitor.feeds.changes import KnownEntry, Past
from monitor.store import feeds
from monitor.store.schema import article, entry, feed, poll

HOUR = timedelta(hours=1)


def count(store, table):
    return store.database.read_now(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one())


def row(store, feed_id="nato"):
    return store.database.read_now(lambda connection: connection.execute(select(*feed.c).where(feed.c.id == feed_id)).mappings().one())


def test_a_due_feed_is_claimed_once(store):
    store.has_feeds(a_feed())

    first, second = store.claims_feed(), store.claims_feed()

    assert [claim.feed.id for claim in first] == ["nato"]
    assert second == []


def test_a_feed_that_is_not_due_is_not_claimed(store):
    store.has_feeds(a_feed(next_poll_at=store.now + HOUR))

    assert store.claims_feed() == []


@pytest.mark.parametrize("state", ["paused", "gone"])
def test_a_feed_that_is_not_active_is_not_claimed(store, state):
    store.has_feeds(a_feed())
    store.write(lambda connection: connection.execute(update(feed).values(state=state)))

    assert store.claims_feed() == []


def test_a_lease_that_runs_out_gives_the_feed_back_under_a_new_attempt(store):
    store.has_feeds(a_feed())
    (first,) = store.claims_feed()
    store.now += LEASE

    (second,) = store.claims_feed()

    assert second.attempt == first.attempt + 1


def test_a_poll_that_lost_its_claim_leaves_the_head_alone(store):
    store.has_feeds(a_feed())
    (late,) = store.claims_feed()
    store.now += LEASE
    (current,) = store.claims_feed()

    for claim, etag in ((current, "new"), (late, "old")):
        head = replace(claim.feed, etag=etag, next_poll_at=store.now + HOUR)
        store.write(feeds.save_polls, [feeds.FeedPoll(feed=head, attempt=claim.attempt, at=store.now, outcome="changed")])

    assert row(store)["etag"] == "new"


def test_all_feeds_are_asked_once_in_one_cycle_whether_due_or_not(store):
    store.has_feeds(a_feed("a", next_poll_at=store.now + HOUR), a_feed("b"))
    began = store.now

    claims = store.claims_feed(even_if_not_due=True)
    heads = [replace(claim.feed, polled_at=began, next_poll_at=began) for claim in claims]
    store.write(feeds.save_polls, [feeds.FeedPoll(feed=h, attempt=c.attempt, at=began, outcome="not-modified") for h, c in zip(heads, claims, strict=True)])

    assert sorted(claim.feed.id for claim in claims) == ["a", "b"]
    assert store.claims_feed(even_if_not_due=True) == []


def test_who_can_be_asked_is_who_is_due_or_all_or_those_named(store):
    store.has_feeds(a_feed("a", next_poll_at=store.now + HOUR), a_feed("b"), a_feed("c"), a_feed("d"))
    store.write(lambda connection: connection.execute(update(feed).where(feed.c.id == "d").values(state="gone")))
    (claimed,) = store.claims_feed(ids=["c"])

    def found(**which):
        return store.database.read_now(lambda connection: list(feeds.addresses(connection, store.now, **which)))

    assert found() == [("b", "https://b.example/feed")]
    assert {name for name, _ in found(even_if_not_due=True)} == {"a", "b"}
    assert [name for name, _ in found(ids=["a", "c", "d"])] == ["a"]
    assert claimed.feed.id == "c"


def test_only_named_feeds_are_claimed(store):
    store.has_feeds(a_feed("a"), a_feed("b"))

    assert [claim.feed.id for claim in store.claims_feed(ids=["b"])] == ["b"]


def test_a_poll_saves_its_entries_with_the_articles_that_are_due_to_read(store):
    store.has_feeds(a_feed())

    store.polled(a_new_entry("e1"), a_new_entry("e2"))

    assert (count(store, entry), count(store, article), count(store, poll)) == (2, 2, 1)
    assert len(store.read()) == 2


def test_the_same_entries_again_are_not_new(store):
    store.has_feeds(a_feed())

    store.polled(a_new_entry("e1"))
    store.polled(a_new_entry("e1"))

    assert (count(store, entry), count(store, article)) == (1, 1)


def test_one_address_in_two_feeds_is_one_article(store):
    store.has_feeds(a_feed("a"))
    store.polled(a_new_entry("e1", url="https://site.example/1"))
    store.has_feeds(a_feed("b"))

    store.polled(a_new_entry("other", url="https://site.example/1"))

    assert (count(store, entry), count(store, article)) == (2, 1)


def test_C39_an_edit_is_a_new_version_that_is_read_again(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"))
    store.read()

    store.polled(edited=(an_entry("e1", title="A better title", sha256="other"),))

    assert ([each.id for each in store.read()], count(store, entry)) == ([1], 1)
    assert store.database.read_now(lambda connection: connection.execute(select(entry.c.title, entry.c.version)).one()) == ("A better title", 2)


def past(store, *entries, feed_id="nato"):
    """What is known of entries, each as (key, other keys, key of the address)."""
    (found,) = store.database.read_now(feeds.known_entries, [feeds.Asked(feed_id=feed_id, entries=entries)])
    return found


def test_known_entries_are_those_of_the_feed(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"))

    known = KnownEntry(key="e1", sha256="hash of e1", title="Title of e1")
    assert past(store, ("e1", (), "nato.example/e1"), ("e2", (), "")) == Past(by_key={"e1": known})
    assert past(store, ("e1", (), "nato.example/e1"), feed_id="other") == Past()


def test_Q04_Q06_an_entry_is_known_by_the_key_it_had_and_by_its_address(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"), a_new_entry("e2"))

    found = past(store, ("new guid", ("e2", "e3"), "nato.example/e1"))

    assert list(found.by_key) == ["e2"]
    assert [each.key for each in found.by_link["nato.example/e1"]] == ["e1"]


def test_the_entries_of_many_polls_are_saved_with_one_insert_a_table(store):
    many = [a_feed(f"f{number}") for number in range(20)]
    store.has_feeds(*many)
    claims = store.write(feeds.claim_feeds, store.now, LEASE, 100)
    polls = [
        feeds.FeedPoll(feed=replace(claim.feed, next_poll_at=store.now), attempt=claim.attempt, at=store.now, outcome="changed", new=new)
        for claim in claims
        for new in [(a_new_entry(f"own of {claim.feed.id}"), a_new_entry("in all of them"))]
    ]
    statements = []

    def save(connection):
        event.listen(connection, "before_cursor_execute", lambda *seen: statements.append(seen[2].split()[:3]))
        return feeds.save_polls(connection, polls)

    assert store.write(save) == 21
    assert (count(store, entry), count(store, article), count(store, poll)) == (40, 21, 20)
    assert len(statements) <= 7


def test_a_feed_that_left_the_config_is_paused_and_keeps_its_entries(store):
    store.has_feeds(a_feed("a"))
    store.polled(a_new_entry())

    store.has_feeds(a_feed("b"))

    assert row(store, "a")["state"] == "paused"
    assert count(store, entry) == 1


def test_a_feed_that_comes_back_goes_on_where_it_was(store):
    store.has_feeds(a_feed("a"))
    store.polled(a_new_entry())
    store.has_feeds(a_feed("b"))

    store.has_feeds(a_feed("a"), a_feed("b"))

    assert row(store, "a")["state"] == "active"
    assert row(store, "a")["polled_at"] is not None


def test_a_changed_address_drops_the_validators(store):
    store.has_feeds(a_feed())
    (claim,) = store.claims_feed()
    head = replace(claim.feed, etag='"1"', last_modified="then", body_sha256="x", next_poll_at=store.now)
    store.write(feeds.save_polls, [feeds.FeedPoll(feed=head, attempt=claim.attempt, at=store.now, outcome="changed")])

    store.has_feeds(a_feed(url="https://moved.example/feed"))

    assert (row(store)["etag"], row(store)["last_modified"], row(store)["body_sha256"]) == ("", "", "")


def test_a_restart_keeps_when_the_next_poll_is(store):
    store.has_feeds(a_feed())
    store.polled()
    before = row(store)["next_poll_at"]

    store.has_feeds(a_feed())

    assert row(store)["next_poll_at"] == before == store.database.read_now(feeds.next_poll_at)


def test_what_the_feed_says_of_itself_stays_where_the_config_is_silent(store):
    store.has_feeds(a_feed())
    (claim,) = store.claims_feed()
    head = replace(claim.feed, title="NATO News", next_poll_at=store.now)
    store.write(feeds.save_polls, [feeds.FeedPoll(feed=head, attempt=claim.attempt, at=store.now, outcome="changed")])

    store.has_feeds(a_feed(language="en"))

    assert (row(store)["title"], row(store)["language"]) == ("NATO News", "en")


# ------------------------------------------------------------------------------------- many due at once
def due_times(store):
    return [at - store.now for (at,) in store.database.read_now(lambda connection: connection.execute(select(feed.c.next_poll_at)).all())]


def test_C21_five_hundred_overdue_feeds_are_asked_five_a_second(store):
    overdue = store.now - 5 * HOUR
    store.has_feeds(*(a_feed(f"f{number}", url=f"https://{number}.example/f", next_poll_at=overdue) for number in range(500)))

    store.write(feeds.spread_due, store.now)

    waits_s = sorted(wait.total_seconds() for wait in due_times(store))
    assert sum(wait_s < 60 for wait_s in waits_s) == 300
    assert max(sum(second <= wait_s < second + 1 for wait_s in waits_s) for second in range(100)) == 5
    assert waits_s[-1] < 100


def test_C21_a_short_interval_is_honoured_all_the_same(store):
    store.has_feeds(*(a_feed(f"f{number}", url=f"https://{number}.example/f", interval_min_s=10.0, interval_max_s=10.0) for number in range(500)))

    store.write(feeds.spread_due, store.now)

    assert max(due_times(store)) < timedelta(seconds=5)


def test_C20_feeds_that_are_not_due_keep_their_times(store):
    store.has_feeds(a_feed(next_poll_at=store.now + HOUR), a_feed("un", url="https://un.example/f"))

    assert store.write(feeds.spread_due, store.now) == 1
    assert sorted(due_times(store)) == [timedelta(), HOUR]


# --------------------------------------------------------------------------------- a clock that jumps
def polled(store, feed_id, ago, following):
    """A feed that was polled so long ago, to be polled again in that time."""
    values = {"polled_at": store.now - ago, "next_poll_at": store.now + following}
    store.write(lambda connection: connection.execute(update(feed).where(feed.c.id == feed_id).values(values)))


def test_C58_when_the_clock_goes_back_an_hour_no_feed_is_skipped_or_hammered(store):
    minute = timedelta(minutes=1)
    store.has_feeds(a_feed(), a_feed("un", url="https://un.example/f"))
    polled(store, "nato", 2 * minute, 13 * minute)
    polled(store, "un", 10 * minute, 5 * minute)
    store.now -= HOUR

    moved = store.write(feeds.clock_went_back, store.now)

    assert moved == HOUR - 2 * minute
    waits = {name: row(store, name)["next_poll_at"] - store.now for name in ("nato", "un")}
    assert waits == {"nato": 15 * minute, "un": 7 * minute}  # two minutes late, as far apart as before, and nobody at once
    assert store.claims_feed() == []
    assert store.write(feeds.clock_went_back, store.now) is None


def test_C58_a_clock_that_goes_on_changes_nothing(store):
    store.has_feeds(a_feed())
    polled(store, "nato", -timedelta(seconds=30), HOUR)  # another machine's clock may be a little ahead

    assert store.write(feeds.clock_went_back, store.now) is None
    assert row(store)["next_poll_at"] == store.now + HOUR


# -------------------------------------------------------------------------------------------- credentials
def waits_for_a_login(store):
    values = {"next_poll_at": store.now + 24 * HOUR, "next_poll_reason": "needs-login", "failures": 1, "last_problem": "auth"}
    store.write(lambda connection: connection.execute(update(feed).values(values)))


@pytest.mark.parametrize(
    ("then", "wait"),
    [
        pytest.param({"nato": "new"}, timedelta(), id="C35 others: at once"),
        pytest.param({"nato": "old"}, 24 * HOUR, id="C35 the same: a day"),
        pytest.param({}, timedelta(), id="C35 none any more: at once"),
    ],
)
def test_C35_a_feed_that_wants_a_login_is_asked_when_its_credentials_change(store, then, wait):
    store.has_feeds(a_feed(), a_feed("un"))
    store.write(feeds.take_credentials, {"nato": "old"}, store.now)
    waits_for_a_login(store)

    store.write(feeds.take_credentials, then, store.now)

    assert row(store)["next_poll_at"] - store.now == wait
    assert row(store, "un")["next_poll_at"] - store.now == 24 * HOUR


def test_C35_new_credentials_do_not_hurry_a_feed_that_is_well(store):
    store.has_feeds(a_feed(next_poll_at=store.now + HOUR))

    store.write(feeds.take_credentials, {"nato": "new"}, store.now)

    assert (row(store)["next_poll_at"] - store.now, row(store)["credentials_sha256"]) == (HOUR, "new")
