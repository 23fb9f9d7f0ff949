"""Rows that belong to owners: a value in many rows of one owner is no more frequent than in one row."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT


def once_per_owner(series: pl.Series, owners: NDArray[np.int64]) -> pl.Series:
    """Mask of the first row of each owner with each value; rows without an owner are all marked."""
    frame = pl.DataFrame({"owner": owners, "value": series})
    return frame.select(
        (pl.col("owner") < 0) | pl.struct("owner", "value").is_first_distinct()
    ).to_series()


def persons(owners: NDArray[np.int64]) -> pl.Series:
    """The owner of each row as a number of its own; rows without one have one each."""
    return pl.Series(np.where(owners < 0, -1 - np.arange(len(owners)), owners))


def few_rows_per_owner(frame: pl.DataFrame, owners: NDArray[np.int64]) -> pl.Series:
    """Mask of rows among which a value of fewer than `MIN_COUNT` owners is in fewer rows than that.

    The first rows of each owner remain, so that what holds from one row to the next still does.
    """
    kept = pl.repeat(True, frame.height, eager=True)
    for name in frame.columns:
        rows = pl.DataFrame({"value": frame[name], "owner": persons(owners)})
        rows = rows.with_columns(
            owners=pl.col("owner").n_unique().over("value"),
            number=pl.int_range(pl.len()).over("value"),
        )
        kept &= (rows["owners"] >= MIN_COUNT) | (rows["number"] < MIN_COUNT - 1)
    return kept
