"""The detector, and the curve it is judged by."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from tests.metrics.tables import people, table

from artesian.data.schema import Kind
from artesian.metrics.common.roc import WeightedArea, auc_delong, roc_curve
from artesian.metrics.fidelity.c2st import C2STHoldout
from artesian.metrics.fidelity.c2st_logistic import C2STLogistic
from artesian.metrics.protocol import Comparison


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 60), st.booleans())
def test_areas_equal_those_of_scikit_learn(seed, n, tied):
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 2 == 0
    scores = rng.normal(size=n) + 0.5 * truth
    scores = np.round(scores) if tied else scores
    weights = rng.integers(0, 3, n) + np.isin(np.arange(n), (0, 1))
    assert auc_delong(truth, scores)[0] == pytest.approx(roc_auc_score(truth, scores))
    expected = roc_auc_score(truth, scores, sample_weight=weights)
    assert WeightedArea(truth, scores)(weights.astype(float)) == pytest.approx(expected)


def test_delongs_variance_is_that_of_new_samples():
    rng = np.random.default_rng(0)
    truth = np.repeat([True, False], 100)
    found = [auc_delong(truth, rng.normal(size=200) + truth) for _ in range(400)]
    areas, variances = np.array(found).T
    assert np.sqrt(variances.mean()) == pytest.approx(areas.std(), rel=0.12)


def test_the_curve_holds_the_area_it_is_said_to():
    rng = np.random.default_rng(0)
    truth = np.repeat([True, False], 5000)
    scores = rng.normal(size=10_000) + truth
    points = np.array(roc_curve(truth, scores))
    assert len(points) <= 100
    assert points[0].tolist() == [0, 0]
    assert points[-1].tolist() == [1, 1]
    area = float(np.trapezoid(points[:, 1], points[:, 0]))
    assert area == pytest.approx(roc_auc_score(truth, scores), abs=0.002)


def test_rows_of_the_same_law_cannot_be_told_and_real_against_real_says_so():
    result = C2STHoldout()(Comparison(people(1500, 1), people(1500, 2), people(1500, 3)))
    assert result.value == pytest.approx(0.5, abs=0.04)
    assert result.reference == pytest.approx(0.5, abs=0.04)


def test_what_gives_rows_away_is_named():
    fresh = people(1500, 2)
    frame = fresh.frame.with_columns(spent=fresh.frame["spent"] * 1.6)
    result = C2STHoldout()(Comparison(people(1500, 1), fresh.with_frame(frame), people(1500, 3)))
    assert result.value > 0.7
    assert next(iter(result.parts)) == "spent"
    assert "'spent'" in result.explanation


def test_copied_training_rows_do_not_flatter_it():
    """Against training rows a copy scores below a guess; the value is taken against unseen rows."""
    real = people(1500, 1)
    result = C2STHoldout()(Comparison(real, real, people(1500, 3)))
    assert result.detail["train"] < 0.45
    assert result.value == pytest.approx(result.reference, abs=0.04)


def test_the_values_of_keys_and_of_new_codes_give_nothing_away():
    def keyed(seed):
        frame = people(300, seed).frame
        numbers = np.random.default_rng(seed).choice(90_000, 300, replace=False) + 10_000
        return table(
            frame.with_columns(
                key=np.array([f"K{seed}-{i}" for i in range(300)]),
                code=np.array([f"N{number}" for number in numbers]),
            ),
            key=Kind.KEY,
            code=Kind.TEXT,
        )

    result = C2STHoldout()(Comparison(keyed(1), keyed(2), keyed(3)))
    assert result.value < 0.65
    assert max(result.parts.get(name, 0) for name in ("key", "code")) < 0.02


def test_a_lost_weekly_rhythm_is_found():
    rng = np.random.default_rng(0)
    day = 86_400_000_000

    def dates(weekdays):
        weeks = rng.integers(0, 200, 900)
        moments = (weeks * 7 + rng.choice(weekdays, 900)) * day
        return table({"at": moments}).frame["at"].cast(pl.Datetime("us"))

    def of(weekdays):
        return table({"at": dates(weekdays)})

    result = C2STHoldout()(Comparison(of([4, 5, 6, 7, 8]), of(range(7)), of([4, 5, 6, 7, 8])))
    assert result.value > 0.6


def test_a_linear_detector_sees_a_shift_and_not_a_broken_dependence():
    real, holdout = people(1200, 1), people(1200, 3)

    def found(made):
        return C2STLogistic()(Comparison(real, made, holdout))

    fresh = people(1200, 2)
    shifted = fresh.with_frame(fresh.frame.with_columns(pl.col("age") + 8))
    order = np.random.default_rng(0).permutation(1200)
    broken = fresh.with_frame(fresh.frame.with_columns(fresh.frame["spent"][order]))
    assert found(fresh).excess_interval[0] < 0
    assert found(shifted).value > 0.65
    assert next(iter(found(shifted).parts)) == "age"
    assert found(broken).excess_interval[0] < 0
    assert C2STHoldout()(Comparison(real, broken, holdout)).value > 0.8


def test_a_linear_detector_is_saturated_and_says_so():
    """Columns sampled independently keep every mean and proportion."""
    fresh, rng = people(1500, 2), np.random.default_rng(0)
    columns = {name: fresh.frame[name][rng.permutation(1500)] for name in fresh.frame.columns}
    tables = Comparison(people(1500, 1), fresh.with_frame(pl.DataFrame(columns)), people(1500, 3))
    linear, boosted = C2STLogistic()(tables), C2STHoldout()(tables)
    assert linear.value == pytest.approx(0.5, abs=0.05)
    assert boosted.value > 0.8
    assert "c2st_holdout" in linear.explanation
