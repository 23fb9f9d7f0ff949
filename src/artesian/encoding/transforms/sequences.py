"""Times that follow each other in the rows of an entity: the stops of a train, the bookings of a room.

What is modelled is when an entity starts, and the time between one event and the next. So a train takes
as long as trains do, and no arrival is before the departure of the stop before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.validated import Between
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.transforms.date_grains import GrainyColumn, grainy_columns
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.discover import discover
from artesian.relations.expressions import Floats, numbers
from artesian.relations.follows import passed
from artesian.relations.formulas import Formula
from artesian.relations.implied import Implied
from artesian.relations.parse import is_relation, relations_of
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import MIN_HOLDS, Relation
from artesian.relations.running import order_of
from artesian.relations.search.fitting import mode
from artesian.relations.search.follows import Sequence, flat, periods, sequences, since_before
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
        length: The column of the table that has the length of a period, the last of `increases`; '' if
            the length is a modelled column of its own.
        length_per_day: Units of it in a day.
        open_end: Fraction of the entities whose last period has no end, if no other period is without.
        grains: What the dates of its columns have in common, if no column has their length.
    """

    names: tuple[str, ...]
    entity: str
    number: str
    start: str
    increases: tuple[str, ...]
    per_day: int
    relations: tuple[str, ...]
    length: str = ""
    length_per_day: int = 1
    open_end: Annotated[float, Between(0, 1)] = 0.0
    grains: tuple[GrainyColumn, ...] = ()

    @property
    def hidden(self) -> tuple[str, ...]:
        """The modelled columns that the table does not have."""
        return self.start, *(name for name in self.increases if name != self.length)


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
        candidates = [*sequences(table), *periods(table)]
        if not candidates:
            return None
        listed = table.schema.relations
        relations: list[Relation] = (
            [one.relation for one in discover(table)]
            if listed is None
            else relations_of(listed, table.schema.names)
        )
        events = tuple(
            _events(table, one, relations)
            for one in candidates
            if one.relation in relations and not _is_needed(one, relations)
        )
        if not events or listed is None:
            return cls(events) if events else None
        modelled = cls(events).forward(table)
        hidden = {name for one in events for name in one.hidden}
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
                if increase == one.length:
                    columns[name] = ()
                    continue
                # The first event follows no other: it has the most frequent time.
                values = whole[:, at]
                present = values[~np.isnan(values)]
                usual = mode(present) if len(present) else 0.0
                missing = rows[name].is_null()
                if one.open_end and at == len(one.names) - 1:
                    # Where the last period ends is not known yet: as long after as others do.
                    drawn = np.random.default_rng(0).permutation(present)
                    values[missing.to_numpy()] = np.resize(drawn, int(missing.sum()))
                    missing = pl.repeat(False, len(rows), eager=True)
                filled = np.where(np.isnan(values), usual, values).astype(np.int64)
                series = pl.Series(increase, filled).set(missing, None)
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
            # Periods that follow each other have no number but their order.
            number = one.entity if one.number in one.names else one.number
            order = order_of(frame, one.entity, number)
            rows, columns = frame[order], len(one.names)
            labels = np.repeat(rows[one.entity].rank("dense").to_numpy(), columns)
            units = np.ones(columns)
            if one.length:
                units[-1] = one.per_day / one.length_per_day
            increases = np.stack([numbers(rows[n]) for n in one.increases], axis=1) * units
            increases = increases.ravel()
            missing = np.isnan(increases)
            whole = _added(np.where(missing, 0.0, np.round(increases)), missing, labels)
            starts = rows.select(pl.col(one.start).first().over(one.entity))[one.start]
            days = numbers(starts)[:, None] + (whole / one.per_day).reshape(-1, columns)
            days[missing.reshape(-1, columns)] = np.nan
            if one.open_end:
                last = np.flatnonzero(_is_last(rows[one.entity]))
                is_open = at.rng("sequences", one.names[-1]).random(len(last)) < one.open_end
                days[last[is_open], -1] = np.nan
            back = np.argsort(order)
            form = Hidden(starts.dtype, None)
            frame = frame.with_columns(
                form.series(name, days[:, k])[back] for k, name in enumerate(one.names)
            )
            frame = frame.with_columns(grain.nearest(frame[grain.name]) for grain in one.grains)
        return frame.drop(name for one in self.events for name in one.hidden)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"events": [asdict(one) for one in self.events], "further": self.further}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        several = ("names", "increases", "relations")
        return cls(
            tuple(
                Events(
                    **one
                    | {name: tuple(one[name]) for name in several}
                    | {"grains": tuple(GrainyColumn(**grain) for grain in one["grains"])}
                )
                for one in state["events"]
            ),
            tuple(state["further"]),
        )


