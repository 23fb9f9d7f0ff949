"""Running totals: a column that follows from the row before it of the same entity, in order of time.

A balance is the balance before plus the amount; a meter never runs backwards. What is modelled is where
an entity starts, and by how much a meter rises. The inverse adds up, so that it must come after all
other columns are restored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal, Self, cast

import polars as pl

from artesian.core.validated import Decimals, require
from artesian.data.row_groups import label_ids, repeating_ids
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.accruals import (
    Accrual,
    First,
    Recurrence,
    accruals_of,
    first_rows,
)
from artesian.encoding.transforms.meters import decimals_of
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.relations.expressions import Binary, numbers
from artesian.relations.formulas import Formula
from artesian.relations.parse import parse_relation, relations_of
from artesian.relations.protocol import Relation
from artesian.relations.running import (
    PERIODS,
    CarriedForward,
    FromPrevious,
    NeverFalls,
    RunningTotal,
    Term,
    sum_of_terms,
)
from artesian.relations.search.computed import formulas
from artesian.relations.search.running import rises_with_number, running
from artesian.relations.translation import implied_by

MIN_CODES = 20
"""Minimum number of codes of a category whose rows have running totals."""

_PERIOD = "\0period"
_ROW = "\0row"  # no column of a table has this name


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One running total.

    Attributes:
        target: The column that adds up.
        terms: What is added in each row; empty if the increase is modelled.
        carried: Columns with the total before the row.
        entity: The identifier within whose rows it adds up.
        time: The column that orders them.
        start: The modelled column with the value before an entity's first row; '' if it is 0.
        increase: The modelled column with the increase; '' if there are terms.
        decimals: Number of decimals of the target.
        floored: Whether the target is never negative; an entity then starts as high as it takes.
        accruals: Columns that follow from the total of the row before, and what follows from them.
        first: What they are in the first row of an entity.
        period: The period of the time in each of which the total begins at 0; '' if it never does.
    """

    target: str
    terms: tuple[Term, ...]
    carried: tuple[str, ...]
    entity: str
    time: str
    start: str
    increase: str
    decimals: Decimals
    floored: bool = False
    accruals: tuple[Accrual, ...] = ()
    first: First = "follows"
    period: Literal["", "year", "quarter", "month", "week"] = ""

    def check_values(self) -> None:
        """Check that a total without a start is one of a period, on which nothing accrues."""
        require(bool(self.start) != bool(self.period), "a total has a start or a period")
        require(not (self.period and self.accruals), "nothing accrues on a total of a period")

    @property
    def relations(self) -> tuple[str, ...]:
        """What holds of the total, and of the columns that carry it forward, as text."""
        if not self.terms:
            return (str(NeverFalls(self.target, self.entity, self.time)),)
        return (
            str(RunningTotal(self.target, self.terms, self.entity, self.time, (), self.period)),
            *(str(CarriedForward(n, self.target, self.entity, self.time)) for n in self.carried),
            *(one.relation for one in self.accruals),
        )

    @property
    def restored(self) -> tuple[str, ...]:
        """The columns that are computed in place of being modelled."""
        return self.target, *self.carried, *(one.target for one in self.accruals)

    @property
    def recurrence(self) -> Recurrence:
        """The total with what accrues on it."""
        return Recurrence(
            self.target,
            self.terms,
            self.carried,
            self.entity,
            self.time,
            self.decimals,
            self.accruals,
            self.first,
        )

    @property
    def change(self) -> pl.Expr:
        """The sum of the terms."""
        return sum_of_terms(self.terms)

    def ordered(self, expression: pl.Expr) -> pl.Expr:
        """An expression over the rows of an entity, and of a period, in order of time."""
        groups: list[str | pl.Expr] = [self.entity]
        if self.period:
            groups.append(pl.col(self.time).dt.truncate(PERIODS[self.period]).alias(_PERIOD))
        return expression.over(groups, order_by=[self.time, _ROW])


