"""Rows that belong to owners: a value in many rows of one owner is no more frequent than in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.table import Table
from artesian.encoding.transforms.chain import Chain


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


def learn_transforms(table: Table, owners: NDArray[np.int64], ignored: Sequence[str] = ()) -> Chain:
    """The transforms of rows with owners, which hold no value of fewer than `MIN_COUNT` owners.

    Relations must hold in all rows, and be found without the many rows of one owner.

    Args:
        ignored: Columns that are not modelled, such as the key of the owner.
    """
    few = few_rows_per_owner(table.frame.drop(ignored), owners)
    if few.all():
        return Chain.learn(table, protect=True)[0]
    thin = table.with_frame(table.frame.filter(few))
    if table.schema.relations is None:
        names = table.schema.names
        whole = Chain.learn(table, protect=True)[0].relations(names)
        without = Chain.learn(thin, protect=True)[0].relations(names)
        both = tuple(text for text in without if text in whole)
        thin = replace(thin, schema=replace(thin.schema, relations=both))
    return Chain.learn(thin, protect=True)[0]
