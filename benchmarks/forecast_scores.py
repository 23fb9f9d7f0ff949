"""Scores of forecasts of the largest training set, with intervals that respect overlapping cut-offs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Case = dict[str, Any]
LEVELS = tuple(level / 10 for level in range(1, 10))
BLOCK = 4
"""Cut-offs per bootstrap block: two years of half-yearly cut-offs."""

RESAMPLES = 4_000


def crps(draws: Array, truth: float) -> float:
    """Continuous ranked probability score of draws, (n,); lower is better (Gneiting, Raftery 2007)."""
    ordered, n = np.sort(draws), len(draws)
    inner = (2 * np.arange(1, n + 1) - n - 1) @ ordered / n**2
    return float(np.abs(draws - truth).mean() - inner)


def score_case(cutoff: float, horizon: float, draws: Array, truth: float) -> Case:
    """Score one forecast and return the fields that are stored.

    `ranks` are the fraction of draws below the truth and the fraction not above it. They differ if the
    truth has positive probability, as the case of no new record has.
    """
    low, median, high = np.quantile(draws, [0.1, 0.5, 0.9])
    ranks = float(np.mean(draws < truth - 1e-9)), float(np.mean(draws <= truth + 1e-9))
    fields = dict(cutoff=cutoff, horizon=horizon, truth=truth, low=low, median=median, high=high)
    return fields | {"crps": crps(draws, truth), "ranks": ranks}


def covered(case: Case, level: float) -> float:
    """1 if the central interval covers the truth, ends included; otherwise 0."""
    below, not_above = case["ranks"]
    return float(not_above >= (1 - level) / 2 and below <= (1 + level) / 2)


def fractional_coverage(case: Case, level: float) -> float:
    """Like `covered`, but a truth with positive probability counts by the fraction inside the interval.

    An interval that ends on such a value covers more than its level, so `covered` overstates it. This
    is the expectation under the randomised probability integral transform (Czado et al. 2009).
    """
    tail = (1 - level) / 2
    below, not_above = case["ranks"]
    if not_above - below < 1e-9:
        return float(tail <= below <= 1 - tail)
    inside = np.clip(not_above, tail, 1 - tail) - np.clip(below, tail, 1 - tail)
    return float(inside / (not_above - below))


def scorecard(cases: Sequence[Case], reference: Sequence[Case]) -> dict[str, Any]:
    """Coverage, CRPS, bias and the difference of the CRPS to a reference on the same cases.

    `by_horizon` has them by years ahead, rounded up: the forecasts from vintages have as many horizons
    as targets.
    """
    scores = [case["crps"] for case in cases]
    difference = [
        case["crps"] - other["crps"] for case, other in zip(cases, reference, strict=True)
    ]
    is_covered = [covered(case, 0.8) for case in cases]
    years_ahead = [math.ceil(case["horizon"] - 1e-9) for case in cases]
    return {
        "cases": len(cases),
        "cut_offs": len({case["cutoff"] for case in cases}),
        "distinct_outcomes": len({round(case["truth"], 6) for case in cases}),
        "coverage": _with_interval(is_covered, cases),
        "crps": _with_interval(scores, cases),
        "difference": _with_interval(difference, cases),
        "bias": _with_interval([case["median"] - case["truth"] for case in cases], cases),
        "width": round(float(np.mean([case["high"] - case["low"] for case in cases])), 4),
        "by_horizon": {
            f"{years}": {
                "cases": len(
                    some := [c for c, y in zip(cases, years_ahead, strict=True) if y == years]
                ),
                "distinct_outcomes": len({round(case["truth"], 6) for case in some}),
                "coverage": _mean(some, lambda case: covered(case, 0.8)),
                "crps": _mean(some, lambda case: case["crps"]),
                "bias": _mean(some, lambda case: case["median"] - case["truth"]),
            }
            for years in sorted(set(years_ahead))
        },
        "reliability": [
            {
                "level": level,
                "coverage": _mean(cases, lambda case, level=level: covered(case, level)),
                "fractional_coverage": _mean(
                    cases, lambda case, level=level: fractional_coverage(case, level)
                ),
            }
            for level in LEVELS
        ],
    }


def _mean(cases: Sequence[Case], measure: Callable[[Case], float]) -> float:
    return round(float(np.mean([measure(case) for case in cases])), 4)


def _with_interval(values: Sequence[float], cases: Sequence[Case]) -> dict[str, Any]:
    """The mean and its 95 % interval by a circular block bootstrap over cut-offs.

    Forecasts from one cut-off are resampled together, and so are those of `BLOCK` consecutive cut-offs,
    which share most of their outcomes; with few cut-offs each is a block.
    """
    cutoffs = np.array([case["cutoff"] for case in cases])
    distinct = np.unique(cutoffs)
    block = BLOCK if len(distinct) >= 2 * BLOCK else 1
    rng = np.random.default_rng(2)
    sums = np.array([np.array(values)[cutoffs == cutoff].sum() for cutoff in distinct])
    sizes = np.array([(cutoffs == cutoff).sum() for cutoff in distinct])
    # Circular blocks give the first and the last cut-offs the same probability as the others.
    starts = rng.integers(len(distinct), size=(RESAMPLES, -(-len(distinct) // block)))
    at = (starts[:, :, None] + np.arange(block)) % len(distinct)
    at = at.reshape(RESAMPLES, -1)[:, : len(distinct)]
    means = sums[at].sum(axis=1) / sizes[at].sum(axis=1)
    interval = [round(float(end), 4) for end in np.quantile(means, [0.025, 0.975])]
    return {"value": round(float(np.mean(values)), 4), "interval": interval}
