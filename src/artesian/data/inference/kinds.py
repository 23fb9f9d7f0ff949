"""Infer the kind of a typed column from its name and values, with one sentence of evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import DataError
from artesian.data.inference.check_digits import item_check
from artesian.data.inference.codes import UUID, is_coded, is_long_code, is_token
from artesian.data.inference.column_names import split_name
from artesian.data.inference.id_names import (
    is_class_name,
    is_id_name,
    is_noun_name,
    is_numbering_name,
    is_ordinal_name,
    is_person_name,
)
from artesian.data.inference.roles import is_direct, role_of
from artesian.data.inference.row_numbers import numbers_rows
from artesian.data.schema import Kind

SAMPLE = 500

SENSITIVE = frozenset(
    {"sex", "gender", "race", "ethnicity", "ethnic", "religion", "disability", "nationality"}
)
RARE = 0.05
"""Fraction of rows in rare categories above which texts are not categories."""

FEW = 50
"""A column of direct identifiers with more values than this is never inferred to be categorical."""

CLASSES = 12
"""Identifiers of things with at most so many values, each of several rows, are categories."""


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
    if dtype.is_float() and is_id_name(series.name) and (series.drop_nulls() % 1 == 0).all():
        # Libraries without nullable integers store identifiers with missing values as decimals.
        whole = series.cast(pl.Int64, strict=False)
        if whole.null_count() == series.null_count():
            return _whole(whole)
    if dtype.is_numeric():
        return InferredKind(kind=Kind.NUMBER, why=f"decimal numbers, {_different(series)}")
    if dtype in (pl.Categorical, pl.Enum):
        present = series.drop_nulls()
        direct = _direct_text(present, *role_of(series.name, present))
        if direct is not None:
            return direct
        if is_id_name(series.name) and is_person_name(series.name):
            return _text(series.cast(pl.String))
        return InferredKind(kind=Kind.CATEGORY, why=f"categories by type, {_different(series)}")
    return _text(series)


def has_free_values(series: pl.Series) -> bool:
    """Whether strings are neither named as identifiers, nor names, nor categories with many rows."""
    meaning = infer_kind(series)
    if meaning.role or is_id_name(series.name):
        return False
    if meaning.kind is not Kind.CATEGORY:
        return True
    counts = series.drop_nulls().alias("value").value_counts()["count"]
    rare = int(counts.filter(counts < MIN_COUNT).sum())
    # A word in place of a rare object would not be an object.
    return rare > (0 if _are_objects(series) else RARE * series.count())


def _are_objects(series: pl.Series) -> bool:
    """Whether the texts have the form of JSON objects or lists."""
    return bool(series.drop_nulls().str.contains(r"^\s*(\{.*\}|\[.*\])\s*$").all())


def _item_number(present: pl.Series) -> InferredKind | None:
    """The kind of the numbers of trade items and books (EAN, UPC, ISBN); None for others."""
    distinct = present.unique(maintain_order=True)
    if not item_check(distinct.head(SAMPLE).cast(pl.String).to_list()):
        return None
    if len(distinct) < len(present):
        return _repeating(present)
    return InferredKind(
        kind=Kind.KEY, why="all values are distinct numbers of items with valid check digits"
    )


def is_sensitive_name(name: str) -> bool:
    """Whether a column's name is that of a sensitive attribute ('raceId' is not)."""
    parts = split_name(name)
    return bool(parts) and parts[-1] in SENSITIVE


