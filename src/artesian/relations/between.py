"""Relations of categories that say whether a number is below, within or above two others: the flag of a
laboratory result, a part within its tolerance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import numbers, quoted


@dataclass(frozen=True, slots=True)
class Between:
    """`flag = between(result, low, high: 'L', 'N', 'H')`.

    Attributes:
        value: The number.
        low, high: Columns with its limits, which belong to the range; a missing one limits nothing.
        labels: The labels below, within and above the range; None where there is none.
    """

    target: str
    value: str
    low: str
    high: str
    labels: tuple[str | None, str | None, str | None]

    def __str__(self) -> str:
        texts = (
            "missing" if label is None else "'" + label.replace("'", "''") + "'"
            for label in self.labels
        )
        value, low, high = map(quoted, self.sources)
        return f"{quoted(self.target)} = between({value}, {low}, {high}: {', '.join(texts)})"

    @property
    def sources(self) -> tuple[str, ...]:
        """The number and its limits."""
        return self.value, self.low, self.high

    @property
    def columns(self) -> tuple[str, ...]:
        """Target, number and limits."""
        return self.target, *self.sources

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """The label of each row, shape (rows,); null without a number."""
        value, low, high = (numbers(frame[name]) for name in self.sources)
        with np.errstate(invalid="ignore"):
            at = np.where(value < low, 0, np.where(value > high, 2, 1))
        labels = pl.Series(self.target, self.labels, dtype=pl.String).gather(at)
        return labels.set(pl.Series(np.isnan(value)), None)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the label is that of the range; null without a number."""
        equal = self.compute(frame).eq_missing(frame[self.target].cast(pl.String))
        return equal.set(frame[self.value].is_null(), None).alias(str(self))
