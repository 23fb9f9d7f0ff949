"""What protection changes in a table, as sentences: before fitting and afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from artesian.core.disclosure import MIN_COUNT, SUPPRESSED
from artesian.core.errors import DataError
from artesian.core.formatting import percent
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.tails import SMALL

MIN_STATED = 0.02
"""Minimum proportion of a column's rows whose suppression is stated."""

GENERALISED = "made-up categories of the same form"
CLASSES = "the class that they belong to"
TAIL = "fitted tail"
MISSING = "missing values"
NEAREST = "nearest frequent value"
"""What replaces the values of fewer than `MIN_COUNT` rows."""


def require_rows(table: Table) -> None:
    """Refuse a table of which nothing may be learned.

    Raises:
        DataError: it has fewer than `MIN_COUNT` rows.
    """
    rows = len(table)
    if 0 < rows < MIN_COUNT:
        raise DataError(
            f"{table.origin.name!r} has {rows} row{'' if rows == 1 else 's'}: no value that fewer than "
            f"{MIN_COUNT} rows have may be learned, so nothing can be synthesized from it",
            hint=f"give at least {MIN_COUNT} rows, or, if they are not about people, fit with the "
            "setting protect=false",
        )


def describe_protection(suppressed: Mapping[str, Mapping[str, Any]], rows: int) -> tuple[str, ...]:
    """One sentence for each column of which protection changes many rows.

    Args:
        suppressed: Column -> number of rows and replacement, as `TableCodec.suppressed` states them.
        rows: Number of rows of the table.

    >>> describe_protection({"zip": {"rows": 30, "replacement": "(rare)"}}, 1000)
    ("'zip': 3.0 % of the rows have a category of fewer than 5 rows, replaced by '(rare)'",)
    """
    notes = []
    for name, each in suppressed.items():
        proportion, replacement = each["rows"] / max(rows, 1), each["replacement"]
        if replacement == MISSING:
            notes.append(
                f"{name!r}: only {each['rows']} rows have a value, fewer than {MIN_COUNT}, so that "
                "it is missing in all synthetic rows"
            )
        elif replacement != TAIL and proportion >= MIN_STATED:
            shown = replacement if replacement in (GENERALISED, CLASSES) else repr(replacement)
            shown = f"the {NEAREST}" if replacement == NEAREST else shown
            notes.append(
                f"{name!r}: {percent(proportion)} of the rows have a category of fewer than "
                f"{MIN_COUNT} rows, replaced by {shown}"
            )
    if 0 < rows <= SMALL:
        notes.append(
            f"{rows} rows: the extremes of numbers and times come from the mean and spread of the "
            f"{MIN_COUNT} most extreme values"
        )
    return tuple(notes)


def preview(table: Table) -> tuple[str, ...]:
    """What protection will change when a model is fitted on `table`."""
    rows = len(table)
    if 0 < rows < MIN_COUNT:
        try:
            require_rows(table)
        except DataError as problem:
            return (problem.problem,)
    suppressed: dict[str, dict[str, Any]] = {}
    for column in table.schema:
        series = table.frame[column.name]
        ordered = series.dtype.is_numeric() or series.dtype.is_temporal()
        if column.kind in (Kind.NUMBER, Kind.DATETIME) and ordered:
            if 0 < series.count() < MIN_COUNT:
                suppressed[column.name] = {"rows": series.count(), "replacement": MISSING}
        elif column.kind is Kind.CATEGORY and _rare_rows(series) >= MIN_STATED * rows:
            codec = CategoryCodec.fit(series, role=column.role)
            if codec.suppressed:
                suppressed[column.name] = {
                    "rows": codec.suppressed,
                    "replacement": category_replacement(codec),
                }
    return describe_protection(suppressed, rows)


def category_replacement(codec: CategoryCodec) -> str:
    """What is released in place of the suppressed categories of a column."""
    if codec.substitutes:
        return GENERALISED
    if codec.classes:
        return CLASSES
    return codec.replacement or NEAREST


def _rare_rows(series: pl.Series) -> int:
    counts = series.drop_nulls().alias("value").value_counts(name="rows")
    rare = (counts["rows"] < MIN_COUNT) | (counts["value"].cast(pl.String) == SUPPRESSED)
    return int(counts.filter(rare)["rows"].sum())
