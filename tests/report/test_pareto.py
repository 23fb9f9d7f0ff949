"""The Pareto front: by hand, and against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import UsageError
from artesian.metrics.protocol import Better
from artesian.report.pareto import front

LOW, HIGH = Better.LOWER, Better.HIGHER
values = st.integers(0, 5).map(float)
triples = st.lists(st.tuples(values, values, values), min_size=1, max_size=12)


def test_by_hand() -> None:
    points = [(0.5, 0.9), (0.6, 0.9), (0.4, 0.7), (0.4, 0.6)]
    assert front(points, (LOW, HIGH)) == [True, False, True, False]


def test_equal_points_are_both_optimal_and_missing_values_never_dominate() -> None:
    points = [(1.0, 1.0), (1.0, 1.0), (None, 0.0), (2.0, 2.0)]
    assert front(points, (LOW, LOW)) == [True, True, False, False]
    assert front([], (LOW,)) == []


def test_a_neutral_direction_is_rejected() -> None:
    with pytest.raises(UsageError, match="neither"):
        front([(1.0,)], (Better.NEITHER,))


@given(triples)
def test_the_front_is_not_empty_and_dominates_all_other_points(
    points: list[tuple[float, float, float]],
) -> None:
    optimal = front(points, (LOW, HIGH, LOW))
    best = [point for point, on in zip(points, optimal, strict=True) if on]
    assert best
    for point, on in zip(points, optimal, strict=True):
        dominated = any(
            k != point and k[0] <= point[0] and k[1] >= point[1] and k[2] <= point[2] for k in best
        )
        assert dominated is not on


@given(triples)
def test_negating_an_objective_and_its_direction_changes_nothing(
    points: list[tuple[float, float, float]],
) -> None:
    negated = [(-a, b, c) for a, b, c in points]
    assert front(points, (LOW, HIGH, LOW)) == front(negated, (HIGH, HIGH, LOW))
