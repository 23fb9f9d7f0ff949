"""Missing codes of given rows from a sequential model.

The chain gives p(x_j | x_<j), but a row also has known values behind a missing one. Candidates are
drawn along the chain with the known codes as they are, and weighted by the probability of the known
codes (likelihood weighting: Fung and Chang 1990; sampling importance resampling: Rubin 1987). Then
each missing column is drawn again in turn, from the current code and new candidates, by the probability
of what follows (iterated sampling importance resampling: Tjelmeland 2004), which leaves the conditional
distribution invariant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.synthesizers.protocol import MIN_PROBABILITY
from artesian.synthesizers.sequential.model import Codes, SequentialModel, with_groups

Mask = NDArray[np.bool_]

CANDIDATES = 16
"""Candidates of a row, or of a code."""

SWEEPS = 2
"""Number of times each missing column is drawn again."""

ROWS = 20_000
"""Rows that are drawn at once, which bounds memory."""


@dataclass(frozen=True, slots=True)
class _Factor:
    """The distribution of one column given those before it.

    Attributes:
        column: The column.
        log_probabilities: (leaves, levels) of each code.
        cdf: (leaves, levels) cumulative probabilities of the codes that are no missing value.
    """

    column: int
    log_probabilities: Floats
    cdf: Floats

    @classmethod
    def from_model(cls, model: SequentialModel, at: int) -> Self:
        """The factor at a place of the chain."""
        j = int(model.order[at])
        probabilities = model.factors[at].probabilities()
        present = probabilities.copy()
        if j < len(model.codec.names) and model.codec.missing[j]:
            present[:, -1] = 0.0
        present[present.sum(axis=1) <= 0, 0 : max(present.shape[1] - 1, 1)] = 1e-12
        return cls(
            j, np.log(np.maximum(probabilities, MIN_PROBABILITY)), np.cumsum(present, axis=1)
        )


class Completion:
    """Draws the missing codes of rows of a table."""

    def __init__(self, model: SequentialModel, table: Table) -> None:
        self._model = model
        self._codes = with_groups(model.codec.coded_table(table), model.groups).codes
        self._factors = [_Factor.from_model(model, at) for at in range(len(model.order))]

    def draw(
        self, rows: NDArray[np.int64], missing: Mask, rng: np.random.Generator
    ) -> tuple[Codes, Floats]:
        """Codes and positions within them of `rows`, (p, r) each; see `DrawMissing`."""
        groups = [missing[group.columns].any(axis=0) for group in self._model.groups]
        missing = np.vstack([missing, *groups]) if groups else missing
        blocks = [slice(start, start + ROWS) for start in range(0, len(rows), ROWS)]
        parts = [self._drawn(self._codes[:, rows[at]], missing[:, at], rng) for at in blocks]
        p = len(self._model.codec.names)
        codes = np.concatenate(parts, axis=1)[:p] if parts else self._codes[:p, :0]
        return codes, rng.random(codes.shape)

    def _drawn(self, codes: Codes, missing: Mask, rng: np.random.Generator) -> Codes:
        """The codes, (P, r), with the missing ones drawn."""
        n = codes.shape[1]
        wide = np.repeat(codes, CANDIDATES, axis=1)
        absent = np.repeat(missing, CANDIDATES, axis=1)
        weights = self._walk(wide, absent, 0, rng)
        wide = wide[:, _chosen(weights.reshape(n, CANDIDATES), rng)]
        for _ in range(SWEEPS if missing.any() else 0):
            for at, factor in enumerate(self._factors):
                rows = np.flatnonzero(missing[factor.column])
                if len(rows):
                    wide[:, rows] = self._again(wide[:, rows], at, rng)
        return wide

    def _walk(self, codes: Codes, absent: Mask, first: int, rng: np.random.Generator) -> Floats:
        """Draw the absent codes in place, along the chain from `first` on, and weigh the rest."""
        weights = np.zeros(codes.shape[1])
        for at in range(first, len(self._factors)):
            factor = self._factors[at]
            leaf = self._model.factors[at].leaves(codes, rng)
            drawn = absent[factor.column]
            if drawn.any():
                chosen = _sampled(factor.cdf, leaf[drawn], rng)
                codes[factor.column, drawn] = chosen
                weights[drawn] += np.log(factor.cdf[leaf[drawn], -1])
            seen = ~drawn
            weights[seen] += factor.log_probabilities[leaf[seen], codes[factor.column, seen]]
        if self._model.refinement is not None:
            weights += np.log(self._model.refinement.ratio(codes))
        return weights

    def _again(self, codes: Codes, at: int, rng: np.random.Generator) -> Codes:
        """The rows of `codes`, (P, r), with the column at a place of the chain drawn again."""
        n, factor = codes.shape[1], self._factors[at]
        wide = np.repeat(codes, CANDIDATES, axis=1)
        leaf = self._model.factors[at].leaves(wide, rng)
        new = np.arange(wide.shape[1]) % CANDIDATES > 0  # the first candidate is the current code
        wide[factor.column, new] = _sampled(factor.cdf, leaf[new], rng)
        weights = self._walk(wide, np.zeros(wide.shape, bool), at + 1, rng)
        return wide[:, _chosen(weights.reshape(n, CANDIDATES), rng)]


def _sampled(cdf: Floats, leaf: NDArray[np.int32], rng: np.random.Generator) -> Codes:
    """A code for each leaf."""
    from artesian.trees import kernels

    return np.asarray(kernels.draw(leaf, cdf, rng.random(len(leaf))))


def _chosen(weights: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """For each row of log-weights, (n, K), the position of one of n x K candidates, drawn by weight."""
    noise = -np.log(-np.log(np.clip(rng.random(weights.shape), 1e-300, 1 - 1e-16)))
    best = (weights + noise).argmax(axis=1)
    return np.asarray(np.arange(len(weights)) * weights.shape[1] + best, np.int64)
