"""Numbers that are codes of classes: a target of 0 and 1, or a sensitive column of 1 and 2.

Whether classes are written as numbers, booleans or words is a matter of storage. Such a column is
encoded as categories, so that its scores are those of the same column with words.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from artesian.data.schema import Column, Kind, Schema
from artesian.metrics.common.arrays import Floats, Ints, floats
from artesian.metrics.protocol import Comparison

MAX_CODES = 10
"""Maximum number of distinct whole numbers that are codes; more are counts or measurements."""

_ROWS_PER_CODE = 10  # minimum mean number of rows per code, if there are more than two

TARGET_NAMES = (
    *(("target",), ("label",), ("outcome",), ("response",), ("y",)),
    ("survived", "diagnosis", "churn", "fraud", "default"),
    ("income", "salary", "price", "class", "value"),
)
"""Last words of names of typical target columns, in groups by precedence."""


def named_as_target(name: str, names: tuple[str, ...]) -> bool:
    """Whether the last word of a column's name is one of `names`."""
    return re.split(r"[^a-z0-9]+", name.lower())[-1] in names


def class_code_columns(tables: Comparison) -> dict[str, tuple[int | float, ...]]:
    """Columns of numbers that are codes of classes: name -> sorted codes of the real rows.

    A target or sensitive column of the schema is one if it has two values, or up to ten whole
    numbers; a column with the name of a target ('label', ...) if it has two values. A time to an
    event and its indicator are not.
    """
    schema = tables.real.schema
    codes: dict[str, tuple[int | float, ...]] = {}
    for column in schema:
        if column.kind is Kind.NUMBER and (limit := _max_codes(column, schema)):
            codes[column.name] = _codes(tables.real.frame[column.name], limit)
    return {name: values for name, values in codes.items() if values}


def encode_class_codes(values: pl.Series, codes: tuple[int | float, ...]) -> Ints:
    """The position of the nearest code for each value, -1 where missing. (rows,)

    A synthetic value between the codes, such as 0.97, is of the class that rounding gives; that it
    is no code is a matter of validity.
    """
    numbers, sorted_codes = floats(values), np.array(codes, np.float64)
    midpoints = (sorted_codes[1:] + sorted_codes[:-1]) / 2
    return np.where(np.isnan(numbers), -1, np.searchsorted(midpoints, numbers)).astype(np.int64)


def _max_codes(column: Column, schema: Schema) -> int:
    """The number of distinct values up to which the column is one of codes; 0 if it is not one."""
    if schema.event is not None and column.name in (schema.target, schema.event):
        return 0
    if column.name == schema.target or column.sensitive:
        return MAX_CODES
    by_name = schema.target is None and any(named_as_target(column.name, n) for n in TARGET_NAMES)
    return 2 if by_name else 0


def _codes(values: pl.Series, limit: int) -> tuple[int | float, ...]:
    """The distinct values, if they are two, or at most `limit` whole numbers; else nothing."""
    if not (
        values.dtype.is_numeric() and 2 <= values.drop_nulls().head(10_000).n_unique() <= limit
    ):
        return ()
    numbers = floats(values)
    present: Floats = numbers[~np.isnan(numbers)]
    distinct = np.unique(present)
    whole = bool((distinct == np.floor(distinct)).all())
    enough = len(present) >= _ROWS_PER_CODE * len(distinct)
    if len(distinct) != 2 and not (2 < len(distinct) <= limit and whole and enough):
        return ()
    return tuple(int(value) if whole else float(value) for value in distinct)
