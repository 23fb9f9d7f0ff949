"""Infer the kind of a typed column from its name and values, with one sentence of evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from artesian.core.errors import DataError
from artesian.data.inference.roles import is_direct, role_of
from artesian.data.schema import Kind

SAMPLE = 500

ID_NAMES = frozenset({"id", "ids", "uuid", "guid", "key", "pk", "rowid", "index", "idx"})
NUMBERING = ID_NAMES | {"no", "nr", "number", "num", "code", "ref", "serial", "rownames", "unnamed"}
GLUED = re.compile(
    r"(user|row|customer|client|order|item|product|account|patient|person|member|employee"
    r"|student|session|transaction|record|case|store|device|passenger|subject|invoice)id$"
)
SENSITIVE = frozenset(
    {"sex", "gender", "race", "ethnicity", "ethnic", "religion", "disability", "nationality"}
)
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredKind:
    """A kind, the evidence for it, and the role of a text; '' if it has none."""

    kind: Kind
    why: str
    role: str = ""


def infer_kind(series: pl.Series) -> InferredKind:
    """Infer the kind of a typed column.

    Raises:
        DataError: the column is nested, or has bytes or Python objects.
    """
    dtype = series.dtype
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Unknown):
        raise DataError(
            f"column {series.name!r} is of type {dtype}, which is not supported",
            hint="flatten nested values into separate columns, or leave the column out",
        )
    if not series.count():
        kind = Kind.CATEGORY
        if dtype.is_numeric():
            kind = Kind.NUMBER
        elif dtype == pl.Boolean:
            kind = Kind.BOOLEAN
        elif dtype.is_temporal() and dtype != pl.Duration:
            kind = Kind.DATETIME
        return InferredKind(kind=kind, why=f"empty: no value in {_rows(len(series))}")
    if dtype == pl.Boolean:
        return InferredKind(kind=Kind.BOOLEAN, why="booleans")
    if dtype == pl.Duration:
        return InferredKind(kind=Kind.NUMBER, why="durations")
    if dtype.is_temporal():
        return InferredKind(kind=Kind.DATETIME, why=_temporal(dtype))
    if dtype.is_integer() or dtype.is_float():
        direct = _direct_number(series)
        if direct is not None:
            return direct
    if dtype.is_integer():
        return _whole(series)
    if dtype.is_numeric():
        return InferredKind(kind=Kind.NUMBER, why=f"decimal numbers, {_different(series)}")
    if dtype in (pl.Categorical, pl.Enum):
        present = series.drop_nulls()
        direct = _direct_text(present, *role_of(series.name, present))
        return direct or InferredKind(
            kind=Kind.CATEGORY, why=f"categories by type, {_different(series)}"
        )
    return _text(series)


def is_sensitive_name(name: str) -> bool:
    """Whether a column's name is that of a sensitive attribute ('raceId' is not)."""
    parts = split_name(name)
    return bool(parts) and parts[-1] in SENSITIVE


