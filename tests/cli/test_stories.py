"""`monitor stories`."""

import pytest

TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"


def test_stories_are_one_document_with_their_articles(monitor, polled):
    done = monitor(*polled.options, "stories", "list", "--json")

    (story,) = done.json["stories"]
    assert (done.code, done.err, done.json["schema"]) == (0, "", "stories list/1")
    assert list(story) == ["id", "title", "topics", "score", "sources", "first_seen_at", "last_seen_at", "articles"]
    assert (story["title"], story["topics"]) == (TITLE, ["nato-ukraine"])
    assert [list(article) for article in story["articles"]] == [["url", "title", "outlet", "lang", "published_at", "status", "score", "matched"]] * 2
    assert story["score"] == max(article["score"] for article in story["articles"])


def test_people_see_one_line_for_each_story(monitor, polled):
    done = monitor(*polled.options, "stories", "list", "--topic", "nato-ukraine")

    assert done.out.endswith(f"{TITLE}\n")
    assert done.err == "1 story. Next: monitor stories show 1\n"


def test_without_stories_the_next_step_is_told(monitor, polled):
    done = monitor("--config", polled.config, "stories", "list")

    assert (done.code, done.out, done.err) == (0, "", "No stories yet. Next: monitor poll\n")


def test_a_story_shows_who_was_told_and_who_was_not_and_why(monitor, polled):
    shown, document = monitor(*polled.options, "stories", "show", "1"), monitor(*polled.options, "stories", "show", "1", "--json")

    decisions = {(alert["subscriber_id"], alert["action"], alert["reason"]) for alert in document.json["alerts"]}
    assert decisions == {
        ("desk", "now", "new-story"),
        ("editor", "digest", "new-story"),
        ("desk", "silent", "story-already-told"),
        ("editor", "silent", "story-already-told"),
    }
    assert "nato: NATO · ukraine: Ukraine" in shown.out
    assert all(reason in shown.out for _, _, reason in decisions)
    assert {found["text"] for page in document.json["evidence"] for found in page["found"]} == {"NATO", "Ukraine"}
    assert {page["branch"] for page in document.json["evidence"]} == {"nato AND ukraine"}


@pytest.mark.parametrize("wanted", ["2", "0", "one", "9" * 30])
def test_a_story_that_is_not_there_is_a_usage_error(monitor, polled, wanted):
    done = monitor(*polled.options, "stories", "show", wanted)

    assert (done.code, done.out) == (2, "")


def test_an_unknown_topic_names_the_nearest(monitor, polled):
    done = monitor(*polled.options, "stories", "list", "--topic", "nato-ukrain")

    assert (done.code, done.out) == (2, "")
    assert "did you mean 'nato-ukraine'?" in done.err