def _events(table: Table, sequence: Sequence, relations: Iterable[Relation]) -> Events:
    """What is modelled of a sequence."""
    schema, names = table.schema, sequence.names
    grid = NumericColumns.from_frame(table.frame.select(names), 0).grid.min()
    per_day = next(unit for unit in PER_DAY if unit * grid >= 1 - 1e-9 or unit == PER_DAY[-1])
    relations = list(relations)
    length, length_per_day = "", 1
    if sequence.number in names:
        length, length_per_day = _length(table.frame, names, relations)
    own = {*names, sequence.entity, sequence.number} | ({length} if length else set())
    increases = [hidden_name(f"{name} (increase)", schema) for name in names]
    open_end = 0.0
    if sequence.number in names and not length:
        rows = table.frame[order_of(table.frame, sequence.entity, sequence.number)]
        last, missing = _is_last(rows[sequence.entity]), rows[names[-1]].is_null().to_numpy()
        if missing.any() and last[missing].mean() >= MIN_HOLDS:
            open_end = float(missing[last].mean())
    return Events(
        names=names,
        entity=sequence.entity,
        number=sequence.number,
        start=hidden_name(f"{names[0]} (start)", schema),
        increases=(*increases[:-1], length or increases[-1]),
        per_day=per_day,
        relations=tuple(
            str(one)
            for one in relations
            if set(one.columns) & set(names) and set(one.columns) <= own
        ),
        length=length,
        length_per_day=length_per_day,
        open_end=open_end,
        grains=() if length else grainy_columns(table.frame.select(names)),
    )


def _is_last(labels: pl.Series) -> NDArray[np.bool_]:
    """Whether the next row has another label, shape (rows,)."""
    return (labels != labels.shift(-1)).fill_null(True).to_numpy()


def _length(
    frame: pl.DataFrame, names: tuple[str, ...], relations: Iterable[Relation]
) -> tuple[str, int]:
    """The column with the exact length of periods, and its units in a day; '' without one."""
    start, end = (numbers(frame[name]) for name in names)
    for one in relations:
        others = set(one.columns) - set(names)
        if not isinstance(one, Formula) or len(others) != 1 or not set(names) < set(one.columns):
            continue
        (name,) = others
        values = (
            numbers(frame[name]) if frame[name].dtype.is_numeric() else np.full(len(end), np.nan)
        )
        present = ~np.isnan(values)
        if not np.array_equal(present, ~np.isnan(end)):
            continue
        for unit in PER_DAY[:4]:
            if np.allclose(values[present], (end - start)[present] * unit, rtol=0, atol=1e-4):
                return name, unit
    return "", 1


def _remaining(listed: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    """The texts of relations between columns `names`."""
    return [text for text in listed if is_relation(text, names)]


def _is_needed(sequence: Sequence, relations: Iterable[Relation]) -> bool:
    """Whether another column is tied to a time other than by where it is missing.

    The length of a period that another column has is modelled itself.
    """
    names, own = set(sequence.names), {*sequence.names, sequence.entity, sequence.number}
    return any(
        names & set(one.columns)
        and not set(one.columns) <= own
        and not (isinstance(one, Formula) and names < set(one.columns) and len(one.columns) == 3)
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
