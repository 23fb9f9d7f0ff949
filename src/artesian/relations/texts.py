"""Relations of texts: a column is another one with constant text around it, or begins with it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.relations.expressions import quoted


@dataclass(frozen=True, slots=True)
class Template:
    """`target = text("AB-{source}")`: columns in braces, with constant text between them.

    Attributes:
        parts: Constant texts and columns in turn; columns have the form ('', name).
        open: Text of any kind follows (`text("{source}...")`).
    """

    target: str
    parts: tuple[str | tuple[str, str], ...]
    open: bool = False

    def __str__(self) -> str:
        inner = "".join(p if isinstance(p, str) else f"{{{p[1]}}}" for p in self.parts)
        return f'{quoted(self.target)} = text("{inner}{"..." if self.open else ""}")'

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns in braces."""
        return tuple(dict.fromkeys(p[1] for p in self.parts if not isinstance(p, str)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and sources."""
        return tuple(dict.fromkeys((self.target, *self.sources)))

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """The text of the parts, shape (rows,); null where a column is missing."""
        return frame.select(
            pl.concat_str(
                *(
                    pl.lit(p) if isinstance(p, str) else pl.col(p[1]).cast(pl.String)
                    for p in self.parts
                )
            )
        ).to_series()

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the text is that of the parts, or begins with it; null where a value is missing."""
        text, start = frame[self.target].cast(pl.String), self.compute(frame)
        if not self.open:
            return (text == start).alias(str(self))
        both = pl.DataFrame({"text": text, "start": start})
        return both.select(pl.col("text").str.starts_with(pl.col("start"))).to_series()
