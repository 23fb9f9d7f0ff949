"""What drawing the codes of a table leaves open: keys, numbers within an owner, and constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.schema import ForeignKey
from artesian.relations.protocol import Relation
from artesian.synthesizers.relational.constraints import broken_rows
from artesian.synthesizers.relational.plan import TablePlan
from artesian.synthesizers.relational.state import State

Ints = NDArray[np.int64]


def kept_rows(
    state: State, frame: pl.DataFrame, rules: Sequence[Relation], name: str
) -> tuple[State, pl.DataFrame]:
    """The rows that keep the constraints on columns that are there."""
    broken = broken_rows(frame, rules, name)
    if not broken.any():
        return state, frame
    kept = np.flatnonzero(~broken)
    return state.select(kept), frame[kept]


def with_key(
    frame: pl.DataFrame,
    key: ForeignKey,
    rows: Ints,
    frames: Mapping[str, pl.DataFrame],
    template: pl.DataFrame,
) -> pl.DataFrame:
    """The frame with the columns of a foreign key; columns that have values keep them."""
    parent = frames[key.parent]
    absent = rows < 0
    for name, source in zip(key.columns, key.parent_columns, strict=True):
        if name in frame.columns:
            continue
        values = parent[source].gather(pl.Series(np.where(absent, 0, rows)))
        values = values.set(pl.Series(absent), None) if absent.any() else values
        frame = frame.with_columns(values.cast(template.schema[name]).alias(name))
    return frame.drop("") if "" in frame.columns and frame.width > 1 else frame


def with_numbers(frame: pl.DataFrame, plan: TablePlan, state: State) -> pl.DataFrame:
    """The frame with the columns that number the rows of each parent."""
    if plan.unit is None or not plan.numbered:
        return frame
    parents = state.owners if plan.owner is not None else state.rows[plan.unit]
    rows = pl.DataFrame({"parent": np.where(parents < 0, -1 - np.arange(len(parents)), parents)})
    place = rows.select(pl.int_range(pl.len()).over("parent")).to_series()
    columns = [(place + first).alias(name) for name, first in plan.numbered]
    return frame.drop("", strict=False).with_columns(columns)


def distinct_keys(frame: pl.DataFrame, key: tuple[str, ...], linked: frozenset[str]) -> Ints | None:
    """The rows without those that repeat a key with columns of foreign keys; None if no row does."""
    if not set(key) & linked or not set(key) <= set(frame.columns):
        return None
    first = frame.select(pl.struct(key).is_first_distinct()).to_series()
    return None if first.all() else np.flatnonzero(first.to_numpy())


def fixed_groups(
    key: ForeignKey, frame: pl.DataFrame, frames: Mapping[str, pl.DataFrame]
) -> tuple[Ints, Ints] | None:
    """Groups of equal values in the columns of a key that have values already; None if none has."""
    fixed = [(c, p) for c, p in zip(key.columns, key.parent_columns, strict=True) if c in frame]
    if not fixed:
        return None
    own = frame.select([pl.col(c).cast(pl.String).alias(str(n)) for n, (c, _) in enumerate(fixed)])
    their = frames[key.parent].select(
        [pl.col(p).cast(pl.String).alias(str(n)) for n, (_, p) in enumerate(fixed)]
    )
    both = pl.concat([own, their]).select(pl.struct(pl.all()).rank("dense")).to_series()
    numbers = both.cast(pl.Int64).to_numpy()
    return numbers[: len(own)], numbers[len(own) :]
