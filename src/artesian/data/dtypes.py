"""Column types: the values they hold, and the types as JSON."""

from __future__ import annotations

import zoneinfo
from typing import Any

import polars as pl

from artesian.core.errors import ModelFileError
from artesian.core.validated import require

_PLAIN: dict[str, pl.DataType] = {
    str(dtype): dtype
    for dtype in (
        *(pl.String(), pl.Categorical(), pl.Boolean(), pl.Date(), pl.Time()),
        *(pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.Int128()),
        *(pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64(), pl.Float32(), pl.Float64()),
    )
}


def write_dtype(dtype: pl.DataType) -> dict[str, Any]:
    """A polars type as a small JSON object."""
    if isinstance(dtype, pl.Datetime):
        return {"type": "Datetime", "unit": dtype.time_unit, "zone": dtype.time_zone}
    if isinstance(dtype, pl.Duration):
        return {"type": "Duration", "unit": dtype.time_unit}
    if isinstance(dtype, pl.Decimal):
        return {"type": "Decimal", "precision": dtype.precision, "scale": dtype.scale}
    return {"type": str(dtype)}


def read_dtype(state: dict[str, Any]) -> pl.DataType:
    """The type that `write_dtype` described.

    Raises:
        ModelFileError: the type is unknown.
        InvalidValue: a part of it is.
    """
    kind = state["type"]
    if kind in ("Datetime", "Duration"):
        unit, zone = state["unit"], state.get("zone")
        require(unit in ("ms", "us", "ns"), f"there is no unit of time {str(unit)[:20]!r}")
        require(zone is None or _is_zone(zone), f"there is no time zone {str(zone)[:40]!r}")
        return pl.Duration(unit) if kind == "Duration" else pl.Datetime(unit, zone)
    if kind == "Decimal":
        precision, scale = state["precision"], state["scale"]
        require(precision is None or precision in range(1, 39), "a precision is not 1 to 38")
        require(scale in range(39), "a scale is not 0 to 38")
        return pl.Decimal(precision, scale)
    if kind not in _PLAIN:
        raise ModelFileError(
            f"a column is of type {kind!r}, which this version does not know",
            hint="read the model with the version of artesian that wrote it",
        )
    return _PLAIN[kind]


def _is_zone(name: Any) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, TypeError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def value_type(dtype: pl.DataType) -> str:
    """Name the type of the values of a polars type; values of one type are comparable."""
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if dtype in (pl.Date, pl.Datetime):
        return "dates"
    names = {pl.Boolean: "booleans", pl.Time: "times of day", pl.Duration: "durations"}
    for each, name in names.items():
        if dtype == each:
            return name
    return "nothing" if dtype == pl.Null else str(dtype)
