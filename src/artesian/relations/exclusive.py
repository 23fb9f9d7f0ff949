"""Relations among flags and amounts of which at most one, or exactly one, is not zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import numbers, quoted


@dataclass(frozen=True, slots=True)
class Exclusive:
    """`at most one of (a, b)`, or `exactly one of (a, b, c)`, is neither 0 nor false."""

    members: tuple[str, ...]
    exactly: bool = False

    def __str__(self) -> str:
        listed = ", ".join(map(quoted, self.members))
        return f"{'exactly' if self.exactly else 'at most'} one of ({listed})"

    @property
    def columns(self) -> tuple[str, ...]:
        """All members."""
        return self.members

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether not more than one is on; null where a value is missing."""
        values = np.stack([numbers(frame[name]) for name in self.members])  # (members, rows)
        missing = np.isnan(values).any(axis=0)
        on = (np.nan_to_num(values) != 0).sum(axis=0)
        right = (on == 1) if self.exactly else (on <= 1)
        return pl.Series(str(self), right).set(pl.Series(missing), None)
