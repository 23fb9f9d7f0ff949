"""The design matrix of the additive models: basis functions of every column, computed once for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable

MAX_ROWS = 40_000
"""Maximum number of rows that the regressions are fitted on."""

MAX_INDICATORS = 12
"""Maximum number of categories of a column that get a term."""

MIN_SUPPORT = 20
"""Minimum number of rows of such a category."""


@dataclass(frozen=True, slots=True)
class Design:
    """Centred basis functions of columns.

    Attributes:
        owner: Column that each term belongs to, shape (terms,).
        curves: Value of each code, less the mean over the rows, shape (terms, 256).
        rows: The values in every `step`-th row, shape (terms, m).
        gram: Inner products of the terms, shape (terms, terms).
        step: Distance between the rows used.
    """

    owner: NDArray[np.int64]
    curves: NDArray[np.float32]
    rows: NDArray[np.float32]
    gram: NDArray[np.float64]
    step: int

    @classmethod
    def from_codes(cls, coded: CodedTable, columns: NDArray[np.int64]) -> Self:
        """Basis functions of `columns` of `coded`."""
        step = max(1, -(-coded.rows // MAX_ROWS))
        sample = coded.with_codes(coded.codes[:, ::step])
        curves, owner = _terms(sample, columns)
        rows = np.empty((len(curves), sample.rows), np.float32)
        for term, column in enumerate(owner):
            rows[term] = curves[term][sample.codes[column]]
        centre = rows.mean(axis=1, dtype=np.float64).astype(np.float32)[:, None]
        rows -= centre
        return cls(owner, curves - centre, rows, (rows @ rows.T).astype(np.float64), step)

    def select(self, columns: NDArray[np.int64]) -> Self:
        """Only the terms of `columns`."""
        kept = np.flatnonzero(np.isin(self.owner, columns))
        if len(kept) == len(self.owner):
            return self
        # Leading terms are the common case, and a slice of them needs no copy.
        at = slice(len(kept)) if len(kept) and kept[-1] == len(kept) - 1 else kept
        gram = self.gram[at][:, at]
        return type(self)(self.owner[at], self.curves[at], self.rows[at], gram, self.step)


def _terms(
    sample: CodedTable, columns: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Basis functions of each column, shape (terms, 256), and the column each belongs to."""
    from scipy.special import ndtri

    terms: list[NDArray[np.float64]] = []
    owner: list[int] = []
    for column in columns:
        counts = sample.counts(column)
        curves = []
        if sample.ordered[column] and (counts > 0).sum() > 2:
            rank = (np.cumsum(counts) - counts / 2) / counts.sum()
            curves = [ndtri(np.clip(rank, 1e-4, 1 - 1e-4)), np.cos(np.pi * rank)]
            curves += [np.cos(2 * np.pi * rank)]
        else:
            frequent = np.argsort(-counts, kind="stable")[: MAX_INDICATORS + 1]
            # The most frequent category is the reference level.
            frequent = frequent[counts[frequent] >= MIN_SUPPORT][1:]
            curves = list(np.eye(len(counts))[frequent])
        for curve in curves:
            padded = np.zeros(256)
            padded[: len(curve)] = curve
            terms.append(padded)
            owner.append(int(column))
    return np.array(terms, np.float32).reshape(len(terms), 256), np.array(owner, np.int64)
