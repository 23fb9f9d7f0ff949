"""Relations between the rows of two tables: the price of a product, the sum of an order's lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.schema import ForeignKey
from artesian.relations.expressions import Floats, numbers

Kind = Literal[
    "copy", "sum", "count", "min", "max", "mean", "after", "before", "at least", "at most"
]
"""What a relation says: a copy of a value of the parent, what the children of a parent give, that a
time is not before or not after one of the parent, or a number not below or not above one."""

KINDS: tuple[Kind, ...] = get_args(Kind)
OF_CHILDREN: tuple[Kind, ...] = ("sum", "count", "min", "max", "mean")
ORDERS: tuple[Kind, ...] = ("after", "before")
BOUNDS: tuple[Kind, ...] = ("at least", "at most")

EQUAL = 1e-6
"""Relative difference of two numbers that are the same."""

ROUNDED = 0.51
"""Maximum difference by rounding, in units of the last decimal."""

SAME_TIME = 1e-8
"""Days between two times that are the same, less than a millisecond."""

Rows = NDArray[np.int64]
"""Row of the parent for each row of the child, -1 for none, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Across:
    """`line.price = product.price`, `order.total = sum(line.amount) + order.shipping`, and others.

    Attributes:
        key: The foreign key that connects the rows.
        kind: What it says.
        child, parent: Columns of the two tables; '' for a count.
        plus: A further column of the parent that is added to a sum; '' for none.
        differences: Of an order, quantiles of the days between the two times; of a bound, of the
            number divided by that of the parent. Shape (quantiles,).
        within: Maximum difference of a mean, which is rounded.
        always: Whether all parents with children have the value, and no others.
    """

    key: ForeignKey
    kind: Kind
    child: str
    parent: str
    plus: str = ""
    differences: tuple[float, ...] = ()
    within: float = 0.0
    always: bool = False

    @property
    def target(self) -> tuple[str, str]:
        """Table and column that follow from the rest."""
        if self.kind in OF_CHILDREN:
            return self.key.parent, self.parent
        return self.key.child, self.child

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Tables and columns from which the target follows."""
        if self.kind not in OF_CHILDREN:
            return ((self.key.parent, self.parent),)
        own = [(self.key.child, self.child)] if self.child else []
        return (*own, *([(self.key.parent, self.plus)] if self.plus else []))

    def __str__(self) -> str:
        child, parent = f"{self.key.child}.{self.child}", f"{self.key.parent}.{self.parent}"
        plus = f" + {self.key.parent}.{self.plus}" if self.plus else ""
        if self.kind == "copy":
            return f"{child} = {parent}"
        if self.differences:
            return f"{child} {'>=' if self.kind in ('after', 'at least') else '<='} {parent}"
        of = f"{self.kind}({child if self.child else self.key.child})"
        return f"{parent} = {of}{plus}"

    def to_dict(self) -> dict[str, Any]:
        """The attributes but the key, as JSON types."""
        return {
            "kind": self.kind,
            "child": self.child,
            "parent": self.parent,
            "plus": self.plus,
            "differences": list(self.differences),
            "within": self.within,
            "always": self.always,
        }

    def holds(self, child: pl.DataFrame, parent: pl.DataFrame, rows: Rows) -> pl.Series:
        """Whether it holds, for each row of the child, or of the parent if the children give a value
        of it; null where it does not apply.

        Args:
            rows: Parent row of each row of the child.
        """
        if self.kind in OF_CHILDREN:
            values = numbers(child[self.child]) if self.child else None
            given = of_children(self.kind, values, rows, len(parent))
            given = given + (np.nan_to_num(numbers(parent[self.plus])) if self.plus else 0.0)
            own = numbers(parent[self.parent])
            right = np.abs(given - own) <= self.within + _tolerance(parent[self.parent], own)
            applies = ~np.isnan(given) & ~np.isnan(own)
            return pl.Series(str(self), right).set(pl.Series(~applies), None)
        absent = pl.Series(rows < 0)
        if not len(parent):
            return pl.Series(str(self), [None] * len(rows), dtype=pl.Boolean)
        theirs = parent[self.parent].gather(pl.Series(np.maximum(rows, 0)))
        theirs, own_values = theirs.set(absent, None), child[self.child]
        if self.kind == "copy":
            return same_values(own_values, theirs).alias(str(self))
        if self.kind in BOUNDS:
            one, other = numbers(own_values), numbers(theirs)
            more = one - other if self.kind == "at least" else other - one
            missing = pl.Series(np.isnan(more))
            return pl.Series(str(self), more >= -EQUAL).set(missing, None)
        after = self.kind == "after"
        return (own_values >= theirs if after else own_values <= theirs).alias(str(self))

    @classmethod
    def from_dict(cls, key: ForeignKey, entry: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` returned."""
        differences = tuple(float(days) for days in entry["differences"])
        names = (entry["kind"], entry["child"], entry["parent"], entry["plus"])
        return cls(key, *names, differences, float(entry["within"]), bool(entry["always"]))


def same_values(one: pl.Series, other: pl.Series) -> pl.Series:
    """Whether two columns have the same values, shape (rows,); null where one is missing."""
    if one.dtype.is_numeric() and other.dtype.is_numeric():
        left, right = numbers(one), numbers(other)
        near = pl.Series(np.abs(left - right) <= EQUAL * np.maximum(np.abs(left), 1.0))
        return near.set(one.is_null() | other.is_null(), None)
    if one.dtype != other.dtype:
        one, other = one.cast(pl.String), other.cast(pl.String)
    return one == other


def _tolerance(series: pl.Series, values: Floats) -> Floats:
    """The difference of two values that are the same, shape (rows,)."""
    if series.dtype.is_temporal():
        return np.full(len(values), SAME_TIME)
    return EQUAL * np.maximum(np.abs(values), 1.0)


def of_children(kind: Kind, values: Floats | None, rows: Rows, parents: int) -> Floats:
    """What the children of each parent give, shape (parents,); NaN for extremes and means without any.

    Args:
        values: Of the children, shape (rows,); None for a count.
        rows: Parent row of each child, -1 for none.
    """
    there = rows >= 0
    if values is None:
        return np.bincount(rows[there], minlength=parents).astype(float)
    there &= ~np.isnan(values)
    if kind in ("sum", "mean"):
        total = np.bincount(rows[there], values[there], minlength=parents).astype(float)
        if kind == "sum":
            return total
        count = np.bincount(rows[there], minlength=parents)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)
    sign = 1.0 if kind == "max" else -1.0
    out = np.full(parents, -np.inf)
    np.maximum.at(out, rows[there], sign * values[there])
    return np.where(np.isinf(out), np.nan, sign * out)
