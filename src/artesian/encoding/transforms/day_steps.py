"""Keep an order of two times by days, where the later one has a rhythm of the day: discharges are from
nine to three, whenever the patient came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.encoding.transforms.order_steps import filled_end
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.rhythms import MIN_EXCESS, excess, filled
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.expressions import DAY, numbers
from artesian.relations.orders import Order

MIN_ROWS = 100
"""Minimum number of rows that show a rhythm."""

MIN_DAYS = 0.8
"""Minimum median distance in days: within one day, the later time of day follows from the earlier."""

MAX_EQUAL = 0.1
"""Maximum fraction of the rows with the same time of day, as times some days later have."""


@dataclass(frozen=True, slots=True)
class DaysStep:
    """The later time becomes the number of days after the earlier one, and its time of day.

    Attributes:
        days, clock: Names of the columns with the number of days, and the time of day.
        fill: Value that replaces a missing earlier time, in days.
    """

    relation: Order
    form: Hidden
    days: str
    clock: str
    fill: float

    @property
    def target(self) -> str:
        """The later time."""
        return self.relation.high

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier time, the days and the time of day."""
        return self.relation.low, self.days, self.clock

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The number of days, and the time of day."""
        later = frame[self.target]
        days = np.floor(numbers(later)) - np.floor(filled_end(frame[self.relation.low], self.fill))
        number = pl.Series(self.days, days, nan_to_null=True).cast(pl.Int64)
        return [number, later.dt.time().alias(self.clock)]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The time of day so many days later; on the same day, it is mirrored at the earlier time."""
        days, low = frame[self.days], filled_end(frame[self.relation.low], self.fill)
        rng = at.rng("days", self.target)
        clock = numbers(filled(frame[self.clock], days.is_not_null(), rng))
        value = np.floor(low) + np.maximum(numbers(days), 0.0) + np.nan_to_num(clock)
        bounded = ~frame[self.relation.low].is_null().to_numpy()
        unit = 1.0 / DAY if self.relation.strict else 0.0
        early = bounded & (value < low + unit)
        return self.form.series(self.target, np.where(early, 2 * low - value + unit, value))


def has_own_clock(low: pl.Series, high: pl.Series) -> bool:
    """Whether the later of two times has a rhythm of the day that does not follow from the earlier."""
    if not (isinstance(low.dtype, pl.Datetime) and isinstance(high.dtype, pl.Datetime)):
        return False
    pairs = pl.DataFrame({"low": low, "high": high}).drop_nulls()
    if len(pairs) < MIN_ROWS:
        return False
    between = numbers(pairs["high"]) - numbers(pairs["low"])
    equal = float((pairs["low"].dt.time() == pairs["high"].dt.time()).mean() or 0.0)  # type: ignore[arg-type]
    if np.median(between) < MIN_DAYS or equal > MAX_EQUAL:
        return False
    return excess(pairs["high"].dt.hour().to_numpy(), 24) > MIN_EXCESS
