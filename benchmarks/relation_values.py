"""Columns as the numbers that relations compare: values, sums of products, times, decimals."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

NAME = r'(?:"[^"]+"|[^\W\d]\w*)'
"""A column as relations write it: a plain word, or in double quotes."""

SLACK = 1e-9
"""Relative error of floating-point arithmetic."""


class FormError(ValueError):
    """A text is no form of a relation."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A sum of signed products and quotients of numbers and columns."""

    parts: tuple[tuple[float, tuple[tuple[str, str], ...]], ...]

    @classmethod
    def of(cls, text: str) -> Terms:
        factor = rf"(?:{NAME}|\d+(?:\.\d+)?(?:e-?\d+)?)"
        term = rf"{factor}(?: [*/] {factor})*"
        if re.fullmatch(rf"-?{term}(?: [+-] {term})*", text) is None:
            raise FormError(f"{text!r} is no sum of columns")
        parts = []
        for found in re.finditer(rf"(^-?|[+-] )({term})", text):
            sign = -1.0 if found[1].startswith("-") else 1.0
            tokens = re.findall(rf"(^|[*/] )({factor})", found[2])
            parts.append((sign, tuple((how.strip() or "*", what) for how, what in tokens)))
        return cls(parts=tuple(parts))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(
            what.strip('"')
            for _, factors in self.parts
            for _, what in factors
            if not what[0].isdigit()
        )

    @property
    def lone(self) -> bool:
        """It is one column and nothing else."""
        return len(self.parts) == len(self.parts[0][1]) == len(self.columns) == 1

    def value(self, frame: pl.DataFrame) -> Numbers:
        total = np.zeros(frame.height)
        for sign, factors in self.parts:
            product = np.full(frame.height, sign)
            for how, what in factors:
                value = float(what) if what[0].isdigit() else numbers(frame, what.strip('"'))
                with np.errstate(divide="ignore", invalid="ignore"):
                    product = product * value if how == "*" else product / value
            total = total + product
        return np.where(np.isfinite(total), total, np.nan)


def unit(series: pl.Series) -> float:
    """The step of the last decimal that is written: .01 for 12.5 and 7.25; 1 for whole numbers."""
    if not series.dtype.is_float():
        return 1.0
    values = series.drop_nulls().unique().to_list()
    decimals = [len(text.partition(".")[2].rstrip("0")) for text in map("{:.9f}".format, values)]
    return float(10.0 ** -max(decimals, default=0))


def ranked(first: pl.Series, second: pl.Series) -> tuple[Numbers, Numbers]:
    """Times as numbers, other text as places in alphabetical order."""
    moments = times(first), times(second)
    if all(a.null_count() == b.null_count() for a, b in zip(moments, (first, second), strict=True)):
        return floats(moments[0].to_physical()), floats(moments[1].to_physical())
    both = pl.concat([first.cast(pl.String), second.cast(pl.String)]).rank("dense")
    return floats(both[: len(first)]), floats(both[len(first) :])


def times(series: pl.Series) -> pl.Series:
    if series.dtype.is_temporal():
        return series.cast(pl.Datetime("us"))
    text = series.cast(pl.String).str.replace(r"Z$", "").str.replace(" ", "T")
    whole = pl.when(text.str.len_chars() == 10).then(text + "T00:00:00").otherwise(text)
    return pl.select(whole.str.to_datetime(strict=False, time_unit="us")).to_series()


def numbers(frame: pl.DataFrame, name: str) -> Numbers:
    return floats(frame[name].cast(pl.Float64, strict=False))


def floats(series: pl.Series) -> Numbers:
    return series.cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64)


def names_in(text: str, split: str = r",\s*") -> tuple[str, ...]:
    """The columns that `text` lists; of `missing(a)` and `a = 'v'` the column."""
    found: list[str] = re.findall(NAME, re.sub(r"^missing\(|'[^']*'", "", text))
    return tuple(name.strip('"') for name in found)
