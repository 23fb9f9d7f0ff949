"""Align a table with the real one: its columns, their order and types; what differs is counted as bad.

A table of another tool often has an index column too many, lacks a column, or has a word among numbers.
The columns and values that can be compared are scored all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.dtypes import value_type
from artesian.data.frames import as_text, frame_of
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.protocol import Mask, Mismatches

MIN_SHARED = 0.5
"""Minimum fraction of the real columns that a table has; another one is a different table."""

MAX_UNREADABLE = 0.5
"""Maximum fraction of unreadable values of a column that is scored."""


def align(
    real: Table, other: Table, label: str, unreadable: Mapping[str, Mask] | None = None
) -> tuple[Table, Mismatches]:
    """`other` with the shared columns, in the order and types of the real table, and the mismatches.

    Args:
        label: What `other` is, for error messages.
        unreadable: Values that could not be read in the type of the real column; they are missing.

    Raises:
        SchemaError: `other` has fewer than half of the real columns.
    """
    names = real.schema.names
    shared = [name for name in names if name in other.schema.names]
    missing = tuple(name for name in names if name not in shared)
    surplus = tuple(name for name in other.schema.names if name not in names)
    if not shared or len(shared) < MIN_SHARED * len(names):
        listed = ", ".join(map(repr, missing[:5])) + (", ..." if len(missing) > 5 else "")
        raise SchemaError(
            f"{label} has {len(shared)} of the {len(names)} columns of the real data; "
            f"it lacks {listed}",
            hint=did_you_mean(missing[0], other.schema.names),
        )
    columns: dict[str, pl.Series] = {}
    bad: dict[str, Mask] = {}
    for name in shared:
        before = other.frame[name]
        after = before
        if real.schema[name].kind is not Kind.KEY:  # keys are generated and never compared
            after = parse_values(before, real.frame[name].dtype)
        mask = (before.is_not_null() & after.is_null()).to_numpy()
        if unreadable is not None and name in unreadable:
            mask = mask | unreadable[name]
        if mask.any():
            bad[name] = mask
        columns[name] = after
    lost = tuple(name for name, mask in bad.items() if mask.mean() > MAX_UNREADABLE)
    kept = [name for name in shared if name not in lost]
    if not kept:
        raise SchemaError(
            f"{label} has no value of the type of the real column in {', '.join(map(repr, lost))}",
            hint="check that both tables hold the same columns",
        )
    # Suppressed values are a property of the other table; everything else is as in the real one.
    schema = real.schema.select(kept).with_columns(
        replace(
            real.schema[name],
            suppressed=other.schema[name].suppressed,
            suppressed_below=other.schema[name].suppressed_below,
            generalised=other.schema[name].generalised,
        )
        for name in kept
    )
    mismatches = Mismatches(
        missing=missing,
        surplus=surplus,
        unreadable={name: mask for name, mask in bad.items() if name in kept},
        unscored=lost,
    )
    return Table(frame_of(columns[name] for name in kept), schema, other.origin), mismatches


def parse_values(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Values in the type of the real column; those that cannot be parsed become missing."""
    from_type, to_type = value_type(series.dtype), value_type(dtype)
    if from_type == to_type or "nothing" in (from_type, to_type):
        return series
    if to_type == "text":
        return as_text(series)
    if from_type == "text":
        text = series.cast(pl.String).str.strip_chars()
        if to_type == "dates":
            return text.str.to_datetime(strict=False, time_unit="us")
        if to_type == "booleans":
            return text.str.to_lowercase().replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        if to_type == "numbers":
            numbers = text.cast(pl.Float64, strict=False)
            return numbers.set(~numbers.is_finite(), None)
    if from_type == "booleans" and to_type == "numbers":
        return series.cast(pl.Int64)
    if from_type == "numbers" and to_type == "booleans":
        whole = series.cast(pl.Float64)
        return whole.set(~whole.is_in([0.0, 1.0]), None).cast(pl.Boolean)
    return pl.Series(series.name, np.full(len(series), None), dtype=dtype)
