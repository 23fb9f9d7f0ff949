"""Numbers and times as floats and back, to the last digit."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import artesian as ar
from artesian.core.errors import ConditionError
from artesian.encoding.scale import Scale, typed

WHOLE = {
    pl.Int8: (-(2**7), 2**7 - 1),
    pl.Int16: (-(2**15), 2**15 - 1),
    pl.Int32: (-(2**31), 2**31 - 1),
    pl.Int64: (-(2**63), 2**63 - 1),
    pl.UInt8: (0, 2**8 - 1),
    pl.UInt32: (0, 2**32 - 1),
    pl.UInt64: (0, 2**64 - 1),
}


def there_and_back(series):
    scale = Scale.from_series(series)
    return scale.to_series(scale.to_floats(series), series.is_null().to_numpy())


@pytest.mark.parametrize("dtype", WHOLE, ids=str)
@given(data=st.data())
def test_whole_numbers_come_back_exactly_wherever_they_lie(dtype, data):
    low, high = WHOLE[dtype]
    start = data.draw(st.integers(low, high))
    room = min(high - start, 2**52)
    steps = data.draw(st.lists(st.integers(0, room) | st.none(), min_size=1, max_size=20))
    series = pl.Series([None if s is None else start + s for s in steps], dtype=dtype)
    assert there_and_back(series).equals(series, check_dtypes=True, null_equal=True)


@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64])
def test_the_ends_of_the_type_do_not_wrap_around(dtype):
    low, high = WHOLE[dtype]
    series = pl.Series([low, low + 5, high - 5, high], dtype=dtype)
    back = there_and_back(series)
    assert back.is_sorted()
    assert back.cast(pl.Float64).to_list() == pytest.approx(
        series.cast(pl.Float64).to_list(), rel=1e-9
    )


@given(
    st.lists(st.integers(0, 10**10), min_size=2, max_size=20),
    st.sampled_from([1, 10**3, 10**6, 10**9]),
)
def test_nanoseconds_keep_their_last_digit(counts, unit):
    base = 1_600_000_000_123_000_000
    series = pl.Series([base + unit * min(c, 2**62 // unit) for c in counts])
    series = series.cast(pl.Datetime("ns"))
    assert there_and_back(series).equals(series)


@pytest.mark.parametrize(
    "series",
    [
        pl.Series([date(1850, 1, 1), None, date(2999, 12, 31)]),
        pl.Series([time(0), time(23, 59, 59, 999_999)]),
        pl.Series([timedelta(-5), timedelta(days=5, microseconds=1)]),
        pl.Series([datetime(2024, 3, 31, 2, 30)]).dt.replace_time_zone("UTC"),
        pl.Series([1.5, None, -0.25], dtype=pl.Float32),
        pl.Series(["1.25", None, "-3.50"]).cast(pl.Decimal(9, 2)),
        pl.Series([None, None], dtype=pl.Int64),
        pl.Series([None, None], dtype=pl.Date),
        pl.Series([], dtype=pl.UInt64),
    ],
    ids=lambda series: str(series.dtype),
)
def test_every_type_comes_back(series):
    assert there_and_back(series).equals(series, check_dtypes=True, null_equal=True)


def test_unsigned_numbers_on_both_sides_of_the_signed_limit_come_back():
    series = pl.Series([2**63 - 1508, 2**63 + 106], dtype=pl.UInt64)
    assert there_and_back(series).equals(series)


def test_new_values_below_and_between_the_steps_keep_their_place():
    scale = Scale.from_series(pl.Series([1000, 1010, 1050]))
    assert scale.step == 10
    floats = scale.to_floats(pl.Series([990, 1000, 1005, 1050, None]))
    assert (floats[:4] - floats[1]).tolist() == [-1, 0, 0.5, 5]
    assert np.isnan(scale.to_floats(pl.Series([990, None]))[1])


def test_what_lies_beyond_the_type_is_brought_to_its_end():
    scale = Scale.from_series(pl.Series([100, 120], dtype=pl.Int8))
    assert scale.to_series(np.array([-50.0, 50.0]), np.zeros(2, bool)).to_list() == [-120, 120]
    scale = Scale.from_series(pl.Series([-(2**63), 2**63 - 1, 0]))
    ends = scale.to_series(np.array([-1e30, 1e30]), np.zeros(2, bool))
    assert ends[0] == -(2**63)
    assert ends[1] > 2**63 - 10_000
    scale = Scale.from_series(pl.Series([time(23, 0), time(23, 30)]))
    assert scale.to_series(np.array([99.0]), np.zeros(1, bool)).to_list() == [time(23, 30)]


@pytest.mark.parametrize(
    ("value", "dtype", "meant"),
    [
        (3, pl.Int16(), 3),
        ("2024-05-06", pl.Date(), date(2024, 5, 6)),
        ("12:30:00", pl.Time(), time(12, 30)),
        (date(2024, 5, 6), pl.Datetime("us"), datetime(2024, 5, 6)),
        ("2024-05-06 10:00", pl.Datetime("ms"), datetime(2024, 5, 6, 10)),
        (timedelta(hours=2), pl.Duration("us"), timedelta(hours=2)),
        (0.5, pl.Float32(), 0.5),
    ],
)
def test_a_conditions_value_is_read_in_the_columns_type(value, dtype, meant):
    assert typed(value, dtype).to_list() == [meant]


def test_a_time_without_zone_means_the_columns_own():
    zone = pl.Datetime("us", "Europe/Rome")
    noon = datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Rome"))
    for said in (datetime(2024, 7, 1, 12), "2024-07-01 12:00", noon):
        assert typed(said, zone).to_list() == [noon]


@pytest.mark.parametrize(
    ("value", "dtype"),
    [("much", pl.Int64()), ("soon", pl.Date()), ([1], pl.Float64()), ("noon", pl.Time())],
)
def test_what_is_no_value_of_the_type_is_named(value, dtype):
    with pytest.raises(ConditionError, match="is not a value of type"):
        typed(value, dtype)


@pytest.mark.parametrize(
    "series",
    [
        pl.Series([1003, 1017, 1041]),
        pl.Series([-41, 18, 90]),
        pl.Series([datetime(1907, 3, 5, 11), datetime(2020, 1, 1), datetime(2021, 7, 9)]),
        pl.Series([datetime(1997, 3, 5, 1, 2, 3, 4), datetime(2020, 1, 1)]).cast(pl.Datetime("ns")),
        pl.Series(["1000.13", "2000.51"]).cast(pl.Decimal(12, 2)),
        pl.Series([2**62 + 77, 2**62 + 99_991, 2**62 + 130_018], dtype=pl.UInt64),
        pl.Series([10**25 + 3, 10**25 + 52, 10**25 + 10**9], dtype=pl.Int128),
    ],
    ids=lambda series: str(series.dtype),
)
def test_the_base_is_the_same_without_the_lowest_value(series):
    scale = Scale.from_series(series)
    physical = series.to_physical() if series.dtype.is_temporal() else series
    assert scale.base not in physical.cast(pl.Int128, strict=False).to_list()
    assert there_and_back(series).equals(series)


@pytest.mark.parametrize("largest", [1e130, 1e300, 1.79e308])
def test_floats_whose_squares_overflow_come_back_exactly(largest):
    values = np.random.default_rng(0).uniform(-1, 1, 50) * largest
    series = pl.Series(values)
    scale = Scale.from_series(series)
    floats = scale.to_floats(series)
    assert np.isfinite(floats**2).all()
    assert scale.to_series(floats, np.zeros(50, bool)).to_list() == values.tolist()
    assert scale.to_float(values[0]) == floats[0]
    beyond = scale.to_series(np.full(1, 1e300), np.zeros(1, bool))
    assert np.isfinite(beyond[0])


def test_a_table_of_the_largest_floats_is_synthesised():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "a": rng.random(300) * 1.7e308,
            "b": np.where(rng.random(300) < 0.5, 1.0, -1.0) * rng.random(300) * 1e300,
            "c": rng.integers(0, 9, 300),
        }
    )
    rows = ar.Trees().fit(frame).sample(300)
    for name in ("a", "b"):
        assert rows[name].is_finite().all()
        assert rows[name].abs().median() == pytest.approx(frame[name].abs().median(), rel=0.5)
