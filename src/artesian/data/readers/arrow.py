"""Convert Arrow tables to polars frames, column by column, with errors that name the column."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import polars as pl

from artesian.core.errors import DataError
from artesian.data.offsets import zone_of_offset
from artesian.data.readers.location import one_line


def from_arrow(table: Any, shown: str) -> tuple[pl.DataFrame, dict[str, str]]:
    """The frame of a pyarrow table, and the offsets of columns that polars has no zone for.

    Times with a fixed offset such as '+05:30' get a named zone with that offset, or UTC; a writer
    gives them their offset back (`with_offsets`).

    Args:
        shown: Name of the source, for error messages.

    Raises:
        DataError: a column is of a type that is not supported.
    """
    import pyarrow as pa

    offsets: dict[str, str] = {}
    columns: dict[str, pl.Series] = {}
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type
        if pa.types.is_timestamp(kind) and kind.tz is not None and kind.tz[:1] in ("+", "-"):
            offsets[field.name] = kind.tz
            column = column.cast(pa.timestamp(kind.unit, zone_of_offset(kind.tz) or "UTC"))
        elif pa.types.is_decimal256(kind) or pa.types.is_interval(kind):
            # Polars panics on these, and prints a backtrace.
            raise _unsupported(shown, field.name, kind, "polars has no such type")
        elif isinstance(kind, pa.UuidType):
            column = _uuids(pa, column)
        try:
            series = pl.from_arrow(column)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as bad:
            raise _unsupported(shown, field.name, kind, one_line(bad)) from bad
        assert isinstance(series, pl.Series)
        columns[field.name] = series.alias(field.name)
    return pl.DataFrame(columns), offsets


def bytes_of(batch: Any) -> int:
    """Bytes that a record batch takes in memory."""
    try:
        return int(batch.nbytes)
    except TypeError:  # older versions of pyarrow cannot say for views of text
        return int(batch.get_total_buffer_size())


def with_offsets(table: Any, offsets: dict[str, str]) -> Any:
    """The pyarrow table with the offsets that `from_arrow` found, at the same instants."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        offset = offsets.get(field.name)
        if offset is not None and pa.types.is_timestamp(field.type) and field.type.tz is not None:
            kind = pa.timestamp(field.type.unit, offset)
            table = table.set_column(at, pa.field(field.name, kind), table.column(at).cast(kind))
    return table


def to_uuids(column: Any) -> Any:
    """A pyarrow column of the texts of UUIDs as UUIDs; unchanged if some text is none."""
    import pyarrow as pa

    try:
        parts = [None if v is None else UUID(v).bytes for v in column.to_pylist()]
    except ValueError:
        return column
    return pa.array(parts, pa.uuid())


def _uuids(pa: Any, column: Any) -> Any:
    return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())


def _unsupported(shown: str, name: str, kind: Any, reason: str) -> DataError:
    return DataError(
        f"{shown}: column {name!r} is of type {kind}, which is not supported ({reason})",
        hint="leave the column out, or store it as numbers, text, booleans or times",
    )
