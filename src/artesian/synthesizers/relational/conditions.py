"""Conditions on columns of related tables, such as `customer.country=FR`.

Rows of a table without owner are drawn from their distribution under the condition, as many as
without it; what belongs to them follows. Of other tables, and of tables that are kept, the rows that
satisfy the condition are selected, and nothing is drawn for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from artesian.core.errors import ArtesianError, ConditionError, UsageError, did_you_mean
from artesian.data.dataset import Dataset
from artesian.data.schema import mentions
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import ColumnCodec
from artesian.synthesizers.condition_parsing import parse_conditions
from artesian.synthesizers.conditions import (
    code_conditions,
    refuse_contradictions,
    satisfies,
    split_conditions,
)
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.relational.constraints import with_referring

if TYPE_CHECKING:
    from artesian.synthesizers.relational.table_model import TableModel

TablesWhere = Mapping[str, Where]
"""Conditions on the columns of each table, by its name."""


@dataclass(frozen=True, slots=True)
class TableCondition:
    """The condition on the rows of one table.

    Attributes:
        where: Conditions whose values have the types of their columns.
        weights: Admitted fraction of each code of the drawn columns, by position.
        codecs: Codecs that decode to admitted values only, by name.
        keys: Conditions on foreign keys, which rows get after their values.
    """

    where: Where
    weights: Mapping[int, Floats] = field(default_factory=dict)
    codecs: Mapping[str, ColumnCodec] = field(default_factory=dict)
    keys: Where = field(default_factory=dict)

    def mask(self, frame: pl.DataFrame) -> pl.Series:
        """Which rows satisfy it, but for foreign keys."""
        return _mask(self.where, frame)

    def keys_mask(self, frame: pl.DataFrame) -> pl.Series:
        """Which rows satisfy the conditions on foreign keys."""
        return _mask(self.keys, frame)


def _mask(where: Where, frame: pl.DataFrame) -> pl.Series:
    if not where:
        return pl.repeat(True, len(frame), eager=True)
    return frame.select(satisfies(where).fill_null(False)).to_series()


def parse_table_conditions(
    given: Mapping[str, Any] | Iterable[str] | None, tables: Mapping[str, Table]
) -> TablesWhere:
    """Parse conditions, and convert every value to its column's type.

    Args:
        given: Texts such as 'customer.country=FR', or a mapping of 'customer.country', or of 'customer'
            to a mapping of its columns, to a value, a list of values or a `Range`.
        tables: The tables; their rows are not read.

    Raises:
        UsageError: a text names no table, or has no '='.
        ConditionError: a table or column is unknown, or a value does not have its column's type.
    """
    texts: dict[str, list[str]] = {}
    values: dict[str, dict[str, Any]] = {}
    if isinstance(given, Mapping):
        for name, wanted in given.items():
            if isinstance(wanted, Mapping):
                values.setdefault(name, {}).update(wanted)
            else:
                table, column = _split(name, tables)
                values.setdefault(table, {})[column] = wanted
    else:
        for text in (given,) if isinstance(given, str) else given or ():
            table, condition = _split(text, tables)
            texts.setdefault(table, []).append(condition)
    parsed: dict[str, Where] = {}
    for name, wanted in {**texts, **values}.items():
        if name not in tables:
            raise ConditionError(
                f"the condition on {name!r} names no table", hint=did_you_mean(name, tables)
            )
        with _of_table(name):
            parsed[name] = parse_conditions(wanted, tables[name].schema, tables[name].frame)
    return parsed


def _split(text: str, tables: Mapping[str, Table]) -> tuple[str, str]:
    """The table that a condition names, and the rest of it."""
    left, equals, _ = text.partition("=")
    named = [name for name in tables if left.strip().startswith(f"{name}.")]
    if named:
        name = max(named, key=len)
        return name, text.strip()[len(name) + 1 :]
    first, dot, _ = left.partition(".")
    if dot:
        raise ConditionError(
            f"the condition {text!r} names a table {first.strip()!r} that does not exist",
            hint=did_you_mean(first.strip(), tables),
        )
    owners = [name for name, table in tables.items() if left.strip() in table.schema.names]
    example = f"{owners[0]}.{text.strip()}" if owners and equals else "customer.country=FR"
    raise UsageError(
        f"the condition {text!r} names no table",
        hint=f"write TABLE.COLUMN=VALUE, such as {example}",
    )


def table_condition(models: Mapping[str, TableModel], name: str, where: Where) -> TableCondition:
    """The condition on the rows of one table.

    Raises:
        ConditionError: the model gives no row that satisfies it, or a column is generated.
    """
    model = models[name]
    with _of_table(name):
        if model.kept is not None:
            condition = TableCondition(where)
            _require_rows(condition, model.kept)
            return condition
        keys = {column: wanted for column, wanted in where.items() if column in model.plan.linked}
        for column, wanted in keys.items():
            _require_key(models, name, column, wanted)
        where = {column: wanted for column, wanted in where.items() if column not in keys}
        for column in where:
            if column in dict(model.plan.numbered):
                raise ConditionError(
                    f"{column!r} numbers the rows of each parent, so it cannot be conditioned on",
                    hint="condition on another column",
                )
        apart = {one.name for one in model.drifts}
        apart |= set() if model.clock is None else {model.clock.scale.name}
        coded_where = {column: wanted for column, wanted in where.items() if column not in apart}
        if not coded_where or model.codec is None:
            return TableCondition(where, keys=keys)
        coded, _ = split_conditions(model.codec, coded_where)
        refuse_contradictions(model.codec, coded_where)
        conditions = code_conditions(model.codec, coded)
    if model.plan.owner is not None:
        return TableCondition(where, keys=keys)
    first = len(model.own.names) - len(model.codec.names)
    return TableCondition(
        where,
        {first + model.codec.names.index(n): one.weights for n, one in conditions.items()},
        {n: one.codec for n, one in conditions.items()},
        keys,
    )


def _require_key(models: Mapping[str, TableModel], name: str, column: str, wanted: Any) -> None:
    """Refuse a condition on a foreign key to generated keys, or with a value that no parent has."""
    for key in models[name].plan.foreign_keys:
        if column not in key.columns:
            continue
        parent = models[key.parent].kept
        if parent is None:
            raise ConditionError(
                f"{column!r} refers to another table, which cannot be conditioned on: its keys are "
                "generated",
                hint="condition on a column of the table that it refers to",
            )
        there = key.parent_columns[key.columns.index(column)]
        _require_rows(TableCondition({there: wanted}), parent)


def satisfying(dataset: Dataset, where: TablesWhere) -> Dataset:
    """The rows that satisfy the conditions, without those that refer to rows which do not."""
    kept = {name: np.ones(len(table), bool) for name, table in dataset.items()}
    for name, own in where.items():
        kept[name] = TableCondition(own).mask(dataset[name].frame).to_numpy()
    return dataset.select_rows(with_referring(dataset, kept))


def _require_rows(condition: TableCondition, frame: pl.DataFrame) -> None:
    """Refuse a condition that no row of a kept table satisfies."""
    for column, wanted in condition.where.items():
        if not TableCondition({column: wanted}).mask(frame).any():
            there = [str(value) for value in frame[column].drop_nulls().unique().sort()]
            raise ConditionError(
                f"{column}: no row of the table, which is kept, has {wanted!r}",
                hint=did_you_mean(str(wanted), there),
            )
    if not condition.mask(frame).any():
        raise ConditionError(
            f"no row of the table, which is kept, has {_listed(condition.where)}",
            hint="give one of the conditions alone",
        )


def nothing_left(table: str, where: Where, constraints: Iterable[str] = ()) -> ConditionError:
    """The error where no sampled row satisfies the conditions and the constraints of the table."""
    kept = ", ".join(repr(t) for t in constraints if any(mentions(t, name) for name in where))
    return ConditionError(
        f"table {table!r}: too few rows have {_listed(where)}"
        + (f" and keep the constraints {kept}" if kept else ""),
        hint="widen the condition, or sample more with a larger scale",
    )


def _listed(where: Where) -> str:
    return " and ".join(f"{column} = {wanted!r}" for column, wanted in where.items())


@contextmanager
def _of_table(name: str) -> Iterator[None]:
    """Errors of conditions begin with the name of their table."""
    try:
        yield
    except ArtesianError as problem:
        text = f"table {name!r}: {problem.problem}"
        raise ConditionError(text, hint=problem.hint) from problem
