"""Sensitivity of the date of exhaustion to each input: first-order Sobol indices and swings.

The first-order index of an input is the variance of the conditional mean of the date given the input,
divided by the variance of the date. It is estimated from the existing samples by slicing the input
(Plischke, Borgonovo, Smith 2013), minus the expected contribution of sampling noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.simulation import Simulation

SLICES = 40
"""Number of slices with equal counts; 20,000 samples give 500 per slice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Effect of one input on the date of exhaustion.

    Attributes:
        name: Name of the input.
        first_order: First-order Sobol index, 0 to 1.
        date_at_p10: Mean date, a decimal year, with the input at its 10th percentile.
        date_at_p90: Mean date, a decimal year, with the input at its 90th percentile.
    """

    name: str
    first_order: float
    date_at_p10: float
    date_at_p90: float

    @property
    def swing(self) -> float:
        """Change of the mean date, in years, from the 10th to the 90th percentile of the input."""
        return self.date_at_p90 - self.date_at_p10


def sensitivity_indices(simulation: Simulation) -> list[Sensitivity]:
    """Compute the sensitivity to all uncertain inputs, sorted by decreasing absolute swing.

    Dates beyond the horizon count as its last year. Returns an empty list if the date does not vary or
    there are too few samples.
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
        tenth = (
            SLICES // 10
        )  # index of the slices at the 10th and, from the end, at the 90th percentile
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
    """Return the mean date and the number of samples in each slice of the input, ascending."""
    order = np.argsort(values, kind="stable")
    parts = np.array_split(dates[order], SLICES)
    return np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
