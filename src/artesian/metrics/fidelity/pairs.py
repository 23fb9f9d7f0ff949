"""Dependence between columns: the distance of every pair's correlation or contingency table.

Two numbers: half the gap of their Spearman rank correlations. Any other pair: total variation
distance of their contingency tables, numbers cut at the real deciles, a missing value a cell of
its own. These are the correlation and contingency similarities of SDMetrics (Patki et al. 2016)
turned into distances, with ranks in place of raw numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.arrays import Floats, Ints
from artesian.metrics.encoded import Encoded, Rows, encode
from artesian.metrics.fidelity.distance import (
    Counts,
    Distances,
    Side,
    distance_result,
    share_gaps,
    with_and_without,
)
from artesian.metrics.intervals import GROUPS
from artesian.metrics.protocol import Better, Comparison, Result, Spec
from artesian.metrics.wording import beside, percent

_CUTS = 10  # cells of a number
_LEVELS = 19  # the most frequent categories keep a cell of their own, the rest share one
_SHOWN = 60  # columns of the matrices for the heat maps
_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Of more than `max_columns` columns, that many are drawn by the seed, to bound the cost."""

    spec: ClassVar[Spec] = Spec(
        name="pairs",
        title="Dependence between columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        means="0 is the same dependence in every pair of columns, 1 is the opposite in all",
        source="Spearman 1904; Patki et al. 2016 (SDMetrics)",
    )
    max_columns: int = 100

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        run = run or Run()
        encoded = encode(tables).at_most(_ROWS, run.seed.child("pairs", "rows"))
        chosen = encoded.draw_columns(self.max_columns, run.seed.child("pairs", "columns"))
        names, all_of_them = tuple(column.name for column in chosen), len(encoded.columns)
        drawn = f", of {len(names)} columns drawn from {all_of_them}"
        drawn = drawn if len(names) < all_of_them else ""
        cells = {name: _Cells.of(encoded, name) for name in names}

        def measure(real: Side, other: Side) -> Distances:
            return _distances(real, other, names, cells, run)

        def explain(found: Distances, reference: float | None) -> str:
            worst = max(found.parts, key=lambda pair: found.parts[pair])
            return (
                f"Pairs of columns depend on each other {percent(found.mean)} differently on "
                f"average ({beside(reference)}); the least alike is {worst!r} with "
                f"{percent(found.parts[worst])}{drawn}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="there are fewer than two columns to pair",
            shown=100,
        )


@dataclass(frozen=True, slots=True)
class _Cells:
    """How one column is cut into cells; cell 0 is for what is missing."""

    name: str
    numeric: bool
    count: int
    edges: Floats  # of a number
    to: Ints  # of a category: code -> cell

    @classmethod
    def of(cls, encoded: Encoded, name: str) -> _Cells:
        if name in encoded.levels:
            seen = np.bincount(
                encoded.real.codes[name] + 1, minlength=len(encoded.levels[name]) + 1
            )[1:]
            rank = np.empty(len(seen), np.int64)
            rank[np.argsort(-seen, kind="stable")] = np.arange(len(seen))
            to = 1 + np.minimum(rank, _LEVELS)
            return cls(name, False, _LEVELS + 2, np.empty(0), np.append(to, 0))
        values = encoded.real.numbers[name]
        values = values[~np.isnan(values)]
        cuts = np.linspace(0, 1, _CUTS + 1)[1:-1]
        edges = np.unique(np.quantile(values, cuts, method="lower")) if len(values) else values
        return cls(name, True, len(edges) + 2, edges, np.empty(0, np.int64))

    def place(self, rows: Rows) -> Ints:
        """(rows,) cells."""
        if not self.numeric:
            return self.to[rows.codes[self.name]]  # code -1 is the last entry of `to`: cell 0
        values = rows.numbers[self.name]
        # 'left': a value equal to an edge lies below it, so a heavy lowest value keeps its own cell
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(self.edges, values, "left"))


