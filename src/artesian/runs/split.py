"""Split data into rows for training and a holdout that no model sees.

Every score of synthetic data is compared with the same score of the holdout, so the two sides must
be independent: rows of one entity are not divided, and child rows stay with their parents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import SchemaError, UsageError, did_you_mean
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.row_groups import Labels, entity_groups, entity_of, related_groups
from artesian.data.table import Table
from artesian.relations.search.joint import joint_groups
from artesian.synthesizers.relational.plan import why_kept

MIN_ROWS = 10
"""Minimum number of rows on either side: with fewer, a comparison says nothing."""

MIN_GROUPS = 2
"""Minimum number of entities or related groups on either side."""

TOLERANCE = 0.5
"""Related tables are split at a table only if the fraction is met within this relative error."""

BY = ("random", "entity", "time")

Data = TypeVar("Data", Table, Dataset)
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Split(Generic[Data]):
    """`train` and `holdout` keep the order of the source and share no row.

    Attributes:
        holdout: None if none was asked for, or if the rows are too few.
        note: Why there is no holdout, or which tables are shared; '' if neither.
        shared: Tables of a dataset that are whole on both sides, because their rows are referred
            to from both; they must not be compared with the holdout.
    """

    train: Data
    holdout: Data | None
    note: str = ""
    shared: tuple[str, ...] = ()


@overload
def hold_out(
    source: Table, fraction: float, run: Run, *, by: str | None = None
) -> Split[Table]: ...
@overload
def hold_out(
    source: Dataset, fraction: float, run: Run, *, by: str | None = None
) -> Split[Dataset]: ...
def hold_out(
    source: Table | Dataset, fraction: float, run: Run, *, by: str | None = None
) -> Split[Table] | Split[Dataset]:
    """Split off a holdout.

    A table with an entity, given or inferred, is split by entity, and so is one in which totals of two
    columns together add up; any other one by rows, at random.
    Related tables are split at one table, whose rows take all child rows with them; tables that do
    not descend from it are shared by both sides.

    Args:
        fraction: Fraction of the rows in the holdout, in [0, 1); with groups of rows it is met as
            closely as whole groups allow.
        by: 'random' (by rows), 'entity' or 'time' (the latest rows are the holdout, equal times stay
            together). For related tables: the name of the table to split at, or 'time' (the rows of
            a table with a time that are latest, with all related rows).

    Raises:
        UsageError: `fraction` is not in [0, 1), or `by` is unknown.
        SchemaError: the schema names no entity or no time to split by.
    """
    if not 0 <= fraction < 1:
        raise UsageError(
            f"a holdout of {fraction} is not possible",
            hint="give a fraction of at least 0 and less than 1",
        )
    if isinstance(source, Table):
        return Split(source, None) if fraction == 0 else _split_table(source, fraction, run, by)
    if fraction == 0:
        return Split(source, None)
    if len(source) == 1:
        return _split_single(source, fraction, run, by)
    return _split_dataset(source, fraction, run, by)


def default_split(table: Table) -> str:
    """How a table is split if nothing is asked for: by entity where several rows have the same."""
    return "random" if entity_of(table) is None else "entity"


def _split_table(table: Table, fraction: float, run: Run, by: str | None) -> Split[Table]:
    by, given = by or default_split(table), by
    joint = joint_groups(table) if by == "random" and given is None else ()
    if joint:
        # The stock of an article in a warehouse adds up over all of its rows.
        both = table.frame.select(pl.struct(joint).rank("dense")).to_series()
        labels = both.to_numpy().astype(np.int64) - 1
        mask, unit = _random_groups(labels, fraction, run.child("entity"))[labels], "entity"
    elif by == "random":
        mask, unit = _random_rows(len(table), fraction, run), "row"
    elif by == "entity":
        labels = entity_groups(table, _require(entity_of(table), "entity", table))
        mask, unit = _random_groups(labels, fraction, run.child("entity"))[labels], "entity"
        if len(table) and _groups_on_smaller_side(labels, mask) < MIN_GROUPS:
            mask = np.zeros(len(table), bool)
        inferred = given is None and table.schema.entity is None
        target = fraction * len(table)
        if inferred and abs(int(mask.sum()) - target) > TOLERANCE * target:
            mask, unit = _random_rows(len(table), fraction, run), "row"
    elif by == "time":
        time = _require(table.schema.time, "time", table)
        mask, unit = _latest(table.frame[time], fraction), "row"
    else:
        raise UsageError(f"cannot split a table by {by!r}", hint=did_you_mean(by, BY))
    if min(int(mask.sum()), int((~mask).sum())) < MIN_ROWS:
        count = len(table) if unit == "row" else int(labels.max(initial=-1)) + 1
        return Split(table, None, _too_few(count, fraction, unit))
    return Split(
        table.with_frame(table.frame.filter(~mask)), table.with_frame(table.frame.filter(mask))
    )


def _split_single(dataset: Dataset, fraction: float, run: Run, by: str | None) -> Split[Dataset]:
    (name, table) = next(iter(dataset.items()))
    split = _split_table(table, fraction, run, by)
    if split.holdout is None:
        return Split(dataset, None, split.note)
    return Split(
        dataset.with_frames({name: split.train.frame}),
        dataset.with_frames({name: split.holdout.frame}),
    )


def _split_dataset(dataset: Dataset, fraction: float, run: Run, by: str | None) -> Split[Dataset]:
    if by == "time":
        if all(table.schema.time is None for table in dataset.values()):
            raise SchemaError(
                f"no table of {dataset.name!r} has a time to split by",
                hint="set time in the schema of a table, or name a table to split at",
            )
    elif by is not None and by not in dataset:
        raise UsageError(
            f"cannot split related tables by {by!r}", hint=did_you_mean(by, ["time", *dataset])
        )
    masks: dict[str, Mask] = {}
    for connected in _connected_tables(dataset):
        subjects = [by] if by in connected else _subjects(dataset, connected)
        for subject in subjects:
            if by == "time" and dataset[subject].schema.time is None:
                continue
            part = _split_at(dataset, subject, fraction, run, by_time=by == "time")
            if part is not None:
                masks |= part
                break
    if not masks:
        rows = sum(len(table) for table in dataset.values())
        return Split(dataset, None, _too_few(rows, fraction, "related row"))
    shared = tuple(name for name in dataset if name not in masks)
    note = ""
    if shared:
        note = f"not split, the same in training data and holdout: {', '.join(shared)}"
    return Split(
        dataset.select_rows({name: ~mask for name, mask in masks.items()}),
        dataset.select_rows(masks),
        note,
        shared,
    )


def _split_at(
    dataset: Dataset, subject: str, fraction: float, run: Run, *, by_time: bool
) -> dict[str, Mask] | None:
    """Masks of the holdout for a table and all that descend from it; None if they do not split."""
    names = _descendants(dataset, subject)
    labels = related_groups(dataset, names)
    every = np.concatenate(list(labels.values()))
    if by_time:
        table = dataset[subject]
        times = table.frame[_require(table.schema.time, "time", table)]
        groups = _latest_groups(labels[subject], times, np.bincount(every), fraction)
    else:
        groups = _random_groups(every, fraction, run.child(subject), related=True)
    mask = groups[every]
    count, target = int(mask.sum()), fraction * len(mask)
    if abs(count - target) > TOLERANCE * target or min(count, len(mask) - count) < MIN_ROWS:
        return None
    if _groups_on_smaller_side(every, mask) < MIN_GROUPS:
        return None
    return {name: groups[labels[name]] for name in names}


def _random_rows(rows: int, fraction: float, run: Run) -> Mask:
    mask = np.zeros(rows, bool)
    mask[run.seed.child("holdout").rng().permutation(rows)[: round(rows * fraction)]] = True
    return mask


def _random_groups(labels: Labels, fraction: float, run: Run, *, related: bool = False) -> Mask:
    """For every group whether it is in the holdout.

    Groups are visited in random order, and each is taken that brings the number of rows closer to
    the fraction, so that the error is at most half of the largest group.

    Args:
        related: Stop when no more is missing than half of the largest group taken: filling up further
            would take small groups only, such as all parents without children.
    """
    sizes = np.bincount(labels)
    chosen = np.zeros(len(sizes), bool)
    missing, largest = fraction * len(labels), 0
    for group in run.seed.child("holdout").rng().permutation(len(sizes)):
        if sizes[group] < 2 * missing:
            chosen[group] = True
            missing -= sizes[group]
            largest = max(largest, sizes[group])
        if missing <= (largest / 2 if related else 0):
            break
    return chosen


def _latest(times: pl.Series, fraction: float) -> Mask:
    """The rows from a point in time on that comes closest to the fraction; never missing times."""
    start = _start_of_holdout(times, np.ones(len(times), np.int64), fraction * len(times))
    return _from(times, start)


def _latest_groups(
    labels: Labels, times: pl.Series, sizes: NDArray[np.int64], fraction: float
) -> Mask:
    """For every group whether it is in the holdout: those with the latest rows.

    Args:
        labels, times: Group and time of every row of the table to split at.
        sizes: Number of rows of every group, in all tables.
    """
    latest = (
        pl.DataFrame({"group": labels, "time": times})
        .group_by("group", maintain_order=True)
        .agg(pl.col("time").max())
    )
    groups = latest["group"].to_numpy()
    start = _start_of_holdout(latest["time"], sizes[groups], fraction * int(sizes.sum()))
    chosen = np.zeros(len(sizes), bool)
    chosen[groups] = _from(latest["time"], start)
    return chosen


def _from(times: pl.Series, start: Any) -> Mask:
    """Mask of the times from `start` on; missing times are before it."""
    if start is None:
        return np.zeros(len(times), bool)
    mask: Mask = (times >= start).fill_null(False).to_numpy()
    return mask


def _start_of_holdout(times: pl.Series, rows: NDArray[np.int64], target: float) -> Any:
    """The time from which on the number of rows is closest to the target; None without a time."""
    totals = (
        pl.DataFrame({"time": times, "rows": rows})
        .drop_nulls("time")
        .group_by("time")
        .agg(pl.col("rows").sum())
        .sort("time", descending=True)
        .with_columns(pl.col("rows").cum_sum())
    )
    if totals.is_empty():
        return None
    errors = (totals["rows"].cast(pl.Float64) - target).abs()
    return totals["time"][int(errors.arg_min() or 0)]


def _groups_on_smaller_side(labels: Labels, mask: Mask) -> int:
    return min(len(np.unique(labels[mask])), len(np.unique(labels[~mask])))


def _require(name: str | None, part: str, table: Table) -> str:
    if name is None:
        raise SchemaError(
            f"the schema of {table.origin.name!r} names no {part} to split by",
            hint=f"set {part} in the schema, or use a random split",
        )
    return name


def _too_few(count: int, fraction: float, unit: str) -> str:
    units = unit if count == 1 else f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
    return (
        f"{count} {units} {'is' if count == 1 else 'are'} too few to hold out {fraction:.0%}: "
        f"the model was fitted on all of them, and there is no holdout to compare with"
    )


def _connected_tables(dataset: Dataset) -> list[set[str]]:
    """The sets of tables that foreign keys connect."""
    sets = [{name} for name in dataset]
    for key in dataset.foreign_keys:
        joined = [one for one in sets if key.child in one or key.parent in one]
        sets = [one for one in sets if one not in joined] + [set().union(*joined)]
    return sets


def _subjects(dataset: Dataset, names: set[str]) -> Sequence[str]:
    """The tables to try to split at: those with most rows below them, then the larger ones.

    Tables that are kept as they are come last: a holdout without half of the countries is no sample.
    """

    def rows_below(name: str) -> int:
        return sum(len(dataset[one]) for one in _descendants(dataset, name))

    kept = {name for name in names if why_kept(dataset, name)}
    return sorted(
        names, key=lambda name: (name in kept, -rows_below(name), -len(dataset[name]), name)
    )


def _descendants(dataset: Dataset, name: str) -> tuple[str, ...]:
    """The table, its children, their children, and so on."""
    descendants, waiting = [name], [name]
    while waiting:
        for key in dataset.children_of(waiting.pop()):
            if key.child not in descendants:
                descendants.append(key.child)
                waiting.append(key.child)
    return tuple(descendants)
