"""Singling out, replay of rare combinations, diagnostics of nearness: copies, fresh rows, a plant."""

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import crowd, people, planted, table

from artesian.core.run import Run
from artesian.metrics import CATALOG
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.metric_space import nearest_k
from artesian.metrics.findings import excess
from artesian.metrics.privacy.attacks.rare_replay import RareReplay
from artesian.metrics.privacy.attacks.singling_out import SinglingOut, _design_effect, _fits
from artesian.metrics.privacy.nearest import (
    NNDR,
    Identifiability,
    NearCopies,
    _records,
    distance_ratios,
)
from artesian.metrics.protocol import Better, Comparison

ATTACKS = (SinglingOut, RareReplay)
NEAR = (NearCopies, NNDR, Identifiability)


def accused(result):
    low, high = excess(result)[1]
    return low > 0 if result.better is Better.LOWER else high < 0


@pytest.mark.parametrize("metric", [*ATTACKS, *NEAR])
def test_copies_are_caught_and_fresh_rows_are_not(metric):
    real, holdout = people(1500, 1), people(1500, 3)
    assert accused(metric()(Comparison(real, real, holdout)))
    half = real.with_frame(pl.concat([real.frame[:750], people(750, 2).frame]))
    assert accused(metric()(Comparison(real, half, holdout)))
    alarms = sum(
        accused(metric()(Comparison(real, people(1500, 20 + s), holdout), run=Run.from_seed(s)))
        for s in range(10)
    )
    assert alarms <= 1


def test_descriptions_are_counted_as_they_read():
    made = table({"x": [1.0, 2.0, None, 4.0], "c": ["a", "a", "b", None]})
    rows = encode(Comparison(made, made)).real
    told = [
        (("c", "=", 0.0),),
        (("x", ">=", 2.0),),
        (("x", "<=", 2.0), ("c", "=", 0.0)),
        (("x", "=", float("nan")),),
        (("c", "=", -1.0),),
    ]
    assert _fits(told, rows, Run(), "test")[0].tolist() == [2, 2, 2, 1, 1]


@pytest.mark.slow
def test_the_interval_allows_for_descriptions_that_single_out_the_same_row():
    """Of a short table the same extremes are found again and again; counted as if they told of
    different people, one comparison of fresh rows in ten came out as different."""
    assert _design_effect(np.array([3, 3, 3, 3])) == 4
    assert _design_effect(np.array([1, 2, 3])) == _design_effect(np.array([])) == 1
    different = 0
    for seed in range(60):
        tables = Comparison(*(people(300, 100 + 3 * seed + i) for i in range(3)))
        found = SinglingOut()(tables, run=Run.from_seed(seed))
        different += found.interval[0] > 0 or found.interval[1] < 0
    assert different <= 2


def test_a_ratio_of_nothing_to_nothing_is_one():
    assert distance_ratios(np.array([[0.0, 0.0], [0.0, 4.0], [1.0, 4.0]])).tolist() == [
        1.0,
        0.0,
        0.5,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("metric", NEAR)
def test_unseen_rows_are_no_further_off_for_being_the_reference(metric):
    """Ranks counted among unseen rows put those half a rank away from training rows, and one more
    synthetic row in two hundred seemed a near copy."""
    gaps = []
    for seed in range(60):
        tables = Comparison(*(people(500, 500 + 3 * seed + i) for i in range(3)))
        result = metric()(tables, run=Run.from_seed(seed))
        gaps.append(result.value - result.reference)
    assert abs(np.mean(gaps)) < 3 * np.std(gaps) / np.sqrt(len(gaps))


def test_nearest_records_are_those_of_plain_loops_and_a_row_is_not_its_own():
    rng = np.random.default_rng(0)
    rows, others = (rng.integers(0, 9, (count, 3)).astype(np.float32) for count in (300, 90))
    squares = ((rows[:, None].astype(int) - others[None].astype(int)) ** 2).sum(axis=2)
    found = nearest_k(rows, others, 2, Run(), "test")
    assert np.array_equal(found, np.sort(squares, axis=1)[:, :2])
    real = people(300, 1)
    records = _records(Comparison(real, real, people(300, 3)), NearCopies.spec, Run())
    assert (records.train_nearest > 0).all()
    assert (records.to_synthetic == 0).all()


def test_rows_moved_a_little_are_near_copies_and_rows_that_repeat_are_not():
    real, holdout = people(1500, 1), people(1500, 3)
    moved = real.with_frame(real.frame.with_columns(pl.col("age") + 0.01))
    assert NearCopies()(Comparison(real, moved, holdout)).value > 0.9
    few = [table({"a": ["x", "y"] * 100, "b": ["u", "v", "v", "u"] * 50}) for _ in range(3)]
    for metric in (NearCopies, NNDR):
        found = metric()(Comparison(*few))
        assert found.value == found.reference == 1.0


def test_the_median_ratio_stands_beside():
    real = people(600, 1)
    parts = NNDR()(Comparison(real, real, people(600, 3))).parts
    assert parts["median"] == 0.0
    assert parts["median of holdout"] > 0.5


@pytest.fixture(scope="module")
def hidden():
    real = crowd(seed=1)
    return Comparison(real, planted(real), crowd(seed=3))


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("membership_outliers", 0.45, 0.5),
        ("rare_replay", 0.05, 0.2),
        ("singling_out", 0.05, 0.2),
        ("linkability", 0.01, 0.05),
        ("attribute_inference", 0.01, 0.05),
        ("near_copies", 0.01, 0.05),
        ("nndr", -0.15, -0.05),
        ("exact_copies", 0.01, 0.05),
    ],
)
def test_isolated_people_hidden_verbatim_are_seen(hidden, name, least, most):
    """The table of docs/scorecard.md: 3 % of the rows are the training rows that stand most alone, the
    others are fresh."""
    result = CATALOG[name]()(hidden)
    assert accused(result)
    assert least <= excess(result)[0] <= most


@pytest.mark.parametrize(
    "name", ["membership_average", "dcr_share", "authenticity", "identifiability"]
)
def test_isolated_people_hidden_verbatim_are_overlooked(hidden, name):
    assert not accused(CATALOG[name]()(hidden))


@pytest.mark.parametrize("metric", [*ATTACKS, *NEAR])
def test_too_few_rows_are_skipped_with_a_reason(metric):
    result = metric()(Comparison(people(20, 1), people(20, 2), people(20, 3)))
    assert "20 rows" in result.skipped
    assert "holdout" in metric()(Comparison(people(200, 1), people(200, 2))).skipped
