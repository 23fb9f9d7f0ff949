"""Rows as points, and how far they lie apart.

Numbers count by their rank and by their clipped z-score, categories by being equal; the distance is
Euclidean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Encoded, Rows

Singles = npt.NDArray[np.float32]

_CELLS = 2_000_000  # distances at a time: they stay near the processor, and memory small
_LEVELS = 64


@dataclass(frozen=True, slots=True)
class MetricSpace:
    """Rows as points with whole-number coordinates, few enough digits that float32 sums stay exact.

    Exact distances do not depend on the order in which a BLAS adds, so ties are ties, and the
    share is the same on any machine and with any number of threads.
    """

    numbers: tuple[str, ...]
    codes: tuple[str, ...]
    levels: dict[str, int]
    unit: int  # one unit of distance, in steps
    points: dict[str, Floats]  # name -> sorted values of the two real tables
    scales: dict[str, tuple[float, float]]  # name -> mean and standard deviation

    @classmethod
    def of(cls, encoded: Encoded, names: tuple[str, ...]) -> MetricSpace:
        numbers = tuple(name for name in names if name not in encoded.levels)
        codes = tuple(name for name in names if name in encoded.levels)
        levels = {name: min(len(encoded.levels[name]), _LEVELS) + 1 for name in codes}
        longest = 1.25 * len(numbers) + 0.5 * len(codes)  # of a squared coordinate vector, in units
        # |a - b|^2 is taken from |b|^2 - 2ab, of size up to three times the longest squared vector.
        unit = int(math.sqrt(2**24 / (3 * longest)))
        return cls(numbers, codes, levels, unit, {}, {})

    @property
    def width(self) -> int:
        return 3 * len(self.numbers) + sum(self.levels.values())

    def scaled_to(self, real: Rows, holdout: Rows) -> MetricSpace:
        """Take ranks and z-scores in both real tables together, so that neither is favoured."""
        points, scales = {}, {}
        for name in self.numbers:
            values = np.concatenate([real.numbers[name], holdout.numbers[name]])
            values = np.sort(values[~np.isnan(values)])
            points[name] = values
            with np.errstate(over="ignore", invalid="ignore"):
                scale = float(values.std()) if len(values) else 0.0
            good = math.isfinite(scale) and scale > 0
            scales[name] = (float(values.mean()), scale) if good else (0.0, math.inf)
        return MetricSpace(self.numbers, self.codes, self.levels, self.unit, points, scales)

    def place(self, rows: Rows) -> Singles:
        """(rows, width) whole numbers."""
        made = np.zeros((rows.height, self.width), np.float32)
        for k, name in enumerate(self.numbers):
            values, points, (mean, scale) = rows.numbers[name], self.points[name], self.scales[name]
            present = ~np.isnan(values)
            kept = values[present]
            below = np.searchsorted(points, kept, "left") + np.searchsorted(points, kept, "right")
            rank = below / (2 * max(len(points), 1)) - 0.5
            z = np.clip((kept - mean) / scale, -3, 3) / 3
            made[present, 3 * k] = np.round(rank * self.unit)
            made[present, 3 * k + 1] = np.round(z * self.unit)
            made[~present, 3 * k + 2] = np.round(math.sqrt(0.5) * self.unit)
        start = 3 * len(self.numbers)
        for name in self.codes:
            # Of very many levels some share a coordinate: one pair in 64 is taken for the same.
            at = np.where(rows.codes[name] < 0, 0, 1 + rows.codes[name] % _LEVELS)
            made[np.arange(rows.height), start + at] = np.round(math.sqrt(0.5) * self.unit)
            start += self.levels[name]
        return made

    def distance(self, squares: Floats) -> Floats:
        """Squared steps as a distance in 0..1 or so: the root mean square over columns."""
        columns = len(self.numbers) + len(self.codes)
        distances: Floats = np.sqrt(squares / columns) / self.unit
        return distances


def squared_distances(a: Floats, b: Floats) -> Floats:
    """(n, m) squared Euclidean distances of the points (n, d) and (m, d)."""
    lengths = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)
    squares: Floats = np.maximum(lengths - 2 * (a @ b.T), 0.0)
    return squares


def neighbour_distances(points: Floats, k: int) -> Floats:
    """(n,) squared distance of each of the points (n, d) to its k-th nearest other point."""
    squares = squared_distances(points, points)
    np.fill_diagonal(squares, np.inf)
    radius: Floats = np.partition(squares, k - 1, axis=1)[:, k - 1]
    return radius


def nearest(rows: Singles, others: Singles, run: Run, work: str) -> Floats:
    """Squared distance, in steps, from each row to the nearest of `others`. (rows,)

    Args:
        work: What progress is told of.
    """
    return nearest_few(rows, others, 1, run, work)[:, 0]


def nearest_few(rows: Singles, others: Singles, few: int, run: Run, work: str) -> Floats:
    """The same to the nearest, to the one behind it, and so on. (rows, few)"""
    lengths = np.einsum("ij,ij->i", others, others)
    found = np.empty((len(rows), few))
    step = max(1, _CELLS // max(1, len(others)))
    for start in run.track(range(0, len(rows), step), work):
        squares = (-2 * rows[start : start + step]) @ others.T
        squares += lengths
        found[start : start + step] = (
            np.sort(np.partition(squares, few - 1, axis=1)[:, :few], axis=1)
            if few > 1
            else squares.min(axis=1, keepdims=True)
        )
    found += np.einsum("ij,ij->i", rows, rows, dtype=np.float64)[:, None]
    return found


def nearest_at(rows: Singles, others: Singles, run: Run, work: str) -> npt.NDArray[np.intp]:
    """Position of the nearest of `others` for each row, the first of equals. (rows,)"""
    lengths = np.einsum("ij,ij->i", others, others)
    found = np.empty(len(rows), np.intp)
    step = max(1, _CELLS // max(1, len(others)))
    for start in run.track(range(0, len(rows), step), work):
        block = rows[start : start + step]
        found[start : start + step] = (lengths + (-2 * block) @ others.T).argmin(axis=1)
    return found
