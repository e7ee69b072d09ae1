"""Explanations say why, why not, and what would have changed it."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.matcher.explain import explain, explanation_json, in_words, marked, verdict_line
from monitor.matcher.match import match
from monitor.matcher.query import CompiledTopic, Group
from monitor.matcher.score import Pair

Topics = Callable[..., CompiledTopic]


def explained(topic: CompiledTopic, title: str, text: str) -> list[str]:
    return in_words(explain(topic, title=title, text=text), title=title, text=text)


def test_a_match_shows_its_rule_its_sum_and_its_text(topic: Topics):
    watch = topic("ukraine AND (nato OR arms) AND NOT satire", near=[Pair(left="nato", right="ukraine", words=10, weight=2.0)])

    assert explained(watch, "NATO in Kyiv", "Patriot for Ukraine.") == [
        "Flagged and told at once: score 1.00 reaches alert_at 0.80.",
        "",
        "Rule     ukraine AND (nato OR arms) AND NOT satire",
        "         holds by: ukraine AND nato AND NOT satire",
        "",
        "Points   −4.50  to begin with",
        "         +7.80  ukraine¹: Kyiv, Ukraine – title, 1 in the lead; weight 3",
        "         +6.00  nato²: NATO – title; weight 3",
        "         +1.50  arms³: Patriot – 1 in the lead; weight 1.5",
        "         +1.80  nato beside ukraine: 2 words apart",
        "        ──────",
        "        +12.60  together, which is the score 1.00",
        "                not found: satire",
        "",
        "Text",
        "         [NATO]² in [Kyiv]¹",
        "         [Patriot]³ for [Ukraine]¹.",
    ]


@pytest.mark.parametrize(
    ("rule", "title", "text", "verdict", "way"),
    [
        pytest.param(
            "nato AND ukraine",
            "",
            "Kyiv",
            "Not flagged: the rule does not hold – no word of nato occurs (such as NATO, mark rutte, нато).",
            "a word of nato anywhere – in the lead, that is enough",
            id="a group is missing",
        ),
        pytest.param(
            "nato NEAR/2 ukraine",
            "",
            "NATO a b c Kyiv",
            "Not flagged: the rule does not hold – nato NEAR/2 ukraine: the nearest two stand 4 words apart.",
            "nato and ukraine within 2 words instead of 4, or NEAR/4 in the rule – that is enough",
            id="too far apart",
        ),
        pytest.param(
            "nato NEAR/2 ukraine OR arms AND nato",
            "",
            "Kyiv",
            "Not flagged: the rule does not hold – nato NEAR/2 ukraine: no word of nato occurs (such as NATO, mark rutte, нато).",
            "a word of nato within 2 words of ukraine – in the lead, that is enough",
            id="of a choice the way that lacks least",
        ),
        pytest.param(
            "TITLE(nato) AND ukraine",
            "Kyiv",
            "NATO",
            "Not flagged: the rule does not hold – TITLE(nato): nato stands in the text, not in the title.",
            "a word of nato in the title – that is enough",
            id="not in the title",
        ),
        pytest.param(
            "COUNT(nato) >= 3 AND ukraine",
            "",
            "NATO Kyiv",
            "Not flagged: the rule does not hold – COUNT(nato) >= 3: nato occurs once.",
            "2 more of nato – that is enough",
            id="too few",
        ),
        pytest.param(
            "nato AND ukraine AND NOT satire",
            "",
            "(dpo) NATO Kyiv",
            "Not flagged: the rule does not hold – NOT satire: “dpo” speaks against it.",
            "without satire – that is enough",
            id="something forbidden is there",
        ),
        pytest.param(
            "nato AND ukraine",
            "",
            "(dpo) NATO Kyiv",
            "Not flagged: score 0.05 is below digest_at 0.50, although the rule holds.",
            "without the words of satire (+3.00 points; 3.00 are missing)",
            id="below the threshold",
        ),
        pytest.param(
            "nato AND ukraine",
            "Chess",
            "",
            "Not flagged: none of its terms occurs (score 0).",
            "a word of nato anywhere, and also: ukraine – in the lead, that is enough",
            id="nothing at all",
        ),
    ],
)
def test_a_no_has_its_reason_and_what_would_have_flipped_it(topic: Topics, rule: str, title: str, text: str, verdict: str, way: str):
    explanation = explain(topic(rule), title=title, text=text)

    assert verdict_line(explanation) == verdict
    assert way in explanation.ways


def test_a_match_for_the_digest_says_what_is_missing_to_an_alert(topic: Topics):
    explanation = explain(topic(alert_at=0.8), title="", text="NATO in Kyiv")

    assert verdict_line(explanation) == "Flagged for the digest: score 0.50 reaches digest_at 0.50, but not alert_at 0.80 (1.39 points are missing)."


def test_the_first_condition_that_fails_comes_first(topic: Topics):
    explanation = explain(topic("ukraine AND nato AND arms"), title="Ukraine", text="")

    assert [failure.split(" occurs")[0] for failure in explanation.failures] == ["no word of nato", "no word of arms"]


def test_where_no_single_change_is_enough_the_largest_is_named(topic: Topics):
    groups = {"a": Group(weight=0.5, terms=("a",)), "b": Group(weight=1.0, terms=("b",))}
    explanation = explain(topic("a", groups=groups, bias=-9.0, digest_at=0.5), title="", text="a")

    assert explanation.ways[0] == "no single word: 8.50 points are missing, and the most that one gives is 2.00 (a word of b in the title, such as b)"


@pytest.mark.parametrize("text", ["NATO Kyiv", "(dpo) NATO Kyiv Kyiv", "Kyiv " * 9])
def test_every_way_that_names_a_threshold_is_enough(topic: Topics, text: str):
    explanation = explain(topic(digest_at=0.97), title="", text=text)
    named = [float(way.removeprefix("digest_at = ")) for way in explanation.ways if way.startswith("digest_at")]

    assert all(match(topic(digest_at=digest_at), title="", text=text).matched for digest_at in named)


def test_words_are_named_in_the_letters_of_the_article(topic: Topics):
    groups = {"nato": Group(terms=("alliance", "альянс*", "нато")), "ukraine": Group(terms=("київ*",))}

    explanation = explain(topic(groups=groups), title="Київ сьогодні", text="")

    assert "(such as альянс*, нато, alliance)" in explanation.failures[0]


def test_A44_letters_of_another_alphabet_are_named(topic: Topics):
    watch = topic("nato", look_alikes=True)

    lines = explained(watch, "N\u0410\u0422\u041e meets", "")

    assert any("nato¹: N\u0410\u0422\u041e (look-alike letters) – title" in line for line in lines)


# ----------------------------------------------------------------------------------------------- the marked text
def lines_of(topic: CompiledTopic, text: str) -> list[str]:
    lines = explained(topic, "", text)
    shown = lines[lines.index("Text") + 1 :]
    return [line.strip() for line in (shown[: shown.index("")] if "" in shown else shown)]


def test_hits_are_marked_with_the_number_of_their_group(topic: Topics):
    groups = {"nato": Group(weight=2.0, terms=('"nato chief"',)), "chief": Group(weight=1.0, terms=("chief",))}

    assert lines_of(topic("nato", groups=groups), "The NATO chief spoke.") == ["The [NATO chief]¹·² spoke."]


def test_only_paragraphs_with_hits_are_shown_and_their_long_parts_left_out(topic: Topics):
    long = " ".join(f"word{number}" for number in range(60))

    first, *others, last = lines_of(topic(), f"{long} NATO {long} Kyiv {long}\nNothing here.\nKyiv again")

    assert first.startswith("…word5")
    assert "[NATO]¹ word0" in first
    assert all(line.count("…") >= 2 and len(line) < 400 for line in (first, *others))
    assert last == "[Kyiv]² again"


def test_a_marked_text_is_clean(topic: Topics):
    assert lines_of(topic(), "\u202e\x07NATO\x1b[2J met") == ["[NATO]¹ [2J met"]


PIECES = st.lists(st.sampled_from(["NATO", "Kyiv", "Patriot", "x" * 70, "word", "\n", "\u0301", "乌"]), max_size=40)


@given(PIECES)
def test_every_hit_is_marked_once(pieces: list[str]):
    from monitor.matcher.query import compile_topic

    groups = {"a": Group(terms=("nato", "kyiv")), "b": Group(terms=("patriot",))}
    topic = compile_topic("t", title="", rule="a OR b", groups=groups, digest_at=0.5, alert_at=0.8)
    text = " ".join(pieces)
    marks = [mark for group in explain(topic, title="", text=text).groups for mark in group.marks]

    lines = list(marked(text, marks, {"a": "¹", "b": "²"}))

    assert sum(line.count("[") for line in lines) == len(marks)
    assert all(text[mark.start : mark.stop].rstrip("\u0301").casefold() in ("nato", "kyiv", "patriot") for mark in marks)


# ------------------------------------------------------------------------------------------------------ the numbers
def test_the_json_holds_the_whole_sum(topic: Topics):
    watch = topic(near=[Pair(left="nato", right="ukraine", words=10, weight=2.0)])
    explanation = explain(watch, title="NATO", text="in Kyiv, Kyiv (dpo)")

    document = explanation_json(explanation)

    total = document["sum"]["bias"] + sum(group["points"] for group in document["sum"]["by_group"]) + sum(pair["points"] for pair in document["sum"]["by_pair"])
    assert document["sum"]["points"] == pytest.approx(total)
    assert document["sum"]["score_if_met"] == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-4)
    assert document["rule"] == {"text": "nato AND ukraine", "holds": True, "branch": "nato AND ukraine", "failures": []}
    assert [(pair["left"], pair["right"], pair["words_apart"]) for pair in document["sum"]["by_pair"]] == [("nato", "ukraine", 2)]
