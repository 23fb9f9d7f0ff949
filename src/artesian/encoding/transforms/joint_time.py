"""A date and the time of day beside it: rows are in order, and keys distinct, by both together.

A column with the moment is added, from which both are computed. It is no column of the table, so that
restored rows lose it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import polars as pl

from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.relations.expressions import Call, Ref
from artesian.relations.formulas import Formula
from artesian.relations.parse import relations_of
from artesian.relations.protocol import Relation
from artesian.relations.running import CarriedForward, FromPrevious, NeverFalls, RunningTotal

MIN_ROWS = 30
"""Minimum number of rows whose times of day say something."""


@dataclass(frozen=True, slots=True)
class JointTime:
    """A date, a time of day and the moment that they are.

    Attributes:
        date, clock: Names of the two columns.
        moment: Name of the column that is added.
    """

    date: str
    clock: str
    moment: str

    name: ClassVar[str] = "joint time"

    @property
    def columns(self) -> tuple[str, ...]:
        """No column of the table is restored here: both follow from the moment."""
        return ()

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The only date and time of day of a table, which are in each row or not; else None."""
        frame, schema = table.frame, table.schema
        dates = [c.name for c in schema if frame[c.name].dtype == pl.Date]
        clocks = [c.name for c in schema if frame[c.name].dtype == pl.Time]
        moments = [c.name for c in schema if isinstance(frame[c.name].dtype, pl.Datetime)]
        if len(dates) != 1 or len(clocks) != 1 or moments or len(table) < MIN_ROWS:
            return None
        (date,), (clock,) = dates, clocks
        if frame[date].has_nulls() or frame[clock].has_nulls() or frame[clock].n_unique() < 2:
            return None
        roles = {schema.target, schema.event, schema.entity, schema.time}
        if {date, clock} & roles or {schema[date].kind, schema[clock].kind} != {Kind.DATETIME}:
            return None
        return cls(date, clock, hidden_name(f"{date} {clock}", schema))

    def forward(self, table: Table) -> Table:
        """The table with the moment, which takes the place of both in a key."""
        moment = pl.col(self.date).dt.combine(pl.col(self.clock)).alias(self.moment)
        column = Column(name=self.moment, kind=Kind.DATETIME)
        schema = replace(
            table.schema,
            columns=(*table.schema.columns, column),
            key=self._key(table.schema),
            relations=self._relations(table),
        )
        return Table(table.frame.with_columns(moment), schema, table.origin)

    def _key(self, schema: Schema) -> tuple[str, ...]:
        if not {self.date, self.clock} <= set(schema.key):
            return schema.key
        return (*(n for n in schema.key if n not in (self.date, self.clock)), self.moment)

    def _relations(self, table: Table) -> tuple[str, ...] | None:
        """The relations that the schema lists, with the moment where rows are in order of time."""
        if table.schema.relations is None:
            return None
        listed = relations_of(table.schema.relations, table.schema.names)
        parts = (
            Formula(self.date, Call("date", (Ref(self.moment),))),
            Formula(self.clock, Call("clock", (Ref(self.moment),))),
        )
        return tuple(map(str, (*parts, *(self._ordered(one) for one in listed))))

    def _ordered(self, one: Relation) -> Relation:
        if isinstance(one, RunningTotal | CarriedForward | FromPrevious | NeverFalls):
            return replace(one, time=self.moment) if one.time == self.date else one
        return one

    def listed(self, relations: Iterable[Relation]) -> Iterator[Relation]:
        """The relations in the columns of the table: rows are in order of the date, then of place."""
        for one in relations:
            if isinstance(one, RunningTotal | CarriedForward | FromPrevious | NeverFalls):
                yield replace(one, time=self.date) if one.time == self.moment else one
            else:
                yield one

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows as they are: the moment is needed until all of them have their places."""
        return frame

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"date": self.date, "clock": self.clock, "moment": self.moment}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(state["date"], state["clock"], state["moment"])
