"""Lookup tables of dependencies that are thresholds: grades of a score, tiers of an amount.

Few scores have enough rows each to be listed, but the scores of one grade have. The table has the two
ends of every run of numbers with one value; the ends are the roundest numbers between the runs.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.relations.bins import roundest
from artesian.relations.expressions import Floats, numbers

MAX_RUNS = 40
"""Maximum number of runs; more are no thresholds."""

RUNS_PER_VALUE = 2
"""Maximum number of runs of each value of the target."""


def threshold_table(frame: pl.DataFrame, source: str, target: str, minimum: int) -> pl.DataFrame:
    """The ends of runs of `source` with one value of `target`, sorted; empty if there are none.

    Args:
        frame: Rows in which `source`, a number, determines `target`.
        minimum: Minimum number of rows of each run.
    """
    rows = frame.select(source, target).drop_nulls().sort(source)
    empty = rows.clear()
    if rows.height < 2 * minimum or not rows.schema[source].is_numeric():
        return empty
    values, classes = numbers(rows[source]), rows[target]
    starts = np.flatnonzero((classes != classes.shift(1)).fill_null(True).to_numpy())
    if not 1 < len(starts) <= min(MAX_RUNS, RUNS_PER_VALUE * classes.n_unique()):
        return empty
    ends = np.append(starts[1:], rows.height)
    lower, upper = values[starts[1:] - 1], values[starts[1:]]
    if (ends - starts).min() < minimum or (lower >= upper).any():
        return empty
    cuts = np.array([roundest(a, b) for a, b in zip(lower.tolist(), upper.tolist(), strict=True)])
    whole = rows.schema[source].is_integer()
    before = np.ceil(cuts) - 1 if whole else np.nextafter(cuts, -np.inf)
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
    return listed.with_columns(pl.col(source).cast(rows.schema[source])).unique(
        source, keep="last", maintain_order=True
    )


def _inner(values: Floats, minimum: int) -> tuple[float, float]:
    """The values of sorted ones that at least `minimum` rows reach or exceed, on both sides."""
    at = min(minimum, len(values)) - 1
    return float(values[at]), float(values[-1 - at])
