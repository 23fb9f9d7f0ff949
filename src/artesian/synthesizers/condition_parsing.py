"""Parsing of conditions: `age=30..40`, `income=>50K`, `city=Paris,Rome`, `end=`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from artesian.core.errors import ConditionError, UsageError
from artesian.data.formatting.numbers import read_numbers
from artesian.data.formatting.times import read_times
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.synthesizers.conditions import satisfies
from artesian.synthesizers.protocol import Range, Where

RANGE = ".."


def parse_conditions(
    given: Where | Iterable[str] | None, schema: Schema, frame: pl.DataFrame
) -> Where:
    """Parse conditions and convert every value to its column's type.

    As text, a condition is `column=value`, split at the first `=`. Numbers and times take `low..high`,
    either end may be empty. Every column takes several values separated by commas (in double quotes if
    they contain one); an empty value means missing.

    Args:
        given: Texts, or a mapping of column to a value, a list of values or a `Range`.
        schema: Schema of the columns.
        frame: A frame with the columns' types; its rows are not read.

    Raises:
        UsageError: a text has no `=`.
        SchemaError: a column is unknown.
        ConditionError: a value does not have its column's type.
    """
    if not isinstance(given, Mapping):
        return _parse_texts(given or (), schema, frame)
    parsed: dict[str, Any] = {}
    for name, wanted in given.items():
        column, dtype = schema[name], frame.schema[name] if name in frame.columns else pl.String()
        if isinstance(wanted, Range):
            low, high = _typed(wanted.low, column, dtype), _typed(wanted.high, column, dtype)
            parsed[name] = Range(low, high)
        elif isinstance(wanted, list | tuple | set | frozenset):
            parsed[name] = [_typed(value, column, dtype) for value in wanted]
        else:
            parsed[name] = _typed(wanted, column, dtype)
    return parsed


def matching(table: Table, where: Where) -> Table:
    """The rows of `table` that satisfy `where`, whose values have their column's own type."""
    return table.with_frame(table.frame.filter(satisfies(where)))


def _parse_texts(texts: Iterable[str], schema: Schema, frame: pl.DataFrame) -> Where:
    parsed: dict[str, Any] = {}
    for text in texts:
        name, equals, content = text.partition("=")
        if not equals:
            raise UsageError(
                f"the condition {text!r} has no '='", hint="write column=value, such as age=30..40"
            )
        column = schema[name.strip()]
        value = _value(content.strip(), column, frame.schema[column.name])
        if column.name not in parsed:
            parsed[column.name] = value
        elif isinstance(value, Range) or isinstance(parsed[column.name], Range):
            raise ConditionError(
                f"{column.name} has two conditions, of which one is a range",
                hint="give one range, or several values",
            )
        else:
            parsed[column.name] = [*_listed(parsed[column.name]), *_listed(value)]
    return parsed


def _value(text: str, column: Column, dtype: pl.DataType) -> Any:
    """The range, value or list of values that `text` denotes."""
    if RANGE in text and column.kind in (Kind.NUMBER, Kind.DATETIME):
        low, _, high = (end.strip() for end in text.partition(RANGE))
        upper = _typed(high, column, dtype)
        only_date = len(high) <= len("2024-12-31")
        if isinstance(upper, datetime) and only_date and upper.time() == time():
            upper = upper.replace(
                hour=23, minute=59, second=59, microsecond=999_999
            )  # end of the day
        return Range(_typed(low, column, dtype), upper)
    listed = next(csv.reader([text], skipinitialspace=True), None) or [""]
    values = [_typed(one, column, dtype) for one in listed]
    return values[0] if len(values) == 1 else values


def _typed(value: Any, column: Column, dtype: pl.DataType) -> Any:
    """A text in the column's type; other values unchanged."""
    if not isinstance(value, str):
        return value
    if value in ("", column.value_format.missing):
        return None
    try:
        if dtype == pl.Boolean:
            return _boolean(value, column)
        if dtype.is_temporal():
            return _temporal(value, column, dtype)
        if not column.value_format.plain:
            formatted = read_numbers(pl.Series([value]), column.value_format)[0]
            if formatted is not None:
                return int(formatted) if dtype.is_integer() else formatted
        if dtype.is_integer():
            return int(value)
        return float(value) if dtype.is_numeric() else value
    except ValueError as problem:
        expected = {Kind.BOOLEAN: "true or false", Kind.DATETIME: "a date or time"}
        raise ConditionError(
            f"{column.name}: {value!r} is not {expected.get(column.kind, f'a value of type {dtype}')}",
            hint=_example(column, dtype),
        ) from problem


def _example(column: Column, dtype: pl.DataType) -> str:
    """A hint that shows how values of the column are written."""
    if dtype == pl.Boolean:
        return (
            f"write {column.value_format.true or 'true'} or {column.value_format.false or 'false'}"
        )
    if dtype.is_temporal():
        return f"write it like {column.value_format.pattern or 'the ISO form 2024-12-31'}"
    return f"write {'a whole number' if dtype.is_integer() else 'a number'}, or a range as 30..40"


def _boolean(text: str, column: Column) -> bool:
    true = {column.value_format.true, "true", "yes", "1"}
    false = {column.value_format.false, "false", "no", "0"}
    if text in true or (text not in false and text.lower() in true):
        return True
    if text in false or text.lower() in false:
        return False
    raise ValueError(text)


def _temporal(text: str, column: Column, dtype: pl.DataType) -> Any:
    pattern = column.value_format.pattern
    if dtype in (pl.Time, pl.Duration):
        values = None if pattern is None else read_times(pl.Series([text]), pattern)
        if values is not None and values.count():
            return values[0]
        if dtype == pl.Duration:
            raise ValueError(text)
        return time.fromisoformat(text)
    try:
        read = datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)
    except (ValueError, re.error):  # the latter for a pattern that repeats a part
        read = datetime.fromisoformat(text)  # ISO 8601 is always accepted
    if dtype == pl.Date:
        return date(read.year, read.month, read.day)
    zone = getattr(dtype, "time_zone", None)
    if zone is not None and read.tzinfo is None:
        return read.replace(tzinfo=ZoneInfo(zone))
    return read.replace(tzinfo=None) if zone is None else read


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
