"""Convert columns of pandas to polars and back to the type they had.

Polars has no intervals, periods, Python objects and fixed offsets from UTC. Such values are read as
text or as times, and restored from the column that they were read from.
"""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

import polars as pl

from artesian.core.errors import DataError
from artesian.data.offsets import zone_of_offset
from artesian.data.readers.location import one_line

NUMBERS = frozenset({"int", "float", "float64", "int64", "float32"})
NESTED = ("list", "dict", "tuple", "set", "ndarray")


def from_pandas(series: Any, name: str) -> tuple[pl.Series, bool]:
    """A column of pandas, and whether it mixes numbers with text, all of it as text then.

    Raises:
        DataError: the column mixes other types, is nested, or is of an unsupported type.
    """
    kind, mixed = str(series.dtype), False
    if kind == "object":
        series, mixed = _of_objects(series, name)
        if not mixed and _beyond_64_bits(series):
            return _long_integers(series.tolist(), name), False
    elif kind == "category":
        return _of_categories(series, name), False
    elif kind.startswith("interval"):
        series = _as_text(series)
    elif kind.startswith("period"):
        series = series.dt.to_timestamp()
    elif kind.startswith(("Sparse", "complex")):
        raise DataError(
            f"column {name!r} is of type {kind}, which is not supported",
            hint="leave it out, or give dense real numbers",
        )
    zone = getattr(series.dtype, "tz", None)
    if isinstance(zone, datetime.tzinfo) and (offset := _fixed_offset(zone)):
        series = series.dt.tz_convert(zone_of_offset(offset) or "UTC")
    try:
        values = pl.from_pandas(series, nan_to_null=True)
    except (pl.exceptions.PolarsError, ValueError, TypeError, ImportError) as bad:
        raise DataError(
            f"column {name!r} cannot be converted: {one_line(bad)}",
            hint="leave it out, or give numbers, text, booleans or times",
        ) from bad
    assert isinstance(values, pl.Series)
    return values.alias(name), mixed


def to_pandas(values: pl.Series, like: Any) -> Any:
    """The column as one of pandas, of the type of the column `like`; None gives the nearest type.

    A type that cannot represent some value is widened, as pandas itself would do.
    """
    import pandas as pd

    kind = None if like is None else like.dtype
    name = str(kind)
    numeric = values.dtype.is_numeric()
    if values.dtype in (pl.Categorical, pl.Enum):
        values = values.cast(pl.String)
    if kind is not None and name == "category":
        listed = _restored(values.to_list(), list(kind.categories))
        added = sorted({v for v in listed if v is not None} - set(kind.categories), key=str)
        wanted = pd.CategoricalDtype([*kind.categories, *added], ordered=kind.ordered)
        return pd.Series(pd.Categorical(listed, dtype=wanted))
    if kind is not None and name.startswith("interval"):
        listed = _restored(values.to_list(), list(like.dropna().unique()))
        return _astype(pd.Series(listed, dtype="object"), kind)
    if kind is not None and name.startswith("period"):
        return _astype(values.to_pandas().dt.to_period(kind.freq), kind)
    if kind is None or name == "object":
        listed = values.to_list()
        if name == "object" and _has_uuids(like):
            listed = [_uuid(v) for v in listed]
        out = pd.Series(listed, dtype="object")
        return out if name == "object" else out.infer_objects()
    extension = pd.api.types.is_extension_array_dtype(kind)
    if values.dtype.is_temporal() and values.dtype != pl.Time:
        out = values.to_pandas()
    elif values.null_count() and (not numeric or extension):
        out = pd.Series(values.to_list(), dtype="object")
    else:
        out = pd.Series(values.to_numpy())
    return _astype(out, kind)


def _astype(series: Any, kind: Any) -> Any:
    try:
        return series.astype(kind)
    except (TypeError, ValueError):
        return series


def _of_objects(series: Any, name: str) -> tuple[Any, bool]:
    """A column of Python objects of one type, or of numbers and text, as text."""
    kinds = sorted({type(v).__name__ for v in series.dropna()})
    if set(kinds) & set(NESTED):
        nested = next(kind for kind in kinds if kind in NESTED)
        raise DataError(
            f"column {name!r} has values of type {nested}",
            hint="flatten nested values into separate columns, or leave the column out",
        )
    mixed = "str" in kinds and len(kinds) > 1 and set(kinds) <= NUMBERS | {"str"}
    # None and NaN, and whole and decimal numbers, are not a mixture.
    if len(kinds) > 1 and not mixed and not set(kinds) <= NUMBERS:
        raise DataError(
            f"column {name!r} mixes types ({', '.join(kinds[:4])})",
            hint="split it into one column for each type, or leave it out",
        )
    if mixed or kinds in (["UUID"], ["Interval"]):
        return _as_text(series), mixed
    return series.where(series.notna(), None), False


def _beyond_64_bits(series: Any) -> bool:
    """Whether all objects are whole numbers, and one of them needs more than 64 bits with its sign."""
    present = series.dropna()
    whole = all(type(value) is int for value in present)
    return whole and any(not -(2**63) <= value < 2**63 for value in present)


def _long_integers(values: list[Any], name: str) -> pl.Series:
    """Python's integers beyond 64 bits."""
    try:
        return pl.Series(name, values, dtype=pl.Int128)
    except (pl.exceptions.PolarsError, OverflowError, TypeError) as bad:
        raise DataError(
            f"column {name!r} has whole numbers beyond 128 bits",
            hint="leave it out, or divide it by a power of ten",
        ) from bad


def _of_categories(series: Any, name: str) -> pl.Series:
    """A categorical column, which may have categories of any type."""
    categories = series.cat.categories
    values = series.astype("object")
    if str(categories.dtype).startswith(("interval", "period")) or _has_uuids(categories):
        values = _as_text(values)
        return pl.Series(name, values.to_list(), dtype=pl.String).cast(pl.Categorical)
    out = pl.from_pandas(series, nan_to_null=True)
    assert isinstance(out, pl.Series)
    return out.alias(name)


def _as_text(series: Any) -> Any:
    values = [None if missing else str(v) for v, missing in zip(series, series.isna(), strict=True)]
    return type(series)(values, dtype="object", index=series.index)


def _restored(values: list[Any], originals: list[Any]) -> list[Any]:
    """The originals that `values` are the texts of; other values stay."""
    if all(isinstance(original, str) for original in originals):
        return values
    texts = {str(original): original for original in originals}
    return [texts.get(v, v) if isinstance(v, str) else v for v in values]


def _has_uuids(values: Any) -> bool:
    present = values.dropna()
    return len(present) > 0 and isinstance(next(iter(present)), UUID)


def _uuid(value: Any) -> Any:
    try:
        return None if value is None else UUID(value)
    except ValueError:
        return value


def _fixed_offset(zone: datetime.tzinfo) -> str:
    """The offset of a zone without a name, such as '+05:30'; '' for a named zone."""
    if getattr(zone, "key", None) or getattr(zone, "zone", None):
        return ""
    span = zone.utcoffset(None)
    if span is None:
        return ""
    minutes = round(span.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
