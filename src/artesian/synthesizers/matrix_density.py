"""Log-densities of rows for methods over a float matrix.

They are log-probabilities of the codes of a row, as methods over codes state them, and are therefore
comparable between methods. The probability of the codes of numbers is the mean density over positions
within them, relative to independent columns, times the probability of each code by itself. A missing
value of a nullable number is a value of its own: the number is then integrated out, not imputed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.table import Table
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Codes, Floats

Mask = NDArray[np.bool_]

POSITIONS = 8
"""Positions of the numbers of a row within their codes over which the density is averaged."""

Density = Callable[[Floats, Mask, np.random.Generator], Floats]
"""(matrix, where a score has no value, shape (n, scores), rng) -> log-density of each row relative to
independent standard normal scores, (n,)."""


def log_densities(
    codec: MatrixCodec, table: Table, density: Density, run: Run, *, positions: int = POSITIONS
) -> Floats:
    """Log-probability of the codes of each row of `table`, in nats, shape (1, n).

    Args:
        positions: Number of positions over which the density is averaged; more if it is simulated.
    """
    codes = codec.codec.encode(table)
    alone, missing = _of_scores(codec, codes)
    if not codec.width:
        return alone[None]
    rng = run.seed.child("density").rng()
    total = np.full(len(alone), -np.inf)
    for _ in range(positions):
        run.check("density")
        total = np.logaddexp(total, density(codec.to_matrix(codes, rng), missing, rng))
    return np.asarray((alone + total - np.log(positions))[None])


def _of_scores(codec: MatrixCodec, codes: Codes) -> tuple[Floats, Mask]:
    """The log-probability of the codes of all numbers of a row if they were independent, (n,), and
    which of them are missing, (n, scores)."""
    alone = np.zeros(codes.shape[1])
    missing = np.zeros((codes.shape[1], len(codec.scores)), bool)
    number = 0
    for row, slot, column in zip(codes, codec.slots, codec.codec.coded.values(), strict=True):
        if slot.score is None:
            continue
        mass = column.mass()
        absent = row >= len(mass)
        probability = np.maximum(mass / mass.sum(), 1e-12)
        alone += np.where(absent, 0.0, np.log(probability)[np.where(absent, 0, row)])
        missing[:, number] = absent
        number += 1
    return alone, missing
