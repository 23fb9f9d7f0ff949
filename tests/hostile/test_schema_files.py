"""Schemas, metadata, rules and conditions of any shape: two lines of error in bounded time."""

import contextlib
import json
import os
import time

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import ArtesianError, SchemaError
from artesian.data.dataset import DatasetSchema
from artesian.data.read import read
from artesian.data.schema import Column, Kind, Schema
from artesian.data.schema_io import read_dataset_schema
from artesian.data.sdv_metadata import entries_of_sdv
from artesian.data.write import writer
from artesian.relations.constraints import parse_constraint
from artesian.relations.expressions import parse_expression
from artesian.relations.parse import parse_relation
from artesian.relations.rules import parse_rule
from artesian.synthesizers.condition_parsing import parse_conditions

SECONDS = 10


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    rng = np.random.default_rng(0)
    pl.DataFrame(
        {
            "a": rng.integers(0, 100, 40),
            "b": rng.integers(0, 100, 40) + 0.5,
            "c": ["x", "y"] * 20,
            "d": [f"2020-01-{n % 28 + 1:02}" for n in range(40)],
        }
    ).write_csv(path)
    return path


@pytest.fixture
def refused(table, tmp_path):
    """Use a schema file, which must end with an error soon."""

    def use(text, suffix="toml"):
        schema = tmp_path / f"s.{suffix}"
        schema.write_text(text, encoding="utf-8")
        started = time.monotonic()
        with pytest.raises(SchemaError) as caught:
            read(table, schema=schema)
        assert time.monotonic() - started < SECONDS
        assert len(str(caught.value)) < 5_000
        assert caught.value.hint
        return str(caught.value)

    return use


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("decimals = -1", "decimals = -1 is out of range"),
        ("decimals = 9999999999999999999", "is out of range"),
        ("significant = 1000000", "is out of range"),
        ("significant = -1", "is out of range"),
        ("width = 1000000", "width = 1000000 is out of range"),
        ("width = 70000", "width = 70000 is out of range"),
        ("group = 0", "group = 0 is out of range"),
        ('exponent = "{}"', "is not the form of an exponent"),
        ('exponent = "(a+)+$"', "is not the form of an exponent"),
        ("domain = [[1]]", "domain = [[1]] is not a list of values"),
        ("domain = [{x = 1}]", "is not a list of values"),
    ],
)
def test_a_field_of_a_column_is_checked(refused, fields, problem):
    entry = f"[tables.t.columns.a]\nkind = 'number'\n{fields}\n"
    text = refused(entry)
    assert problem in text
    assert "column" in text


@pytest.mark.parametrize("name", ["key", "constraints", "relations"])
@pytest.mark.parametrize("value", ["[1]", "[[1]]", "[{x = 1}]", "[2020-01-01]", "[nan]"])
def test_a_list_of_names_or_rules_holds_texts(refused, name, value):
    assert f"{name} = [" in refused(f"[tables.t]\n{name} = {value}\n")


HUGE = {
    "nested lists": "a = " + "[" * 5_000 + "]" * 5_000,
    "a number of 10,000 digits": "a = " + "1" * 10_000,
    "a key of 20,000 parts": ".".join(["a"] * 20_000) + " = 1",
    "a section of 20,000 parts": "[" + ".".join(["a"] * 20_000) + "]",
    "10 MB of one word": "x" * 10_000_000,
    "a name of 10 MB": 'a = "' + "x" * 10_000_000 + '"',
    "more than any schema": "#" * (21 << 20),
    "a pattern of 100,000 characters": (
        '[tables.t.columns.d]\nkind = "datetime"\npattern = "' + "%Y" * 50_000 + '"'
    ),
    "100,000 constraints": (
        "[tables.t]\nconstraints = [" + ", ".join(f'"a <= {n}"' for n in range(100_000)) + "]"
    ),
    "100,000 relations": "[tables.t]\nrelations = [" + '"a <= b", ' * 100_000 + "]",
}


@pytest.mark.parametrize("what", HUGE)
def test_a_schema_of_any_size_ends_soon(refused, what):
    refused(HUGE[what])


