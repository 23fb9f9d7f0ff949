"""A boosted ensemble over codes: what `boosting` fits, as one value per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable

Codes = NDArray[np.uint8]

BINS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostSettings:
    """Attributes:
    rounds, leaves, rate: Trees of an ensemble, their leaves, and the step size.
    penalty, min_leaf: Rows of shrinkage in a leaf, and fewest rows of one.
    patience: Stop when ten rounds explain less than this share of the variance.
    """

    rounds: int = 20
    leaves: int = 15
    rate: float = 0.2
    penalty: float = 1.0
    min_leaf: int = 20
    patience: float = 0.002


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Shapes as in `boosting.predict`."""

    column_of: NDArray[np.int64]
    table: Codes
    base: NDArray[np.float32]
    view: NDArray[np.int16]
    cut: Codes
    left: NDArray[np.int16]
    value: NDArray[np.float32]
    deepest: NDArray[np.int64]

    @classmethod
    def fit(
        cls,
        coded: CodedTable,
        before: NDArray[np.int64],
        rows: NDArray[np.int64],
        wanted: NDArray[np.float32],
        settings: BoostSettings,
    ) -> Self:
        """Fit `wanted`, one value a row of `rows`, on columns `before` of `coded`."""
        from artesian.synthesizers.sequential import boosting

        base = wanted.mean(dtype=np.float64)
        residual = (wanted - base).astype(np.float32)
        table = _views(coded, before, rows, residual)
        seen = np.stack([table[v][coded.codes[c, rows]] for v, c in enumerate(before)])
        view, cut, left, value, deepest = boosting.boost(
            seen,
            table.max(axis=1).astype(np.int64) + 1,
            residual,
            settings.rounds,
            settings.leaves,
            settings.rate,
            settings.penalty,
            settings.min_leaf,
            settings.patience,
        )
        # Views that no split asks about would only cost time when sampling.
        used = np.union1d(view[cut < 255], [0]).astype(np.int64)
        renamed = np.zeros(len(before), np.int16)
        renamed[used] = np.arange(len(used))
        return cls(
            before[used],
            table[used],
            np.array([base], np.float32),
            renamed[view],
            cut,
            left,
            value,
            deepest,
        )

    def values(self, codes: Codes, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What it expects of `rows` of `codes`, shape (rows,)."""
        from artesian.synthesizers.sequential import boosting

        out = np.full(len(rows), self.base[0], np.float32)
        boosting.predict(
            codes,
            self.column_of,
            self.table,
            rows,
            self.view,
            self.cut,
            self.left,
            self.value,
            self.deepest,
            out,
        )
        return out

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `from_arrays`."""
        return {name: getattr(self, name) for name in Ensemble.__slots__}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(*(arrays[name] for name in Ensemble.__slots__))


def _views(
    coded: CodedTable,
    before: NDArray[np.int64],
    rows: NDArray[np.int64],
    residual: NDArray[np.float32],
) -> Codes:
    """Every feature as ordered codes below BINS, shape (q, 256); a category by its mean response."""
    table = np.zeros((len(before), 256), np.uint8)
    for v, column in enumerate(before):
        seen, levels = coded.codes[column, rows], coded.levels[column]
        size = np.bincount(seen, minlength=levels).astype(float)
        order = np.arange(levels)
        if not coded.ordered[column] and levels > 2:
            response = np.bincount(seen, residual, levels) / (size + 10.0)
            order = np.argsort(response, kind="stable")
        table[v, order] = _squeezed(size[order])
    return table


def _squeezed(mass: NDArray[np.float64]) -> NDArray[np.int64]:
    """Neighbouring codes merged by mass until at most BINS are left."""
    if len(mass) <= BINS:
        return np.arange(len(mass))
    middle = (np.cumsum(mass) - mass / 2) / max(mass.sum(), 1.0)
    return np.unique((middle * (BINS - 1e-6)).astype(np.int64), return_inverse=True)[1]
