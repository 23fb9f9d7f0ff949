"""Unique whole numbers that identify rows, though their name does not say so.

Prices and salaries are often unique too. Evidence is that numbers count the rows, or that they are
drawn from all numbers of one length: uniformly, without a repetition and independently of all other
columns, as no quantity is.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.inference.id_names import is_measure_name

MIN_ROWS = 100
FEW_ROWS = 12
"""Minimum number of rows for which 1, 2, 3, ..., all of them in order, are no coincidence."""

MIN_SCATTERED = 200
"""Minimum number of rows for a test of uniformity."""

CONSECUTIVE = 0.6
"""Minimum fraction of rows whose number is that of the row before plus one."""

MAX_SPREAD = 3.0
"""Maximum mean difference between the numbers of consecutive rows."""

EXPECTED = 5.0
"""Number of repetitions that chance leads to where their absence is evidence."""

LONG = 6
"""Numbers of so many digits that are spread over all of them are no quantity."""

KOLMOGOROV = 1.63
"""Critical value of sqrt(n) D_n at 1 % (Kolmogorov 1933)."""

CORRELATION = 3.9
"""Critical value of sqrt(n) times a rank correlation, at 0.01 %."""


def numbers_rows(series: pl.Series) -> str:
    """The evidence that unique whole numbers count the rows; '' if they do not."""
    rows = len(series)
    if rows < FEW_ROWS or not series.is_sorted():
        return ""
    first, last = int(series.item(0)), int(series.item(-1))
    counted = first in (0, 1) and last - first + 1 == rows
    if counted and (rows >= MIN_ROWS or not is_measure_name(series.name)):
        return f"numbers the rows from {first}"
    if rows < MIN_ROWS:
        return ""
    years = first >= 1500 and last <= 2200
    if is_measure_name(series.name) or years or first < 0:
        return ""
    following = float((series.diff() == 1).sum()) / (rows - 1)
    if following < CONSECUTIVE or (last - first) / (rows - 1) > MAX_SPREAD:
        return ""
    return f"numbers the rows from {first:,}, {following:.0%} of them consecutively"


def scattered_key(name: str, frame: pl.DataFrame) -> str:
    """The evidence that unique whole numbers are identifiers in random order; '' if they are not."""
    series = frame[name]
    rows = len(series)
    if rows < MIN_SCATTERED or series.has_nulls() or is_measure_name(name):
        return ""
    low, high = int(series.min()), int(series.max())  # type: ignore[arg-type]
    digits = len(str(high))
    if low <= 0 or len(str(low)) != digits or digits < 4 or series.n_unique() < rows:
        return ""
    room = 9 * 10 ** (digits - 1)
    if digits < LONG and rows**2 / 2 / room < EXPECTED:
        return ""
    if not _uniform(series.cast(pl.Float64).to_numpy() / 10.0 ** (digits - 1), 1.0, 10.0):
        return ""
    last = series % pl.Series([10], dtype=series.dtype)
    ends = np.bincount(last.cast(pl.Int64).to_numpy(), minlength=10)
    if ((ends - rows / 10) ** 2 / (rows / 10)).sum() > 27.9:  # chi-square, 9 degrees, at 0.1 %
        return ""
    if _correlates(name, frame):
        return ""
    return f"distinct, evenly spread over all numbers of {digits} digits, unlike a quantity"


def _uniform(values: NDArray[np.float64], low: float, high: float) -> bool:
    """Kolmogorov-Smirnov test."""
    n = len(values)
    expected = (np.sort(values) - low) / (high - low)
    at = np.arange(1, n + 1) / n
    distance = max(float((at - expected).max()), float((expected - at + 1 / n).max()))
    return bool(distance * np.sqrt(n) < KOLMOGOROV)


def _correlates(name: str, frame: pl.DataFrame) -> bool:
    """Whether the ranks of another column of numbers or times go with those of this one."""
    others = [
        s.name
        for s in frame
        if s.name != name and (s.dtype.is_numeric() or s.dtype.is_temporal()) and s.n_unique() > 1
    ]
    for other in others:
        both = frame.select(
            pl.col(name).rank(), other=pl.col(other).to_physical().rank()
        ).drop_nulls()
        if both.height < MIN_SCATTERED:
            continue
        correlation = both.select(pl.corr(name, "other")).item()
        if correlation is not None and abs(correlation) * np.sqrt(both.height) > CORRELATION:
            return True
    return False
