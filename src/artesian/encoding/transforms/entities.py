"""Entities: identifiers of which several rows have the same value ('customer_id').

An identifier is not modelled, and neither is what identifies the same entity (its name, its mail):
they are generated anew. Modelled is how many rows the entity of a row has. The inverse sorts sampled
rows by the columns that are constant within an entity, cuts them into groups of that many rows, sets
the constant columns to the values of one of the rows, and gives every group an identifier. Rows of one
entity follow each other, so that the first rows of a sample have complete entities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.entity import MIN_ENTITIES, Entity, learn_entity, rows_per_entity
from artesian.encoding.transforms.entity_assembly import drawn_together
from artesian.encoding.transforms.entity_columns import EntityColumns, entity_columns
from artesian.encoding.transforms.entity_groups import (
    assembly,
    constant_columns,
    drawn_sizes,
    grouped_among,
    identified,
    is_assembled,
    numbered,
    renumbered,
    sort_keys,
    with_distinct,
    with_distinct_pairs,
)
from artesian.encoding.transforms.event_order import EventOrder
from artesian.encoding.transforms.group_sizes import GroupSizes
from artesian.encoding.transforms.grouping import (
    group_starts,
    packed,
    representatives,
    shuffled_groups,
    sort_order,
)
from artesian.encoding.transforms.protocol import Position
from artesian.surrogates.columns import SurrogateGroup
from artesian.surrogates.public_ids import PublicIds

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entities:
    """The entities of a table, those that contain others before them.

    Attributes:
        window: Number of rows among which rows of one entity are, if rows of other entities are
            between them.
        in_place: Unique keys, which keep their order when rows change places.
    """

    entities: tuple[Entity, ...]
    window: int
    in_place: tuple[str, ...] = ()

    name: ClassVar[str] = "entities"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that the inverse writes."""
        return tuple(name for one in self.entities for name in one.columns.identifying)

    @property
    def numbering(self) -> frozenset[str]:
        """Columns that count the rows of an entity."""
        return frozenset(name for one in self.entities for name in one.columns.counters)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The entities of `table`; None if no identifier repeats."""
        learned = [
            learn_entity(table, columns, protect=protect) for columns in entity_columns(table)
        ]
        # A quarter of the training rows: a holdout of a fifth was taken from them, so that as many
        # rows as the source has are five complete windows.
        window = max(len(table) // 4, 50)
        identifying = {name for one in learned for name in one.columns.identifying}
        in_place = tuple(
            column.name
            for column in table.schema
            if column.kind is Kind.KEY and not column.nullable and column.name not in identifying
        )
        return cls(tuple(learned), window, in_place) if learned else None

    def independent_rows(self, table: Table, modelled: Table) -> dict[str, pl.Series]:
        """For modelled columns a mask of the rows from which their values are learned.

        A value is frequent if many entities have it, not if one entity has it in many rows. Of a value
        of few entities, one row of each counts; with few entities in all, only of numbers and times
        that describe an entity.

        Args:
            table: The table with the identifiers.
            modelled: What is modelled in its place, with the same rows.
        """
        out: dict[str, pl.Series] = {}
        keys = [table.frame[one.columns.identifying[0]] for one in self.entities]
        coarsest = min(keys, key=lambda key: key.n_unique())
        several = coarsest.n_unique() >= MIN_ENTITIES
        # Sizes are those of classes of entities, however few there are.
        sizes = {one.size for one in self.entities}
        for key in keys:
            for column in modelled.schema:
                values = modelled.frame[column.name]
                judged = several or column.kind in (Kind.NUMBER, Kind.DATETIME)
                if column.name in out or column.name in sizes:
                    continue
                if judged and _is_constant(key, values):
                    out[column.name] = _independent(key, values)
        for name in modelled.schema.names if several else ():
            if name not in out and name not in sizes:
                out[name] = _independent(coarsest, modelled.frame[name])
        return out

    def forward(self, table: Table) -> Table:
        """The table with sizes in place of identifiers."""
        frame = table.frame
        columns: dict[str, tuple[Column, ...]] = {c.name: (c,) for c in table.schema}
        new: list[pl.Series] = []
        for one in self.entities:
            key = one.columns.identifying[0]
            rows = rows_per_entity(one.columns, table.frame)
            values = one.sizes.to_values(rows.fill_null(1).to_numpy())
            size = pl.Series(one.size, values).set(rows.is_null(), None)
            new.append(size)
            for name in one.columns.identifying:
                columns[name] = ()
            columns[key] = (Column(name=one.size, kind=Kind.NUMBER, nullable=rows.has_nulls()),)
            for name, hidden in one.present.items():
                new.append(table.frame[name].is_not_null().alias(hidden))
                columns[name] = (Column(name=hidden, kind=Kind.BOOLEAN),)
            for name, hidden in one.recorded.items():
                whole = pl.col(name).drop_nulls().first().over(key)
                new.append(table.frame[name].is_not_null().alias(hidden))
                new.append(table.frame.select(pl.coalesce(name, whole)).to_series().rename(name))
                columns[name] = (table.schema[name], Column(name=hidden, kind=Kind.BOOLEAN))
        modelled = tuple(column for group in columns.values() for column in group)
        schema = _without_roles(table.schema, modelled)
        return replace(table, frame=frame.with_columns(new).select(schema.names), schema=schema)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Sampled rows, grouped into entities."""
        rng = at.rng("entities")
        kept = frame.select(self.in_place)
        frame = frame.with_columns(pl.Series(_PLACE, np.arange(frame.height)))
        frame, labels = self._grouped(frame, rng)
        inner = self.nested[-1]
        frame = drawn_together(frame, labels[inner], self.entities[inner].persistent)
        for number, one in enumerate(self.entities):
            frame, labels[number] = with_distinct(one, frame, labels[number], self._belonging, rng)
        frame, labels = self._arranged(frame, labels)
        for one, label in zip(self.entities, labels, strict=True):
            frame = with_distinct_pairs(one, frame, label, rng)
            frame = identified(one, numbered(one, frame, label), label, at)
        if not at.arranged:
            frame = frame.sort(_PLACE)
        frame = frame.with_columns(kept.get_columns())
        return frame.drop(_PLACE, *(one.size for one in self.entities))

    def _grouped(
        self, frame: pl.DataFrame, rng: np.random.Generator
    ) -> tuple[pl.DataFrame, list[Integers]]:
        """Rows of the first entity in consecutive rows, and the group of each row by entity.

        Rows are grouped into the smallest entities, these into larger ones, and so on. Groups of all
        other entities are chosen among the rows of the entity that contains them, or among
        neighbouring rows, which keep their places.
        """
        labels: dict[int, Integers] = {}
        unit, short = np.arange(frame.height), np.zeros(frame.height, bool)
        for number in reversed(self.nested):
            outer = [self.entities[n] for n in self.nested[: self.nested.index(number) + 1]]
            starts, counts = group_starts(unit)
            heads = frame[starts]
            sizes = drawn_sizes(outer[-1], heads[outer[-1].size], rng)
            if number == self.nested[-1] and is_assembled(outer[-1]):
                order, group = assembly(outer, heads, sizes, rng)
            else:
                keys = [key for one in reversed(outer) for key in sort_keys(one, heads)]
                order = sort_order(keys, rng)
                closed = heads[outer[-1].size][order].is_null().to_numpy()
                group = packed(sizes[order], counts[order], closed)
                together = np.argsort(group, kind="stable")
                order, group = order[together], group[together]
            rows = np.concatenate(
                [np.arange(starts[u], starts[u] + counts[u]) for u in order.tolist()]
            )
            labels = {n: renumbered(label[rows]) for n, label in labels.items()}
            unit = np.repeat(group, counts[order])
            chosen = rows[representatives(unit, rng)]
            shared = [name for one in outer for name in (one.size, *constant_columns(one))]
            frame = frame[rows].with_columns(frame[name].gather(chosen) for name in shared)
            labels[number] = unit
            # The last group has what remains; it is the last one of the block.
            short = np.arange(int(unit[-1]) + 1) == unit[-1]
        arranged = shuffled_groups(unit, short, rng)
        frame = frame[arranged]
        labels = {n: renumbered(label[arranged]) for n, label in labels.items()}
        for number, one in enumerate(self.entities):
            if number not in labels:
                parent = one.columns.parent
                within = labels[parent] if parent is not None else self._windows(frame.height)
                frame, labels[number] = grouped_among(one, frame, within, rng)
        return frame, [labels[number] for number in range(len(self.entities))]

    @property
    def nested(self) -> list[int]:
        """Entities that contain one another, from the first one inward."""
        line, units = [0], {one.columns.identifying[0]: n for n, one in enumerate(self.entities)}
        while (inner := self.entities[line[-1]].columns.unit) is not None:
            line.append(units[inner])
        return line

    @property
    def _belonging(self) -> frozenset[str]:
        """Columns that describe an entity, or its rows by their number and time."""
        return frozenset(
            [_PLACE, *(one.size for one in self.entities)]
            + [n for one in self.entities for n in (*constant_columns(one), *one.persistent)]
            + [n for one in self.entities for n in one.columns.counters]
            + [n for one in self.entities for n, step in one.step.items() if step]
            + [one.columns.order for one in self.entities if one.columns.order is not None]
        )

    def _windows(self, rows: int) -> Integers:
        return np.arange(rows) // self.window

    def _arranged(
        self, frame: pl.DataFrame, labels: list[Integers]
    ) -> tuple[pl.DataFrame, list[Integers]]:
        """Rows of one entity in consecutive rows, in the order of the source."""
        labels = [renumbered(label) for label in labels]
        nested = self.nested
        keys = [pl.Series(labels[number]) for number in nested]
        counted = timed = None
        for number in reversed(nested):
            columns = self.entities[number].columns
            timed, counted = columns.order, next(iter(columns.counters), None)
            name = counted or timed
            if name is not None:
                keys.append(frame[name])
                break
        keys.append(pl.Series(np.arange(frame.height)))
        order = sort_order(keys, np.random.default_rng(0))
        frame, labels = frame[order], [renumbered(label[order]) for label in labels]
        if timed and counted:
            # A row was chosen by its number, on which what it has depends; its time follows.
            within = pl.DataFrame({"label": labels[number], "time": frame[timed]})
            times = within.select(pl.col("time").sort(nulls_last=True).over("label"))
            frame = frame.with_columns(times.to_series().alias(timed))
        inner = self.entities[nested[-1]]
        if inner.events is not None and inner.columns.order is not None:
            frame = inner.events.arranged(frame, labels[nested[-1]], inner.columns.order)
        return frame, labels

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {
            "window": self.window,
            "in_place": self.in_place,
            "entities": [
                {
                    "columns": one.columns.to_state(),
                    "sizes": one.sizes.to_state(),
                    "size": one.size,
                    "ids": {name: form.to_state() for name, form in one.ids.items()},
                    "generated": one.generated.to_state(),
                    "present": dict(one.present),
                    "recorded": dict(one.recorded),
                    "step": dict(one.step),
                    "persistent": dict(one.persistent),
                    "events": None if one.events is None else one.events.to_state(),
                }
                for one in self.entities
            ],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            tuple(
                Entity(
                    columns=EntityColumns.from_state(one["columns"]),
                    sizes=GroupSizes.from_state(one["sizes"]),
                    size=one["size"],
                    ids={n: PublicIds.from_state(form) for n, form in one["ids"].items()},
                    generated=SurrogateGroup.from_state(one["generated"]),
                    present=one["present"],
                    recorded=one["recorded"],
                    step=one["step"],
                    persistent=one["persistent"],
                    events=None if one["events"] is None else EventOrder.from_state(one["events"]),
                )
                for one in state["entities"]
            ),
            state["window"],
            tuple(state["in_place"]),
        )


def _independent(key: pl.Series, values: pl.Series) -> pl.Series:
    """Mask of all rows with a value of at least `MIN_COUNT` entities, and of one row per entity."""
    entity, value = pl.col("entity"), pl.col("value")
    common = entity.n_unique().over(value) >= MIN_COUNT
    once = pl.struct(entity, value).is_first_distinct()
    frame = pl.DataFrame({"entity": key, "value": values})
    return frame.select(common | once | entity.is_null()).to_series()


def _is_constant(key: pl.Series, values: pl.Series) -> bool:
    pairs = pl.DataFrame({"entity": key, "value": values}).drop_nulls("entity")
    return pairs.n_unique() == pairs["entity"].n_unique()


def _without_roles(schema: Schema, columns: tuple[Column, ...]) -> Schema:
    """The schema of the modelled columns."""
    names = {column.name for column in columns}
    return Schema(
        columns=columns,
        key=schema.key if set(schema.key) <= names else (),
        relations=schema.relations,
    )


_PLACE = "\0place"
