"""Steps of computed columns: copies and formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from artesian.data.schema import Schema
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.encoding.transforms.steps import Hidden, PresenceStep, Step, decimals_of
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.signed import SignedSum
from artesian.relations.texts import ConditionalTemplate


@dataclass(frozen=True, slots=True)
class CopyStep:
    """A copy leaves no column to model."""

    relation: Copy
    dtype: pl.DataType

    @property
    def target(self) -> str:
        """The copy."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The original."""
        return (self.relation.source,)

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """Nothing."""
        return []

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The original's values."""
        return frame[self.relation.source].cast(self.dtype, strict=False).alias(self.target)


@dataclass(frozen=True, slots=True)
class FormulaStep:
    """A computed column leaves nothing to model, or whether it has a value.

    Attributes:
        present: Name of the column that says whether there is a value; None if there is one in
            every row that has all sources.
    """

    relation: Formula | SignedSum
    form: Hidden
    present: str | None

    @property
    def target(self) -> str:
        """The computed column."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the formula."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """Whether there is a value, if that is not known from the sources."""
        return (
            [] if self.present is None else [frame[self.target].is_not_null().alias(self.present)]
        )

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The formula's values, rounded."""
        values = self.relation.compute(frame)
        if self.present is not None:
            values = np.where(frame[self.present].fill_null(True).to_numpy(), values, np.nan)
        return self.form.series(self.target, values)


@dataclass(frozen=True, slots=True)
class PartFormulaStep:
    """A column that is computed in some rows is modelled for the other rows."""

    relation: Formula | SignedSum | ConditionalFormula
    form: Hidden

    @property
    def target(self) -> str:
        """The computed column."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the formula."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The formula's values where there are any, and the target has one."""
        modelled = frame[self.target]
        computed = self.form.series(self.target, self.relation.compute(frame))
        computable = computed.is_not_null() & modelled.is_not_null()
        return computed.zip_with(computable, modelled.cast(computed.dtype, strict=False))


@dataclass(frozen=True, slots=True)
class PartTextStep:
    """A text that is made of other columns in the rows of some labels is modelled for the others."""

    relation: ConditionalTemplate

    @property
    def target(self) -> str:
        """The text."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns in it, and the label."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The text of its parts in the rows of these labels."""
        modelled, computed = frame[self.target], self.relation.compute(frame)
        computable = computed.is_not_null() & modelled.is_not_null()
        return computed.zip_with(computable, modelled.cast(pl.String))


def formula_step(relation: Formula | SignedSum, frame: pl.DataFrame, schema: Schema) -> Step:
    """The step of a formula, whose sources may be missing where the target is not."""
    target = frame[relation.target]
    form = Hidden(target.dtype, decimals_of(target))
    missing, absent = target.is_null().to_numpy(), np.isnan(relation.compute(frame))
    if (~missing & absent).mean() > 1 - MIN_HOLDS:
        return PartFormulaStep(relation, form)
    # Where a source is missing, nothing can be computed.
    decided = (missing & ~absent).mean() <= 1e-3
    present = None if decided else hidden_name(f"{relation.target} (present)", schema)
    return FormulaStep(relation, form, present)


def always_computed(steps: list[Step]) -> list[Step]:
    """The steps, where a rule decides which rows have a computed value: it is computed in all."""
    ruled = {step.target for step in steps if isinstance(step, PresenceStep)}
    return [
        replace(step, present=None)
        if isinstance(step, FormulaStep) and step.target in ruled
        else step
        for step in steps
    ]
