"""`monitor topics tune`."""

import json
import shutil

import pytest

TEXTS = [(2, "NATO helps Ukraine"), (0, "NATO budget, Ukraine far down"), (0, "Kyiv tenor"), (2, "Ukraine asks NATO"), (0, "NATO NATO")]


@pytest.fixture
def examples(tmp_path):
    rows = [
        {"id": f"{n}-{k}", "lang": "en", "title": f"{title} {n}", "text": "" if grade else "Quiz of the week.", "grade": grade}
        for n in range(20)
        for k, (grade, title) in enumerate(TEXTS)
    ]
    file = tmp_path / "examples.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.fixture
def config(polled, tmp_path):
    """The polled watch with weights that flag too much, and a comment to keep."""
    text = polled.config.read_text().replace('rule = "nato AND ukraine"', 'rule = "nato OR ukraine"  # wide\nbias = -1.0  # to begin with')
    (tmp_path / "watch.toml").write_text(text)
    for secret in polled.config.parent.glob("*.secret"):
        shutil.copy(secret, tmp_path)
    return tmp_path / "watch.toml"


def test_a_patch_is_proposed_with_its_effect_and_nothing_is_changed(monitor, config, examples):
    before = config.read_bytes()

    done = monitor("--config", config, "topics", "tune", "--labels", examples)

    assert (done.code, config.read_bytes()) == (0, before)
    assert "100 labels say (40 belong, 60 do not)" in done.out
    assert "-bias = -1.0  # to begin with" in done.out
    assert "# to begin with" in done.out.partition("+bias")[2]
    assert "Nothing is changed. Next: monitor topics tune nato-ukraine --write draft.toml" in done.err


def test_the_changed_configuration_is_written_elsewhere_and_can_be_tried(monitor, config, examples, tmp_path):
    tuned = monitor("--config", config, "topics", "tune", "--labels", examples, "--write", "draft.toml", "--json")
    tried = monitor(
        "--config", config, "topics", "backtest", "--draft", "draft.toml", "--articles", examples, "--labels", examples, "--fail-on", "worse", "--json"
    )

    assert tuned.json["schema"] == "topics tune/1"
    assert tuned.json["bias"]["after"] < tuned.json["bias"]["before"] == -1.0
    assert 'rule = "nato OR ukraine"  # wide' in (tmp_path / "draft.toml").read_text()
    assert tried.code == 0
    assert tried.json["labelled"]["after"]["f1"] > tried.json["labelled"]["before"]["f1"]


def test_the_configuration_itself_is_never_written(monitor, config, examples):
    before = config.read_bytes()

    done = monitor("--config", config, "topics", "tune", "--labels", examples, "--write", config)

    assert (done.code, config.read_bytes()) == (2, before)
    assert "--write names the configuration itself" in done.err


def test_with_few_labels_it_is_said_how_many_are_needed(monitor, config, examples):
    examples.write_text("".join(line + "\n" for line in examples.read_text().splitlines()[:10]))

    done = monitor("--config", config, "topics", "tune", "--labels", examples)

    assert done.code == 0
    assert "10 stories that belong and 10 that do not are needed" in done.out
    assert "Nothing to change." in done.out


def test_without_labels_it_is_said_how_to_give_some(monitor, polled):
    done = monitor(*polled.options, "topics", "tune")

    assert (done.code, "monitor topics label STORY yes" in done.err) == (2, True)


def test_labels_and_common_words_come_from_the_store(monitor, polled, config, examples, tmp_path):
    state = tmp_path / "state"
    shutil.copytree(polled.state, state)
    monitor("--config", config, "--state", state, "topics", "labels", "--import", examples)

    done = monitor("--config", config, "--state", state, "topics", "tune", "--json")

    assert done.json["labels"] == {"positives": 40, "negatives": 60}
    assert done.json["patch"].startswith("--- watch.toml\n+++ watch.toml, tuned\n")
