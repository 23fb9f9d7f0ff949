"""Forecast the largest training set of language models by a random walk with drift.

The growth of each path is drawn once from a prior, and its yearly innovations are independent; with
steps of any length, on the log10 scale,

    largest(t) = record + max(0, growth (t - t0) + noise W(t - t0))     running maximum over t

where W is a Wiener process and t0 the date of the newest record. The prior is half the growth of
training compute, because a compute-optimal training set is proportional to the square root of compute
(Hoffmann et al. 2022); nothing but the last record is fitted to the series.

In the back-test of `benchmarks/forecast.py` no other model is better: updating the prior with the
growth of the past is worse for every window that was tried, since growth changed from decade to decade.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def draw_tokens_by_drift(
    record: float, ahead: Array, growth: Array, noise: Array, rng: np.random.Generator
) -> Array:
    """Sample paths of the largest training set.

    Args:
        record: log10 of the largest training set so far.
        ahead: Years after the date of the record, ascending, not negative, (years,).
        growth: Growth of each path in orders of magnitude a year, (n,).
        noise: Standard deviation of the innovation of one year, orders of magnitude, (n,).
        rng: Random generator.

    Returns:
        log10 tokens, (n, years). Rows are independent, non-decreasing paths.
    """
    steps = np.diff(ahead, prepend=0.0)
    # Single precision suffices for innovations; sampling them dominates the run time.
    innovations = rng.standard_normal((len(growth), len(steps)), dtype=np.float32)
    walk = np.cumsum(innovations * np.sqrt(steps), axis=1)
    rise = growth[:, None] * ahead + noise[:, None] * walk
    return record + np.maximum.accumulate(np.maximum(rise, 0.0), axis=1)
