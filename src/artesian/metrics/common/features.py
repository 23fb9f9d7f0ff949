"""Feature matrix of a learner: numbers, category codes, and dates with weekday and time of day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.run import Seed
from artesian.data.schema import Kind
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Encoded, Rows

_DAY = 86_400e6  # microseconds


@dataclass(frozen=True, slots=True)
class Features:
    """Which columns a learner sees; the same for every table of a comparison.

    A category is its code in sorted order, a missing value is NaN. A date has three features: its
    value, the day of the week and the time of day, which a tree could not learn from the value.

    Attributes:
        columns: Names of the columns.
        dates, coded: Those that are dates, and those that are categories.
        available: Number of columns that `columns` was drawn from.
    """

    columns: tuple[str, ...]
    dates: frozenset[str]
    coded: frozenset[str]
    available: int

    @classmethod
    def from_encoded(
        cls, encoded: Encoded, max_columns: int, seed: Seed, *, without: Collection[str] = ()
    ) -> Features:
        """The columns but those in `without`; if more than `max_columns`, a random choice."""
        columns = encoded.draw_columns(max_columns, seed, without=without)
        return cls(
            tuple(column.name for column in columns),
            frozenset(column.name for column in columns if column.kind is Kind.DATETIME),
            frozenset(column.name for column in columns if column.name in encoded.levels),
            sum(column.name not in without for column in encoded.columns),
        )

    @property
    def owners(self) -> tuple[str, ...]:
        """(features,) the column that each feature is derived from."""
        return tuple(n for n in self.columns for _ in range(3 if n in self.dates else 1))

    @property
    def discrete(self) -> npt.NDArray[np.bool_]:
        """(features,) whether the feature is a category code."""
        return np.array([name in self.coded for name in self.owners], bool)

    @property
    def drawn_note(self) -> str:
        """A clause for explanations about a random choice of columns; empty if all are used."""
        if len(self.columns) == self.available:
            return ""
        return f", based on {len(self.columns)} columns drawn from {self.available}"

    def matrix(self, rows: Rows) -> Floats:
        """(rows, features)"""
        parts: list[Floats] = []
        for name in self.columns:
            if name in rows.codes:
                codes = rows.codes[name]
                parts.append(np.where(codes < 0, np.nan, codes))
                continue
            values = rows.numbers[name]
            parts.append(values)
            if name in self.dates:
                days = np.floor(values / _DAY)
                parts += [days % 7, values - days * _DAY]
        return np.column_stack(parts) if parts else np.empty((rows.height, 0))


def trainable(matrix: Floats) -> Floats:
    """Replace features without any value by zeros: scikit-learn refuses all-NaN features."""
    return np.where(np.isnan(matrix).all(axis=0), 0.0, matrix)
