"""Discriminator rejection sampling (Azadi et al. 2019): correct what the chain rule got wrong.

A boosted ensemble estimates the probability that a row is real. The density ratio between real and
synthetic rows that follows from it is the probability to accept a synthetic row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.encoding.segments import Floats
from artesian.synthesizers.sequential.ensemble import BoostSettings, Ensemble

Codes = NDArray[np.uint8]

MAX_ROWS = 60_000
"""Maximum number of real rows that the ensemble is fitted on."""

MIN_ROWS = 1_000
"""Minimum number of real rows: with fewer, most differences that the ensemble finds are noise."""

SYNTHETIC_PER_REAL = 2
"""Synthetic rows per real row that the ensemble is fitted on; more of them steady the estimate."""

MAX_RATIO = 2.0
"""Density ratio from which every row is accepted; a higher one rejects more and changes few rows."""

MIN_LEAF = 100
"""Minimum number of rows of a leaf: a ratio estimated on few real rows would pull towards them."""


def boosting(rounds: int) -> BoostSettings:
    """Settings of the ensemble, with a small learning rate so that no single row matters."""
    return BoostSettings(
        rounds=rounds, leaves=15, rate=0.05, penalty=5.0, min_leaf=MIN_LEAF, patience=0.0
    )


@dataclass(frozen=True, slots=True)
class RejectionSampler:
    """Accepts synthetic rows by their density ratio.

    Attributes:
        ensemble: Predicts 1 for real rows and 0 for synthetic ones, fitted by least squares on
            `SYNTHETIC_PER_REAL` synthetic rows per real one.
    """

    ensemble: Ensemble

    @classmethod
    def fit(
        cls, real: CodedTable, synthetic: Codes, columns: NDArray[np.int64], rounds: int
    ) -> Self:
        """Fit on `columns` of n real rows and of the codes `synthetic`, (p, SYNTHETIC_PER_REAL n)."""
        both = real.with_codes(np.concatenate([real.codes, synthetic], axis=1))
        is_real = np.zeros(both.rows, np.float32)
        is_real[: real.rows] = 1.0
        rows = np.arange(both.rows)
        return cls(Ensemble.fit(both, columns, rows, is_real, boosting(rounds)))

    def accepted(self, codes: Codes, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which rows of `codes`, shape (p, n), are accepted, shape (n,)."""
        return np.asarray(rng.random(codes.shape[1]) * MAX_RATIO < self.ratio(codes))

    def ratio(self, codes: Codes) -> Floats:
        """Density ratio of real to synthetic rows, at most `MAX_RATIO`, shape (n,)."""
        rows = np.arange(codes.shape[1])
        probability = np.clip(self.ensemble.predict(codes, rows), 0.01, 0.99)
        ratio = SYNTHETIC_PER_REAL * probability / (1.0 - probability)
        return np.asarray(np.minimum(ratio, MAX_RATIO))
