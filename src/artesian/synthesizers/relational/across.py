"""Relations between the rows of two tables, and how sampled tables keep them.

A line has the price of its product, an order the sum of its lines, and a payment is not before its
order. Tables are sampled one after the other, so that such values only agree on average: they are
computed when all tables are complete, with what follows from them within a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.encoding.transforms.steps import Hidden, decimals_of
from artesian.relations.across import ORDERS, Across, of_children
from artesian.relations.expressions import numbers
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.orders import Order
from artesian.relations.parse import relations_of
from artesian.relations.protocol import Relation
from artesian.relations.signed import SignedSum
from artesian.synthesizers.relational.plan import Rows, parent_rows

MAX_ROUNDS = 8
"""Maximum number of times that all relations are applied: one may need what another one computes."""

EQUAL = 1e-9
"""Relative difference of two numbers that are the same."""

COMPUTED = Formula | ConditionalFormula | SignedSum | Copy
"""Relations within a row that give the value of a column."""


def keep(
    dataset: Dataset,
    relations: Iterable[Across],
    listed: Mapping[str, tuple[str, ...]],
    fixed: Mapping[str, Collection[str]],
    run: Run,
) -> Dataset:
    """The dataset with values that keep the relations.

    Args:
        listed: Table -> the relations that its rows keep.
        fixed: Table -> columns with conditions, which keep their values.
    """
    wanted = [one for one in relations if one.target[1] not in fixed.get(one.target[0], ())]
    for one in wanted:
        if any(one.child in key.columns for key in dataset.parents_of(one.key.child)):
            # What a row refers to decides on all other relations.
            own = {name: table.frame for name, table in dataset.items()}
            changed_rows = _computed(one, own, parent_rows(dataset, one.key), [])
            if changed_rows is not None:
                dataset = dataset.with_frames({one.key.child: changed_rows})
    rows = {one.key: parent_rows(dataset, one.key) for one in wanted}
    frames = {name: table.frame for name, table in dataset.items()}
    within = {
        name: relations_of(listed.get(name), table.schema.names) for name, table in dataset.items()
    }
    for number in range(MAX_ROUNDS):
        changed = False
        for place, one in enumerate(wanted):
            run.check("sample")
            table = one.target[0]
            rng = run.seed.child("across", place, number).rng()
            if one.kind in ORDERS:
                new = _in_order(one, frames, rows[one.key], within[table], rng)
            else:
                new = _computed(one, frames, rows[one.key], within[table])
            changed |= new is not None
            frames[table] = frames[table] if new is None else new
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
        new = Hidden(old.dtype, max_decimals).series(old.name, result)
        # A parent without children has no extreme, and a missing total remains so.
        new = new.zip_with(old.is_not_null() & new.is_not_null(), old)
    if _same(old, new):
        return None
    return with_following(frame.with_columns(new), {old.name}, within)


def _in_order(
    one: Across,
    frames: Mapping[str, pl.DataFrame],
    rows: Rows,
    within: list[Relation],
    rng: np.random.Generator,
) -> pl.DataFrame | None:
    """The rows with times moved that break an order, or are further from the other time than any real
    row, and the times tied to them; None if none is."""
    frame = frames[one.key.child]
    times, bounds = numbers(frame[one.child]), numbers(frames[one.key.parent][one.parent])
    bound = np.where(rows < 0, np.nan, bounds[np.maximum(rows, 0)]) if len(bounds) else times
    sign = 1.0 if one.kind == "after" else -1.0
    with np.errstate(invalid="ignore"):
        between = sign * (times - bound)
        broken = np.flatnonzero(
            (between < min(one.differences[0], 0.0)) | (between > one.differences[-1] + 1)
        )
    if not len(broken):
        return None
    days = np.interp(
        rng.random(len(broken)), np.linspace(0, 1, len(one.differences)), one.differences
    )
    if frame.schema[one.child] == pl.Date:
        days = np.floor(days)
    shift = np.zeros(len(frame))
    own = bound[broken] + sign * days - times[broken]
    # Whole days keep the time of day, which has a rhythm of its own.
    whole = np.ceil(own) if one.kind == "after" else np.floor(own)
    shift[broken] = np.where(days >= 1, whole, own)
    moved = []
    for name in _tied(one.child, frame, within):
        values = numbers(frame[name]) + shift
        moved.append(Hidden(frame.schema[name], None).series(name, values))
    return with_following(frame.with_columns(moved), {s.name for s in moved}, within)


def _tied(name: str, frame: pl.DataFrame, within: list[Relation]) -> list[str]:
    """The times of a row that are compared with one of them, or computed from it."""
    tied, todo = {name}, [name]
    while todo:
        at = todo.pop()
        for one in within:
            if at in one.columns and isinstance(one, Order | COMPUTED):
                new = {
                    n
                    for n in one.columns
                    if n not in tied and frame.schema[n].base_type() in (pl.Date, pl.Datetime)
                }
                tied |= new
                todo += new
    return [n for n in frame.columns if n in tied]


def with_following(
    frame: pl.DataFrame, changed: set[str], within: Iterable[Relation]
) -> pl.DataFrame:
    """The rows with the values that are computed from changed columns within a row."""
    changed, todo = set(changed), [one for one in within if isinstance(one, COMPUTED)]
    for _ in range(len(todo)):
        ready = [
            one for one in todo if set(one.columns[1:]) & changed and one.target not in changed
        ]
        if not ready:
            break
        one = ready[0]
        todo.remove(one)
        old = frame[one.target]
        if isinstance(one, Copy):
            new = frame[one.source].cast(old.dtype, strict=False).alias(old.name)
        else:
            new = Hidden(old.dtype, decimals_of(old)).series(old.name, one.compute(frame))
        frame = frame.with_columns(new.zip_with(old.is_not_null() & new.is_not_null(), old))
        changed.add(one.target)
    return frame


def _same(old: pl.Series, new: pl.Series) -> bool:
    if old.dtype.is_float():
        one, other = numbers(old), numbers(new)
        near = np.abs(one - other) <= EQUAL * np.maximum(np.abs(one), 1.0)
        both: NDArray[np.bool_] = np.isnan(one) & np.isnan(other)
        return bool((near | both).all())
    return old.equals(new, null_equal=True)
