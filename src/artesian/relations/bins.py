"""Relations of classes: the range of a number, or of a sum, decides on a label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import Expression, Floats, quoted
from artesian.relations.formulas import EXACT

Label = float | str

MAX_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Bins:
    """`target = bin(expression: 'low' below 18.5, 'normal' below 25, 'high')`.

    Attributes:
        cuts: Ascending limits of the ranges, k - 1 of them; a value equal to a limit is above it.
        labels: The label of each range, k of them: numbers or texts.
    """

    target: str
    expression: Expression
    cuts: tuple[float, ...]
    labels: tuple[Label, ...]

    def __str__(self) -> str:
        written = [
            "'" + label.replace("'", "''") + "'"
            if isinstance(label, str)
            else repr(label).removesuffix(".0")
            for label in self.labels
        ]
        below = [
            f"{label} below {repr(cut).removesuffix('.0')}"
            for label, cut in zip(written, self.cuts, strict=False)
        ]
        return f"{quoted(self.target)} = bin({self.expression}: {', '.join([*below, written[-1]])})"

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the expression."""
        return self.expression.columns

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and sources."""
        return tuple(dict.fromkeys((self.target, *self.sources)))

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """The labels, shape (rows,); null where a source is missing."""
        values: Floats = self.expression.evaluate(frame)
        values = values + EXACT * (1.0 + np.abs(values))
        at = np.searchsorted(self.cuts, np.nan_to_num(values), side="right")
        labels = pl.Series(self.target, self.labels).gather(at)
        return labels.set(pl.Series(np.isnan(values)), None)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the label is that of the range; null where a value is missing."""
        actual = frame[self.target]
        kind = pl.String if isinstance(self.labels[0], str) else pl.Float64
        return (actual.cast(kind, strict=False) == self.compute(frame)).alias(str(self))


def roundest(above: float, up_to: float) -> float:
    """The number in (above, up_to] with the minimum number of significant digits after the point or,
    if it is whole, before the zeros at its end.

    >>> roundest(59.8, 60.2), roundest(24.97, 25.04), roundest(999.0, 1003.0), roundest(0.5, 0.6)
    (60.0, 25.0, 1000.0, 0.6)
    """
    for digits in range(-MAX_DIGITS, MAX_DIGITS):
        scale = 10.0**digits
        number = np.floor(up_to * scale + 1e-9) / scale
        if above < number <= up_to:
            return float(number)
    return up_to
