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
    assert (done.code, done.json["url"], done.json["title"], done.json["lang"], done.json["others"]) == (0, stored["url"], stored["title"], "en", [])
    assert (topic["id"], topic["matched"], topic["reason"], topic["rule"]["branch"]) == ("nato-ukraine", True, "matched", "nato AND ukraine")
    assert topic["score"] == stored["score"] == topic["judged"]["score"]
    assert "         holds by: nato AND ukraine" in topic["words"]


def test_a_story_is_explained_by_its_number_and_its_strongest_article(monitor, polled):
    story = monitor(*polled.options, "stories", "list", "--json").json["stories"][0]

    done = monitor(*polled.options, "topics", "explain", str(story["id"]))

    strongest = max(story["articles"], key=lambda article: article["score"])
    assert (done.code, done.out.splitlines()[0]) == (0, strongest["title"])
    assert strongest["url"] in done.out.splitlines()[1]


def test_what_was_said_then_is_told_where_the_topic_changed(monitor, polled, stored):
    changed = polled.config.with_name("changed.toml")
    changed.write_text(polled.config.read_text("utf-8").replace("weight = 3.0", "weight = 1.0"), "utf-8")

    done = monitor("--config", changed, "--state", polled.state, "topics", "explain", stored["url"])

    assert f"it was flagged with score {stored['score']:.2f}: the topic or the text was another." in done.out


def test_tracking_parameters_hide_no_stored_article(monitor, polled, stored):
    assert stored["title"] in monitor(*polled.options, "topics", "explain", stored["url"] + "?utm_source=mail").out


def test_a_text_on_stdin_is_explained_in_words(monitor, polled):
    done = monitor(*polled.options, "topics", "explain", "-", "--title", "Wheat from Ukraine is cheaper", stdin="Ports are open.")

    assert done.code == 0
    assert done.out.startswith("Wheat from Ukraine is cheaper\n")
    assert "NATO and Ukraine (nato-ukraine)\n  Not flagged: the rule does not hold – no word of nato occurs (such as NATO)." in done.out
    assert "What would have flipped it:\n         · a word of nato anywhere – in the lead, that is enough" in done.out


@pytest.mark.parametrize(
    ("content", "title"),
    [
        pytest.param("NATO chief in Odesa\n\nUkraine asks for more.", "NATO chief in Odesa", id="plain text"),
        pytest.param('{"title": "NATO chief in Odesa", "text": "Ukraine asks for more."}', "NATO chief in Odesa", id="JSON"),
    ],
)
def test_a_file_is_explained(monitor, polled, tmp_path, content, title):
    file = tmp_path / "draft"
    file.write_text(content, "utf-8")

    done = monitor(*polled.options, "topics", "explain", str(file))

    assert (done.code, done.out.splitlines()[0]) == (0, title)
    assert "Ukraine" in done.out


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        pytest.param("<html><p>NATO</p></html>", "is a page – take its text first: monitor articles extract", id="a page"),
        pytest.param('{"title": 7}', "title must be text – give JSON with title and text", id="odd JSON"),
        pytest.param('{"title"', "give JSON with title and text", id="broken JSON"),
    ],
)
def test_a_file_that_cannot_be_explained_says_what_to_give(monitor, polled, tmp_path, content, advice):
    file = tmp_path / "page.html"
    file.write_text(content, "utf-8")

    done = monitor(*polled.options, "topics", "explain", str(file))

    assert (done.code, done.out) == (2, "")
    assert advice in done.err


def test_what_is_not_there_says_where_to_look(monitor, polled):
    article = monitor(*polled.options, "topics", "explain", "https://nowhere.example/1")
    story = monitor(*polled.options, "topics", "explain", "4711")

    assert (article.code, article.out, story.code, story.out) == (2, "", 2, "")
    assert "see `monitor stories list --json`, or give a text with -" in article.err
    assert "no story 4711 in the store – see `monitor stories list`" in story.err
