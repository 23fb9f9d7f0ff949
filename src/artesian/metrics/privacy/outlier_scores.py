"""Outlier scores: distances to real neighbours in three embeddings, as extreme numbers, rare
categories and rare combinations make different rows isolated."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.metric_space import Singles, nearest_k

Positions = npt.NDArray[np.intp]
Kind = Literal["by ranks", "by standard deviations", "by rare categories"]

NEIGHBOUR = 4
"""k: the score is the distance to the k-th nearest real row; the nearest alone is noisy."""

_MAX_Z = 10.0  # standard deviations at which numbers are clipped
_MAX_RARITY = 20.0  # maximum weight of a rare category, relative to one in half of the rows
_LEVELS = 64


def outlier_scores(
    points: Singles, rows: Rows, candidates: Positions, run: Run, task: str
) -> dict[Kind, Floats]:
    """Squared distance of each row to its k-th neighbour, by embedding. (rows,) each

    Args:
        points: The rows as embedded by `MetricSpace`, which includes ranks.
        rows: The same rows.
        candidates: Positions of the candidate neighbours.
    """
    embeddings: dict[Kind, Singles] = {
        "by ranks": points,
        "by standard deviations": _embed(rows, rarity=False),
        "by rare categories": _embed(rows, rarity=True),
    }
    all_rows = np.arange(rows.height)
    return {
        kind: neighbour_distances_of(at, all_rows, candidates, run, task)
        for kind, at in embeddings.items()
    }


def neighbour_distances_of(
    points: Singles, of: Positions, candidates: Positions, run: Run, task: str
) -> Floats:
    """Squared distance, in steps, of rows `of` to their k-th neighbour in `candidates`, themselves
    excluded. (len(of),)"""
    candidate_points, distances = points[candidates], np.empty(len(of))
    is_candidate = np.isin(of, candidates)
    for selected, k in ((is_candidate, NEIGHBOUR + 1), (~is_candidate, NEIGHBOUR)):
        distances[selected] = nearest_k(points[of[selected]], candidate_points, k, run, task)[:, -1]
    return distances


def _embed(rows: Rows, *, rarity: bool) -> Singles:
    """Standardized numbers and dummy-coded categories as integer coordinates. (rows, width)

    Coordinates are small enough that sums of squares are exact in float32 in any order.

    Args:
        rarity: Standardize the dummy variables too, which weights rare categories more.
    """
    columns: list[Floats] = []
    for values in rows.numbers.values():
        present = np.isfinite(values)
        with np.errstate(over="ignore", invalid="ignore"):
            mean, scale = (
                (values[present].mean(), values[present].std()) if present.any() else (0, 0)
            )
            z = (values - mean) / scale if scale > 0 and math.isfinite(scale) else 0.0 * values
        columns.append(np.where(present, np.clip(z, -_MAX_Z, _MAX_Z), 0.0))
        columns.append(np.where(present, 0.0, 1.0))
    for codes in rows.codes.values():
        level_of = np.where(codes < 0, 0, 1 + codes % _LEVELS)
        proportions = np.bincount(level_of) / max(len(level_of), 1)
        for level in np.flatnonzero((proportions > 0) & (proportions < 1)):
            deviation = math.sqrt(proportions[level] * (1 - proportions[level]))
            weight = min(_MAX_RARITY, 0.5 / deviation) if rarity else 1.0
            columns.append(np.where(level_of == level, weight, 0.0))
    matrix = np.column_stack(columns) if columns else np.zeros((rows.height, 1))
    max_length = float((matrix**2).sum(axis=1).max(initial=1.0))
    return np.asarray(np.round(matrix * math.sqrt(2**24 / (4 * max_length))), np.float32)
