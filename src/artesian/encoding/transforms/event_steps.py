"""Keep what events decide: a missing value, a value, a label, or another value."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.encoding.transforms.protocol import Position
from artesian.relations.bins import Bins
from artesian.relations.different import Different
from artesian.relations.implied import Implied
from artesian.relations.largest import Largest

TRIES = 20
"""Number of times that a value is drawn again; a value that half of the rows have is left once in a
million."""


@dataclass(frozen=True, slots=True)
class BinsStep:
    """A label that a range decides on, or the largest of several numbers, leaves nothing to model."""

    relation: Bins | Largest
    dtype: pl.DataType

    @property
    def target(self) -> str:
        """The labels."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the numbers."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """Nothing."""
        return []

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The label of each row."""
        return self.relation.compute(frame).cast(self.dtype, strict=False)


@dataclass(frozen=True, slots=True)
class ImpliedStep:
    """A column is modelled, then set where the cause happens, and only there if the relation says so.

    Attributes:
        stored: The column that is set: the relation's target, or what is modelled in its place.
    """

    relation: Implied
    stored: str

    @property
    def target(self) -> str:
        """The column that is set."""
        return self.stored

    @property
    def sources(self) -> tuple[str, ...]:
        """The column of the cause."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The sampled values, set where the cause happens.

        Elsewhere, if the relation is exact, a value that only the cause allows is replaced by one of
        another row of the block.
        """
        values, value = frame[self.target], self.relation.effect.value
        cause = self.relation.cause.happens(frame)
        happens, not_so = cause.fill_null(False), (~cause).fill_null(False)
        if value is None:
            effect = values.is_null()
            constant = pl.Series([None], dtype=values.dtype)
        else:
            effect = self.relation.effect.happens(frame)
            constant = pl.Series([value]).cast(values.dtype, strict=False)
            happens &= values.is_not_null()
        if self.relation.exactly:
            others = values.filter((~effect).fill_null(False))
            wrong = not_so & effect.fill_null(False)
            if wrong.any() and len(others):
                rng = at.rng("implied", self.target, str(self.relation))
                drawn = others.gather(rng.integers(len(others), size=len(values)))
                values = drawn.zip_with(wrong, values)
        return constant.new_from_index(0, len(values)).zip_with(happens, values).alias(self.target)


@dataclass(frozen=True, slots=True)
class DifferentStep:
    """A column is modelled; values that another column has too are drawn again.

    Attributes:
        target: The column that is drawn again.
    """

    relation: Different
    target: str

    @property
    def sources(self) -> tuple[str, ...]:
        """The other column."""
        return tuple(name for name in self.relation.columns if name != self.target)

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The sampled values; equal ones are replaced by one of another row of the block."""
        values, other = frame[self.target], frame[self.sources[0]]
        rng = at.rng("different", self.target, str(self.relation))
        pool = values.drop_nulls()
        for _ in range(TRIES):
            same = (values.cast(pl.String) == other.cast(pl.String)).fill_null(False)
            if not same.any():
                break
            values = pool.gather(rng.integers(len(pool), size=len(values))).zip_with(same, values)
        return values.alias(self.target)
