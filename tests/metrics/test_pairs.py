"""Dependence between columns, against scipy and closed forms."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import contingency, spearmanr
from tests.metrics.tables import people, table

from artesian.metrics.fidelity.pairs import Pairs
from artesian.metrics.protocol import Comparison


def test_two_numbers_give_half_the_gap_of_spearmans_rho():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 500))
    real, made = table({"x": x, "y": x + y}), table({"x": x, "y": np.round(y - x)})
    result = Pairs()(Comparison(real, made))
    rho = spearmanr(x, x + y).statistic, spearmanr(x, np.round(y - x)).statistic
    assert result.parts["x x y"] == pytest.approx(abs(rho[0] - rho[1]) / 2, abs=1e-9)
    assert result.chart.real[0][1] == pytest.approx(rho[0], abs=1e-4)
    assert result.chart.synthetic[0][1] == pytest.approx(rho[1], abs=1e-4)


def test_two_categories_give_the_total_variation_of_their_table():
    real = table({"a": ["x", "y"] * 50, "b": ["u", "v"] * 50})
    made = table({"a": ["x", "x", "y", "y"] * 25, "b": ["u", "v"] * 50})
    result = Pairs()(Comparison(real, made))
    assert result.value == pytest.approx(0.5)  # (.5, 0, 0, .5) against four quarters
    assert result.chart.real[0][1] == 1.0
    assert result.chart.synthetic[0][1] == 0.0


def test_cramers_v_equals_scipy():
    frame = people(800, 1).frame.select("plan", "town")
    made = Pairs()(Comparison(table(frame), table(frame)))
    plan = frame["plan"].rank("dense").to_numpy()
    town = frame["town"].rank("dense").to_numpy()
    counts = contingency.crosstab(plan, town).count
    assert made.chart.real[0][1] == pytest.approx(
        contingency.association(counts, "cramer"), abs=1e-4
    )


def test_shuffled_columns_are_found_though_every_column_is_right():
    real, fresh = people(2000, 1), people(2000, 2)
    shuffled = fresh.with_frame(
        fresh.frame.with_columns(
            pl.col(c).shuffle(seed=i) for i, c in enumerate(fresh.frame.columns)
        )
    )
    good = Pairs()(Comparison(real, fresh, people(2000, 3)))
    bad = Pairs()(Comparison(real, shuffled, people(2000, 3)))
    assert good.interval[0] <= good.reference <= good.interval[1] + 0.01
    assert bad.interval[0] > 3 * bad.reference


def test_wide_tables_pair_a_stated_choice_of_columns():
    rng = np.random.default_rng(0)
    real, made = (table({f"c{i}": rng.normal(size=60) for i in range(120)}) for _ in range(2))
    result = Pairs(max_columns=10)(Comparison(real, made))
    assert len(result.parts) == 45
    assert "10 columns drawn from 120" in result.explanation
