"""Keep orders: a column becomes its distance from a bound, or its fraction of a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.expressions import Floats, numbers
from artesian.relations.orders import Inequality, Order
from artesian.relations.protocol import MIN_HOLDS

PERCENTAGES = (2, 3, 4)
"""Decimals of fractions that may be round percentages."""

MIN_PARTS, MAX_PERCENTAGES = 10, 20
"""Minimum number of parts, also for each different percentage, and maximum number of these."""

SHARP = 4.0
"""Minimum size of a whole, in the units that a step of the percentage would change."""

MAX_STEPS = 2.0**62
"""Largest distance, in units of the spacing."""


def filled_end(end: pl.Series, fill: float) -> Floats:
    """The values of one end of an order, shape (rows,), with `fill` where they are missing."""
    values = numbers(end)
    return np.where(np.isnan(values), fill, values)


@dataclass(frozen=True, slots=True)
class DistanceStep:
    """The upper end of an interval becomes its distance from the lower end.

    Attributes:
        distance: Name of the column with the distance, which is never negative.
        unit: Spacing of the values; 0 if they are continuous.
        fill: Value that replaces a missing lower end.
    """

    relation: Order
    form: Hidden
    distance: str
    unit: float
    fill: float

    @property
    def target(self) -> str:
        """The upper end."""
        return self.relation.high

    @property
    def sources(self) -> tuple[str, ...]:
        """The lower end, and the distance."""
        return self.relation.low, self.distance

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The distance, in units of the spacing."""
        distance = numbers(frame[self.target]) - filled_end(frame[self.relation.low], self.fill)
        if not self.unit:
            return [pl.Series(self.distance, distance, nan_to_null=True)]
        # Beyond 2^53 they are not exact anyway, and no integer has more than 64 bits.
        counts = np.clip(np.round(distance / self.unit), -MAX_STEPS, MAX_STEPS)
        steps = pl.Series(self.distance, counts, nan_to_null=True)
        return [steps.cast(pl.Int64)]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The lower end plus the distance."""
        distance = numbers(frame[self.distance])
        bounded = np.where(
            frame[self.sources[0]].is_null().to_numpy(),
            distance,
            np.maximum(distance, 1.0 if self.relation.strict and self.unit else 0.0),
        )
        return self.form.series(
            self.target,
            filled_end(frame[self.relation.low], self.fill) + bounded * (self.unit or 1.0),
        )


@dataclass(frozen=True, slots=True)
class RedrawStep:
    """A column is modelled itself; values on the wrong side of a bound are drawn again.

    They are replaced by values of other rows of the block on the right side, or mirrored at the bound
    if there are none. For bounds that sampled values rarely exceed, such as a date of birth for that of
    an admission: as a distance, the times of admission would be as vague as decades are.

    Attributes:
        target: The end that is drawn again.
        unit: Spacing of the values; 0 if they are continuous.
    """

    relation: Order
    form: Hidden
    target: str
    unit: float

    @property
    def sources(self) -> tuple[str, ...]:
        """The other end."""
        return tuple(name for name in self.relation.columns if name != self.target)

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The sampled values, drawn again where they break the order."""
        sign = 1.0 if self.target == self.relation.high else -1.0
        values, bound = sign * numbers(frame[self.target]), sign * numbers(frame[self.sources[0]])
        strict = self.relation.strict
        with np.errstate(invalid="ignore"):
            wrong = np.flatnonzero(values <= bound if strict else values < bound)
        if not len(wrong):
            return frame[self.target]
        pool = np.sort(values[~np.isnan(values)])
        first = np.searchsorted(pool, bound[wrong], "right" if strict else "left")
        u = at.rng("redraw", self.target, str(self.relation)).random(len(values))[wrong]
        drawn = pool[np.minimum(first + (u * (len(pool) - first)).astype(int), len(pool) - 1)]
        mirrored = bound[wrong] + np.maximum(bound[wrong] - values[wrong], self.unit or 1.0)
        out = values.copy()
        out[wrong] = np.where(first < len(pool), drawn, mirrored)
        changed = pl.Series(np.isin(np.arange(len(values)), wrong))
        series = self.form.series(self.target, sign * out)
        return series.zip_with(changed, frame[self.target].cast(series.dtype))


