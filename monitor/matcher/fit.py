"""Weights from judgements: logistic regression that starts at the present weights and does not stray far without reason.

    minimise  Σ log-loss(bias + Σ weight × feature)  +  strength/2 × Σ (weight - present weight)²      within bounds

Twenty judgements move the weights a little, two hundred as far as they say. A weight with bounds never leaves them: what
speaks for an article goes on doing so. The bias is held only lightly, since it follows from how many of the judged articles belong.
The loss is convex, so there is one best answer; Newton's method finds it in a handful of steps, with what is at a bound held there
(Bertsekas 1982, "Projected Newton Methods for Optimization Problems with Simple Constraints").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_ROUNDS = 60
_CLOSE_ENOUGH = 1e-9  # of the gradient, against the number of rows
_BIAS_STRENGTH = 1e-3
_HALVINGS = 40
_ENOUGH = 1e-4  # of the fall that the slope promises (Armijo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """bias and weights of least loss. loss: log-loss of all rows together, without the pull towards the present weights."""

    bias: float
    weights: tuple[float, ...]
    loss: float


Bounds = tuple[float, float]
"""The least and the most that a weight may be; the same twice for one that stays."""


def fit(
    rows: Sequence[Sequence[float]],
    belongs: Sequence[bool],
    *,
    present: Sequence[float],
    present_bias: float,
    strength: float = 1.0,
    bounds: Sequence[Bounds] | None = None,
) -> Fit:
    """The weights that tell best which rows belong, near the present ones.

    rows: the features of each judged article. present: the weights now; where they lie outside of their bounds the nearest bound counts.
    strength: of the pull towards the present weights, above 0: a weight that strays by 1 costs strength/2, in units of log-loss.
    raises: ValueError where lengths differ.
    """
    if len(rows) != len(belongs) or any(len(row) != len(present) for row in rows):
        raise ValueError("every row needs a judgement, and a value for each weight")
    limits: list[Bounds] = [(-math.inf, math.inf), *(bounds or [(-math.inf, math.inf)] * len(present))]
    if len(limits) != len(present) + 1:
        raise ValueError("every weight needs its bounds")
    problem = _Problem(
        # Most groups are not in most articles: only what is there is reckoned with.
        rows=[[(0, 1.0), *((place, float(value)) for place, value in enumerate(row, 1) if value)] for row in rows],
        targets=[1.0 if each else 0.0 for each in belongs],
        prior=[present_bias, *(_within(weight, limit) for weight, limit in zip(present, limits[1:], strict=True))],
        pull=[_BIAS_STRENGTH, *[strength] * len(present)],
        limits=limits,
    )
    at = problem.best()
    return Fit(bias=at[0], weights=tuple(at[1:]), loss=problem.log_loss(at))


def log_loss(points: float, *, belongs: bool) -> float:
    """-log of the chance that was given to what is true: 0 for a sure and right answer, 0.69 for an even one."""
    signed = points if belongs else -points
    return math.log1p(math.exp(-signed)) if signed > -30 else -signed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """rows: sparse, place and value; place 0 is the bias."""

    rows: list[list[tuple[int, float]]]
    targets: list[float]
    prior: list[float]
    pull: list[float]
    limits: list[Bounds]

    def best(self) -> list[float]:
        at, value = list(self.prior), self.cost(self.prior)
        for _ in range(_ROUNDS):
            slope, curve = self.derivatives(at)
            free = [place for place, gradient in enumerate(slope) if not _is_held(at[place], gradient, self.limits[place])]
            if max((abs(slope[place]) for place in free), default=0.0) <= _CLOSE_ENOUGH * (1 + len(self.rows)):
                break
            step = _solved([[curve[row][column] for column in free] for row in free], [slope[place] for place in free])
            moved = self._descend(at, value, slope, free, step)
            if moved is None:  # as near as floating point gets
                break
            at, value = moved
        return at

    def _descend(self, at: list[float], value: float, slope: list[float], free: list[int], step: list[float]) -> tuple[list[float], float] | None:
        """The first of ever shorter steps, cut at the bounds, that falls enough."""
        share = 1.0
        for _ in range(_HALVINGS):
            there = list(at)
            for place, length in zip(free, step, strict=True):
                there[place] = _within(at[place] - share * length, self.limits[place])
            promised = sum(slope[place] * (at[place] - there[place]) for place in free)
            cost = self.cost(there)
            if cost < value and cost <= value - _ENOUGH * promised:
                return there, cost
            share /= 2
        return None

    def cost(self, at: Sequence[float]) -> float:
        return self.log_loss(at) + sum(pull / 2 * (here - prior) ** 2 for pull, here, prior in zip(self.pull, at, self.prior, strict=True))

    def log_loss(self, at: Sequence[float]) -> float:
        return sum(log_loss(sum(at[place] * value for place, value in row), belongs=target > 0.5) for row, target in zip(self.rows, self.targets, strict=True))

    def derivatives(self, at: Sequence[float]) -> tuple[list[float], list[list[float]]]:
        """The gradient and the Hessian of the cost."""
        slope = [pull * (here - prior) for pull, here, prior in zip(self.pull, at, self.prior, strict=True)]
        curve = [[pull if row == column else 0.0 for column in range(len(at))] for row, pull in enumerate(self.pull)]
        for row, target in zip(self.rows, self.targets, strict=True):
            points = sum(at[place] * value for place, value in row)
            chance = 1 / (1 + math.exp(-max(-30.0, min(points, 30.0))))
            bend = chance * (1 - chance)
            for place, value in row:
                slope[place] += (chance - target) * value
                bent, line = bend * value, curve[place]
                for other, its in row:
                    line[other] += bent * its
        return slope, curve


def _within(value: float, bounds: Bounds) -> float:
    return max(bounds[0], min(value, bounds[1]))


def _is_held(value: float, gradient: float, bounds: Bounds) -> bool:
    """At a bound, and going down would lead out of it."""
    return (value <= bounds[0] and gradient > 0) or (value >= bounds[1] and gradient < 0) or bounds[0] == bounds[1]


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The x of matrix · x = right, for a symmetric matrix above zero (Cholesky)."""
    size = len(right)
    lower: list[list[float]] = []
    for row in range(size):
        line: list[float] = []
        for column in range(row + 1):
            rest = matrix[row][column] - sum(left * other for left, other in zip(line, lower[column] if column < row else line, strict=False))
            line.append(math.sqrt(max(rest, 1e-12)) if row == column else rest / lower[column][column])
        lower.append(line)
    half: list[float] = []
    for row in range(size):
        half.append((right[row] - sum(lower[row][column] * half[column] for column in range(row))) / lower[row][row])
    solution = [0.0] * size
    for row in reversed(range(size)):
        solution[row] = (half[row] - sum(lower[below][row] * solution[below] for below in range(row + 1, size))) / lower[row][row]
    return solution
