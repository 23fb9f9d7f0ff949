"""An additive model of a target: ridge regression (Hoerl & Kennard 1970) on a few basis functions of
each earlier column, evaluated as one table look-up per column (a generalised additive model, Hastie &
Tibshirani 1986).

The boosted trees start from it. Many weak or tightly linear predictors, each of which would cost trees
many splits, cost one look-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require_shape
from artesian.synthesizers.sequential.design_matrix import Design

Codes = NDArray[np.uint8]

RIDGE = 2.0

MIN_ROWS_TO_PROJECT = 30
"""Rows per term above which leverages are estimated by random projection."""

PROJECTION_DIMENSIONS = 32


@dataclass(frozen=True, slots=True)
class Additive:
    """A fitted additive model.

    Attributes:
        columns: Predictors, shape (q,).
        table: Contribution of each code, shape (directions, q, 256), float32.
        base: Intercept of each direction, shape (directions,).
    """

    columns: NDArray[np.int64]
    table: NDArray[np.float32]
    base: NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        codes: Codes,
        design: Design,
        predictors: NDArray[np.int64],
        target: NDArray[np.float32],
    ) -> tuple[Self, NDArray[np.float32]]:
        """Fit `target`, shape (directions, n), on the columns `predictors` of `codes`, shape (p, n).

        Args:
            design: Basis functions of these columns; it may have others as well.

        Returns:
            The model, and its leave-one-out predictions, shape (directions, n). Rows that the design
            left out get plain predictions, which have not seen them either.
        """
        n = codes.shape[1]
        design = design.select(predictors)
        base = target.mean(axis=1, dtype=np.float64)
        table = np.zeros((len(target), len(predictors), 256), np.float32)
        model = cls(predictors, table, base.astype(np.float32))
        terms = len(design.owner)
        if not terms:
            return model, np.repeat(model.base[:, None], n, axis=1)
        centred = (target[:, :: design.step] - base[:, None]).astype(np.float32)
        inverse = np.asarray(np.linalg.inv(design.gram + RIDGE * np.eye(terms)), np.float64)
        weights = inverse @ (design.rows @ centred.T)  # (terms, directions)
        place = {int(column): at for at, column in enumerate(predictors)}
        for term, column in enumerate(design.owner):
            table[:, place[int(column)], :] += (
                weights[term][:, None] * design.curves[term]
            ).astype(np.float32)
        values = model.predict(codes, np.arange(n))
        m = design.rows.shape[1]
        if m <= 100 * terms:  # with few rows per term a row has a notable weight in its prediction
            leverage = np.minimum(_leverage(design.rows, inverse) + 1 / m, 0.95)
            fitted = slice(None, None, design.step)
            values[:, fitted] = (values[:, fitted] - leverage * target[:, fitted]) / (1 - leverage)
        return model, values

    def check_values(self) -> None:
        """Check the shapes."""
        require_shape(self.columns, (None,), "columns")
        require_shape(self.base, (None,), "base")
        require_shape(self.table, (len(self.base), len(self.columns), 256), "table")

    def predict(self, codes: Codes, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Predictions for `rows` of `codes`, shape (directions, rows)."""
        from artesian.synthesizers.sequential import boosting

        out = np.repeat(self.base[:, None], len(rows), axis=1)
        for direction in range(len(out)):
            boosting.look_up(codes, self.columns, self.table[direction], rows, out[direction])
        return out


def _leverage(design: NDArray[np.float32], inverse: NDArray[np.float64]) -> NDArray[np.float32]:
    """Leverage of each row, shape (n,), in a regression with `design` of shape (terms, n)."""
    root = np.linalg.cholesky(inverse).T
    if design.shape[1] > MIN_ROWS_TO_PROJECT * len(root):
        # Lengths survive a random projection (Johnson & Lindenstrauss 1984). Leverages are small here
        # and need be right to a quarter only.
        draws = np.random.default_rng(0).standard_normal((PROJECTION_DIMENSIONS, len(root)))
        root = draws @ root / np.sqrt(PROJECTION_DIMENSIONS)
    reduced = root.astype(np.float32) @ design
    return np.asarray(np.einsum("ti,ti->i", reduced, reduced))
