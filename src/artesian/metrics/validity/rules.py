"""What every row has to keep, as the schema and the real table say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.errors import SchemaError
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.metrics.common.arrays import NUMERIC, floats
from artesian.metrics.common.compatibility import sort_of
from artesian.metrics.common.encoding import DISCRETE
from artesian.metrics.validity.constraints import Mask, read


@dataclass(frozen=True, slots=True)
class Readable:
    """A table in the real table's types.

    Attributes:
        frame: What cannot be read as the column's kind is missing here.
        unread: Column -> (rows,) whether a value stands there that cannot be read.
    """

    frame: pl.DataFrame
    unread: Mapping[str, Mask]

    @classmethod
    def of(cls, table: Table, real: Table) -> Readable:
        columns, unread = [], {}
        for name in real.schema.names:
            was = table.frame[name]
            if was.dtype.is_float():
                was = was.fill_nan(None)
            now = _as(was, real.frame[name].dtype)
            columns.append(now)
            unread[name] = (was.is_not_null() & now.is_null()).to_numpy()
        return cls(pl.DataFrame(columns), unread)

    def missing(self, name: str) -> Mask:
        """(rows,) whether there is nothing, not even something that cannot be read."""
        return self.frame[name].is_null().to_numpy() & ~self.unread[name]


@dataclass(frozen=True, slots=True)
class Rule:
    """What the rule is called, and how to tell the rows that keep it and those it applies to.

    Attributes:
        check: Gives both as (rows,) masks.
    """

    name: str
    check: Callable[[Readable], tuple[Mask, Mask]]


def rules_of(real: Table, suppressed: Mapping[str, str]) -> tuple[list[Rule], dict[str, str]]:
    """All rules, and the constraints that cannot be read with the reason."""
    mine = Readable.of(real, real)
    rules: list[Rule] = []
    for column in real.schema:
        rules += _of_column(column, mine, suppressed.get(column.name))
    if real.schema.key:
        rules.append(_unique(real.schema.key))
    unreadable: dict[str, str] = {}
    for text in dict.fromkeys(real.schema.constraints):
        try:
            rule = read(text, real.schema.names)
            rule.holds(mine.frame)
        except SchemaError as problem:
            unreadable[text] = problem.problem
            continue
        rules.append(Rule(text, lambda t, rule=rule: _everywhere(rule.holds(t.frame))))  # type: ignore[misc]
    return rules, unreadable


def _of_column(column: Column, mine: Readable, suppressed: str | None) -> list[Rule]:
    name, series = column.name, mine.frame[column.name]
    rules = []
    if column.kind in NUMERIC:
        values = floats(series)
        present = values[~np.isnan(values)]
        whole = column.kind is Kind.NUMBER and bool((present == np.floor(present)).all())
        rules.append(_readable(name, whole and len(present) > 0))
        ends = _ends(column, series) or ((present.min(), present.max()) if len(present) else None)
        if ends is not None:
            rules.append(_within(name, *ends))
    elif column.kind in DISCRETE:
        if series.null_count() < len(series):
            rules.append(_known(name, _values(column, series, suppressed)))
    else:
        rules.append(_readable(name, False))
        if column.kind is Kind.KEY and len(series) and not series.is_duplicated().any():
            rules.append(_unique((name,)))
    if not column.nullable and not series.null_count() and len(series):
        rules.append(Rule(f"{name} (not missing)", lambda table: _everywhere(~table.missing(name))))
    return rules


def _readable(name: str, whole: bool) -> Rule:
    def check(table: Readable) -> tuple[Mask, Mask]:
        kept = ~table.unread[name]
        if whole:
            values = floats(table.frame[name])
            kept &= np.isnan(values) | (values == np.floor(values))
        return kept, ~table.missing(name)

    return Rule(f"{name} ({'whole number' if whole else 'type'})", check)


def _within(name: str, low: float, high: float) -> Rule:
    def check(table: Readable) -> tuple[Mask, Mask]:
        values = floats(table.frame[name])
        present = ~np.isnan(values)
        return (values >= low) & (values <= high), present

    return Rule(f"{name} (range)", check)


def _known(name: str, values: pl.Series) -> Rule:
    def check(table: Readable) -> tuple[Mask, Mask]:
        series = _plain(table.frame[name])
        kept = series.is_in(values.implode()).fill_null(False).to_numpy()
        return kept & ~table.unread[name], ~table.missing(name)

    return Rule(f"{name} (category)", check)


def _unique(names: tuple[str, ...]) -> Rule:
    """No two rows have the same key; every row that shares one breaks it, so that the order of
    rows does not matter. A key that is missing is none."""

    def check(table: Readable) -> tuple[Mask, Mask]:
        missing = np.any([table.missing(name) for name in names], axis=0)
        alone = ~table.frame.select(names).is_duplicated().to_numpy()
        return alone & ~missing, np.ones(len(missing), bool)

    return Rule(f"{' & '.join(names)} (unique key)", check)


def _everywhere(kept: Mask) -> tuple[Mask, Mask]:
    return kept, np.ones(len(kept), bool)


def _ends(column: Column, series: pl.Series) -> tuple[float, float] | None:
    """The domain of a number or date, if the schema has one."""
    if column.domain is None or len(column.domain) != 2:
        return None
    ends = pl.Series(column.domain, strict=False)
    if sort_of(ends.dtype) != sort_of(series.dtype):
        return None
    low, high = floats(ends)
    return (low, high) if low <= high else None


def _values(column: Column, series: pl.Series, suppressed: str | None) -> pl.Series:
    """The valid values of a category column: those of the real one, its domain, and the value that
    represents suppressed categories."""
    known = _plain(series).drop_nulls().unique()
    more = [*(column.domain or ()), *(() if suppressed is None else (suppressed,))]
    extra = _plain(pl.Series(more, strict=False)) if more else known
    return pl.concat([known, extra.cast(known.dtype, strict=False).drop_nulls().rename(known.name)])


def _plain(series: pl.Series) -> pl.Series:
    """One type for each sort of value."""
    sort = sort_of(series.dtype)
    if sort in ("booleans", "nothing"):
        return series
    return series.cast(pl.String) if sort == "text" else pl.Series(floats(series), nan_to_null=True)


def _as(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The values as the real column holds them; missing what cannot be read so."""
    one, two = sort_of(series.dtype), sort_of(dtype)
    if one == two or two == "nothing":
        return series
    if two == "text":
        return series.cast(pl.String)
    if one == "text":
        text = series.cast(pl.String).str.strip_chars()
        if two == "dates":
            return text.str.to_datetime(strict=False, time_unit="us")
        if two == "booleans":
            return text.str.to_lowercase().replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        if two == "numbers":
            return text.cast(pl.Float64, strict=False)
    return pl.Series(series.name, [None] * len(series), dtype=dtype)
