"""Smooth the rows of the segments within a code as far as they differ by chance.

Segments have few rows each, so their counts are mostly noise that identifies the rows. They are shrunk
toward a uniform distribution within the code by the positive-part estimator of James and Stein (1961):
hardly where they differ much more than chance allows (round numbers), and to uniform where they do
not.
"""

from __future__ import annotations

import numpy as np

from artesian.encoding.segments import Floats, Segments


def smoothed(segments: Segments, low: Floats, high: Floats, grid: float) -> Segments:
    """`segments` with their mass smoothed within each code; that of a code does not change.

    Args:
        low, high: Ends of each segment, shape (S,); equal for a frequent value.
        grid: Spacing of the values; 0 if continuous, where frequent values keep their mass.
    """
    mass = segments.mass.copy()
    point = low == high
    for start, end in zip(segments.start[:-1], segments.start[1:], strict=True):
        at = np.arange(start, end)
        width = high[at] - low[at]
        if grid:
            # A stretch has the values of the grid between its ends but the frequent ones.
            inside = (low[at, None] < low[at]) & (low[at] < high[at, None]) & point[at]
            width = np.where(point[at], 1.0, np.round(width / grid) - inside.sum(axis=1))
        chosen = width > 0
        at, width = at[chosen], width[chosen]
        if len(at) > 1:
            mass[at] = _shrunk(mass[at], mass[at].sum() * width / width.sum())
    return Segments(mass, segments.start)


def _shrunk(rows: Floats, expected: Floats) -> Floats:
    """`rows`, shape (k,), shrunk toward `expected` by how far their differences are due to chance."""
    distance = float(((rows - expected) ** 2 / expected).sum())
    kept = max(0.0, 1.0 - (len(rows) - 1) / distance) if distance > 0 else 0.0
    return np.asarray(expected + kept * (rows - expected))
