"""Density of each table on the first two principal components of the train table.

Numbers are encoded as centred ranks among the train rows, categories as centred indicators, and every
column has a total variance of one, so that neither units nor the number of categories give weight. Only
counts on a grid are reported, those of fewer than five real rows as zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.run import Seed
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.protocol import Comparison
from artesian.report.columns import (
    SIDES,
    category_names,
    disclosed,
    numeric,
    overlap,
    present_values,
)

MIN_GRID, MAX_GRID = 4, 30
"""Limits of the number of bins of each axis."""

ROWS_PER_BIN = 10
"""Mean number of rows of a bin of the grid: bins of fewer than `MIN_COUNT` real rows are empty."""

MAX_COLUMNS = 300
FIT_ROWS, MAX_ROWS = 5_000, 20_000
MAX_LEVELS = 8

Matrix = npt.NDArray[np.float32]
Encoder = Callable[[pl.Series], Matrix]


def project(tables: Comparison) -> dict[str, Any]:
    """Counts on a grid of as many rows as columns for each table, or {'skipped': reason}."""
    kinds = (Kind.NUMBER, Kind.DATETIME, Kind.CATEGORY, Kind.BOOLEAN)
    synthetic = set(tables.synthetic.frame.columns)
    names = [n for n in tables.real.schema.of_kind(*kinds) if n in synthetic]
    left_out = max(0, len(names) - MAX_COLUMNS)
    names = names[:MAX_COLUMNS]
    if min(len(tables.real), len(tables.synthetic)) < 50:
        return {"skipped": "with fewer than 50 rows a projection would disclose single rows"}
    encoders = _encoders(tables.real, names)
    if len(encoders) < 2:
        return {"skipped": "it needs two columns of numbers, dates or categories that vary"}
    real = _encoded(_subsampled(tables.real, MAX_ROWS), encoders)
    axes = _principal_components(real[:: max(1, -(-len(real) // FIT_ROWS))])
    ends = [tuple(np.quantile(real @ axis, (0.003, 0.997))) for axis in axes.T]
    grid = int(np.clip(np.sqrt(len(real) / ROWS_PER_BIN), MIN_GRID, MAX_GRID))
    counts: dict[str, Any] = {}
    for side, table in zip(SIDES, (tables.real, tables.synthetic, tables.holdout), strict=True):
        if table is None or len(table) < 50 or not set(encoders) <= set(table.frame.columns):
            counts[side] = None
        else:
            counts[side] = _grid(
                _encoded(_subsampled(table, MAX_ROWS), encoders) @ axes, ends, grid
            )
    return {
        "grid": grid,
        "counts": {s: None if c is None else disclosed(c, s).tolist() for s, c in counts.items()},
        "overlap": overlap(counts["train"], counts["synthetic"]),
        "overlap_holdout": overlap(counts["train"], counts["holdout"]),
        "axes": _main_columns(axes, encoders, tables.real),
        "columns": len(encoders),
        "left_out": left_out,
    }


def _subsampled(table: Table, max_rows: int) -> pl.DataFrame:
    return table.frame.gather_every(max(1, -(-len(table) // max_rows)))


def _encoders(real: Table, names: list[str]) -> dict[str, Encoder]:
    """One encoder per column that varies."""
    encoders = {}
    sample = _subsampled(real, MAX_ROWS)
    for name in names:
        number = real.schema[name].kind in (Kind.NUMBER, Kind.DATETIME)
        encoder = _rank_encoder(sample[name]) if number else _indicator_encoder(sample[name])
        if encoder is not None:
            encoders[name] = encoder
    return encoders


def _floats(series: pl.Series) -> pl.Series:
    return numeric(series).cast(pl.Float64, strict=False).fill_nan(None)


def _rank_encoder(real: pl.Series) -> Encoder | None:
    ordered = np.sort(present_values(_floats(real)))
    if len(ordered) < 2 or ordered[0] == ordered[-1]:
        return None

    def encode(series: pl.Series) -> Matrix:
        values = _floats(series)
        at = values.fill_null(0.0).to_numpy()
        rank = np.searchsorted(ordered, at, "left") + np.searchsorted(ordered, at, "right")
        centred = (rank / (2 * len(ordered)) - 0.5) * np.sqrt(12)
        centred[values.is_null().to_numpy()] = 0
        return np.asarray(centred[:, None], dtype=np.float32)

    return encode


def _indicator_encoder(real: pl.Series) -> Encoder | None:
    text = category_names(real).fill_null("")
    levels = text.value_counts(sort=True, name="n" + text.name).to_series(0).to_list()[:MAX_LEVELS]
    frequency = np.array([(text == level).mean() or 0.0 for level in levels], dtype=np.float32)
    variance = float((frequency * (1 - frequency)).sum())
    if variance < 1e-6:
        return None

    def encode(series: pl.Series) -> Matrix:
        values = category_names(series).fill_null("")
        hits = np.column_stack([(values == level).to_numpy() for level in levels])
        return np.asarray((hits - frequency) / np.sqrt(variance), dtype=np.float32)

    return encode


def _encoded(frame: pl.DataFrame, encoders: dict[str, Encoder]) -> Matrix:
    return np.hstack([encode(frame[name]) for name, encode in encoders.items()])


def _principal_components(rows: Matrix) -> Matrix:
    """The first two principal components, (codes, 2), by subspace iteration, with fixed signs."""
    rows = rows - rows.mean(axis=0)
    start = Seed(0).child("report", "projection").rng().standard_normal((rows.shape[1], 4))
    basis = np.linalg.qr(start.astype(np.float32))[0]
    for _ in range(30):
        basis = np.linalg.qr(rows.T @ (rows @ basis))[0]
    _, _, rotation = np.linalg.svd(rows @ basis, full_matrices=False)
    axes = (basis @ rotation.T)[:, :2]
    if axes.shape[1] < 2:
        axes = np.hstack([axes, np.zeros_like(axes)])
    heaviest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    return np.asarray(axes * np.where(heaviest < 0, -1, 1), dtype=np.float32)


def _grid(scores: Matrix, ends: list[tuple[float, float]], grid: int) -> npt.NDArray[np.int64]:
    bins = []
    for score, (low, high) in zip(scores.T, ends, strict=True):
        at = np.floor((score - low) / max(float(high - low), 1e-9) * grid)
        bins.append(np.clip(at, 0, grid - 1).astype(np.int64))
    return np.bincount(bins[1] * grid + bins[0], minlength=grid * grid)


def _main_columns(axes: Matrix, encoders: dict[str, Encoder], real: Table) -> list[list[str]]:
    """The three columns with the largest weight in each component."""
    widths = [encode(real.frame[name].head(1)).shape[1] for name, encode in encoders.items()]
    owner = np.repeat(np.arange(len(widths)), widths)
    names = list(encoders)
    weights = [np.bincount(owner, weights=axis.astype(float) ** 2) for axis in axes.T]
    return [[names[i] for i in np.argsort(-w)[:3]] for w in weights]
