"""A polars frame with a schema, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import polars as pl

from artesian.core.errors import SchemaError
from artesian.data.schema import Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a table came from, and how it was written, so that others can be written in the same way.

    Attributes:
        name: The table's name, used for its file.
        format: A key of `artesian.data.formats.FORMATS`, 'folder' (of a dataset), or 'memory'.
        options: Options of the format: delimiter, encoding, compression, ...
        notes: What reading changed, one sentence each ('3 columns renamed').
    """

    name: str = "table"
    format: str = "memory"
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A polars frame in its own types, with its schema and origin. Immutable."""

    frame: pl.DataFrame
    schema: Schema
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        if tuple(self.frame.columns) != self.schema.names:
            raise SchemaError(
                f"the frame has the columns {self.frame.columns} "
                f"and the schema {list(self.schema.names)}",
                hint="read the data with artesian.read(), or list the same columns in order",
            )

    def __len__(self) -> int:
        return self.frame.height

    def with_frame(self, frame: pl.DataFrame) -> Self:
        """Other rows of the same columns."""
        return replace(self, frame=frame)

    def select(self, names: tuple[str, ...]) -> Self:
        """Only these columns, in this order; see `Schema.select` for what remains of the schema."""
        return replace(self, frame=self.frame[list(names)], schema=self.schema.select(names))
