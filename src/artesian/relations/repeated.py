"""Rows of another table that a row repeats values of, without a foreign key: the person who called, the
head of a department, the customer of a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from artesian.data.schema import ForeignKey

Within = tuple[ForeignKey | None, ForeignKey]
"""Foreign keys to the same rows, of the table and of the other one; None for the row itself."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """`log.person, log.phone = those of one employee`.

    Attributes:
        table: The table.
        other: The table with the row that is repeated.
        columns: Pairs of a column of the table and of the other one. The first one identifies the row.
        fraction: Fraction of the different values of the first column that occur in the other table.
        within: What the row and the repeated one have in common, such as the department; None for
            nothing.
    """

    table: str
    other: str
    columns: tuple[tuple[str, str], ...]
    fraction: float = 1.0
    within: Within | None = None

    @property
    def edges(self) -> tuple[tuple[tuple[str, str], tuple[str, str]], ...]:
        """What is copied, and from where: pairs of a table with a column."""
        return tuple(((self.table, a), (self.other, b)) for a, b in self.columns)

    def __str__(self) -> str:
        pairs = ", ".join(f"{self.table}.{a} = {self.other}.{b}" for a, b in self.columns)
        common = "" if self.within is None else f" with the same {self.within[1].parent}"
        return f"{pairs} of one row of {self.other}{common}"

    def to_dict(self, keys: tuple[ForeignKey, ...]) -> dict[str, Any]:
        """The attributes as JSON types, with foreign keys as places in `keys`."""
        within = None
        if self.within is not None:
            within = [None if key is None else keys.index(key) for key in self.within]
        return {
            "table": self.table,
            "other": self.other,
            "columns": [list(pair) for pair in self.columns],
            "fraction": self.fraction,
            "within": within,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any], keys: tuple[ForeignKey, ...]) -> Self:
        """Restore what `to_dict` returned."""
        within = None
        if entry["within"] is not None:
            own, other = entry["within"]
            within = (None if own is None else keys[own], keys[other])
        pairs = tuple((str(a), str(b)) for a, b in entry["columns"])
        return cls(entry["table"], entry["other"], pairs, float(entry["fraction"]), within)
