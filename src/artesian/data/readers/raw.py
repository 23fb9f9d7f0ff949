"""Raw tables: the values of a source, before the schema is inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from artesian.core.errors import DataError
from artesian.data.schema import ForeignKey, Kind
from artesian.data.table import Origin


class NoRows(DataError):
    """A table has a header and no rows; among related tables, the others can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A table without a schema.

    Attributes:
        frame: Strings where `text` is true, else the source's own types.
        text: The source has no types: numbers, dates and missing values must be inferred.
        key: The primary key that the source declares.
        declared: Kinds that the source declares and the stored types do not show.
        ordered: Categories (of type Enum) whose order the source declares.
        mixed: Columns of numbers with some text among them, all of it as text.
    """

    frame: pl.DataFrame
    origin: Origin = field(default_factory=Origin)
    text: bool = False
    key: tuple[str, ...] = ()
    declared: Mapping[str, Kind] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDataset:
    """Tables without schemas, and the foreign keys that their source declares."""

    tables: Mapping[str, Raw]
    foreign_keys: tuple[ForeignKey, ...] = ()
    notes: tuple[str, ...] = ()
