"""Keep the relations of a table: columns that others determine are not modelled, or set right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Self

import polars as pl

from artesian.data.frames import frame_of
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.date_grains import (
    GrainyColumn,
    grains_from_state,
    grains_to_state,
    grainy_columns,
)
from artesian.encoding.transforms.order_steps import (
    DistanceStep,
    InequalityStep,
    IntervalStep,
    RedrawStep,
)
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.step_builder import StepBuilder
from artesian.encoding.transforms.step_order import ordered, ranked
from artesian.encoding.transforms.step_state import step_from_state, step_to_state
from artesian.encoding.transforms.steps import Step
from artesian.relations.dependencies import Dependency
from artesian.relations.discover import discover
from artesian.relations.parse import relations_of
from artesian.relations.parts import PartDependency
from artesian.relations.protocol import Relation
from artesian.relations.translation import implied_by

ENDS = DistanceStep | InequalityStep | IntervalStep | RedrawStep
"""Steps that restore an end of an order from a distance, or draw it again."""


@dataclass(frozen=True, slots=True)
class RelationSteps:
    """Steps in the order in which they restore columns.

    Attributes:
        steps: One step per restored column, or two where it is also missing by a rule.
        relations: Texts of all relations of the table, also of those that others imply.
        hidden: The modelled columns that replace a column, by its name; those of columns that are
            modelled themselves are not listed.
        grains: Restored ends of orders whose dates have something in common, such as the last day of a
            month.
    """

    name: ClassVar[str] = "relations"

    steps: tuple[Step, ...]
    relations: tuple[str, ...]
    hidden: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    grains: tuple[GrainyColumn, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All targets."""
        hidden = {column.name for group in self.hidden.values() for column in group}
        targets = dict.fromkeys(step.target for step in self.steps)
        return tuple(name for name in targets if name not in hidden)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Discover relations, unless the schema lists them, and decide how to keep each."""
        names = table.schema.names
        if table.schema.relations is None:
            relations = [one.relation for one in discover(table, between_rows=False)]
        else:
            # Columns that an earlier transform replaced are not among `names`.
            relations = relations_of(table.schema.relations, names)
        declared = implied_by(table.schema.constraints, table.frame)
        relations = [one for one in relations if not _is_overruled(one, declared)]
        steps = ordered(StepBuilder(table, protect).steps(ranked(declared, relations)))
        if not (declared or relations):
            return None
        hidden: dict[str, tuple[Column, ...]] = {}
        for step in steps:
            series = step.hide(table.frame)
            if series is not None:
                hidden[step.target] = tuple(
                    modelled_column(table.schema[step.target], s) for s in series
                )
        listed = dict.fromkeys(map(str, relations))
        ends = dict.fromkeys(step.target for step in steps if isinstance(step, ENDS))
        grains = grainy_columns(table.frame.select(n for n in ends if n in names))
        return cls(tuple(steps), tuple(listed), hidden, grains)

    def forward(self, table: Table) -> Table:
        """Replace the targets by what is modelled in their place."""
        series: dict[str, list[pl.Series]] = {}
        for step in self.steps:
            hidden = step.hide(table.frame)
            if hidden is not None:
                series[step.target] = hidden
        columns: list[Column] = []
        values: list[pl.Series] = []
        for column in table.schema:
            columns += self.hidden.get(column.name, (column,))
            values += series.get(column.name, [table.frame[column.name]])
        schema = Schema(columns=tuple(columns), relations=())
        if set(table.schema.key) <= set(schema.names):
            schema = replace(schema, key=table.schema.key)
        if table.schema.entity in schema.names:
            schema = replace(schema, entity=table.schema.entity)
        return Table(frame_of(values), schema, table.origin)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Restore the targets one after the other."""
        grains = {one.name: one for one in self.grains}
        for step in self.steps:
            restored = step.restore(frame, at).alias(step.target)
            if isinstance(step, ENDS) and step.target in grains:
                holds = partial(_holds, step, frame)
                restored = grains[step.target].moved(restored, holds)
            frame = frame.with_columns(restored)
        return frame

    def to_state(self) -> dict[str, Any]:
        """Every step with its relation as text."""
        return {
            "names": sorted(
                {n for step in self.steps for n in (*step.relation.columns, *step.sources)}
            ),
            "relations": self.relations,
            "steps": [step_to_state(step) for step in self.steps],
            "hidden": {
                name: [{"name": c.name, **c.to_dict()} for c in columns]
                for name, columns in self.hidden.items()
            },
            "grains": grains_to_state(self.grains),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        names = tuple(state["names"])
        hidden = {
            name: tuple(
                Column.from_dict(c["name"], {k: v for k, v in c.items() if k != "name"})
                for c in columns
            )
            for name, columns in state["hidden"].items()
        }
        steps = tuple(step_from_state(step, names) for step in state["steps"])
        grains = grains_from_state(state["grains"])
        return cls(steps, tuple(state["relations"]), hidden, grains)


def _holds(step: Step, frame: pl.DataFrame, values: pl.Series) -> pl.Series:
    """Whether the orders of a step hold with these values; null where none of them says anything."""
    orders = step.orders if isinstance(step, IntervalStep) else (step.relation,)
    restored = frame.with_columns(values.alias(step.target))
    kept = pl.DataFrame([one.holds(restored).alias(str(at)) for at, one in enumerate(orders)])
    return kept.select(pl.min_horizontal(pl.all())).to_series()


def _is_overruled(relation: Relation, declared: list[Relation]) -> bool:
    """Whether a person declared that other columns determine the target of a dependency."""
    by_value = isinstance(relation, Dependency | PartDependency)
    return by_value and any(
        isinstance(one, Dependency)
        and one.target == relation.columns[-1]
        and not set(relation.columns) <= set(one.columns)
        for one in declared
    )


def modelled_column(target: Column, series: pl.Series) -> Column:
    """The modelled column for what a step hides."""
    if series.dtype == pl.String or series.dtype.is_temporal():
        return replace(target, name=series.name, role="", nullable=series.null_count() > 0)
    kind = Kind.BOOLEAN if series.dtype == pl.Boolean else Kind.NUMBER
    return Column(name=series.name, kind=kind, nullable=series.null_count() > 0)
