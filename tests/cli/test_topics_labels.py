"""`monitor topics label`, `labels` and `test`."""

import json

import pytest

TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"


@pytest.fixture
def watch(monitor, polled, tmp_path):
    """The polled watch with a state of its own, so that labels may be given."""
    import shutil

    state = tmp_path / "state"
    shutil.copytree(polled.state, state)
    return ("--config", polled.config, "--state", state)


@pytest.fixture
def examples(tmp_path):
    """Four labelled texts: one found, one missed, one false alarm, one rightly left."""
    rows = [
        {"id": "a", "lang": "en", "title": "NATO meets Ukraine", "text": "", "grade": 2},
        {"id": "b", "lang": "en", "title": "Patriots for Odesa", "text": "", "grade": 2},
        {"id": "c", "lang": "de", "title": "NATO, Ukraine: ein Quiz", "text": "", "grade": 0},
        {"id": "d", "lang": "de", "title": "Weizen", "text": "", "grade": 0},
        {"id": "e", "lang": "de", "title": "Moldau", "text": "", "grade": 1},
    ]
    file = tmp_path / "examples.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_what_is_said_of_a_story_is_kept_with_its_text_and_listed(monitor, watch):
    said = monitor(*watch, "topics", "label", "1", "yes", "--note", "the visit")

    assert (said.code, said.out) == (0, f"“{TITLE}” belongs to NATO and Ukraine.\n")
    assert said.err == "1 label: 1 yes. Next: monitor topics test nato-ukraine\n"
    (row,) = monitor(*watch, "topics", "labels", "--json").json["labels"]
    assert (row["title"], row["grade"], row["topic"], row["note"], row["source"]) == (TITLE, 2, "nato-ukraine", "the visit", "command")
    assert "Patriot" in row["text"]
    assert f"yes     en  {TITLE}" in monitor(*watch, "topics", "labels").out


def test_with_several_topics_it_is_said_of_the_one_that_flags_the_story(monitor, watch, polled, tmp_path):
    config = tmp_path / "two.toml"
    config.write_text(polled.config.read_text() + '[topics.bread]\nrule = "grain"\ngroups.grain = { terms = ["grain"] }\n')
    for secret in polled.config.parent.glob("*.secret"):
        (tmp_path / secret.name).write_bytes(secret.read_bytes())

    said = monitor("--config", config, *watch[2:], "topics", "label", "1", "yes", "--json")
    unclear = monitor("--config", config, *watch[2:], "topics", "label", "99", "yes")

    assert said.json["topic"] == "nato-ukraine"
    assert (unclear.code, "name one of nato-ukraine, bread" in unclear.err) == (2, True)


def test_a_label_can_be_changed_and_taken_back(monitor, watch, web):
    monitor(*watch, "topics", "label", "1", "yes")
    changed = monitor(*watch, "topics", "label", "1", "no", "--json")
    taken_back = monitor(*watch, "topics", "label", "1", "forget")

    assert changed.json["counts"] == {"no": 1}
    assert "is no example any more" in taken_back.out
    assert monitor(*watch, "topics", "labels").err == "No labels yet. Next: monitor topics label STORY yes\n"


@pytest.mark.parametrize(("wanted", "said"), [("99", "yes"), ("https://nowhere.example/", "no"), ("99", "forget")])
def test_of_a_story_that_is_not_there_nothing_can_be_said(monitor, watch, wanted, said):
    done = monitor(*watch, "topics", "label", wanted, said)

    assert (done.code, done.out) == (2, "")
    assert f"'{wanted}'" in done.err