@dataclass(frozen=True, slots=True)
class RatioStep:
    """A part becomes its fraction of the whole, for numbers that are never negative.

    Attributes:
        fraction: Name of the column with the fraction, in [0, 1].
        unit: Spacing of the values; 0 if they are continuous.
        fill: Value that replaces a missing whole.
    """

    relation: Order
    form: Hidden
    fraction: str
    unit: float
    fill: float

    @property
    def target(self) -> str:
        """The part."""
        return self.relation.low

    @property
    def sources(self) -> tuple[str, ...]:
        """The whole, and the fraction."""
        return self.relation.high, self.fraction

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The fraction; 1 of a whole that is 0."""
        part, whole = numbers(frame[self.target]), filled_end(frame[self.relation.high], self.fill)
        fraction = np.where(whole == 0, 1.0, part / np.where(whole == 0, 1.0, whole))
        fraction = np.where(np.isnan(part), np.nan, fraction)
        if self.unit:
            fraction = _round_fractions(fraction, part, whole, self.unit)
        return [pl.Series(self.fraction, fraction, nan_to_null=True)]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The whole times the fraction, rounded and not above the whole."""
        fraction, whole = (
            numbers(frame[self.fraction]),
            filled_end(frame[self.relation.high], self.fill),
        )
        bounded = np.where(
            frame[self.sources[0]].is_null().to_numpy(), fraction, np.clip(fraction, 0.0, 1.0)
        )
        values = whole * bounded
        if self.unit:
            values = np.round(values / self.unit) * self.unit
            values = np.where(values > whole + 1e-9, values - self.unit, values)
        return self.form.series(self.target, values)


def are_round_percentages(part: Floats, whole: Floats, unit: float) -> bool:
    """Whether parts are few round percentages of their wholes: discounts of 5 and 10 %."""
    rows = (part > 0) & (part < whole)
    part, whole = part[rows], whole[rows]
    if len(part) < MIN_PARTS or not unit:
        return False
    fraction = _round_fractions(part / whole, part, whole, unit)
    for digits in PERCENTAGES:
        if (np.round(fraction, digits) == fraction).mean() >= MIN_HOLDS:
            few = len(np.unique(fraction)) <= min(MAX_PERCENTAGES, len(part) / MIN_PARTS)
            # Of a small whole, any part is a round percentage.
            return bool(few and np.median(whole) > SHARP * unit * 10**digits)
    return False


def _round_fractions(fraction: Floats, part: Floats, whole: Floats, unit: float) -> Floats:
    """The fractions, as percentages if the parts are round percentages of the wholes: 2 % discount.

    Of the rounded part, a percentage is known up to the rounding only.
    """
    counted = (part > 0) & (fraction < 1)
    for digits in PERCENTAGES:
        rounded = np.round(fraction, digits)
        equal = np.abs(rounded * whole - part) <= unit / 2 * (1 + 1e-6)
        if equal[counted].mean() >= MIN_HOLDS if counted.any() else False:
            return np.where(equal, rounded, fraction)
    return fraction


@dataclass(frozen=True, slots=True)
class InequalityStep:
    """A column bounded by a computed value becomes its distance from it.

    Attributes:
        distance: Name of the column with the distance, which is never negative.
        unit: Spacing of the values; 0 if they are continuous.
        fill: Bound in rows where a source is missing.
    """

    relation: Inequality
    form: Hidden
    distance: str
    unit: float
    fill: float

    @property
    def target(self) -> str:
        """The bounded column."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the bound, and the distance."""
        return *self.relation.expression.columns, self.distance

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The distance, in units of the spacing."""
        distance = self._sign * (numbers(frame[self.target]) - self._bound(frame))
        if not self.unit:
            return [pl.Series(self.distance, distance, nan_to_null=True)]
        # Beyond 2^53 they are not exact anyway, and no integer has more than 64 bits.
        counts = np.clip(np.round(distance / self.unit), -MAX_STEPS, MAX_STEPS)
        steps = pl.Series(self.distance, counts, nan_to_null=True)
        return [steps.cast(pl.Int64)]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The bound plus or minus the distance, rounded away from the bound."""
        unit, distance = self.unit or 1.0, numbers(frame[self.distance])
        computed = ~np.isnan(self.relation.expression.evaluate(frame))
        distance = np.where(computed, np.maximum(distance, 0.0), distance)
        values = self._bound(frame) + self._sign * distance * unit
        if self.unit:
            values = np.round(values / unit) * unit
        series = self.form.series(self.target, values)
        # The bound may have more decimals than the column.
        beyond = ~self.relation.holds(frame.with_columns(series)).fill_null(True).to_numpy()
        if self.unit and beyond.any():
            series = self.form.series(self.target, values + beyond * self._sign * self.unit)
        return series

    @property
    def _sign(self) -> float:
        return 1.0 if self.relation.lower else -1.0

    def _bound(self, frame: pl.DataFrame) -> Floats:
        values = self.relation.expression.evaluate(frame)
        return np.where(np.isnan(values), self.fill, values)


