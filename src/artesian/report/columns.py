"""Aggregates of one column: counts in shared bins, never a value of fewer than five rows.

The `overlap` of a column is 1 - total variation distance between the train and the synthetic table
over its bins (or all its categories), where missing values and frequent single values have bins of
their own: 1 for equal distributions, 0 for disjoint ones. The overlap of the holdout is the reference,
as sampling noise keeps it below 1 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.metrics.protocol import Comparison
from artesian.report.bins import Bins, Floats, frequent_values, number_bins, time_bins
from artesian.report.categories import describe_categories

SIDES = ("train", "synthetic", "holdout")

Series = Sequence[pl.Series | None]
"""One column in the tables of `SIDES`; None where there are no rows, or no such column."""


def describe(tables: Comparison, column: Column) -> dict[str, Any]:
    """Aggregates of one column as JSON types.

    'chart' is 'histogram', 'bars' or 'none' ('reason' then states why).
    """
    synthetic_schema = tables.synthetic.schema
    sides = (tables.real, tables.synthetic, tables.holdout)
    series = [None if table is None else _series(table, column.name) for table in sides]
    about: dict[str, Any] = {"name": column.name, "kind": column.kind.value, "role": column.role}
    if series[0] is None:
        return about | _none("there are no train rows")
    if column.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        named = column.name in synthetic_schema.names
        released = synthetic_schema[column.name] if named else column
        return about | _bars([None if s is None else category_names(s) for s in series], released)
    if column.kind in (Kind.TEXT, Kind.KEY):
        lengths = [None if s is None else s.cast(pl.String).str.len_chars() for s in series]
        summary = _histogram(lengths, times=False)
        return about | summary | {"frequent_values": [], "chart_of": "length"}
    times = series[0].dtype in (pl.Date, pl.Datetime)
    values = [None if s is None else numeric(s) for s in series]
    return about | _histogram(values, times=times)


def overlap(first: npt.NDArray[np.int64], other: npt.NDArray[np.int64] | None) -> float | None:
    """1 - total variation distance between two vectors of counts; None if one of them is empty."""
    if other is None or first.sum() == 0 or other.sum() == 0:
        return None
    return float(1 - np.abs(first / first.sum() - other / other.sum()).sum() / 2)


def present_values(series: pl.Series) -> Floats:
    """Non-missing values as floats; NaN counts as missing, infinities are clipped."""
    values = series.drop_nulls().cast(pl.Float64, strict=False).drop_nulls().to_numpy()
    values = values[~np.isnan(values)]
    return np.asarray(np.clip(values, -1e300, 1e300), dtype=np.float64)


def numeric(series: pl.Series) -> pl.Series:
    """Datetimes as milliseconds since 1970, times and durations as hours, numbers unchanged."""
    if series.dtype in (pl.Date, pl.Datetime):
        return series.dt.epoch("ms")
    if series.dtype in (pl.Time, pl.Duration):
        return series.cast(pl.Duration("us")).cast(pl.Int64) / 3.6e9
    return series


def category_names(series: pl.Series) -> pl.Series:
    """Categories as text; whole numbers get no decimal point, whatever their type."""
    if series.dtype.is_float():
        whole = series.cast(pl.Int64, strict=False)
        series = whole if (whole.cast(series.dtype) == series).all() else series
    return series.cast(pl.String, strict=False)


def _series(table: Table, name: str) -> pl.Series | None:
    return table.frame.get_column(name, default=None) if len(table) else None


def _none(reason: str) -> dict[str, Any]:
    return {"chart": "none", "reason": reason, "overlap": None, "overlap_holdout": None}


def _histogram(series: Series, *, times: bool) -> dict[str, Any]:
    values = [None if s is None else present_values(s) for s in series]
    rows = [0 if s is None else len(s) for s in series]
    missing = _by_side(
        [None if v is None or n == 0 else 1 - len(v) / n for v, n in zip(values, rows, strict=True)]
    )
    train = values[0]
    if train is None or len(train) < 2 * MIN_COUNT:
        n = 0 if train is None else len(train)
        reason = f"only {n} train values: a chart would disclose single rows"
        return _none(reason if n else "every value is missing") | {"missing": missing}
    frequent = [] if times else frequent_values(train)
    rest = train[~np.isin(train, frequent)]
    discrete = len(np.unique(train[:: max(1, len(train) // 10_000)])) <= 40
    if discrete or len(rest) < 2 * MIN_COUNT:
        frequent, rest = [], train
    bins = time_bins(rest) if times else number_bins(rest)
    vectors = [_vector(v, n, frequent, bins) for v, n in zip(values, rows, strict=True)]
    return {
        "chart": "histogram",
        "scale": bins.scale,
        "edges": [float(f"{edge:.14g}") for edge in bins.edges],
        "labels": bins.labels(),
        "counts": _counts([None if v is None else v[1 + len(frequent) :] for v in vectors]),
        "frequent_values": [
            {"value": float(value)}
            | _by_side([None if v is None else v[1 + i] / v.sum() for v in vectors])
            for i, value in enumerate(frequent)
        ],
        "missing": missing,
        "median": _by_side(
            [None if v is None or len(v) < 2 * MIN_COUNT else np.median(v) for v in values]
        ),
        **_overlaps(vectors),
    }


def _vector(
    values: Floats | None, rows: int, frequent: list[float], bins: Bins
) -> npt.NDArray[np.int64] | None:
    """Counts of missing values, of each frequent value, and of each bin."""
    if values is None:
        return None
    counts = [int(np.sum(values == value)) for value in frequent]
    rest = values[~np.isin(values, frequent)] if frequent else values
    return np.concatenate([[rows - len(values), *counts], bins.count(rest)]).astype(np.int64)


def _bars(series: Series, released: Column) -> dict[str, Any]:
    tallies = [None if s is None else _tally(s) for s in series]
    missing = _by_side(
        [None if t is None else t.get(None, 0) / max(1, sum(t.values())) for t in tallies]
    )
    summary = describe_categories(tallies, released)
    if summary is None:
        few = "no category has five train rows: a chart would disclose single rows"
        present = any(category is not None for category in tallies[0] or {})
        return _none(few if present else "every value is missing") | {"missing": missing}
    return {
        "chart": "bars",
        "labels": summary.labels,
        "counts": _counts(summary.counts),
        "categories": summary.categories,
        "suppressed": summary.suppressed,
        "missing": missing,
        **_overlaps(summary.vectors),
    }


def _tally(series: pl.Series) -> dict[str | None, int]:
    counted = series.value_counts(name="count of rows" + series.name)  # never the column's own name
    return dict(zip(counted.to_series(0).to_list(), counted.to_series(1).to_list(), strict=True))


def _by_side(values: Sequence[float | None]) -> dict[str, float | None]:
    return {s: None if v is None else float(v) for s, v in zip(SIDES, values, strict=True)}


def _counts(counts: Sequence[npt.NDArray[np.int64] | None]) -> dict[str, list[int] | None]:
    return {
        s: None if c is None else disclosed(c, s).tolist()
        for s, c in zip(SIDES, counts, strict=True)
    }


def disclosed(counts: npt.NDArray[np.int64], side: str) -> npt.NDArray[np.int64]:
    """Counts for a chart: those of fewer than `MIN_COUNT` real rows are zero."""
    return counts if side == "synthetic" else np.where(counts < MIN_COUNT, 0, counts)


def _overlaps(vectors: Sequence[npt.NDArray[np.int64] | None]) -> dict[str, float | None]:
    train, synthetic, holdout = vectors
    if train is None:
        return {"overlap": None, "overlap_holdout": None}
    return {"overlap": overlap(train, synthetic), "overlap_holdout": overlap(train, holdout)}
