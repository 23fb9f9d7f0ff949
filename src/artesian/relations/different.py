"""Relations of columns that never have the same value, such as origin and destination."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.data.frames import as_text
from artesian.relations.expressions import quoted


@dataclass(frozen=True, slots=True)
class Different:
    """`origin != destination`."""

    first: str
    second: str

    def __str__(self) -> str:
        return f"{quoted(self.first)} != {quoted(self.second)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Both columns."""
        return self.first, self.second

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the values differ; null where one is missing."""
        first, second = (as_text(frame[name]) for name in self.columns)
        return (first != second).alias(str(self))