def _distances(
    real: Side, other: Side, names: tuple[str, ...], cells: dict[str, _Cells], run: Run
) -> Distances:
    numeric = [name for name in names if cells[name].numeric]
    ranks = [_correlations(side, numeric) for side in (real, other)]
    at = {name: i for i, name in enumerate(numeric)}
    sides = (real, other)
    placed = [{name: cells[name].place(side.rows) for name in names} for side in sides]
    maps = np.zeros((3, len(names), len(names)))  # real, other, distance
    maps[:2, range(len(names)), range(len(names))] = 1.0
    parts: dict[str, float] = {}
    left_out = []
    pairs = list(combinations(range(len(names)), 2))
    for i, j in run.track(pairs, "pairs"):
        a, b = cells[names[i]], cells[names[j]]
        if a.numeric and b.numeric:
            rho = [matrix[:, at[a.name], at[b.name]] for matrix in ranks]
            gaps = np.abs(rho[0] - rho[1]) / 2
            strength = [float(values[0]) for values in rho]
        else:
            counts = [
                _table(side, where[a.name], where[b.name], a.count, b.count)
                for side, where in zip(sides, placed, strict=True)
            ]
            gaps = share_gaps(*counts)
            strength = [_cramers_v(c[0].reshape(a.count, b.count)) for c in counts]
        parts[f"{a.name} x {b.name}"] = float(gaps[0])
        left_out.append(gaps[1:])
        maps[:, i, j] = maps[:, j, i] = (*strength, gaps[0])
    shown = np.round(maps[:, :_SHOWN, :_SHOWN], 4)
    detail = {
        "columns": list(names[:_SHOWN]),
        "real": shown[0].tolist(),
        "synthetic": shown[1].tolist(),
        "difference": shown[2].tolist(),
    }
    return Distances(parts, np.array(left_out), detail)


def _table(side: Side, a: Ints, b: Ints, rows: int, columns: int) -> Counts:
    """(1 + GROUPS, rows * columns) counts of cells: all rows, then with each group left out."""
    cells = rows * columns
    counts = np.bincount((side.groups * rows + a) * columns + b, minlength=GROUPS * cells)
    return with_and_without(counts.reshape(GROUPS, cells))


def _correlations(side: Side, names: list[str]) -> Floats:
    """(1 + GROUPS, p, p) Spearman correlations: of all rows, then with each group left out.

    A missing value has the middle rank. Ranks are taken once, over all rows: leaving out a
    twentieth of them moves every rank alike. A constant column correlates with nothing.
    """
    from scipy.stats import rankdata

    size = side.rows.height
    ranks = np.zeros((size, len(names)))
    for k, name in enumerate(names):
        values = side.rows.numbers[name]
        present = ~np.isnan(values)
        if present.any():
            own = rankdata(values[present])
            ranks[present, k] = (own - own.mean()) / size
    sums = np.zeros((GROUPS, len(names)))
    products = np.zeros((GROUPS, len(names), len(names)))
    for group in range(GROUPS):
        part = ranks[side.groups == group]
        sums[group], products[group] = part.sum(axis=0), part.T @ part
    kept = np.bincount(side.groups, minlength=GROUPS)
    n = np.append(size, size - kept)[:, None, None]
    s = np.vstack([sums.sum(axis=0), sums.sum(axis=0) - sums])
    total = products.sum(axis=0)
    covariance = np.concatenate([total[None], total - products]) / n
    covariance -= (s[:, :, None] / n) * (s[:, None, :] / n)
    scale = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0))
    scale = np.where(scale > 1e-9, scale, np.inf)
    correlations: Floats = np.clip(covariance / (scale[:, :, None] * scale[:, None, :]), -1, 1)
    return correlations


def _cramers_v(counts: Counts) -> float:
    """Strength of association of a contingency table, 0 to 1 (Cramér 1946)."""
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape, default=0) < 2:
        return 0.0
    total = counts.sum()
    expected = counts.sum(axis=1, keepdims=True) * (counts.sum(axis=0) / total)
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    return float(min(1.0, np.sqrt(chi2 / (total * (min(counts.shape) - 1)))))
