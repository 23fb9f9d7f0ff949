"""Keys of entities that are made of columns and a number: `order_no = text("{branch}-{serial:04}")`.

All rows of an order have the same branch and serial number, and neither one alone tells orders apart.
The key is replaced by an identifier, so that rows are grouped into entities by it, and the other parts
are facts of these. The number is not modelled: entities with the same other parts are numbered, as in
the source. The text is computed from its parts afterwards. So is a key that has parts of other columns
in front of a number that no column has ('T240202-021').
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.dtypes import read_dtype, write_dtype
from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Column, Kind, Schema, mentions
from artesian.data.table import Table
from artesian.encoding.transforms.entity_columns import constant_within
from artesian.encoding.transforms.protocol import Position
from artesian.relations.parse import parse_relation, relations_of
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.texts import texts
from artesian.relations.texts import Field, Template

MIN_ENTITIES = 20
"""Minimum number of keys."""

MAX_DIGITS = 9
"""Maximum number of digits of the number in a key."""

_NUMBER = rf"^[0-9]{{1,{MAX_DIGITS}}}$"


@dataclass(frozen=True, slots=True)
class ComposedKey:
    """One key.

    Attributes:
        template: The text; open if its number, which follows, is no column.
        number: The column of the number; '' if there is none.
        dtype: The type of that column.
        width: Minimum number of digits of a number that is text.
        low: The smallest number.
        high: The largest number.
        counted: Whether entities with the same other parts are numbered from `low` one after another.
        order: A time by which the numbers rise; '' for the order of rows, None for no order.
    """

    template: Template
    number: str
    dtype: pl.DataType
    width: int
    low: int
    high: int
    counted: bool
    order: str | None

    @property
    def name(self) -> str:
        """The column of the key."""
        return self.template.target

    def stems(self, frame: pl.DataFrame) -> pl.Series:
        """What the keys have beside their numbers, shape (rows,)."""
        return _stems(self.template, self.number, frame)

    def inverse(self, frame: pl.DataFrame, rng: np.random.Generator, first: int) -> pl.DataFrame:
        """Rows with numbers and texts in place of identifiers.

        Args:
            first: What is added to the numbers, so that those of different blocks differ.
        """
        each = _each(self.name, self.stems(frame), frame, self.order)
        if self.counted:
            rank = each.select(pl.int_range(pl.len(), dtype=pl.Int64).over("stem")).to_series()
            numbers = (rank + self.low + first).to_numpy()
        else:
            numbers = self._drawn(each["stem"].rank("dense").to_numpy(), rng) + first
        of_key = each.select("key", number=pl.Series(numbers, dtype=pl.Int64))
        number = frame.select(key=self.name).join(
            of_key, on="key", how="left", maintain_order="left"
        )
        return self._written(frame, number["number"])

    def renumbered(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Complete rows, numbered from the smallest number on if the source is."""
        if not self.counted or frame[self.name].has_nulls():
            return frame
        return self.inverse(frame, np.random.default_rng(0), 0)

    def _written(self, frame: pl.DataFrame, number: pl.Series) -> pl.DataFrame:
        text = number.cast(pl.String).str.zfill(self.width)
        if self.number:
            own = text if self.dtype == pl.String else number
            frame = frame.with_columns(own.cast(self.dtype).alias(self.number))
        start = self.template.compute(frame)
        return frame.with_columns((start + text if self.template.open else start).alias(self.name))

    def _drawn(self, stems: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
        """Numbers that differ where stems are equal, between the smallest and the largest one."""
        out = np.empty(len(stems), np.int64)
        order = np.argsort(stems, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(stems[order])) + 1):
            size = max(self.high - self.low + 1, len(rows))
            numbers = rng.choice(size, len(rows), replace=False)
            out[rows] = self.low + (numbers if self.order is None else np.sort(numbers))
        return out

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {
            "template": str(self.template),
            "columns": self.template.columns,
            "number": self.number,
            "dtype": write_dtype(self.dtype),
            "width": self.width,
            "range": [self.low, self.high],
            "counted": self.counted,
            "order": self.order,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        template = parse_relation(state["template"], tuple(state["columns"]))
        assert isinstance(template, Template), "only templates are written"
        return cls(
            template=template,
            number=state["number"],
            dtype=read_dtype(state["dtype"]),
            width=state["width"],
            low=state["range"][0],
            high=state["range"][1],
            counted=state["counted"],
            order=state["order"],
        )


@dataclass(frozen=True, slots=True)
class ComposedKeys:
    """The keys of a table's entities that are made of columns and a number."""

    name: ClassVar[str] = "composed keys"

    keys: tuple[ComposedKey, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys and their numbers."""
        return tuple(name for key in self.keys for name in (key.name, key.number) if name)

    @property
    def relations(self) -> tuple[str, ...]:
        """The texts, as relations."""
        return tuple(str(key.template) for key in self.keys)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Look for columns and a number in every repeating key of text."""
        frame = table.frame
        keys: list[ComposedKey] = []
        for name in repeating_ids(table):
            column = table.schema[name]
            if column.kind is Kind.KEY and frame[name].dtype == pl.String and not column.role:
                taken = {n for key in keys for n in (key.name, key.number)}
                key = _composed(table, name, taken)
                keys += [] if key is None else [key]
        return cls(tuple(keys)) if keys else None

    def forward(self, table: Table) -> Table:
        """The table with identifiers in place of the texts, and without their numbers."""
        frame, schema = table.frame, table.schema
        for key in self.keys:
            frame = frame.with_columns(pl.col(key.name).rank("dense").cast(pl.Int64))
            schema = _replaced(schema, key)
        return Table(frame.select(schema.names), schema, table.origin)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows with their numbers and texts."""
        for key in reversed(self.keys):
            frame = key.inverse(frame, at.rng(self.name, key.name), at.first_row)
        return frame

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"keys": [key.to_state() for key in self.keys]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(tuple(map(ComposedKey.from_state, state["keys"])))


def _composed(table: Table, name: str, taken: set[str]) -> ComposedKey | None:
    """How a key is made of facts of its entity and a number; None if it is not, or determines nothing
    else."""
    frame, schema = table.frame, table.schema
    if frame[name].has_nulls() or frame[name].n_unique() < MIN_ENTITIES:
        return None
    labels = frame[name].rank("dense").to_numpy().astype(np.int64)
    facts = [c for c in constant_within(frame, labels, name) if c not in taken]
    # An identifier with a value of its own for each key is the entity itself.
    number = frame[name].n_unique()
    sources = [c for c in facts if frame[c].n_unique() < number and not frame[c].has_nulls()]
    each = frame.select(name, *sources).filter(frame[name].is_first_distinct())
    for template in _templates(table, name, each):
        if not set(facts) - set(template.sources) or template.holds(each).mean() != 1:
            continue
        chosen = _numbered(template, each, schema)
        if chosen is not None:
            return chosen
    return None


def _templates(table: Table, name: str, each: pl.DataFrame) -> Iterator[Template]:
    """The text that the schema lists, or else the one in the data."""
    if table.schema.relations is None:
        # In the first rows of a sorted table, a part is often constant.
        mixed = each.sample(fraction=1, shuffle=True, seed=0)
        yield from texts(mixed, [c for c in each.columns if c != name])
        return
    for one in relations_of(table.schema.relations, table.schema.names):
        if (
            isinstance(one, Template)
            and one.target == name
            and set(one.sources) <= set(each.columns)
        ):
            yield one


def _numbered(template: Template, each: pl.DataFrame, schema: Schema) -> ComposedKey | None:
    """The key with the number that tells keys with the same other parts apart; None if none does.

    Args:
        each: One row for each key, in the order of the table.
    """
    roles = {schema.target, schema.event, schema.entity, schema.time}
    candidates: list[tuple[float, int, ComposedKey]] = []
    for number in [""] if template.open else list(template.sources):
        fields = [field for field in template.fields if field.name == number]
        if len(fields) > 1 or any(field.function for field in fields):
            continue
        if number and (number in roles or any(mentions(c, number) for c in schema.constraints)):
            continue
        stems = _stems(template, number, each)
        if number:
            text = each[number].cast(pl.String)
        else:
            text = each[template.target].str.slice(stems.str.len_chars())
        if stems.has_nulls() or not text.str.contains(_NUMBER).all():
            continue
        is_text = not number or each.schema[number] == pl.String
        length = text.str.len_chars().min()
        padded = is_text and text.str.starts_with("0").any()
        rows = pl.DataFrame({"key": each[template.target], "stem": stems})
        rows = rows.with_columns(number=text.cast(pl.Int64))
        if rows.select("stem", "number").is_duplicated().any():
            continue
        low, high = int(rows["number"].min()), int(rows["number"].max())  # type: ignore[arg-type]
        irregular = _irregular(rows, low)
        times = [
            name
            for name in each.columns
            if schema[name].kind is Kind.DATETIME and each.schema[name].is_temporal()
        ]
        orders = ((time, each[time]) for time in times)
        order = next((o for o, values in (("", None), *orders) if _rises(rows, values)), None)
        dtype = each.schema[number] if number else pl.String()
        key = ComposedKey(
            template=template,
            number=number,
            dtype=dtype,
            width=length if padded and isinstance(length, int) else 1,
            low=low,
            high=high,
            counted=irregular <= 1 - MIN_HOLDS,
            order=order,
        )
        candidates.append((irregular, -rows["number"].n_unique(), key))
    return min(candidates, key=lambda one: one[:2])[2] if candidates else None


def _irregular(rows: pl.DataFrame, low: int) -> float:
    """Fraction of the stems whose numbers are not those from `low` on."""
    groups = rows.group_by("stem").agg(last=pl.col("number").max(), keys=pl.len())
    return 1 - float((groups["last"] == groups["keys"].cast(pl.Int64) + low - 1).mean() or 0)  # type: ignore[arg-type]


def _rises(rows: pl.DataFrame, order: pl.Series | None) -> bool:
    """Whether the numbers of keys with the same stem rise by a time, or in the order of rows."""
    if order is not None:
        rows = rows.with_columns(order.alias("order")).sort("order", maintain_order=True)
    steps = rows.select(pl.col("number").diff().over("stem")).to_series().drop_nulls()
    rising = (steps > 0).mean()
    return isinstance(rising, float) and rising >= MIN_HOLDS


def _each(name: str, stems: pl.Series, frame: pl.DataFrame, order: str | None) -> pl.DataFrame:
    """The keys with their stems, sorted by `order` or in the order of their first rows."""
    rows = pl.DataFrame({"key": frame[name], "stem": stems.fill_null("")})
    if order:
        rows = rows.with_columns(frame[order].alias("order"))
    first = rows.filter(rows["key"].is_first_distinct())
    return first.sort("order", maintain_order=True, nulls_last=True) if order else first


def _stems(template: Template, number: str, frame: pl.DataFrame) -> pl.Series:
    parts = tuple(
        part for part in template.parts if not (isinstance(part, Field) and part.name == number)
    )
    return Template(template.target, parts or ("",)).compute(frame)


def _replaced(schema: Schema, key: ComposedKey) -> Schema:
    columns = tuple(
        Column(name=key.name, kind=Kind.KEY) if one.name == key.name else one
        for one in schema
        if one.name != key.number
    )
    names = dict.fromkeys(key.name if name == key.number else name for name in schema.key)
    listed = schema.relations
    if listed is not None:
        same = {text for text in listed if [key.template] == relations_of([text], schema.names)}
        listed = tuple(text for text in listed if text not in same)
    return replace(schema, columns=columns, key=tuple(names), relations=listed)
