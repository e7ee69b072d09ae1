"""Explanations say why, and why not."""

from collections.abc import Callable

import pytest

from monitor.matcher.explain import explain, snippet
from monitor.matcher.match import match
from monitor.matcher.query import CompiledTopic
from monitor.model import Evidence

Topics = Callable[..., CompiledTopic]


def explained(topic: CompiledTopic, title: str, text: str) -> list[str]:
    return explain(topic, match(topic, title=title, text=text), title, text)


def test_a_match_is_explained_branch_by_branch_and_group_by_group(topic: Topics):
    lines = explained(topic("ukraine AND (nato OR arms) AND NOT satire"), "NATO in Kyiv", "Patriot")

    assert lines == [
        "watch: matched, score 1.00",
        "  yes: all of",
        "    yes: ukraine",
        "    yes: any of",
        "      yes: nato",
        "      yes: arms",
        "    yes: NOT satire",
        "  points before anything is found: -4.50",
        "  nato: +6.00 points, 1 in the title",
        "    =NATO in the title, +6.00: [NATO] in Kyiv",
        "  ukraine: +6.00 points, 1 in the title",
        "    kyiv in the title, +6.00: NATO in [Kyiv]",
        "  arms: +1.50 points, 1 in the text",
        "    patriot in the text, +1.50: [Patriot]",
        "  satire: not found (weight -3)",
        "  together: +9.00",
        "  digest_at 0.5: reached",
        "  alert_at 0.8: reached",
    ]


@pytest.mark.parametrize(
    ("rule", "text", "line"),
    [
        pytest.param("nato AND ukraine", "nothing", "watch: not matched, none of its terms occurs", id="no terms"),
        pytest.param("nato AND ukraine", "Kyiv", "watch: not matched, the rule does not hold (score 0.02, lowered for that)", id="rule not met"),
        pytest.param("nato AND ukraine", "(dpo) NATO Kyiv", "watch: not matched, score 0.05 is below digest_at 0.5", id="below the threshold"),
        pytest.param("nato NEAR/2 ukraine", "NATO a b c Kyiv", "  no: nato NEAR/2 ukraine (both occur, but farther apart)", id="too far apart"),
        pytest.param("nato AND NOT (satire OR arms)", "NATO (dpo)", "    no: NOT", id="a part that must not hold"),
    ],
)
def test_a_no_has_its_reason(topic: Topics, rule: str, text: str, line: str):
    assert line in explained(topic(rule), "", text)


def test_A44_letters_of_another_alphabet_are_named(topic: Topics):
    watch = topic("nato", look_alikes=True)
    title = "N\u0410\u0422\u041e meets"

    assert any("in the title, in look-alike letters" in line for line in explain(watch, match(watch, title=title, text=""), title, ""))


def test_a_snippet_shows_whole_words_around_what_was_found():
    text = "x" * 30 + " first words of a longer sentence about NATO and what follows it, up to some point " + "y" * 30
    start = text.index("NATO")
    evidence = Evidence(group="nato", term="=NATO", field="text", start=start, stop=start + 4, points=1.0)

    assert snippet(evidence, "", text) == "…first words of a longer sentence about [NATO] and what follows it, up to some point…"


def test_a_snippet_is_one_clean_line():
    evidence = Evidence(group="nato", term="=NATO", field="title", start=4, stop=8, points=1.0)

    assert snippet(evidence, "a\n\u202e\x07NATO\n", "") == "a [NATO]"
