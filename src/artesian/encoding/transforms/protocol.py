"""Reversible changes of a table's columns before encoding.

A transform replaces columns that are tied to others by columns that can be modelled freely: a copy
disappears, the end of an interval becomes its length. Whatever a synthesizer samples, the inverse gives
rows in which the tie holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import polars as pl

from artesian.core.run import Seed
from artesian.data.schema import Schema
from artesian.data.table import Table


@dataclass(frozen=True, slots=True)
class Position:
    """Which rows of a sample are restored, and all the randomness there is for them.

    Attributes:
        first_row: Position in the sample of the first row.
        seed: Seed of the sample.
        arranged: Whether rows may change places; if not, every row remains at the place of its codes.
    """

    first_row: int
    seed: Seed
    arranged: bool = True

    def rng(self, *names: str | int) -> np.random.Generator:
        """A new generator of the stream `names` of these rows."""
        return self.seed.child("transform", self.first_row, *names).rng()


class Transform(Protocol):
    """A fitted change of columns.

    Attributes:
        name: Its name in the catalog.
        columns: Columns of the table that the inverse writes.
    """

    name: ClassVar[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that the inverse writes."""
        ...

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The change of this kind that `table` calls for; None if there is none.

        Args:
            protect: Store no value that fewer than `MIN_COUNT` rows have.
        """
        ...

    def forward(self, table: Table) -> Table:
        """The table with the modelled columns; its rows keep their order."""
        ...

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """A block of sampled rows with the columns of the table, in any order."""
        ...

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        ...

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        ...


def hidden_name(base: str, schema: Schema) -> str:
    """A name for a modelled column that no column of the table has, made from `base`.

    >>> hidden_name("end - start", Schema(columns=()))
    'end - start'
    """
    name, number = base, 2
    while name in schema.names:
        name, number = f"{base} ({number})", number + 1
    return name
