"""Relations of categories that name the largest, or smallest, of several numbers: who won a vote."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import Floats, numbers, quoted


@dataclass(frozen=True, slots=True)
class Largest:
    """`winner = largest(red: 'Red', blue: 'Blue')`.

    Attributes:
        members: k columns with numbers.
        labels: The label of each column, k of them.
        smallest: Whether the smallest number decides.
    """

    target: str
    members: tuple[str, ...]
    labels: tuple[str, ...]
    smallest: bool = False

    def __str__(self) -> str:
        items = ", ".join(
            f"{quoted(name)}: '" + label.replace("'", "''") + "'"
            for name, label in zip(self.members, self.labels, strict=True)
        )
        function = "smallest" if self.smallest else "largest"
        return f"{quoted(self.target)} = {function}({items})"

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns with numbers."""
        return self.members

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and numbers."""
        return self.target, *self.members

    def _values(self, frame: pl.DataFrame) -> Floats:
        """The numbers, shape (rows, k); their negatives if the smallest decides."""
        values = np.stack([numbers(frame[name]) for name in self.members], axis=1)
        return -values if self.smallest else values

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """The label of the first of the largest numbers, shape (rows,); null where one is missing."""
        values = self._values(frame)
        missing = np.asarray(np.isnan(values).any(axis=1), bool)
        at = np.argmax(np.where(missing[:, None], 0.0, values), axis=1)
        labels = pl.Series(self.target, self.labels, dtype=pl.String).gather(at)
        return labels.set(pl.Series(missing), None)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether no number is larger than that of the label; null where a value is missing."""
        values = self._values(frame)
        actual = frame[self.target].cast(pl.String)
        places = {label: place for place, label in enumerate(self.labels)}
        at = (
            actual.replace_strict(places, default=-1, return_dtype=pl.Int64)
            .fill_null(-1)
            .to_numpy()
        )
        own = values[np.arange(len(at)), np.maximum(at, 0)]
        highest: Floats = values.max(axis=1, initial=-np.inf)
        right = np.asarray((at >= 0) & (own >= highest), bool)
        missing = np.isnan(values).any(axis=1) | actual.is_null().to_numpy()
        return pl.Series(str(self), right).set(pl.Series(missing), None)
