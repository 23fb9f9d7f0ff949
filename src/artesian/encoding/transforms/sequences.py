"""Times that follow each other in the numbered rows of an entity, such as the stops of a train.

What is modelled is when an entity starts, and the time between one event and the next. So a train takes
as long as trains do, and no arrival is before the departure of the stop before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl

from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.discover import discover
from artesian.relations.expressions import Floats, numbers
from artesian.relations.follows import passed
from artesian.relations.implied import Implied
from artesian.relations.parse import is_relation, parse_relation
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import Relation
from artesian.relations.running import order_of
from artesian.relations.search.fitting import mode
from artesian.relations.search.follows import Sequence, flat, sequences, since_before
from artesian.relations.search.rows import NumericColumns

PER_DAY = (1, 24, 1_440, 86_400, 86_400_000, 86_400_000_000)
"""Units of time in a day, the coarsest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """One sequence.

    Attributes:
        start: The modelled column with the first time of an entity.
        increases: For each column the modelled one with the time since the event before.
        per_day: Units in a day, in which increases are whole numbers.
        relations: Texts of all relations among its columns, which are kept.
    """

    names: tuple[str, ...]
    entity: str
    number: str
    start: str
    increases: tuple[str, ...]
    per_day: int
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequences:
    """The sequences of a table.

    Attributes:
        further: Texts of relations of the modelled columns, if the schema lists those of the table.
    """

    events: tuple[Events, ...]
    further: tuple[str, ...] = ()

    name: ClassVar[str] = "sequences"

    @property
    def columns(self) -> tuple[str, ...]:
        """The times."""
        return tuple(name for one in self.events for name in one.names)

    @property
    def relations(self) -> tuple[str, ...]:
        """What holds of the times."""
        return tuple(text for one in self.events for text in one.relations)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The sequences of `table`, of which no other column depends; None if there are none.

        If the schema lists relations, those among them.
        """
        candidates = list(sequences(table))
        if not candidates:
            return None
        listed = table.schema.relations
        relations: list[Relation] = (
            [one.relation for one in discover(table)]
            if listed is None
            else [parse_relation(text, table.schema.names) for text in listed]
        )
        events = tuple(
            _events(table, one, relations)
            for one in candidates
            if one.relation in relations and not _is_needed(one, relations)
        )
        if not events or listed is None:
            return cls(events) if events else None
        modelled = cls(events).forward(table)
        hidden = {n for one in events for n in (one.start, *one.increases)}
        columns = replace(modelled, schema=replace(modelled.schema, relations=None))
        further = [one.relation for one in discover(columns)]
        return cls(events, tuple(str(one) for one in further if hidden & set(one.columns)))

    def forward(self, table: Table) -> Table:
        """The table with a start and the time between events in place of times."""
        columns: dict[str, tuple[Column, ...]] = {c.name: (c,) for c in table.schema}
        frame = table.frame
        for one in self.events:
            order = order_of(frame, one.entity, one.number)
            rows = frame[order]
            labels = np.repeat(rows[one.entity].rank("dense").to_numpy(), len(one.names))
            values = flat(rows, one.names)
            of_day = rows.schema[one.names[0]] == pl.Time
            change = passed(since_before(values, labels), of_day=of_day)
            whole = np.round(np.maximum(change, 0.0) * one.per_day).reshape(-1, len(one.names))
            back = np.argsort(order)
            first = rows.select(pl.coalesce(one.names).alias(one.start), one.entity).select(
                pl.col(one.start).drop_nulls().first().over(one.entity)
            )
            new = [first[one.start][back]]
            hidden = [replace(table.schema[one.names[0]], name=one.start, nullable=False)]
            for at, (name, increase) in enumerate(zip(one.names, one.increases, strict=True)):
                # The first event follows no other: it has the most frequent time.
                present = whole[:, at][~np.isnan(whole[:, at])]
                usual = mode(present) if len(present) else 0.0
                filled = np.where(np.isnan(whole[:, at]), usual, whole[:, at]).astype(np.int64)
                series = pl.Series(increase, filled).set(rows[name].is_null(), None)
                new.append(series[back])
                own = Column(name=increase, kind=Kind.NUMBER, nullable=series.has_nulls())
                columns[name] = (*hidden, own) if at == 0 else (own,)
            frame = frame.with_columns(new)
        modelled = tuple(column for group in columns.values() for column in group)
        names = tuple(column.name for column in modelled)
        listed = table.schema.relations
        schema = replace(
            table.schema,
            columns=modelled,
            target=table.schema.target if table.schema.target in names else None,
            time=table.schema.time if table.schema.time in names else None,
            key=table.schema.key if set(table.schema.key) <= set(names) else (),
            relations=None if listed is None else (*_remaining(listed, names), *self.further),
        )
        return replace(table, frame=frame.select(names), schema=schema)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Rows with their times."""
        for one in self.events:
            order = order_of(frame, one.entity, one.number)
            rows, columns = frame[order], len(one.names)
            labels = np.repeat(rows[one.entity].rank("dense").to_numpy(), columns)
            increases = np.stack([numbers(rows[n]) for n in one.increases], axis=1).ravel()
            missing = np.isnan(increases)
            whole = _added(np.where(missing, 0.0, np.round(increases)), missing, labels)
            starts = rows.select(pl.col(one.start).first().over(one.entity))[one.start]
            days = numbers(starts)[:, None] + (whole / one.per_day).reshape(-1, columns)
            days[missing.reshape(-1, columns)] = np.nan
            back = np.argsort(order)
            form = Hidden(starts.dtype, None)
            frame = frame.with_columns(
                form.series(name, days[:, k])[back] for k, name in enumerate(one.names)
            )
        return frame.drop(n for one in self.events for n in (one.start, *one.increases))

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"events": [asdict(one) for one in self.events], "further": self.further}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        several = ("names", "increases", "relations")
        return cls(
            tuple(
                Events(**one | {name: tuple(one[name]) for name in several})
                for one in state["events"]
            ),
            tuple(state["further"]),
        )