HUGE_JSON = {
    "nested lists": "[" * 100_000,
    "nested objects": '{"a": ' * 100_000,
    "a number of 10,000 digits": '{"a": ' + "1" * 10_000 + "}",
    "half a character": '{"columns": {"d": {"sdtype": "datetime", "datetime_format": "\\ud800"}}}',
    "an sdtype of 10 MB": '{"columns": {"a": {"sdtype": 7, "x": "' + "x" * 10_000_000 + '"}}}',
    "a key that is a number": '{"columns": {"a": {"sdtype": "id"}}, "primary_key": [1]}',
    "a key of lists": '{"columns": {"a": {"sdtype": "id"}}, "primary_key": [["a"]]}',
}


@pytest.mark.parametrize("what", HUGE_JSON)
def test_metadata_of_any_shape_ends_soon(refused, what):
    refused(HUGE_JSON[what], "json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(
    json_values, st.sampled_from(["columns", "column", "primary_key", "relationships", "tables"])
)
def test_metadata_of_any_content_is_read_or_refused(value, place):
    column = {"sdtype": "numerical"} if place != "column" else value
    document = {"columns": {"a": column}}
    if place != "column":
        document[place] = value
    try:
        entries = entries_of_sdv(json.dumps(document), "m.json")
        DatasetSchema.from_dict(entries, "m.json")
    except SchemaError:
        pass


@given(json_values, st.sampled_from(["kind", "domain", "decimals", "positive", "key", "columns"]))
def test_a_schema_of_any_content_is_read_or_refused(value, place):
    column = {"kind": "number"} | ({place: value} if place not in ("key", "columns") else {})
    entry = {"columns": {"a": column}} | ({place: value} if place in ("key", "columns") else {})
    with contextlib.suppress(SchemaError):
        Schema.from_dict(entry)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_as_schema_is_refused(table, tmp_path):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    with pytest.raises(SchemaError, match="is a pipe or a device"):
        read_dataset_schema(pipe)


RULES = {
    "many clauses": " and ".join(["a <= 5"] * 100_000),
    "many quotes": "'" * 100_001,
    "many brackets": "a = " + "(" * 49_000 + "b" + ")" * 49_000,
    "many terms": "a = " + " + ".join(["b"] * 24_000),
    "many signs": "a = " + "-" * 99_000 + "b",
    "many spaces": "a" + " " * 99_000 + "x",
    "many equal signs": "a = " * 24_900,
    "a template without end": 'a = text("' + "{b}" * 33_000,
    "a bin without end": "a = bin(b: " + "1 below 2, " * 9_000,
    "an event without end": "a = '" + "''" * 49_000,
    "a total without end": "a = previous(a)" + " + b" * 24_000,
    "too long": "a = " + "b" * 3_000_000,
}


@pytest.mark.parametrize("what", RULES)
def test_a_rule_of_any_length_ends_soon(what):
    for parse in (parse_constraint, parse_relation, parse_expression, parse_rule):
        started = time.monotonic()
        with pytest.raises(SchemaError) as caught:
            parse(RULES[what], ("a", "b"))
        assert time.monotonic() - started < SECONDS
        assert len(str(caught.value)) < 5_000


def test_a_condition_of_any_length_ends_soon():
    schema = Schema(columns=(Column(name="a", kind=Kind.NUMBER),))
    frame = pl.DataFrame({"a": [1]})
    for text in ("x" * 5_000_000 + "=1", "a=" + "9" * 5_000, "a=" + "1," * 9_000 + "x"):
        started = time.monotonic()
        with pytest.raises(ArtesianError):
            parse_conditions([text], schema, frame)
        assert time.monotonic() - started < SECONDS


def test_numbers_of_fifty_decimals_are_read_and_written(tmp_path):
    source = tmp_path / "t.csv"
    source.write_text("a,b\n" + "\n".join(f"0.{'1' * 49}{n},{n}" for n in range(1, 10)) + "\n")
    table = read(source)
    assert len(table) == 9
    with writer(tmp_path / "out.csv", table.origin, schema=table.schema) as out:
        out.write(table)
    assert len(read(tmp_path / "out.csv")) == 9


def test_a_table_may_be_called_like_a_format(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('[tables."%Y%s"]\nkey = ["a"]\n[tables."%Y%s".columns.a]\nkind = "key"\n')
    assert list(read_dataset_schema(path).tables) == ["%Y%s"]
