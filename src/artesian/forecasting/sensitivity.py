"""Which assumption drives the date: first-order Sobol indices and swings, from the draws at hand.

Given draws of a date and of what it came from, the share of its variance that one input explains is
the variance of the date's mean within slices of that input (Plischke, Borgonovo, Smith 2013). What
slices of pure noise would explain is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.simulation import Simulation

SLICES = 40
"""Slices of equal count: of 20,000 draws each has 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What one input does to the date of exhaustion.

    Attributes:
        name: Of the input.
        first_order: Share of the date's variance that knowing this input would remove, 0 to 1.
        date_at_p10, date_at_p90: Mean date, decimal years, where the input is at its 10th and its 90th percentile.
    """

    name: str
    first_order: float
    date_at_p10: float
    date_at_p90: float

    @property
    def swing(self) -> float:
        """Years by which the date moves as the input rises from its 10th to its 90th percentile."""
        return self.date_at_p90 - self.date_at_p10


def sensitivity_indices(simulation: Simulation) -> list[Sensitivity]:
    """All inputs that vary, the most influential first; dates past the last year count as that year.

    Empty where the date itself does not vary.
    """
    dates = np.minimum(simulation.exhaustion.dates, simulation.exhaustion.last)
    total = float(dates.var())
    if not total > 0 or len(dates) < 2 * SLICES:
        return []
    indices = []
    for name, values in simulation.factors.items():
        if not np.ptp(values) > 0:
            continue
        means, sizes = _slice_means(dates, values)
        between_variance = float(np.average((means - dates.mean()) ** 2, weights=sizes))
        noise_variance = (len(means) - 1) * total / len(dates)
        first_order = min(1.0, max(0.0, (between_variance - noise_variance) / total))
        tenth = SLICES // 10  # the slices around the 10th percentile, and around the 90th
        date_at_p10, date_at_p90 = (
            float(part.mean())
            for part in (means[tenth - 2 : tenth + 2], means[-tenth - 2 : -tenth + 2])
        )
        indices.append(
            Sensitivity(
                name=name, first_order=first_order, date_at_p10=date_at_p10, date_at_p90=date_at_p90
            )
        )
    return sorted(indices, key=lambda index: -abs(index.swing))


def _slice_means(dates: Array, values: Array) -> tuple[Array, Array]:
    """Mean date and number of draws in each slice of the values, ascending."""
    order = np.argsort(values, kind="stable")
    parts = np.array_split(dates[order], SLICES)
    return np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
