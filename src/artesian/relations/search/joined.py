"""Search for columns that follow from the rows that a row refers to, of one parent or of several."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from artesian.core.run import Seed
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.table import Table
from artesian.relations.formulas import Copy, Formula
from artesian.relations.joined import Computed, Join, Joined, Rows, joined_frame, joins_of, rows_of
from artesian.relations.search.across import MIN_ROWS, is_copy
from artesian.relations.search.computed import computed_columns
from artesian.relations.search.confirmed import confirmed
from artesian.relations.search.rows import MAX_ROWS
from artesian.relations.search.rows import Rows as Halves
from artesian.relations.search.texts import texts
from artesian.relations.texts import Template

MAX_OWN, MAX_JOINED = 30, 34
"""Maximum number of columns of a table, and of its parents together, that formulas may be over."""

MIN_PARENTS, MIN_ALONE = 5, 20
"""Minimum number of parents of a formula, and of one of the columns of one parent only."""

ROUNDS = 2
"""How often formulas are searched: one may need what another one computes."""


def joined_relations(
    name: str,
    tables: Mapping[str, Table],
    foreign_keys: Collection[ForeignKey],
    rows: Mapping[ForeignKey, Rows],
    computed: Collection[str],
    copied: Collection[tuple[str, str]],
) -> Iterator[Joined]:
    """The relations of a table with its parents and their parents.

    Args:
        rows: Parent row of each row, by foreign key.
        computed: Columns of the table that follow from others already.
        copied: Columns of parents, with their tables, that columns of the table are copies of.
    """
    table, joins = tables[name], joins_of(name, foreign_keys)
    if not joins or len(table) < MIN_ROWS:
        return
    linked = {c for key in foreign_keys if key.child == name for c in key.columns}
    own = [c for c in table.schema if c.name not in linked and c.name not in table.schema.key]
    done = {*computed}
    for one in _copies(name, tables, joins, rows, [c for c in own if c.name not in done]):
        done.add(one.relation.target)
        yield one
    columns = _columns(own, tables, joins, foreign_keys, copied)
    some = Seed(0).child("joined").rng().permutation(len(table))[:MAX_ROWS]
    at = {key: each[some] if key.child == name else each for key, each in rows.items()}
    names_of = [c.name for c in columns]
    frame = joined_frame(table.frame[some], joins, _frames(tables), at, names_of)
    names = {c.name for c in own}
    schema = Schema(columns=tuple(replace(c, domain=None) for c in columns))
    joined = Table(frame.select(schema.names), schema)
    for _ in range(ROUNDS):
        given = {c.name for c in columns if c.name not in names} | done
        if given >= names:
            return
        halves = Halves.from_table(joined)
        searched = computed_columns(halves, set(), [], frozenset, frozenset(given))
        written = confirmed(texts(halves.both, given), halves)
        new: list[Computed] = [
            one.relation
            for one in (*searched, *written)
            if isinstance(one.relation, Copy | Formula | Template)
            and _is_joined(one.relation, names, done)
            and _is_sure(one.relation, joins, rows)
        ]
        for relation in new:
            if relation.target not in done:
                done.add(relation.target)
                yield Joined(name, relation)
        if not new:
            return


def _frames(tables: Mapping[str, Table]) -> dict[str, pl.DataFrame]:
    return {name: table.frame for name, table in tables.items()}


def _copies(
    name: str,
    tables: Mapping[str, Table],
    joins: tuple[Join, ...],
    rows: Mapping[ForeignKey, Rows],
    own: list[Column],
) -> Iterator[Joined]:
    """Copies of values of the parent of a parent; those of parents are found by foreign key."""
    frame = tables[name].frame
    for column in own:
        present = frame[column.name].is_not_null().to_numpy()
        for join in joins:
            if len(join.path) < 2:
                continue
            at = rows_of(join, rows)
            there = np.flatnonzero(present & (at >= 0))
            theirs = tables[join.table]
            others = [c for c in theirs.schema.names if c not in theirs.schema.key]
            if len(there) < MIN_ROWS or not others:
                continue
            values = frame[column.name][there]
            tried = len(own) * len(others) * len(joins)
            match = next(
                (o for o in others if is_copy(values, theirs.frame[o], at[there], tried)), None
            )
            if match is not None:
                yield Joined(name, Copy(column.name, join.column(match)))
                break


def _columns(
    own: list[Column],
    tables: Mapping[str, Table],
    joins: tuple[Join, ...],
    foreign_keys: Collection[ForeignKey],
    copied: Collection[tuple[str, str]],
) -> list[Column]:
    """The columns of the table and of its parents, without those that the table repeats."""
    out, names = own[:MAX_OWN], {c.name for c in own}
    further: list[Column] = []
    for join in joins:
        schema = tables[join.table].schema
        linked = {c for key in foreign_keys if key.child == join.table for c in key.columns}
        further += [
            replace(c, name=join.column(c.name))
            for c in schema
            if c.name not in linked
            and c.name not in schema.key
            and c.kind is not Kind.KEY
            and (join.table, c.name) not in copied
            and join.column(c.name) not in names
            and not any(mark in c.name for mark in "{}")
        ]
    return [*out, *further[:MAX_JOINED]]


def _is_joined(relation: Computed, names: Collection[str], done: Collection[str]) -> bool:
    """Whether a column of the table is computed from what others have too."""
    if isinstance(relation, Template) and relation.open:
        return False
    target, *sources = relation.columns
    return target in names and target not in done and not set(sources) <= set(names)


def _is_sure(one: Computed, joins: tuple[Join, ...], rows: Mapping[ForeignKey, Rows]) -> bool:
    """Whether enough parents show it: rows of one parent say the same of its columns."""
    sources = one.columns[1:]
    named = [j for j in joins if any(n.startswith(f"{j.name}.") for n in sources)]
    at = [rows_of(join, rows) for join in named]
    if any(len(np.unique(each[each >= 0])) < MIN_PARENTS for each in at):
        return False
    outside = [n for n in sources if any(n.startswith(f"{j.name}.") for j in named)]
    if len(outside) < len(sources):
        return True
    return bool(np.unique(np.stack(at), axis=1).shape[1] >= MIN_ALONE)
