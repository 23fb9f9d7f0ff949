"""Schemas and tables: what must agree, and the errors when it does not."""

import polars as pl
import pytest

from artesian.core.errors import SchemaError
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table


def schema(*names, **more):
    return Schema(columns=tuple(Column(name=name, kind=Kind.NUMBER) for name in names), **more)


def test_columns_are_selected_by_name_and_kind():
    one = schema("a", "b")
    assert one["b"].name == "b"
    assert one.names == ("a", "b")
    assert one.of_kind(Kind.NUMBER) == ("a", "b")
    assert one.of_kind(Kind.KEY, Kind.TEXT) == ()
    assert [column.name for column in one] == ["a", "b"]
    assert len(one) == 2


def test_replacing_a_column_keeps_the_rest():
    one = schema("a", "b", target="b", key=("a",))
    new = one.with_columns([Column(name="b", kind=Kind.BOOLEAN)])
    assert new["b"].kind is Kind.BOOLEAN
    assert (new["a"], new.target, new.key) == (one["a"], "b", ("a",))
    assert one["b"].kind is Kind.NUMBER


def test_an_unknown_column_is_named_with_what_was_meant():
    with pytest.raises(SchemaError, match=r"no column 'agee'[\s\S]*'age'"):
        schema("age", "sex")["agee"]


@pytest.mark.parametrize("field", ["target", "entity", "time"])
def test_a_part_that_names_no_column_is_refused(field):
    with pytest.raises(SchemaError, match="no column 'c'"):
        schema("a", "b", **{field: "c"})
    with pytest.raises(SchemaError, match="no column 'c'"):
        schema("a", "b", key=("a", "c"))


def test_a_duplicate_name_is_refused():
    with pytest.raises(SchemaError, match="duplicate column name 'a'"):
        schema("a", "b", "a")


def test_frame_and_schema_have_the_same_columns_in_order():
    frame = pl.DataFrame({"a": [1], "b": [2]})
    table = Table(frame, schema("a", "b"))
    assert len(table) == 1
    with pytest.raises(SchemaError, match="the frame has the columns"):
        Table(frame, schema("b", "a"))
    assert table.select(("b",)).frame.columns == ["b"]
    assert len(table.with_frame(frame.clear())) == 0
