"""Rows as a matrix for a learner: numbers as they are, categories as codes, dates in parts."""

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
    """Which columns a learner sees, and how; the same for every table of a comparison.

    A category is its code in sorted order, missing values are NaN. Of a date or time a tree cannot
    learn the rhythm from the plain value, so the day of the week and the time of day stand beside
    it.
    """

    columns: tuple[str, ...]
    dates: frozenset[str]
    coded: frozenset[str]
    drawn_from: int

    @classmethod
    def of(
        cls, encoded: Encoded, most: int, seed: Seed, *, without: Collection[str] = ()
    ) -> Features:
        """All judged columns but those `without`; of more than `most`, that many drawn by the seed."""
        chosen = encoded.draw_columns(most, seed, without=without)
        return cls(
            tuple(column.name for column in chosen),
            frozenset(column.name for column in chosen if column.kind is Kind.DATETIME),
            frozenset(column.name for column in chosen if column.name in encoded.levels),
            sum(column.name not in without for column in encoded.columns),
        )

    @property
    def owners(self) -> tuple[str, ...]:
        """For each feature, the column it comes from."""
        return tuple(n for n in self.columns for _ in range(3 if n in self.dates else 1))

    @property
    def discrete(self) -> npt.NDArray[np.bool_]:
        """(features,) which of them are codes of categories."""
        return np.array([name in self.coded for name in self.owners], bool)

    @property
    def said(self) -> str:
        """What an explanation has to say about a choice of columns; '' if all are seen."""
        if len(self.columns) == self.drawn_from:
            return ""
        return f", judged by {len(self.columns)} columns drawn from {self.drawn_from}"

    def matrix(self, rows: Rows) -> Floats:
        """(rows, features)"""
        made: list[Floats] = []
        for name in self.columns:
            if name in rows.codes:
                codes = rows.codes[name]
                made.append(np.where(codes < 0, np.nan, codes))
                continue
            values = rows.numbers[name]
            made.append(values)
            if name in self.dates:
                days = np.floor(values / _DAY)
                made += [days % 7, values - days * _DAY]
        return np.column_stack(made) if made else np.empty((rows.height, 0))


def trainable(matrix: Floats) -> Floats:
    """The matrix with zeros in features that are missing throughout, which learners refuse."""
    return np.where(np.isnan(matrix).all(axis=0), 0.0, matrix)