@dataclass(frozen=True, slots=True)
class IntervalStep:
    """A column of several orders becomes its place between the tightest bounds of each row.

    With bounds on both sides it is modelled as a fraction of the interval, with bounds on one side
    as the distance from the bound, which is never negative. The minimum of its form, such as 0 of an
    amount, is a lower bound where there is no other.

    Attributes:
        orders: Orders of the column, of which the other columns are its bounds.
        column: The column that is restored.
        place: Name of the column with the fraction or distance.
        unit: Spacing of the values; 0 if they are continuous.
        fill: Bound in rows where all of one side are missing, and the width of the interval then.
    """

    orders: tuple[Order, ...]
    column: str
    form: Hidden
    place: str
    unit: float
    fill: tuple[float, float]

    @property
    def relation(self) -> Order:
        """The first of the orders."""
        return self.orders[0]

    @property
    def target(self) -> str:
        """The column."""
        return self.column

    @property
    def sources(self) -> tuple[str, ...]:
        """The bounds, and the fraction or distance."""
        return *self.lows, *self.highs, self.place

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The fraction, 1 of an empty interval, or the distance in units of the spacing."""
        values = numbers(frame[self.column])
        low, high = self.bounds(frame)
        if low is not None and high is not None:
            width = np.where(high > low, high - low, 1.0)
            fraction = np.where(high > low, (values - low) / width, np.where(values >= low, 1, 0))
            return [
                pl.Series(self.place, np.where(np.isnan(values), np.nan, fraction)).fill_nan(None)
            ]
        distance = values - low if low is not None else _bound(high) - values
        if not self.unit:
            return [pl.Series(self.place, distance, nan_to_null=True)]
        steps = pl.Series(self.place, np.round(distance / self.unit), nan_to_null=True)
        return [steps.cast(pl.Int64)]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The value at its place, rounded and within the bounds."""
        place, unit = numbers(frame[self.place]), self.unit or 1.0
        low, high = self.bounds(frame)
        if low is not None and high is not None:
            values = low + np.clip(place, 0.0, 1.0) * np.maximum(high - low, 0.0)
        elif low is not None:
            values = low + np.maximum(place, 0.0) * unit
        else:
            values = _bound(high) - np.maximum(place, 0.0) * unit
        if self.unit:  # a bound may have more decimals than the column
            values = np.round(values / unit) * unit
            values = values if low is None else np.where(values < low - 1e-9, values + unit, values)
            values = (
                values if high is None else np.where(values > high + 1e-9, values - unit, values)
            )
        return self.form.series(self.column, values)

    def bounds(self, frame: pl.DataFrame) -> tuple[Floats | None, Floats | None]:
        """The highest lower and the lowest upper bound, each of shape (rows,) or None."""
        step = self.unit if any(order.strict for order in self.orders) else 0.0
        lows = [numbers(frame[name]) for name in self.lows]
        highs = [numbers(frame[name]) for name in self.highs]
        low = np.fmax.reduce(lows) + step if lows else None
        high = np.fmin.reduce(highs) - step if highs else None
        if low is None and high is not None and self.form.floor is not None:
            low = np.full(len(frame), self.form.floor)
            high = np.fmax(high, np.where(np.isnan(high), np.nan, low))
        level, width = self.fill
        if low is not None and high is not None:
            low = np.where(np.isnan(low), np.where(np.isnan(high), level, high - width), low)
            return low, np.where(np.isnan(high), low + width, high)
        return (
            None if low is None else np.where(np.isnan(low), level, low),
            None if high is None else np.where(np.isnan(high), level, high),
        )

    @property
    def lows(self) -> tuple[str, ...]:
        """Columns that are not above this one."""
        return tuple(order.low for order in self.orders if order.high == self.column)

    @property
    def highs(self) -> tuple[str, ...]:
        """Columns that are not below this one."""
        return tuple(order.high for order in self.orders if order.low == self.column)


def _bound(values: Floats | None) -> Floats:
    assert values is not None, "an interval has a bound"
    return values
