"""Rare categories and tails: planted losses are found though every mean looks well."""

from math import comb

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import suppressing, table

from artesian.data.schema import Kind
from artesian.metrics.fidelity.rare_categories import RareCategories
from artesian.metrics.fidelity.tail_mass import TailMass
from artesian.metrics.fidelity.tv import TV
from artesian.metrics.fidelity.wasserstein import Wasserstein
from artesian.metrics.protocol import Comparison

SHARES = [0.5, 0.3, 0.16, 0.008, 0.008, 0.008, 0.008, 0.008]


def towns(rows, seed, without=(), instead="t0"):
    """Three frequent towns and five rare ones."""
    rng = np.random.default_rng(seed)
    drawn = pl.Series(rng.choice([f"t{i}" for i in range(8)], rows, p=SHARES))
    return table({"town": drawn.replace(list(without), instead) if without else drawn})


def test_one_lost_category_is_found_while_shares_hardly_move():
    real, holdout = towns(4000, 1), towns(2000, 3)
    fresh = RareCategories()(Comparison(real, towns(4000, 2), holdout))
    lossy = Comparison(real, towns(4000, 2, without=["t5"]), holdout)
    lost = RareCategories()(lossy)
    assert fresh.value == pytest.approx(1.0, abs=1e-3)
    assert fresh.reference == pytest.approx(1.0, abs=1e-3)
    assert lost.value == pytest.approx(4 / 5, abs=1e-3)
    assert lost.interval[1] < lost.reference - 0.15
    assert lost.excess_interval[1] < 0
    assert lost.detail["columns"]["town"]["rare"] == 5
    assert "'town'" in lost.explanation
    assert TV()(lossy).value < 0.02
    assert not any("t5" in str(told) for told in (lost.detail, lost.parts, lost.explanation))


def test_survival_is_that_of_as_many_rows_as_the_shorter_table_has():
    """One row in 200 of a category: among 50 rows drawn, it is there with a chance of 1/4."""
    real = table({"c": ["a"] * 398 + ["b"] * 2})
    made = table({"c": ["a"] * 199 + ["b"]})
    holdout = table({"c": ["a"] * 48 + ["b"] * 2})
    result = RareCategories()(Comparison(real, made, holdout))
    assert result.value == pytest.approx(50 / 200)
    assert result.reference == 1.0
    more = table({"c": ["a"] * 197 + ["b"] * 3})
    chance = 1 - comb(197, 50) / comb(200, 50)
    assert RareCategories()(Comparison(real, more, holdout)).value == pytest.approx(chance)
    assert RareCategories()(Comparison(real, more)).value == 1.0


def test_fresh_rows_are_not_told_from_unseen_ones():
    """Of 40 samples, at least 36 of the intervals of the difference hold 0, whatever the lengths."""
    rng = np.random.default_rng(0)
    law = rng.dirichlet(np.full(200, 0.3))

    def rows(count, seed):
        return table({"c": np.random.default_rng(seed).choice(200, count, p=law)}, c=Kind.CATEGORY)

    held = 0
    for i in range(40):
        tables = Comparison(rows(1500, 3 * i), rows(1200, 3 * i + 1), rows(600, 3 * i + 2))
        low, high = RareCategories()(tables).excess_interval
        held += low <= 0 <= high
    assert held >= 36


def test_strata_and_what_is_rare_where_nothing_is():
    real = towns(4000, 1)
    parts = RareCategories()(Comparison(real, towns(4000, 2))).parts
    assert set(parts) == {"0.1 % to 1 %", "5 % and more"}
    coin = table({"c": ["a"] * 60 + ["b"] * 40})
    result = RareCategories()(Comparison(coin, table({"c": ["a"] * 100})))
    assert result.value == 0.5
    assert result.parts == {"5 % and more": 0.5}
    assert "2 real categories," in result.explanation


def test_suppressed_categories_are_reported_apart_from_lost_ones():
    few = [f"r{i}" for i in range(10)]
    real = table({"c": ["a"] * 570 + ["b"] * 420 + few})
    made = table({"c": ["a"] * 570 + ["b"] * 420 + ["(rare)"] * 10})
    lost = RareCategories()(Comparison(real, made))
    assert lost.value == 0.0
    kept = RareCategories()(Comparison(real, suppressing(made, c="(rare)")))
    assert kept.value == 1.0
    assert kept.detail["suppressed"]["c"]["categories"] == 10
    # Six rows are too many to be suppressed, so they are lost.
    six = table({"c": ["a"] * 570 + ["b"] * 414 + ["s"] * 6 + few})
    found = RareCategories()(Comparison(six, suppressing(made, c="(rare)")))
    assert found.value == 0.0
    assert found.detail["suppressed"]["c"]["categories"] == 10


def test_tables_without_categories_or_rows_are_skipped_with_a_reason():
    numbers, few = table({"x": np.arange(30.0)}), table({"c": ["a"] * 5})
    assert "no category" in RareCategories()(Comparison(numbers, numbers)).skipped
    assert "20 are needed" in RareCategories()(Comparison(few, few)).skipped
    empty = table({"c": [None] * 30}, c=Kind.CATEGORY)
    assert "no category" in RareCategories()(Comparison(empty, empty)).skipped


def test_a_collapsed_tail_is_found_while_the_whole_looks_well():
    rng = np.random.default_rng(0)
    real, fresh, unseen = (table({"x": rng.normal(size=5000)}) for _ in range(3))
    ends = np.quantile(real.frame["x"], (0.03, 0.97))
    clipped = table({"x": np.clip(fresh.frame["x"], *ends)})
    good = TailMass()(Comparison(real, fresh, unseen))
    bad = TailMass()(Comparison(real, clipped, unseen))
    assert good.interval[0] < good.reference < good.interval[1]
    assert bad.parts["x (low 1 %)"] == bad.parts["x (high 1 %)"] == 1.0
    assert bad.parts["x (high 5 %)"] < 0.2
    assert bad.interval[0] > 2 * bad.reference
    assert Wasserstein()(Comparison(real, clipped)).value < 0.06


def test_half_as_many_and_twice_as_many():
    real = table({"x": np.arange(1000.0)})
    half = table({"x": np.concatenate([np.arange(1000.0)[:-25], np.zeros(25)])})
    part = TailMass()(Comparison(real, half)).parts["x (high 5 %)"]
    assert part == pytest.approx(0.5, abs=0.02)
    more = table({"x": np.append(np.arange(1000.0), np.arange(950.0, 1000.0))})
    part = TailMass()(Comparison(real, more)).parts["x (high 5 %)"]
    assert part == pytest.approx(1 - 0.05 / (100 / 1050), abs=0.02)


def test_a_heavy_value_at_the_end_is_no_tail():
    rng = np.random.default_rng(0)
    gains = np.where(rng.random(2000) < 0.92, 0.0, rng.exponential(size=2000))
    result = TailMass()(Comparison(table({"x": gains}), table({"x": gains})))
    assert set(result.parts) == {"x (high 5 %)", "x (high 1 %)"}
    assert result.value == 0.0
    same = table({"x": [1.0] * 50})
    assert "tail" in TailMass()(Comparison(same, same)).skipped
