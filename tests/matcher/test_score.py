"""The score as a sum: features, points, and that nothing that speaks for an article lowers it."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.matcher.match import find, match, prepare
from monitor.matcher.query import And, CompiledTopic, Group, Name, Near, Or, Rule, compile_topic, written
from monitor.matcher.score import Pair, Places, feature_names, features, points, score, weights

Topics = Callable[..., CompiledTopic]
NATO_BESIDE_UKRAINE = Pair(left="nato", right="ukraine", words=10, weight=2.0)


def values(topic: CompiledTopic, title: str, text: str) -> dict[str, float]:
    return features(topic, find(topic, prepare(title, text)))


def test_a_topic_has_one_feature_for_each_group_and_each_pair(topic: Topics):
    watch = topic(near=[NATO_BESIDE_UKRAINE])

    assert feature_names(watch) == ("nato", "ukraine", "arms", "satire", "nato NEAR/10 ukraine")
    assert weights(watch) == {"nato": 3.0, "ukraine": 3.0, "arms": 1.5, "satire": -3.0, "nato NEAR/10 ukraine": 2.0}
    assert tuple(values(watch, "", "")) == feature_names(watch)


def test_presence_saturates_and_tells_title_lead_and_body_apart(topic: Topics):
    watch = topic(places=Places(lead_words=2))

    assert values(watch, "Kyiv", "Kyiv a b Kyiv")["ukraine"] == pytest.approx(2.0 + 0.6 * 1.0 + 0.36 * 0.5)
    assert values(watch, "", "a b" + " Kyiv" * 500)["ukraine"] == pytest.approx(0.5 / (1 - 0.6))


@pytest.mark.parametrize(
    ("text", "nearness"),
    [
        pytest.param("NATO Kyiv", 1.0, id="neighbours"),
        pytest.param("Kyiv 1 2 3 4 NATO", 0.6, id="five words apart"),
        pytest.param("NATO 1 2 3 4 5 6 7 8 9 Kyiv", 0.1, id="as far as near goes"),
        pytest.param("NATO 1 2 3 4 5 6 7 8 9 10 Kyiv", 0.0, id="farther"),
        pytest.param("NATO 1 2 3 4 5 6 7 Kyiv 1 NATO", 0.9, id="the nearest two"),
        pytest.param("NATO", 0.0, id="one alone"),
    ],
)
def test_nearness_falls_evenly_with_the_words_between(topic: Topics, text: str, nearness: float):
    assert values(topic(near=[NATO_BESIDE_UKRAINE]), "", text)["nato NEAR/10 ukraine"] == pytest.approx(nearness)


def test_nearness_down_in_the_body_counts_as_much_less_as_a_hit_there(topic: Topics):
    watch = topic(near=[NATO_BESIDE_UKRAINE], places=Places(lead_words=4, body=0.25))

    assert values(watch, "", "1 2 3 4 NATO Kyiv")["nato NEAR/10 ukraine"] == pytest.approx(0.25)
    assert values(watch, "", "1 2 3 NATO Kyiv")["nato NEAR/10 ukraine"] == pytest.approx(0.25)
    assert values(watch, "NATO 1 2 3 4 5", "6 7 Kyiv 8 9 NATO")["nato NEAR/10 ukraine"] == pytest.approx(0.3)
    assert values(watch, "NATO Kyiv", "NATO Kyiv")["nato NEAR/10 ukraine"] == 1.0


def test_the_score_is_the_logistic_of_bias_and_the_weighted_features(topic: Topics):
    watch = topic(bias=-4.0, near=[NATO_BESIDE_UKRAINE])
    found = values(watch, "", "NATO 1 Kyiv Kyiv")

    assert points(watch, found) == pytest.approx(-4.0 + 3.0 + 3.0 * 1.6 + 2.0 * 0.9)
    assert match(watch, title="", text="NATO 1 Kyiv Kyiv").score == round(1 / (1 + math.exp(-5.6)), 4)


def test_an_unmet_rule_keeps_the_order_below_digest_at(topic: Topics):
    watch = topic(digest_at=0.6)

    below = [score(watch, log_odds, rule_holds=False) for log_odds in (-2.0, 0.0, 3.0, 1000.0)]

    assert below == sorted(below)
    assert below[0] == pytest.approx(0.6 * 0.1192, abs=1e-4)
    assert below[-1] < 0.6


def test_a_pair_of_an_unknown_group_is_refused(topic: Topics):
    with pytest.raises(QueryError, match=r'no group "ukrane" at column 1 – did you mean "ukraine"\?'):
        topic(near=[Pair(left="nato", right="ukrane")])


# ------------------------------------------------------------------------------- nothing that speaks for an article lowers its score
WORDS = st.lists(st.sampled_from("abcdxyz"), max_size=40).map(" ".join)
NAMES = ("one", "two", "three")
TERMS = st.lists(st.sampled_from(["a", "b", "c", "d", '"a b"', '"b c d"', '"x y"', "re:[ab] [cd]"]), min_size=1, max_size=4, unique=True).map(tuple)


def rules() -> st.SearchStrategy[Rule]:
    leaf = st.sampled_from(NAMES).map(Name) | st.builds(Near, st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 8))
    return st.recursive(leaf, lambda inner: st.builds(And, st.tuples(inner, inner)) | st.builds(Or, st.tuples(inner, inner)), max_leaves=4)


@st.composite
def topics(draw: st.DrawFn) -> CompiledTopic:
    """Any topic whose groups all speak for an article."""
    groups = {name: Group(weight=draw(st.floats(0, 5)), terms=draw(TERMS)) for name in NAMES}
    pairs = [Pair(left="one", right="two", words=draw(st.integers(1, 9)), weight=draw(st.floats(0, 5)))]
    body, lead = sorted((draw(st.floats(0, 3)), draw(st.floats(0, 3))))
    places = Places(title=draw(st.floats(0, 3)), lead=lead, body=body, again=draw(st.floats(0, 1)), lead_words=draw(st.integers(0, 9)))
    return compile_topic("t", title="", rule=written(draw(rules())), groups=groups, digest_at=0.5, alert_at=0.8, bias=-3.0, near=pairs, places=places)


@given(topics(), WORDS, WORDS, st.sampled_from(NAMES), st.sampled_from(["a", '"c d"', "x", "re:y [xz]", '"d x y"']))
def test_a_term_more_in_a_group_that_speaks_for_an_article_never_lowers_a_score(topic: CompiledTopic, title: str, text: str, name: str, term: str):
    group = topic.groups[name]
    richer = compile_topic(
        "t",
        title="",
        rule=topic.rule_text,
        groups={**topic.groups, name: replace(group, terms=(*group.terms, term))},
        digest_at=0.5,
        alert_at=0.8,
        bias=topic.bias,
        near=topic.near,
        places=topic.places,
    )

    assert match(richer, title=title, text=text).score >= match(topic, title=title, text=text).score


@given(topics(), WORDS, WORDS, st.sampled_from(["a", "b", "c d", "x y"]))
def test_a_further_mention_at_the_end_never_lowers_a_score(topic: CompiledTopic, title: str, text: str, words: str):
    assert match(topic, title=title, text=f"{text}. {words}").score >= match(topic, title=title, text=text).score


FEW = st.lists(st.sampled_from("abcdxyz"), max_size=4).map(" ".join)  # of more, not every hit is kept as evidence


@given(topics(), FEW, FEW)
def test_the_bias_the_evidence_and_the_pairs_add_up_to_the_points(topic: CompiledTopic, title: str, text: str):
    found = values(topic, title, text)
    evidence = match(topic, title=title, text=text).evidence

    pairs = sum(pair.weight * found[str(pair)] for pair in topic.near)
    assert points(topic, found) == pytest.approx(topic.bias + sum(each.points for each in evidence) + pairs, abs=0.01)
