"""Conditions as text become values of the column's own type."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import polars as pl
import pytest

from artesian.core.errors import ConditionError, SchemaError, UsageError
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.data.value_format import ValueFormat
from artesian.synthesizers.condition_parsing import matching, parse_conditions
from artesian.synthesizers.protocol import Range

FRAME = pl.DataFrame(
    {
        "age": [20, 30, 40, None],
        "pay": [1.5, 2.5, 3.5, 4.5],
        "town": ["Ulm", "Paris, France", None, ">50K"],
        "code": [1, 2, 2, 3],
        "member": [True, False, None, True],
        "born": [date(1990, 1, 31), date(1991, 2, 1), None, date(2000, 12, 31)],
        "seen": [datetime(2024, 1, 1, h, tzinfo=UTC) for h in (0, 6, 12, 18)],
        "opens": [time(8), time(9), time(10), None],
    }
)
KINDS = {
    "age": Kind.NUMBER,
    "pay": Kind.NUMBER,
    "town": Kind.CATEGORY,
    "code": Kind.CATEGORY,
    "member": Kind.BOOLEAN,
    "born": Kind.DATETIME,
    "seen": Kind.DATETIME,
    "opens": Kind.DATETIME,
}
SPELLED = {
    "member": ValueFormat(true="Y", false="N"),
    "born": ValueFormat(pattern="%d.%m.%Y"),
    "town": ValueFormat(missing="?"),
}
SCHEMA = Schema(
    columns=tuple(
        Column(name=name, kind=kind, nullable=True, value_format=SPELLED.get(name, ValueFormat()))
        for name, kind in KINDS.items()
    )
)
TABLE = Table(FRAME, SCHEMA)


@pytest.mark.parametrize(
    ("text", "value", "rows"),
    [
        ("age=30", 30, [1]),
        ("age = 30..40", Range(30, 40), [1, 2]),
        ("age=..30", Range(None, 30), [0, 1]),
        ("age=", None, [3]),
        ("age=20,", [20, None], [0, 3]),
        ("pay=2..4", Range(2.0, 4.0), [1, 2]),
        ("pay=-1..1e9", Range(-1.0, 1e9), [0, 1, 2, 3]),
        ("town=>50K", ">50K", [3]),
        ('town="Paris, France",Ulm', ["Paris, France", "Ulm"], [0, 1]),
        ("town=?", None, [2]),
        ("code=2", 2, [1, 2]),
        ("member=Y", True, [0, 3]),
        ("member=false", False, [1]),
        ("born=01.02.1991", date(1991, 2, 1), [1]),
        ("born=1991-02-01..", Range(date(1991, 2, 1), None), [1, 3]),
        ("opens=08:30..", Range(time(8, 30), None), [1, 2]),
        ("seen=2024-01-01T06:00..", Range(datetime(2024, 1, 1, 6, tzinfo=UTC), None), [1, 2, 3]),
    ],
)
def test_a_text_becomes_a_value_and_finds_its_rows(text: str, value: Any, rows: list[int]) -> None:
    where = parse_conditions([text], SCHEMA, FRAME.clear())
    assert list(where.values()) == [value]
    assert matching(TABLE, where).frame.equals(FRAME[rows])


def test_a_day_as_the_end_of_a_range_is_the_whole_day() -> None:
    where = parse_conditions(["seen=2024-01-01..2024-01-01"], SCHEMA, FRAME)
    assert len(matching(TABLE, where)) == 4


def test_conditions_on_several_columns_all_hold_and_values_add_up() -> None:
    where = parse_conditions(["code=2", "code=3", "age=30.."], SCHEMA, FRAME)
    assert where == {"code": [2, 3], "age": Range(30, None)}
    assert len(matching(TABLE, where)) == 2


def test_a_mapping_is_typed_too() -> None:
    given = {"born": "1991-02-01", "code": ["2", 3], "pay": Range("2", 4), "member": "Y"}
    assert parse_conditions(given, SCHEMA, FRAME) == {
        "born": date(1991, 2, 1),
        "code": [2, 3],
        "pay": Range(2.0, 4),
        "member": True,
    }


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("age", UsageError, "'='"),
        ("aeg=3", SchemaError, "'age'"),
        ("age=old", ConditionError, "'old'"),
        ("age=1.5", ConditionError, "whole number"),
        ("member=maybe", ConditionError, "Y or N"),
        ("born=tomorrow", ConditionError, "%d.%m.%Y"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(text: str, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        parse_conditions([text], SCHEMA, FRAME)


def test_a_range_and_a_value_of_one_column_are_refused() -> None:
    with pytest.raises(ConditionError, match="two conditions"):
        parse_conditions(["age=3..4", "age=7"], SCHEMA, FRAME)
