"""Rows of hosts: leased by one process at a time, held until a server may be asked again, forgotten when they say nothing."""

from datetime import timedelta

import pytest

from monitor.store import feeds, hosts
from monitor.store.schema import host


@pytest.fixture
def rows(database, clock):
    def take(*names, holder="watch:1"):
        return sorted(database.write_now(hosts.take_hosts, set(names), holder, clock()))

    return take


def names(database):
    return sorted(database.read_now(lambda connection: connection.execute(host.select()).scalars().all()))


def test_a_host_is_leased_by_one_process_at_a_time(rows):
    assert rows("a", "b") == ["a", "b"]
    assert rows("b", "c", holder="check:2") == ["c"]
    assert rows("a", "b", "c") == ["a", "b"]


def test_what_was_given_back_is_for_the_next_one(rows, database, clock):
    rows("a", "b")
    database.write_now(hosts.give_hosts_back, ["a"], "watch:1", clock())

    assert rows("a", "b", holder="check:2") == ["a"]


def test_nobody_gives_back_what_another_one_has(rows, database, clock):
    rows("a")
    database.write_now(hosts.give_hosts_back, ["a"], "check:2", clock())

    assert rows("a", holder="check:2") == []


def test_a_start_takes_back_what_a_dead_watch_had_and_leaves_commands_theirs(rows, database):
    rows("a")
    rows("b", holder="check:2")

    database.write_now(feeds.release_leases)

    assert rows("a", "b", holder="watch:3") == ["a"]


def test_C09_a_hold_outlives_leases_and_a_shorter_one_does_not_end_it(rows, database, clock):
    longer = clock() + timedelta(hours=2)
    database.write_now(hosts.hold_host, "a", longer)
    database.write_now(hosts.hold_host, "a", clock() + timedelta(hours=1))
    rows("a")
    database.write_now(hosts.give_hosts_back, ["a"], "watch:1", clock())

    assert database.read_now(hosts.held_hosts, clock()) == {"a": longer}
    assert database.write_now(hosts.take_hosts, {"a"}, "watch:1", clock())["a"].held_until == longer
    assert database.read_now(hosts.held_hosts, longer) == {}


def test_hosts_of_which_nothing_is_to_be_remembered_are_forgotten(rows, database, clock):
    rows("leased", "idle", "pausing")
    database.write_now(hosts.give_hosts_back, ["idle"], "watch:1", clock())
    database.write_now(hosts.give_hosts_back, ["pausing"], "watch:1", clock() + timedelta(seconds=2))
    database.write_now(hosts.hold_host, "held", clock() + timedelta(hours=1))

    assert database.write_now(hosts.forget_hosts, clock()) == 1
    assert names(database) == ["held", "leased", "pausing"]
