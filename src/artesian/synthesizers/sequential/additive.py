"""An additive estimate of a target from all earlier columns: ridge regression (Hoerl & Kennard 1970) on
a few curves of each, folded into one table of values per column.

It is what the boosted trees start from. Many weak or tightly linear predictors, which trees need many
splits for, cost one look-up each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artesian.synthesizers.sequential.design_matrix import Design

Codes = NDArray[np.uint8]

RIDGE = 2.0

EXACT = 30
"""Rows per term from which a row's share in its own estimate is estimated itself."""

PROJECTED = 32
"""Dimensions that takes."""


@dataclass(frozen=True, slots=True)
class Additive:
    """Attributes:
    columns: Rows of the codes that are looked at, shape (q,).
    table: What each code adds, shape (directions, q, 256), float32.
    base: Constant of each direction, shape (directions,).
    """

    columns: NDArray[np.int64]
    table: NDArray[np.float32]
    base: NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        codes: Codes,
        design: Design,
        before: NDArray[np.int64],
        wanted: NDArray[np.float32],
    ) -> tuple[Self, NDArray[np.float32]]:
        """Fit `wanted`, shape (directions, n), on columns `before` of `codes`, shape (p, n).

        Args:
            design: Curves of these columns; it may have others as well.

        Returns:
            The estimate, and its value for every row as if the row had been left out, shape as
            `wanted`.
        """
        n = codes.shape[1]
        design = design.part(before)
        base = wanted.mean(axis=1, dtype=np.float64)
        table = np.zeros((len(wanted), len(before), 256), np.float32)
        model = cls(before, table, base.astype(np.float32))
        terms = len(design.owner)
        if not terms:
            return model, np.repeat(model.base[:, None], n, axis=1)
        aim = (wanted[:, :: design.step] - base[:, None]).astype(np.float32)
        inverse = np.asarray(np.linalg.inv(design.gram + RIDGE * np.eye(terms)), np.float64)
        weights = inverse @ (design.rows @ aim.T)  # (terms, directions)
        place = {int(column): o for o, column in enumerate(before)}
        for term, column in enumerate(design.owner):
            table[:, place[int(column)], :] += (
                weights[term][:, None] * design.curves[term]
            ).astype(np.float32)
        values = model.values(codes, np.arange(n))
        m = design.rows.shape[1]
        if m <= 100 * terms:  # few rows a term: a row's own share in its estimate is not small
            leverage = np.minimum(_leverage(design.rows, inverse) + 1 / m, 0.95)
            seen = slice(None, None, design.step)
            values[:, seen] = (values[:, seen] - leverage * wanted[:, seen]) / (1 - leverage)
        return model, values

    def values(self, codes: Codes, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The estimate for `rows` of `codes`, shape (directions, rows)."""
        from artesian.synthesizers.sequential import boosting

        out = np.repeat(self.base[:, None], len(rows), axis=1)
        for direction in range(len(out)):
            boosting.look_up(codes, self.columns, self.table[direction], rows, out[direction])
        return out


def _leverage(design: NDArray[np.float32], inverse: NDArray[np.float64]) -> NDArray[np.float32]:
    """Share of each row in its own estimate, shape (n,), for a design of shape (terms, n)."""
    root = np.linalg.cholesky(inverse).T
    if design.shape[1] > EXACT * len(root):
        # Lengths survive a random projection (Johnson and Lindenstrauss 1984), and small shares need
        # no more: they are right to a quarter.
        draws = np.random.default_rng(0).standard_normal((PROJECTED, len(root)))
        root = draws @ root / np.sqrt(PROJECTED)
    reduced = root.astype(np.float32) @ design
    return np.asarray(np.einsum("ti,ti->i", reduced, reduced))
