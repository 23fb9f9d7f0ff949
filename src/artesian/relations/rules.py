"""Constraints as text, in whichever of the notations they are written.

* `col("end") >= col("start")`: the syntax of Polars, see `expression_syntax`
* `low <= high and state != 'closed'`: comparisons, see `constraints`
* `gross = 1.19 * net`, `product -> price`, `exactly one of (a, b)`: relations, see `parse`
* `unique(shop, day)`: no two rows have the same values
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.dtypes import value_type
from artesian.relations.constraints import Constraint, parse_constraint
from artesian.relations.dependencies import Dependency
from artesian.relations.expression_nodes import syntax_error
from artesian.relations.expression_syntax import is_expression
from artesian.relations.expressions import numbers, quoted
from artesian.relations.follows import Follows
from artesian.relations.formulas import Formula
from artesian.relations.orders import Inequality
from artesian.relations.parse import parse_relation
from artesian.relations.parts import PartDependency
from artesian.relations.protocol import Relation
from artesian.relations.row_conditions import RowCondition
from artesian.relations.running import CarriedForward, FromPrevious, NeverFalls, RunningTotal

_UNIQUE = re.compile(r"unique\s*\((.*)\)", re.DOTALL)
_NAMES = re.compile(r'"[^"]+"|[^,]+')
_NOTATIONS = (
    'write col("end") >= col("start"), low <= high, gross = 1.19 * net, product -> price, '
    "exactly one of (a, b) or unique(shop, day)"
)
BETWEEN_ROWS = (
    *(Dependency, PartDependency, RunningTotal, FromPrevious, NeverFalls, Follows),
    CarriedForward,
)
"""Relations that several rows keep together, so that no row breaks one by itself."""


@dataclass(frozen=True, slots=True)
class Unique:
    """`unique(a, b)`: no two rows have the same values of these columns.

    Attributes:
        text: As it was written.
    """

    names: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns."""
        return self.names

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether no other row has the same values; null where one is missing."""
        own = frame.select(self.names)
        missing = own.select(pl.any_horizontal(pl.all().is_null())).to_series()
        return (~own.is_duplicated()).set(missing, None).alias(self.text)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Comparisons joined by 'and'; one with a missing value does not apply."""

    constraint: Constraint

    def __str__(self) -> str:
        return self.constraint.text

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order of their first occurrence."""
        return self.constraint.columns

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether all comparisons are satisfied.

        Raises:
            SchemaError: the sides of a comparison have values of different types.
        """
        return pl.Series(str(self), self.constraint.holds(frame))


def parse_rule(text: str, columns: tuple[str, ...]) -> Relation:
    """Parse a constraint on a table with these columns.

    Raises:
        SchemaError: it is in none of the notations, or names an unknown column.

    >>> str(parse_rule("unique(shop, day)", ("shop", "day")))
    'unique(shop, day)'
    """
    if is_expression(text):
        return _expression(text, columns)
    if match := _UNIQUE.fullmatch(text.strip()):
        return Unique(_listed(match[1], text, columns), text)
    try:
        return Comparisons(parse_constraint(text, columns))
    except SchemaError as problem:
        comparison = problem
    try:
        return parse_relation(text, columns)
    except SchemaError as problem:
        relation = problem
    for refused in (comparison, relation):
        if "column" in refused.problem:  # a name that is corrected
            raise refused
    raise SchemaError(comparison.problem, hint=_NOTATIONS)


def parse_rules(texts: Iterable[str], columns: tuple[str, ...]) -> list[Relation]:
    """The constraints of a table with these columns.

    Raises:
        SchemaError: one is in none of the notations, or names an unknown column.
    """
    return [parse_rule(text, columns) for text in dict.fromkeys(texts)]


def is_of_rows(rule: Relation) -> bool:
    """Whether every row keeps a constraint, or breaks it, whatever the other rows are."""
    return not isinstance(rule, (Unique, *BETWEEN_ROWS))


def check_types(rule: Relation, frame: pl.DataFrame) -> None:
    """Refuse a constraint that compares or computes with values of other types.

    Raises:
        SchemaError: values of different types are compared, or texts that are no numbers computed.
    """
    if isinstance(rule, RowCondition | Comparisons):
        rule.holds(frame.clear())
        return
    if not isinstance(rule, Formula | Inequality):
        return
    for name in rule.columns:
        series = frame[name]
        if (
            value_type(series.dtype) == "text"
            and series.count()
            and np.isnan(numbers(series)).all()
        ):
            raise SchemaError(
                f"the constraint {str(rule)!r} computes with {name!r}, which has text",
                hint="compute with columns of numbers and times",
            )


def _expression(text: str, columns: tuple[str, ...]) -> Relation:
    condition = RowCondition.parse(text, columns)
    if condition.node.name != "is_unique":
        return condition
    (of,) = condition.node.arguments
    members = of.arguments if of.name == "struct" else (of,)
    if any(one.name != "col" for one in members):
        syntax_error(text, of.at, "unique are columns", 'write struct("a", "b").is_unique()')
    return Unique(tuple(dict.fromkeys(one.value for one in members)), text)


def _listed(inner: str, text: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    names = [word.strip().strip('"') for word in _NAMES.findall(inner)]
    for name in names or [""]:
        if name not in columns:
            raise SchemaError(
                f"the constraint {text!r} names a column {name!r} that there is not",
                hint=did_you_mean(name, columns),
            )
    return tuple(dict.fromkeys(names))


def unique_text(names: Iterable[str]) -> str:
    """The constraint that no two rows have the same values of these columns.

    >>> unique_text(["shop", "opening day"])
    'unique(shop, "opening day")'
    """
    return f"unique({', '.join(map(quoted, names))})"
