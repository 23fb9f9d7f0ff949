"""Replace texts with numbers and times inside by the fields of their templates.

The modelled columns are the number of the template, and one column for each field; a field that a text
does not have is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl

from artesian.data.formatting.templates import DATE, FIELD, NUMBER, TIME, Part, Template
from artesian.data.inference.templates import infer_templates
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.relations.parse import parse_relation
from artesian.relations.protocol import MIN_HOLDS, count

KINDS = {NUMBER: Kind.NUMBER, DATE: Kind.DATETIME, TIME: Kind.DATETIME}

_BELOW = re.compile(r"[<≤]=? ?(\d+(?:\.\d+)?)")
_ABOVE = re.compile(r"[>≥]=? ?(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class TemplatedColumn:
    """One column of texts.

    Attributes:
        name: The column.
        templates: Its templates; a text has the first one that fits.
        form: The modelled column with the position of the template; '' if there is a single
            template and no value is missing.
        slots: Modelled column of each field, by the field's name.
        limits: The limits of detection '<0.05' and '>10' that no number lies beyond; None for none.
    """

    name: str
    templates: tuple[Template, ...]
    form: str
    slots: Mapping[str, str]
    limits: tuple[float | None, float | None] = (None, None)

    @property
    def fields(self) -> dict[str, Part]:
        """One field of each name."""
        return {part.slot: part for template in self.templates for part in template.fields}

    @property
    def _decimal(self) -> set[str]:
        """Fields of numbers that have decimals in some template."""
        parts = [part for template in self.templates for part in template.fields]
        return {p.slot for p in parts if p.kind == NUMBER and p.value_format.decimals != 0}

    def columns(self) -> list[Column]:
        """The modelled columns."""
        form = [Column(name=self.form, kind=Kind.CATEGORY, nullable=True)] if self.form else []
        nullable = bool(self.form)
        kinds = {slot: KINDS.get(part.kind, Kind.CATEGORY) for slot, part in self.fields.items()}
        return form + [
            Column(
                name=name,
                kind=kinds[slot],
                nullable=nullable,
                role=FIELD if kinds[slot] is Kind.NUMBER else "",
            )
            for slot, name in self.slots.items()
        ]

    def forward(self, text: pl.Series) -> list[pl.Series]:
        """The values of the modelled columns; texts of another form have the first, and no fields."""
        form = np.full(len(text), -1)
        values: dict[str, pl.Series] = {}
        for number, template in enumerate(self.templates):
            fields = template.split(text)
            same = template.matches(text, fields).to_numpy() & (form < 0)
            form[same] = number
            mask = pl.Series(same)
            for part in template.fields:
                own = fields[part.slot]
                if part.slot in self._decimal:
                    own = own.cast(pl.Float64)
                values[part.slot] = own.zip_with(mask, values.get(part.slot, own.clear(len(own))))
        out = [values[slot].alias(name) for slot, name in self.slots.items()]
        if self.form:
            numbers = pl.Series(self.form, np.maximum(form, 0)).set(text.is_null(), None)
            out.insert(0, numbers.cast(pl.String))
        return out

    def inverse(self, frame: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """The texts of sampled fields; missing fields of a text are those of another one."""
        rows = np.arange(frame.height)
        form = frame[self.form] if self.form else pl.Series(["0"] * frame.height)
        numbers = [str(number) for number in range(len(self.templates))]
        # A form that was suppressed is the rarest one.
        form = form.set((~form.is_in(numbers)).fill_null(False), numbers[-1])
        texts = pl.Series(self.name, [None] * frame.height, dtype=pl.String)
        for number, template in enumerate(self.templates):
            mask = (form == str(number)).fill_null(False)
            if not mask.any():
                continue
            fields = pl.DataFrame(
                [
                    _filled(
                        frame[self.slots[p.slot]].filter(mask), frame[self.slots[p.slot]], rng
                    ).alias(p.slot)
                    for p in template.fields
                ]
            )
            if len(template.parts) == 1 and template.parts[0].kind == NUMBER:
                fields = fields.with_columns(pl.all().clip(*self.limits))
            written = template.join(fields) if template.fields else template.shown
            texts = texts.scatter(rows[mask.to_numpy()], written)
        return texts


@dataclass(frozen=True, slots=True)
class Templates:
    """The columns of a table that have templates."""

    name: ClassVar[str] = "templates"

    templated: tuple[TemplatedColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of texts."""
        return tuple(column.name for column in self.templated)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that are modelled in place of texts."""
        return tuple(n for c in self.templated for n in (c.form, *c.slots.values()) if n)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Infer the templates of every column of texts without a role.

        A template, and a word in it, that fewer than `MIN_COUNT` rows have is never stored.
        """
        schema, templated = table.schema, []
        for column in table.schema:
            text = table.frame[column.name]
            if not column.value_format.templated or text.dtype != pl.String:
                continue
            inferred = infer_templates(text, declared=True)
            if inferred is None or column.name in _named_by(table.schema):
                continue
            single = len(inferred.templates) == 1 and inferred.covered == len(text)
            slots: dict[str, str] = {}
            names = [part.slot for t in inferred.templates for part in t.fields]
            for slot in dict.fromkeys(names):
                slots[slot] = hidden_name(f"{column.name} {slot}", schema)
            form = "" if single else hidden_name(f"{column.name} form", schema)
            limits = _limits(inferred.templates, text)
            templated.append(TemplatedColumn(column.name, inferred.templates, form, slots, limits))
            schema = _replaced(schema, templated[-1])
        return cls(tuple(templated)) if templated else None

    def forward(self, table: Table) -> Table:
        """The table with forms and fields in place of texts."""
        schema, columns = table.schema, {s.name: [s] for s in table.frame}
        for column in self.templated:
            columns[column.name] = column.forward(table.frame[column.name])
            schema = _replaced(schema, column)
        frame = pl.DataFrame({s.name: s for several in columns.values() for s in several})
        return Table(frame, schema, table.origin)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows with the texts of their fields."""
        texts = [c.inverse(frame, at.rng(self.name, c.name)) for c in self.templated]
        return frame.drop(self.fields).with_columns(texts)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {
            "columns": [
                {
                    "name": column.name,
                    "form": column.form,
                    "slots": dict(column.slots),
                    "limits": list(column.limits),
                    "templates": [[p.to_dict() for p in t.parts] for t in column.templates],
                }
                for column in self.templated
            ]
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            tuple(
                TemplatedColumn(
                    entry["name"],
                    tuple(Template(tuple(map(Part.from_dict, t))) for t in entry["templates"]),
                    entry["form"],
                    entry["slots"],
                    (entry["limits"][0], entry["limits"][1]),
                )
                for entry in state["columns"]
            )
        )


def _limits(templates: tuple[Template, ...], text: pl.Series) -> tuple[float | None, float | None]:
    """The highest '<0.05' and the lowest '>10' among the constants, if no number lies beyond."""
    plain = next((t for t in templates if len(t.parts) == 1 and t.parts[0].kind == NUMBER), None)
    if plain is None:
        return None, None
    values = plain.split(text)[plain.parts[0].slot].cast(pl.Float64)
    constants = [t.shown for t in templates if not t.fields]
    below, above = (
        [float(m[1]) for c in constants if (m := e.fullmatch(c))] for e in (_BELOW, _ABOVE)
    )
    low, high = max(below, default=None), min(above, default=None)
    return (
        low if low is not None and not (values < low).any() else None,
        high if high is not None and not (values > high).any() else None,
    )


def holding(relations: tuple[str, ...], table: Table) -> tuple[str, ...]:
    """The discovered relations that hold in the rows of the table itself.

    Of the last days of months, the first days are modelled, among which others hold.
    """
    if table.schema.relations is not None:
        return relations
    fields = with_fields(table)
    counts = (count(parse_relation(one, fields.schema.names), fields.frame) for one in relations)
    return tuple(
        text
        for text, (rows, wrong) in zip(relations, counts, strict=True)
        if rows and wrong <= (1 - MIN_HOLDS) * rows
    )


def with_fields(table: Table, like: Table | None = None) -> Table:
    """The table with the fields of its templates in place of texts.

    Args:
        like: The table whose templates are meant; by default this one.
    """
    templates = Templates.learn(table if like is None else like, protect=True)
    return table if templates is None else templates.forward(table)


def _filled(values: pl.Series, pool: pl.Series, rng: np.random.Generator) -> pl.Series:
    """The values with missing ones drawn from `values`, or else from `pool`."""
    absent = values.is_null()
    present = values.drop_nulls() if values.count() else pool.drop_nulls()
    if not absent.any() or not len(present):
        return values
    drawn = present.gather(rng.integers(0, len(present), int(absent.sum())))
    return values.scatter(absent.arg_true(), drawn)


def _replaced(schema: Schema, column: TemplatedColumn) -> Schema:
    columns: list[Column] = []
    for one in schema:
        columns += column.columns() if one.name == column.name else [one]
    return replace(schema, columns=tuple(columns))


def _named_by(schema: Schema) -> set[str | None]:
    return {*schema.key, schema.target, schema.event, schema.entity, schema.time}
