"""Types of the columns that are created on a database server."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from artesian.data.schema import Column
from artesian.data.writers.databases import TYPE_TOKENS, declared_type

TOKENS = TYPE_TOKENS | {"INET", "CIDR", "MACADDR", "INTERVAL"}
"""Words of the types of servers."""

RANGES = {"SMALLINT": 15, "INTEGER": 31, "INT": 31, "MEDIUMINT": 23, "TINYINT": 7}
"""Number of bits of whole numbers that hold fewer than a BIGINT."""

LENGTH = re.compile(r"(?:N?VARCHAR2?|N?CHAR|CHARACTER(?: VARYING)?)\s*\((\d+)\)", re.IGNORECASE)
DECIMAL = re.compile(r"(?:NUMERIC|DECIMAL)\s*\((\d+)(?:, *(\d+))?\)", re.IGNORECASE)
UUID = r"^\{?[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}\}?$"
HARDWARE = r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"

MAX_KEY_TEXT = 255
"""Length of texts on servers whose keys need one."""


def column_type(
    series: pl.Series,
    column: Column,
    options: Mapping[str, Any],
    dialect: Any,
    schema: str | None,
) -> Any:
    """The type that the source declares if it holds all values, or else one that follows from them.

    Synthetic values may be longer than those of the source: new keys, or the word that replaces rare
    categories.
    """
    import sqlalchemy

    declared = declared_type(options, series.name, TOKENS)
    if declared.startswith("ENUM"):
        values = [part.replace("''", "'") for part in declared[6:-2].split("', '")]
        wanted = set(series.cast(pl.String).drop_nulls().unique()) | {
            column.suppressed or values[0]
        }
        enums = options.get("enums")
        name = enums.get(series.name) if isinstance(enums, Mapping) else None
        if wanted <= set(values) and isinstance(name, str):
            return sqlalchemy.Enum(*values, name=name, schema=schema)
        return _of_values(series.cast(pl.String), dialect)
    if declared and holds(declared, series, column):
        return _declared(declared)
    return _of_values(series, dialect)


def holds(declared: str, series: pl.Series, column: Column) -> bool:
    """Whether a declared type holds the values of a column."""
    kind = declared.upper()
    if series.dtype.is_integer() and kind in RANGES:
        limit = 2 ** RANGES[kind]
        return bool(series.drop_nulls().is_between(-limit, limit - 1).all())
    if match := LENGTH.fullmatch(kind):
        return max(len(column.suppressed or ""), _longest(series)) <= int(match[1])
    if match := DECIMAL.fullmatch(kind):
        whole = int(match[1]) - int(match[2] or 0)
        return series.dtype.is_numeric() and bool(
            (series.drop_nulls().cast(pl.Float64).abs() < 10.0**whole - 1).all()
        )
    texts = series.drop_nulls().unique() if series.dtype == pl.String else None
    if texts is None:
        return True
    if kind == "UUID":
        return bool(texts.str.contains(UUID).all())
    if kind == "MACADDR":
        return bool(texts.str.contains(HARDWARE).all())
    if kind in ("INET", "CIDR"):
        return all(map(_is_network, texts))
    return any(word in kind for word in ("CHAR", "TEXT", "CLOB", "STRING"))


def _longest(series: pl.Series) -> int:
    """Number of characters of the longest text."""
    longest: Any = series.cast(pl.String).str.len_chars().max()
    return int(longest or 0)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _declared(text: str) -> Any:
    from sqlalchemy.types import UserDefinedType

    class Declared(UserDefinedType[Any]):
        cache_ok = True

        def get_col_spec(self, **_: Any) -> str:
            return text

    return Declared()


def _of_values(series: pl.Series, dialect: Any) -> Any:
    import sqlalchemy

    dtype = series.dtype
    if dtype == pl.Boolean:
        return sqlalchemy.Boolean()
    if dtype.is_integer():
        return sqlalchemy.BigInteger()
    if dtype.is_float():
        return sqlalchemy.Double()
    if isinstance(dtype, pl.Decimal):
        return sqlalchemy.Numeric(dtype.precision or 38, dtype.scale)
    if dtype == pl.Date:
        return sqlalchemy.Date()
    if dtype == pl.Time:
        return sqlalchemy.Time()
    if isinstance(dtype, pl.Datetime):
        return sqlalchemy.DateTime(timezone=dtype.time_zone is not None)
    if dtype == pl.Duration:
        return sqlalchemy.Interval()
    # Some servers index no text without a length.
    short = dialect.name != "postgresql" and _longest(series) <= MAX_KEY_TEXT
    return sqlalchemy.String(MAX_KEY_TEXT) if short else sqlalchemy.Text()
