"""Search for relations between the rows of two tables that a foreign key connects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.schema import ForeignKey, Kind
from artesian.data.table import Table
from artesian.relations.across import Across, Rows, of_children
from artesian.relations.expressions import Floats, numbers
from artesian.relations.protocol import MIN_HOLDS

MIN_ROWS = 30
"""Minimum number of rows, and of parents of a value that their children give."""

MIN_VALUES, MIN_COUNTS = 5, 3
"""Minimum number of distinct values that are copied or summed, and of distinct numbers of children."""

MAX_COLUMNS = 60
"""Maximum number of columns of a table that are looked at."""

PROBES = 200
"""Number of rows on which most pairs are rejected."""

MAX_BY_CHANCE = 0.98
"""Maximum fraction of rows with other parents of their table in which an order may hold as well."""

QUANTILES = 11
"""Number of quantiles of the time between two that are learned."""


def between_tables(
    key: ForeignKey,
    child: Table,
    parent: Table,
    rows: Rows,
    linked: tuple[frozenset[str], frozenset[str]],
) -> Iterator[Across]:
    """Copies of values of the parent, what the children of a parent give, and times in order.

    Args:
        rows: Parent row of each row of the child.
        linked: Columns of foreign keys, of the child and of the parent.
    """
    columns = _columns(child, linked[0]), _columns(parent, linked[1])
    yield from _copies(key, child, parent, rows, columns)
    yield from _totals(key, child, parent, rows, columns)
    yield from _orders(key, child, parent, rows, columns)


def _columns(table: Table, linked: frozenset[str]) -> list[str]:
    """The columns that say something of the row, and do not identify it."""
    return [
        column.name
        for column in table.schema
        if column.name not in linked
        and column.name not in table.schema.key
        and column.kind is not Kind.KEY
    ][:MAX_COLUMNS]


def _copies(
    key: ForeignKey, child: Table, parent: Table, rows: Rows, columns: tuple[list[str], list[str]]
) -> Iterator[Across]:
    there = np.flatnonzero(rows >= 0)
    if len(there) < MIN_ROWS:
        return
    for name in columns[0]:
        own = child.frame[name][there]
        present = own.is_not_null().to_numpy()
        if present.sum() < MIN_ROWS:
            continue
        own, at = own.filter(pl.Series(present)), rows[there[present]]
        for other in columns[1]:
            theirs = parent.frame[other]
            if theirs.dtype != own.dtype or theirs.drop_nulls().n_unique() < MIN_VALUES:
                continue
            if agree(own.head(PROBES), theirs.gather(at[:PROBES])) >= 0.9 and (
                agree(own, theirs.gather(at)) >= MIN_HOLDS
            ):
                yield Across(key, "copy", name, other)
                break


def agree(one: pl.Series, other: pl.Series) -> float:
    """The fraction of equal values."""
    return float((one == other).fill_null(False).mean() or 0.0)  # type: ignore[arg-type]


def _totals(
    key: ForeignKey, child: Table, parent: Table, rows: Rows, columns: tuple[list[str], list[str]]
) -> Iterator[Across]:
    numeric = [n for n in columns[1] if parent.frame.schema[n].is_numeric()]
    if len(parent) < MIN_ROWS or not numeric:
        return
    amounts = {n: numbers(parent.frame[n]) for n in numeric}
    given: list[tuple[str, str, Floats]] = [
        ("count", "", of_children("count", None, rows, len(parent)))
    ]
    for name in columns[0]:
        if child.frame.schema[name].is_numeric():
            values = numbers(child.frame[name])
            for kind in ("sum", "max", "min"):
                given.append((kind, name, of_children(kind, values, rows, len(parent))))
    for target in numeric:
        for kind, name, values in given:
            if kind == "count" and not parent.frame[target].dtype.is_integer():
                continue
            distinct = MIN_COUNTS if kind == "count" else MIN_VALUES
            plus = _plus(target, values, amounts, distinct, alone=kind != "sum")
            if plus is not None:
                yield Across(key, kind, name, target, plus)  # type: ignore[arg-type]
                break


def _plus(
    target: str, values: Floats, amounts: Mapping[str, Floats], distinct: int, *, alone: bool
) -> str | None:
    """The column that is added to `values` to give the target, '' if none is needed; None if it is
    something else."""
    for name in ("", *(() if alone else (n for n in amounts if n != target))):
        total = values + np.nan_to_num(amounts[name]) if name else values
        both = ~np.isnan(total) & ~np.isnan(amounts[target])
        if both.sum() < MIN_ROWS or len(np.unique(total[both])) < distinct:
            continue
        wrong = np.abs(total - amounts[target]) > 1e-6 * np.maximum(np.abs(total), 1.0)
        if wrong[both].mean() <= 1 - MIN_HOLDS:
            return str(name)
    return None


def _orders(
    key: ForeignKey, child: Table, parent: Table, rows: Rows, columns: tuple[list[str], list[str]]
) -> Iterator[Across]:
    there = np.flatnonzero(rows >= 0)
    times = [
        [n for n in names if _is_time(t, n)]
        for names, t in zip(columns, (child, parent), strict=True)
    ]
    rng = Seed(0).child("across").rng()
    shuffled = rng.permutation(rows[there])
    for name in times[0] if len(there) >= MIN_ROWS else ():
        own = numbers(child.frame[name])[there]
        best: dict[str, tuple[float, Across]] = {}
        for other in times[1]:
            theirs = numbers(parent.frame[other])
            days, chance = own - theirs[rows[there]], own - theirs[shuffled]
            days, chance = days[~np.isnan(days)], chance[~np.isnan(chance)]
            if len(days) < MIN_ROWS or not len(chance):
                continue
            for kind, sign in (("after", 1.0), ("before", -1.0)):
                if (sign * days < 0).mean() > 1 - MIN_HOLDS:
                    continue
                if (sign * chance >= 0).mean() > MAX_BY_CHANCE:
                    continue
                size = np.maximum(sign * days, 0.0)
                order = Across(key, kind, name, other, differences=_quantiles(size))  # type: ignore[arg-type]
                if kind not in best or float(np.median(size)) < best[kind][0]:
                    best[kind] = (float(np.median(size)), order)
        yield from (order for _, order in best.values())


def _is_time(table: Table, name: str) -> bool:
    return table.frame.schema[name].base_type() in (pl.Date, pl.Datetime)


def _quantiles(differences: Floats) -> tuple[float, ...]:
    """Quantiles of the differences, none of them that of fewer than `MIN_COUNT` rows."""
    ordered = np.sort(differences)
    few = min(MIN_COUNT - 1, len(ordered) // 2)
    inner = ordered[few : len(ordered) - few]
    return tuple(float(round(q, 4)) for q in np.quantile(inner, np.linspace(0, 1, QUANTILES)))
