from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.matcher.measure import cases
from monitor.matcher.query import Group
from monitor.matcher.score import Pair
from monitor.matcher.tune import LEAST, Model, proposed, tune
from monitor.model import Grade, Label

YES, PARTLY, NO = Grade.YES, Grade.PARTLY, Grade.NO


def labels(*texts: tuple[Grade, str], times: int = 1) -> list[Label]:
    return [
        Label(id=f"{number}-{again}", grade=grade, title=f"{text} {number} {again}") for again in range(times) for number, (grade, text) in enumerate(texts)
    ]


GROUPS = {
    "nato": Group(weight=1.0, terms=("=NATO",)),
    "ukraine": Group(weight=1.0, terms=("ukrain*", "ukrainian")),
    "sport": Group(weight=-1.0, terms=("football",)),
    "west": Group(weight=0.0, terms=("paris",)),
}
TEXTS = (
    (YES, "NATO helps Ukraine"),
    (YES, "Ukraine asks NATO in Paris"),
    (NO, "Ukraine harvest"),
    (NO, "NATO budget in Paris"),
    (NO, "Ukraine football"),
    (YES, "NATO NATO Ukraine"),
)


@pytest.fixture
def watch(topic):
    return topic("ukraine OR nato", groups=GROUPS, bias=1.0, near=(Pair(left="ukraine", right="nato", words=10, weight=0.5),))


def test_labels_set_weights_and_bias_right_and_the_effect_is_measured_on_others(watch):
    found = tune(watch, labels(*TEXTS, times=15))

    assert found.before.precision == pytest.approx(0.5)
    assert (found.after.precision, found.after.recall) == (1.0, 1.0)
    assert found.bias < watch.bias
    assert found.loss_after < found.loss_before
    assert all(change.gain > 0 and change.before != change.after for change in found.weights)
    assert not found.trouble


def test_the_proposal_keeps_its_word_when_it_is_taken(watch, topic):
    given_labels = labels(*TEXTS, times=15)
    found = tune(watch, given_labels)
    moved = {change.name: change.after for change in found.weights}
    groups = {name: replace(group, weight=moved.get(name, group.weight)) for name, group in GROUPS.items()}
    pair = Pair(left="ukraine", right="nato", words=10, weight=moved.get(str(watch.near[0]), 0.5))

    taken = topic("ukraine OR nato", groups=groups, bias=found.bias, near=(pair,))

    assert all(case.match.matched == (case.label.grade == YES) for case in cases(taken, given_labels))


@settings(max_examples=25)
@given(grades=st.lists(st.sampled_from(list(Grade)), min_size=20, max_size=60))
def test_whatever_is_said_no_weight_changes_sides_or_runs_away(watch_of_all, grades):
    given_labels = [Label(id=str(number), grade=grade, title=TEXTS[number % len(TEXTS)][1]) for number, grade in enumerate(grades)]

    found = proposed(watch_of_all, list(cases(watch_of_all, given_labels)), strength=0.01)

    assert 0 <= found.weights["nato"] <= 6
    assert 0 <= found.weights["ukraine"] <= 6
    assert -6 <= found.weights["sport"] <= 0
    assert found.weights["west"] == 0
    assert 0 <= found.weights["ukraine NEAR/10 nato"] <= 6
    assert -40 < found.bias < 40


@pytest.fixture(scope="module")
def watch_of_all():
    from monitor.matcher.query import compile_topic

    near = (Pair(left="ukraine", right="nato", words=10, weight=0.5),)
    return compile_topic("watch", title="", rule="ukraine OR nato", groups=GROUPS, digest_at=0.5, alert_at=0.8, bias=1.0, near=near)


def test_too_few_labels_are_told_and_change_nothing(watch):
    found = tune(watch, labels(*TEXTS, times=2))

    assert f"{LEAST} stories that belong and {LEAST} that do not" in found.trouble
    assert (found.bias, found.weights, found.after) == (watch.bias, (), None)


def test_few_labels_are_a_beginning(watch):
    found = tune(watch, labels(*TEXTS, times=4))

    assert found.bias < watch.bias
    assert "fewer than 40 labels" in found.trouble


