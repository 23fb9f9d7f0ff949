"""Global utility: level for real rows, low where dependence is lost, of every column."""

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people

from artesian.core.run import Run
from artesian.metrics.protocol import Comparison
from artesian.metrics.utility.global_utility import GlobalUtility


def measured(synthetic, seed=0, **settings):
    tables = Comparison(people(1200, 1), synthetic, people(1200, 3))
    return GlobalUtility(**settings)(tables, run=Run.from_seed(seed))


def shuffled(rows, seed, names=None):
    """Columns permuted one by one: the same marginals, no dependence."""
    frame, rng = people(rows, seed).frame, np.random.default_rng(0)
    columns = {
        name: frame[name][rng.permutation(rows)] if names is None or name in names else frame[name]
        for name in frame.columns
    }
    return people(rows, seed).with_frame(pl.DataFrame(columns))


def test_rows_of_the_real_distribution_are_level():
    result = measured(people(1200, 2))
    assert result.value == pytest.approx(1.0, abs=0.06)
    assert result.reference == pytest.approx(1.0, abs=0.06)
    low, high = result.excess_interval
    assert low < 0.02
    assert high > -0.02
    assert set(result.parts) == {"age", "spent", "plan", "town", "member"}


def test_the_training_rows_themselves_score_exactly_1():
    assert measured(people(1200, 1)).value == pytest.approx(1.0, abs=0.08)
    # a sample drawn from the same rows by the same seed: with all rows the samples are equal
    tables = Comparison(people(500, 1), people(500, 1), people(1200, 3))
    same = GlobalUtility(rows=5_000)(tables, run=Run.from_seed(0))
    assert same.value == pytest.approx(1.0)
    assert same.parts == pytest.approx(dict.fromkeys(same.parts, 1.0))


def test_independent_columns_are_useless_for_every_target_that_can_be_predicted():
    result = measured(shuffled(1200, 2))
    assert result.excess_interval[1] < -0.1
    assert result.parts["member"] == pytest.approx(0.5 / 0.85, abs=0.1)
    assert result.parts["spent"] < 0.8
    # nothing predicts the town, so nothing is lost
    assert result.parts["town"] == pytest.approx(1.0, abs=0.15)


def test_what_the_usual_target_does_not_show():
    """Only the dependence of 'plan' is lost, and the target is 'member'."""
    result = measured(shuffled(1200, 2, names=("plan",)))
    assert result.parts["plan"] < 0.75
    assert result.parts["member"] > 0.9
    assert result.excess_interval[1] < 0


def test_targets_are_bounded():
    result = measured(people(1200, 2), max_targets=2, rows=200, test_rows=200)
    assert len(result.parts) == 2
    assert result.detail["train_rows"] == 200
