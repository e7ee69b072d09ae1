"""`monitor topics backtest`."""

import json

import pytest

DRAFT = """[topics.nato-ukraine]
title = "NATO and Ukraine"
rule = "{rule}"
digest_at = 0.5
alert_at = 0.5
[topics.nato-ukraine.groups]
nato = {{ weight = 3.0, terms = ["=NATO"] }}
ukraine = {{ weight = 3.0, terms = ["ukrain*", "kyiv"] }}
grain = {{ weight = 6.0, terms = ["grain"] }}
"""


@pytest.fixture
def draft(tmp_path):
    def written(rule: str):
        (tmp_path / "draft.toml").write_text(DRAFT.format(rule=rule))
        return tmp_path / "draft.toml"

    return written


@pytest.fixture
def examples(tmp_path):
    rows = [
        {"id": "a", "lang": "en", "title": "NATO meets Ukraine", "text": "", "grade": 2},
        {"id": "b", "lang": "en", "title": "Grain from Odesa", "text": "", "grade": 0},
    ]
    file = tmp_path / "examples.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_what_a_draft_would_have_done_with_the_stored_articles(monitor, polled, draft):
    done = monitor(*polled.options, "topics", "backtest", "--draft", draft("grain"), "--json")

    found = done.json
    assert (done.code, found["schema"], found["topic"], found["articles"], found["days"]) == (0, "topics backtest/1", "nato-ukraine", 3, 14)
    assert (found["gained"], found["lost"], found["before"]["flagged"], found["after"]["flagged"]) == (1, 2, 2, 1)
    assert [each["title"] for each in found["changes"]["gained"]] == ["Grain prices fall in Odesa"]
    assert found["changes"]["gained"][0]["why"] == "the rule holds now: grain; newly heard: “Grain” (grain)"
    assert sum(day["before"] for day in found["by_day"].values()) == 2


def test_people_read_what_is_gained_and_lost(monitor, polled, draft):
    done = monitor(*polled.options, "topics", "backtest", "nato-ukraine", "--draft", draft("grain"), "--limit", "1")

    assert "over 3 articles of the last 14 days" in done.out
    assert "1 gained, 2 lost" in done.out
    assert "Gained: 1 that only the draft flags" in done.out
    assert "Grain prices fall in Odesa (127.0.0.1" in done.out
    assert "… and 1 more (--limit 2)" in done.out


@pytest.mark.parametrize(("reasons", "code"), [(["gained"], 1), (["lost"], 1), (["changed"], 1), (["worse"], 1), ([], 0)])
def test_a_script_can_stop_at_what_it_does_not_want(monitor, polled, draft, examples, reasons, code):
    options = [word for reason in reasons for word in ("--fail-on", reason)]

    done = monitor(*polled.options, "topics", "backtest", "--draft", draft("grain"), "--labels", examples, *options)

    assert done.code == code
    assert done.err.splitlines() == [f"--fail-on {reason}" for reason in reasons]


def test_without_a_change_nothing_fails(monitor, polled, examples):
    done = monitor(
        *polled.options, "topics", "backtest", "--draft", polled.config, "--labels", examples, *[x for r in ("changed", "worse") for x in ("--fail-on", r)]
    )

    assert done.code == 0
    assert "The two say the same." in done.out


def test_the_labels_say_what_is_set_right_and_what_is_set_wrong(monitor, polled, draft, examples):
    done = monitor(*polled.options, "topics", "backtest", "--draft", draft("grain OR nato"), "--labels", examples)
    document = monitor(*polled.options, "topics", "backtest", "--draft", draft("grain OR nato"), "--labels", examples, "--json").json

    assert "− false alarm en  Grain from Odesa" in done.out
    assert (document["labelled"]["before"]["f1"], document["labelled"]["broken"], document["labelled"]["mended"]) == (1.0, ["b"], [])


def test_articles_may_come_from_a_file(monitor, polled, draft, tmp_path):
    rows = [
        {"id": "1", "title": "Grain", "published": "2026-11-20T10:00:00Z"},
        {"id": "2", "title": "NATO, Ukraine", "text": "x", "published": "2026-11-22T10:00:00Z"},
    ]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, rows)))

    done = monitor(*polled.options, "topics", "backtest", "--draft", draft("grain"), "--articles", "news.jsonl")

    assert "over 2 articles in news.jsonl" in done.out
    assert "Fri 20 Nov 2026" in done.out
    assert "Sat 21 Nov 2026" in done.out


@pytest.mark.parametrize("line", ["{", "[]", '{"title": "x", "published": "soon"}'])
def test_a_line_that_is_no_article_is_refused(monitor, polled, draft, tmp_path, line):
    (tmp_path / "news.jsonl").write_text(line)

    done = monitor(*polled.options, "topics", "backtest", "--draft", draft("grain"), "--articles", "news.jsonl")

    assert (done.code, "news.jsonl:1: is no article" in done.err) == (65, True)


def test_a_draft_that_does_not_read_names_its_own_line(monitor, polled, draft):
    done = monitor(*polled.options, "topics", "backtest", "--draft", draft("grian"))

    assert (done.code, done.out) == (78, "")
    assert done.err.startswith("draft.toml:3: topics.nato-ukraine.rule: ")
    assert "grain" in done.err


def test_a_draft_without_a_topic_says_how_to_begin(monitor, polled, tmp_path):
    (tmp_path / "draft.toml").write_text('rule = "nato"\n')

    done = monitor(*polled.options, "topics", "backtest", "--draft", "draft.toml")

    assert (done.code, "begin it with [topics.ID]" in done.err) == (78, True)


def test_a_topic_that_the_draft_lacks_is_a_usage_error(monitor, polled, draft):
    assert monitor(*polled.options, "topics", "backtest", "floods", "--draft", draft("grain")).code == 2


def test_a_new_topic_gains_all_it_flags(monitor, polled, draft):
    file = draft("grain")
    file.write_text(file.read_text().replace("nato-ukraine", "bread"))

    done = monitor(*polled.options, "topics", "backtest", "--draft", file)

    assert "The topic is new" in done.out
    assert "1 gained, 0 lost" in done.out


def test_worse_cannot_be_told_without_labels(monitor, polled, draft):
    done = monitor(*polled.options, "topics", "backtest", "--draft", draft("grain"), "--fail-on", "worse")

    assert (done.code, "needs labels" in done.err) == (2, True)
