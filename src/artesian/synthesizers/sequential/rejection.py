"""What a chain gets wrong as a whole, put right: rows that real data has too rarely are drawn again.

A boosted ensemble tells the chain's rows from the real ones; its estimate of how much likelier a row is
among the real ones is the chance that the row is kept (discriminator rejection sampling, Azadi et al.
2019, here with least-squares boosting for the density ratio).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.ensemble import BoostSettings, Ensemble

Codes = NDArray[np.uint8]

ROWS = 60_000
"""Most real rows the ensemble sees."""

DRAWN = 2
"""Rows drawn for each real one: they cost little and steady the estimate."""

BOUND = 2.0
"""Density ratio from which every row is kept; a higher bound costs more draws and changes few rows."""

FEWEST = 1_000
"""Real rows below which what looks like a fault of the chain is mostly chance."""

LEAF = 100
"""Fewest rows of a leaf: a ratio that rests on few real rows would pull towards them."""


def boosting(rounds: int) -> BoostSettings:
    """How the ensemble is fitted; so slowly that no single row matters."""
    return BoostSettings(
        rounds=rounds, leaves=15, rate=0.05, penalty=5.0, min_leaf=LEAF, patience=0.0
    )


@dataclass(frozen=True, slots=True)
class RejectionSampler:
    """Attributes:
    ensemble: Expects 1 of real rows and 0 of drawn ones, of which it saw `DRAWN` for each real one.
    """

    ensemble: Ensemble

    @classmethod
    def fit(
        cls,
        real: CodedTable,
        drawn: Codes,
        columns: NDArray[np.int64],
        rounds: int,
    ) -> Self:
        """Fit on `columns` of `real`, n rows, and of `drawn`, shape (p, DRAWN * n)."""
        both = real.with_codes(np.concatenate([real.codes, drawn], axis=1))
        wanted = np.zeros(both.rows, np.float32)
        wanted[: real.rows] = 1.0
        rows = np.arange(both.rows)
        return cls(Ensemble.fit(both, columns, rows, wanted, boosting(rounds)))

    def kept(self, codes: Codes, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which rows of `codes`, shape (p, n), to keep."""
        share = np.clip(self.ensemble.values(codes, np.arange(codes.shape[1])), 0.01, 0.99)
        ratio = DRAWN * share / (1.0 - share)
        return np.asarray(rng.random(codes.shape[1]) * BOUND < ratio)