@dataclass(frozen=True, slots=True)
class Running:
    """The running totals of a table."""

    totals: tuple[Total, ...]

    name: ClassVar[str] = "running"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that add up, those that carry them forward and those that follow from them."""
        return tuple(name for one in self.totals for name in one.restored)

    @property
    def relations(self) -> tuple[str, ...]:
        """The totals as relations."""
        return tuple(text for one in self.totals for text in one.relations)

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
            relations: Iterable[Relation] = running(table, labels=True)
        else:
            names = table.schema.names
            relations = relations_of(table.schema.relations, names)
        declared = implied_by(table.schema.constraints, table.frame)
        relations = list({str(one): one for one in (*declared, *relations)}.values())
        ids = repeating_ids(table)
        labels = {*label_ids(table), *_codes(table)}
        series = [
            one
            for one in relations
            if isinstance(one, RunningTotal | CarriedForward | FromPrevious | NeverFalls)
            and (one.entity in ids or (one.entity in labels and not isinstance(one, NeverFalls)))
            and not (isinstance(one, NeverFalls) and rises_with_number(table.frame, one))
        ]
        totals = tuple(
            _total(table, one, [n for n in series if isinstance(n, CarriedForward)])
            for one in series
            if isinstance(one, RunningTotal | NeverFalls)
        )
        totals = _without_computed(totals, table)
        previous = [one for one in series if isinstance(one, FromPrevious)]
        listed = None
        if table.schema.relations is not None:
            listed = [one for one in relations if isinstance(one, Formula)]
        totals = tuple(_with_accruals(table, one, previous, listed) for one in totals)
        totals = _in_order(totals)
        return cls(totals) if totals else None

    def forward(self, table: Table) -> Table:
        """The table with starts and increases in place of totals."""
        columns: dict[str, tuple[Column, ...]] = {c.name: (c,) for c in table.schema}
        frame = table.frame.with_row_index(_ROW)
        for one in self.totals:
            change = pl.col(one.target) - pl.col(one.target).shift(1)
            start = (pl.col(one.target) - one.change if one.terms else pl.col(one.target)).first()
            new, hidden = [], []
            if one.start:
                new.append(one.ordered(start).round(one.decimals).alias(one.start))
                hidden.append(Column(name=one.start, kind=Kind.NUMBER))
            for name in one.restored:
                columns[name] = ()
            if not one.terms:
                rises = one.ordered(change.clip(lower_bound=0)).round(one.decimals)
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
            constraints=table.schema.constraints,
            relations=_remaining(table.schema.relations, columns),
        )
        return replace(table, frame=frame.select(schema.names), schema=schema)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Rows with the totals."""
        frame = frame.with_row_index(_ROW)
        for one in self.totals:
            if one.accruals:
                level = numbers(frame[one.start])
                frame = one.recurrence.restored(frame, level, floored=one.floored)
                continue
            if one.terms:
                added = one.ordered(one.change.cum_sum())
            else:
                rises = pl.col(one.increase).fill_null(0)
                first = pl.int_range(pl.len()) == 0
                added = one.ordered(pl.when(first).then(0).otherwise(rises).cum_sum())
            start = pl.col(one.start) if one.start else pl.lit(0.0)
            total = (start + added).round(one.decimals)
            if one.floored:
                lowest = pl.min_horizontal(total, (total - one.change) if one.terms else total)
                total += (-lowest.min().over(one.entity)).clip(lower_bound=0).round(one.decimals)
            before = (total - one.change).round(one.decimals) if one.terms else total
            frame = frame.with_columns(
                total.alias(one.target), *(before.alias(name) for name in one.carried)
            )
        return frame.drop(_ROW, *self.hidden)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"totals": [asdict(one) for one in self.totals]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            tuple(
                Total(
                    **one
                    | {
                        "terms": tuple(
                            Term(**term | {"values": tuple(term["values"])})
                            for term in one["terms"]
                        ),
                        "carried": tuple(one["carried"]),
                        "accruals": tuple(Accrual(**a) for a in one["accruals"]),
                    }
                )
                for one in state["totals"]
            )
        )


