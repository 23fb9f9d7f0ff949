"""Keep the significant digits of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import polars as pl

from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position


@dataclass(frozen=True, slots=True)
class Granularity:
    """The numbers of a table that are written with a number of significant digits.

    Attributes:
        digits: Column -> number of its significant digits.
    """

    name: ClassVar[str] = "granularity"

    digits: dict[str, int]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.digits)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Look at every column of numbers."""
        digits = {c.name: n for c in table.schema if (n := _digits(c, table.frame[c.name]))}
        return cls(digits) if digits else None

    def forward(self, table: Table) -> Table:
        """The table as it is."""
        return table

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows with rounded numbers."""
        return frame.with_columns(_rounded(frame[name], n) for name, n in self.digits.items())

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"digits": dict(self.digits)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(state["digits"])


def _digits(column: Column, values: pl.Series) -> int:
    """The number of significant digits; 0 if it varies."""
    value_format = column.value_format
    if column.kind is not Kind.NUMBER or not values.dtype.is_float():
        return 0
    if value_format.exponent and value_format.decimals is not None:
        return value_format.decimals + 1
    return value_format.significant or 0


def _rounded(values: pl.Series, digits: int) -> pl.Series:
    """Floats rounded to a number of significant digits, as their text would be read."""
    texts = [None if v is None else f"{v:.{digits - 1}e}" for v in values.to_list()]
    return pl.Series(values.name, [None if t is None else float(t) for t in texts], values.dtype)
