"""One column of several tables as aligned arrays, and rows as hashes of their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.errors import SchemaError
from artesian.data.schema import Kind
from artesian.metrics.common.compatibility import check_alike, sort_of
from artesian.metrics.protocol import Comparison

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

NUMERIC = (Kind.NUMBER, Kind.DATETIME)

_FINITE = 1e300  # infinities become the far ends of the line, so that sums and bins stay finite


def floats(series: pl.Series) -> Floats:
    """Numbers as they are, dates and times in microseconds, NaN where missing. (rows,)

    Raises:
        SchemaError: the column holds text.
    """
    sort = sort_of(series.dtype)
    if sort == "dates":
        series = series.cast(pl.Datetime("us", getattr(series.dtype, "time_zone", None)))
    if sort in ("dates", "times of day", "durations"):
        series = series.to_physical()
    elif sort not in ("numbers", "booleans", "nothing"):
        raise SchemaError(
            f"column {series.name!r} is said to hold numbers or dates, and holds {sort}",
            hint="correct the column's kind in the schema",
        )
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    clipped: Floats = np.clip(values, -_FINITE, _FINITE)
    return clipped


def coded(series: Sequence[pl.Series]) -> tuple[tuple[Any, ...], list[Ints]]:
    """The sorted distinct values over all tables, and each table's positions among them."""
    plain = [_plain(values) for values in series]
    known = [values for values in plain if values.dtype != pl.Null]
    if not known:
        return (), [np.full(len(values), -1, np.int64) for values in plain]
    distinct = pl.concat([values.drop_nulls().unique() for values in known], rechunk=True)
    levels = distinct.unique().sort()
    places = pl.DataFrame({"value": levels, "code": np.arange(len(levels))})
    positions = []
    for values in plain:
        joined = pl.DataFrame({"value": values.cast(levels.dtype)}).join(
            places, on="value", how="left", maintain_order="left"
        )
        positions.append(joined["code"].fill_null(-1).to_numpy().astype(np.int64))
    return tuple(levels.to_list()), positions


def _plain(series: pl.Series) -> pl.Series:
    """One type for each sort of value, so that 1 and 1.0 are the same category."""
    sort = sort_of(series.dtype)
    if sort in ("booleans", "nothing"):
        return series
    if sort == "text":
        return series.cast(pl.String)
    return pl.Series(series.name, floats(series), nan_to_null=True)


def row_hashes(tables: Comparison) -> list[Hashes]:
    """A 64-bit number for each row of each table, keys left out: equal rows, equal numbers.

    Works column by column, so that long tables need no second copy in memory. The tables come in
    the order real, synthetic, holdout; an empty list if there are no columns but keys.

    Raises:
        SchemaError: the tables do not have the same columns.
    """
    check_alike(tables)
    frames = [tables.real.frame, tables.synthetic.frame]
    if tables.holdout is not None:
        frames.append(tables.holdout.frame)
    columns = [column for column in tables.real.schema if column.kind is not Kind.KEY]
    if not columns:
        return []
    totals = [np.zeros(frame.height, np.uint64) for frame in frames]
    for column in columns:
        series = [frame[column.name] for frame in frames]
        numeric = column.kind in NUMERIC
        arrays = [floats(values) for values in series] if numeric else coded(series)[1]
        totals = [mixed(total, array) for total, array in zip(totals, arrays, strict=True)]
    return totals


def mixed(total: Hashes, values: npt.NDArray[Any]) -> Hashes:
    """The hash of rows with one more column. (rows,)"""
    if values.dtype == np.float64:
        values = values + 0.0  # -0.0 becomes 0.0
        values[np.isnan(values)] = np.nan  # and every NaN the same NaN
    return _mix(total ^ _mix(values.view(np.uint64) + np.uint64(0x9E3779B97F4A7C15)))


def _mix(bits: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele et al. 2014): each input bit reaches all output bits."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = bits ^ (bits >> np.uint64(31))
    return mixed
