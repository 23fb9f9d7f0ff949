"""Search for columns that are missing exactly when another one is, or has certain values."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import MIN_HOLDS

MIN_ROWS = 8
"""Minimum number of rows with, and of rows without a value."""

MAX_VALUES = 50
"""Maximum number of different values of a column that decides what is missing."""

MAX_LISTED = 12
"""Maximum number of values that are listed in a relation."""


def presence(
    frame: pl.DataFrame, listable: frozenset[str]
) -> Iterator[MissingTogether | MissingWhen]:
    """For every column with missing values, the first column that explains them.

    Args:
        listable: Columns whose frequent values may be written down: no identifiers, no texts.
    """
    incomplete = [s for s in frame if MIN_ROWS <= s.null_count() <= frame.height - MIN_ROWS]
    values = [
        s
        for s in frame
        if s.name in listable
        and (s.dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum) or s.dtype.is_integer())
    ]
    few = [s for s in values if 2 <= s.drop_nulls().n_unique() <= MAX_VALUES]
    for at, target in enumerate(incomplete):
        missing = target.is_null()
        for source in incomplete[:at]:
            same = (missing == source.is_null()).mean()
            assert isinstance(same, float), "there are rows"
            if same >= MIN_HOLDS:
                yield MissingTogether(target.name, source.name)
                break
            if 1 - same >= MIN_HOLDS:
                yield MissingTogether(target.name, source.name, opposite=True)
                break
        for source in few:
            if source.name == target.name:
                continue
            relation = _when(target, source, missing)
            if relation is not None:
                yield relation
                break


def _when(target: pl.Series, source: pl.Series, missing: pl.Series) -> MissingWhen | None:
    rates = (
        pl.DataFrame({"value": source.cast(pl.String), "missing": missing})
        .drop_nulls()
        .group_by("value")
        .agg(pl.col("missing").mean().alias("rate"), pl.len().alias("rows"))
        .sort("value")
    )
    if rates.is_empty():
        return None
    wrong = rates.select((pl.min_horizontal("rate", 1 - pl.col("rate")) * pl.col("rows")).sum())
    if wrong.item() > (1 - MIN_HOLDS) * int(rates["rows"].sum()):
        return None
    if rates.filter(pl.col("rows") < MIN_COUNT).height:
        return None  # a few rows explain themselves, and their values are not written down
    listed = rates.filter(pl.col("rate") > 0.5)["value"].to_list()
    if not 0 < len(listed) <= MAX_LISTED or len(listed) == rates.height:
        return None
    return MissingWhen(target.name, source.name, tuple(listed))