def _codes(table: Table) -> Iterator[str]:
    """Categories that number things, such as the pieces of a stock; names of places are none."""
    for name in table.schema.of_kind(Kind.CATEGORY):
        values = table.frame[name].drop_nulls().cast(pl.String).unique()
        if len(values) >= MIN_CODES and values.str.contains(r"\d").mean() == 1:
            yield name


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


def _without_computed(totals: tuple[Total, ...], table: Table) -> tuple[Total, ...]:
    """The totals without those that follow from another one in the same row: the value of a stock.

    Nor is a meter one that follows from the time that orders it, such as an age. No total with terms
    follows from a meter, whose increases are modelled.
    """
    meters = {one.target: one.time for one in totals if not one.terms}
    if len(totals) < 2 and not meters:
        return totals
    targets = {one.target for one in totals}
    computed: set[str] = set()
    for one in formulas(table):
        if one.target in targets:
            others = targets if one.target in meters else targets.difference(meters)
            if others.intersection(one.sources) - computed:
                computed.add(one.target)
        computed |= {name for name in one.columns if meters.get(name) in one.columns}
    return tuple(one for one in totals if one.target not in computed)


def _in_order(totals: tuple[Total, ...]) -> tuple[Total, ...]:
    """The totals, each after those that it adds; without those that add each other."""
    todo, done = list(totals), list[Total]()
    while todo:
        for one in todo:
            later = {name for other in todo if other is not one for name in other.restored}
            if not later.intersection(name for term in one.terms for name in term.columns):
                done.append(one)
                todo.remove(one)
                break
        else:
            break
    return tuple(done)


def _total(
    table: Table, relation: RunningTotal | NeverFalls, carried: list[CarriedForward]
) -> Total:
    target = relation.target
    terms = relation.terms if isinstance(relation, RunningTotal) else ()
    period = relation.period if isinstance(relation, RunningTotal) else ""
    same = (target, relation.entity, relation.time)
    return Total(
        target=target,
        terms=terms,
        carried=tuple(
            one.target for one in carried if terms and (one.total, one.entity, one.time) == same
        ),
        period=cast(Literal["", "year", "quarter", "month", "week"], period),
        entity=relation.entity,
        time=relation.time,
        start="" if period else hidden_name(f"{target} (start)", table.schema),
        increase="" if terms else hidden_name(f"{target} (increase)", table.schema),
        decimals=decimals_of(table.frame[target]),
        floored=bool((table.frame[target] >= 0).all()),
    )


def _with_accruals(
    table: Table, total: Total, previous: list[FromPrevious], listed: list[Formula] | None
) -> Total:
    """A total with what follows from it.

    Args:
        listed: The formulas that a schema lists, among which products with a carried column are; None
            if they are to be direct.
    """
    same = (total.target, total.entity, total.time)
    direct: list[FromPrevious | Formula] = [
        one for one in previous if (one.total, one.entity, one.time) == same
    ]
    targets = {one.target for one in direct}
    for one in listed or ():
        node, members = one.expression, set(one.columns)
        product = isinstance(node, Binary) and node.sign in "*/"
        fresh = one.target not in {total.target, *total.carried} | targets
        if product and fresh and total.target not in members and members & set(total.carried):
            direct.append(one)
    if not direct or not total.terms or total.period:
        return total
    within = formulas(table) if listed is None else listed
    accruals = accruals_of(table, total.target, total.carried, direct, within)
    change = table.frame.select(total.change).to_series().to_numpy()
    first = first_rows(table, accruals, total.target, total.entity, total.time, change)
    return total if first is None else replace(total, accruals=accruals, first=first)