def _events(table: Table, sequence: Sequence, relations: Iterable[Relation]) -> Events:
    """What is modelled of a sequence."""
    schema, names = table.schema, sequence.names
    grid = NumericColumns.from_frame(table.frame.select(names), 0).grid.min()
    per_day = next(unit for unit in PER_DAY if unit * grid >= 1 - 1e-9 or unit == PER_DAY[-1])
    own = {*names, sequence.entity, sequence.number}
    return Events(
        names=names,
        entity=sequence.entity,
        number=sequence.number,
        start=hidden_name(f"{names[0]} (start)", schema),
        increases=tuple(hidden_name(f"{name} (increase)", schema) for name in names),
        per_day=per_day,
        relations=tuple(
            str(one)
            for one in relations
            if set(one.columns) & set(names) and set(one.columns) <= own
        ),
    )


def _remaining(listed: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    """The texts of relations between columns `names`."""
    return [text for text in listed if is_relation(text, names)]


def _is_needed(sequence: Sequence, relations: Iterable[Relation]) -> bool:
    """Whether another column is tied to a time other than by where it is missing."""
    names, own = set(sequence.names), {*sequence.names, sequence.entity, sequence.number}
    return any(
        names & set(one.columns)
        and not set(one.columns) <= own
        and not isinstance(one, MissingTogether | MissingWhen)
        and not (isinstance(one, Implied) and one.effect.value is None)
        for one in relations
    )


def _added(
    increases: Floats,
    missing: np.ndarray,
    labels: np.ndarray,
) -> Floats:
    """Sums of the increases within each entity, 0 at its first event, shape (events,)."""
    present = np.flatnonzero(~missing)
    _, first = np.unique(labels[present], return_index=True)
    increases = increases.copy()
    increases[present[first]] = 0.0
    total = np.cumsum(increases)
    _, begins, which = np.unique(labels, return_index=True, return_inverse=True)
    before = np.where(begins > 0, total[begins - 1], 0.0)
    return np.asarray(total - before[which])
