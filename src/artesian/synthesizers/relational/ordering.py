"""Which column orders the rows of each owner: a time, or a category that never falls."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.synthesizers.relational.clock import MAX_CODES, Scale

MAX_TIES = 0.3
"""Fraction of rows with the time of another row of their owner from which times do not order them."""

RISING = 0.98
"""Fraction of rows whose category is not before that of the sibling before."""

Ints = NDArray[np.int64]


def ordering(table: Table, names: tuple[str, ...], owners: Ints) -> tuple[Scale, Ints] | None:
    """The column that orders the rows of each owner and the step of each row; None without one.

    A time that is compared with another one in the same row stays with it instead.

    Args:
        names: Columns that may.
        owners: Owner of each row, -1 for none.
    """
    there = pl.Series(owners >= 0)
    kept = owners[owners >= 0]
    if len(np.unique(kept)) == len(kept):
        return None
    times = [name for name in names if table.schema[name].kind is Kind.DATETIME]
    usable = [
        name
        for name in times
        if table.frame[name].dtype.base_type() in (pl.Date, pl.Datetime)
        and not table.frame[name].null_count()
    ]
    if usable and len(times) == 1:
        series = table.frame[usable[0]]
        rows = pl.DataFrame({"owner": owners, "time": series}).filter(there)
        if rows.n_unique() >= (1 - MAX_TIES) * rows.height:
            scale = Scale.of_times(series)
            steps = scale.steps(series)
            return (scale, steps) if _learnable(steps, owners) else None
    best: tuple[Scale, Ints] | None = None
    for name in names:
        candidate = _rising(table.frame[name], owners, table.schema[name].kind)
        if candidate is None or not _learnable(candidate[1], owners):
            continue
        if best is None or len(candidate[0].categories) > len(best[0].categories):
            best = candidate
    return best


def _rising(series: pl.Series, owners: Ints, kind: Kind) -> tuple[Scale, Ints] | None:
    """The order of the categories of a column in which siblings do not fall; None if there is none.

    A category of fewer than `MIN_COUNT` owners is replaced by the one before it in this order.
    """
    whole = series.dtype.is_integer()
    if kind not in (Kind.CATEGORY, Kind.NUMBER) or not (whole or series.dtype == pl.String):
        return None
    if series.null_count() or not 2 < series.n_unique() <= MAX_CODES:
        return None
    order = np.argsort(owners, kind="stable")
    sorted_owners = owners[order]
    inside = (sorted_owners[1:] == sorted_owners[:-1]) & (sorted_owners[1:] >= 0)
    if not inside.any():
        return None
    starts = np.flatnonzero(np.concatenate([[True], sorted_owners[1:] != sorted_owners[:-1]]))
    sizes = np.diff(np.append(starts, len(order)))
    place = (np.arange(len(order)) - np.repeat(starts, sizes)) / np.repeat(sizes, sizes)
    frame = pl.DataFrame(
        {"value": series.gather(pl.Series(order)), "place": place, "owner": sorted_owners}
    )
    means = frame.group_by("value").agg(pl.col("place").mean(), owners=pl.col("owner").n_unique())
    means = means.sort("value" if whole else "place", "value")
    every = Scale(series.name, series.dtype, 0, means["value"])
    jumps = np.diff(every.steps(frame["value"]))[inside]
    frequent = (means["owners"] >= MIN_COUNT).to_numpy()
    if (jumps >= 0).mean() < RISING or not (jumps > 0).any() or frequent.sum() < 2:
        return None
    rank = np.maximum(np.cumsum(frequent) - 1, 0)
    scale = Scale(series.name, series.dtype, 0, means["value"].filter(pl.Series(frequent)))
    return scale, rank[every.steps(series)]


def _learnable(steps: Ints, owners: Ints) -> bool:
    """Whether there are increments of at least `MIN_COUNT` pairs of owner and value."""
    frame = pl.DataFrame({"owner": owners, "step": steps}).filter(pl.col("owner") >= 0)
    frame = frame.sort("owner", "step").with_columns(by=pl.col("step").diff().over("owner"))
    return frame.drop_nulls("by").select("owner", "by").n_unique() >= MIN_COUNT
