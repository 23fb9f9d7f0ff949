"""Whether whole numbers have the digits of codes: all as many, spread over their range, few zeros."""

from __future__ import annotations

import polars as pl

_SPREAD = 0.35
"""Minimum distance of the quartiles of codes, by their range: 1/2 if even, about 1/4 if normal."""

_ROUND = 0.3
"""Maximum fraction of codes that end in a zero, as many prices do."""


def is_spread(series: pl.Series) -> bool:
    """Whether the middle half of the values takes as much of their range as that of codes does."""
    quartiles = [float(series.quantile(at) or 0) for at in (0.25, 0.75)]
    low, high = ends(series)
    return quartiles[1] - quartiles[0] >= _SPREAD * (high - low)


def is_exact(distinct: pl.Series) -> bool:
    """Whether few whole numbers end in a zero, as many amounts do."""
    ending = (distinct % pl.Series([10], dtype=distinct.dtype) == 0).sum()
    return bool(ending <= _ROUND * len(distinct))


def has_length(series: pl.Series, minimum: int) -> bool:
    """Whether all numbers have the same number of digits, and at least so many."""
    low, high = ends(series)
    return low > 0 and len(str(low)) == len(str(high)) >= minimum


def ends(series: pl.Series) -> tuple[int, int]:
    """The lowest and the highest number."""
    return int(series.min()), int(series.max())  # type: ignore[arg-type]
