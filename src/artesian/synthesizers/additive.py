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

Codes = NDArray[np.uint8]

ROWS = 40_000
"""Most rows the regression looks at."""

INDICATORS = 12
"""Most categories of a column that get a term of their own."""

SUPPORT = 20
"""Fewest rows of such a category."""

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
        levels: NDArray[np.int64],
        ordered: NDArray[np.bool_],
        before: NDArray[np.int64],
        wanted: NDArray[np.float32],
    ) -> tuple[Self, NDArray[np.float32]]:
        """Fit `wanted`, shape (directions, n), on columns `before` of `codes`, shape (p, n).

        Returns:
            The estimate, and its value for every row as if the row had been left out, shape as
            `wanted`.
        """
        n = codes.shape[1]
        step = max(1, -(-n // ROWS))
        sample = codes[:, ::step]
        terms, owner = _terms(sample, levels, ordered, before)
        base = wanted.mean(axis=1, dtype=np.float64)
        table = np.zeros((len(wanted), len(before), 256), np.float32)
        model = cls(before, table, base.astype(np.float32))
        if not len(terms):
            return model, np.repeat(model.base[:, None], n, axis=1)
        design = np.stack([term[sample[before[o]]] for term, o in zip(terms, owner, strict=True)])
        centre = design.mean(axis=1, dtype=np.float64)
        design = design.astype(np.float32) - centre[:, None].astype(np.float32)
        gram = (design @ design.T).astype(np.float64)
        gram[np.diag_indices_from(gram)] += RIDGE
        aim = (wanted[:, ::step] - base[:, None]).astype(np.float32)
        inverse = np.linalg.inv(gram)
        weights = inverse @ (design @ aim.T)  # (terms, directions)
        for t, o in enumerate(owner):
            table[:, o, :] += (weights[t][:, None] * (terms[t] - centre[t])).astype(np.float32)
        values = model.values(codes, np.arange(n))
        if n <= 100 * len(terms):  # few rows a term: a row's own share in its estimate is not small
            leverage = np.minimum(_leverage(design, inverse) + 1 / n, 0.95)
            values = (values - leverage * wanted) / (1 - leverage)
        return model, values.astype(np.float32)

    def values(self, codes: Codes, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The estimate for `rows` of `codes`, shape (directions, rows)."""
        from artesian.synthesizers import boost

        out = np.repeat(self.base[:, None], len(rows), axis=1)
        for direction in range(len(out)):
            boost.look_up(codes, self.columns, self.table[direction], rows, out[direction])
        return out


def _leverage(
    design: NDArray[np.float32], inverse: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Share of each row in its own estimate, shape (n,), for a design of shape (terms, n)."""
    root = np.linalg.cholesky(inverse).T
    if design.shape[1] > EXACT * len(root):
        # Lengths survive a random projection (Johnson and Lindenstrauss 1984), and small shares need
        # no more: they are right to a quarter.
        draws = np.random.default_rng(0).standard_normal((PROJECTED, len(root)))
        root = draws @ root / np.sqrt(PROJECTED)
    reduced = root.astype(np.float32) @ design
    return np.asarray(np.einsum("ti,ti->i", reduced, reduced))


def _terms(
    sample: Codes,
    levels: NDArray[np.int64],
    ordered: NDArray[np.bool_],
    before: NDArray[np.int64],
) -> tuple[NDArray[np.float32], list[int]]:
    """Curves of each column, shape (terms, 256), and the place in `before` each belongs to."""
    from scipy.special import ndtri

    terms: list[NDArray[np.float64]] = []
    owner: list[int] = []
    for o, column in enumerate(before):
        counts = np.bincount(sample[column], minlength=levels[column]).astype(float)
        curves = []
        if ordered[column] and (counts > 0).sum() > 2:
            rank = (np.cumsum(counts) - counts / 2) / counts.sum()
            curves = [ndtri(np.clip(rank, 1e-4, 1 - 1e-4)), np.cos(np.pi * rank)]
            curves += [np.cos(2 * np.pi * rank)]
        else:
            frequent = np.argsort(-counts, kind="stable")[: INDICATORS + 1]
            # One category is what all others together are not.
            frequent = frequent[counts[frequent] >= SUPPORT][1:]
            curves = list(np.eye(len(counts))[frequent])
        for curve in curves:
            padded = np.zeros(256)
            padded[: len(curve)] = curve
            terms.append(padded)
            owner.append(o)
    return np.array(terms, np.float32).reshape(len(terms), 256), owner
