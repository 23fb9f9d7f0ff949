"""The transforms of one table, applied one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import polars as pl

from artesian.data.frames import frame_of
from artesian.data.plain_names import pattern_names, renamed
from artesian.data.table import Table
from artesian.encoding.transforms import TRANSFORMS
from artesian.encoding.transforms.composed_keys import ComposedKeys
from artesian.encoding.transforms.declared import is_undone, refuse_repeated, with_unique_keys
from artesian.encoding.transforms.distinct import Distinct
from artesian.encoding.transforms.entities import Entities
from artesian.encoding.transforms.joint_entity import JointEntity
from artesian.encoding.transforms.joint_time import JointTime
from artesian.encoding.transforms.mixing import Mixing
from artesian.encoding.transforms.protocol import Position, Transform
from artesian.encoding.transforms.relations import RelationSteps
from artesian.encoding.transforms.running import Running
from artesian.encoding.transforms.sequences import Sequences
from artesian.encoding.transforms.templates import Templates, with_fields
from artesian.relations.declared import declared_rules
from artesian.relations.parse import is_relation, parse_relation


@dataclass(frozen=True, slots=True)
class Chain:
    """Transforms in the order of application; the inverse runs them backwards.

    Attributes:
        names: Columns whose name is a pattern -> their names among the modelled columns.
        mixing: How restored rows change places; None if rows of one entity follow each other.
    """

    transforms: tuple[Transform, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    mixing: Mixing | None = None

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> tuple[Self, Table]:
        """The transforms that `table` calls for, and the table with the modelled columns.

        Raises:
            SchemaError: a relation or a constraint that the schema lists cannot be parsed, or cannot
                be kept.
        """
        if table.schema.relations:
            columns = dict.fromkeys((*table.schema.names, *with_fields(table).schema.names))
            for text in table.schema.relations:
                parse_relation(text, tuple(columns))
        rules = declared_rules(table)
        whole = table
        names = pattern_names(table.schema.names)
        table = source = renamed(table, names)
        transforms: list[Transform] = []
        for kind in TRANSFORMS.values():
            for view in with_unique_keys(table, rules) if kind is Distinct else [table]:
                transform = kind.learn(view, protect=protect)
                if transform is not None and not is_undone(transform, transforms):
                    transforms.append(transform)
                    table = transform.forward(table)
        chain = cls(tuple(transforms), names, _mixing(source, transforms))
        refuse_repeated(rules, whole, transforms)
        return chain, table

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the table that an inverse writes."""
        outer = {plain: name for name, plain in self.names.items()}
        return frozenset(
            [outer.get(name, name) for one in self.transforms for name in one.columns]
            + list(self.names)
        )

    def relations(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Texts of the relations that every restored row keeps, between columns `names` and the fields
        of their texts."""
        fields = (one.fields for one in self.transforms if isinstance(one, Templates))
        names = (*names, *(name for part in fields for name in part))
        texts = [
            text
            for one in self.transforms
            if isinstance(one, ComposedKeys | RelationSteps | Running | Sequences)
            for text in one.relations
        ]
        for joint in (one for one in self.transforms if isinstance(one, JointTime)):
            within = (*names, joint.moment)
            parsed = (parse_relation(text, within) for text in texts if is_relation(text, within))
            texts = [str(one) for one in joint.listed(parsed)]
        return tuple(text for text in texts if is_relation(text, names))

    @property
    def numbering(self) -> frozenset[str]:
        """Columns that count the rows of an entity, so that no row has its value alone."""
        entities = (one for one in self.transforms if isinstance(one, Entities))
        return frozenset(name for one in entities for name in one.numbering)

    @property
    def arranges(self) -> bool:
        """Whether the inverse puts rows into another order."""
        return self.mixing is not None or any(isinstance(o, Entities) for o in self.transforms)

    def independent_rows(self, table: Table, modelled: Table) -> dict[str, pl.Series]:
        """For some modelled columns a mask of the rows from which values are learned."""
        if any(isinstance(one, JointEntity) for one in self.transforms):
            return {}  # the stock of an article in a warehouse is no person
        table = renamed(table, self.names)
        for transform in self.transforms:
            if isinstance(transform, Entities):
                return transform.independent_rows(table, modelled)
            table = transform.forward(table)
        return {}

    def forward(self, table: Table) -> Table:
        """The table with the modelled columns."""
        table = renamed(table, self.names)
        for transform in self.transforms:
            table = transform.forward(table)
        return table

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """A block of sampled rows with the columns of the table, in any order."""
        for transform in reversed(self.transforms):
            frame = transform.inverse(frame, at)
        if self.mixing is not None and at.arranged:
            frame = self.mixing.apply(frame, at)
        outer = {plain: name for name, plain in self.names.items()}
        return frame_of(s.alias(outer.get(s.name, s.name)) for s in frame) if outer else frame

    def to_state(self) -> list[dict[str, Any]]:
        """Everything `from_state` needs, as JSON types."""
        states = [{"name": one.name, **one.to_state()} for one in self.transforms]
        mixing = None if self.mixing is None else self.mixing.to_state()
        return [*states, {"patterns": dict(self.names), "mixing": mixing}]

    @classmethod
    def from_state(cls, states: list[dict[str, Any]]) -> Self:
        """Restore what `to_state` returned."""
        last = next((state for state in states if "patterns" in state), {})
        mixing = last.get("mixing")
        return cls(
            tuple(
                TRANSFORMS[state["name"]].from_state(
                    {name: value for name, value in state.items() if name != "name"}
                )
                for state in states
                if "name" in state
            ),
            last.get("patterns", {}),
            None if mixing is None else Mixing.from_state(mixing),
        )


def _mixing(table: Table, transforms: list[Transform]) -> Mixing | None:
    """How rows of `table` are mixed, if its transforms restore the rows of entities together."""
    entities = next((one for one in transforms if isinstance(one, Entities)), None)
    if entities is None:
        return None
    restored = {name for one in transforms for name in one.columns}
    # A key that has parts in common with other columns belongs to its row.
    keys = [c.name for c in table.schema if c.name in entities.in_place and c.name not in restored]
    mixing = Mixing.learn(table.frame, entities, keys)
    running = (one for part in transforms if isinstance(part, Running) for one in part.totals)
    events = (one for part in transforms if isinstance(part, Sequences) for one in part.events)
    ordered = {one.entity for one in running} | {one.entity for one in events}
    # Rows with equal times add up in the order of their places, which only one entity keeps.
    return mixing if mixing is None or ordered <= {mixing.entity} else None
