"""Embedding of mixed rows as points with Euclidean distances.

Numbers contribute their rank and their clipped z-score, categories whether they are equal.
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

_BLOCK_DISTANCES = 2_000_000  # distances computed at a time: fits the processor cache
_LEVELS = 64


@dataclass(frozen=True, slots=True)
class MetricSpace:
    """Embeds rows as points with integer coordinates, small enough that float32 sums are exact.

    Exact distances do not depend on the order in which BLAS adds, so ties are ties, and results are
    the same on any machine and with any number of threads.

    Attributes:
        numbers, codes: Names of the numeric and of the discrete columns.
        levels: Discrete column -> number of its coordinates.
        unit: Integer steps per unit of distance.
        sorted_values: Numeric column -> sorted values of the two real tables, for ranks.
        scales: Numeric column -> mean and standard deviation.
    """

    numbers: tuple[str, ...]
    codes: tuple[str, ...]
    levels: dict[str, int]
    unit: int
    sorted_values: dict[str, Floats]
    scales: dict[str, tuple[float, float]]

    @classmethod
    def from_encoded(cls, encoded: Encoded, names: tuple[str, ...]) -> MetricSpace:
        numbers = tuple(name for name in names if name not in encoded.levels)
        codes = tuple(name for name in names if name in encoded.levels)
        levels = {name: min(len(encoded.levels[name]), _LEVELS) + 1 for name in codes}
        longest = 1.25 * len(numbers) + 0.5 * len(
            codes
        )  # maximum squared length of a point, in units
        # |a - b|^2 is computed from |b|^2 - 2ab, at most three times the maximum squared length.
        unit = int(math.sqrt(2**24 / (3 * longest)))
        return cls(numbers, codes, levels, unit, {}, {})

    @property
    def width(self) -> int:
        """Number of coordinates."""
        return 3 * len(self.numbers) + sum(self.levels.values())

    def scaled_to(self, real: Rows, holdout: Rows) -> MetricSpace:
        """Fit ranks and z-scores on both real tables together, so that neither is favoured."""
        sorted_values, scales = {}, {}
        for name in self.numbers:
            values = np.concatenate([real.numbers[name], holdout.numbers[name]])
            values = np.sort(values[~np.isnan(values)])
            sorted_values[name] = values
            with np.errstate(over="ignore", invalid="ignore"):
                scale = float(values.std()) if len(values) else 0.0
            good = math.isfinite(scale) and scale > 0
            scales[name] = (float(values.mean()), scale) if good else (0.0, math.inf)
        return MetricSpace(self.numbers, self.codes, self.levels, self.unit, sorted_values, scales)

    def embed(self, rows: Rows) -> Singles:
        """(rows, width) integer coordinates."""
        coordinates = np.zeros((rows.height, self.width), np.float32)
        for k, name in enumerate(self.numbers):
            values, sorted_values, (mean, scale) = (
                rows.numbers[name],
                self.sorted_values[name],
                self.scales[name],
            )
            present = ~np.isnan(values)
            kept = values[present]
            below = np.searchsorted(sorted_values, kept, "left") + np.searchsorted(
                sorted_values, kept, "right"
            )
            rank = below / (2 * max(len(sorted_values), 1)) - 0.5
            z = np.clip((kept - mean) / scale, -3, 3) / 3
            coordinates[present, 3 * k] = np.round(rank * self.unit)
            coordinates[present, 3 * k + 1] = np.round(z * self.unit)
            coordinates[~present, 3 * k + 2] = np.round(math.sqrt(0.5) * self.unit)
        start = 3 * len(self.numbers)
        for name in self.codes:
            # Beyond 64 levels, coordinates are reused: one pair in 64 counts as equal.
            at = np.where(rows.codes[name] < 0, 0, 1 + rows.codes[name] % _LEVELS)
            coordinates[np.arange(rows.height), start + at] = np.round(math.sqrt(0.5) * self.unit)
            start += self.levels[name]
        return coordinates

    def distance(self, squares: Floats) -> Floats:
        """Convert squared steps to the root mean square over columns, about 0..1."""
        columns = len(self.numbers) + len(self.codes)
        distances: Floats = np.sqrt(squares / columns) / self.unit
        return distances


def squared_distances(a: Floats, b: Floats) -> Floats:
    """(n, m) squared Euclidean distances of the points (n, d) and (m, d)."""
    lengths = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)
    squares: Floats = np.maximum(lengths - 2 * (a @ b.T), 0.0)
    return squares


def neighbour_distances(sorted_values: Floats, k: int) -> Floats:
    """(n,) squared distance of each of the points (n, d) to its k-th nearest other point."""
    squares = squared_distances(sorted_values, sorted_values)
    np.fill_diagonal(squares, np.inf)
    radius: Floats = np.partition(squares, k - 1, axis=1)[:, k - 1]
    return radius


def nearest_squares(rows: Singles, others: Singles, run: Run, task: str) -> Floats:
    """Squared distance, in steps, from each row to the nearest of `others`. (rows,)

    Args:
        task: Name of the task for progress.
    """
    return nearest_k(rows, others, 1, run, task)[:, 0]


def nearest_k(rows: Singles, others: Singles, k: int, run: Run, task: str) -> Floats:
    """Squared distances, in steps, from each row to its k nearest of `others`, ascending. (rows, k)"""
    lengths = np.einsum("ij,ij->i", others, others)
    distances = np.empty((len(rows), k))
    step = max(1, _BLOCK_DISTANCES // max(1, len(others)))
    for start in run.track(range(0, len(rows), step), task):
        squares = (-2 * rows[start : start + step]) @ others.T
        squares += lengths
        distances[start : start + step] = (
            np.sort(np.partition(squares, k - 1, axis=1)[:, :k], axis=1)
            if k > 1
            else squares.min(axis=1, keepdims=True)
        )
    distances += np.einsum("ij,ij->i", rows, rows, dtype=np.float64)[:, None]
    return distances


def nearest_positions(rows: Singles, others: Singles, run: Run, task: str) -> npt.NDArray[np.intp]:
    """Position of the nearest of `others` for each row, the first if several are. (rows,)"""
    lengths = np.einsum("ij,ij->i", others, others)
    positions = np.empty(len(rows), np.intp)
    step = max(1, _BLOCK_DISTANCES // max(1, len(others)))
    for start in run.track(range(0, len(rows), step), task):
        block = rows[start : start + step]
        positions[start : start + step] = (lengths + (-2 * block) @ others.T).argmin(axis=1)
    return positions
