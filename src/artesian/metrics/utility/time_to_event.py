"""A target that is a time until something happens, which some rows were lost sight of before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.data.schema import Schema
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Encoded, Rows
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import NotMeasurable


@dataclass(frozen=True, slots=True)
class Duration:
    """Attributes:
    time: The column that holds how long.
    event: The column that says whether it happened then.
    happened: The code of the event column that stands for yes; None for a column of 0 and 1.
    """

    time: str
    event: str
    happened: int | None

    @classmethod
    def find(cls, encoded: Encoded, schema: Schema) -> Duration:
        """From the schema's target and event; or the reason why there is none."""
        if schema.event is None or schema.target is None:
            raise NotMeasurable(
                "no target with an event column is named: a time until something happens"
            )
        if schema.target not in encoded.numeric:
            raise NotMeasurable(f"the target {schema.target!r} is no number, so no time")
        if schema.event in encoded.numeric:
            return cls(schema.target, schema.event, None)
        if schema.event not in encoded.levels:
            kind = schema[schema.event].kind.value
            raise NotMeasurable(f"the event {schema.event!r} is a {kind} column")
        known = np.unique(encoded.real.codes[schema.event])
        known = known[known >= 0]
        if len(known) != 2:
            raise NotMeasurable(f"the event {schema.event!r} has {len(known)} values and not two")
        return cls(schema.target, schema.event, int(known[-1]))

    def answered(self, rows: Rows) -> Rows:
        """The rows for which both columns are known, and the time is not negative."""
        times = rows.numbers[self.time]
        with np.errstate(invalid="ignore"):
            known = np.isfinite(times) & (times >= 0)
        if self.happened is None:
            known &= ~np.isnan(rows.numbers[self.event])
        else:
            known &= rows.codes[self.event] >= 0
        return rows.take(np.flatnonzero(known))

    def of(self, rows: Rows) -> tuple[Floats, Truth]:
        """(rows,) times, and whether the event was seen."""
        if self.happened is None:
            return rows.numbers[self.time], rows.numbers[self.event] > 0
        return rows.numbers[self.time], np.asarray(rows.codes[self.event] == self.happened)
