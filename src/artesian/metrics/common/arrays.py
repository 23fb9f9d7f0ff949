"""Columns of several tables as aligned arrays, and rows as 64-bit hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.errors import SchemaError
from artesian.data.dtypes import value_type
from artesian.data.schema import Kind
from artesian.metrics.common.compatibility import check_compatible
from artesian.metrics.protocol import Comparison

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

NUMERIC = (Kind.NUMBER, Kind.DATETIME)

_FINITE = 1e300  # infinities become the far ends of the line, so that sums and bins stay finite


def floats(series: pl.Series) -> Floats:
    """Convert a column to floats: dates and times in microseconds, NaN where missing. (rows,)

    Raises:
        SchemaError: the column holds text.
    """
    sort = value_type(series.dtype)
    if sort == "dates":
        series = series.cast(pl.Datetime("us", getattr(series.dtype, "time_zone", None)))
    if sort in ("dates", "times of day", "durations"):
        series = series.to_physical()
    elif sort not in ("numbers", "booleans", "nothing"):
        raise SchemaError(
            f"column {series.name!r} is declared as a number or date, but holds {sort}",
            hint="correct the column's kind in the schema",
        )
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    clipped: Floats = np.clip(values, -_FINITE, _FINITE)
    return clipped


def encode_categories(series: Sequence[pl.Series]) -> tuple[tuple[Any, ...], list[Ints]]:
    """Encode one column of several tables with shared categories.

    Returns:
        The sorted distinct values over all tables, and for each table the positions of its values
        among them, -1 where missing. (rows,) each
    """
    plain = [_comparable(values) for values in series]
    typed = [values for values in plain if values.dtype != pl.Null]
    if not typed:
        return (), [np.full(len(values), -1, np.int64) for values in plain]
    distinct = pl.concat([values.drop_nulls().unique() for values in typed], rechunk=True)
    levels = distinct.unique().sort()
    places = pl.DataFrame({"value": levels, "code": np.arange(len(levels))})
    positions = []
    for values in plain:
        joined = pl.DataFrame({"value": values.cast(levels.dtype)}).join(
            places, on="value", how="left", maintain_order="left"
        )
        positions.append(joined["code"].fill_null(-1).to_numpy().astype(np.int64))
    return tuple(levels.to_list()), positions


def _comparable(series: pl.Series) -> pl.Series:
    """Cast to one type per kind of value, so that 1 and 1.0 are the same category."""
    sort = value_type(series.dtype)
    if sort in ("booleans", "nothing"):
        return series
    if sort == "text":
        return series.cast(pl.String)
    return pl.Series(series.name, floats(series), nan_to_null=True)


def row_hashes(tables: Comparison) -> list[Hashes]:
    """Hash each row of each table over all columns but keys; equal rows have equal hashes.

    Works column by column, so that long tables need no second copy in memory.

    Returns:
        (rows,) for the real, the synthetic and, where there is one, the holdout table; an empty
        list if all columns are keys.

    Raises:
        SchemaError: the tables do not have the same columns.
    """
    check_compatible(tables)
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
        arrays = [floats(values) for values in series] if numeric else encode_categories(series)[1]
        totals = [combine_hashes(total, array) for total, array in zip(totals, arrays, strict=True)]
    return totals


def combine_hashes(total: Hashes, values: npt.NDArray[Any]) -> Hashes:
    """Update row hashes with one more column. (rows,)"""
    if values.dtype == np.float64:
        values = values + 0.0  # -0.0 becomes 0.0
        values[np.isnan(values)] = np.nan  # and every NaN the same NaN
    return _splitmix64(total ^ _splitmix64(values.view(np.uint64) + np.uint64(0x9E3779B97F4A7C15)))


def _splitmix64(bits: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele et al. 2014): each input bit reaches all output bits."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    finalized: Hashes = bits ^ (bits >> np.uint64(31))
    return finalized
