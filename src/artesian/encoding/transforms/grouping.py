"""Group independently sampled rows into entities: rows that are alike, in groups of given sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

AHEAD = 16
"""Units that may be passed over to fill a group; more would mix those that differ."""

TOGETHER = 0.75
"""Minimum proportion of an entity's rows that follow another one of it, where they stand together."""

_TRIES = 200

WEEK = 7
"""Number of days of a week."""


def sort_order(keys: Iterable[pl.Series], rng: np.random.Generator) -> Integers:
    """Positions of rows in the order of `keys`, the first one first; ties are in random order."""
    columns = [key.alias(f"key {number}") for number, key in enumerate(keys)]
    rows = len(columns[0]) if columns else 0
    frame = pl.DataFrame([*columns, pl.Series("tie", rng.random(rows))])
    order = frame.select(pl.arg_sort_by(frame.columns, nulls_last=True)).to_series()
    return order.to_numpy().astype(np.int64)


def cut(sizes: Integers, within: Integers) -> Integers:
    """Groups of consecutive rows, shape (n,), numbered from 0.

    Args:
        sizes: Size of a group that begins with each row, shape (n,).
        within: Group of each row that must not be divided across, shape (n,).

    >>> cut(np.array([2, 2, 2, 3, 3, 3]), np.zeros(6, int)).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    labels, label, left = np.empty(len(sizes), np.int64), -1, 0
    for row, (size, outer, before) in enumerate(
        zip(sizes.tolist(), within.tolist(), [-1, *within[:-1].tolist()], strict=True)
    ):
        if not left or outer != before:
            label, left = label + 1, size
        labels[row] = label
        left -= 1
    return labels


def packed(sizes: Integers, rows: Integers, closed: NDArray[np.bool_]) -> Integers:
    """Groups of units of several rows each, which have about as many rows as asked for.

    A group begins with the next unit and takes the following ones that still fit, until it is full or
    `AHEAD` of them did not.

    Args:
        sizes: Rows of a group that begins with each unit, shape (units,).
        rows: Rows of each unit, shape (units,).
        closed: Whether each unit is a group by itself, shape (units,).

    >>> packed(np.array([3, 3, 3, 3]), np.array([2, 2, 1, 1]), np.zeros(4, bool)).tolist()
    [0, 1, 0, 1]
    """
    wanted, filled, alone = sizes.tolist(), rows.tolist(), closed.tolist()
    labels, label = np.full(len(wanted), -1), 0
    for first in range(len(wanted)):
        if labels[first] >= 0:
            continue
        labels[first], left = label, wanted[first] - filled[first]
        unit, refused = first + 1, 0
        while left > 0 and refused < AHEAD and unit < len(wanted) and not alone[first]:
            if labels[unit] < 0:
                if filled[unit] <= left and not alone[unit]:
                    labels[unit] = label
                    left -= filled[unit]
                else:
                    refused += 1
            unit += 1
        label += 1
    return labels


def representatives(labels: Integers, rng: np.random.Generator) -> Integers:
    """For each row a row of its group, drawn at random, the same for the whole group, shape (n,).

    Args:
        labels: Groups of consecutive rows, numbered from 0.
    """
    starts, counts = group_starts(labels)
    chosen = starts + (rng.random(len(starts)) * counts).astype(np.int64)
    return chosen[labels]


def group_starts(labels: Integers) -> tuple[Integers, Integers]:
    """First row and number of rows of each group of consecutive rows."""
    if not len(labels):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    return starts, np.diff(starts, append=len(labels))


def ranks(labels: Integers) -> Integers:
    """Position of each row in its group of consecutive rows, from 0.

    >>> ranks(np.array([0, 0, 1, 1, 1, 2])).tolist()
    [0, 1, 0, 1, 2, 0]
    """
    starts, counts = group_starts(labels)
    return np.arange(len(labels)) - np.repeat(starts, counts)


def shuffled_groups(
    labels: Integers, last: NDArray[np.bool_], rng: np.random.Generator
) -> Integers:
    """Positions of rows with the groups in random order, and those that are marked `last` at the end.

    Args:
        labels: Groups of consecutive rows, numbered from 0.
        last: Whether each group comes last, shape (groups,).
    """
    place = rng.random(len(last)) + last
    return np.argsort(place[labels], kind="stable").astype(np.int64)


def duplicates(labels: Integers, values: pl.Series) -> NDArray[np.bool_]:
    """Mask of the rows whose group has their value in an earlier row already; never missing ones."""
    frame = pl.DataFrame({"label": labels, "value": values})
    repeated = ~frame.select(pl.struct("label", "value").is_first_distinct()).to_series()
    return (repeated & values.is_not_null()).to_numpy()


def separated(labels: Integers, values: Integers, step: int, day: int = 0) -> Integers:
    """Whole numbers, each moved by as few steps as necessary to be distinct within its group.

    A number is moved within the range of all numbers while there is room, and beyond it then.

    Args:
        day: Length of a day if the numbers are days, which are moved to weekdays that occur only: where
            nobody works on Sundays, no row is moved to one. 0 for other numbers.
    """
    out = values.copy()
    repeated = np.flatnonzero(duplicates(labels, pl.Series(values)))
    if not repeated.size:
        return out
    low, high = int(values.min()), int(values.max())
    weekdays = set((values // day % WEEK).tolist()) if day else set()
    slots = (high - low) // step + 1
    if len(weekdays) in range(1, WEEK):
        slots = int(np.isin(np.arange(low, high + 1, step) // day % WEEK, list(weekdays)).sum())
    else:
        weekdays = set()
    concerned = np.isin(labels, labels[repeated])
    taken: dict[int, set[int]] = {}
    for label, value in zip(labels[concerned].tolist(), values[concerned].tolist(), strict=True):
        taken.setdefault(label, set()).add(value)
    for row in repeated.tolist():
        own, value = taken[int(labels[row])], int(values[row])
        inside = slots > len(own)
        distance = step
        while True:
            free = [
                near
                for near in (value + distance, value - distance)
                if near not in own
                and (low <= near <= high or not inside)
                and (not weekdays or near // day % WEEK in weekdays)
            ]
            if free:
                break
            distance += step
        out[row] = free[0]
        own.add(free[0])
    return out


def exchanged(labels: Integers, values: pl.Series, rng: np.random.Generator) -> Integers:
    """For each row the row whose value it gets, so that values are distinct within groups.

    Rows of different groups exchange their values. Where no exchange is found, a row keeps its own.
    """
    source = np.arange(len(labels))
    codes = values.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    groups: dict[int, list[int]] = {}
    for row, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(row)

    def has(label: int, code: int, but: int) -> bool:
        return any(codes[source[row]] == code for row in groups[label] if row != but)

    for row in np.flatnonzero(duplicates(labels, values)).tolist():
        for other in rng.integers(0, len(labels), _TRIES).tolist():
            own, theirs = int(codes[source[row]]), int(codes[source[other]])
            if labels[row] == labels[other] or not own or not theirs:
                continue
            if not has(int(labels[row]), theirs, row) and not has(int(labels[other]), own, other):
                source[row], source[other] = source[other], source[row]
                break
    return source


def is_sorted_within(labels: Sequence[int] | Integers, values: pl.Series, minimum: int) -> bool:
    """Whether values ascend in nearly all pairs of consecutive rows of one group."""
    labels = np.asarray(labels)
    physical = values.to_physical().cast(pl.Float64).to_numpy()
    pairs = (labels[1:] == labels[:-1]) & ~np.isnan(physical[1:]) & ~np.isnan(physical[:-1])
    rising, falling = physical[1:] > physical[:-1], physical[1:] < physical[:-1]
    moved = int((pairs & (rising | falling)).sum())
    return moved >= minimum and int((pairs & rising).sum()) >= 0.99 * moved


def stands_together(key: pl.Series) -> bool:
    """Whether rows with the same value follow each other, apart from a quarter of them.

    >>> stands_together(pl.Series([7, 7, 3, 3, 3])), stands_together(pl.Series([7, 3, 7, 3]))
    (True, False)
    """
    present = key.drop_nulls()
    adjacent = int((present == present.shift()).sum())
    return adjacent >= TOGETHER * (len(present) - present.n_unique())
