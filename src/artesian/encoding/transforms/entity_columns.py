"""Find the entities of a table: repeating identifiers, and the columns that belong to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.inference.id_names import is_member_name
from artesian.data.inference.roles import DIRECT, PERSONS
from artesian.data.row_groups import NAMES, repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.grouping import is_sorted_within, stands_together
from artesian.encoding.transforms.joint_entity import identifying_pair

EXPECTED = 8.0
"""Number of exceptions that independence leads to where a rule without exception is believed."""

FEW_EXPECTED = 5.0
"""The same where a rule that does not hold would do little harm."""

MIN_PAIRS = 20

NAMESAKES = 0.8
"""Minimum fraction of the values of an identifier that have a name of their own, if it is that of a
person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityColumns:
    """The columns of one kind of entity.

    Attributes:
        identifying: Identifiers, and texts that are generated; each has one value per entity.
        equal: Of `identifying`, those that equal the first one.
        constant: Modelled columns with one value per entity, those with fewer values first.
        sparse: Those of `constant` that are missing in some rows of an entity.
        together: Two constant columns of which no two entities have the same values, and the columns
            that the second one determines: an article in a warehouse, and its price.
        counters: Columns that number the rows of an entity: first number by column.
        distinct: Columns without a repeated value within an entity.
        order: The column by which the rows of an entity are sorted; None if they are in any order.
        parent: Position of the entity that contains this one; None if none does.
        unit: The identifier of the entities that it consists of, if its rows are grouped two times.
    """

    identifying: tuple[str, ...]
    equal: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    sparse: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    counters: dict[str, int]
    distinct: tuple[str, ...] = ()
    order: str | None = None
    parent: int | None = None
    unit: str | None = None

    def to_state(self) -> dict[str, Any]:
        """The columns, as JSON types."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            identifying=tuple(state["identifying"]),
            equal=tuple(state["equal"]),
            constant=tuple(state["constant"]),
            sparse=tuple(state["sparse"]),
            together=tuple(state["together"]),
            counters=state["counters"],
            distinct=tuple(state["distinct"]),
            order=state["order"],
            parent=state["parent"],
            unit=state["unit"],
        )


def entity_columns(table: Table) -> tuple[EntityColumns, ...]:
    """The entities of a table, each after the one that contains it."""
    entities: list[EntityColumns] = []
    used: set[str] = set()
    names = sorted(repeating_ids(table), key=lambda name: table.frame[name].n_unique())
    facts = {name: _Facts.of(table, name) for name in names}
    shared = _shared_by_persons(table, names, facts)
    names = [name for name in names if name not in shared]
    facts = {name: facts[name] for name in names}
    roots = [n for n in names if not any(m in facts[n].constant for m in names if m != n)]
    # The entity whose rows follow each other in the source comes first, then what contains most others.
    together = {n: stands_together(table.frame[n]) for n in roots} if len(roots) > 1 else {}
    roots.sort(
        key=lambda n: (
            not together.get(n, True),
            n != table.schema.entity,
            -sum(n in facts[m].constant for m in names),
        )
    )
    missing = {name: table.frame[name].null_count() for name in names}
    # Of identifiers of one entity, the one that all of its rows have comes first.
    ordered = sorted(names, key=lambda n: (_depth(n, names, facts), missing[n], _place(n, roots)))
    for name in ordered:
        if name in used:
            continue
        fact = facts[name]
        parents = [at for at, one in enumerate(entities) if one.identifying[0] in fact.constant]
        own = [c for c in table.schema.names if c in fact.constant and c not in used]
        identifying = [name, *(c for c in own if _generated(table, c) and _belongs(c, name, facts))]
        used |= set(identifying)
        values = table.frame[name]
        modelled = [c for c in own if not _generated(table, c)]
        sparse = [
            c
            for c in table.schema.names
            if c in fact.sparse and c not in used and not _generated(table, c)
        ]
        entities.append(
            EntityColumns(
                identifying=tuple(identifying),
                equal=tuple(
                    c
                    for c in identifying[1:]
                    if table.frame[c].dtype == values.dtype and (table.frame[c] == values).all()
                ),
                constant=tuple(
                    sorted([*modelled, *sparse], key=lambda c: table.frame[c].n_unique())
                ),
                sparse=tuple(sparse),
                together=identifying_pair(table, name, modelled),
                counters={},
                order=fact.order(),
                parent=parents[-1] if parents else None,
            )
        )
        used |= set(entities[-1].constant)
    entities = _with_rules(table, entities, facts)
    for outer, inner in zip(_line(entities), _line(entities)[1:], strict=False):
        entities[outer] = replace(entities[outer], unit=entities[inner].identifying[0])
    return tuple(entities)


def _shared_by_persons(
    table: Table, names: Sequence[str], facts: dict[str, _Facts]
) -> frozenset[str]:
    """Names and addresses that are no entities, because persons with another identifier have them.

    Namesakes share a first name or a last name, and few share both; few share a mail address or a
    telephone. So the names that are constant within an identifier belong to it if all of them together
    tell its values apart, or if it is that of people; and so does every other personal text that tells
    most of its values apart. An order has the name of its customer, whose other orders have it too:
    that name is an entity, which contains the orders. A first or a last name alone is none.
    """
    schema, frame = table.schema, table.frame
    out: set[str] = set()
    for name in names:
        if schema[name].role in NAMES:
            continue
        texts = [n for n in facts[name].constant if schema[n].kind is Kind.TEXT]
        own = [n for n in texts if schema[n].role in NAMES]
        of_person = schema[name].role in PERSONS or is_member_name(name)
        part = len(own) == 1 and schema[own[0]].role != "name"
        if own and (of_person or part or _are_distinct(frame, name, own)):
            out.update(own)
        for other in texts:
            # Of two that are the same in number, either one may be the entity.
            fewer = frame[other].n_unique() < frame[name].n_unique()
            personal = schema[other].role in DIRECT and other != schema.entity
            if personal and fewer and _are_distinct(frame, name, [other]):
                out.add(other)
    return frozenset(out)


def _are_distinct(frame: pl.DataFrame, name: str, texts: Sequence[str]) -> bool:
    """Whether most values of an identifier have texts that no other value has."""
    each = frame.select(name, *texts).drop_nulls().unique()
    alone = each.height - int(each.select(texts).is_duplicated().sum())
    return each.height > 0 and alone >= NAMESAKES * each.height


def _line(entities: Sequence[EntityColumns]) -> list[int]:
    """The first entity, one that it contains, one that this one contains, ..."""
    line = [0] if entities else []
    while line:
        inner = [n for n, one in enumerate(entities) if one.parent == line[-1]]
        if not inner:
            break
        line.append(inner[0])
    return line


def _with_rules(
    table: Table, entities: Sequence[EntityColumns], facts: dict[str, _Facts]
) -> list[EntityColumns]:
    """The entities with their counters and distinct columns, each at the smallest entity."""
    counted: set[str] = set()
    out: list[EntityColumns] = []
    for one in reversed(entities):
        name = one.identifying[0]
        counters = {c: n for c, n in facts[name].counters().items() if c not in counted}
        counted |= set(counters)
        taken = {*one.identifying, *one.constant, *counters}
        others = [n for other in entities for n in other.identifying if other is not one]
        distinct = [
            c for c in facts[name].distinct(one.order) if c not in taken and c not in others
        ]
        # Rows of an entity follow each other in a sample; by time, so do the amounts of a balance.
        times = (c for c in distinct if table.schema[c].kind is Kind.DATETIME)
        order = one.order or next(times, None)
        out.append(replace(one, counters=counters, distinct=tuple(distinct), order=order))
    return out[::-1]


def _generated(table: Table, name: str) -> bool:
    return table.schema[name].kind in (Kind.KEY, Kind.TEXT)


def _belongs(name: str, entity: str, facts: dict[str, _Facts]) -> bool:
    """Whether a generated column has a value for each entity, not one for several of them."""
    return name not in facts or entity in facts[name].constant


def _depth(name: str, names: Sequence[str], facts: dict[str, _Facts]) -> int:
    """Number of other identifiers that are constant within an entity but do not determine it."""
    return sum(
        other in facts[name].constant and name not in facts[other].constant
        for other in names
        if other != name
    )


def _place(name: str, roots: Sequence[str]) -> int:
    return roots.index(name) if name in roots else len(roots)


@dataclass(frozen=True, slots=True, eq=False)
class _Facts:
    """What holds for the rows with the same value of an identifier.

    Attributes:
        table: The rows that have a value, in the order of the table, by entity.
        labels: The entity of each of these rows, in consecutive rows.
        constant: Columns with one value per entity.
        sparse: Columns with one value per entity, which is missing in some of its rows.
    """

    table: Table
    labels: NDArray[np.int64]
    constant: frozenset[str]
    sparse: frozenset[str]

    @classmethod
    def of(cls, table: Table, name: str) -> _Facts:
        """The facts of one identifier."""
        frame = table.frame.filter(table.frame[name].is_not_null())
        labels = (
            frame[name].rank("dense").to_numpy().astype(np.int64)
            if frame.height
            else np.empty(0, np.int64)
        )
        order = np.argsort(labels, kind="stable")
        frame, labels = frame[order], labels[order]
        rows = table.with_frame(frame)
        constant = frozenset(constant_within(frame, labels, name))
        return cls(rows, labels, constant, frozenset(_sparse(frame, labels, {name, *constant})))

    def order(self) -> str | None:
        """The column by which rows are sorted within an entity, one that only counts them last."""
        counters = self.counters()
        for kinds in ((Kind.DATETIME,), (Kind.NUMBER,)):
            for name in self.table.schema.of_kind(*kinds):
                if name not in counters and self._is_sorted(name):
                    return name
        return next((name for name in counters if self._is_sorted(name)), None)

    def _is_sorted(self, name: str) -> bool:
        series = self.table.frame[name]
        numeric = series.dtype.is_temporal() or series.dtype.is_integer()
        return numeric and is_sorted_within(self.labels, series, MIN_PAIRS)

    def counters(self) -> dict[str, int]:
        """Columns of consecutive numbers within each entity, with the first number."""
        out = {}
        for column in self.table.schema:
            series = self.table.frame[column.name]
            if column.kind is not Kind.NUMBER or not series.dtype.is_integer():
                continue
            if series.null_count() or series.min() not in (0, 1):
                continue
            first = int(series.min())  # type: ignore[arg-type]
            groups = pl.DataFrame({"label": self.labels, "value": series}).group_by("label")
            ends = groups.agg(
                rows=pl.len(),
                low=pl.col("value").min(),
                high=pl.col("value").max(),
                distinct=pl.col("value").n_unique(),
            )
            counts = (
                (ends["low"] == first)
                & (ends["high"] == first + ends["rows"].cast(pl.Int64) - 1)
                & (ends["distinct"] == ends["rows"])
            )
            several = int((ends["rows"] > 1).sum())
            if several >= EXPECTED and counts.all():
                out[column.name] = first
        return out

    def distinct(self, order: str | None) -> list[str]:
        """Columns that repeat in the table (but times, and `order`), and never within an entity."""
        out = []
        _, counts = np.unique(self.labels, return_counts=True)
        pairs = float((counts * (counts - 1) / 2).sum())
        for column in self.table.schema:
            series = self.table.frame[column.name]
            if column.kind is Kind.TEXT or series.null_count() == len(series):
                continue
            if not (
                series.dtype.is_temporal() or series.dtype.is_integer() or series.dtype == pl.String
            ):
                continue
            repeats = (
                series.drop_nulls().alias("value").value_counts(name="rows")["rows"].to_numpy()
            )
            rows = len(series)
            equal = float((repeats * (repeats - 1)).sum()) / (rows * (rows - 1))
            # A time that never repeats orders the rows; moving one by a step does no harm.
            surprising = order == column.name or column.kind is Kind.DATETIME
            surprising &= pairs >= MIN_PAIRS
            surprising |= pairs * equal >= FEW_EXPECTED
            if column.name not in self.table.schema.key and not surprising:
                continue
            frame = pl.DataFrame({"label": self.labels, "value": series}).drop_nulls()
            if not frame.is_duplicated().any():
                out.append(column.name)
        return out


def constant_within(frame: pl.DataFrame, labels: NDArray[np.int64], name: str) -> list[str]:
    """Columns other than `name` with one value per entity, where chance would lead to exceptions."""
    others = [column for column in frame.columns if column != name]
    if not others or not frame.height:
        return []
    grouped = frame.select(others).with_columns(pl.Series(_LABEL, labels)).group_by(_LABEL)
    counts = grouped.agg(pl.len().alias(_ROWS), *(pl.col(c).n_unique() for c in others))
    repeated = int((counts[_ROWS] - 1).sum())
    out = []
    for column in others:
        if (counts[column] > 1).any():
            continue
        repeats = frame[column].alias("value").value_counts(name="rows")["rows"].to_numpy()
        varied = 1 - float(((repeats / frame.height) ** 2).sum())
        if repeated * varied >= EXPECTED:
            out.append(column)
    return out


def _sparse(frame: pl.DataFrame, labels: NDArray[np.int64], but: Collection[str]) -> list[str]:
    """Columns with missing values, and one value per entity where they have any."""
    out = []
    for column in frame.columns:
        series = frame[column]
        if column in but or not 0 < series.null_count() < len(series):
            continue
        present = series.is_not_null()
        rows, of = frame.select(column).filter(present), labels[present.to_numpy()]
        out += constant_within(rows, of, "")
    return out


_LABEL, _ROWS = "\0label", "\0rows"
