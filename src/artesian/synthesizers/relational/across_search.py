"""Search for relations between the rows of two tables that a foreign key connects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey, Kind
from artesian.data.table import Table
from artesian.relations.expressions import Floats, numbers
from artesian.relations.orders import Order
from artesian.relations.parse import relations_of
from artesian.relations.protocol import MIN_HOLDS, Relation
from artesian.synthesizers.relational.across import COMPUTED, Across, of_children
from artesian.synthesizers.relational.plan import Plan, Rows, parent_rows

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

Node = tuple[str, str]


def across(
    dataset: Dataset,
    plan: Plan,
    rows: Mapping[ForeignKey, Rows],
    listed: Mapping[str, tuple[str, ...]],
) -> tuple[Across, ...]:
    """The relations that hold between the rows of two tables, without circles, parents first.

    Args:
        rows: Parent row of each row, by foreign key.
        listed: Table -> the relations that its rows keep.
    """
    needs: dict[Node, set[Node]] = {}
    for name, texts in listed.items():
        for formula in relations_of(texts, dataset[name].schema.names):
            if isinstance(formula, COMPUTED):
                sources = {(name, source) for source in formula.columns[1:]}
                needs.setdefault((name, formula.target), set()).update(sources)
    computed = set(needs)
    kept = {one.name for one in plan if one.kept}
    linked = {one.name: one.linked for one in plan}
    chosen: list[Across] = []
    taken: set[Node] = set()
    for one in plan:
        for key in one.foreign_keys:
            if key.parent == key.child:
                continue
            child, parent = dataset[key.child], dataset[key.parent]
            columns = _columns(child, linked[key.child]), _columns(parent, linked[key.parent])
            candidates = [
                *(() if key.child in kept else _shared_parents(key, dataset, plan)),
                *(() if key.child in kept else _copies(key, child, parent, rows[key], columns)),
                *(() if key.parent in kept else _totals(key, child, parent, rows[key], columns)),
                *(() if key.child in kept else _orders(key, child, parent, rows[key], columns)),
            ]
            candidates = _nearest(
                candidates, relations_of(listed.get(key.child), child.schema.names)
            )
            for relation in candidates:
                is_order = bool(relation.differences)
                if not is_order and relation.target in taken | computed:
                    continue
                if any(_reaches(source, relation.target, needs) for source in relation.sources):
                    continue
                needs.setdefault(relation.target, set()).update(relation.sources)
                taken |= set() if is_order else {relation.target}
                chosen.append(relation)
    return tuple(chosen)


def _nearest(candidates: list[Across], within: list[Relation]) -> list[Across]:
    """The relations without orders that follow from another one and an order within the row."""
    times = {one.child for one in candidates if one.kind == "after"}
    before = {one.child for one in candidates if one.kind == "before"}
    ends = [one.columns for one in within if isinstance(one, Order)]
    later = {high for low, high in ends if low in times}
    earlier = {low for low, high in ends if high in before}
    return [
        one
        for one in candidates
        if not (one.kind == "after" and one.child in later)
        and not (one.kind == "before" and one.child in earlier)
    ]


def _reaches(start: Node, end: Node, needs: Mapping[Node, set[Node]]) -> bool:
    todo, seen = [start], set[Node]()
    while todo:
        at = todo.pop()
        if at == end:
            return True
        if at not in seen:
            seen.add(at)
            todo += needs.get(at, set())
    return False


def _columns(table: Table, linked: frozenset[str]) -> list[str]:
    """The columns that say something of the row, and do not identify it."""
    return [
        column.name
        for column in table.schema
        if column.name not in linked
        and column.name not in table.schema.key
        and column.kind is not Kind.KEY
    ][:MAX_COLUMNS]


def _shared_parents(key: ForeignKey, dataset: Dataset, plan: Plan) -> Iterator[Across]:
    """Foreign keys to the row that the parent refers to too: the ward of a visit is its doctor's."""
    (own,) = (one for one in plan if one.name == key.child)
    child, parent = dataset[key.child], dataset[key.parent]
    for one in own.references:
        if one == key or len(one.columns) > 1 or set(one.columns) & set(child.schema.key):
            continue
        for other in dataset.parents_of(key.parent):
            same = (one.parent, one.parent_columns) == (other.parent, other.parent_columns)
            if (
                same
                and _agree(
                    child.frame[one.columns[0]],
                    parent.frame[other.columns[0]].gather(
                        pl.Series(np.maximum(parent_rows(dataset, key), 0))
                    ),
                )
                >= MIN_HOLDS
            ):
                yield Across(key, "copy", one.columns[0], other.columns[0])
                break


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
            if _agree(own.head(PROBES), theirs.gather(at[:PROBES])) >= 0.9 and (
                _agree(own, theirs.gather(at)) >= MIN_HOLDS
            ):
                yield Across(key, "copy", name, other)
                break


def _agree(one: pl.Series, other: pl.Series) -> float:
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
