"""Which assumption drives the date: first-order Sobol indices and swings, from the draws at hand.

Given draws of a date and of what it came from, the share of its variance that one input explains is
the variance of the date's mean within slices of that input (Plischke, Borgonovo, Smith 2013). What
slices of pure noise would explain is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.simulation import Outlook

SLICES = 40
"""Slices of equal count: of 20,000 draws each has 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What one input does to the date of exhaustion.

    Attributes:
        name: Of the input.
        first_order: Share of the date's variance that knowing this input would remove, 0 to 1.
        low, high: Mean date, decimal years, where the input is at its 10th and its 90th percentile.
    """

    name: str
    first_order: float
    low: float
    high: float

    @property
    def swing(self) -> float:
        """Years by which the date moves as the input rises from its 10th to its 90th percentile."""
        return self.high - self.low


def influences(found: Outlook) -> list[Influence]:
    """All inputs that vary, the most influential first; dates past the last year count as that year.

    Empty where the date itself does not vary.
    """
    dates = np.minimum(found.exhaustion.dates, found.exhaustion.last)
    total = float(dates.var())
    if not total > 0 or len(dates) < 2 * SLICES:
        return []
    told = []
    for name, values in found.factors.items():
        if not np.ptp(values) > 0:
            continue
        means, sizes = _slices(dates, values)
        between = float(np.average((means - dates.mean()) ** 2, weights=sizes))
        noise = (len(means) - 1) * total / len(dates)
        share = min(1.0, max(0.0, (between - noise) / total))
        edge = SLICES // 10  # the slices around the 10th percentile, and around the 90th
        low, high = (
            float(part.mean())
            for part in (means[edge - 2 : edge + 2], means[-edge - 2 : -edge + 2])
        )
        told.append(Influence(name=name, first_order=share, low=low, high=high))
    return sorted(told, key=lambda one: -abs(one.swing))


def _slices(dates: Array, values: Array) -> tuple[Array, Array]:
    """Mean date and number of draws in each slice of the values, ascending."""
    order = np.argsort(values, kind="stable")
    parts = np.array_split(dates[order], SLICES)
    return np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
