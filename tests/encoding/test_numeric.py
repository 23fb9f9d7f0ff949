"""Numbers as bins: what a code stands for, and that nothing else ever comes out of it."""

from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import ConditionError
from artesian.encoding.numeric import SPARE, NumberCodec
from artesian.encoding.segments import MAX_CODES

numbers = st.floats(-1e9, 1e9, allow_subnormal=False) | st.integers(-1000, 1000).map(float)
columns = st.lists(numbers | st.none(), max_size=120)
decimals = st.lists(st.integers(-5000, 5000).map(lambda i: i / 100), min_size=1, max_size=150)


def series_of(values):
    return pl.Series(values, dtype=pl.Float64)


def drawn(codec, codes, seed=0):
    return codec.decode(codes, np.random.default_rng(seed).random(len(codes)))


def every_code(codec, times=20):
    return np.tile(np.arange(codec.levels), times).astype(np.uint8)


@given(columns, st.booleans())
def test_codes_are_in_range_and_missing_is_the_last(values, protect):
    codec = NumberCodec.fit(series_of(values), protect=protect)
    codes = codec.encode(series_of(values))
    assert codec.levels <= 255
    assert (codes < max(codec.levels, 1)).all()
    absent = series_of(values).is_null().to_numpy()
    nothing = (~absent).sum() < (MIN_COUNT if protect else 1)
    assert codec.missing == (None in values or nothing)
    assert (codes[absent] == codec.levels - 1).all()
    if codec.missing and not nothing:
        assert (codes[~absent] < codec.levels - 1).all()


@given(columns, st.booleans())
def test_what_a_code_draws_has_that_code(values, protect):
    codec = NumberCodec.fit(series_of(values), protect=protect)
    codes = every_code(codec)
    assert codec.encode(drawn(codec, codes)).tolist() == codes.tolist()


@given(decimals, st.booleans())
@example([0.0, 18.2, 17.32, 19.0, 18.23, 20.65, 20.87, 5.3, -34.72, 10.9], True)
def test_what_a_code_draws_has_that_code_on_a_grid(values, protect):
    codec = NumberCodec.fit(series_of(values), protect=protect)
    codes = every_code(codec)
    made = drawn(codec, codes)
    assert codec.encode(made).tolist() == codes.tolist()
    assert made.to_list() == made.round(2).to_list()


@given(columns)
def test_larger_values_never_have_smaller_codes(values):
    codec = NumberCodec.fit(series_of(values))
    present = series_of(values).drop_nulls().sort()
    assert (np.diff(codec.encode(present).astype(int)) >= 0).all()
    codes = np.repeat(np.arange(len(codec.floor)), 3).astype(np.uint8)
    made = codec.decode(codes, np.tile([0.0, 0.5, 0.999999], len(codec.floor)))
    assert made.is_sorted()


@given(columns)
def test_unprotected_nothing_lies_outside_the_data(values):
    present = series_of(values).drop_nulls()
    assume(len(present))
    codec = NumberCodec.fit(series_of(values), protect=False)
    made = drawn(codec, every_code(codec)).drop_nulls()
    # A sum that is a hair off a decimal number is read as that number.
    assert present.min() - 1e-9 * abs(present.min()) <= made.min()
    assert made.max() <= present.max() + 1e-9 * abs(present.max())
    assert codec.suppressed == 0


@given(columns, st.booleans())
def test_the_rows_behind_the_codes_are_all_rows(values, protect):
    codec = NumberCodec.fit(series_of(values), protect=protect)
    rows = series_of(values).count()
    learned = 0 if protect and rows < MIN_COUNT else rows
    assert codec.mass().sum() == pytest.approx(learned)
    assert (codec.mass() > 0).all()


@given(columns, st.booleans())
def test_the_state_gives_the_same_codec(values, protect):
    codec = NumberCodec.fit(series_of(values), protect=protect)
    again = NumberCodec.from_state(*codec.to_state(), codec.dtype)
    codes = every_code(codec)
    assert drawn(again, codes).equals(drawn(codec, codes))
    assert again.encode(series_of(values)).tolist() == codec.encode(series_of(values)).tolist()
    assert (again.levels, again.suppressed) == (codec.levels, codec.suppressed)


@given(decimals, numbers, numbers)
def test_a_range_is_exact_and_its_shares_are_those_of_the_codec(values, one, other):
    low, high = sorted((one, other))
    codec = NumberCodec.fit(series_of(values))
    try:
        restricted, kept = codec.restrict_range(low, high)
    except ConditionError:
        free = drawn(codec, every_code(codec, 50))
        assert not free.is_between(low, high).any()
        return
    assert ((kept >= 0) & (kept <= 1 + 1e-9)).all()
    codes = np.flatnonzero(kept).repeat(30).astype(np.uint8)
    assert drawn(restricted, codes).is_between(low, high).all()


