import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.matcher.fit import fit, log_loss


def judged(*, features: int = 3, most: int = 30):
    row = st.tuples(*[st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.5])] * features)
    return st.lists(st.tuples(row, st.booleans()), min_size=1, max_size=most)


def test_without_features_the_bias_is_the_log_odds_of_what_belongs():
    found = fit([()] * 40, [True] * 30 + [False] * 10, present=[], present_bias=0.0)

    assert found.bias == pytest.approx(math.log(30 / 10), abs=1e-3)


def test_one_feature_that_is_there_or_not_gives_the_log_of_the_odds_ratio():
    rows = [(1.0,)] * 10 + [(0.0,)] * 10
    belongs = [True] * 8 + [False] * 2 + [True] * 3 + [False] * 7

    found = fit(rows, belongs, present=[0.0], present_bias=0.0, strength=1e-9)

    assert found.weights[0] == pytest.approx(math.log(8 / 2) - math.log(3 / 7), abs=0.01)


@given(judged(), st.sampled_from([0.1, 1.0, 10.0]))
def test_at_the_best_weights_no_direction_leads_down(rows, strength):
    values, belongs = [row for row, _ in rows], [each for _, each in rows]
    present = [1.0, 0.5, -1.0]

    found = fit(values, belongs, present=present, present_bias=-1.0, strength=strength)

    wrong = [1 / (1 + math.exp(-(found.bias + sum(w * v for w, v in zip(found.weights, row, strict=True))))) - each for row, each in rows]
    for place, weight in enumerate(found.weights):
        slope = sum(miss * row[place] for miss, row in zip(wrong, values, strict=True)) + strength * (weight - present[place])
        assert slope == pytest.approx(0.0, abs=1e-5)
    assert sum(wrong) + 1e-3 * (found.bias + 1.0) == pytest.approx(0.0, abs=1e-5)


@given(judged(), st.sampled_from([0.01, 1.0]))
def test_a_weight_never_leaves_its_bounds_and_is_pushed_against_them_only_by_the_loss(rows, strength):
    values, belongs = [row for row, _ in rows], [each for _, each in rows]

    found = fit(values, belongs, present=[1.0, 1.0, -1.0], present_bias=-1.0, strength=strength, bounds=[(0.0, 3.0), (1.0, 1.0), (-3.0, 0.0)])

    assert 0.0 <= found.weights[0] <= 3.0
    assert found.weights[1] == 1.0
    assert -3.0 <= found.weights[2] <= 0.0
    wrong = [1 / (1 + math.exp(-(found.bias + sum(w * v for w, v in zip(found.weights, row, strict=True))))) - each for row, each in rows]
    slope = sum(miss * row[0] for miss, row in zip(wrong, values, strict=True)) + strength * (found.weights[0] - 1.0)
    assert slope == pytest.approx(0.0, abs=1e-5) or (found.weights[0] == 0.0 and slope > 0) or (found.weights[0] == 3.0 and slope < 0)


def test_without_judgements_everything_stays():
    found = fit([], [], present=[2.0, -1.0], present_bias=-3.0)

    assert (found.bias, found.weights) == (-3.0, (2.0, -1.0))


def test_the_pull_decides_how_far_the_same_judgements_move_a_weight():
    rows, belongs = [(1.0,)] * 6, [True] * 6

    weak, strong = (fit(rows, belongs, present=[1.0], present_bias=-1.0, strength=strength).weights[0] for strength in (0.1, 100.0))

    assert weak > strong > 1.0


def test_what_tells_all_apart_does_not_run_away():
    found = fit([(1.0,)] * 50 + [(0.0,)] * 50, [True] * 50 + [False] * 50, present=[1.0], present_bias=-1.0)

    assert 3.0 < found.weights[0] < 8.0


def test_a_row_that_lacks_a_value_is_refused():
    with pytest.raises(ValueError, match="a value for each weight"):
        fit([(1.0,)], [True], present=[1.0, 2.0], present_bias=0.0)


@pytest.mark.parametrize(("points", "loss"), [(0.0, math.log(2)), (40.0, 0.0), (-40.0, 40.0)])
def test_log_loss_is_that_of_the_chance_given_to_the_truth(points, loss):
    assert log_loss(points, belongs=True) == pytest.approx(loss, abs=1e-9)
    assert log_loss(-points, belongs=False) == pytest.approx(loss, abs=1e-9)
