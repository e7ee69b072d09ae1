"""What counts as new, as edited, and as old news."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.changes import compare, is_backfill
from monitor.model import Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(key="1", *, sha256="a", title="T", age=None, **fields):
    return Entry(key=key, sha256=sha256, title=title, published_at=NOON - age if age is not None else None, **fields)


def test_entries_are_new_edited_or_unchanged():
    known = {"same": "a", "edited": "a", "left the feed": "a"}

    changes = compare(known, [entry("new"), entry("same"), entry("edited", sha256="b"), entry("newer")])

    assert [found.key for found in changes.new] == ["new", "newer"]
    assert [found.key for found in changes.edited] == ["edited"]
    assert changes.unchanged == 1


def test_an_empty_feed_changes_nothing():
    assert compare({"1": "a"}, []) == compare({}, [])


def test_an_entry_that_says_nothing_is_passed_over():
    assert compare({}, [entry(title="", id="guid")]).new == ()
    assert len(compare({}, [entry(title="", url="https://e.org/1"), entry("2", title="", content="<p>x</p>")]).new) == 2


@pytest.mark.parametrize(
    ("found", "first_poll", "backfill", "expected"),
    [
        pytest.param(entry(age=timedelta(hours=1)), True, DAY, False, id="fresh at the first poll"),
        pytest.param(entry(age=2 * DAY), True, DAY, True, id="older than the backfill at the first poll"),
        pytest.param(entry(), True, DAY, True, id="undated at the first poll"),
        pytest.param(entry(age=timedelta(minutes=1)), True, timedelta(0), True, id="no backfill: all that was there before the watch began"),
        pytest.param(entry(age=timedelta(minutes=-1)), True, timedelta(0), False, id="no backfill: published between the beginning and the first poll"),
        pytest.param(Entry(key="1", updated_at=NOON), True, DAY, False, id="only updated counts as its date"),
        pytest.param(Entry(key="1", published_at=NOON - 30 * DAY, updated_at=NOON), True, DAY, True, id="published beats updated"),
        pytest.param(entry(), False, DAY, False, id="undated at a later poll"),
        pytest.param(entry(age=2 * DAY), False, DAY, False, id="two days old at a later poll"),
        pytest.param(entry(age=8 * DAY), False, DAY, True, id="old entry that surfaces later"),
        pytest.param(entry(age=timedelta(0)), False, timedelta(0), False, id="no backfill: new at a later poll"),
    ],
)
def test_what_was_there_before_we_came_is_backfill(found, first_poll, backfill, expected):
    assert is_backfill(found, first_poll=first_poll, now=NOON, backfill=backfill) is expected
