"""Steps of times that are modelled as the first one of a group and the days from each to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.rhythms import filled
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.date_grains import grain_of
from artesian.relations.expressions import Floats, numbers
from artesian.relations.group_values import GroupValue, group_codes
from artesian.relations.protocol import MIN_HOLDS


@dataclass(frozen=True, slots=True)
class DaysSinceStep:
    """The days since the row before, which the first row of a group has not.

    Attributes:
        first: The value of the first row; None if it is missing.
        room: Maximum number of days from the first row of a group to the last.
    """

    relation: GroupValue
    form: Hidden
    first: float | None
    room: float

    @property
    def target(self) -> str:
        """The number of days."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The group."""
        return (self.relation.group,)

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The sampled days, of groups that would take too long fewer; none in the first rows."""
        codes, groups = group_codes(frame[self.relation.group])
        later = _later(codes)
        drawn = filled(frame[self.target], pl.Series(later), at.rng("days since", self.target))
        days = np.where(later, np.nan_to_num(numbers(drawn)), 0.0)
        total = np.bincount(codes, days, minlength=groups + 1)
        scale = np.divide(self.room, total, out=np.ones(groups + 1), where=total > self.room)
        days = np.where(scale[codes] < 1, np.floor(days * scale[codes]), days)
        return self.form.series(
            self.target, np.where(later, days, np.nan if self.first is None else self.first)
        )


@dataclass(frozen=True, slots=True)
class SincePreviousStep:
    """Times of a group are modelled as the first of them and the days between them.

    Attributes:
        start: The modelled column with the first time of a row's group.
        last: The latest time, in days since 1970; a group that would end later begins earlier.
    """

    relation: GroupValue
    form: Hidden
    start: str
    last: float

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
        return [frame.select(first.alias(self.start)).to_series()]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The first time of the group, and the sum of the days until each row."""
        codes, groups = group_codes(frame[self.relation.group])
        days = np.where(_later(codes), np.nan_to_num(numbers(frame[self.relation.target])), 0.0)
        total = np.bincount(codes, days, minlength=groups + 1)[codes]
        rows = pl.DataFrame({"group": codes, "days": days})
        since = rows.select(pl.col("days").cum_sum().over("group")).to_series().to_numpy()
        first = pl.col(self.start).drop_nulls().first().over(self.relation.group)
        start = numbers(frame.select(first).to_series())
        return self.form.series(self.target, np.minimum(start, self.last - total) + since)


def steps_since_previous(
    relation: GroupValue, frame: pl.DataFrame, start: str, first: float | None
) -> tuple[DaysSinceStep, SincePreviousStep] | None:
    """The steps of times whose rows are in order in each group; None if they are not.

    Args:
        start: Name of the modelled column with the first time.
        first: The number of days of the first row of each group; None if it is missing.
    """
    times = frame[relation.source]
    codes, groups = group_codes(frame[relation.group])
    if times.has_nulls() or times.dtype != pl.Date or (codes == groups).any():
        return None
    if grain_of(times) is not None:  # ends of months do not follow from numbers of days
        return None
    values = numbers(times)
    later = _later(codes)
    rows = pl.DataFrame({"group": codes, "time": values})
    before = rows.select(pl.col("time").shift(1).over("group")).to_series().to_numpy()
    if np.mean(values[later] >= before[later]) < MIN_HOLDS:
        return None
    low, high = _inner(values)
    days = Hidden(frame.schema[relation.target], 0)
    return (
        DaysSinceStep(relation, days, first, high - low),
        SincePreviousStep(relation, Hidden(times.dtype, None), start, high),
    )


def _later(codes: np.ndarray) -> np.ndarray:
    """Whether a row of the same group is above."""
    later = np.ones(len(codes), bool)
    later[np.unique(codes, return_index=True)[1]] = False
    return later


def _inner(values: Floats) -> tuple[float, float]:
    """The ends that at least `MIN_COUNT` rows reach or exceed."""
    ordered = np.sort(values)
    at = min(MIN_COUNT, len(ordered)) - 1
    return float(ordered[at]), float(ordered[-1 - at])
