"""Types of database servers, as SQLAlchemy names them, in types of polars."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

TEXTS = ("INET", "CIDR", "MACADDR", "MACADDR8", "CITEXT")
"""Types whose values are words, though SQLAlchemy does not say so."""

MAX_PRECISION = 38
"""Digits of the decimal numbers of polars."""

DTYPES: dict[type, pl.DataType] = {
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
    datetime.date: pl.Date(),
    datetime.datetime: pl.Datetime("us"),
    datetime.time: pl.Time(),
    datetime.timedelta: pl.Duration("us"),
    str: pl.String(),
    uuid.UUID: pl.String(),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """How a column is stored.

    Attributes:
        dtype: The type of its values here.
        declared: The type as SQL of the database; ENUM('a', 'b') for a type of named values.
        name: The name of such a type, if it has one.
    """

    dtype: pl.DataType
    declared: str
    name: str = ""

    def series(self, name: str, values: Sequence[Any]) -> pl.Series:
        """Values that the driver fetched, as a column."""
        dtype = self.dtype
        if dtype == pl.String:
            values = [v if v is None or isinstance(v, str) else str(v) for v in values]
        elif dtype == pl.Float64:
            values = [float(v) if isinstance(v, decimal.Decimal) else v for v in values]
        elif dtype == pl.Boolean:
            values = [None if v is None else bool(v) for v in values]
        return pl.Series(name, values, dtype=dtype)


def stored_as(kind: Any, dialect: Any) -> Stored | None:
    """How values of a type of SQLAlchemy are stored; None if they are no numbers, words or times."""
    import sqlalchemy

    types = sqlalchemy.types
    enums = getattr(kind, "enums", None)
    if isinstance(kind, types.Enum) and enums:
        listed = ", ".join("'" + str(value).replace("'", "''") + "'" for value in enums)
        return Stored(pl.Enum([str(value) for value in enums]), f"ENUM({listed})", kind.name or "")
    name = type(kind).__name__.upper()
    try:
        python = str if name in TEXTS else kind.python_type
        declared = str(kind.compile(dialect=dialect))
    except (NotImplementedError, sqlalchemy.exc.CompileError):
        return None
    if python is decimal.Decimal or isinstance(kind, types.Numeric):
        return Stored(_number(kind), declared)
    if python is datetime.datetime and getattr(kind, "timezone", False):
        return Stored(pl.Datetime("us", "UTC"), declared)
    dtype = DTYPES.get(python)
    return None if dtype is None else Stored(dtype, declared)


def _number(kind: Any) -> pl.DataType:
    import sqlalchemy

    precision, scale = getattr(kind, "precision", None), getattr(kind, "scale", None)
    if isinstance(kind, sqlalchemy.types.Float) or precision is None or scale is None:
        return pl.Float64()
    exact = 0 <= scale <= precision <= MAX_PRECISION
    return pl.Decimal(precision, scale) if exact else pl.Float64()
