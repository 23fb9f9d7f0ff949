"""Time-to-event targets, possibly right-censored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.data.schema import Schema
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Encoded, Rows
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import NotMeasurable


@dataclass(frozen=True, slots=True)
class TimeToEvent:
    """A time-to-event target.

    Attributes:
        time: The column with the time until the event or until censoring.
        event: The event indicator: whether the event was observed.
        event_code: The code of the event column for an observed event; None for a column of 0 and
            1.
    """

    time: str
    event: str
    event_code: int | None

    @classmethod
    def from_schema(cls, encoded: Encoded, schema: Schema) -> TimeToEvent:
        """From the target and event of the schema.

        Raises:
            NotMeasurable: there is none, or a column of the wrong kind.
        """
        if schema.event is None or schema.target is None:
            raise NotMeasurable(
                "no time-to-event target was given (name one with --target and --event)"
            )
        if schema.target not in encoded.numeric:
            raise NotMeasurable(f"the target {schema.target!r} is not a number, so not a time")
        if schema.event in encoded.numeric:
            return cls(schema.target, schema.event, None)
        if schema.event not in encoded.levels:
            kind = schema[schema.event].kind.value
            raise NotMeasurable(f"the event {schema.event!r} is a {kind} column")
        usable = np.unique(encoded.real.codes[schema.event])
        usable = usable[usable >= 0]
        if len(usable) != 2:
            raise NotMeasurable(f"the event {schema.event!r} has {len(usable)} values, not two")
        return cls(schema.target, schema.event, int(usable[-1]))

    def rows_with_target(self, rows: Rows) -> Rows:
        """Select the rows with both values and a time of at least 0."""
        times = rows.numbers[self.time]
        with np.errstate(invalid="ignore"):
            usable = np.isfinite(times) & (times >= 0)
        if self.event_code is None:
            usable &= ~np.isnan(rows.numbers[self.event])
        else:
            usable &= rows.codes[self.event] >= 0
        return rows.take(np.flatnonzero(usable))

    def times_and_events(self, rows: Rows) -> tuple[Floats, Truth]:
        """(rows,) times, and whether the event was observed."""
        if self.event_code is None:
            return rows.numbers[self.time], rows.numbers[self.event] > 0
        return rows.numbers[self.time], np.asarray(rows.codes[self.event] == self.event_code)
