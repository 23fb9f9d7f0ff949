"""Relations between a row and the rows that it refers to: `line.amount = line.pieces * product.price`.

They are relations within a row of a table to which the columns of its parents, and of their parents,
are joined, each under the name of its table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.schema import ForeignKey
from artesian.relations.formulas import Copy, Formula
from artesian.relations.texts import Template

Rows = NDArray[np.int64]
"""Row of the parent for each row of the child, -1 for none, shape (n,)."""

Computed = Copy | Formula | Template
"""Relations that give the value of a column of the table."""


@dataclass(frozen=True, slots=True)
class Join:
    """How the rows of a table refer to those of another one.

    Attributes:
        name: What the names of the columns begin with.
        path: Foreign keys from the table to the other one, one or two.
    """

    name: str
    path: tuple[ForeignKey, ...]

    @property
    def table(self) -> str:
        """The table that is joined."""
        return self.path[-1].parent

    def column(self, name: str) -> str:
        """The name of one of its columns beside those of the table."""
        return f"{self.name}.{name}"


@dataclass(frozen=True, slots=True)
class Joined:
    """A column of a table that follows from the rows that its rows refer to.

    Attributes:
        table: The table.
        relation: Over columns of the table and of `joins_of` it.
    """

    table: str
    relation: Computed

    @property
    def target(self) -> tuple[str, str]:
        """Table and column that follow from the rest."""
        return self.table, self.relation.target

    def sources(self, joins: Iterable[Join]) -> tuple[tuple[str, str], ...]:
        """Tables and columns from which the target follows."""
        every = tuple(joins)
        return tuple(_source(self.table, name, every) for name in self.relation.columns[1:])

    def __str__(self) -> str:
        return f"{self.table}: {self.relation}"


def _source(table: str, name: str, joins: tuple[Join, ...]) -> tuple[str, str]:
    for join in joins:
        if name.startswith(f"{join.name}."):
            return join.table, name[len(join.name) + 1 :]
    return table, name


def joins_of(table: str, foreign_keys: Collection[ForeignKey]) -> tuple[Join, ...]:
    """The parents of a table and their parents, each under a name of its own.

    Several parents of one table are distinguished by the columns that refer to them.
    """
    first = [key for key in foreign_keys if key.child == table and key.parent != table]
    paths: list[tuple[ForeignKey, ...]] = [(key,) for key in first]
    paths += [
        (key, other)
        for key in first
        for other in foreign_keys
        if other.child == key.parent and other.parent not in (table, key.parent)
    ]
    several = Counter(path[-1].parent for path in paths)
    out = []
    for path in paths:
        name = path[-1].parent
        if several[name] > 1:
            name += " by " + ", ".join(column for key in path for column in key.columns)
        out.append(Join(name, path))
    return tuple(out)


def rows_of(join: Join, rows: Mapping[ForeignKey, Rows]) -> Rows:
    """Row of the joined table for each row of the table, -1 for none."""
    at = rows[join.path[0]]
    for key in join.path[1:]:
        further = rows[key]
        at = np.where(at < 0, -1, further[np.maximum(at, 0)] if len(further) else -1)
    return at


def joined_frame(
    own: pl.DataFrame,
    joins: Iterable[Join],
    frames: Mapping[str, pl.DataFrame],
    rows: Mapping[ForeignKey, Rows],
    names: Collection[str],
) -> pl.DataFrame:
    """The columns `names` of a table and of those joined to it; missing values without a parent."""
    columns = [own[name] for name in own.columns if name in names]
    for join in joins:
        wanted = [n for n in frames[join.table].columns if join.column(n) in names]
        if not wanted:
            continue
        at = rows_of(join, rows)
        absent = pl.Series(at < 0)
        for name in wanted:
            theirs = frames[join.table][name]
            if not len(theirs):
                values = pl.Series([None] * len(at), dtype=theirs.dtype)
            else:
                values = theirs.gather(pl.Series(np.maximum(at, 0))).set(absent, None)
            columns.append(values.alias(join.column(name)))
    return pl.DataFrame(columns)
