"""Search for ordered columns: those that are ordered in every row though their ranges overlap."""

from __future__ import annotations

import numpy as np

from artesian.relations.expressions import Floats
from artesian.relations.orders import Order
from artesian.relations.search.rows import NumericColumns

MIN_ROWS = 12

MAX_EXCEPTIONS = 0.001
"""Maximum fraction of rows in which an order is reversed."""

MAX_WRONG = 4
"""Maximum number of such rows: errors of the data are few, a mere tendency has many."""

CHANCE = 1e-4
"""Maximum probability, over all pairs of columns, that an order arises among unrelated columns."""


def orders(columns: NumericColumns, free: list[int]) -> list[Order]:
    """Orders between columns that are not implied by others."""
    v = columns.values
    low_high: list[tuple[int, int]] = []
    tried = max(len(free) * (len(free) - 1), 1)
    searched = v[:10_000]
    for low in free:
        for high in free:
            if low == high or columns.temporal[low] != columns.temporal[high]:
                continue
            a, b = searched[:, low], searched[:, high]
            rows = ~(np.isnan(a) | np.isnan(b))
            if rows.sum() < MIN_ROWS:
                continue
            a, b = a[rows], b[rows]
            wrong = int((a > b).sum())
            if wrong > min(MAX_EXCEPTIONS * len(a), MAX_WRONG) or _surprise(a, b) < np.log(
                tried / CHANCE
            ):
                continue
            low_high.append((low, high))
    # Columns ordered both ways are equal wherever both have values.
    both = {(high, low) for low, high in low_high}
    kept = _reduced([pair for pair in low_high if pair not in both])
    out = []
    for low, high in kept:
        a, b = v[:, low], v[:, high]
        rows = ~(np.isnan(a) | np.isnan(b))
        strict = bool((a[rows] < b[rows]).all()) and bool(columns.temporal[low])
        out.append(Order(columns.names[low], columns.names[high], strict))
    return out


def _surprise(low: Floats, high: Floats) -> float:
    """Minus the log probability that unrelated columns of these distributions are so ordered.

    With exceptions, its bound by Chernoff (1952).
    """
    ordered = np.sort(high)
    # The probability that a value of `low` is not above a random value of `high`.
    below = np.clip(1.0 - np.searchsorted(ordered, low, side="left") / len(ordered), 1e-9, 1.0)
    wrong = float((low > high).mean())
    if not wrong:
        return float(-np.log(below).sum())
    chance = float(np.clip(below.mean(), 1e-9, 1 - 1e-9))
    if 1 - wrong <= chance:
        return 0.0
    right = (1 - wrong) * np.log((1 - wrong) / chance)
    return float(len(low) * (right + wrong * np.log(wrong / (1 - chance))))


def _reduced(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs without those that follow from two others."""
    ordered = set(pairs)
    return [
        (low, high)
        for low, high in pairs
        if not any(
            (low, middle) in ordered and (middle, high) in ordered
            for middle in {b for a, b in pairs if a == low}
            if middle not in (low, high)
            and not ((high, middle) in ordered or (middle, low) in ordered)
        )
    ]
