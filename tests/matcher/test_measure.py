import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.matcher import measure
from monitor.model import Grade, Label

YES, PARTLY, NO = Grade.YES, Grade.PARTLY, Grade.NO


def label(number: int, grade: Grade, title: str = "", text: str = "", language: str = "en") -> Label:
    return Label(id=str(number), grade=grade, title=title or f"Title {number}", text=text, language=language)


def test_the_figures_are_those_of_the_textbook():
    judged = [(YES, True, 0.9), (NO, True, 0.8), (YES, True, 0.7), (YES, False, 0.3), (NO, False, 0.1), (PARTLY, True, 0.6), (PARTLY, False, 0.2)]

    found = measure.figures(judged)

    assert (found.positives, found.negatives, found.flagged, found.partly, found.partly_flagged) == (3, 2, 3, 2, 0.5)
    assert (found.precision, found.recall, found.f1) == (pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert found.ap == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 3)


def test_texts_of_one_score_share_a_rank_in_whatever_order_they_come():
    assert measure.figures([(YES, True, 0.5), (NO, True, 0.5)]).ap == measure.figures([(NO, True, 0.5), (YES, True, 0.5)]).ap == 0.5


@pytest.mark.parametrize(
    ("judged", "unknown"),
    [
        pytest.param([], {"precision", "recall", "f1", "ap"}, id="nothing"),
        pytest.param([(NO, False, 0.1)], {"precision", "recall", "f1", "ap"}, id="nothing belongs, nothing flagged"),
        pytest.param([(YES, False, 0.1)], {"precision"}, id="nothing flagged"),
    ],
)
def test_a_figure_that_nobody_can_know_is_none_and_reaches_no_floor(judged, unknown):
    found = measure.figures(judged)

    assert {name for name in measure.MEASURES if getattr(found, name) is None} == unknown
    assert len(measure.below(found, dict.fromkeys(unknown, 0.0))) == len(unknown)


def test_floors_that_are_not_reached_are_named_with_the_figure():
    found = measure.figures([(YES, True, 0.9), (NO, True, 0.8)])

    assert measure.below(found, {"precision": 0.6, "recall": 1.0}) == ["precision 0.500, below 0.6"]


@pytest.fixture(scope="module")
def many() -> list[measure.Item]:
    return [(YES if n % 4 == 0 else NO, n % 4 == 0 or n % 10 == 1, 1 - n / 400) for n in range(200)]


def test_intervals_hold_the_figure_and_are_the_same_for_the_same_seed(many):
    found, between = measure.figures(many), measure.intervals(many, seed=3)

    assert between == measure.intervals(many, seed=3)
    assert between != measure.intervals(many, seed=4)
    assert all(between[name][0] <= getattr(found, name) <= between[name][1] for name in measure.MEASURES)


def test_the_interval_of_a_share_is_as_wide_as_theory_says(many):
    low, high = measure.intervals(many)["precision"]

    share, flagged = 50 / 60, 60
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(share * (1 - share) / flagged), rel=0.2)


def test_without_labels_there_are_no_intervals():
    assert measure.intervals([(PARTLY, True, 0.5)]) == dict.fromkeys(measure.MEASURES)


# -------------------------------------------------------------------------------------------------- folds
@given(st.lists(st.sampled_from(list(Grade)), max_size=60), st.integers(2, 5))
def test_folds_part_the_labels_evenly_by_grade(grades, count):
    labels = [label(number, grade) for number, grade in enumerate(grades)]

    parts = measure.folds(labels, count)

    assert sorted(place for part in parts for place in part) == list(range(len(labels)))
    for grade in Grade:
        sizes = [sum(labels[place].grade == grade for place in part) for part in parts]
        assert max(sizes) - min(sizes) <= 1


def test_texts_of_one_headline_are_in_one_fold():
    labels = [label(number, YES, title="Same  headline" if number % 3 else "same Headline") for number in range(9)] + [label(n, YES) for n in range(9, 18)]

    parts = measure.folds(labels, 2)

    assert any(set(range(9)) <= set(part) for part in parts)


def test_another_seed_parts_otherwise():
    labels = [label(number, YES) for number in range(40)]

    assert measure.folds(labels, 4, seed=1) == measure.folds(labels, 4, seed=1) != measure.folds(labels, 4, seed=2)


# ----------------------------------------------------------------------------------------------- mistakes
def test_each_miss_says_which_condition_failed_and_each_false_alarm_what_was_heard(topic):
    labels = [
        label(1, YES, title="NATO meets", text="Nobody says which country."),
        label(2, YES, title="Nothing at all"),
        label(3, NO, title="NATO and Ukraine in a quiz"),
        label(4, NO, title="Wheat"),
        label(5, YES, title="NATO visits Ukraine"),
        label(6, PARTLY, title="NATO, Ukraine and others"),
    ]
    watch = topic()
    judged = list(measure.cases(watch, labels))

    missed, false = measure.missed(watch, judged), measure.false_alarms(watch, judged)

    assert [each.case.label.id for each in missed] == ["1", "2"]
    assert "no word of ukraine occurs" in missed[0].why
    assert missed[1].why == "none of its terms occurs"
    assert [each.case.label.id for each in false] == ["3"]
    assert "nato +6.0 (NATO)" in false[0].why


def test_a_miss_with_too_few_points_says_what_was_heard(topic):
    watch = topic(bias=-20.0)

    (miss,) = measure.missed(watch, measure.cases(watch, [label(1, YES, title="NATO visits Ukraine")]))

    assert miss.why.startswith("too few points; ")
    assert "ukraine +6.0 (Ukraine)" in miss.why


def test_figures_are_given_by_language_that_with_most_labels_first(topic):
    labels = [label(1, YES, title="NATO visits Ukraine"), label(2, NO, title="Wheat", language="en-GB"), label(3, YES, title="Weizen", language="de")]

    found = measure.by_language(list(measure.cases(topic(), labels)))

    assert [(language, each.positives, each.recall) for language, each in found.items()] == [("en", 1, 1.0), ("de", 1, 0.0)]


# ------------------------------------------------------------------------------------------------- better
def test_what_is_right_more_often_is_surely_better_and_what_is_the_same_never(many):
    perfect = [(grade, grade == YES, 1.0 if grade == YES else 0.0) for grade, _, _ in many]

    assert measure.chance_of_better(many, perfect) > 0.95
    assert measure.chance_of_better(perfect, many) < 0.05
    assert measure.chance_of_better(many, many) == 0.0
    assert measure.chance_of_better([], []) == 0.0


def test_one_label_more_that_is_right_may_be_luck():
    before = [(YES, False, 0.4), *[(YES, True, 0.9)] * 10, *[(NO, False, 0.1)] * 10, (NO, True, 0.6)]
    after = [(YES, True, 0.6), *before[1:-1], (NO, True, 0.7)]

    assert 0.2 < measure.chance_of_better(before, after) < 0.9