def split_name(name: str) -> list[str]:
    """The words of a column's name, lower case: the same for 'PassengerId' and 'passenger_id'."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return [part.lower() for part in parts]


def _whole(series: pl.Series) -> InferredKind:
    rows, unique = len(series), series.n_unique()
    parts = split_name(series.name)
    is_id = _named_as_id(parts)
    if unique == rows > 1 and not series.null_count():
        if is_id or not parts or parts[0] == "unnamed" or parts[-1] in NUMBERING:
            return InferredKind(
                kind=Kind.KEY, why="all values are distinct, and the name is that of an identifier"
            )
        first, last = int(series.item(0)), int(series.item(-1))
        if rows >= 100 and first in (0, 1) and last - first + 1 == rows and series.is_sorted():
            return InferredKind(kind=Kind.KEY, why=f"numbers the rows from {first}")
    elif is_id and unique > 1:
        if unique > series.count() / 2:
            return InferredKind(
                kind=Kind.KEY, why=f"named as an identifier, {unique:,} distinct values"
            )
        return InferredKind(
            kind=Kind.CATEGORY,
            why=f"named as an identifier of something that repeats, {unique:,} distinct values",
        )
    if unique == 1:
        return InferredKind(kind=Kind.NUMBER, why="constant: the same whole number in every row")
    values = sorted(series.drop_nulls().unique().to_list()) if unique <= 3 else []
    if values == [0, 1]:
        return InferredKind(kind=Kind.NUMBER, why="whole numbers with two values, 0 and 1")
    return InferredKind(kind=Kind.NUMBER, why=f"whole numbers, {_different(series)}")


def _named_as_id(parts: list[str]) -> bool:
    return bool(parts) and (
        parts[-1] in ID_NAMES or parts[0] == "id" or GLUED.search(parts[-1]) is not None
    )


def _direct_number(series: pl.Series) -> InferredKind | None:
    """The kind of numbers that identify somebody; None for others."""
    role, evidence = role_of(series.name, series)
    if not role:
        return None
    distinct = series.drop_nulls().n_unique()
    if not is_direct(role, distinct=distinct, rows=series.count()):
        return None
    why = f"{evidence}, {distinct:,} distinct in {_rows(series.count())}"
    return InferredKind(kind=Kind.TEXT, role=role, why=why)


def _direct_text(present: pl.Series, role: str, evidence: str) -> InferredKind | None:
    """The kind of texts that identify somebody, however few of them there are; None for others."""
    rows, unique = len(present), present.n_unique()
    if not is_direct(role, distinct=unique, rows=rows):
        return None
    if role == "uuid" and unique > rows / 2:
        return None  # a key of the rows
    why = f"{evidence}, {unique:,} distinct in {_rows(rows)}"
    return InferredKind(kind=Kind.TEXT, role=role, why=why)


def _text(series: pl.Series) -> InferredKind:
    present = series.drop_nulls()
    role, evidence = role_of(series.name, present)
    direct = _direct_text(present, role, evidence)
    if direct is not None:
        return direct
    rows, unique = len(present), present.n_unique()
    if unique == 1:
        return InferredKind(kind=Kind.CATEGORY, why=f"constant: one value in {_rows(rows)}")
    unique_fraction = unique / rows
    sample = present.gather_every(max(1, rows // SAMPLE)).unique(maintain_order=True).to_list()
    if unique_fraction > 0.5:
        key = _identifier(series, sample, unique)
        if key:
            return InferredKind(kind=Kind.KEY, why=key)
        return InferredKind(
            kind=Kind.TEXT,
            role=role,
            why=f"mostly unique: {unique:,} distinct texts in {_rows(rows)}",
        )
    length = present.str.len_chars().mean()
    if isinstance(length, float) and length > 40 and unique_fraction > 0.2:
        return InferredKind(
            kind=Kind.TEXT,
            role=role,
            why=f"long texts of {length:.0f} characters on average, {unique:,} distinct",
        )
    # Categories keep their role too if it does not identify people (city, country, ...).
    return InferredKind(
        kind=Kind.CATEGORY, role=role, why=f"{unique:,} distinct values in {_rows(rows)}"
    )


def _identifier(series: pl.Series, sample: list[str], unique: int) -> str:
    """The evidence that these strings identify rows; '' if they do not."""
    if any(re.search(r"\s", v) for v in sample):
        return ""
    named = _named_as_id(split_name(series.name))
    if all(UUID.fullmatch(v) for v in sample):
        return "unique identifiers in hexadecimal"
    if unique < len(series):
        return f"named as an identifier, {unique:,} distinct values" if named else ""
    if named:
        return "all values are distinct, and the name is that of an identifier"
    shapes = {re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", v)) for v in sample}
    if len(sample) >= 5 and len(shapes) <= 3 and all("9" in shape for shape in shapes):
        return f"all values are distinct and have the form of a code ({min(shapes)})"
    return ""


def _different(series: pl.Series) -> str:
    unique = series.drop_nulls().n_unique()
    return f"{unique:,} distinct values" if unique > 1 else "always the same"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _temporal(dtype: pl.DataType) -> str:
    if dtype == pl.Date:
        return "dates"
    if dtype == pl.Time:
        return "times of day"
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    return f"dates with time, in the zone {zone}" if zone else "dates with time"
