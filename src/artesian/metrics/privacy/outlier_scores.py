"""How alone a row stands. There is no one answer: extreme numbers, rare categories and rare
combinations make different people stand out, so it is measured in three ways."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.metric_space import Singles, nearest_few

Positions = npt.NDArray[np.intp]
Way = Literal["by ranks", "by standard deviations", "by rare categories"]

NEIGHBOUR = 4
"""Which real neighbour tells how alone a row is; the nearest alone is noisy."""

_EXTREME = 10.0  # standard deviations from which a number is extreme enough
_RAREST = 20.0  # most that a rare category counts for, in units of a mismatch of even halves
_LEVELS = 64


def isolations(
    points: Singles, rows: Rows, among: Positions, run: Run, work: str
) -> dict[Way, Floats]:
    """How alone each row stands, in each way, as `to_neighbour` gives it. (rows,)

    Args:
        points: The rows as `MetricSpace` places them, where numbers count by rank as well.
        rows: The same rows.
        among: Positions of the rows that neighbours are looked for among.
    """
    ways: dict[Way, Singles] = {
        "by ranks": points,
        "by standard deviations": _points(rows, rarity=False),
        "by rare categories": _points(rows, rarity=True),
    }
    everyone = np.arange(rows.height)
    return {way: to_neighbour(at, everyone, among, run, work) for way, at in ways.items()}


def to_neighbour(points: Singles, of: Positions, among: Positions, run: Run, work: str) -> Floats:
    """Squared distance, in steps, of rows `of` to their fourth neighbour in `among`, not counting
    themselves. (len(of),)"""
    others, found = points[among], np.empty(len(of))
    inside = np.isin(of, among)
    for these, few in ((inside, NEIGHBOUR + 1), (~inside, NEIGHBOUR)):
        found[these] = nearest_few(points[of[these]], others, few, run, work)[:, -1]
    return found


def _points(rows: Rows, *, rarity: bool) -> Singles:
    """Standardized numbers and indicators of categories, in whole steps: (rows, width).

    Steps are so large that sums of squares stay exact in float32, whatever order they are taken in.

    Args:
        rarity: Indicators are standardized too, so that rare categories count for more.
    """
    columns: list[Floats] = []
    for values in rows.numbers.values():
        present = np.isfinite(values)
        with np.errstate(over="ignore", invalid="ignore"):
            mean, scale = (
                (values[present].mean(), values[present].std()) if present.any() else (0, 0)
            )
            z = (values - mean) / scale if scale > 0 and math.isfinite(scale) else 0.0 * values
        columns.append(np.where(present, np.clip(z, -_EXTREME, _EXTREME), 0.0))
        columns.append(np.where(present, 0.0, 1.0))
    for codes in rows.codes.values():
        held = np.where(codes < 0, 0, 1 + codes % _LEVELS)
        shares = np.bincount(held) / max(len(held), 1)
        for level in np.flatnonzero((shares > 0) & (shares < 1)):
            deviation = math.sqrt(shares[level] * (1 - shares[level]))
            weight = min(_RAREST, 0.5 / deviation) if rarity else 1.0
            columns.append(np.where(held == level, weight, 0.0))
    made = np.column_stack(columns) if columns else np.zeros((rows.height, 1))
    longest = float((made**2).sum(axis=1).max(initial=1.0))
    return np.asarray(np.round(made * math.sqrt(2**24 / (4 * longest))), np.float32)