def test_labels_go_out_and_come_in_again(monitor, watch, examples, tmp_path):
    taken = monitor(*watch, "topics", "labels", "--import", examples)
    file = tmp_path / "out.jsonl"
    monitor(*watch, "topics", "labels", "--export", file)
    again = monitor(*watch, "topics", "labels", "--import", file)
    streamed = monitor(*watch, "topics", "labels", "--export", "-")

    assert taken.out == again.out == "5 labels taken in.\n"
    assert streamed.lines == [json.loads(line) for line in file.read_text().splitlines()]
    assert {(row["id"], row["grade"]) for row in streamed.lines} == {("a", 2), ("b", 2), ("c", 0), ("d", 0), ("e", 1)}


def test_a_file_about_a_topic_that_is_not_there_changes_nothing(monitor, watch, examples):
    examples.write_text(examples.read_text() + json.dumps({"id": "z", "title": "t", "grade": 2, "topic": "nato-ukrain"}) + "\n")

    done = monitor(*watch, "topics", "labels", "--import", examples)

    assert done.code == 2
    assert "did you mean 'nato-ukraine'?" in done.err
    assert monitor(*watch, "topics", "labels", "--json").json["labels"] == []


def test_the_test_gives_figures_intervals_languages_and_reasons(monitor, polled, examples):
    done = monitor(*polled.options, "topics", "test", "--labels", examples, "--json")

    (found,) = done.json["topics"]
    assert (done.code, done.json["schema"], found["id"], found["labels"]) == (0, "topics test/1", "nato-ukraine", 5)
    assert (found["precision"], found["recall"], found["positives"], found["negatives"], found["partly"]) == (0.5, 0.5, 2, 2, 1)
    assert found["intervals"]["recall"][0] <= 0.5 <= found["intervals"]["recall"][1]
    assert {language: each["positives"] for language, each in found["languages"].items()} == {"de": 0, "en": 2}
    assert [(each["id"], each["reason"]) for each in found["missed"]] == [("b", "no-terms")]
    assert [each["id"] for each in found["false_alarms"]] == ["c"]


def test_people_read_what_the_figures_mean_and_what_went_wrong(monitor, polled, examples):
    done = monitor(*polled.options, "topics", "test", "nato-ukraine", "--labels", examples, "--mistakes", "1")

    assert "5 labels – 2 belong, 2 do not, 1 partly" in done.out
    assert "of 2 that belong, 1 are flagged" in done.out
    assert "Missed: they belong, and are not flagged (1)" in done.out
    assert "no more than a hint" in done.out


@pytest.mark.parametrize(("gates", "code"), [(["recall=0.5"], 0), (["recall=0.5", "precision=0.6"], 1), (["f1=1"], 1)])
def test_a_gate_ends_with_1_below_a_floor(monitor, polled, examples, gates, code):
    done = monitor(*polled.options, "topics", "test", "--labels", examples, *[word for gate in gates for word in ("--gate", gate)])

    assert done.code == code
    assert ("below" in done.err) == bool(code)


@pytest.mark.parametrize("gate", ["speed=1", "f1", "f1=2", "f1=high"])
def test_a_gate_that_says_nothing_is_refused(monitor, polled, examples, gate):
    done = monitor(*polled.options, "topics", "test", "--labels", examples, "--gate", gate)

    assert done.code == 2
    assert "such as f1=0.85" in done.err


def test_the_labels_of_the_store_are_tested_with_and_without_any_it_is_said_how_to_give_some(monitor, watch):
    nothing = monitor(*watch, "topics", "test")
    monitor(*watch, "topics", "label", "1", "yes")
    something = monitor(*watch, "topics", "test", "--json")

    assert (nothing.code, "monitor topics label STORY yes" in nothing.err) == (2, True)
    assert something.json["topics"][0]["recall"] == 1.0


def test_bad_labels_name_the_line(monitor, polled, tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"id": "1", "title": "t", "grade": 9}\n')

    done = monitor(*polled.options, "topics", "test", "--labels", "bad.jsonl")

    assert (done.code, done.out) == (65, "")
    assert done.err.startswith("bad.jsonl:1: grade: must be 2 (belongs), 1 (partly) or 0 (does not), not 9")
