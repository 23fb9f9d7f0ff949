"""Feature matrix of one real table, into which synthetic rows of the same columns are encoded too.

The encoding comes from the real rows alone, so that it is the same whatever is added to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.common.arrays import NUMERIC, Floats, floats
from artesian.metrics.common.encoding import DISCRETE, Rows
from artesian.metrics.common.features import Features
from artesian.metrics.common.roc import Truth

MAX_LEVELS = 30
"""Categories of a column that have a coordinate of their own, by frequency."""

MAX_Z = 10.0
"""Standard deviations from the mean at which coordinates are clipped."""


@dataclass(frozen=True, slots=True)
class FeatureEncoder:
    """Columns as features: numbers, category codes, and dates with weekday and time of day.

    Keys and free text are no predictors. A category that no real row has is a missing value.

    Attributes:
        features: The columns, and which of them are dates or categories.
        levels: Name -> the sorted categories of the real rows.
    """

    features: Features
    levels: dict[str, pl.Series]

    @classmethod
    def from_table(cls, table: Table, *, without: str) -> Self:
        """The encoding of all columns but `without`."""
        columns = [c for c in table.schema if c.name != without]
        coded = [c.name for c in columns if c.kind in DISCRETE]
        used = [c for c in columns if c.kind in (*NUMERIC, *DISCRETE)]
        features = Features(
            tuple(c.name for c in used),
            frozenset(c.name for c in used if c.kind is Kind.DATETIME),
            frozenset(coded),
            len(used),
        )
        levels = {n: _text(table.frame[n]).drop_nulls().unique().sort() for n in coded}
        return cls(features, levels)

    @property
    def discrete(self) -> Truth:
        """(features,) whether the feature is a category code."""
        return self.features.discrete

    def matrix(self, frame: pl.DataFrame) -> Floats:
        """(rows, features), NaN where missing."""
        numbers, codes = {}, {}
        for name in self.features.columns:
            if name not in self.levels:
                numbers[name] = floats(frame[name])
                continue
            values, levels = _text(frame[name]), self.levels[name]
            at = np.searchsorted(levels.to_numpy(), values.fill_null("").to_numpy())
            at = np.minimum(at, max(len(levels) - 1, 0))
            same = levels.gather(at).eq_missing(values) if len(levels) else values.is_null()
            codes[name] = np.where(same.to_numpy() & values.is_not_null().to_numpy(), at, -1)
        rows = Rows(frame.height, numbers, codes, np.arange(frame.height))
        return self.features.matrix(rows)


@dataclass(frozen=True, slots=True)
class Space:
    """Coordinates in which rows have distances, for neighbours of rows with mixed columns.

    Numbers are standardized; two different categories, or a missing and a present value, are one
    standard deviation apart, as in SMOTE-NC (Chawla et al. 2002).

    Attributes:
        center, scale: (features,) mean and standard deviation of numbers.
        codes: For each feature its frequent categories; None for a number.
        missing: Features with missing values.
    """

    center: Floats
    scale: Floats
    codes: tuple[Any, ...]
    missing: tuple[int, ...]

    @classmethod
    def from_matrix(cls, matrix: Floats, discrete: Truth) -> Self:
        """From the matrix of real rows, (rows, features)."""
        center, scale = np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])
        codes: list[Any] = []
        missing = []
        for at, values in enumerate(matrix.T):
            present = values[~np.isnan(values)]
            if 0 < len(present) < len(values):
                missing.append(at)
            if discrete[at]:
                levels, times = np.unique(present, return_counts=True)
                codes.append(levels[np.argsort(-times, kind="stable")][:MAX_LEVELS])
                continue
            codes.append(None)
            if len(present):
                center[at], deviation = present.mean(), present.std()
                scale[at] = deviation if 0 < deviation < np.inf else np.inf
        return cls(center, scale, tuple(codes), tuple(missing))

    def coordinates(self, matrix: Floats) -> Floats:
        """(rows, coordinates)"""
        parts = []
        for at, codes in enumerate(self.codes):
            values = matrix[:, at]
            if codes is None:
                z = np.clip((values - self.center[at]) / self.scale[at], -MAX_Z, MAX_Z)
                parts.append(np.nan_to_num(z)[:, None])
            else:
                parts.append((values[:, None] == codes) * 0.5**0.5)
        if self.missing:
            parts.append(np.isnan(matrix[:, list(self.missing)]).astype(np.float64))
        return np.hstack(parts) if parts else np.zeros((len(matrix), 1))


def _text(values: pl.Series) -> pl.Series:
    """Categories of any type as text."""
    return values.cast(pl.String)