def test_the_shares_a_range_keeps_are_those_that_are_drawn():
    rng = np.random.default_rng(0)
    codec = NumberCodec.fit(pl.Series(np.round(rng.gamma(2, 30, 5000), 1)))
    _, kept = codec.restrict_range(20, 57.35)
    codes = np.repeat(np.arange(len(codec.floor)), 400).astype(np.uint8)
    inside = drawn(codec, codes).is_between(20, 57.35).to_numpy().reshape(-1, 400).mean(axis=1)
    assert np.abs(inside - kept[: len(inside)]).max() < 0.12
    assert np.dot(kept[: len(inside)], codec.mass()) == pytest.approx(
        np.dot(inside, codec.mass()), rel=0.01
    )


@given(decimals, st.data())
def test_asked_for_values_come_out_and_no_others(values, data):
    codec = NumberCodec.fit(series_of(values), protect=False)
    wanted = data.draw(st.lists(st.sampled_from(values), min_size=1, max_size=4))
    restricted, kept = codec.restrict_values(wanted)
    codes = np.flatnonzero(kept).repeat(20).astype(np.uint8)
    assert set(drawn(restricted, codes)) == set(wanted)


@pytest.mark.parametrize(
    "wanted", [[20.5], [17], [np.pi], [1e9], [20, 20.5]], ids=["half", "below", "pi", "far", "two"]
)
def test_a_value_that_the_column_cannot_have_is_refused(wanted):
    codec = NumberCodec.fit(pl.Series(np.arange(18, 90).repeat(10)))
    with pytest.raises(ConditionError, match=f"no value .*{wanted[-1]}"):
        codec.restrict_values(wanted)


def test_a_range_between_two_steps_is_refused():
    codec = NumberCodec.fit(pl.Series(np.arange(18, 90).repeat(10)))
    with pytest.raises(ConditionError, match="no values between"):
        codec.restrict_range(20.2, 20.8)
    with pytest.raises(ConditionError, match="is empty"):
        codec.restrict_range(30, 20)
    restricted, kept = codec.restrict_range(20.2, 22.9)
    made = drawn(restricted, np.flatnonzero(kept).repeat(9).astype(np.uint8))
    assert set(made) == {21, 22}


def test_missing_alone_can_be_asked_for():
    codec = NumberCodec.fit(pl.Series([1.5, None, 2.5, None] * 10))
    restricted, kept = codec.restrict_values([None])
    assert kept.tolist() == [0, 0, 1]
    assert drawn(restricted, np.full(5, 2, np.uint8)).to_list() == [None] * 5


def test_a_share_of_the_data_has_the_same_share_of_the_codes():
    rng = np.random.default_rng(1)
    series = pl.Series(rng.lognormal(3, 1, 20_000))
    codec = NumberCodec.fit(series)
    counts = np.bincount(codec.encode(series), minlength=codec.levels)
    assert len(counts) == MAX_CODES - SPARE
    assert counts.max() < 1.3 * 20_000 / (MAX_CODES - SPARE)


def test_heavy_values_own_a_code_and_come_back_exactly():
    rng = np.random.default_rng(2)
    series = pl.Series(np.where(rng.random(5000) < 0.4, 0.0, rng.exponential(1000, 5000)))
    codec = NumberCodec.fit(series)
    zero = codec.encode(pl.Series([0.0]))
    assert set(drawn(codec, zero.repeat(200))) == {0.0}
    assert (codec.encode(series.filter(series > 0)) != zero[0]).all()


@pytest.mark.parametrize("flip", [1, -1])
def test_the_five_most_extreme_become_a_tail(flip):
    rng = np.random.default_rng(3)
    values = flip * np.concatenate([rng.exponential(10, 995), [900.5, 901.25, 950.125, 5000.75]])
    codec = NumberCodec.fit(pl.Series(values))
    assert codec.suppressed == 8
    made = drawn(codec, every_code(codec, 2000)).abs()
    assert not set(made) & {900.5, 901.25, 950.125, 5000.75}
    assert (drawn(codec, every_code(codec)) * flip >= 0).all(), "a sign was made up"


def test_a_shared_extreme_is_nobodys_and_stays():
    codec = NumberCodec.fit(pl.Series([0] * 30 + list(range(20, 60)) * 3 + [99] * MIN_COUNT))
    assert codec.suppressed == 0
    assert drawn(codec, every_code(codec)).max() == 99


def test_a_lone_number_between_heavy_ones_is_not_copied():
    codec = NumberCodec.fit(pl.Series([0.0] * 50 + [0.7384123] + [1.0] * 50))
    made = drawn(codec, every_code(codec, 500))
    assert 0.7384123 not in made
    assert made.is_between(0, 1).all()
    assert 0.7384123 in drawn(
        NumberCodec.fit(pl.Series([0.0] * 50 + [0.7384123] + [1.0] * 50), protect=False),
        np.full(5, 1, np.uint8),
    )


