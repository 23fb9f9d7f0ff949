"""Features of one text column: its shape, length, characters, and the numbers within it.

The shape of a text replaces each run of capitals, of small letters and of digits by one character:
'AB-123 x' has the shape 'A-9 a'. A number within a text may have thousands separators of either
kind, a sign or parentheses for negative amounts: '(1.234,56 €)' holds -1234.56.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.derived.view import Feature, View

MAX_CHARACTERS = 200
"""Number of characters of a text that are examined."""

MAX_NUMBERS = 6
"""Maximum number of numbers within a text that are features."""

_SAMPLE = 5_000  # real values that are learned from
_MIN_ROWS = 5  # minimum number of real rows with a shape of its own
_MIN_PROPORTION = 0.005
_MIN_WITH_NUMBER = 0.2  # minimum proportion of the real texts with a number at a position
_NUMBER = r"\d+(?:[.,'’]\d+)*"
_GROUPS = re.compile(r"[.,'’]")
_CLASSES = {
    "number of digits": r"\d",
    "number of capitals": r"\p{Lu}",
    "number of letters": r"\p{L}",
    "number of words": r"\S+",
    "number of characters that are no letter or digit": r"[^\p{L}\d\s]",
    "number of characters outside ASCII": r"[^\x00-\x7f]",
}


def shapes(texts: pl.Series) -> pl.Series:
    """The shape of each text. (rows,)

    >>> shapes(pl.Series(["AB-123 x", "Zoë Ott"])).to_list()
    ['A-9 a', 'Aa Aa']
    """
    return (
        texts.str.slice(0, MAX_CHARACTERS)
        .str.replace_all(r"\p{Lu}+", "A")
        .str.replace_all(r"[\p{L}--\p{Lu}]+", "a")
        .str.replace_all(r"\d+", "9")
        .str.replace_all(r"\s+", " ")
    )


def number_tokens(texts: pl.Series) -> pl.Series:
    """The digits and separators of the numbers within each text, lists. (rows,)"""
    return texts.str.slice(0, MAX_CHARACTERS).str.extract_all(_NUMBER)


@dataclass(frozen=True, slots=True)
class NumberReader:
    """How the numbers within the texts of one column are written.

    Attributes:
        thousands: Separators that stand before exactly three digits wherever they occur, so that
            '27,851' is a whole number.
    """

    thousands: frozenset[str]

    @classmethod
    def from_tokens(cls, tokens: pl.Series) -> Self:
        """Learn the thousands separators from lists of tokens."""
        written = tokens.explode().drop_nulls().unique()
        thousands = set()
        for mark in ",.'’":
            with_mark = written.filter(written.str.contains(mark, literal=True))
            as_thousands = with_mark.str.contains(
                rf"^\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?:[.,]\d+)?$"
            )
            # '1.250' and '0.125' are decimals as a rule; so 0 is no group before thousands.
            if len(with_mark) and bool(as_thousands.all()):
                zero = with_mark.str.starts_with("0").any()
                if not zero:
                    thousands.add(mark)
        return cls(frozenset(thousands))

    def parts(self, token: str) -> list[float]:
        """The number that a token is, or several if it is a date, a version or an address.

        >>> NumberReader(frozenset(",")).parts("1,234.5"), NumberReader(frozenset()).parts("1.10.2")
        ([1234.5], [1.0, 10.0, 2.0])
        """
        marks = _GROUPS.findall(token)
        if not marks:
            return [float(token)]
        groups = _GROUPS.split(token)
        grouped = all(len(group) == 3 for group in groups[1:-1]) and len(groups[0]) <= 3
        if len(set(marks)) == 2 and len(set(marks[:-1])) == 1 and grouped:
            return [float("".join(groups[:-1]) + "." + groups[-1])]
        if len(set(marks)) == 1:
            if marks[0] in self.thousands or (len(marks) > 1 and grouped and len(groups[-1]) == 3):
                return [float("".join(groups))]
            if len(marks) == 1:
                return [float(f"{groups[0]}.{groups[1]}")]
        return [float(group) for group in groups]


def numbers_within(texts: pl.Series, reader: NumberReader) -> Floats:
    """The numbers within each text, NaN beyond the last. (rows, MAX_NUMBERS)

    The first is negative after a minus sign or within parentheses.
    """
    distinct = pl.DataFrame({"text": texts}).unique(maintain_order=True).drop_nulls()["text"]
    values = np.full((len(distinct) + 1, MAX_NUMBERS), np.nan)
    negative = distinct.str.contains(r"^[^\d\p{L}]*[-−(][^\d\p{L}]*\d").to_numpy()
    for row, tokens in enumerate(number_tokens(distinct).to_list()):
        numbers = [number for token in tokens[:MAX_NUMBERS] for number in reader.parts(token)]
        numbers = numbers[:MAX_NUMBERS]
        values[row, : len(numbers)] = numbers
    values[:-1, 0] *= np.where(negative, -1.0, 1.0)
    places = pl.DataFrame({"text": distinct, "row": np.arange(len(distinct))})
    joined = pl.DataFrame({"text": texts}).join(
        places, on="text", how="left", maintain_order="left"
    )
    rows = joined["row"].fill_null(len(distinct)).to_numpy()
    return np.asarray(np.clip(values[rows], -1e300, 1e300), np.float64)


@dataclass(frozen=True, slots=True)
class TextColumn:
    """What is derived from one column, learned from its real values.

    Attributes:
        shapes: Frequent shapes, most frequent first.
        numbers: Number of positions in the text where there is a number.
    """

    name: str
    shapes: tuple[str, ...]
    numbers: int
    reader: NumberReader

    @classmethod
    def from_real(cls, name: str, texts: pl.Series) -> Self:
        """Learn from the real values, (rows,)."""
        present = texts.drop_nulls()
        present = present.gather_every(max(len(present) // _SAMPLE, 1))
        counts = shapes(present).alias("shape").value_counts(name="rows")
        minimum = max(_MIN_ROWS, _MIN_PROPORTION * len(present))
        frequent = counts.filter(pl.col("rows") >= minimum)
        frequent = frequent.sort(["rows", "shape"], descending=[True, False])
        reader = NumberReader.from_tokens(number_tokens(present))
        within = numbers_within(present, reader)
        proportions = (~np.isnan(within)).mean(axis=0) if len(present) else np.zeros(MAX_NUMBERS)
        return cls(
            name,
            tuple(frequent["shape"].to_list()),
            int((proportions >= _MIN_WITH_NUMBER).sum()),
            reader,
        )

    def features(self) -> list[Feature]:
        """The shape, the length, and numbers of characters of each class."""
        names = (self.name,)

        def count(pattern: str) -> Feature:
            return Feature(
                next(label for label, each in _CLASSES.items() if each == pattern),
                names,
                lambda view: counts(view.texts(self.name).str.count_matches(pattern)),
            )

        return [
            Feature("format", names, self._shape_codes, discrete=True),
            Feature("length", names, lambda view: counts(view.texts(self.name).str.len_chars())),
            *(count(pattern) for pattern in _CLASSES.values()),
        ]

    def number_features(self) -> list[Feature]:
        """The numbers within the text, by position."""

        def number(at: int) -> Feature:
            label = (
                "number within the text" if self.numbers == 1 else f"number {at + 1} in the text"
            )
            return Feature(label, (self.name,), lambda view: self._numbers(view)[:, at])

        return [number(at) for at in range(self.numbers)]

    def _shape_codes(self, view: View) -> Floats:
        codes = {shape: float(code) for code, shape in enumerate(self.shapes)}
        column = shapes(view.texts(self.name))
        values = column.replace_strict(codes, default=float(len(codes)), return_dtype=pl.Float64)
        return np.where(column.is_null().to_numpy(), np.nan, values.to_numpy())

    def _numbers(self, view: View) -> Floats:
        return view.shared(
            ("numbers", self.name), lambda: numbers_within(view.texts(self.name), self.reader)
        )


def counts(series: pl.Series) -> Floats:
    """Counts as floats, NaN where missing. (rows,)"""
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
