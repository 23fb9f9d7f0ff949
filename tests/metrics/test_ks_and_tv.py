"""Distances of single columns, against scipy and closed forms."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from tests.metrics.tables import people, suppressing, table

from artesian.data.schema import Kind
from artesian.metrics.fidelity.ks import KS
from artesian.metrics.fidelity.tv import TV
from artesian.metrics.protocol import Comparison


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(20, 200), st.integers(20, 200), st.booleans())
def test_ks_equals_scipy(seed, n, m, rounded):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(0.3, 1.5, size=m)
    if rounded:
        a, b = np.round(a), np.round(b)
    result = KS()(Comparison(table({"x": a}), table({"x": b})))
    assert result.parts["x"] == pytest.approx(ks_2samp(a, b).statistic, abs=1e-12)


def test_ks_sets_missing_values_aside_and_tv_looks_at_them():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=400), rng.normal(size=400)
    holes = pl.Series(b).set(pl.Series(np.arange(400) < 100), None)
    tables = Comparison(table({"x": a}), table({"x": holes}))
    assert KS()(tables).parts["x"] == pytest.approx(ks_2samp(a, b[100:]).statistic)
    assert TV()(tables).parts == {"x (missing)": pytest.approx(0.25)}


def test_ks_of_dates_and_of_mixed_types_of_numbers():
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=i) for i in range(100)]
    real = table({"day": days, "n": list(range(100))})
    late = table({"day": days[50:] + days[50:], "n": [float(i) for i in range(100)]})
    parts = KS()(Comparison(real, late)).parts
    assert parts == {"day": pytest.approx(0.5), "n": 0.0}


def test_ks_of_a_column_that_only_one_table_fills():
    real, none = table({"x": [1.0] * 30}), table({"x": [None] * 30}, x=Kind.NUMBER)
    assert KS()(Comparison(real, none)).value == 1.0
    assert KS()(Comparison(none, none)).skipped


def test_tv_closed_form_with_a_missing_value_as_a_category():
    real = table({"c": ["a"] * 50 + ["b"] * 30 + [None] * 20})
    made = table({"c": ["a"] * 20 + ["b"] * 30 + ["new"] * 50})
    # shares (.5, .3, 0, .2) and (.2, .3, .5, 0): half of .3 + 0 + .5 + .2
    assert TV()(Comparison(real, made)).value == pytest.approx(0.5)


def test_tv_takes_whole_and_decimal_numbers_for_the_same_category():
    real = table({"c": [1, 2] * 20}, c=Kind.CATEGORY)
    made = table({"c": [1.0, 2.0] * 20}, c=Kind.CATEGORY)
    assert TV()(Comparison(real, made)).value == 0.0


def test_a_suppressed_category_is_not_a_loss_and_its_rows_are_stated():
    rare = [f"r{i}" for i in range(10)]
    real = table({"c": ["a"] * 60 + ["b"] * 30 + rare})
    made = table({"c": ["a"] * 60 + ["b"] * 30 + ["(rare)"] * 10})
    told = TV()(Comparison(real, suppressing(made, c="(rare)")))
    assert told.value == 0.0
    assert told.detail["suppressed"] == {"c": {"categories": 10, "real": 0.1, "synthetic": 0.1}}
    assert TV()(Comparison(real, made)).value == pytest.approx(0.1)


def test_a_common_category_that_was_lost_stays_a_loss_despite_suppression():
    real = table({"c": ["a"] * 60 + ["b"] * 30 + ["c"] * 10})
    made = table({"c": ["a"] * 60 + ["b"] * 30 + ["(rare)"] * 10})
    assert TV()(Comparison(real, suppressing(made, c="(rare)"))).value == pytest.approx(0.1)


@pytest.mark.parametrize("metric", [KS(), TV()])
def test_the_interval_covers_what_new_samples_give(metric):
    """Of 40 samples of one law, at least 34 intervals hold the mean of all values."""
    results = [
        metric(Comparison(people(500, 2 * i), people(500, 2 * i + 1, blur=0.5))) for i in range(40)
    ]
    middle = np.mean([r.value for r in results])
    assert sum(r.interval[0] <= middle <= r.interval[1] for r in results) >= 34


def test_a_holdout_of_other_length_is_compared_at_equal_rows():
    tables = Comparison(people(4000, 1), people(4000, 2), people(400, 3))
    result = KS()(tables)
    assert result.value < result.detail["equal_rows"]
    assert result.detail["equal_rows"] == pytest.approx(result.reference, abs=0.03)
