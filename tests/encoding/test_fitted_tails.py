"""Fitted extremes: at most a little beyond the data, and nobody's value in a small table."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from artesian.core.disclosure import MIN_COUNT
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.scale import Scale
from artesian.encoding.tails import SMALL, fit_tails

KINDS = {
    "age": lambda rng, n: rng.integers(20, 80, n).astype(float),
    "bmi": lambda rng, n: np.round(rng.normal(25, 4, n), 1),
    "income": lambda rng, n: np.round(rng.lognormal(3, 1, n), 2),
    "waiting": lambda rng, n: rng.exponential(10, n),
    "visits": lambda rng, n: rng.poisson(1.5, n).astype(float),
    "loss": lambda rng, n: -rng.exponential(10, n),
}
SEEDS = range(25)


def drawn(values, rows=2000, seed=1):
    series = pl.Series(values)
    codec = NumberCodec.fit(series)
    codes = np.tile(codec.encode(series), max(rows // len(series), 1))
    return codec.decode(codes, np.random.default_rng(seed).random(len(codes))).to_numpy()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [20, 50, SMALL])
def test_the_spread_of_few_rows_is_kept(kind, rows):
    for seed in SEEDS:
        values = KINDS[kind](np.random.default_rng(seed), rows)
        assert drawn(values).std() == pytest.approx(values.std(), rel=0.3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [5, 7, 10, 20, 50, SMALL])
def test_extremes_stay_near_the_data_and_on_their_side_of_zero(kind, rows):
    for seed in SEEDS:
        values = KINDS[kind](np.random.default_rng(seed), rows)
        made, width = drawn(values), np.ptp(values)
        # The five most extreme values decide, which are all values of the smallest tables.
        allowed = 0.5 * max(
            np.ptp(np.sort(values)[-MIN_COUNT:]), np.ptp(np.sort(values)[:MIN_COUNT])
        )
        if rows < 2 * MIN_COUNT:
            allowed = 0.5 * width
        step = 1.0 if kind in ("age", "visits") else 0.1
        assert made.max() <= values.max() + allowed + step
        assert made.min() >= values.min() - allowed - step
        if (values >= 0).all():
            assert made.min() >= 0
        if (values <= 0).all():
            assert made.max() <= 0


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_fewer_rows_than_a_release_needs_leave_nothing(rows):
    series = pl.Series(np.random.default_rng(rows).normal(size=rows))
    codec = NumberCodec.fit(series)
    assert codec.suppressed == rows
    assert codec.decode(codec.encode(series), np.full(rows, 0.5)).null_count() == rows
    open_codec = NumberCodec.fit(series, protect=False)
    assert open_codec.decode(open_codec.encode(series), np.full(rows, 0.5)).null_count() == 0


@pytest.mark.parametrize("rows", [5, 8, 15, 30])
def test_no_value_of_a_few_rows_comes_back_or_is_stored(rows):
    for seed in SEEDS:
        values = np.random.default_rng(seed).normal(50, 9, rows)
        codec = NumberCodec.fit(pl.Series(values))
        header, arrays = codec.to_state()
        stored = np.concatenate([arrays["floor"], arrays["low"], arrays["high"]])
        inner = np.sort(values)[MIN_COUNT - 1 : -MIN_COUNT + 1]
        assert not np.isin(stored, np.setdiff1d(values, inner)).any()
        assert np.isin(values, stored).sum() <= 2, "the two values beside the tails at most"
        assert not np.isin(drawn(values), values).any()
        assert header["exact"] is None


def test_many_rows_keep_an_exponential_tail():
    values = np.sort(np.random.default_rng(0).exponential(10, SMALL + 1))
    fitted, replaced = fit_tails(values, 0.0, 0.0)
    assert replaced == 2 * (MIN_COUNT - 1)
    edge = values[-MIN_COUNT]
    scale = (values[-4 * MIN_COUNT :] - values[-4 * MIN_COUNT]).mean()
    assert fitted[-1] == pytest.approx(edge - scale * np.log1p(-3.5 / 4))


def test_a_value_of_five_rows_remains_in_the_smallest_tables():
    made = drawn(np.array([0.0] * 6 + [3.0, 8.0, 11.0]))
    assert (made == 0.0).mean() > 0.6
    assert not np.isin(made, [3.0, 8.0, 11.0]).all()


@pytest.mark.parametrize("rows", [500, 1000, 5000])
def test_values_that_end_abruptly_do_not_run_beyond_their_ends(rows):
    beyond = 0.0
    for seed in SEEDS:
        values = np.random.default_rng(seed).integers(9 * 60, 17 * 60, rows).astype(float)
        outside = drawn(values)
        beyond += ((outside < 9 * 60) | (outside >= 17 * 60)).mean()
        assert outside.min() >= 9 * 60 - 10
        assert outside.max() < 17 * 60 + 10
        assert np.ptp(outside) >= 0.95 * np.ptp(values)
    assert beyond / len(SEEDS) < 0.002


@pytest.mark.parametrize("rows", [7, 15, 30, 60, 150, 400])
@pytest.mark.parametrize("top", [1, 100])
def test_fractions_and_percentages_end_where_their_scale_does(rows, top):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        for values in (top * rng.beta(4, 1, rows), np.round(top * rng.beta(4, 1, rows), 2)):
            made = drawn(values)
            assert made.min() >= 0
            assert made.max() <= top
        points = np.minimum(np.round(rng.normal(80, 12, rows)), 100).astype(int)
        assert drawn(points).max() <= 100


@pytest.mark.parametrize("rows", [60, 150])
def test_a_scale_ends_where_rows_heap_up_at_a_round_number(rows):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        grades = np.round(rng.uniform(1.2, 3.9, rows), 2)
        grades[: MIN_COUNT - 1] = 4.0
        assert drawn(grades).max() <= 4.0
        assert drawn(-grades).min() >= -4.0
    # Falling numbers of rows are a tail, not an end.
    counts = np.repeat([0, 1, 2, 3, 4, 5], [60, 40, 20, 8, 4, 3])
    assert drawn(counts).max() > 5


def test_dates_and_amounts_beyond_a_scale_have_tails():
    days = pl.Series(np.random.default_rng(1).exponential(20, 500).astype(int)).cast(pl.Int32)
    scale = Scale.from_series(days.cast(pl.Date))
    assert scale.full == ()
    assert Scale.from_series(days).full == (1.0, 100.0)
    assert Scale.from_series(pl.Series([Decimal("0.50"), Decimal("0.75")])).full == (4.0, 400.0)
    amounts = np.random.default_rng(2).lognormal(4, 1, 500)
    assert drawn(amounts).max() > 100
