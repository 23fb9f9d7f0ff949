"""Conditions on columns: as a filter of rows, and as weights of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from artesian.core.errors import ConditionError
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import ColumnCodec, TableCodec, column_of
from artesian.encoding.transforms.dependency_steps import LookupStep
from artesian.encoding.transforms.relations import RelationSteps
from artesian.synthesizers.protocol import Range, Where


def satisfies(where: Where) -> pl.Expr:
    """A filter for the rows that satisfy every condition; false or null for the others.

    Args:
        where: Conditions whose values have their column's own type.
    """
    return reduce(
        and_, (_satisfies(pl.col(n), wanted) for n, wanted in where.items()), pl.lit(True)
    )


def _satisfies(column: pl.Expr, wanted: Any) -> pl.Expr:
    if isinstance(wanted, Range):
        low = column.is_not_null() if wanted.low is None else column >= pl.lit(wanted.low)
        return low if wanted.high is None else low & (column <= pl.lit(wanted.high))
    tests = [column.is_null() if v is None else column == pl.lit(v) for v in _listed(wanted)]
    return reduce(or_, tests, pl.lit(False))


def _listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]


@dataclass(frozen=True, slots=True)
class CodeCondition:
    """One column's condition.

    Attributes:
        codec: Decodes to admitted values only.
        weights: Admitted fraction of each code, shape (levels,), in [0, 1].
    """

    codec: ColumnCodec
    weights: Floats


def split_conditions(codec: TableCodec, where: Where | None) -> tuple[Where, Where]:
    """The conditions on columns that have codes of their own, and those on columns that a transform
    writes, which only decoded rows show.

    Raises:
        SchemaError: a column is unknown.
        ConditionError: a column has generated values.
    """
    coded: dict[str, Any] = {}
    restored: dict[str, Any] = {}
    for name, wanted in (where or {}).items():
        column_of(codec, name)
        (restored if name in codec.transforms.columns else coded)[name] = wanted
    return coded, restored


def refuse_contradictions(codec: TableCodec, where: Where) -> None:
    """Refuse conditions that no row satisfies which keeps the relations of the table.

    Raises:
        ConditionError: the admitted values of some columns determine a value that is not admitted.
    """
    for one in codec.transforms.transforms:
        for step in one.steps if isinstance(one, RelationSteps) else ():
            if not isinstance(step, LookupStep) or step.target not in where:
                continue
            name = step.sources[0]
            wanted = where.get(name)
            if len(step.sources) > 1 or wanted is None or isinstance(wanted, Range):
                continue
            rows = step.table.filter(_satisfies(pl.col(name), wanted))
            if set(_listed(wanted)) <= set(rows[name]) and not len(
                rows.filter(_satisfies(pl.col(step.target), where[step.target]))
            ):
                given = ", ".join(dict.fromkeys(map(str, rows[step.target])))
                raise ConditionError(
                    f"no row has {name} = {wanted!r} and {step.target} = {where[step.target]!r}: "
                    f"{step.relation} holds in the data, and it gives {given}",
                    hint="give one of the two conditions alone, or take the relation out of "
                    "dataset.toml",
                )


def code_conditions(codec: TableCodec, where: Where | None) -> Mapping[str, CodeCondition]:
    """Restrict the codecs of the columns that `where` names.

    Raises:
        SchemaError: a column is unknown.
        ConditionError: a column has generated values, or the model has no value that `where` admits.
    """
    conditions = {}
    for name, wanted in (where or {}).items():
        column_of(codec, name)
        column_codec = codec.coded[name]
        restricted: tuple[ColumnCodec, Floats]
        try:
            if isinstance(wanted, Range):
                if isinstance(column_codec, CategoryCodec):
                    raise ConditionError(
                        "a range needs a number or a time", hint="list the categories instead"
                    )
                restricted = column_codec.restrict_range(wanted.low, wanted.high)
            else:
                restricted = column_codec.restrict_values(_listed(wanted))
        except ConditionError as problem:
            raise ConditionError(f"{name}: {problem.problem}", hint=problem.hint) from problem
        if not restricted[1].any():
            raise ConditionError(
                f"{name}: the model has no rows with {wanted!r}", hint="widen the condition"
            )
        conditions[name] = CodeCondition(*restricted)
    return conditions
