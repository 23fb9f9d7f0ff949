"""Categories as codes: frequent ones own one, many share one, rare ones are protected."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.disclosure import MIN_COUNT, SUPPRESSED
from artesian.core.errors import ConditionError
from artesian.encoding.categorical import SPARE, CategoryCodec
from artesian.encoding.segments import MAX_CODES

words = st.lists(st.sampled_from(["", "a", "b", "é", "(rare)", "Z z"]) | st.none(), max_size=80)
TYPES = {
    "text": ["a", "b", "c", "d"],
    "categorical": pl.Series(["a", "b", "c", "d"], dtype=pl.Categorical),
    "enum": pl.Series(["a", "b", "c", "d"], dtype=pl.Enum(["d", "c", "b", "a", "never"])),
    "whole": [-7, 0, 12, 2**60],
    "small": pl.Series([1, 2, 3, 4], dtype=pl.UInt8),
    "float": [-0.5, 0.1, 1e-7, 3e10],
    "decimal": pl.Series(["1.10", "2.20", "-3.30", "4.00"]).cast(pl.Decimal(9, 2)),
    "date": [date(1969, 1, 1), date(2020, 2, 29), date(2021, 1, 1), date(2100, 1, 1)],
    "zone": pl.Series([10**15 + i for i in range(4)]).cast(pl.Datetime("us", "Asia/Tokyo")),
    "nano": pl.Series([1_600_000_000_000_000_000 + i for i in range(4)]).cast(pl.Datetime("ns")),
    "duration": pl.Series([1, 2, 3, 4]).cast(pl.Duration("ms")),
}


def drawn(codec, codes, seed=0):
    return codec.decode(codes, np.random.default_rng(seed).random(len(codes)))


def every_code(codec, times=10):
    return np.tile(np.arange(codec.levels), times).astype(np.uint8)


@given(words, st.booleans())
def test_what_a_code_draws_has_that_code(values, protect):
    codec = CategoryCodec.fit(pl.Series(values, dtype=pl.String), protect=protect)
    codes = every_code(codec)
    assert codec.levels <= MAX_CODES - SPARE + 1
    assert codec.encode(drawn(codec, codes)).tolist() == codes.tolist()


@given(words)
def test_unprotected_every_value_comes_back(values):
    series = pl.Series(values, dtype=pl.String)
    codec = CategoryCodec.fit(series, protect=False)
    assert drawn(codec, codec.encode(series)).equals(series, null_equal=True)
    assert codec.suppressed == 0


@given(words)
def test_protected_only_frequent_and_made_up_values_come_back(values):
    series = pl.Series(values, dtype=pl.String)
    codec = CategoryCodec.fit(series)
    counts = series.drop_nulls().value_counts()
    frequent = set(counts.filter(pl.col("count") >= MIN_COUNT).to_series(0))
    substitutes = set(codec.values.tail(codec.substitutes))
    assert set(drawn(codec, every_code(codec)).drop_nulls()) <= frequent | substitutes | {
        SUPPRESSED
    }
    assert codec.mass().sum() == pytest.approx(series.count())
    assert not frequent & substitutes


@pytest.mark.parametrize("values", TYPES.values(), ids=TYPES)
def test_every_type_comes_back_and_survives_its_state(values):
    values = pl.Series("value", values)
    series = values.gather(np.arange(4).repeat([5, 6, 7, 8]))
    series = pl.concat([series, pl.Series("value", [None], dtype=series.dtype)])
    codec = CategoryCodec.fit(series)
    again = CategoryCodec.from_state(*codec.to_state(), codec.dtype)
    for one in (codec, again):
        assert drawn(one, one.encode(series)).equals(series, check_dtypes=True, null_equal=True)
        restricted, kept = one.restrict_values([values[1]])
        assert set(drawn(restricted, np.flatnonzero(kept).astype(np.uint8))) == {values[1]}


@pytest.mark.parametrize("values", TYPES.values(), ids=TYPES)
def test_a_rare_value_of_any_type_is_not_made(values):
    values = pl.Series("value", values)
    series = values.gather(np.arange(4).repeat([4, 50, 60, 70]))
    codec = CategoryCodec.fit(series)
    made = drawn(codec, np.tile(codec.encode(series), 3))
    assert codec.suppressed == 4
    assert not made.null_count()
    rare = values.head(1).cast(made.dtype)
    assert not made.is_in(rare.implode()).any()
    if values.dtype in (pl.String, pl.Categorical, pl.Enum):
        assert (made.cast(pl.String) == SUPPRESSED).sum() == 12
    else:
        assert made.dtype == values.dtype


def test_a_rare_number_becomes_its_neighbour():
    codec = CategoryCodec.fit(pl.Series([10] * 20 + [20] * 30 + [90] * 40 + [22, 88, -5]))
    made = drawn(codec, codec.encode(pl.Series([22, 88, -5, 54, 56])))
    assert made.to_list() == [20, 90, 10, 20, 90]


def test_an_enum_has_one_type_in_every_block():
    levels = pl.Enum(["a", "b", "c"])
    codec = CategoryCodec.fit(pl.Series(["a"] * 50 + ["b"] * 50 + ["c"] * 2, dtype=levels))
    frequent, rare = drawn(codec, np.array([0, 1], np.uint8)), drawn(codec, np.array([2], np.uint8))
    assert frequent.dtype == rare.dtype == codec.dtype == pl.Enum(["a", "b", "c", SUPPRESSED])
    assert CategoryCodec.fit(pl.Series(["a"] * 9, dtype=levels)).dtype == levels


def test_what_an_earlier_synthesis_protected_stays_so():
    series = pl.Series(["a"] * 90 + [SUPPRESSED] * 30 + ["b", "c"])
    codec = CategoryCodec.fit(series)
    assert codec.suppressed == 32
    assert codec.encode(series).tolist() == [0] * 90 + [1] * 32


def test_booleans_are_public():
    codec = CategoryCodec.fit(pl.Series([True] * 50 + [False]))
    assert set(drawn(codec, every_code(codec))) == {True, False}


def test_new_categories_are_protected_ones():
    codec = CategoryCodec.fit(pl.Series(["a"] * 50 + ["b"] * 9 + ["x", "y"]))
    rare = codec.encode(pl.Series(["x"]))[0]
    assert codec.encode(pl.Series(["new", "a", "b", None])).tolist() == [rare, 0, 1, rare]
    codec = CategoryCodec.fit(pl.Series(["a"] * 50 + ["b"] * 9))
    assert codec.encode(pl.Series(["new"])).tolist() == [1]


def test_many_categories_share_codes_with_their_neighbours():
    rng = np.random.default_rng(0)
    series = pl.Series([f"{i:05d}" for i in rng.zipf(1.3, 40_000) % 5000])
    codec = CategoryCodec.fit(series, protect=False)
    assert codec.levels <= MAX_CODES - SPARE
    assert len(codec.values) == series.n_unique()
    made = drawn(codec, codec.encode(series))
    both = series.value_counts(name="real").join(
        made.rename("").value_counts(name="made"), on="", how="full", coalesce=True
    )
    gap = both["real"].fill_null(0).cast(pl.Int64) - both["made"].fill_null(0).cast(pl.Int64)
    assert gap.abs().sum() < 0.25 * len(series)
    shared = pl.DataFrame({"code": codec.code_of, "value": codec.values.cast(pl.Int64)})
    shared = (
        shared.filter(pl.len().over("code") > 1)
        .group_by("code")
        .agg(low=pl.col("value").min(), high=pl.col("value").max())
    )
    ends = shared.sort("low")
    assert (ends["low"][1:] > ends["high"][:-1]).all(), "the stretches of two codes overlap"


def test_unseen_values_of_many_are_protected():
    values = [f"w{i}" for i in range(1000)] * 6 + ["rare one", "rare two"]
    codec = CategoryCodec.fit(pl.Series(values))
    made = drawn(codec, codec.encode(pl.Series(["rare one"] * 500 + ["unseen"] * 500)))
    assert SUPPRESSED in made
    assert not set(made) & {"rare one", "unseen"}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (["Rom"], "Rome"),
        ([SUPPRESSED], "suppressed"),
        (["Ys"], "suppressed"),
        ([3], "unknown or suppressed"),
    ],
)
def test_what_the_model_cannot_give_is_refused(wanted, said):
    codec = CategoryCodec.fit(pl.Series(["Rome"] * 9 + ["Oslo"] * 9 + ["Ys"]))
    with pytest.raises(ConditionError) as caught:
        codec.restrict_values(wanted)
    assert said in str(caught.value)


def test_a_value_of_another_type_is_refused():
    codec = CategoryCodec.fit(pl.Series([1, 2] * 9))
    with pytest.raises(ConditionError, match="is not a value of type"):
        codec.restrict_values(["one"])


def test_missing_can_be_asked_for_beside_a_value():
    codec = CategoryCodec.fit(pl.Series(["a", "b", None] * 9))
    restricted, kept = codec.restrict_values(["b", None])
    assert kept.tolist() == [0, 1, 1]
    assert drawn(restricted, np.array([1, 2], np.uint8)).to_list() == ["b", None]


@pytest.mark.parametrize("series", [pl.Series([None] * 4, dtype=pl.String), pl.Series([None] * 4)])
def test_a_column_without_values_stays_so(series):
    codec = CategoryCodec.fit(series)
    assert codec.levels == 1
    assert drawn(codec, codec.encode(series)).equals(series, check_dtypes=True, null_equal=True)
