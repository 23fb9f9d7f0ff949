"""Whether times have a rhythm: hours, weekdays or days of the month that are frequent beyond chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

MIN_EXCESS = 8.0
"""Standard deviations by which the chi-squared statistic of a rhythm exceeds its mean."""


def excess(values: np.ndarray[Any, Any], levels: int, weight: float = 1.0) -> float:
    """Standard deviations by which the chi-squared statistic of the levels exceeds its mean.

    Args:
        weight: How many independent values each one counts for.
    """
    counts = np.bincount(values, minlength=levels) * weight
    expected = counts.sum() / levels
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = levels - 1
    return (statistic - freedom) / float(np.sqrt(2 * freedom))


def filled(values: pl.Series, wanted: pl.Series, rng: np.random.Generator) -> pl.Series:
    """The values, with those that are missing in `wanted` rows drawn from the others."""
    absent = values.is_null() & wanted
    present = values.drop_nulls()
    if not absent.any() or not len(present):
        return values
    drawn = present.gather(rng.integers(0, len(present), int(absent.sum())))
    return values.scatter(absent.arg_true(), drawn)