def _whole(series: pl.Series) -> InferredKind:
    rows, unique, name = len(series), series.n_unique(), series.name
    item = _item_number(series.drop_nulls())
    if item is not None:
        return item
    is_id = is_id_name(name)
    if unique == rows > 1 and not series.null_count():
        if is_numbering_name(name):
            return InferredKind(
                kind=Kind.KEY, why="all values are distinct, and the name is that of an identifier"
            )
        numbering = numbers_rows(series)
        if numbering:
            return InferredKind(kind=Kind.KEY, why=numbering)
    elif unique > 1 and (is_id or (is_noun_name(name) and _is_numbered(series))):
        repeating = _repeating(series.drop_nulls())
        if repeating is not None:
            return repeating
    if unique == 1:
        return InferredKind(kind=Kind.NUMBER, why="constant: the same whole number in every row")
    values = sorted(series.drop_nulls().unique().to_list()) if unique <= 3 else []
    if values == [0, 1]:
        return InferredKind(kind=Kind.NUMBER, why="whole numbers with two values, 0 and 1")
    return InferredKind(kind=Kind.NUMBER, why=f"whole numbers, {_different(series)}")


def _repeating(present: pl.Series) -> InferredKind | None:
    """The kind of a repeating identifier; None if its numbers count the rows of something else.

    Few values of things and of code lists are categories, which a reader looks up. All others
    represent somebody or something that synthetic rows must not name.
    """
    name, unique = present.name, present.n_unique()
    counts = present.alias("value").value_counts(name="rows").sort("value")["rows"]
    if is_class_name(name):
        return InferredKind(kind=Kind.CATEGORY, why=f"a code list by its name, {unique:,} codes")
    if present.dtype.is_integer() and is_ordinal_name(name) and _is_counter(present, counts):
        return None
    few = unique <= CLASSES and int(counts.min() or 0) >= MIN_COUNT  # type: ignore[arg-type]
    if few and not is_person_name(name):
        return InferredKind(
            kind=Kind.CATEGORY,
            why=f"named as an identifier of something that repeats, {unique:,} distinct values",
        )
    return InferredKind(
        kind=Kind.KEY,
        why=f"named as an identifier, {unique:,} distinct values in {_rows(len(present))}",
    )


def _is_counter(present: pl.Series, counts: pl.Series) -> bool:
    """Whether the values are 1, 2, ... within something: each occurs less often than the one before.

    Args:
        counts: Number of rows of each value, in the order of the values.
    """
    first, last, unique = int(present.min()), int(present.max()), len(counts)  # type: ignore[arg-type]
    dense = first in (0, 1) and last - first + 1 == unique and 3 <= unique <= FEW
    return dense and bool((counts.diff().drop_nulls() <= 0).all()) and counts[-1] < 0.9 * counts[0]


def _is_numbered(series: pl.Series) -> bool:
    """Whether repeating whole numbers are those of identifiers: of constant length, or dense."""
    present = series.drop_nulls()
    low, high, unique = int(present.min()), int(present.max()), present.n_unique()  # type: ignore[arg-type]
    long = low >= 1000 and len(str(low)) == len(str(high))
    return unique > FEW and (long or unique >= 0.8 * (high - low + 1))


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
    rows, unique = len(present), present.n_unique()
    sample = list(dict.fromkeys(present.gather_every(max(1, rows // SAMPLE)).to_list()))
    named = is_id_name(series.name) or is_noun_name(series.name)
    coded = role in ("", "username", "name") and (
        (named and unique > 1 and is_coded(sample)) or is_token(sample)
    )
    direct = None if coded else _direct_text(present, role, evidence)
    if direct is not None:
        return direct
    item = None if role else _item_number(present)
    if item is not None:
        return item
    if unique == 1:
        return InferredKind(kind=Kind.CATEGORY, why=f"constant: one value in {_rows(rows)}")
    if role == "" and not coded and is_long_code(sample):
        why = f"codes of {len(sample[0])} characters, {unique:,} distinct in {_rows(rows)}"
        return InferredKind(kind=Kind.KEY, why=why)
    unique_fraction = unique / rows
    if coded:
        if unique == len(series):
            return InferredKind(
                kind=Kind.KEY,
                why="all values are distinct, and "
                + ("the name is that of an identifier" if named else "random characters"),
            )
        repeating = _repeating(present)
        if repeating is not None:
            return repeating
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
    named = is_id_name(series.name)
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
