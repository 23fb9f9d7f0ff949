"""Keep what events decide: a missing value, a value, a label, or another value."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.core.run import Seed
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.steps import decimals_of
from artesian.relations.between import Between
from artesian.relations.bins import Bins
from artesian.relations.different import Different
from artesian.relations.implied import Implied
from artesian.relations.largest import Largest
from artesian.relations.multiples import Multiples

TRIES = 20
"""Number of times that a value is drawn again; a value that half of the rows have is left once in a
million."""


@dataclass(frozen=True, slots=True)
class BinsStep:
    """A label that numbers decide on leaves nothing to model."""

    relation: Between | Bins | Largest
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
        labels = self.relation.compute(frame)
        if self.dtype == pl.Boolean and labels.dtype == pl.String:
            labels = labels == "true"
        return labels.cast(self.dtype, strict=False)


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


@dataclass(frozen=True, slots=True)
class MultiplesStep:
    """A number is modelled; in the rows of some labels it is rounded to their step.

    Attributes:
        spread: The column that is modelled in place of the number: values of these labels are spread
            around their multiples, which would else be too frequent in other rows. None if the number
            itself is modelled, or restored by another step before.
    """

    relation: Multiples
    spread: str | None

    @property
    def target(self) -> str:
        """The number."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The category."""
        return (self.relation.label,)

    def hide(self, frame: pl.DataFrame) -> list[pl.Series] | None:
        """The values, spread in the rows with one of the labels."""
        if self.spread is None:
            return None
        values = frame[self.target]
        numbers = values.cast(pl.Float64)
        decimals = decimals_of(values) or 0
        rng = Seed(0).child("multiples", self.target).rng()
        # No value is moved below 0 if none is, and none as far as the next multiple.
        away = rng.uniform(-0.5, 0.5, len(values)) * self.relation.step
        moved = (numbers + away).round(decimals)
        back = self.relation.rounded(moved) != self.relation.rounded(numbers)
        if (numbers >= 0).all():
            back |= moved < 0
        kept = (back | ~self.relation.applies(frame)).fill_null(True)
        return [numbers.zip_with(kept, moved).cast(values.dtype).alias(self.spread)]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The sampled values, rounded in the rows with one of the labels."""
        values = frame[self.target if self.spread is None else self.spread]
        rounded = self.relation.rounded(values.cast(pl.Float64)).cast(values.dtype)
        return rounded.zip_with(self.relation.applies(frame), values).alias(self.target)
