"""Keys that contain other columns: the year of a date, or an abbreviation of a category.

'2023-100042' has the year of the admission, 'NAP-0012' the abbreviation of 'beverages'. Such a part is
modelled, so that relations between it and other columns are discovered and kept; only the last part,
which makes the key unique, is generated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.nearby import nearest
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.relations.protocol import MIN_HOLDS

MIN_ROWS = 30
"""Minimum number of keys."""

MAX_PARTS = 6
"""Maximum number of letters-only and digits-only parts of a key."""

MAX_VALUES = 60
"""Maximum number of distinct values of a part that is modelled."""

_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+|[\W_]+")


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One key.

    Attributes:
        name: The column.
        parts: Its constant texts, and in turn the modelled columns of its other parts: names in
            `hidden`. The last part is generated.
        hidden: Modelled column -> number of digits of a number, or 0 for a word.
        rest: The modelled column of the last part.
    """

    name: str
    parts: tuple[str, ...]
    hidden: Mapping[str, int]
    rest: str

    def columns(self) -> list[Column]:
        """The modelled columns."""
        return [
            *(
                Column(name=name, kind=Kind.NUMBER if width else Kind.CATEGORY)
                for name, width in self.hidden.items()
            ),
            Column(name=self.rest, kind=Kind.KEY),
        ]

    def forward(self, keys: pl.Series) -> list[pl.Series]:
        """The values of the modelled columns."""
        values = _split(keys)
        assert values is not None, "the keys were split before"
        out = [
            (values[at].cast(pl.Int64) if self.hidden[name] else values[at]).alias(name)
            for at, name in enumerate(self.parts)
            if name in self.hidden
        ]
        rest = values[-1]
        if rest.n_unique() < len(rest):  # numbered anew for each value of the other parts
            width = int(_lengths(rest).max())
            counted = pl.int_range(1, len(rest) + 1, eager=True).cast(pl.String)
            rest = counted.str.zfill(width)
        return [*out, rest.alias(self.rest)]

    def inverse(self, frame: pl.DataFrame) -> pl.Series:
        """The keys of sampled parts."""
        texts = [
            pl.col(part).cast(pl.String).str.zfill(self.hidden[part])
            if self.hidden.get(part)
            else pl.col(part).cast(pl.String)
            if part in self.hidden or part == self.rest
            else pl.lit(part)
            for part in self.parts
        ]
        return frame.select(pl.concat_str(texts).alias(self.name)).to_series()


