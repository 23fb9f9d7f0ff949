"""Search for columns that repeat values of another table without a foreign key.

Names, e-mail addresses and other personal data of several tables are of the same persons if at least
half of them occur in the other table. Other codes and numbers have to occur there nearly all, and
numbers be so sparse there that others would not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

import numpy as np
import polars as pl

from artesian.data.inference.roles import DIRECT
from artesian.data.schema import Column, ForeignKey, Kind
from artesian.data.table import Table
from artesian.relations.across import Rows
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.repeated import Repeated, Within
from artesian.relations.search.across import MIN_ROWS, is_copy

SHARED = 0.5
"""Minimum fraction of different personal data of a column that occur in another table."""

MIN_PERSONS, MIN_CODES = 10, 20
"""Minimum number of such values, and of codes."""

CHANCE = 1e-9
"""Maximum probability that numbers occur in another table by chance."""

UNIQUE = 0.95
"""Minimum fraction of different values of what identifies a row."""

PARTS_OF_NAMES = frozenset({"first_name", "last_name"})
"""Personal data that many persons have in common."""


def repeated(
    name: str,
    tables: Mapping[str, Table],
    foreign_keys: Collection[ForeignKey],
    rows: Mapping[ForeignKey, Rows],
    computed: Collection[str],
    of_names: Mapping[str, tuple[str, ...]],
) -> Iterator[Repeated]:
    """What the rows of a table repeat of other tables.

    Args:
        rows: Parent row of each row, by foreign key.
        computed: Columns of the table that follow from others already.
        of_names: Addresses that are made of names of the row, which follow if these are repeated.
    """
    table = tables[name]
    if len(table) < MIN_PERSONS:
        return
    linked = {c for key in foreign_keys if key.child == name for c in key.columns}
    own = [c for c in table.schema if c.name not in {*computed, *linked, *table.schema.key}]
    done: set[str] = set()
    others = [other for other in tables if other != name]
    for column in sorted(own, key=lambda c: c.name in of_names):
        if column.name in done or done & {*of_names.get(column.name, ())}:
            continue
        if not _may_repeat(column, table):
            continue
        best: tuple[tuple[float, float], str, str] | None = None
        for other in others:
            for theirs in tables[other].schema:
                fraction = _shared(column, table, theirs, tables[other])
                if not fraction:
                    continue
                # Of tables with the same persons, the one that has each of them once is theirs.
                values = tables[other].frame[theirs.name]
                rank = (fraction, values.n_unique() / len(values))
                if best is None or rank > best[0]:
                    best = (rank, other, theirs.name)
        if best is None:
            continue
        (fraction, _), other, theirs_name = best
        at = first_rows(table.frame[column.name], tables[other].frame[theirs_name])
        free = [c for c in own if c.name not in done and c.name != column.name]
        further = tuple(_along(free, table, tables[other], at, theirs_name))
        within = _within(name, other, foreign_keys, rows, at)
        done |= {column.name, *(a for a, _ in further)}
        pairs = ((column.name, theirs_name), *further)
        yield Repeated(name, other, pairs, fraction, within)


def _may_repeat(column: Column, table: Table) -> bool:
    if column.role in PARTS_OF_NAMES:
        return False
    series = table.frame[column.name]
    if series.dtype.is_integer():
        return series.drop_nulls().n_unique() >= MIN_CODES
    return series.dtype == pl.String and (column.role in DIRECT or column.kind is not Kind.BOOLEAN)


def _shared(column: Column, table: Table, other: Column, theirs: Table) -> float:
    """The fraction of different values that occur in the other column; 0 if they may by chance."""
    one, two = table.frame[column.name], theirs.frame[other.name]
    if one.dtype != two.dtype and not (one.dtype.is_integer() and two.dtype.is_integer()):
        return 0.0
    personal = column.role in DIRECT and column.role == other.role
    values, there = one.drop_nulls().unique(), two.drop_nulls()
    needed = MIN_PERSONS if personal else MIN_CODES
    if len(values) < needed or len(there) < needed:
        return 0.0
    distinct = there.n_unique()
    if not personal and distinct < UNIQUE * len(two):
        return 0.0
    if personal and distinct < len(values) * SHARED:
        return 0.0
    fraction = float(values.is_in(there.unique().implode()).mean() or 0.0)  # type: ignore[arg-type]
    if fraction < (SHARED if personal else MIN_HOLDS):
        return 0.0
    if personal and fraction < 1 and (distinct, len(two)) < (len(values), len(one)):
        return 0.0  # the table with more of them is repeated
    if one.dtype.is_integer():
        low, high = int(there.min()), int(there.max())  # type: ignore[arg-type]
        occupied = distinct / max(high - low + 1, 1)
        if occupied >= 1 or len(values) * math.log(occupied) > math.log(CHANCE):
            return 0.0
    return 1.0 if fraction >= MIN_HOLDS else fraction


def first_rows(own: pl.Series, theirs: pl.Series) -> Rows:
    """The first row of the other table with the value of each row, -1 for none."""
    kind = pl.Int64 if own.dtype.is_integer() else pl.String
    first = pl.DataFrame({"value": theirs.cast(kind), "row": np.arange(len(theirs))})
    first = first.drop_nulls().unique("value", keep="first", maintain_order=True)
    joined = pl.DataFrame({"value": own.cast(kind)}).join(
        first, on="value", how="left", maintain_order="left"
    )
    return joined["row"].fill_null(-1).to_numpy()


def _along(
    own: list[Column], table: Table, other: Table, at: Rows, identifier: str
) -> Iterator[tuple[str, str]]:
    """Further columns that the row repeats of the same one."""
    there = np.flatnonzero(at >= 0)
    if len(there) < MIN_ROWS:
        return
    names = [n for n in other.schema.names if n != identifier]
    for column in own:
        series = table.frame[column.name]
        present = there[series[there].is_not_null().to_numpy()]
        if len(present) < MIN_ROWS:
            continue
        tried = len(own) * len(names)
        for name in names:
            if is_copy(series[present], other.frame[name], at[present], tried):
                yield column.name, name
                break


def _within(
    name: str,
    other: str,
    foreign_keys: Collection[ForeignKey],
    rows: Mapping[ForeignKey, Rows],
    at: Rows,
) -> Within | None:
    """The foreign keys by which a row and the one that it repeats refer to the same row."""
    there = np.flatnonzero(at >= 0)
    for theirs in foreign_keys:
        if theirs.child != other or theirs.parent == other:
            continue
        options: list[tuple[ForeignKey | None, Rows]] = []
        if theirs.parent == name:
            options.append((None, np.arange(len(at))))
        for key in foreign_keys:
            if key.child == name and key.parent == theirs.parent:
                options.append((key, rows[key]))
        for key_of_own, group in options:
            groups, common = group[there], rows[theirs][at[there]]
            if len(np.unique(groups)) < MIN_PERSONS:
                continue
            if ((groups == common) & (groups >= 0)).mean() >= MIN_HOLDS:
                return key_of_own, theirs
    return None
