"""Relations of missing values: a column is missing exactly when another is, or has certain values."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.data.frames import as_text
from artesian.relations.expressions import listed, quoted


@dataclass(frozen=True, slots=True)
class MissingTogether:
    """`missing(target) = missing(source)`, or with `opposite` `missing(target) = present(source)`."""

    target: str
    source: str
    opposite: bool = False

    def __str__(self) -> str:
        other = "present" if self.opposite else "missing"
        return f"missing({quoted(self.target)}) = {other}({quoted(self.source)})"

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and source."""
        return self.target, self.source

    @property
    def sources(self) -> tuple[str, ...]:
        """The source."""
        return (self.source,)

    def missing(self, frame: pl.DataFrame) -> pl.Series:
        """Where the target has to be missing, shape (rows,)."""
        source = frame[self.source]
        return source.is_not_null() if self.opposite else source.is_null()

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the target is missing exactly where it has to be."""
        return (frame[self.target].is_null() == self.missing(frame)).alias(str(self))


@dataclass(frozen=True, slots=True)
class MissingWhen:
    """`missing(target) = source in (values)`: missing in exactly the rows with one of these values.

    Attributes:
        values: Values of the source as text.
        negated: Missing in exactly the rows with any other value (`source not in (values)`).
    """

    target: str
    source: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        values = (" not" if self.negated else "") + listed(self.values)
        return f"missing({quoted(self.target)}) = {quoted(self.source)}{values}"

    def within(self, other: MissingWhen) -> bool:
        """Whether `other` is missing too in these rows, by values of the same source."""
        ours, theirs = set(self.values), set(other.values)
        if self.source != other.source or (self.negated and not other.negated):
            return False
        if self.negated:
            return theirs <= ours
        return not ours & theirs if other.negated else ours <= theirs

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and source."""
        return self.target, self.source

    @property
    def sources(self) -> tuple[str, ...]:
        """The source."""
        return (self.source,)

    def missing(self, frame: pl.DataFrame) -> pl.Series:
        """Where the target has to be missing, shape (rows,); null where the source is."""
        among = as_text(frame[self.source]).is_in(list(self.values))
        return ~among if self.negated else among

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the target is missing where it has to be; null where the source is missing."""
        return (frame[self.target].is_null() == self.missing(frame)).alias(str(self))
