"""The door: what goes in comes out in its own type, and is never changed."""

from __future__ import annotations

import datetime
import decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from artesian.core.errors import DataError, UsageError
from artesian.data.dataframes import from_dataframe, to_dataframe_like
from artesian.data.read import read
from artesian.data.schema import Kind


def rich(rows=30):
    times = rows // 3
    return pd.DataFrame(
        {
            "i": range(rows),
            "f": [1.5, np.nan, 2] * times,
            "s": ["a", "b", None] * times,
            "flag": pd.Series([True, None, False] * times, dtype=object),
            "c": pd.Categorical(["x", "y", "x"] * times),
            "o": pd.Categorical(["x", "y", "x"] * times, categories=["y", "x"], ordered=True),
            "ic": pd.Categorical([1, 2, 1] * times),
            "I": pd.array([1, None, 2] * times, dtype="Int64"),
            "B": pd.array([True, None, False] * times, dtype="boolean"),
            "d": pd.to_datetime(["2020-01-01", "2020-01-02", None] * times),
            "ns": pd.to_datetime(["2020-01-01"] * rows).astype("datetime64[ns]"),
            "z": pd.to_datetime(["2020-01-01", None, None] * times).tz_localize("Europe/Berlin"),
            "t": pd.to_timedelta([1, 2, 3] * times, unit="s"),
            "day": [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 2)] * times,
            "m": [decimal.Decimal("1.10"), None, decimal.Decimal("2.20")] * times,
            "i8": np.array([1, 2, 3] * times, dtype="int8"),
            "f32": np.array([1, 2, 3] * times, dtype="float32"),
            "text_day": ["2020-01-01", "2020-01-02", None] * times,
            "st": pd.array(["a", "b", None] * times, dtype="string"),
            3: [1, 2, 3] * times,
        }
    )


def test_pandas_comes_back_as_it_was():
    data = rich()
    before = data.copy(deep=True)
    table = from_dataframe(data)
    pd.testing.assert_frame_equal(to_dataframe_like(table, data), before)
    pd.testing.assert_frame_equal(data, before)
    kinds = {c.name: c.kind for c in table.schema}
    assert kinds["flag"] is kinds["B"] is Kind.BOOLEAN
    assert kinds["c"] is kinds["ic"] is kinds["o"] is Kind.CATEGORY
    assert kinds["text_day"] is kinds["day"] is Kind.DATETIME
    assert (table.schema["o"].ordered, table.schema["o"].domain) == (True, ("y", "x"))


def test_other_rows_take_the_types_too():
    data = rich()
    table = from_dataframe(data)
    back = to_dataframe_like(table.with_frame(table.frame.head(7)), data)
    assert (back.dtypes == data.dtypes).all()
    assert list(back.columns) == list(data.columns)


def test_a_named_index_is_a_column_and_an_index_again():
    data = rich()[["f", "s"]]
    named = data.set_index(pd.Index(range(100, 130), name="no"))
    table = from_dataframe(named)
    assert table.frame.columns == ["no", "f", "s"]
    assert "index (no)" in table.origin.notes[0]
    pd.testing.assert_frame_equal(to_dataframe_like(table, named), named)
    pairs = pd.MultiIndex.from_product([range(10), list("abc")], names=["g", "k"])
    pd.testing.assert_frame_equal(
        to_dataframe_like(from_dataframe(data.set_index(pairs)), data.set_index(pairs)),
        data.set_index(pairs),
    )
    assert "not kept" in from_dataframe(data.iloc[::2]).origin.notes[0]


def test_polars_arrow_and_duckdb_come_back_as_they_were():
    lazy = pl.LazyFrame(
        {
            "u": pl.Series([1, 2], dtype=pl.UInt8),
            "e": pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])),
            "day": ["2020-01-01", "2020-01-02"],
        }
    )
    assert to_dataframe_like(from_dataframe(lazy), lazy).collect().equals(lazy.collect())
    eager = lazy.collect()
    assert to_dataframe_like(from_dataframe(eager), eager).schema == eager.schema
    arrow = pa.table(
        {
            "i": pa.array([1, 2, None], pa.int16()),
            "d": pa.array(["x", "y", "x"]).dictionary_encode(),
            "t": pa.array([datetime.datetime(2020, 1, 1)] * 3, pa.timestamp("ms", "UTC")),
        }
    )
    assert to_dataframe_like(from_dataframe(arrow), arrow).equals(arrow)
    relation = duckdb.sql("SELECT range::SMALLINT AS i, 1.5::DECIMAL(5, 2) AS d FROM range(3)")
    back = to_dataframe_like(from_dataframe(relation), relation)
    assert back.types == relation.types
    assert back.fetchall() == relation.fetchall()


def test_read_takes_what_the_door_takes():
    assert read(rich()).frame.height == 30
    table = from_dataframe(rich())
    assert read(table) is table


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (pd.DataFrame({"m": [1, "a"]}), "column 'm' mixes numbers and text"),
        (pd.DataFrame({"m": [1, True]}), "column 'm' mixes types"),
        (pd.DataFrame({"m": [[1], [2]]}), "column 'm' has values of type list"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "duplicate column name 'a'"),
        (pd.DataFrame({"m": [1j, 2j]}), "column 'm' is of type complex128"),
        (pd.DataFrame({"m": [1.0, np.inf]}), "column 'm' is infinite in 1 row"),
        (pd.DataFrame({"m": [b"x", b"y"]}), "column 'm' is of type Binary"),
        (pd.DataFrame(), "has no columns"),
        (pl.DataFrame({"a": []}), "has no rows"),
        (pl.DataFrame({"a": [[1]]}), "column 'a' is of type List"),
        (pa.table([[1], [2]], names=["a", "a"]), "duplicate column name 'a'"),
    ],
)
def test_what_cannot_come_in_is_named(data, problem):
    with pytest.raises(DataError) as caught:
        from_dataframe(data)
    assert problem in caught.value.problem
    assert caught.value.hint


def test_other_objects_are_refused():
    with pytest.raises(UsageError, match=r"builtins\.list is not a table"):
        from_dataframe([1, 2])
