"""What counts as new, as edited, and as old news."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.changes import Changes, KnownEntry, Past, compare, is_backfill, is_flood
from monitor.feeds.identity import identified
from monitor.model import Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(key="1", *, sha256="a", title="T", age=None, **fields):
    return Entry(key=key, sha256=sha256, title=title, published_at=NOON - age if age is not None else None, **fields)


def known_entry(key, *, sha256="a", title="T"):
    return KnownEntry(key=key, sha256=sha256, title=title)


def past(*known, link=(), **fields):
    """What we have, by key; `link`: what else stands behind the address "e.org/1"."""
    return Past(by_key={each.key: each for each in known}, by_link={"e.org/1": link} if link else {}, **fields)


def test_entries_are_new_edited_or_unchanged():
    known = past(*(known_entry(key) for key in ("same", "edited", "left the feed")))

    changes = compare(known, [entry("new"), entry("same"), entry("edited", sha256="b"), entry("newer")])

    assert [found.key for found in changes.new] == ["new", "newer"]
    assert [found.key for found in changes.edited] == ["edited"]
    assert changes.unchanged == 1


def test_an_empty_feed_changes_nothing():
    assert compare(past(known_entry("1")), []) == Changes()


def test_an_entry_that_says_nothing_is_passed_over():
    assert compare(Past(), [entry(title="", id="guid")]).new == ()
    assert len(compare(Past(), [entry(title="", url="https://e.org/1"), entry("2", title="", content="<p>x</p>")]).new) == 2


LINK = {"new": "e.org/1", "also": "e.org/1"}


@pytest.mark.parametrize(
    ("listed", "outcome"),
    [
        pytest.param([entry("new")], "renamed", id="Q06 the guid alone is another"),
        pytest.param([entry("new", sha256="b", title="Another")], "edited", id="Q05 guid and headline are others"),
        pytest.param([entry("old"), entry("new")], "unchanged", id="the old one is there too, with the same words"),
        pytest.param([entry("old"), entry("new", sha256="b", title="t")], "unchanged", id="the old one is there too, with the same headline"),
        pytest.param([entry("old"), entry("new", sha256="b", title="Another")], "new", id="the old one is there too, with other words"),
    ],
)
def test_Q05_Q06_an_entry_under_a_new_guid_is_known_by_its_address(listed, outcome):
    old = known_entry("old")
    changes = compare(Past(by_key={"old": old}, by_link={"e.org/1": [old]}), listed, LINK)

    assert [found.key for found in changes.new] == (["new"] if outcome == "new" else [])
    assert [found.key for found in changes.edited] == (["new"] if outcome == "edited" else [])
    assert changes.renamed == ({"new": "old"} if outcome in ("renamed", "edited") else {})


def test_Q06_an_old_entry_goes_on_as_one_new_one_only():
    old = known_entry("https://e.org/?p=1")
    changes = compare(past(old, link=[old]), [entry("new", id="http://e.org/?p=1"), entry("also", sha256="c", title="Other")], {"also": "e.org/1"})

    assert (changes.renamed, [found.key for found in changes.new]) == ({"new": old.key}, ["also"])


def test_an_address_that_several_entries_have_makes_only_the_same_words_one():
    old = known_entry("old")
    found = compare(past(link=[old]), [entry("new", sha256="b", title="Other"), entry("also")], LINK)

    assert (found.renamed, [each.key for each in found.new]) == ({"also": "old"}, ["new"])


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param("http://e.org/?p=1", entry("https://e.org/?p=1", id="https://e.org/?p=1"), id="Q04 http to https"),
        pytest.param("https://e.org/1", entry("guid", id="guid", url="https://e.org/1"), id="a feed that begins to have guids"),
        pytest.param(identified([entry("", title="T")])[0][0].key, entry("guid", id="guid"), id="Q02 a guid that others shared before"),
    ],
)
def test_Q02_Q04_an_entry_is_known_by_the_key_it_had(before, now):
    assert compare(past(known_entry(before)), [now]) == Changes(renamed={now.key: before}, unchanged=1)


def test_C60_Q08_what_was_forgotten_is_no_news():
    past = Past(forgotten=frozenset({"1"}), forgotten_links={"e.org/1": ("gone", NOON)})
    found = compare(past, [entry("1", age=-DAY), entry("new", age=DAY), entry("2")], LINK)

    assert (found.forgotten, [each.key for each in found.new]) == (("1", "gone"), ["2"])


def test_C60_a_page_that_speaks_again_after_a_year_has_news():
    found = compare(Past(forgotten_links={"e.org/1": ("gone", NOON)}), [entry("new", age=-DAY)], LINK)

    assert (found.forgotten, [each.key for each in found.new]) == ((), ["new"])


@pytest.mark.parametrize(
    ("new", "first_poll", "limit", "expected"), [(201, False, 200, True), (200, False, 200, False), (201, True, 200, False), (5000, False, 0, False)]
)
def test_A52_a_flood_is_more_news_than_a_known_feed_can_have(new, first_poll, limit, expected):
    assert is_flood(new, first_poll=first_poll, limit=limit) is expected


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
def test_C43_A53_what_was_there_before_we_came_is_backfill(found, first_poll, backfill, expected):
    assert is_backfill(found, first_poll=first_poll, now=NOON, backfill=backfill) is expected
