"""Running totals: a column that follows from the row before it of the same entity, in order of time.

A balance is the balance before plus the amount; a meter never runs backwards. What is modelled is where
an entity starts, and by how much a meter rises. The inverse adds up, so that it must come after all
other columns are restored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

import polars as pl

from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.meters import decimals_of
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.relations.parse import parse_relation
from artesian.relations.protocol import Relation
from artesian.relations.running import NeverFalls, RunningTotal
from artesian.relations.search.running import running


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
    def relations(self) -> tuple[str, ...]:
        """The totals as relations."""
        return tuple(
            str(
                NeverFalls(one.target, one.entity, one.time)
                if one.amount is None
                else RunningTotal(one.target, one.amount, one.entity, one.time)
            )
            for one in self.totals
        )

    @property
    def hidden(self) -> tuple[str, ...]:
        """The columns that are modelled in place of totals."""
        return tuple(name for one in self.totals for name in (one.start, one.increase) if name)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The running totals within the rows of repeating identifiers; None if there are none.

        If the schema lists relations, those among them.
        """
        if table.schema.relations is None:
            relations: Iterable[Relation] = running(table)
        else:
            names = table.schema.names
            relations = (parse_relation(text, names) for text in table.schema.relations)
        ids = repeating_ids(table)
        totals = tuple(
            _total(table, one)
            for one in relations
            if isinstance(one, RunningTotal | NeverFalls) and one.entity in ids
        )
        return cls(totals) if totals else None

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
            # Whose rows add up is the subject of the rows, and nothing else names it.
            entity=table.schema.entity or self.totals[0].entity,
            relations=_remaining(table.schema.relations, columns),
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


def _remaining(
    relations: tuple[str, ...] | None, columns: dict[str, tuple[Column, ...]]
) -> tuple[str, ...] | None:
    """The texts of relations between columns that are modelled themselves."""
    if relations is None:
        return None
    names = tuple(columns)
    replaced = {name for name, group in columns.items() if [c.name for c in group] != [name]}
    return tuple(
        text for text in relations if not replaced & set(parse_relation(text, names).columns)
    )


def _ordered(expression: pl.Expr, one: Total) -> pl.Expr:
    """An expression over the rows of an entity in order of time."""
    return expression.over(one.entity, order_by=one.time)


def _total(table: Table, relation: RunningTotal | NeverFalls) -> Total:
    target = relation.target
    amount = relation.amount if isinstance(relation, RunningTotal) else None
    return Total(
        target=target,
        amount=amount,
        entity=relation.entity,
        time=relation.time,
        start=hidden_name(f"{target} (start)", table.schema),
        increase="" if amount is not None else hidden_name(f"{target} (increase)", table.schema),
        decimals=decimals_of(table.frame[target]),
    )
