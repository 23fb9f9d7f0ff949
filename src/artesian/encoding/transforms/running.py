"""Running totals: a column that follows from the row before it of the same entity, in order of time.

A balance is the balance before plus the amount; a meter never runs backwards. What is modelled is where
an entity starts, and by how much a meter rises. The inverse adds up, so that it must come after all
other columns are restored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.meters import (
    MIN_HOLDS,
    MIN_PAIRS,
    decimals_of,
    rises,
)
from artesian.encoding.transforms.protocol import Position, hidden_name

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One running total.

    Attributes:
        target: The column that adds up.
        amount: The column that is added; None if the increase is modelled.
        entity: The identifier within whose rows it adds up.
        time: The column that orders them.
        start: The modelled column with the value before an entity's first row.
        increase: The modelled column with the increase; '' if there is an amount.
        decimals: Number of decimals of the target.
    """

    target: str
    amount: str | None
    entity: str
    time: str
    start: str
    increase: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Running:
    """The running totals of a table."""

    totals: tuple[Total, ...]

    name: ClassVar[str] = "running"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that add up."""
        return tuple(one.target for one in self.totals)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The columns that are modelled in place of totals."""
        return tuple(name for one in self.totals for name in (one.start, one.increase) if name)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The running totals within the rows of repeating identifiers; None if there are none."""
        totals: dict[str, Total] = {}
        amounts: set[str] = set()
        for entity in repeating_ids(table):
            for time in table.schema.of_kind(Kind.DATETIME):
                for target, amount in _candidates(table, entity, time):
                    free = target not in totals and target not in amounts
                    if free and (amount is None or amount not in totals):
                        totals[target] = _total(table, target, amount, entity, time)
                        amounts |= {amount} if amount is not None else set()
        return cls(tuple(totals.values())) if totals else None

    def forward(self, table: Table) -> Table:
        """The table with starts and increases in place of totals."""
        columns: dict[str, tuple[Column, ...]] = {c.name: (c,) for c in table.schema}
        frame = table.frame
        for one in self.totals:
            change = pl.col(one.target) - pl.col(one.target).shift(1)
            if one.amount is not None:
                before = pl.col(one.target) - pl.col(one.amount)
                start = before.first()
            else:
                start = pl.col(one.target).first()
            new = [_ordered(start, one).round(one.decimals).alias(one.start)]
            hidden = [Column(name=one.start, kind=Kind.NUMBER)]
            if one.amount is None:
                rises = _ordered(change.clip(lower_bound=0), one).round(one.decimals)
                new.append(rises.alias(one.increase))
                hidden.append(Column(name=one.increase, kind=Kind.NUMBER, nullable=True))
            frame = frame.with_columns(new)
            columns[one.target] = tuple(hidden)
        modelled = tuple(column for group in columns.values() for column in group)
        schema = Schema(
            columns=modelled,
            key=table.schema.key,
            entity=table.schema.entity,
            relations=table.schema.relations,
        )
        return replace(table, frame=frame.select(schema.names), schema=schema)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Rows with the totals."""
        for one in self.totals:
            if one.amount is not None:
                total = pl.col(one.start) + _ordered(pl.col(one.amount).cum_sum(), one)
            else:
                rises = pl.col(one.increase).fill_null(0)
                first = pl.int_range(pl.len()) == 0
                total = pl.col(one.start) + _ordered(
                    pl.when(first).then(0).otherwise(rises).cum_sum(), one
                )
            frame = frame.with_columns(total.round(one.decimals).alias(one.target))
        return frame.drop(self.hidden)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"totals": [asdict(one) for one in self.totals]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(tuple(Total(**one) for one in state["totals"]))


def _ordered(expression: pl.Expr, one: Total) -> pl.Expr:
    """An expression over the rows of an entity in order of time."""
    return expression.over(one.entity, order_by=one.time)


def _total(table: Table, target: str, amount: str | None, entity: str, time: str) -> Total:
    return Total(
        target=target,
        amount=amount,
        entity=entity,
        time=time,
        start=hidden_name(f"{target} (start)", table.schema),
        increase="" if amount is not None else hidden_name(f"{target} (increase)", table.schema),
        decimals=decimals_of(table.frame[target]),
    )


def _candidates(table: Table, entity: str, time: str) -> Iterator[tuple[str, str | None]]:
    """Totals with their amounts, then columns that only rise."""
    frame = table.frame
    if frame[entity].has_nulls() or frame[time].has_nulls():
        return
    order = frame.select(pl.arg_sort_by(entity, time)).to_series()
    names = [
        name
        for name in table.schema.of_kind(Kind.NUMBER)
        if frame[name].dtype.is_numeric()
        and not frame[name].dtype.is_decimal()
        and not frame[name].has_nulls()
        and frame[name].n_unique() > 2
    ]
    rows = frame[order]
    ids, times = rows[entity], rows[time]
    follows = ((ids == ids.shift(1)) & (times > times.shift(1))).fill_null(False).to_numpy()
    tied = ((ids == ids.shift(1)) & (times == times.shift(1))).fill_null(False).any()
    if follows.sum() < MIN_PAIRS or tied:
        return
    values = {name: rows[name].cast(pl.Float64).to_numpy() for name in names}
    changes = {name: np.diff(v, prepend=np.nan)[follows] for name, v in values.items()}
    summed: set[str] = set()
    for target in names:
        for amount in names:
            if amount != target and _adds_up(changes[target], values[amount][follows]):
                summed.add(target)
                yield target, amount
                break
    for target in names:
        if target not in summed and rises(changes[target]):
            yield target, None


def _adds_up(change: Floats, amount: Floats) -> bool:
    head = slice(0, 200)
    tolerance = 1e-6 * max(float(np.abs(amount).max()), 1.0)
    for part in (head, slice(None)):
        if (np.abs(change[part] - amount[part]) <= tolerance).mean() < MIN_HOLDS:
            return False
    return len(np.unique(amount)) > 2
