"""Relations between a row and the other rows of its group: totals, shares, and balanced sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.graphs import leads_to
from artesian.relations.expressions import Floats, numbers, quoted
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.protocol import Relation
from artesian.relations.signed import SignedSum

OF_ROW = ("share", "percent", "since_first", "since_previous", "rank", "rank_desc")
"""What is computed of a row beside the others of its group: its proportion of their sum, the number of
days since the first of their times or the one before, and its place among them, from 1, where equal
values share the lowest; of `rank_desc`, the largest is the first."""

FUNCTIONS = ("sum", "count", "min", "max", "mean", *OF_ROW)
"""What is computed of the rows of a group."""

EXACT = 1e-9
"""Relative rounding error of a sum."""


@dataclass(frozen=True, slots=True)
class GroupValue:
    """`order_total = sum(line_total) by order_id`.

    Attributes:
        function: One of `FUNCTIONS`.
        source: The column of which it is computed; '' for the number of rows.
        within: Maximum absolute difference; 0 for exact arithmetic.
        group: The column whose equal values make a group.
    """

    target: str
    function: str
    source: str
    within: float
    group: str

    def __str__(self) -> str:
        source = quoted(self.source) if self.source else ""
        within = f" within {self.within:.6g}" if self.within else ""
        value = f"{self.function}({source})"
        return f"{quoted(self.target)} = {value}{within} by {quoted(self.group)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Target, source if there is one, and group."""
        return tuple(name for name in (self.target, self.source, self.group) if name)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns that the value follows from."""
        return self.columns[1:]

    def compute(self, frame: pl.DataFrame) -> Floats:
        """The value of every row, shape (rows,); NaN without a group. Times are in days."""
        codes, groups = group_codes(frame[self.group])
        if self.function in ("since_previous", "rank", "rank_desc"):
            values = numbers(frame[self.source])
            among = since_previous if self.function == "since_previous" else rank
            signed = -values if self.function == "rank_desc" else values
            return np.where(codes < groups, among(codes, signed), np.nan)
        size = np.bincount(codes, minlength=groups + 1)
        if self.function == "count":
            value = size.astype(float)
        else:
            source = numbers(frame[self.source])
            present = ~np.isnan(source)
            filled = np.where(present, source, 0.0)
            total = np.bincount(codes, filled, minlength=groups + 1)
            if self.function == "sum":
                value = total
            elif self.function == "mean":
                rows = np.bincount(codes, present, minlength=groups + 1)
                value = np.divide(total, rows, out=np.full(groups + 1, np.nan), where=rows > 0)
            elif self.function in ("share", "percent"):
                whole = np.where(total == 0, np.nan, total)
                value = whole / (100.0 if self.function == "percent" else 1.0)
            else:
                value = np.full(groups + 1, -np.inf if self.function == "max" else np.inf)
                reduce = np.maximum if self.function == "max" else np.minimum
                reduce.at(value, codes[present], source[present])
                value[np.isinf(value)] = np.nan
        value[groups] = np.nan
        if self.function in ("share", "percent"):
            return np.asarray(numbers(frame[self.source]) / value[codes])
        if self.function == "since_first":
            return np.asarray(numbers(frame[self.source]) - value[codes])
        return np.asarray(value[codes])

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row has the value of its group; null where one of them is missing."""
        computed, actual = self.compute(frame), numbers(frame[self.target])
        applies = ~np.isnan(computed) & ~np.isnan(actual)
        size = np.maximum(np.abs(np.where(applies, actual, 0.0)), 1.0)
        limit = self.within * (1 + 1e-6) + EXACT * size
        right = np.abs(np.where(applies, computed - actual, 0.0)) <= limit
        return pl.Series(str(self), right).set(pl.Series(~applies), None)


def is_of_itself(relation: Relation, computed: Iterable[Relation]) -> bool:
    """Whether the source of a group value is computed from the value in the same row, directly or not.

    The rate of an employee is no maximum of the supplements that are a product with it.
    """
    if not isinstance(relation, GroupValue) or not relation.source:
        return False
    sources: dict[str, set[str]] = {}
    for one in computed:
        if isinstance(one, Formula | ConditionalFormula | SignedSum | Copy):
            sources.setdefault(one.columns[0], set()).update(one.columns[1:])
    return leads_to([relation.source], relation.target, sources)


def since_previous(codes: NDArray[np.int64], times: Floats) -> Floats:
    """The time since the one before in the same group, in the order of times; NaN for the first."""
    order = np.lexsort((times, codes))  # missing ones last
    out = np.full(len(times), np.nan)
    same = codes[order[1:]] == codes[order[:-1]]
    out[order[1:][same]] = np.diff(times[order])[same]
    return out


def rank(codes: NDArray[np.int64], values: Floats) -> Floats:
    """The place of each value in its group, from 1; equal values share the lowest one."""
    order = np.lexsort((values, codes))
    sorted_codes, sorted_values = codes[order], values[order]
    starts = np.append(True, sorted_codes[1:] != sorted_codes[:-1])
    new = starts.copy()
    new[1:] |= sorted_values[1:] != sorted_values[:-1]
    places = np.arange(len(order))
    first_of_group = np.maximum.accumulate(np.where(starts, places, 0))
    first_of_value = np.maximum.accumulate(np.where(new, places, 0))
    out = np.empty(len(order))
    out[order] = first_of_value - first_of_group + 1
    return np.where(np.isnan(values), np.nan, out)


@dataclass(frozen=True, slots=True)
class Balanced:
    """`sum(debit) = sum(credit) by entry`; a missing amount counts as 0."""

    left: str
    right: str
    group: str

    def __str__(self) -> str:
        left, right, group = map(quoted, self.columns)
        return f"sum({left}) = sum({right}) by {group}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Both amounts, and the group."""
        return self.left, self.right, self.group

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the sums of a row's group are equal; null without a group."""
        codes, groups = group_codes(frame[self.group])
        left, right = (
            np.bincount(codes, np.nan_to_num(numbers(frame[name])), minlength=groups + 1)
            for name in (self.left, self.right)
        )
        equal = np.abs(left - right) <= EXACT * np.maximum(np.abs(left), 1.0) + 1e-6
        return pl.Series(str(self), equal[codes]).set(pl.Series(codes == groups), None)


def group_codes(series: pl.Series) -> tuple[NDArray[np.int64], int]:
    """The group of every row, numbered from 0, shape (rows,), and the number of groups.

    Rows without a value have the number of groups as theirs.
    """
    text = series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else series
    ranks = text.rank("dense").cast(pl.Int64)
    groups = int(ranks.max() or 0)  # type: ignore[arg-type]
    return (ranks - 1).fill_null(groups).to_numpy().astype(np.int64), groups
