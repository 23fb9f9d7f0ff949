"""Check that two tables have the same columns with compatible types."""

from __future__ import annotations

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.dtypes import value_type
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.protocol import Comparison


def check_compatible(tables: Comparison) -> None:
    """Check that all tables have the same columns with compatible types, in any order.

    Raises:
        SchemaError: a column is missing, is surplus, or has values of another type.
    """
    for other, label in _other_tables(tables):
        _check_names(tables.real, other, label)
        _check_value_types(tables.real, other, label)


def check_same_columns(tables: Comparison) -> None:
    """Check that all tables have the same columns, in any order and with any types.

    Raises:
        SchemaError: a column is missing or surplus.
    """
    for other, label in _other_tables(tables):
        _check_names(tables.real, other, label)


def _other_tables(tables: Comparison) -> list[tuple[Table, str]]:
    holdout = [] if tables.holdout is None else [(tables.holdout, "the holdout")]
    return [(tables.synthetic, "the synthetic table"), *holdout]


def _check_names(real: Table, other: Table, label: str) -> None:
    # Read once: polars builds the schema of a frame at each access, which is slow for wide tables.
    real_dtypes, other_dtypes = real.frame.schema, other.frame.schema
    missing = [name for name in real_dtypes if name not in other_dtypes]
    surplus = [name for name in other_dtypes if name not in real_dtypes]
    if missing:
        raise SchemaError(
            f"{label} lacks {_column_list(missing)} of the real table",
            hint=f"{label} has {_column_list(surplus)} instead"
            if surplus
            else did_you_mean(missing[0], other_dtypes),
        )
    if surplus:
        raise SchemaError(
            f"{label} has {_column_list(surplus)}, which the real table lacks",
            hint="compare tables with the same columns; drop the surplus ones",
        )


def _check_value_types(real: Table, other: Table, label: str) -> None:
    real_dtypes, other_dtypes = real.frame.schema, other.frame.schema
    for column in real.schema:
        if column.kind is Kind.KEY:  # keys are generated and never compared
            continue
        one, two = value_type(real_dtypes[column.name]), value_type(other_dtypes[column.name])
        if one != two and "nothing" not in (one, two):
            raise SchemaError(
                f"column {column.name!r} holds {one} in the real table and {two} in {label}",
                hint="read both tables with one schema, so that the column has one type",
            )


def _column_list(names: list[str], shown: int = 5) -> str:
    text = ", ".join(repr(name) for name in names[:shown])
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"the column{'s' if len(names) > 1 else ''} {text}{more}"