@pytest.mark.parametrize(
    ("values", "grid", "digits"),
    [
        (10.0 * np.arange(500), 10.0, 0),
        (np.arange(500) / 4, 0.25, 2),
        (np.arange(500) * 0.1 + 1e6, 0.1, 1),
        (np.linspace(0, 1, 500) ** 2 * np.pi, 0.0, None),
        (np.full(20, 3.25), 0.01, 2),
        (np.arange(1, 500) * 1e-7, 0.0, None),
        (np.arange(500) / 8 + 1e9, 0.125, 3),
        (np.linspace(0, 1, 500) ** 2 * np.pi + 1e9, 0.0, None),
    ],
)
def test_the_grid_of_floats_is_found(values, grid, digits):
    codec = NumberCodec.fit(pl.Series(values))
    assert codec.grid == pytest.approx(grid)
    assert codec.decimals == digits


def test_decimals_of_32_bits_are_found():
    values = np.round(np.random.default_rng(4).normal(200, 80, 2000), 1)
    codec = NumberCodec.fit(pl.Series(values, dtype=pl.Float32))
    made = drawn(codec, every_code(codec)).cast(pl.Float64)
    assert (made - made.round(1)).abs().max() < 1e-4
    restricted, kept = codec.restrict_values([200.3])
    codes = np.flatnonzero(kept).repeat(5).astype(np.uint8)
    assert set(drawn(restricted, codes).cast(pl.Float64).round(4)) == {200.3}


@pytest.mark.parametrize(
    ("series", "low", "high"),
    [
        (
            pl.Series([date(2020, 1, 6) + timedelta(weeks=i % 100) for i in range(900)]),
            date(2020, 2, 1),
            date(2020, 5, 31),
        ),
        (
            pl.Series([datetime(2020, 1, 1) + timedelta(minutes=7 * i) for i in range(900)]),
            datetime(2020, 1, 2, 3, 4, 5),
            datetime(2020, 1, 4),
        ),
        (
            pl.Series([time(i % 24, i % 60) for i in range(900)]),
            time(8, 0, 1),
            time(16, 59),
        ),
        (
            pl.Series([timedelta(seconds=i * i) for i in range(900)]),
            timedelta(minutes=3),
            timedelta(hours=9),
        ),
    ],
    ids=["weeks", "minutes", "clock", "durations"],
)
def test_times_keep_their_steps_and_their_ranges(series, low, high):
    codec = NumberCodec.fit(series)
    made = drawn(codec, every_code(codec))
    steps = np.gcd.reduce(np.diff(np.sort(series.unique().to_physical().to_numpy())))
    assert (np.diff(np.sort(made.to_physical().to_numpy())) % steps == 0).all()
    restricted, kept = codec.restrict_range(low, high)
    inside = drawn(restricted, np.flatnonzero(kept).repeat(40).astype(np.uint8))
    assert inside.is_between(low, high).all()
    assert len(inside)


@pytest.mark.parametrize("digits", [None, 2, 0], ids=["continuous", "cents", "whole"])
def test_a_protected_codec_spells_out_no_value_of_a_single_row(digits):
    rng = np.random.default_rng(6)
    values = np.where(rng.random(3000) < 0.2, 0.0, rng.lognormal(12, 1, 3000))
    values = values if digits is None else np.round(values, digits)
    codec = NumberCodec.fit(pl.Series(values))
    single, counts = np.unique(values, return_counts=True)
    single = single[counts < MIN_COUNT]
    half = 0.499999 * codec.grid
    ends = np.concatenate([codec.floor, codec.low, codec.high, codec.low + half, codec.high - half])
    ends = ends if digits is None else np.round(ends, digits)
    # As many as of values that the codec never saw: those next to them on the grid.
    other = single + (0.0101 if digits is None else 10.0**-digits)
    assert np.isin(single, ends).mean() <= np.isin(other, ends).mean() + 0.01
    assert values.min() not in ends or (values == values.min()).sum() >= MIN_COUNT
    assert values.max() not in ends


def test_too_few_rows_leave_nothing_in_a_protected_codec():
    codec = NumberCodec.fit(pl.Series([1003, 1017, 1041, 1044]))
    header, arrays = codec.to_state()
    assert (header["base"], header["step"]) == (0, 0)
    assert all(len(array) <= 1 for array in arrays.values())
    assert codec.decode(np.zeros(3, np.uint8), np.zeros(3)).to_list() == [None] * 3


def points(codec):
    return set(codec.low[codec.low == codec.high].tolist())


def test_a_value_that_is_frequent_by_chance_is_not_exact_and_one_that_is_frequent_is():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 400, 1000).astype(float)  # 2.5 rows per value
    counts = np.bincount(values.astype(int))
    assert (counts >= MIN_COUNT).sum() > 40
    assert len(points(NumberCodec.fit(pl.Series(values), rows_per_bin=40))) < 5
    heaped = pl.Series(np.concatenate([values, np.full(15, 123.0)]))
    codec = NumberCodec.fit(heaped, rows_per_bin=40)
    assert 123.0 in points(codec)
    made = drawn(codec, codec.encode(heaped))
    assert (made == 123.0).sum() == pytest.approx((heaped == 123.0).sum(), abs=6)


def test_a_value_that_continuous_rows_repeat_is_exact():
    values = np.random.default_rng(0).normal(size=1000)
    values[:6] = 0.123456789
    assert points(NumberCodec.fit(pl.Series(values), rows_per_bin=40)) == {0.123456789}
