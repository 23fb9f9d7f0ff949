"""Relations of a table that no step keeps, to be checked in restored rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from artesian.core.run import Seed
from artesian.encoding.transforms.entities import Entities
from artesian.encoding.transforms.protocol import Position, Transform
from artesian.encoding.transforms.relations import RelationSteps
from artesian.encoding.transforms.running import Running
from artesian.encoding.transforms.sequences import Sequences
from artesian.encoding.transforms.steps import LookupStep
from artesian.relations.parse import is_relation, parse_relation
from artesian.relations.protocol import Relation


@dataclass(frozen=True, slots=True)
class LookupCheck:
    """Whether the target of a dependency has the value that belongs to its sources."""

    step: LookupStep

    def __str__(self) -> str:
        return str(self.step.relation)

    @property
    def columns(self) -> tuple[str, ...]:
        """The sources, then the target."""
        return self.step.relation.columns

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether looking the value up would change nothing."""
        looked_up = self.step.restore(frame, Position(0, Seed(0)))
        return looked_up.eq_missing(frame[self.step.target])


def unkept_relations(
    transforms: Sequence[Transform], names: tuple[str, ...]
) -> tuple[Relation, ...]:
    """The relations without a step, between columns `names` of restored rows.

    None of a table whose rows are restored together, as those of an entity are: a row that is drawn
    again would change others.
    """
    if any(isinstance(one, Entities | Running | Sequences) for one in transforms):
        return ()
    changed = {
        name for one in transforms if not isinstance(one, RelationSteps) for name in one.columns
    }
    plain = tuple(name for name in names if name not in changed)
    out: list[Relation] = []
    for one in transforms:
        if isinstance(one, RelationSteps):
            out += [parse_relation(text, plain) for text in one.unkept if is_relation(text, plain)]
            out += [LookupCheck(s) for s in one.checks if set(s.relation.columns) <= set(plain)]
    return tuple(out)
