"""Relations: statements about the columns of one row that hold in every row of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

MIN_HOLDS = 0.995
"""Minimum fraction of the rows a relation applies to in which it holds; real data has errors."""


class Relation(Protocol):
    """A statement about columns; its `str` is the text that `parse_relation` reads."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of their first occurrence."""
        ...

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the relation holds, shape (rows,); null in rows it does not apply to."""
        ...


@dataclass(frozen=True, slots=True)
class Discovered:
    """A relation with its evidence.

    Attributes:
        rows: Number of rows it applies to.
        exceptions: Number of these in which it does not hold.
        evidence: One sentence for a reader.
    """

    relation: Relation
    rows: int
    exceptions: int
    evidence: str = ""


def count(relation: Relation, frame: pl.DataFrame) -> tuple[int, int]:
    """Number of rows that the relation applies to, and of those in which it does not hold."""
    holds = relation.holds(frame)
    return int(holds.count()), int((~holds).sum())
