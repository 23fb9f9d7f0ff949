"""Marginals of three columns: known distances, dependence that pairs do not show, bounds."""

from itertools import combinations

import numpy as np
import pytest
from tests.metrics.tables import people, table

from artesian.core.run import Run
from artesian.metrics import CATALOG
from artesian.metrics.fidelity.marginals_3way import Marginals3Way, draw_triples
from artesian.metrics.protocol import Comparison


def parity(rows, seed, dependent=True):
    """Two random bits, and their parity or a third random bit."""
    a, b, noise = np.random.default_rng(seed).integers(0, 2, (3, rows))
    third = a ^ b if dependent else noise
    return table(
        {name: np.array(["n", "y"])[bits] for name, bits in zip("abc", (a, b, third), strict=True)}
    )


def measured(real, synthetic, holdout=None, **settings):
    return Marginals3Way(**settings)(Comparison(real, synthetic, holdout), run=Run.from_seed(0))


def test_identical_tables_have_distance_0_and_disjoint_ones_1():
    real = people(500, 1)
    assert measured(real, real).value == 0.0
    ones = table({name: ["p", "q"] * 50 for name in "abc"})
    others = table({name: ["r", "s"] * 50 for name in "abc"})
    assert measured(ones, others).value == 1.0


def test_dependence_of_three_that_no_pair_has():
    real, synthetic, holdout = parity(4000, 1), parity(4000, 2, dependent=False), parity(4000, 3)
    result = measured(real, synthetic, holdout)
    # half of the 8 equally frequent combinations never occur in the real table
    assert result.value == pytest.approx(0.5, abs=0.03)
    assert result.reference < 0.03
    assert result.excess_interval[0] > 0.4
    assert CATALOG["pairs"]()(Comparison(real, synthetic, holdout)).value < 0.03


def test_a_known_distance_between_counts():
    real = table({"a": ["x"] * 40, "b": ["u"] * 20 + ["v"] * 20, "c": ["s"] * 40})
    synthetic = table({"a": ["x"] * 40, "b": ["u"] * 30 + ["v"] * 10, "c": ["s"] * 40})
    result = measured(real, synthetic)
    assert result.parts == {"a x b x c": pytest.approx(0.25)}


def test_fresh_rows_are_level_with_the_holdout_at_any_length():
    real, holdout = people(2000, 1), people(700, 3)
    for rows in (500, 2000):
        result = measured(real, people(rows, 2), holdout)
        low, high = result.excess_interval
        assert low < 0 < high or abs(result.excess) < 0.02


def test_triples_are_bounded_and_drawn_without_repetition():
    seed = Run.from_seed(1).seed
    assert draw_triples(5, 100, seed) == list(combinations(range(5), 3))
    for columns in (12, 300):
        drawn = draw_triples(columns, 60, seed)
        assert len(drawn) == len(set(drawn)) == 60
        assert all(0 <= a < b < c < columns for a, b, c in drawn)
        assert drawn == draw_triples(columns, 60, seed)


def test_fewer_than_three_columns_are_skipped():
    result = measured(*(table({"a": ["x", "y"] * 30, "b": [1.0, 2.0] * 30}) for _ in range(2)))
    assert result.value is None
    assert "three columns" in result.skipped
