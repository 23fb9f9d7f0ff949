"""Relations between the rows of two tables, and how sampled tables keep them.

A line has the price of its product, an order the sum of its lines, and a payment is not before its
order. Tables are sampled one after the other, so that such values only agree on average: they are
computed when all tables are complete, with what follows from them within a row.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.encoding.transforms.steps import Hidden, decimals_of
from artesian.relations.across import BOUNDS, ORDERS, ROUNDED, Across, of_children
from artesian.relations.expressions import numbers
from artesian.relations.joined import Joined, joined_frame, joins_of
from artesian.relations.parse import relations_of
from artesian.relations.protocol import Relation
from artesian.relations.repeated import Repeated
from artesian.synthesizers.relational.bounds import between_bounds, in_order, within_bound
from artesian.synthesizers.relational.following import computed_series, with_following
from artesian.synthesizers.relational.mails import Mail, with_mails
from artesian.synthesizers.relational.plan import Rows, parent_rows
from artesian.synthesizers.relational.repeats import repeated_rows, with_repeated

MAX_ROUNDS = 8
"""Maximum number of times that all relations are applied: one may need what another one computes."""

LAST_SHIFTED = 3
"""Round from which times that still break an order are fitted between all their bounds."""

EQUAL = 1e-9
"""Relative difference of two numbers that are the same."""


@dataclass(frozen=True, slots=True)
class Between:
    """What rows have in common with those of other tables.

    Attributes:
        pairs: Relations of the rows of two tables.
        joined: Relations of a row with all that it refers to.
        repeated: Rows of another table that a row repeats without a foreign key.
        mails: Addresses that are made of names of other tables.
    """

    pairs: tuple[Across, ...] = ()
    joined: tuple[Joined, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    mails: tuple[Mail, ...] = ()

    def __iter__(self) -> Iterator[Across | Joined | Repeated | Mail]:
        return iter((*self.pairs, *self.joined, *self.repeated, *self.mails))


def keep(
    dataset: Dataset,
    relations: Between,
    listed: Mapping[str, tuple[str, ...]],
    fixed: Mapping[str, Collection[str]],
    run: Run,
) -> Dataset:
    """The dataset with values that keep the relations.

    Args:
        listed: Table -> the relations that its rows keep.
        fixed: Table -> columns with conditions, which keep their values.
    """

    def free(target: tuple[str, str]) -> bool:
        return target[1] not in fixed.get(target[0], ())

    between = [one for one in relations.pairs if free(one.target)]
    joined = [one for one in relations.joined if free(one.target)]
    for one in between:
        if any(one.child in key.columns for key in dataset.parents_of(one.key.child)):
            # What a row refers to decides on all other relations.
            own = {name: table.frame for name, table in dataset.items()}
            changed_rows = _computed(one, own, parent_rows(dataset, one.key), [])
            if changed_rows is not None:
                dataset = dataset.with_frames({one.key.child: changed_rows})
    mails = [one for one in relations.mails if free(one.target)]
    joining = [one.table for one in joined] + [one.table for one in mails]
    joins = [join for table in joining for join in joins_of(table, dataset.foreign_keys)]
    again = [one for one in relations.repeated if all(free(target) for target, _ in one.edges)]
    commons = [key for one in again for key in one.within or () if key is not None]
    keys = {*(one.key for one in between), *commons} | {key for join in joins for key in join.path}
    rows = {key: parent_rows(dataset, key) for key in keys}
    frames = {name: table.frame for name, table in dataset.items()}
    within = {
        name: relations_of(listed.get(name), table.schema.names) for name, table in dataset.items()
    }
    at = {
        one: repeated_rows(one, frames, rows, run.seed.child("repeated", place).rng())
        for place, one in enumerate(again)
    }
    names_key = int(run.seed.child("mails").rng().integers(2**62))
    for number in range(MAX_ROUNDS):
        changed = False
        for repeat in again:
            copied = with_repeated(repeat, frames, at[repeat])
            changed |= not copied.equals(frames[repeat.table])
            frames[repeat.table] = with_following(
                copied, {own for own, _ in repeat.columns}, within[repeat.table]
            )
        for place, one in enumerate(between):
            run.check("sample")
            table = one.target[0]
            rng = run.seed.child("across", place, number).rng()
            if one.kind in ORDERS:
                if number >= LAST_SHIFTED:
                    # Orders that move the same times in turn: these are fitted between all bounds.
                    same = [o for o in between if o.kind in ORDERS and o.target[0] == table]
                    new = between_bounds(one, same, frames, rows, within[table])
                else:
                    new = in_order(one, frames, rows[one.key], within[table], rng)
            elif one.kind in BOUNDS:
                new = within_bound(one, frames, rows[one.key], within[table], rng)
            else:
                new = _computed(one, frames, rows[one.key], within[table])
            changed |= new is not None
            frames[table] = frames[table] if new is None else new
        for each in joined:
            table = each.table
            new = _of_joined(each, dataset.foreign_keys, frames, rows, within[table])
            changed |= new is not None
            frames[table] = frames[table] if new is None else new
        for mail in mails:
            old = frames[mail.table][mail.column]
            series = with_mails(mail, frames, dataset.foreign_keys, rows, names_key)
            changed |= not _same(old, series)
            frames[mail.table] = frames[mail.table].with_columns(series)
        if not changed:
            break
    return dataset.with_frames(frames)


def _computed(
    one: Across, frames: Mapping[str, pl.DataFrame], rows: Rows, within: list[Relation]
) -> pl.DataFrame | None:
    """The rows with the target of one relation, and what follows within them; None if it holds."""
    child, parent = frames[one.key.child], frames[one.key.parent]
    if one.kind == "copy":
        frame, old = child, child[one.child]
        absent = rows < 0
        new = parent[one.parent].gather(pl.Series(np.where(absent, 0, rows)))
        new = new.cast(old.dtype, strict=False).alias(old.name)
        # A row without a parent keeps its value; so does one that has none.
        new = new.zip_with(pl.Series(~absent) & old.is_not_null(), old)
    else:
        frame, old = parent, parent[one.parent]
        values = numbers(child[one.child]) if one.child else None
        result = of_children(one.kind, values, rows, len(parent))
        if one.plus:
            result = result + np.nan_to_num(numbers(parent[one.plus]))
        summed = [child[one.child]] if one.child else []
        summed += [parent[one.plus]] if one.plus else []
        decimals = [decimals_of(series) for series in summed]
        present = [places for places in decimals if places is not None]
        max_decimals = max(present, default=0) if len(present) == len(decimals) else None
        if one.within:
            max_decimals = round(-math.log10(one.within / ROUNDED))
        new = Hidden(old.dtype, max_decimals).series(old.name, result)
        # A parent without children has no extreme, and a missing total remains so, unless all
        # parents with children have one.
        replaced = old.is_not_null() & new.is_not_null()
        if one.always:
            replaced = pl.Series(np.ones(len(old), bool))
            new = new.set(pl.Series(np.bincount(rows[rows >= 0], minlength=len(old)) == 0), None)
        new = new.zip_with(replaced, old)
    if _same(old, new):
        return None
    return with_following(frame.with_columns(new), {old.name}, within)


def _of_joined(
    one: Joined,
    foreign_keys: Collection[ForeignKey],
    frames: Mapping[str, pl.DataFrame],
    rows: Mapping[ForeignKey, Rows],
    within: list[Relation],
) -> pl.DataFrame | None:
    """The rows with a column that follows from the rows they refer to; None if it does already."""
    frame, old = frames[one.table], frames[one.table][one.relation.target]
    joins, names = joins_of(one.table, foreign_keys), one.relation.columns
    joined = joined_frame(frame, joins, frames, rows, names)
    new = computed_series(one.relation, joined, old)
    if _same(old, new):
        return None
    return with_following(frame.with_columns(new), {old.name}, within)


def _same(old: pl.Series, new: pl.Series) -> bool:
    if old.dtype.is_float():
        one, other = numbers(old), numbers(new)
        near = np.abs(one - other) <= EQUAL * np.maximum(np.abs(one), 1.0)
        both: NDArray[np.bool_] = np.isnan(one) & np.isnan(other)
        return bool((near | both).all())
    return old.equals(new, null_equal=True)
