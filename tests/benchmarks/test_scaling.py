"""The made-up table of the scale benchmark has the promised columns, and a slope is a slope."""

import polars as pl
import pytest

from scale import factor_table, slope


def test_fifty_columns_are_33_numbers_and_17_categories_of_8_levels() -> None:
    frame = factor_table(4000, 50)
    numbers = frame.select(pl.col(pl.Float64, pl.Int64))
    words = frame.select(pl.col(pl.String))
    assert frame.shape == (4000, 50)
    assert (numbers.width, words.width) == (33, 17)
    assert all(words[name].n_unique() == 8 for name in words.columns)
    assert frame.null_count().sum_horizontal().item() == 0


def test_columns_depend_on_each_other_and_rows_repeat_with_the_seed() -> None:
    frame = factor_table(3000, 30)
    assert frame.equals(factor_table(3000, 30))
    assert not frame.equals(factor_table(3000, 30, seed=1))
    plain = [name for at, name in enumerate(frame.columns) if name.startswith("n") and at % 6 == 0]
    ties = [abs(frame.select(pl.corr(plain[0], other)).item()) for other in plain[1:]]
    assert max(ties) > 0.1


def test_slope_of_quadratic_time_is_two_and_failures_are_left_out() -> None:
    measured = [
        {"rows": n, "fit": {"wall": n**2 / 1e4, "cpu": n / 10}, "sample": {"wall": 0, "cpu": 0}}
        for n in (100, 1000, 10000)
    ]
    measured.append({"rows": 100000, "failed": "out of memory"})
    assert slope(measured, "rows") == pytest.approx({"wall": 2.0, "cpu": 1.0})
    assert slope(measured[-1:], "rows") is None
