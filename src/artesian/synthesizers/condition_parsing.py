"""Conditions as people type them: `age=30..40`, `income=>50K`, `city=Paris,Rome`, `end=`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from artesian.core.errors import ConditionError, UsageError
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.synthesizers.conditions import satisfies
from artesian.synthesizers.protocol import Range, Where

RANGE = ".."


def parse_conditions(
    given: Where | Iterable[str] | None, schema: Schema, frame: pl.DataFrame
) -> Where:
    """Conditions with every value in its column's own type.

    As text, a condition is `column=value`, split at the first `=`. A number or a time takes
    `low..high`, either end open; every column takes several values with commas between them (in
    double quotes where a value holds a comma), and an empty value means missing.

    Args:
        given: Texts, or a mapping of column to a value, a list of values or a `Range`.
        schema: What the columns mean.
        frame: Any frame with the columns' types; its rows are not looked at.

    Raises:
        UsageError: a text without `=`.
        SchemaError: an unknown column.
        ConditionError: a value that the column cannot hold.
    """
    if not isinstance(given, Mapping):
        return _parsed(given or (), schema, frame)
    found: dict[str, Any] = {}
    for name, wanted in given.items():
        column, dtype = schema[name], frame.schema[name] if name in frame.columns else pl.String()
        if isinstance(wanted, Range):
            low, high = _typed(wanted.low, column, dtype), _typed(wanted.high, column, dtype)
            found[name] = Range(low, high)
        elif isinstance(wanted, list | tuple | set | frozenset):
            found[name] = [_typed(value, column, dtype) for value in wanted]
        else:
            found[name] = _typed(wanted, column, dtype)
    return found


def matching(table: Table, where: Where) -> Table:
    """The rows of `table` that satisfy `where`, whose values have their column's own type."""
    return table.with_frame(table.frame.filter(satisfies(where)))


def _parsed(texts: Iterable[str], schema: Schema, frame: pl.DataFrame) -> Where:
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, said = text.partition("=")
        if not equals:
            raise UsageError(
                f"the condition {text!r} has no '='", hint="write column=value, such as age=30..40"
            )
        column = schema[name.strip()]
        value = _value(said.strip(), column, frame.schema[column.name])
        if column.name not in found:
            found[column.name] = value
        elif isinstance(value, Range) or isinstance(found[column.name], Range):
            raise ConditionError(
                f"{column.name} has two conditions, and one is a range",
                hint="give one range, or several values",
            )
        else:
            found[column.name] = [*_listed(found[column.name]), *_listed(value)]
    return found


def _value(said: str, column: Column, dtype: pl.DataType) -> Any:
    if RANGE in said and column.kind in (Kind.NUMBER, Kind.DATETIME):
        low, _, high = (end.strip() for end in said.partition(RANGE))
        most = _typed(high, column, dtype)
        if isinstance(most, datetime) and len(high) <= len("2024-12-31") and most.time() == time():
            most = most.replace(hour=23, minute=59, second=59, microsecond=999_999)  # the whole day
        return Range(_typed(low, column, dtype), most)
    listed = next(csv.reader([said], skipinitialspace=True), None) or [""]
    values = [_typed(one, column, dtype) for one in listed]
    return values[0] if len(values) == 1 else values


def _typed(said: Any, column: Column, dtype: pl.DataType) -> Any:
    """`said` in the column's own type; what is not text is taken as it is."""
    if not isinstance(said, str):
        return said
    if said in ("", column.value_format.missing):
        return None
    try:
        if dtype == pl.Boolean:
            return _boolean(said, column)
        if dtype.is_temporal():
            return _moment(said, column, dtype)
        if dtype.is_integer():
            return int(said)
        return float(said) if dtype.is_numeric() else said
    except ValueError as problem:
        what = {Kind.BOOLEAN: "yes or no", Kind.DATETIME: "a date or time"}
        raise ConditionError(
            f"{column.name}: {said!r} is not {what.get(column.kind, 'such a number')}",
            hint=_shape(column, dtype),
        ) from problem


def _shape(column: Column, dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return (
            f"write {column.value_format.true or 'true'} or {column.value_format.false or 'false'}"
        )
    if dtype.is_temporal():
        return f"write it like {column.value_format.pattern or 'the ISO form 2024-12-31'}"
    return f"write {'a whole number' if dtype.is_integer() else 'a number'}, or a range as 30..40"


def _boolean(said: str, column: Column) -> bool:
    yes = {column.value_format.true, "true", "yes", "1"}
    no = {column.value_format.false, "false", "no", "0"}
    if said in yes or (said not in no and said.lower() in yes):
        return True
    if said in no or said.lower() in no:
        return False
    raise ValueError(said)


def _moment(said: str, column: Column, dtype: pl.DataType) -> Any:
    if dtype == pl.Time:
        return time.fromisoformat(said)
    pattern = column.value_format.pattern
    try:
        read = datetime.strptime(said, pattern) if pattern else datetime.fromisoformat(said)
    except ValueError:
        read = datetime.fromisoformat(said)  # ISO is understood whatever the source writes
    if dtype == pl.Date:
        return date(read.year, read.month, read.day)
    zone = getattr(dtype, "time_zone", None)
    if zone is not None and read.tzinfo is None:
        return read.replace(tzinfo=ZoneInfo(zone))
    return read.replace(tzinfo=None) if zone is None else read


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
