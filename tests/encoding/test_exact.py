"""Values that repeat come back to the last digit, whatever their type and magnitude."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from artesian.core.errors import ConditionError
from artesian.encoding.numeric import NumberCodec

ROWS = 600
rng = np.random.default_rng(5)
spread = rng.integers(-(2**62), 2**62, ROWS).tolist()
FREQUENT = {
    "64 bits": (pl.Int64(), [2**62 + 1, 2**62 + 3, -(2**62) - 7], spread),
    "unsigned": (pl.UInt64(), [2**64 - 3, 2**64 - 1, 7], [abs(v) * 3 for v in spread]),
    "128 bits": (
        pl.Int128(),
        [10**30 + 1, 10**30 + 2, -(10**29) - 1],
        [v * 10**12 + 11 for v in spread],
    ),
    "decimal": (
        pl.Decimal(38, 4),
        [Decimal("12345678901234567890.1234"), Decimal("12345678901234567890.1235")],
        [Decimal(v) / 4 for v in spread],
    ),
    "nanoseconds": (
        pl.Datetime("ns"),
        [1_700_000_000_123_456_789, 1_700_000_000_123_456_791],
        [v // 4 for v in spread],
    ),
    "sums": (pl.Float64(), [0.1 + 0.2, 19.990000000000002], np.round(rng.random(ROWS), 2).tolist()),
    "thirds": (pl.Float64(), [1 / 3, 2 / 3], rng.random(ROWS).tolist()),
    "32 bits": (pl.Float32(), [0.1, 1 / 3], rng.random(ROWS).tolist()),
}


def column(name, dtype, frequent, others):
    values = [*(v for v in frequent for _ in range(50)), *others]
    if name == "nanoseconds":
        return pl.Series(values, dtype=pl.Int64).cast(dtype)
    return pl.Series(values, dtype=dtype)


def drawn(codec, codes, seed=0):
    return codec.decode(codes, np.random.default_rng(seed).random(len(codes)))


@pytest.mark.parametrize(("name", "kind"), FREQUENT.items(), ids=FREQUENT)
def test_frequent_values_keep_their_last_digit_and_frequency(name, kind):
    series = column(name, *kind)
    wanted = column(name, kind[0], kind[1], []).unique()
    codec = NumberCodec.fit(series)
    again = NumberCodec.from_state(*codec.to_state(), codec.dtype)
    made = drawn(codec, np.tile(codec.encode(series), 10))
    assert made.dtype == series.dtype
    assert drawn(again, np.tile(codec.encode(series), 10)).equals(made)
    counts = made.value_counts()
    for at in range(len(wanted)):
        found = counts.to_series(0) == wanted.slice(at, 1)
        assert counts.filter(found)["count"].sum() == pytest.approx(500, abs=90)
    assert codec.encode(made).tolist() == np.tile(codec.encode(series), 10).tolist()
    rare = series.filter(series.is_unique())
    assert made.is_in(rare.implode()).mean() < 0.02 or name == "sums"


@pytest.mark.parametrize("name", ["64 bits", "128 bits", "decimal", "sums"])
def test_a_condition_finds_a_value_by_its_last_digit(name):
    dtype, frequent, others = FREQUENT[name]
    codec = NumberCodec.fit(column(name, dtype, frequent, others))
    restricted, kept = codec.restrict_values([frequent[1]])
    assert set(drawn(restricted, np.flatnonzero(kept).repeat(30).astype(np.uint8))) == {frequent[1]}
    both, kept = codec.restrict_values(frequent[:2])
    assert set(drawn(both, np.flatnonzero(kept).repeat(300).astype(np.uint8))) == set(frequent[:2])
    if name != "sums":
        with pytest.raises(ConditionError, match="no value"):
            codec.restrict_values([max(frequent) + 1])
        upper, kept = codec.restrict_range(frequent[1], frequent[1])
        made = drawn(upper, np.flatnonzero(kept).repeat(30).astype(np.uint8))
        assert set(made) == {frequent[1]}


GRIDS = {
    "thousand millions": (pl.Series(rng.integers(1, 10**9, ROWS) * 1e9), 10**9),
    "128 bits": (
        pl.Series([int(v) * 10**15 for v in rng.integers(1, 10**15, ROWS)], dtype=pl.Int128),
        10**15,
    ),
    "quarters": (pl.Series(1e15 + rng.integers(0, 10**6, ROWS) * 0.25), 0.25),
    "twentieths": (pl.Series(np.round(rng.integers(0, 9000, ROWS) * 0.05, 2)), 0.05),
    "decimal": (
        pl.Series(
            [Decimal(int(v)) / 20 + 10**20 for v in rng.integers(0, 10**9, ROWS)],
            dtype=pl.Decimal(30, 2),
        ),
        Decimal("0.05"),
    ),
    "quarters of an hour": (
        pl.Series(
            [
                datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * int(v))
                for v in rng.integers(0, 40_000, ROWS)
            ]
        ),
        timedelta(minutes=15),
    ),
}


@pytest.mark.parametrize(("series", "step"), GRIDS.values(), ids=GRIDS)
def test_grids_are_kept_at_every_magnitude(series, step):
    codec = NumberCodec.fit(series)
    made = drawn(codec, np.tile(codec.encode(series), 5)).to_list()
    start = series[0]
    for value in made:
        steps = (value - start) / step
        assert abs(float(steps) - round(steps)) < 1e-6
    assert len(set(made)) > 0.5 * len(made)


def test_large_numbers_without_a_grid_have_none_but_whole_ones_stay_whole():
    codec = NumberCodec.fit(pl.Series(rng.lognormal(40, 3, ROWS)))
    assert codec.grid == 0
    whole = pl.Series(np.floor(rng.lognormal(36, 4, ROWS)))
    codec = NumberCodec.fit(whole)
    made = drawn(codec, codec.encode(whole))
    assert (made == made.floor()).all()
