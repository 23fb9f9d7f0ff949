"""The rules that every row has to satisfy, derived from the schema and the real table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.errors import SchemaError
from artesian.data.dtypes import value_type
from artesian.data.frames import frame_of
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.metrics.common.alignment import parse_values
from artesian.metrics.common.arrays import NUMERIC, floats
from artesian.metrics.common.encoding import DISCRETE
from artesian.metrics.protocol import Mask
from artesian.relations.protocol import Relation
from artesian.relations.rules import check_types, parse_rule
from artesian.surrogates.characters import shapes


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """A table parsed to the types of the real table.

    Attributes:
        frame: The parsed values; those that cannot be parsed are missing.
        unparsed: Column -> (rows,) whether the value cannot be parsed.
    """

    frame: pl.DataFrame
    unparsed: Mapping[str, Mask]

    @classmethod
    def from_table(
        cls, table: Table, real: Table, unreadable: Mapping[str, Mask] | None = None
    ) -> ParsedTable:
        """Parse `table` in the types of `real`.

        Args:
            unreadable: Column -> (rows,) values that were not parsed when the table was read.
        """
        columns, unparsed = [], {}
        for name in real.schema.names:
            before = table.frame[name]
            if before.dtype.is_float():
                before = before.fill_nan(None)
            parsed = parse_values(before, real.frame[name].dtype)
            columns.append(parsed)
            unparsed[name] = (before.is_not_null() & parsed.is_null()).to_numpy()
            if unreadable is not None and name in unreadable:
                unparsed[name] |= unreadable[name]
        return cls(frame_of(columns), unparsed)

    def missing(self, name: str) -> Mask:
        """(rows,) whether the value is missing, rather than unparsable."""
        return self.frame[name].is_null().to_numpy() & ~self.unparsed[name]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with a name.

    Attributes:
        check: Returns two (rows,) masks: rows that satisfy the rule, and rows that it applies to.
    """

    name: str
    check: Callable[[ParsedTable], tuple[Mask, Mask]]


def rules_from(
    real: Table, suppressed: Mapping[str, str], generalised: Set[str] = frozenset()
) -> tuple[list[Rule], dict[str, str]]:
    """Derive all rules; also the constraints that cannot be parsed, with the reason.

    Args:
        suppressed: Column -> value that represents its suppressed categories.
        generalised: Columns of which made-up categories are valid, in the form of a real one.
    """
    real_parsed = ParsedTable.from_table(real, real)
    rules: list[Rule] = []
    for column in real.schema:
        generalised_column = column.name in generalised
        rules += _column_rules(column, real_parsed, suppressed.get(column.name), generalised_column)
    if real.schema.key:
        rules.append(_uniqueness_rule(real.schema.key))
    unreadable: dict[str, str] = {}
    for text in dict.fromkeys(real.schema.constraints):
        try:
            rule = parse_rule(text, real.schema.names)
            check_types(rule, real_parsed.frame)
        except SchemaError as problem:
            unreadable[text] = problem.problem
            continue
        rules.append(_constraint_rule(rule))
    return rules, unreadable


def _constraint_rule(constraint: Relation) -> Rule:
    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        holds = constraint.holds(table.frame)
        return holds.fill_null(True).to_numpy(), holds.is_not_null().to_numpy()

    return Rule(str(constraint), check)


