"""What is expected by chance: a statistic of two samples of real units, such as parents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from artesian.core.run import Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.intervals import upper_tail

DRAWS = 400
MAX_UNITS = 4_000
"""Maximum number of units whose statistics are resampled; of more, a random choice."""

Statistic = Callable[[Floats, Floats], float]
"""Of the sums over the units of two samples, (statistics,) each."""


def resampled(
    real: Floats, first: int, second: int, statistic: Statistic, seed: Seed, draws: int = DRAWS
) -> Floats:
    """The statistic of two samples of `first` and `second` units, both drawn from the real ones with
    replacement. (draws,)

    Args:
        real: (units, statistics) contribution of every unit to the sums.
    """
    rng = seed.rng()
    if len(real) > MAX_UNITS:
        real = real[rng.permutation(len(real))[:MAX_UNITS]]
    even = np.full(len(real), 1 / len(real))
    sums = [
        rng.multinomial(size, even, size=draws).astype(float) @ real for size in (first, second)
    ]
    return np.array([statistic(a, b) for a, b in zip(*sums, strict=True)])


def p_value(value: float, chance: Floats) -> float:
    """Fraction of the chance values that are as large; beyond all of them, a normal tail."""
    rank = float((1 + (chance >= value - 1e-12).sum()) / (1 + len(chance)))
    spread = float(chance.std())
    if spread <= 0:
        return 0.0 if value > float(chance.max(initial=0.0)) + 1e-12 else 1.0
    if rank > 1.5 / (1 + len(chance)):
        return rank
    return min(rank, upper_tail((value - float(chance.mean())) / spread))
