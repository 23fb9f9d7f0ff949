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
    """Where a table came from and in which form, so that others like it can be written alike.

    Attributes:
        name: The table's name, used for its file.
        format: A key of `artesian.data.formats.FORMATS`, 'folder' (of a dataset), or 'memory'.
        options: What the format needs to write alike: delimiter, encoding, compression, ...
        notes: What reading had to do that a person should know ('3 columns renamed').
    """

    name: str = "table"
    format: str = "memory"
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A polars frame, in its own types, and what its columns mean. Immutable."""

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
        return replace(self, frame=self.frame.select(names), schema=self.schema.select(names))
