"""The rows of one table while families are joined, and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from artesian.collapse.stress.profile import Ints, Truth
from artesian.data.schema import ForeignKey


@dataclass(slots=True)
class JoinedRows:
    """The rows of one table while they are joined.

    Attributes:
        frame: Their values.
        part, row: Where they come from.
        at: Row that they refer to, -1 for none, by foreign key.
        assigned: Whether the value of a column is that of a row referred to, by column.
    """

    frame: pl.DataFrame
    part: Ints
    row: Ints
    at: dict[ForeignKey, Ints] = field(default_factory=dict)
    assigned: dict[str, Truth] = field(default_factory=dict)

    def select(self, kept: Truth) -> JoinedRows:
        """Some of the rows."""
        return JoinedRows(
            self.frame.filter(pl.Series(kept)),
            self.part[kept],
            self.row[kept],
            {key: rows[kept] for key, rows in self.at.items()},
            {name: mask[kept] for name, mask in self.assigned.items()},
        )


def write(rows: JoinedRows, key: ForeignKey, parent: pl.DataFrame, at: Ints) -> None:
    """Write the values of the rows referred to into the columns of a foreign key."""
    there = at >= 0
    if not there.any():
        return
    mask = pl.lit(pl.Series(there))
    columns = []
    for name, referred in zip(key.columns, key.parent_columns, strict=True):
        values = parent[referred].gather(pl.Series(np.where(there, at, 0)))
        values = values.cast(rows.frame.schema[name])
        columns.append(pl.when(mask).then(pl.lit(values)).otherwise(pl.col(name)).alias(name))
        rows.assigned[name] = rows.assigned.get(name, np.zeros(len(at), bool)) | there
    rows.frame = rows.frame.with_columns(columns)


def any_assigned(rows: JoinedRows, name: str, inside: Truth) -> bool:
    """Whether another foreign key has assigned the column in one of some rows."""
    return name in rows.assigned and bool(rows.assigned[name][inside].any())


def first_of_each(frame: pl.DataFrame, columns: Sequence[str]) -> Truth:
    """Whether no earlier row has the same values; rows with a missing one count as different."""
    names = list(columns)
    first = pl.struct(names).is_first_distinct() | pl.any_horizontal(pl.col(names).is_null())
    return frame.select(first).to_series().to_numpy()


def places_of(rows: JoinedRows, part: int, size: int) -> Ints:
    """Place of each row of a part among the joined rows, -1 if it was not chosen, and -1 at the end."""
    places = np.full(size + 1, -1)
    own = rows.part == part
    places[rows.row[own]] = np.flatnonzero(own)
    return places
