"""All columns at once: real rows' two main directions, and how densely each table fills them.

Principal components of the real rows' codes: numbers as centred ranks among the real rows,
categories as centred indicators, every column with a total variance of one (so that neither units
nor many categories give weight). Only counts on a grid leave this file, never a row's place.
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
from artesian.report.columns import SIDES, named, numbers_of, overlap, plain

GRID = 30
MOST_COLUMNS = 300
FIT_ROWS, SHOWN_ROWS = 5_000, 20_000
LEVELS = 8

Matrix = npt.NDArray[np.float32]
Coder = Callable[[pl.Series], Matrix]


def project(tables: Comparison) -> dict[str, Any]:
    """Counts on a GRID x GRID grid for each table, or {'skipped': why}."""
    kinds = (Kind.NUMBER, Kind.DATETIME, Kind.CATEGORY, Kind.BOOLEAN)
    names = [n for n in tables.real.schema.of_kind(*kinds) if n in tables.synthetic.frame.columns]
    left_out = max(0, len(names) - MOST_COLUMNS)
    names = names[:MOST_COLUMNS]
    if min(len(tables.real), len(tables.synthetic)) < 50:
        return {"skipped": "fewer than 50 rows: a map would show single rows"}
    coders = _coders(tables.real, names)
    if len(coders) < 2:
        return {"skipped": "it needs two columns of numbers, dates or categories that vary"}
    real = _coded(_thin(tables.real, SHOWN_ROWS), coders)
    axes = _directions(real[:: max(1, -(-len(real) // FIT_ROWS))])
    ends = [tuple(np.quantile(real @ axis, (0.003, 0.997))) for axis in axes.T]
    counts: dict[str, Any] = {}
    for side, table in zip(SIDES, (tables.real, tables.synthetic, tables.holdout), strict=True):
        if table is None or len(table) < 50 or not set(coders) <= set(table.frame.columns):
            counts[side] = None
        else:
            counts[side] = _grid(_coded(_thin(table, SHOWN_ROWS), coders) @ axes, ends)
    return {
        "grid": GRID,
        "counts": {s: None if c is None else c.tolist() for s, c in counts.items()},
        "overlap": overlap(counts["real"], counts["synthetic"]),
        "overlap_holdout": overlap(counts["real"], counts["holdout"]),
        "axes": _meanings(axes, coders, tables.real),
        "columns": len(coders),
        "left_out": left_out,
    }


def _thin(table: Table, most: int) -> pl.DataFrame:
    return table.frame.gather_every(max(1, -(-len(table) // most)))


def _coders(real: Table, names: list[str]) -> dict[str, Coder]:
    """One coder a column; columns that do not vary have none."""
    made = {}
    thin = _thin(real, SHOWN_ROWS)
    for name in names:
        number = real.schema[name].kind in (Kind.NUMBER, Kind.DATETIME)
        coder = _ranks(thin[name]) if number else _indicators(thin[name])
        if coder is not None:
            made[name] = coder
    return made


def _floats(series: pl.Series) -> pl.Series:
    return plain(series).cast(pl.Float64, strict=False).fill_nan(None)


def _ranks(real: pl.Series) -> Coder | None:
    known = np.sort(numbers_of(_floats(real)))
    if len(known) < 2 or known[0] == known[-1]:
        return None

    def code(series: pl.Series) -> Matrix:
        values = _floats(series)
        at = values.fill_null(0.0).to_numpy()
        rank = np.searchsorted(known, at, "left") + np.searchsorted(known, at, "right")
        centred = (rank / (2 * len(known)) - 0.5) * np.sqrt(12)
        centred[values.is_null().to_numpy()] = 0
        return np.asarray(centred[:, None], dtype=np.float32)

    return code


def _indicators(real: pl.Series) -> Coder | None:
    text = named(real).fill_null("")
    levels = text.value_counts(sort=True, name="n" + text.name).to_series(0).to_list()[:LEVELS]
    share = np.array([(text == level).mean() or 0.0 for level in levels], dtype=np.float32)
    spread = float((share * (1 - share)).sum())
    if spread < 1e-6:
        return None

    def code(series: pl.Series) -> Matrix:
        values = named(series).fill_null("")
        hits = np.column_stack([(values == level).to_numpy() for level in levels])
        return np.asarray((hits - share) / np.sqrt(spread), dtype=np.float32)

    return code


def _coded(frame: pl.DataFrame, coders: dict[str, Coder]) -> Matrix:
    return np.hstack([code(frame[name]) for name, code in coders.items()])


def _directions(rows: Matrix) -> Matrix:
    """The two directions of most variance, (codes, 2), by subspace iteration; signs are fixed."""
    rows = rows - rows.mean(axis=0)
    start = Seed(0).child("report", "projection").rng().standard_normal((rows.shape[1], 4))
    basis = np.linalg.qr(start.astype(np.float32))[0]
    for _ in range(30):
        basis = np.linalg.qr(rows.T @ (rows @ basis))[0]
    _, _, turned = np.linalg.svd(rows @ basis, full_matrices=False)
    axes = (basis @ turned.T)[:, :2]
    if axes.shape[1] < 2:
        axes = np.hstack([axes, np.zeros_like(axes)])
    heaviest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    return np.asarray(axes * np.where(heaviest < 0, -1, 1), dtype=np.float32)


def _grid(places: Matrix, ends: list[tuple[float, float]]) -> npt.NDArray[np.int64]:
    cells = []
    for place, (low, high) in zip(places.T, ends, strict=True):
        at = np.floor((place - low) / max(float(high - low), 1e-9) * GRID)
        cells.append(np.clip(at, 0, GRID - 1).astype(np.int64))
    return np.bincount(cells[1] * GRID + cells[0], minlength=GRID * GRID)


def _meanings(axes: Matrix, coders: dict[str, Coder], real: Table) -> list[list[str]]:
    """The three columns that weigh most in each direction."""
    widths = [code(real.frame[name].head(1)).shape[1] for name, code in coders.items()]
    owner = np.repeat(np.arange(len(widths)), widths)
    names = list(coders)
    weights = [np.bincount(owner, weights=axis.astype(float) ** 2) for axis in axes.T]
    return [[names[i] for i in np.argsort(-w)[:3]] for w in weights]
