"""What people ask the store, on both engines."""

from dataclasses import replace

import pytest
from builders import LEASE, a_feed, a_new_entry
from sqlalchemy import update

from monitor.model import Match, Story
from monitor.store import articles, feeds, reports, stories
from monitor.store.schema import match
from monitor.store.stories import Judgement, NewMember


@pytest.fixture(autouse=True)
def one_article(store):
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"))
    store.read()


def a_match(topic="topic", score=0.9, **fields):
    return Match(**({"topic": topic, "topic_version": "v1", "score": score, "rule_holds": True, "matched": True, "alert": True, "reason": "matched"} | fields))


def judged(store, *matches):
    (claim,) = store.write(articles.claim_articles, "judge", store.now, LEASE, 10)
    member = NewMember(story_id=1, at=store.now, reason="no-candidate", score=0.0, copy_of=None, outlet="nato.example", language="en", vector=None)
    judgement = Judgement(article_id=claim.article.id, attempt=claim.attempt, version=claim.article.version, at=store.now, matches=matches, member=member)
    story = Story(id=1, title="A story", first_seen_at=store.now, last_seen_at=store.now)
    store.write(stories.save_judgements, [judgement], {1: story}, {})


def listed(store, **kwargs):
    return store.database.read_now(reports.list_stories, **kwargs)


def test_a_story_is_listed_with_its_articles_and_their_scores(store):
    judged(store, a_match())

    (row,) = listed(store)

    assert (row.story.title, row.score, row.topics) == ("A story", 0.9, ("topic",))
    assert [(member.article.url, member.matched) for member in row.members] == [("https://nato.example/e1", True)]


def test_an_article_that_several_topics_flag_is_listed_once_with_its_best_score(store):
    store.write(feeds.sync_topics, [("topic", "A topic", "v1"), ("other", "Another", "v1")])
    judged(store, a_match(score=0.6), a_match("other", score=0.8))

    (row,) = listed(store)

    assert row.topics == ("other", "topic")
    assert [(member.topic, member.score) for member in row.members] == [("other", 0.8)]
    assert [each.score for each in listed(store, topic_id="topic")] == [0.6]


def test_a_story_without_a_match_is_not_listed(store):
    judged(store, a_match(matched=False, alert=False, reason="below-threshold"))

    assert listed(store) == []
    assert [row["reason"] for row in store.database.read_now(reports.list_unflagged, limit=5)] == ["below-threshold"]


def test_what_an_older_definition_of_the_topic_said_does_not_count(store):
    judged(store, a_match())
    store.write(lambda connection: connection.execute(update(match).values(topic_version="v0")))

    assert listed(store) == []


def test_the_counts_say_what_waits(store):
    counts = store.database.read_now(reports.counts, store.now)

    assert (counts.feeds, counts.articles, counts.due["judge"], counts.due["deliver"]) == ({"active": 1}, 1, 1, 0)
    judged(store, a_match())
    assert store.database.read_now(reports.counts, store.now).due["judge"] == 0


@pytest.mark.parametrize("wanted", ["https://nato.example/e1", "nato.example/e1"])
def test_an_article_is_found_by_its_address(store, wanted):
    assert store.database.read_now(reports.find_article, wanted)["title"] == "Title of e1"
    assert store.database.read_now(reports.find_article, "https://elsewhere.example") is None


def test_a_story_gives_its_articles_and_each_article_what_topics_said_of_it(store):
    judged(store, a_match(branch="nato AND ukraine"))

    (article,) = store.database.read_now(reports.articles_of_story, 1)
    said = store.database.read_now(reports.list_matches, article["id"])

    assert article["title"] == "Title of e1"
    assert {topic: (row["score"], row["matched"], row["branch"]) for topic, row in said.items()} == {"topic": (0.9, True, "nato AND ukraine")}
    assert store.database.read_now(reports.articles_of_story, 4711) == []


def test_feeds_are_listed_with_what_they_gave(store):
    store.has_feeds(a_feed(), replace(a_feed("b")))

    rows = store.database.read_now(reports.list_feeds)

    assert [(row["id"], row["entries"], row["state"]) for row in rows] == [("b", 0, "active"), ("nato", 1, "active")]
