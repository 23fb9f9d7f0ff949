"""Search for relations between the rows of two tables that a foreign key connects.

A relation is listed if it holds, and if rows that refer to other parents would break it: what parents
have is exchanged between them, and the number of parents is that of the observations, since the rows
of one parent say the same.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.schema import ForeignKey, Kind
from artesian.data.table import Table
from artesian.relations.across import ROUNDED, SAME_TIME, Across, Rows, of_children, same_values
from artesian.relations.across import Kind as RelationKind
from artesian.relations.expressions import Floats, numbers
from artesian.relations.protocol import MIN_HOLDS

MIN_ROWS = 30
"""Minimum number of rows."""

MAX_ROWS = 20_000
"""Maximum number of rows in which orders are searched."""

MIN_PARENTS = 8
"""Minimum number of parents of a value that their children give."""

MIN_VALUES, MIN_COUNTS = 5, 3
"""Minimum number of distinct values that are summed, and of distinct numbers of children."""

MAX_COLUMNS = 60
"""Maximum number of columns of a table that are looked at."""

PROBES = 200
"""Number of rows on which most pairs are rejected."""

MAX_BY_CHANCE = 0.98
"""Maximum fraction of rows with other parents of their table in which an order may hold as well."""

CHANCE = 1e-3
"""Maximum expected number of relations that hold by chance, over all that are tried."""

FEWER = 0.1
"""Maximum number of rows that break a relation, relative to rows with other parents."""

EXCHANGES = 4
"""How often parents are exchanged."""

MAX_DECIMALS = 4
"""Maximum number of decimals of a mean that is rounded."""

QUANTILES = 11
"""Number of quantiles of the difference between two values that are learned."""

Columns = tuple[list[str], list[str]]

Kept = NDArray[np.bool_]


def between_tables(
    key: ForeignKey,
    child: Table,
    parent: Table,
    rows: Rows,
    linked: tuple[frozenset[str], frozenset[str]],
    whole: tuple[Table, Table, Rows] | None = None,
) -> Iterator[Across]:
    """Copies of values of the parent, what the children of a parent give, and orders.

    Args:
        rows: Parent row of each row of the child.
        linked: Columns of foreign keys, of the child and of the parent.
        whole: Child, parent and parent rows with all children of every parent, of which the others are
            a part; None if that is so of these.
    """
    columns = _columns(child, linked[0]), _columns(parent, linked[1])
    yield from _copies(key, child, parent, rows, linked)
    totals = list(_totals(key, *(whole or (child, parent, rows)), columns))
    yield from totals
    # That children are not before the first of them follows.
    given = {one.parent for one in totals}
    columns = columns[0], [name for name in columns[1] if name not in given]
    yield from _orders(key, child, parent, rows, columns)
    yield from _bounds(key, child, parent, rows, columns)


def _columns(table: Table, linked: Collection[str], *, keys: bool = False) -> list[str]:
    """The columns that say something of the row, and do not identify it.

    Args:
        keys: With other identifiers than the key of the table.
    """
    return [
        column.name
        for column in table.schema
        if column.name not in linked
        and column.name not in table.schema.key
        and (keys or column.kind is not Kind.KEY)
    ][:MAX_COLUMNS]


def beyond_chance(kept: Kept, others: list[Kept], at: Rows, tried: int) -> bool:
    """Whether a relation holds in more rows, and for more parents, than by chance.

    Args:
        kept: Whether it holds, shape (n,).
        others: The same with the values of other parents, each of shape (n,).
        at: Parent of each row, shape (n,).
        tried: Number of relations that are looked at.

    >>> odd = np.arange(40) % 2 == 1
    >>> beyond_chance(np.ones(40, bool), [odd], np.arange(40), 100)
    True
    >>> beyond_chance(np.ones(40, bool), [odd], np.arange(40) // 10, 100)
    False
    """
    holds, by_chance = float(kept.mean()), float(np.mean([one.mean() for one in others]))
    if by_chance >= 1 or 1 - holds > FEWER * (1 - by_chance):
        return False
    _, parent = np.unique(at, return_inverse=True)
    parents = int(parent.max(initial=-1)) + 1
    # All rows of a parent hold together, or not: they may be alike.
    whole = [np.bincount(parent[~one], minlength=parents) == 0 for one in (kept, *others)]
    # Exchanged a few times, no parent shows that the chance is 0.
    together = (float(np.sum(whole[1:])) + 1) / (parents * len(others) + 1)
    return int(whole[0].sum()) * math.log(together) < math.log(CHANCE / max(tried, 1))


def exchanged(parents: int) -> Iterator[Rows]:
    """Permutations of the rows of a parent."""
    rng = Seed(0).child("across").rng()
    for _ in range(EXCHANGES):
        yield rng.permutation(parents)


def is_copy(own: pl.Series, theirs: pl.Series, at: Rows, tried: int) -> bool:
    """Whether values are those of the parent, and not by chance.

    Args:
        own: Values of the rows that have some, shape (n,).
        theirs: Values of the parents, shape (parents,).
        at: Parent of each row, shape (n,).
        tried: Number of pairs of columns that are looked at.
    """
    if not _comparable(own, theirs) or agree(own.head(PROBES), theirs.gather(at[:PROBES])) < 0.9:
        return False
    if agree(own, theirs.gather(at)) < MIN_HOLDS:
        return False
    kept = _equal(own, theirs.gather(at))
    others = [_equal(own, theirs.gather(other[at])) for other in exchanged(len(theirs))]
    return beyond_chance(kept, others, at, tried)


def _equal(one: pl.Series, other: pl.Series) -> Kept:
    return same_values(one, other).fill_null(False).to_numpy()


def _comparable(one: pl.Series, other: pl.Series) -> bool:
    texts = (pl.String, pl.Categorical, pl.Enum)
    return (
        one.dtype == other.dtype
        or (one.dtype.is_numeric() and other.dtype.is_numeric())
        or (one.dtype in texts and other.dtype in texts)
    )


def _copies(
    key: ForeignKey,
    child: Table,
    parent: Table,
    rows: Rows,
    linked: tuple[frozenset[str], frozenset[str]],
) -> Iterator[Across]:
    there = np.flatnonzero(rows >= 0)
    if len(there) < MIN_ROWS:
        return
    names = [_columns(t, own, keys=True) for t, own in zip((child, parent), linked, strict=True)]
    for name in names[0]:
        own = child.frame[name][there]
        present = own.is_not_null().to_numpy()
        if present.sum() < MIN_ROWS:
            continue
        own, at = own.filter(pl.Series(present)), rows[there[present]]
        for other in names[1]:
            if is_copy(own, parent.frame[other], at, len(names[0]) * len(names[1])):
                yield Across(key, "copy", name, other)
                break


def agree(one: pl.Series, other: pl.Series) -> float:
    """The fraction of equal values."""
    return float(same_values(one, other).fill_null(False).mean() or 0.0)  # type: ignore[arg-type]


def _totals(
    key: ForeignKey, child: Table, parent: Table, rows: Rows, columns: Columns
) -> Iterator[Across]:
    targets = [n for n in columns[1] if _is_number(parent, n) or _is_time(parent, n)]
    if len(parent) < MIN_PARENTS or not targets:
        return
    amounts = {n: numbers(parent.frame[n]) for n in targets if _is_number(parent, n)}
    given: list[tuple[RelationKind, str, Floats]] = [
        ("count", "", of_children("count", None, rows, len(parent)))
    ]
    for name in columns[0]:
        if _is_number(child, name) or _is_time(child, name):
            values = numbers(child.frame[name])
            kinds: tuple[RelationKind, ...] = ("max", "min")
            kinds = kinds if _is_time(child, name) else ("sum", *kinds, "mean")
            given += [(kind, name, of_children(kind, values, rows, len(parent))) for kind in kinds]
    children = np.bincount(rows[rows >= 0], minlength=len(parent)) > 0
    tried = len(targets) * len(given)
    for target in targets:
        series = parent.frame[target]
        own = numbers(series)
        for kind, name, values in given:
            if kind == "count" and not series.dtype.is_integer():
                continue
            own_type = child.frame.schema[name].base_type() if name else pl.Int64
            if own_type != series.dtype.base_type() and (
                series.dtype.is_temporal() or own_type.is_temporal()
            ):
                continue
            within = _rounding(own) if kind == "mean" else 0.0
            if within is None:
                continue
            plus = _plus(target, own, values, amounts, kind, within, series.dtype, tried)
            if plus is not None:
                one = Across(key, kind, name, target, plus, within=within)
                yield replace(one, always=bool((children == series.is_not_null().to_numpy()).all()))
                break


def _rounding(values: Floats) -> float | None:
    """Half a unit of the last decimal; None if there are too many decimals."""
    present = values[~np.isnan(values)]
    for decimals in range(MAX_DECIMALS + 1):
        if np.array_equal(np.round(present, decimals), present):
            return float(ROUNDED * 10.0**-decimals)
    return None


def _plus(
    target: str,
    own: Floats,
    values: Floats,
    amounts: Mapping[str, Floats],
    kind: RelationKind,
    within: float,
    dtype: pl.DataType,
    tried: int,
) -> str | None:
    """The column that is added to `values` to give the target, '' if none is needed; None if it is
    something else."""
    distinct = MIN_COUNTS if kind == "count" else MIN_VALUES
    others = [n for n in amounts if n != target] if kind == "sum" else []
    for name in ("", *others):
        total = values + np.nan_to_num(amounts[name]) if name else values
        both = ~np.isnan(total) & ~np.isnan(own)
        if both.sum() < MIN_PARENTS or len(np.unique(total[both])) < distinct:
            continue
        one, other = total[both], own[both]
        allowed = within + 1e-6 * np.maximum(np.abs(one), 1.0)
        if dtype.is_temporal():
            allowed = np.full(len(one), SAME_TIME)
        kept = np.abs(one - other) <= allowed
        if kept.mean() < MIN_HOLDS:
            continue
        chance = [np.abs(one - other[at]) <= allowed for at in exchanged(len(other))]
        if beyond_chance(kept, chance, np.arange(len(one)), tried * (1 + len(others))):
            return str(name)
    return None


def _orders(
    key: ForeignKey, child: Table, parent: Table, rows: Rows, columns: Columns
) -> Iterator[Across]:
    there = _some(np.flatnonzero(rows >= 0))
    times = [
        [n for n in names if _is_time(t, n)]
        for names, t in zip(columns, (child, parent), strict=True)
    ]
    tried = 2 * len(times[0]) * len(times[1])
    for name in times[0] if len(there) >= MIN_ROWS else ():
        own = numbers(child.frame[name])[there]
        best: dict[RelationKind, tuple[float, Across]] = {}
        for other in times[1]:
            theirs = numbers(parent.frame[other])
            days = own - theirs[rows[there]]
            present = ~np.isnan(days)
            days, at = days[present], rows[there[present]]
            if len(days) < MIN_ROWS:
                continue
            kinds: tuple[tuple[RelationKind, float], ...] = (("after", 1.0), ("before", -1.0))
            for kind, sign in kinds:
                kept = sign * days >= 0
                if kept.mean() < MIN_HOLDS:
                    continue
                others = [
                    _not_below(sign * (own[present] - theirs[p[at]]))
                    for p in exchanged(len(theirs))
                ]
                if not _is_order(kept, others, at, tried):
                    continue
                size = np.maximum(sign * days, 0.0)
                order = Across(key, kind, name, other, differences=_quantiles(size))
                if kind not in best or float(np.median(size)) < best[kind][0]:
                    best[kind] = (float(np.median(size)), order)
        nearest = (order for _, order in best.values())
        yield from (one for one in nearest if _holds(one, child, parent, rows))


def _some(there: Rows) -> Rows:
    """At most `MAX_ROWS` of the rows, in their order."""
    if len(there) <= MAX_ROWS:
        return there
    return np.sort(Seed(0).child("rows").rng().choice(there, MAX_ROWS, replace=False))


def _holds(one: Across, child: Table, parent: Table, rows: Rows) -> bool:
    """Whether a relation that some rows show holds in all rows."""
    if len(rows) <= MAX_ROWS:
        return True
    return float(one.holds(child.frame, parent.frame, rows).mean() or 0.0) >= MIN_HOLDS  # type: ignore[arg-type]


def _not_below(differences: Floats) -> Kept:
    return ~(differences < 0)


def _is_order(kept: Kept, others: list[Kept], at: Rows, tried: int) -> bool:
    by_chance = float(np.mean([one.mean() for one in others]))
    return by_chance <= MAX_BY_CHANCE and beyond_chance(kept, others, at, tried)


def _bounds(
    key: ForeignKey, child: Table, parent: Table, rows: Rows, columns: Columns
) -> Iterator[Across]:
    """Numbers of a row that are not above, or not below, one of its parent: seats of a course."""
    there = _some(np.flatnonzero(rows >= 0))
    names = [
        [n for n in own if _is_number(t, n)]
        for own, t in zip(columns, (child, parent), strict=True)
    ]
    if len(there) < MIN_ROWS:
        return
    tried = 2 * len(names[0]) * len(names[1])
    for name in names[0]:
        every = numbers(child.frame[name])[there]
        best: dict[RelationKind, tuple[float, Across]] = {}
        for other in names[1]:
            theirs = numbers(parent.frame[other])
            bound = theirs[rows[there]]
            both = ~np.isnan(every) & ~np.isnan(bound)
            own, bound, at = every[both], bound[both], rows[there[both]]
            if len(own) < MIN_ROWS or own.min() < 0 or bound.min() <= 0:
                continue
            kinds: tuple[tuple[RelationKind, float], ...] = (("at most", 1.0), ("at least", -1.0))
            for kind, sign in kinds:
                kept = sign * (bound - own) >= 0
                if kept.mean() < MIN_HOLDS:
                    continue
                others = [_not_below(sign * (theirs[p[at]] - own)) for p in exchanged(len(theirs))]
                if not _is_order(kept, others, at, tried):
                    continue
                ratio = own / bound
                ratio = np.minimum(ratio, 1.0) if kind == "at most" else np.maximum(ratio, 1.0)
                size = abs(float(np.median(ratio)) - 1.0)
                if kind not in best or size < best[kind][0]:
                    one = Across(key, kind, name, other, differences=_quantiles(ratio))
                    best[kind] = (size, one)
        nearest = (bound_of for _, bound_of in best.values())
        yield from (one for one in nearest if _holds(one, child, parent, rows))


def _is_time(table: Table, name: str) -> bool:
    return table.frame.schema[name].base_type() in (pl.Date, pl.Datetime)


def _is_number(table: Table, name: str) -> bool:
    return table.frame.schema[name].is_numeric()


def _quantiles(differences: Floats) -> tuple[float, ...]:
    """Quantiles of the differences, none of them that of fewer than `MIN_COUNT` rows."""
    ordered = np.sort(differences)
    few = min(MIN_COUNT - 1, len(ordered) // 2)
    inner = ordered[few : len(ordered) - few]
    return tuple(float(round(q, 4)) for q in np.quantile(inner, np.linspace(0, 1, QUANTILES)))
