"""Relations of texts: a column is made of others with constant text between them, or begins so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from artesian.data.frames import as_text
from artesian.relations.expressions import FUNCTIONS, listed, numbers, quoted

_FIELD = re.compile(r"(?:(?P<function>[^\W\d]\w*)\((?P<of>.*)\)|(?P<name>.*?))(?::(?P<width>0\d))?")


@dataclass(frozen=True, slots=True)
class Field:
    """A column within a text, or a part of a time.

    Attributes:
        name: The column.
        function: The part of the time: 'year', 'month', ...; '' for the values themselves.
        width: Minimum number of characters, filled with zeros from the left.
    """

    name: str
    function: str = ""
    width: int = 0

    def __str__(self) -> str:
        inner = f"{self.function}({self.name})" if self.function else self.name
        return f"{{{inner}:0{self.width}}}" if self.width else f"{{{inner}}}"

    @classmethod
    def parse(cls, inner: str, name: Callable[[str], str], columns: tuple[str, ...]) -> Field:
        """What is written between braces; `name` checks the name of a column."""
        match = _FIELD.fullmatch(inner)
        if inner in columns or match is None:
            return cls(name(inner))
        width = int(match["width"] or 0)
        if match["function"] in FUNCTIONS:
            return cls(name(match["of"]), match["function"], width)
        return cls(name(inner.rpartition(":")[0] if width else inner), "", width)

    def written(self, frame: pl.DataFrame) -> pl.Series:
        """The texts, shape (rows,); null where the column is missing."""
        series = frame[self.name]
        if self.function:
            values = FUNCTIONS[self.function](numbers(series))
            series = pl.Series(self.name, values, nan_to_null=True).cast(pl.Int64)
        text = as_text(series)
        return text.str.zfill(self.width) if self.width else text


@dataclass(frozen=True, slots=True)
class Template:
    """`target = text("AB-{source}")`: columns in braces, with constant text between them.

    A field in braces is a column, a part of a time (`{month(day)}`), either with a minimum number
    of digits (`{number:04}`).

    Attributes:
        parts: Constant texts and fields in turn.
        open: Text of any kind follows (`text("{source}...")`).
    """

    target: str
    parts: tuple[str | Field, ...]
    open: bool = False

    def __str__(self) -> str:
        inner = "".join(map(str, self.parts))
        return f'{quoted(self.target)} = text("{inner}{"..." if self.open else ""}")'

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is in braces."""
        return tuple(part for part in self.parts if isinstance(part, Field))

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns in braces."""
        return tuple(dict.fromkeys(field.name for field in self.fields))

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and sources."""
        return tuple(dict.fromkeys((self.target, *self.sources)))

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """The text of the parts, shape (rows,); null where a column is missing."""
        written = [part.written(frame) for part in self.fields]
        columns = iter(range(len(written)))
        return (
            pl.DataFrame([s.alias(str(at)) for at, s in enumerate(written)])
            .select(
                pl.concat_str(
                    *(
                        pl.lit(p) if isinstance(p, str) else pl.col(str(next(columns)))
                        for p in self.parts
                    )
                )
            )
            .to_series()
        )

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the text is that of the parts, or begins with it; null where a value is missing."""
        text, start = as_text(frame[self.target]), self.compute(frame)
        if not self.open:
            return (text == start).alias(str(self))
        both = pl.DataFrame({"text": text, "start": start})
        return both.select(pl.col("text").str.starts_with(pl.col("start"))).to_series()


@dataclass(frozen=True, slots=True)
class ConditionalTemplate:
    """`facility = text("Depot {city}") if event in ('collected')`: made of others in some rows only.

    Attributes:
        label: The category that decides in which rows.
        values: Its values in these rows.
    """

    template: Template
    label: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.template} if {quoted(self.label)}{listed(self.values)}"

    @property
    def target(self) -> str:
        """The text."""
        return self.template.target

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns in braces, and the label."""
        return tuple(dict.fromkeys((*self.template.sources, self.label)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and sources."""
        return tuple(dict.fromkeys((self.target, *self.sources)))

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """The text of the parts, shape (rows,); null in other rows, and where a column is missing."""
        return self.template.compute(frame).set(~self._applies(frame), None)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the text is that of the parts; null in other rows, and where a value is missing."""
        return self.template.holds(frame).set(~self._applies(frame), None).alias(str(self))

    def _applies(self, frame: pl.DataFrame) -> pl.Series:
        return frame[self.label].cast(pl.String).is_in(self.values).fill_null(False)
