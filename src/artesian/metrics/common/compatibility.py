"""Are these tables comparable? The same columns, holding the same sort of values."""

from __future__ import annotations

import polars as pl

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.protocol import Comparison


def check_alike(tables: Comparison) -> None:
    """Refuse tables that cannot be compared; the order of columns and of rows does not matter.

    Raises:
        SchemaError: a column is missing, surplus, or holds another sort of values.
    """
    for other, called in _others(tables):
        _check_names(tables.real, other, called)
        _check_sorts(tables.real, other, called)


def check_columns(tables: Comparison) -> None:
    """Refuse tables without the same columns; what these hold may differ.

    Raises:
        SchemaError: a column is missing or surplus.
    """
    for other, called in _others(tables):
        _check_names(tables.real, other, called)


def sort_of(dtype: pl.DataType) -> str:
    """In one word or two, what a polars type holds; types of one sort are compared as equals."""
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if dtype in (pl.Date, pl.Datetime):
        return "dates"
    names = {pl.Boolean: "booleans", pl.Time: "times of day", pl.Duration: "durations"}
    for known, name in names.items():
        if dtype == known:
            return name
    return "nothing" if dtype == pl.Null else str(dtype)


def _others(tables: Comparison) -> list[tuple[Table, str]]:
    unseen = [] if tables.holdout is None else [(tables.holdout, "the holdout")]
    return [(tables.synthetic, "the synthetic table"), *unseen]


def _check_names(real: Table, other: Table, called: str) -> None:
    # Schemas of frames are taken once: each is built anew, which wide tables would pay for.
    mine, theirs = real.frame.schema, other.frame.schema
    missing = [name for name in mine if name not in theirs]
    surplus = [name for name in theirs if name not in mine]
    if missing:
        raise SchemaError(
            f"{called} lacks {_listed(missing)} of the real table",
            hint=f"{called} has {_listed(surplus)} instead"
            if surplus
            else did_you_mean(missing[0], theirs),
        )
    if surplus:
        raise SchemaError(
            f"{called} has {_listed(surplus)}, which the real table lacks",
            hint="compare tables with the same columns; drop the surplus ones",
        )


def _check_sorts(real: Table, other: Table, called: str) -> None:
    mine, theirs = real.frame.schema, other.frame.schema
    for column in real.schema:
        if column.kind is Kind.KEY:  # keys are made anew and never compared
            continue
        one, two = sort_of(mine[column.name]), sort_of(theirs[column.name])
        if one != two and "nothing" not in (one, two):
            raise SchemaError(
                f"column {column.name!r} holds {one} in the real table and {two} in {called}",
                hint="read both tables with one schema, so that the column is understood alike",
            )


def _listed(names: list[str], shown: int = 5) -> str:
    text = ", ".join(repr(name) for name in names[:shown])
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"the column{'s' if len(names) > 1 else ''} {text}{more}"