def _column_rules(
    column: Column, real_parsed: ParsedTable, suppressed: str | None, generalised_column: bool
) -> list[Rule]:
    name, series = column.name, real_parsed.frame[column.name]
    rules = []
    if column.kind in NUMERIC:
        values = floats(series)
        present = values[~np.isnan(values)]
        integers = column.kind is Kind.NUMBER and bool((present == np.floor(present)).all())
        rules.append(_type_rule(name, integers and len(present) > 0))
        bounds = _domain_bounds(column, series) or (
            (present.min(), present.max()) if len(present) else None
        )
        if bounds is not None:
            rules.append(_range_rule(name, *bounds))
    elif column.kind in DISCRETE:
        if series.null_count() < len(series):
            rules.append(
                _category_rule(name, _values(column, series, suppressed), generalised_column)
            )
    else:
        rules.append(_type_rule(name, False))
        if column.kind is Kind.KEY and len(series) and not series.is_duplicated().any():
            rules.append(_uniqueness_rule((name,)))
    if not column.nullable and not series.null_count() and len(series):
        rules.append(
            Rule(f"{name} (not missing)", lambda table: _applies_to_all(~table.missing(name)))
        )
    return rules


def _type_rule(name: str, integers: bool) -> Rule:
    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        satisfied = ~table.unparsed[name]
        if integers:
            values = floats(table.frame[name])
            satisfied &= np.isnan(values) | (values == np.floor(values))
        return satisfied, ~table.missing(name)

    return Rule(f"{name} ({'whole number' if integers else 'type'})", check)


def _range_rule(name: str, low: float, high: float) -> Rule:
    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        values = floats(table.frame[name])
        present = ~np.isnan(values)
        return (values >= low) & (values <= high), present

    return Rule(f"{name} (range)", check)


def _category_rule(name: str, values: pl.Series, generalised_column: bool) -> Rule:
    forms = _form(values).implode() if generalised_column else None

    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        series = _comparable(table.frame[name])
        satisfied = series.is_in(values.implode()).fill_null(False).to_numpy()
        if forms is not None:
            satisfied |= _form(series).is_in(forms).fill_null(False).to_numpy()
        return satisfied & ~table.unparsed[name], ~table.missing(name)

    return Rule(f"{name} (category)", check)


def _form(series: pl.Series) -> pl.Series:
    """Values with every letter replaced by its class and words of letters by one: 'Oslo' -> 'w'."""
    return shapes(series.cast(pl.String)).str.replace_all(r"\b[Aac]*[ac][Aac]*\b", "w")


def _uniqueness_rule(names: tuple[str, ...]) -> Rule:
    """Keys are unique and present. All rows with a duplicate key violate the rule, so that the
    order of rows does not matter."""

    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        missing = np.any([table.missing(name) for name in names], axis=0)
        is_unique = ~table.frame[list(names)].is_duplicated().to_numpy()
        return is_unique & ~missing, np.ones(len(missing), bool)

    return Rule(f"{' & '.join(names)} (unique key)", check)


def _applies_to_all(satisfied: Mask) -> tuple[Mask, Mask]:
    return satisfied, np.ones(len(satisfied), bool)


def _domain_bounds(column: Column, series: pl.Series) -> tuple[float, float] | None:
    """The domain of a number or date in the schema; None if it has none."""
    if column.domain is None or len(column.domain) != 2:
        return None
    bounds = pl.Series(column.domain, strict=False)
    if value_type(bounds.dtype) != value_type(series.dtype):
        return None
    low, high = floats(bounds)
    return (low, high) if low <= high else None


def _values(column: Column, series: pl.Series, suppressed: str | None) -> pl.Series:
    """The valid categories of a column: those of the real column, its domain, and the placeholder
    of suppressed categories."""
    categories = _comparable(series).drop_nulls().unique()
    more = [*(column.domain or ()), *(() if suppressed is None else (suppressed,))]
    extra = _comparable(pl.Series(more, strict=False)) if more else categories
    return pl.concat(
        [
            categories,
            extra.cast(categories.dtype, strict=False).drop_nulls().rename(categories.name),
        ]
    )


def _comparable(series: pl.Series) -> pl.Series:
    """Cast to one type per kind of value."""
    kind_of_values = value_type(series.dtype)
    if kind_of_values in ("booleans", "nothing"):
        return series
    return (
        series.cast(pl.String)
        if kind_of_values == "text"
        else pl.Series(floats(series), nan_to_null=True)
    )
