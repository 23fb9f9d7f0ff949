"""What a report shows of one column: counts in shared bins, never a value that few rows hold.

A column's `overlap` is 1 - total variation between the real and the synthetic shares of its bins
(or of all its categories), with missing and heavy single values as bins of their own: 1 says that
the charts lie on each other, 0 that they have nothing in common. The holdout's overlap stands
beside it, because even real rows do not overlap fully.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Column, Kind
from artesian.metrics.protocol import Comparison
from artesian.report.bins import Bins, Floats, atoms, number_bins, time_bins

SIDES = ("real", "synthetic", "holdout")
SHOWN_CATEGORIES = 20

Parts = Sequence[pl.Series | None]
"""One column of each of `SIDES`; None where there are no rows, or no such column."""


def describe(tables: Comparison, column: Column) -> dict[str, Any]:
    """The aggregates of one column, as JSON-able data.

    Its 'chart' is 'histogram', 'bars', 'lengths' or 'none' (then 'why' says why).
    """
    parts = [_series(table, column.name) for table in (tables.real, tables.synthetic)]
    parts.append(None if tables.holdout is None else _series(tables.holdout, column.name))
    told: dict[str, Any] = {"name": column.name, "kind": column.kind.value, "role": column.role}
    if parts[0] is None:
        return told | _none("there are no real rows")
    if column.kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return told | _bars([None if p is None else named(p) for p in parts])
    if column.kind in (Kind.TEXT, Kind.KEY):
        lengths = [None if p is None else p.cast(pl.String).str.len_chars() for p in parts]
        return told | _numbers(lengths, times=False) | {"atoms": [], "chart_of": "length"}
    times = parts[0].dtype in (pl.Date, pl.Datetime)
    values = [None if p is None else plain(p) for p in parts]
    return told | _numbers(values, times=times)


def overlap(first: npt.NDArray[np.int64], other: npt.NDArray[np.int64] | None) -> float | None:
    """1 - total variation between two vectors of counts; None where there is nothing to compare."""
    if other is None or first.sum() == 0 or other.sum() == 0:
        return None
    return float(1 - np.abs(first / first.sum() - other / other.sum()).sum() / 2)


def numbers_of(series: pl.Series) -> Floats:
    """The values that are there, as floats; NaN counts as missing, infinities as very large."""
    values = series.drop_nulls().cast(pl.Float64, strict=False).drop_nulls().to_numpy()
    values = values[~np.isnan(values)]
    return np.asarray(np.clip(values, -1e300, 1e300), dtype=np.float64)


def plain(series: pl.Series) -> pl.Series:
    """Numbers as they are, moments in milliseconds since 1970, other times in hours."""
    if series.dtype in (pl.Date, pl.Datetime):
        return series.dt.epoch("ms")
    if series.dtype in (pl.Time, pl.Duration):
        return series.cast(pl.Duration("ns")).cast(pl.Int64) / 3.6e12
    return series


def named(series: pl.Series) -> pl.Series:
    """Categories as text, whole numbers without a point whatever their type."""
    if series.dtype.is_float():
        whole = series.cast(pl.Int64, strict=False)
        series = whole if (whole.cast(series.dtype) == series).all() else series
    return series.cast(pl.String, strict=False)


def _series(table: Any, name: str) -> pl.Series | None:
    return table.frame[name] if name in table.frame.columns and len(table) else None


def _none(why: str) -> dict[str, Any]:
    return {"chart": "none", "why": why, "overlap": None, "overlap_holdout": None}


def _numbers(parts: Parts, *, times: bool) -> dict[str, Any]:
    values = [None if part is None else numbers_of(part) for part in parts]
    rows = [0 if part is None else len(part) for part in parts]
    real = values[0]
    if real is None or len(real) < 2 * MIN_COUNT:
        held = 0 if real is None else len(real)
        why = (
            "every value is missing"
            if held == 0
            else (f"only {held} real values: a chart would show single rows")
        )
        return _none(why) | {"missing": _missing(values, rows)}
    heavy = [] if times else atoms(real)
    rest = real[~np.isin(real, heavy)]
    discrete = len(np.unique(real[:: max(1, len(real) // 10_000)])) <= 40
    if discrete or len(rest) < 2 * MIN_COUNT:
        heavy, rest = [], real
    bins = time_bins(rest) if times else number_bins(rest)
    vectors = [_vector(v, n, heavy, bins) for v, n in zip(values, rows, strict=True)]
    return {
        "chart": "histogram",
        "scale": bins.scale,
        "edges": [float(f"{edge:.14g}") for edge in bins.edges],
        "labels": bins.labels(),
        "counts": _by_side([None if v is None else v[1 + len(heavy) :] for v in vectors]),
        "atoms": [
            {"value": float(value)}
            | _shares([None if v is None else v[1 + i] / v.sum() for v in vectors])
            for i, value in enumerate(heavy)
        ],
        "missing": _missing(values, rows),
        "median": _medians(values),
        **_overlaps(vectors),
    }


def _vector(
    values: Floats | None, rows: int, heavy: list[float], bins: Bins
) -> npt.NDArray[np.int64] | None:
    """Counts of: missing, each heavy value, each bin."""
    if values is None:
        return None
    held = [int(np.sum(values == value)) for value in heavy]
    rest = values[~np.isin(values, heavy)] if heavy else values
    return np.concatenate([[rows - len(values), *held], bins.count(rest)]).astype(np.int64)


def _bars(parts: Parts) -> dict[str, Any]:
    tallies = [None if part is None else _tally(part) for part in parts]
    real = tallies[0] or {}
    order = sorted((k for k in real if k is not None), key=lambda k: (-real[k], k))
    safe = [k for k in order if real[k] >= MIN_COUNT]
    if not safe:
        few = "no category has five real rows: a chart would show single rows"
        told = _none(few if order else "every value is missing")
        return told | {"missing": _shares([None if p is None else _nulls(p) for p in parts])}
    shown = safe[:SHOWN_CATEGORIES]
    every = list(dict.fromkeys([*order, None, *(k for t in tallies if t for k in t)]))
    vectors = [None if t is None else np.array([t.get(k, 0) for k in every]) for t in tallies]
    counts = [None if t is None else _fold(t, shown) for t in tallies]
    hidden = len(order) - len(shown)
    labels = [*shown, f"{hidden:,} other" + ("" if hidden == 1 else "s") if hidden else "others"]
    if all(c is None or c[-1] == 0 for c in counts):
        labels, counts = shown, [None if c is None else c[:-1] for c in counts]
    return {
        "chart": "bars",
        "labels": labels,
        "counts": _by_side(counts),
        "categories": len(order),
        "missing": _shares(
            [None if t is None else t.get(None, 0) / max(1, sum(t.values())) for t in tallies]
        ),
        **_overlaps(vectors),
    }


def _nulls(series: pl.Series) -> float:
    return series.null_count() / len(series)


def _tally(series: pl.Series) -> dict[str | None, int]:
    counted = series.value_counts(name="count of rows" + series.name)  # never the column's own name
    return dict(zip(counted.to_series(0).to_list(), counted.to_series(1).to_list(), strict=True))


def _fold(tally: dict[str | None, int], shown: list[str]) -> npt.NDArray[np.int64]:
    held = [tally.get(label, 0) for label in shown]
    return np.array([*held, sum(tally.values()) - sum(held) - tally.get(None, 0)], dtype=np.int64)


def _missing(values: Sequence[Any], rows: list[int]) -> dict[str, float | None]:
    return _shares(
        [None if v is None or n == 0 else 1 - len(v) / n for v, n in zip(values, rows, strict=True)]
    )


def _medians(values: Sequence[Floats | None]) -> dict[str, float | None]:
    held = [None if v is None or len(v) < 2 * MIN_COUNT else float(np.median(v)) for v in values]
    return dict(zip(SIDES, held, strict=True))


def _shares(values: Sequence[float | None]) -> dict[str, float | None]:
    return {s: None if v is None else float(v) for s, v in zip(SIDES, values, strict=True)}


def _by_side(counts: Sequence[npt.NDArray[np.int64] | None]) -> dict[str, list[int] | None]:
    return {s: None if c is None else c.tolist() for s, c in zip(SIDES, counts, strict=True)}


def _overlaps(vectors: Sequence[npt.NDArray[np.int64] | None]) -> dict[str, float | None]:
    real, synthetic, holdout = vectors
    if real is None:
        return {"overlap": None, "overlap_holdout": None}
    return {"overlap": overlap(real, synthetic), "overlap_holdout": overlap(real, holdout)}
