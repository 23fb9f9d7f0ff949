"""Lookup tables of dependencies that are thresholds: grades of a score, seasons of a date.

Few scores have enough rows each to be listed, but the scores of one grade have. The table has the two
ends of every run of numbers with one value; the ends are the roundest numbers between the runs.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from artesian.relations.bins import roundest
from artesian.relations.expressions import DAY, Floats, numbers

MAX_RUNS = 40
"""Maximum number of runs; more are no thresholds."""

RUNS_PER_VALUE = 2
"""Maximum number of runs of each value of the target."""


def threshold_table(frame: pl.DataFrame, source: str, target: str, minimum: int) -> pl.DataFrame:
    """The ends of runs of `source` with one value of `target`, sorted; empty if there are none.

    Args:
        frame: Rows in which `source`, a number or a time, determines `target`.
        minimum: Minimum number of rows of each run.
    """
    rows = frame.select(source, target).drop_nulls().sort(source)
    empty = rows.clear()
    dtype = rows.schema[source]
    timed = dtype == pl.Date or (isinstance(dtype, pl.Datetime) and dtype.time_zone is None)
    if rows.height < 2 * minimum or not (dtype.is_numeric() or timed):
        return empty
    values, classes = numbers(rows[source]), rows[target]
    starts = np.flatnonzero((classes != classes.shift(1)).fill_null(True).to_numpy())
    if not 1 < len(starts) <= min(MAX_RUNS, RUNS_PER_VALUE * classes.n_unique()):
        return empty
    ends = np.append(starts[1:], rows.height)
    lower, upper = values[starts[1:] - 1], values[starts[1:]]
    if (ends - starts).min() < minimum or (lower >= upper).any():
        return empty
    between = _roundest_day if timed else roundest
    cuts = np.array([between(a, b) for a, b in zip(lower.tolist(), upper.tolist(), strict=True)])
    whole = dtype.is_integer() or dtype == pl.Date
    before = np.ceil(cuts) - 1 if whole else np.nextafter(cuts, -np.inf)
    if isinstance(dtype, pl.Datetime):
        before = cuts - 1 / DAY
    first, last = _inner(values[: ends[0]], minimum)[0], _inner(values[starts[-1] :], minimum)[1]
    listed = pl.DataFrame(
        {
            source: np.ravel(
                np.stack([np.append(first, cuts), np.append(before, last)]), order="F"
            ),
            target: classes.gather(np.repeat(starts, 2)),
        }
    )
    if whole:
        listed = listed.with_columns(pl.col(source).ceil())
    values_of = pl.col(source)
    if isinstance(dtype, pl.Datetime):
        values_of = (values_of * DAY).round().cast(pl.Int64).cast(pl.Datetime("us"))
    elif timed:
        values_of = values_of.cast(pl.Int32)
    return listed.with_columns(values_of.cast(dtype)).unique(
        source, keep="last", maintain_order=True
    )


def _roundest_day(above: float, up_to: float) -> float:
    """The first day of a year, month or week in (above, up_to], in days since 1970, or its middle."""
    day = date(1970, 1, 1) + timedelta(days=int(np.floor(up_to)))
    monday = day - timedelta(days=day.weekday())
    for first in (day.replace(month=1, day=1), day.replace(day=1), monday):
        days = float((first - date(1970, 1, 1)).days)
        if above < days <= up_to:
            return days
    middle = float(np.ceil((above + up_to) / 2))
    return middle if above < middle <= up_to else up_to


def _inner(values: Floats, minimum: int) -> tuple[float, float]:
    """The values of sorted ones that at least `minimum` rows reach or exceed, on both sides."""
    at = min(minimum, len(values)) - 1
    return float(values[at]), float(values[-1 - at])
