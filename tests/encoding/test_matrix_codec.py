"""Tables as matrices of normal scores, masks and indicators, and back through the table's codes."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import DataError
from artesian.core.run import Seed
from artesian.data.schema import Kind
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.testing.tables import every_type, people, secrets, table


def rng(seed=0):
    return np.random.default_rng(seed)


def round_trip(codec, data, seed=0):
    codes, positions = codec.to_codes(codec.encode(data, rng(seed)), rng(seed + 1))
    return codec.codec.decode(codes, positions, 0, Seed(seed))


@pytest.mark.parametrize("max_codes", [64, 255, 2000])
@pytest.mark.parametrize("data", [people(500), every_type(300)], ids=["people", "every type"])
def test_the_codes_come_back(data, max_codes):
    codec = MatrixCodec.from_data(data, max_codes=max_codes)
    matrix = codec.encode(data, rng())
    assert matrix.shape == (len(data), codec.width)
    codes, positions = codec.to_codes(matrix, rng(1))
    assert (codes == codec.codec.encode(data)).all()
    assert ((positions >= 0) & (positions < 1)).all()


def test_types_missing_values_and_categories_come_back():
    data = every_type(300)
    back = round_trip(MatrixCodec.from_data(data, protect=False), data).frame
    assert back.schema == data.frame.schema
    assert back.null_count().equals(data.frame.null_count())
    for name in ("Boolean", "String", "Enum", "Categorical"):
        assert back[name].equals(data.frame[name]), name


def test_scores_are_standard_normal_whatever_the_column():
    data = people(4000)
    codec = MatrixCodec.from_data(data)
    matrix = codec.encode(data, rng())
    assert len(codec.scores) == 5
    for column in codec.scores:
        assert stats.kstest(matrix[:, column], "norm").statistic < 0.025
    order = matrix[:, codec.scores[0]].argsort()
    codes = codec.codec.encode(data)[0].astype(int)
    assert (np.diff(codes[order]) >= 0).all(), "scores keep the order of the codes"


def test_masks_and_indicators_mark_what_is_there():
    data = people(300)
    codec = MatrixCodec.from_data(data)
    matrix = codec.encode(data, rng())
    assert [group.stop - group.start for group in codec.indicators] == [2, 3, 2]
    for group in codec.indicators:
        assert (matrix[:, group].sum(axis=1) == 1).all()
    (mask,) = codec.masks
    assert (matrix[:, mask] == data.frame["rating"].is_null().to_numpy()).all()


def test_masks_and_indicators_are_read_as_probabilities():
    data = people(300)
    codec = MatrixCodec.from_data(data)
    matrix = np.zeros((20_000, codec.width))
    matrix[:, codec.masks[0]] = 0.25
    matrix[:, codec.indicators[1]] = [0.2, 0.6, -0.1]  # of a sum that is not 1, one below 0
    codes, _ = codec.to_codes(matrix, rng())
    city = codec.codec.names.index("city")
    assert np.bincount(codes[city], minlength=3) / 20_000 == pytest.approx(
        [0.25, 0.75, 0], abs=0.01
    )
    assert (codes[-1] == codec.codec.levels[-1] - 1).mean() == pytest.approx(0.25, abs=0.01)


def test_rare_categories_and_extremes_are_suppressed_as_in_the_table_codec():
    data = secrets()
    codec = MatrixCodec.from_data(data)
    matrix = rng().normal(size=(20_000, codec.width)) * 3  # far out on purpose
    codes, positions = codec.to_codes(matrix, rng())
    rows = codec.codec.decode(codes, positions, 0, Seed(0))
    assert rows.schema["town"].suppressed == "(rare)"
    assert set(rows.frame["town"]) == {"Rome", "Oslo", "Lima", "(rare)"}
    extremes = set(data.frame["wealth"].sort().tail(MIN_COUNT - 1))
    assert not extremes & set(rows.frame["wealth"])


def test_a_column_of_one_value_needs_no_score():
    frame = pl.DataFrame({"one": [3.0] * 50, "none": pl.Series([None] * 50, dtype=pl.Int64)})
    data = table(frame)
    codec = MatrixCodec.from_data(data)
    assert codec.width == 0
    assert round_trip(codec, data).frame.equals(frame)
    some = table(pl.DataFrame({"some": [3.0, None] * 25}))
    codec = MatrixCodec.from_data(some)
    assert (codec.scores, codec.masks) == ((), (0,))
    assert round_trip(codec, some).frame.equals(some.frame)


def test_a_table_of_keys_has_no_matrix_columns():
    data = table(pl.DataFrame({"id": np.arange(40)}), id=Kind.KEY)
    codec = MatrixCodec.from_data(data)
    assert codec.encode(data, rng()).shape == (40, 0)
    assert round_trip(codec, data).frame["id"].n_unique() == 40


@pytest.mark.slow
@given(st.floats(-1e300, 1e300), st.integers(0, 100))
def test_every_finite_score_has_a_value_of_the_range(score, seed):
    data = people(200)
    codec = MatrixCodec.from_data(data)
    codes, positions = codec.to_codes(np.full((2, codec.width), score), rng(seed))
    ages = codec.codec.decode(codes, positions, 0, Seed(0)).frame["age"]
    assert ages.is_between(0, 150).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(value):
    codec = MatrixCodec.from_data(people(100))
    with pytest.raises(DataError, match="not finite"):
        codec.to_codes(np.full((2, codec.width), value), rng())
