"""Texts with numbers, times and categories inside: split into fields, and joined again.

>>> whole = ValueFormat(decimals=0)
>>> pressure = Template((Part(slot="1", kind="number", value_format=whole), Part(text="/"),
...                      Part(slot="2", kind="number", value_format=whole)))
>>> pressure.split(pl.Series(["128/80", "n/a"])).rows()
[(128, 80), (None, None)]
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Self

import polars as pl

from artesian.data.formatting.numbers import read_numbers, write_numbers
from artesian.data.formatting.times import read_times, write_times
from artesian.data.value_format import ValueFormat, differences

NUMBER, DATE, TIME, WORD = "number", "date", "time", "word"

FIELD = "field"
"""Role of the column of a number that is modelled as a field of a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A constant text or a field of a template.

    Attributes:
        text: The constant text; '' for a field.
        slot: The field's name; fields of the same name in several templates are one variable.
        kind: 'number', 'date', 'time' or 'word'; '' for a constant.
        expression: Regular expression of the field's text.
        value_format: How the field's numbers or times are written.
    """

    text: str = ""
    slot: str = ""
    kind: str = ""
    expression: str = r"[+-]?\d+(?:\.\d+)?"
    value_format: ValueFormat = field(default_factory=ValueFormat)

    def read(self, text: pl.Series) -> pl.Series:
        """The values of the field; null where the text is none."""
        if self.kind == NUMBER:
            return read_numbers(text, self.value_format)
        if self.kind == WORD:
            return text
        values = read_times(text, self.value_format.pattern or "")
        assert values is not None, "the pattern of a field is valid"
        return values

    def write(self, values: pl.Series) -> pl.Series:
        """The text of the field's values."""
        if self.kind == NUMBER:
            return write_numbers(values, self.value_format, bare=self.value_format.decimals is None)
        if self.kind == WORD:
            return values.cast(pl.String)
        return write_times(values, self.value_format.pattern or "")

    def to_dict(self) -> dict[str, Any]:
        """Everything `from_dict` needs, as JSON types."""
        if not self.slot:
            return {"text": self.text}
        return {
            "slot": self.slot,
            "kind": self.kind,
            "expression": self.expression,
            "value_format": differences(self.value_format),
        }

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> Self:
        """Restore what `to_dict` returned."""
        value_format = ValueFormat(**entry.get("value_format", {}))
        return cls(**{**entry, "value_format": value_format})


@dataclass(frozen=True, slots=True)
class Template:
    """Constant texts and fields that follow one another."""

    parts: tuple[Part, ...]

    @property
    def fields(self) -> tuple[Part, ...]:
        """The parts that vary."""
        return tuple(part for part in self.parts if part.slot)

    @property
    def shown(self) -> str:
        """The template for people: '{1}/{2}'."""
        return "".join(part.text or f"{{{_shown(part)}}}" for part in self.parts)

    def split(self, text: pl.Series) -> pl.DataFrame:
        """The fields of each text, one column each; all are null where the text has another form."""
        fields = self.fields
        if not fields:
            return pl.DataFrame()
        groups = text.str.extract_groups(self._expression()).struct.unnest()
        read = [
            part.read(series).alias(part.slot)
            for part, series in zip(fields, groups.get_columns(), strict=True)
        ]
        frame = pl.DataFrame(read)
        complete = frame.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
        return frame.with_columns(pl.when(complete).then(pl.all()))

    def join(self, frame: pl.DataFrame) -> pl.Series:
        """The texts of the fields in `frame`; null where a field is missing."""
        out = pl.repeat("", frame.height, eager=True, dtype=pl.String)
        for part in self.parts:
            out = out + (part.write(frame[part.slot]) if part.slot else part.text)
        return out

    def matches(self, text: pl.Series, fields: pl.DataFrame) -> pl.Series:
        """Whether each text is exactly what its fields give."""
        if not self.fields:
            return (text == self.shown).fill_null(False)
        return (self.join(fields) == text).fill_null(False)

    def _expression(self) -> str:
        inner = (f"({p.expression})" if p.slot else re.escape(p.text) for p in self.parts)
        return f"^{''.join(inner)}$"


def _shown(part: Part) -> str:
    return part.value_format.pattern or part.kind