@dataclass(frozen=True, slots=True)
class KeyParts:
    """The keys of a table whose parts are those of other columns."""

    name: ClassVar[str] = "key parts"

    keys: tuple[KeyColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys."""
        return tuple(key.name for key in self.keys)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Look for other columns in every key of text that is unique."""
        schema, keys = table.schema, []
        for column in table.schema:
            values = table.frame[column.name]
            if column.kind is not Kind.KEY or values.dtype != pl.String or column.role:
                continue
            key = _key(values, table, schema)
            if key is not None:
                keys.append(key)
                schema = _replaced(schema, key)
        return cls(tuple(keys)) if keys else None

    def forward(self, table: Table) -> Table:
        """The table with the parts in place of keys."""
        schema, columns = table.schema, {s.name: [s] for s in table.frame}
        for key in self.keys:
            columns[key.name] = key.forward(table.frame[key.name])
            schema = _replaced(schema, key)
        frame = pl.DataFrame([s for several in columns.values() for s in several])
        return Table(frame, schema, table.origin)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows with their keys."""
        texts = [key.inverse(frame) for key in self.keys]
        hidden = [name for key in self.keys for name in (*key.hidden, key.rest)]
        return frame.drop(hidden).with_columns(texts)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {
            "keys": [
                {"name": k.name, "parts": k.parts, "hidden": dict(k.hidden), "rest": k.rest}
                for k in self.keys
            ]
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            tuple(
                KeyColumn(k["name"], tuple(k["parts"]), k["hidden"], k["rest"])
                for k in state["keys"]
            )
        )


def _key(keys: pl.Series, table: Table, schema: Schema) -> KeyColumn | None:
    """How the key is made, if its last part is a number and each other one constant or known."""
    if len(keys) < MIN_ROWS or keys.has_nulls() or keys.n_unique() < len(keys):
        return None
    values = _split(keys)
    if values is None or not values[-1].str.contains(r"^[0-9]+$").all():
        return None
    rest = values[-1]
    if rest.n_unique() < len(rest) and len(rest) >= 10 ** int(_lengths(rest).min()):
        return None
    names: list[str] = []
    hidden: dict[str, int] = {}
    for part in values[:-1]:
        if part.n_unique() == 1:
            names.append(part[0])
            continue
        width = _width_of(part, table, keys.name)
        if width is None:
            return None
        name = hidden_name(f"{keys.name} part {len(hidden) + 1}", schema)
        names.append(name)
        hidden[name] = width
    if not hidden:
        return None
    name = hidden_name(f"{keys.name} number", schema)
    return KeyColumn(keys.name, (*names, name), hidden, name)


def _split(keys: pl.Series) -> list[pl.Series] | None:
    """The words, numbers and separators of the keys, if all keys have the same; else None."""
    tokens = _TOKEN.findall(keys[0])
    if not 2 <= len(tokens) <= MAX_PARTS:
        return None
    classes = ["letters" if t[0].isalpha() else "digits" if t[0].isdigit() else t for t in tokens]
    groups = {"letters": r"([^\W\d_]+)", "digits": r"([0-9]+)"}
    pattern = "".join(groups.get(one, f"({re.escape(one)})") for one in classes)
    struct = keys.str.extract_groups(f"^{pattern}$")
    parts = struct.struct.unnest().get_columns()
    return None if any(part.has_nulls() for part in parts) else parts


def _width_of(part: pl.Series, table: Table, name: str) -> int | None:
    """The number of digits of a part that is a year or month of a date, 0 for a part that goes with
    the values of a category; None for others."""
    counts = part.value_counts(name="rows")["rows"].to_numpy()
    if len(counts) > MAX_VALUES or counts.min() < MIN_COUNT:
        return None
    lengths = np.unique(_lengths(part))
    near = nearest(table.schema.columns, table.schema.names.index(name))
    if part.str.contains(r"^[0-9]+$").all() and len(lengths) == 1:
        numbers = part.cast(pl.Int64)
        for other in (column.name for column in near if column.kind is Kind.DATETIME):
            times = table.frame[other]
            if times.dtype != pl.Date and not isinstance(times.dtype, pl.Datetime):
                continue
            for calendar in (times.dt.year(), times.dt.month()):
                same = (calendar == numbers).drop_nulls()
                if len(same) >= MIN_ROWS and int(same.sum()) >= MIN_HOLDS * len(same):
                    return int(lengths[0])
    for other in (column.name for column in near if column.kind is Kind.CATEGORY):
        values = table.frame[other]
        distinct = values.n_unique()
        both = pl.DataFrame([part.alias("part"), values.alias("value")]).n_unique()
        if 1 < distinct <= MAX_VALUES and both == max(distinct, len(counts)):
            return 0
    return None


def _lengths(texts: pl.Series) -> NDArray[np.int64]:
    return texts.str.len_chars().cast(pl.Int64).to_numpy()


def _replaced(schema: Schema, key: KeyColumn) -> Schema:
    columns: list[Column] = []
    for one in schema:
        columns += key.columns() if one.name == key.name else [one]
    names = tuple(key.rest if name == key.name else name for name in schema.key)
    return replace(
        schema,
        columns=tuple(columns),
        key=names,
        relations=None
        if schema.relations is None
        else tuple(text for text in schema.relations if key.name not in text),
    )
