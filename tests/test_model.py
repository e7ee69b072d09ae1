"""Nouns that are made past their class are the same as those that it makes."""

from dataclasses import FrozenInstanceError, astuple, replace
from datetime import UTC, datetime

import pytest

from monitor.model import Feed, FeedState, changed, made

FEED = Feed(id="quay", url="https://quay.example/feed", etag='"1"', failures=2, items=b"x", polled_at=datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize("values", [{}, {"failures": 0, "last_problem": "", "etag": '"2"'}, {"state": FeedState.GONE, "polled_at": None}])
def test_a_changed_noun_is_what_replace_gives(values):
    new = changed(FEED, **values)

    assert new == replace(FEED, **values)
    assert hash(new) == hash(replace(FEED, **values))
    assert (new is FEED, FEED.failures) == (False, 2)
    with pytest.raises(FrozenInstanceError):
        new.failures = 7


def test_a_noun_is_made_of_the_values_of_its_fields():
    assert made(Feed, astuple(FEED)) == FEED


def test_what_is_no_field_is_refused():
    with pytest.raises(KeyError, match="fails"):
        changed(FEED, fails=1)
    with pytest.raises(ValueError, match="argument"):
        made(Feed, astuple(FEED)[:-1])
