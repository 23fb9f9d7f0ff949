"""Relations of events: a column is missing, or has a value, if another one is missing or has one."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.data.frames import as_text
from artesian.relations.expressions import quoted


@dataclass(frozen=True, slots=True)
class Event:
    """`missing(column)`, or `column = value`.

    Attributes:
        value: A number, or a text; None if the column is missing.
    """

    column: str
    value: float | str | None = None

    def __str__(self) -> str:
        if self.value is None:
            return f"missing({quoted(self.column)})"
        if isinstance(self.value, str):
            literal = "'" + self.value.replace("'", "''") + "'"
        else:
            literal = repr(self.value).removesuffix(".0")
        return f"{quoted(self.column)} = {literal}"

    def happens(self, frame: pl.DataFrame) -> pl.Series:
        """Whether it does, shape (rows,); null where it has to do with a value that is missing."""
        series = frame[self.column]
        if self.value is None:
            return series.is_null()
        if isinstance(self.value, str):
            return as_text(series) == self.value
        return series.cast(pl.Float64, strict=False) == self.value


@dataclass(frozen=True, slots=True)
class Implied:
    """`effect if cause`, or with `exactly` `effect exactly if cause`: then and only then.

    Attributes:
        effect: An event of another column than that of the cause.
    """

    effect: Event
    cause: Event
    exactly: bool = False

    def __str__(self) -> str:
        return f"{self.effect} {'exactly if' if self.exactly else 'if'} {self.cause}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The column of the effect, and that of the cause."""
        return self.effect.column, self.cause.column

    @property
    def target(self) -> str:
        """The column of the effect."""
        return self.effect.column

    @property
    def sources(self) -> tuple[str, ...]:
        """The column of the cause."""
        return (self.cause.column,)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the effect is there; null in rows without the cause, or with a value missing."""
        effect, cause = self.effect.happens(frame), self.cause.happens(frame)
        if self.exactly:
            return (effect == cause).alias(str(self))
        return effect.set(~cause.fill_null(False), None).alias(str(self))
