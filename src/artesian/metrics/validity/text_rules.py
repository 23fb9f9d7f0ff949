"""Rules for texts: the format, possible dates, and the range of the numbers within.

A rule applies to a column only if the real values show that fresh rows would satisfy it: of the
formats of distinct real values, those that occur once estimate how many values have a format that
does not occur (Good 1953).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from artesian.data.dtypes import value_type
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.metrics.common.derived.dates import DateTexts
from artesian.metrics.common.derived.plan import identifies, is_code
from artesian.metrics.common.derived.texts import MAX_CHARACTERS, TextColumn, numbers_within, shapes
from artesian.metrics.protocol import Mask
from artesian.metrics.validity.rules import ParsedTable, Rule

Format = Callable[[pl.Series], pl.Series]
"""(rows,) texts -> (rows,) their formats."""

MAX_NEW = 0.01
"""Maximum estimate of the proportion of values with a new format."""

_MIN_WITH_NUMBERS = 0.95  # minimum proportion of real texts with a number at a position


def text_rules(real: Table) -> list[Rule]:
    """The rules of the texts and text keys of the real table."""
    return [
        rule
        for column in real.schema
        if column.kind in (Kind.TEXT, Kind.KEY)
        and value_type(real.frame[column.name].dtype) == "text"
        for rule in _column_rules(column, real.frame[column.name])
    ]


def template(texts: pl.Series) -> pl.Series:
    """The format of each text, character by character. (rows,)

    >>> template(pl.Series(["AB-123", "Zoë"])).to_list()
    ['AA-999', 'Aaa']
    """
    return (
        texts.str.slice(0, MAX_CHARACTERS)
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{L}--\p{Lu}]", "a")
        .str.replace_all(r"\d", "9")
    )


def _column_rules(column: Column, real: pl.Series) -> list[Rule]:
    """The rules of one text column with these real values, (rows,)."""
    texts = real.cast(pl.String).drop_nulls()
    distinct = texts.unique(maintain_order=True)
    if not len(distinct) or (column.kind is Kind.TEXT and column.role):
        return []
    rules = []
    format_of = _format_of(distinct, only_shape=identifies(column))
    if format_of is not None:
        rules.append(_format_rule(column.name, format_of, format_of(distinct).unique()))
    if identifies(column) or is_code(texts):
        return rules
    dates = DateTexts.from_real(column.name, texts)
    if dates is not None:
        rules.append(_date_rule(dates))
    else:
        rules += _number_rules(TextColumn.from_real(column.name, texts), texts)
    return rules


def _format_of(distinct: pl.Series, *, only_shape: bool) -> Format | None:
    """The finest format of which fresh values have no new one; None if there is none."""
    for format_of in (shapes,) if only_shape else (template, shapes):
        rows = format_of(distinct).alias("format").value_counts(name="rows")["rows"]
        if int((rows == 1).sum()) <= MAX_NEW * len(distinct) and len(distinct) * MAX_NEW >= 1:
            return format_of
    return None


def _format_rule(name: str, format_of: Format, formats: pl.Series) -> Rule:
    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        occurs = format_of(_texts(table, name)).is_in(formats.implode())
        return occurs.fill_null(False).to_numpy(), ~table.missing(name)

    return Rule(f"{name} (format)", check)


def _date_rule(dates: DateTexts) -> Rule:
    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        impossible = dates.impossible(_texts(table, dates.name)) == 1
        return ~impossible, ~table.missing(dates.name)

    return Rule(f"{dates.name} (possible date)", check)


def _number_rules(column: TextColumn, texts: pl.Series) -> list[Rule]:
    within = numbers_within(texts, column.reader)
    positions = np.flatnonzero((~np.isnan(within)).mean(axis=0) >= _MIN_WITH_NUMBERS)
    if not len(positions):
        return []
    low, high = np.nanmin(within[:, positions], axis=0), np.nanmax(within[:, positions], axis=0)

    def check(table: ParsedTable) -> tuple[Mask, Mask]:
        numbers = numbers_within(_texts(table, column.name), column.reader)[:, positions]
        outside = ((numbers < low) | (numbers > high)).any(axis=1)
        return np.asarray(~outside), np.asarray(~np.isnan(numbers).any(axis=1))

    return [Rule(f"{column.name} (range of numbers)", check)]


def _texts(table: ParsedTable, name: str) -> pl.Series:
    return table.frame[name].cast(pl.String)
