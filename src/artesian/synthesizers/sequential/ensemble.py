"""A boosted ensemble over integer codes: the arrays that `boosting` fits, and their predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_range, require_shape
from artesian.encoding.coded_table import CodedTable

Codes = NDArray[np.uint8]

BINS = 64
"""Maximum number of codes of a feature, as in `boosting`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostSettings:
    """Settings of gradient boosting.

    Attributes:
        rounds, leaves, rate: Number of trees, their leaves, and the learning rate.
        penalty: L2 penalty of a leaf's value, in rows.
        min_leaf: Minimum number of rows of a leaf.
        patience: Stop when ten rounds explain less than this fraction of the variance.
    """

    rounds: int = 20
    leaves: int = 15
    rate: float = 0.2
    penalty: float = 1.0
    min_leaf: int = 20
    patience: float = 0.002


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A fitted ensemble; shapes as in `boosting.predict`."""

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
        predictors: NDArray[np.int64],
        rows: NDArray[np.int64],
        target: NDArray[np.float32],
        settings: BoostSettings,
    ) -> Self:
        """Fit `target`, one value for each of `rows`, on the columns `predictors` of `coded`."""
        from artesian.synthesizers.sequential import boosting

        base = target.mean(dtype=np.float64)
        residual = (target - base).astype(np.float32)
        table = _features(coded, predictors, rows, residual)
        features = np.stack([table[v][coded.codes[c, rows]] for v, c in enumerate(predictors)])
        view, cut, left, value, deepest = boosting.boost(
            features,
            table.max(axis=1).astype(np.int64) + 1,
            residual,
            settings.rounds,
            settings.leaves,
            settings.rate,
            settings.penalty,
            settings.min_leaf,
            settings.patience,
        )
        # Features without a split would only cost time when sampling.
        used = np.union1d(view[cut < 255], [0]).astype(np.int64)
        renumbered = np.zeros(len(predictors), np.int16)
        renumbered[used] = np.arange(len(used))
        return cls(
            predictors[used],
            table[used],
            np.array([base], np.float32),
            renumbered[view],
            cut,
            left,
            value,
            deepest,
        )

    def check_values(self) -> None:
        """Check the indices within the trees, as `boosting.predict` walks them."""
        require_shape(self.view, (None, None), "view")
        trees, nodes = self.view.shape
        require(nodes, "a tree has no node")
        require_shape(self.cut, (trees, nodes), "cut")
        require_shape(self.left, (trees, nodes), "left")
        require_shape(self.value, (trees, nodes), "value")
        require_shape(self.deepest, (trees,), "deepest")
        require_shape(self.base, (1,), "base")
        require_shape(self.column_of, (None,), "column_of")
        require_shape(self.table, (len(self.column_of), 256), "table")
        require(len(self.column_of) <= 256, "an ensemble has more than 256 features")
        require_range(self.view, 0, len(self.column_of), "view")
        require_range(self.deepest, 0, nodes + 1, "deepest")
        # A leaf has the cut 255, which no code exceeds, so it never goes right.
        right = self.left.astype(np.int64) + (self.cut < 255)
        require_range(self.left, 0, nodes, "left")
        require_range(right, 0, nodes, "the right child")

    def check_columns(self, levels: Sequence[int]) -> None:
        """Check that its features are columns with `levels`."""
        require_range(self.column_of, 0, len(levels), "column_of")

    def predict(self, codes: Codes, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Predictions for `rows` of `codes`, shape (rows,)."""
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
        """Restore what `to_arrays` returned."""
        return cls(*(arrays[name] for name in Ensemble.__slots__))


def _features(
    coded: CodedTable,
    predictors: NDArray[np.int64],
    rows: NDArray[np.int64],
    residual: NDArray[np.float32],
) -> Codes:
    """Ordered codes below BINS for the codes of each predictor, shape (q, 256).

    Categories are ordered by their mean response, shrunken by ten rows (Fisher 1958).
    """
    table = np.zeros((len(predictors), 256), np.uint8)
    for v, column in enumerate(predictors):
        codes, levels = coded.codes[column, rows], coded.levels[column]
        size = np.bincount(codes, minlength=levels).astype(float)
        order = np.arange(levels)
        if not coded.ordered[column] and levels > 2:
            response = np.bincount(codes, residual, levels) / (size + 10.0)
            order = np.argsort(response, kind="stable")
        table[v, order] = _merged(size[order])
    return table


def _merged(mass: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bin of each code: neighbouring codes are merged into at most BINS bins of similar mass."""
    if len(mass) <= BINS:
        return np.arange(len(mass))
    middle = (np.cumsum(mass) - mass / 2) / max(mass.sum(), 1.0)
    return np.unique((middle * (BINS - 1e-6)).astype(np.int64), return_inverse=True)[1]
