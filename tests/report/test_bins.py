"""Bins have round edges, are computed from the train table, and disclose no single row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from artesian.core.disclosure import MIN_COUNT
from artesian.report.bins import TARGET_BINS, frequent_values, number_bins, time_bins

DAY = 86_400_000.0
finite = st.floats(-1e15, 1e15, allow_nan=False)


@given(st.lists(finite, min_size=2 * MIN_COUNT, max_size=200), st.lists(finite, max_size=50))
@example([0.0] * 5 + [1.0] * 4 + [5e-324], [])
@example([0.0] * 5 + [5e-324] * 5, [1.0])
@example([0.0] * 4 + [1.0] * 4 + [5e-324] * 2, [])
def test_every_value_is_counted_once_and_every_bin_has_a_name(
    real: list[float], other: list[float]
) -> None:
    bins = number_bins(np.array(real))
    assert np.all(np.diff(bins.edges) > 0)
    assert bins.count(np.array(real)).sum() == len(real)
    assert bins.count(np.array(other)).sum() == len(other)
    assert len(bins.labels()) == len(bins.edges) - 1


@given(st.lists(st.integers(-(10**12), 4 * 10**12), min_size=2 * MIN_COUNT, max_size=100))
def test_datetimes_are_counted_once(real: list[int]) -> None:
    values = np.array(real, dtype=float)
    bins = time_bins(values)
    assert np.all(np.diff(bins.edges) > 0)
    assert bins.count(values).sum() == len(values)
    assert len(bins.edges) <= TARGET_BINS + 4


def test_extreme_values_are_not_edges_of_bins() -> None:
    values = np.append(np.random.default_rng(0).normal(50, 5, 1000), [-1234.5, 9876.5])
    edges = number_bins(values).edges
    assert edges[0] > 0
    assert edges[-1] < 100


def test_few_integers_get_a_bin_each() -> None:
    bins = number_bins(np.repeat(np.arange(1, 17), 30).astype(float))
    assert bins.labels()[0] == "1 or less"
    assert bins.labels()[1:-1] == [str(n) for n in range(2, 16)]
    assert np.all(bins.count(np.repeat(np.arange(1.0, 17), 30)) == 30)


def test_labels_of_outer_bins_are_open_and_of_inner_ones_closed() -> None:
    bins = number_bins(np.linspace(0, 1, 500))
    labels = bins.labels()
    assert labels[0].startswith("less than ")
    assert labels[-1].endswith(" or more")
    assert labels[2] == "0.10 to 0.15"


def test_numbers_over_many_powers_of_ten_get_logarithmic_bins() -> None:
    values = np.exp(np.random.default_rng(1).normal(0, 3, 2000))
    bins = number_bins(values)
    assert bins.scale == "log"
    assert np.allclose(np.diff(np.log(bins.edges)), np.diff(np.log(bins.edges))[0])
    assert number_bins(-values).scale == "linear"  # no logarithm below zero


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_bins_are_not_finer_than_the_values_and_include_their_lower_edge(decimals: int) -> None:
    values = np.round(np.arange(100, 160) / 10.0**decimals, decimals)
    bins = number_bins(np.repeat(values, 5))
    counts = bins.count(values)
    assert set(counts[1:-1].tolist()) in ({1}, {2})


def test_a_constant_has_one_bin() -> None:
    bins = number_bins(np.full(20, 3.0))
    assert bins.count(np.full(7, 3.0)).tolist() == [7]


@pytest.mark.parametrize(
    ("days", "first", "second"),
    [
        (20, "2020-01-01", "2020-01-02"),
        (900, "2020-01-01", "2020-02-01"),
        (20_000, "2020-01-01", "2022-01-01"),
    ],
)
def test_edges_of_dates_are_days_months_and_years(days: int, first: str, second: str) -> None:
    start = np.datetime64("2020-01-01", "ms").astype(float)
    bins = time_bins(start + DAY * np.round(np.linspace(0, days, 1000)))
    assert bins.labels()[0] == f"before {second}"
    assert bins.edges[0] == np.datetime64(first, "ms").astype(float)


def test_frequent_values_are_sorted_by_frequency() -> None:
    values = np.concatenate([np.zeros(500), np.full(200, 40.0), np.arange(300.0) + 100])
    assert frequent_values(values) == [0.0, 40.0]
    assert frequent_values(np.arange(1000.0)) == []
