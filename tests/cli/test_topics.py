"""`monitor topics`."""

import json

import pytest

TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"
LEAD = "The alliance promised further help from NATO."


def test_topics_are_listed_with_their_rule_and_groups(monitor, polled):
    done = monitor(*polled.options, "topics", "list", "--json")

    (topic,) = done.json["topics"]
    assert (done.code, topic["id"], topic["rule"]) == (0, "nato-ukraine", "nato AND ukraine")
    assert topic["groups"] == {"nato": {"weight": 3.0, "terms": 1}, "ukraine": {"weight": 3.0, "terms": 2}}
    assert "nato-ukraine: NATO and Ukraine\n" in monitor(*polled.options, "topics", "list").out


def test_a_text_on_stdin_is_scored_with_its_evidence(monitor, polled):
    done = monitor(*polled.options, "topics", "score", "--topic", "nato-ukraine", "--title", TITLE, "--json", stdin=LEAD)

    assert list(done.json) == ["schema", "id", "score", "matched", "alert", "evidence"]
    assert (done.code, done.json["matched"], 0.5 <= done.json["score"] <= 1) == (0, True, True)
    first = done.json["evidence"][0]
    assert list(first) == ["group", "term", "field", "start", "stop", "points"]
    assert TITLE[first["start"] : first["stop"]] == "NATO"


def test_people_see_the_score_and_the_words(monitor, polled):
    done = monitor(*polled.options, "topics", "score", "--topic", "nato-ukraine", stdin="Wheat from Ukraine is cheaper.")

    head, *words = done.out.splitlines()
    assert head.endswith("matched no  alert no")
    assert words[0].split()[1:3] == ["ukraine:", "ukrain*"]


def test_a_batch_of_texts_is_scored_in_order(monitor, polled):
    lines = [{"id": "yes", "title": TITLE, "text": LEAD, "lang": "en"}, {"id": "no", "title": "Chess"}, {"id": "odd", "title": 7}, {"id": 0}]

    done = monitor(*polled.options, "topics", "score", "--topic", "nato-ukraine", "--batch", stdin="\n".join(map(json.dumps, lines)))

    assert [line["id"] for line in done.lines] == ["yes", "no", "odd", 0]
    assert [line.get("matched") for line in done.lines] == [True, False, None, False]
    assert list(done.lines[0]) == ["id", "score", "matched", "alert", "evidence"]
    assert done.lines[2] == {"id": "odd", "error": "title must be text"}


def test_an_unknown_topic_names_the_nearest(monitor, polled):
    for command in (["score", "--topic", "nato-ukrain"], ["explain", "-", "--topic", "nato-ukrain"]):
        done = monitor(*polled.options, "topics", *command)
        assert (done.code, done.out) == (2, "")
        assert "no topic 'nato-ukrain' – did you mean 'nato-ukraine'?" in done.err


@pytest.fixture
def stored(monitor, polled):
    """An article of the store, as `stories list` gives it."""
    return monitor(*polled.options, "stories", "list", "--json").json["stories"][0]["articles"][0]


def test_a_stored_article_is_explained_by_its_address(monitor, polled, stored):
    done = monitor(*polled.options, "topics", "explain", stored["url"], "--json")

    (topic,) = done.json["topics"]
    assert (done.code, done.json["url"], done.json["title"]) == (0, stored["url"], stored["title"])
    assert (topic["id"], topic["matched"], topic["reason"]) == ("nato-ukraine", True, "matched")
    assert topic["score"] == stored["score"]
    assert "    yes: nato" in topic["words"]


def test_tracking_parameters_hide_no_stored_article(monitor, polled, stored):
    assert stored["title"] in monitor(*polled.options, "topics", "explain", stored["url"] + "?utm_source=mail").out


def test_a_text_on_stdin_is_explained_in_words(monitor, polled):
    done = monitor(*polled.options, "topics", "explain", "-", "--title", "Wheat from Ukraine is cheaper", stdin="Ports are open.")

    assert done.code == 0
    assert done.out.startswith("Wheat from Ukraine is cheaper\n\nNATO and Ukraine\n")
    assert "rule-not-met" in done.out or "no: nato" in done.out


def test_an_article_that_is_not_there_says_where_to_look(monitor, polled):
    done = monitor(*polled.options, "topics", "explain", "https://nowhere.example/1")

    assert (done.code, done.out) == (2, "")
    assert "see `monitor stories list --json`, or give a text with -" in done.err
