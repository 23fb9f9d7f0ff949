"""Entities that two columns identify together: an article in a warehouse, a person on a project.

Their rows belong together like those of an identifier if a total adds up within them, or a column
numbers them: the months of a year in a shop. A column that identifies them is added; it is no column
of the table, so that restored rows lose it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, ClassVar, Self

import polars as pl

from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.relations.parse import relations_of
from artesian.relations.running import CarriedForward, RunningTotal
from artesian.relations.search.joint import joint_groups

JOINT = "joint"
"""Role of the identifier. The entity is no person, whose rows count once where values are rare."""


MAX_PAIRS = 4.0
"""Maximum number of possible pairs of values per entity: of more, few would be equal by chance."""

MIN_ENTITIES = 20
"""Minimum number of entities for two columns to identify them."""


@dataclass(frozen=True, slots=True)
class JointEntity:
    """The columns that identify an entity together.

    Attributes:
        groups: The columns.
        identifier: Name of the column that is added.
    """

    groups: tuple[str, ...]
    identifier: str

    name: ClassVar[str] = "joint entity"

    @property
    def columns(self) -> tuple[str, ...]:
        """No column of the table is restored."""
        return ()

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The columns whose rows belong together; None if the table has another entity."""
        groups = joint_groups(table)
        if not groups:
            return None
        return cls(groups, hidden_name(", ".join(groups), table.schema))

    def forward(self, table: Table) -> Table:
        """The table with an identifier, which is its entity."""
        number = pl.struct(self.groups).rank("dense").cast(pl.Int64).alias(self.identifier)
        column = Column(name=self.identifier, kind=Kind.KEY, role=JOINT)
        schema = replace(
            table.schema,
            columns=(*table.schema.columns, column),
            entity=self.identifier,
            relations=self._relations(table),
        )
        return Table(table.frame.with_columns(number), schema, table.origin)

    def _relations(self, table: Table) -> tuple[str, ...] | None:
        """The relations that the schema lists, those of the entity by its identifier."""
        if table.schema.relations is None:
            return None
        return tuple(
            str(replace(one, groups=(), entity=self.identifier))
            if isinstance(one, RunningTotal | CarriedForward) and one.groups == self.groups
            else str(one)
            for one in relations_of(table.schema.relations, table.schema.names)
        )

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows as they are: the identifier is needed until all of them have their places."""
        return frame

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"groups": self.groups, "identifier": self.identifier}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(tuple(state["groups"]), state["identifier"])


def identifying_pair(table: Table, name: str, constant: Sequence[str]) -> tuple[str, ...]:
    """Two columns that identify an entity together, the one with more values second, and what that one
    determines; empty if there are none, or if that may be a coincidence."""
    each = table.frame.filter(table.frame[name].is_first_distinct()).select(constant)
    joint = table.schema[name].role == JOINT  # one of its columns may be a year
    names = [
        c
        for c in constant
        if (table.schema[c].kind is Kind.CATEGORY or (joint and each[c].dtype.is_integer()))
        and not each[c].has_nulls()
        and each[c].n_unique() < each.height
    ]
    if each.height < MIN_ENTITIES:
        return ()
    for pair in combinations(names, 2):
        one, other = sorted(pair, key=lambda c: each[c].n_unique())
        possible = each[one].n_unique() * each[other].n_unique()
        if possible <= MAX_PAIRS * each.height and each.select(pair).n_unique() == each.height:
            number = each[other].n_unique()
            same = [
                c for c in constant if c != other and each.select(other, c).n_unique() == number
            ]
            return one, other, *(c for c in same if c != one)
    return ()
