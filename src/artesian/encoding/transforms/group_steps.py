"""Steps of values that follow from all rows of a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.expressions import Floats, numbers
from artesian.relations.group_values import Balanced, GroupValue, group_codes


@dataclass(frozen=True, slots=True)
class GroupStep:
    """A value that follows from the rows of a group leaves nothing to model, or whether there is one.

    Attributes:
        first: The value of the first row of a group, which has no row before; None if it is missing.
        present: Name of the column that says whether there is a value, such as the price of a lot
            that is sold; None if all rows have one.
    """

    relation: GroupValue
    form: Hidden
    first: float | None = None
    present: str | None = None

    @property
    def target(self) -> str:
        """The computed column."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The column that it is computed from, and the group."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """Whether there is a value, if not all rows have one."""
        return (
            [] if self.present is None else [frame[self.target].is_not_null().alias(self.present)]
        )

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The values of the groups."""
        values = self.relation.compute(frame)
        if self.present is not None:
            values = np.where(frame[self.present].fill_null(True).to_numpy(), values, np.nan)
        if self.first is not None:
            timed = ~np.isnan(numbers(frame[self.relation.source]))
            values = np.where(timed & np.isnan(values), self.first, values)
        return self.form.series(self.target, values)


@dataclass(frozen=True, slots=True)
class SinceFirstStep:
    """Times of a group are modelled as the first of them and the days since then.

    Attributes:
        first: The modelled column with the first time of a row's group.
    """

    relation: GroupValue
    form: Hidden
    first: str

    @property
    def target(self) -> str:
        """The times."""
        return self.relation.source

    @property
    def sources(self) -> tuple[str, ...]:
        """The number of days, and the group."""
        return self.relation.target, self.relation.group

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The first time of each group."""
        first = pl.col(self.target).min().over(self.relation.group)
        return [frame.select(first.alias(self.first)).to_series()]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The first time of the group and the days since."""
        first = pl.col(self.first).drop_nulls().first().over(self.relation.group)
        start = numbers(frame.select(first).to_series())
        return self.form.series(self.target, start + numbers(frame[self.relation.target]))


@dataclass(frozen=True, slots=True)
class BalanceStep:
    """One of two amounts that have the same sum in every group.

    The amount on the right is scaled to the sum of that on the left. Where a group has amounts on one
    side alone, its last row changes sides, which the step of the left one begins.

    Attributes:
        target: The column that the step restores: the amount on the left, then that on the right.
        form: How its values are stored.
        exclusive: Whether every row has an amount on one side alone.
    """

    relation: Balanced
    target: str
    form: Hidden
    exclusive: bool

    @property
    def sources(self) -> tuple[str, ...]:
        """The group, and for the amount on the right that on the left."""
        left = () if self.target == self.relation.left else (self.relation.left,)
        return (*left, self.relation.group)

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The amounts of groups that balance."""
        codes, groups = group_codes(frame[self.relation.group])
        left, right = (
            np.nan_to_num(numbers(frame[name]))
            for name in (self.relation.left, self.relation.right)
        )
        if self.target == self.relation.left:
            values = self._left(codes, left, right, groups)
        else:
            values = self._right(codes, left, right, groups)
        changed = pl.Series(values != (left if self.target == self.relation.left else right))
        restored = self.form.series(self.target, values)
        return frame[self.target].cast(restored.dtype).zip_with(~changed, restored)

    def _left(self, codes: NDArray[np.int64], left: Floats, right: Floats, groups: int) -> Floats:
        """The amounts on the left, where the last row of each group may change sides."""
        if not self.exclusive:
            return left
        first, last = np.zeros((2, groups + 1), np.int64)
        last[codes] = np.arange(len(codes))
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        several = (first < last) & (np.arange(groups + 1) < groups)
        left = np.where((left != 0) & (right != 0), 0.0, left)
        of_left, of_right = (np.bincount(codes, x, minlength=groups + 1) for x in (left, right))
        usual = float(np.median(left[left > 0])) if (left > 0).any() else 1.0
        at = several & (of_right == 0)
        left[last[at]] = 0.0
        at = several & (of_left == 0)
        left[last[at]] = of_right[at] - right[last[at]]
        # A group of which the last row alone had an amount, or none.
        at = several & (np.bincount(codes, left, minlength=groups + 1) <= 0)
        left[first[at]] = np.where(of_left + of_right > 0, of_left + of_right, usual)[at]
        return left

    def _right(self, codes: NDArray[np.int64], left: Floats, right: Floats, groups: int) -> Floats:
        """The amounts on the right, scaled to the sums of the left."""
        if self.exclusive:
            usual = float(np.median(right[right > 0])) if (right > 0).any() else 1.0
            right = np.where(left != 0, 0.0, np.where(right > 0, right, usual))
        total, wanted = (np.bincount(codes, side, minlength=groups + 1) for side in (right, left))
        scale = np.divide(wanted, total, out=np.ones(groups + 1), where=total > 0)
        scaled = right * scale[codes]
        decimals = self.form.decimals
        if decimals is None:
            return np.asarray(scaled)
        rounded = np.round(scaled, decimals)
        # What rounding leaves goes to the largest amount of the group.
        rest = wanted - np.bincount(codes, rounded, minlength=groups + 1)
        order = np.argsort(rounded, kind="stable")
        largest = np.zeros(groups + 1, np.int64)
        largest[codes[order]] = order
        at = np.flatnonzero((total > 0) & (np.arange(groups + 1) < groups))
        rounded[largest[at]] = np.round(rounded[largest[at]] + rest[at], decimals)
        return np.asarray(rounded)
