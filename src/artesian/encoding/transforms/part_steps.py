"""Keep what a part of a time decides: the name of the weekday, the season, the shift."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.encoding.transforms.dependency_steps import LookupStep
from artesian.encoding.transforms.protocol import Position
from artesian.relations.parts import PartDependency


@dataclass(frozen=True, slots=True)
class PartStep:
    """A column is modelled, then replaced by the value that belongs to the part of the time.

    Attributes:
        table: The part, as a column with its name, and the value for each that enough rows have.
        absent: Whether the target is missing in rows without a time.
    """

    relation: PartDependency
    table: pl.DataFrame
    absent: bool

    @classmethod
    def learn(
        cls,
        relation: PartDependency,
        frame: pl.DataFrame,
        minimum: int,
        entities: pl.Series | None,
    ) -> PartStep | None:
        """The values of all parts that `minimum` rows, or entities, have; None if there are none."""
        table = relation.by_value.lookup(relation.with_part(frame), minimum, entities)
        without = frame[relation.target].filter(frame[relation.sources[0]].is_null())
        absent = len(without) >= minimum and without.null_count() == len(without)
        return cls(relation, table, absent) if table.height else None

    @property
    def target(self) -> str:
        """The determined column."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The time column."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The value of the part; of a part not listed, that of its neighbours or the modelled one."""
        lookup = LookupStep(self.relation.by_value, self.table)
        values = lookup.restore(self.relation.with_part(frame), at)
        if self.absent:
            values = values.set(frame[self.sources[0]].is_null(), None)
        return values