def test_labels_without_a_pattern_change_nothing(watch):
    coins = [Label(id=str(number), grade=YES if number * 7919 % 13 < 6 else NO, title=f"NATO and Ukraine {number}") for number in range(80)]

    found = tune(watch, coins)

    assert found.weights == ()
    assert found.terms == () or all(term.covered_by for term in found.terms)


def test_what_belongs_partly_counts_neither_for_nor_against(watch):
    some = labels(*TEXTS, times=10)

    assert tune(watch, some) == tune(watch, [*some, *labels((PARTLY, "NATO budget"), (PARTLY, "Ukraine harvest"), times=30)])


def test_a_word_that_missed_stories_share_is_proposed_where_it_does_most(watch):
    missed = labels((YES, "Rutte in Ukraine"), (YES, "Ukraine: Rutte"), (NO, "Wheat of Ukraine"), times=8)

    (term,) = [term for term in tune(watch, [*labels(*TEXTS, times=12), *missed]).terms if term.is_new]

    assert (term.term, term.yes, term.no, term.wrong) == ("rutte", 16, 0, 0)
    assert term.gain > 1


def test_a_word_that_is_common_everywhere_is_not_proposed(watch):
    missed = labels((YES, "Rutte in Ukraine"), (YES, "Ukraine: Rutte"), (NO, "Wheat of Ukraine"), times=8)
    everywhere = [("Rutte again", "About cheese.")] * 50

    found = tune(watch, [*labels(*TEXTS, times=12), *missed], everywhere)

    assert [term for term in found.terms if term.is_new] == []


def test_a_term_that_speaks_where_it_should_not_is_to_be_left_out(topic):
    groups = GROUPS | {"nato": Group(weight=3.0, terms=("=NATO", "born"))}
    watch = topic("ukraine AND nato", groups=groups, bias=-3.0)
    wrong = labels((NO, "Ukraine tenor born in Kyiv"), (NO, "Born in Ukraine"), times=10)

    terms = [term for term in tune(watch, [*labels(*TEXTS, times=12), *wrong]).terms if not term.covered_by]

    assert [(term.group, term.term, term.is_new, term.yes, term.no) for term in terms] == [("nato", "born", False, 0, 20)]


def test_a_term_that_another_finds_anyway_is_told(watch):
    found = tune(watch, labels(*TEXTS, times=2))

    assert [(term.group, term.term, term.covered_by) for term in found.terms] == [("ukraine", "ukrainian", "ukrain*")]


def test_an_alert_threshold_is_raised_until_what_is_told_at_once_belongs(topic):
    watch = topic("ukraine OR nato", groups=GROUPS, bias=-2.0, alert_at=0.5)
    mixed = labels(*TEXTS, (NO, "NATO near Ukraine"), times=15)

    found = tune(watch, mixed)

    assert found.alert_before.at == 0.5
    assert found.alert is None or (found.alert.at > 0.5 and found.alert.precision >= 0.95)


def test_the_same_labels_give_the_same_proposal(watch):
    some = labels(*TEXTS, times=10)

    assert tune(watch, some) == tune(watch, list(some))
    assert isinstance(proposed(watch, list(cases(watch, some))), Model)


def test_words_that_labels_share_and_do_not_prove_are_ideas_and_no_proposal(watch):
    odd = labels((YES, "Interceptors for Ukraine"), (NO, "Wheat of Ukraine"), times=3)

    found = tune(watch, [*labels(*TEXTS, times=12), *odd])

    assert [term.term for term in found.terms if term.is_new] == []
    assert [(idea.term, idea.yes, idea.no) for idea in found.ideas if idea.term.startswith("interc")] == [("interceptors", 3, 0)]


def test_chance_alone_proposes_no_words(topic):
    """Every story has words of its own, as in life, and which belongs is a coin's toss."""
    watch = topic("ukraine", groups={"ukraine": Group(weight=1.0, terms=("ukrain*",)), "nato": Group(weight=1.0, terms=("=NATO",))}, bias=-1.0)
    words = [f"wort{chr(97 + a)}{chr(97 + b)}" for a in range(8) for b in range(8)]
    coins = [
        Label(id=str(n), grade=YES if n * 7919 % 31 < 15 else NO, title="Ukraine " + " ".join(words[n * k * 37 % 64] for k in range(1, 8))) for n in range(120)
    ]

    assert [term for term in tune(watch, coins).terms if term.is_new] == []
