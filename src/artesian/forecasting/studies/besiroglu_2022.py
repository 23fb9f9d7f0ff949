"""Projection of the compute of the largest training run: Besiroglu, Heim, Sevilla 2022.

'Projecting compute trends in machine learning', Epoch AI, March 2022. The growth rate declines from the
current one to that of Moore's law: g(t) = g_DL^w g_M^(1-w) with w = exp(-(t / r)^2 / 2), where r is the
number of years until reversion. Interpretations where the text is ambiguous:

* Compute grows at rate g(t) from year to year. The printed C(2022) exp(g(t) t) would decrease as w
  does.
* The years until reversion are 8, 12 or 18, without values in between; the text shows curves around
  these.
* C(2022) is the largest run known then; the text gives no value.
* The published intervals are taken as 95 % intervals, normal on log10 on either side of the median,
  and a path keeps its rank. The three quantiles are interpolated linearly between published years and
  extrapolated linearly before the first.
"""

from __future__ import annotations

import math

import numpy as np

from artesian.core.errors import UsageError
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Normal
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model.exhaustion import check_ascending
from artesian.forecasting.series.bundled_data import compute_projection

HARDWARE_SCENARIOS = ("bearish", "middle", "bullish")


def published_compute(years: Array, draws: int, seed: Seed) -> Array:
    """Sample paths through the published quantiles of the projection.

    Args:
        years: Ascending decimal years, (years,), up to 2080.
        draws: Number of paths.
        seed: Parent of the random stream of the paths' ranks.

    Returns:
        FLOP, (draws, years).

    Raises:
        UsageError: A year is after the last published one.
    """
    check_ascending(years)
    published_years, quantiles = compute_projection()
    if years[-1] > published_years[-1]:
        raise UsageError(
            f"compute is published to {published_years[-1]:g}, but {years[-1]:g} is requested",
            hint="use earlier years, or compute='projected'",
        )
    first = quantiles[0] - (quantiles[1] - quantiles[0]) / (
        published_years[1] - published_years[0]
    ) * (published_years[0] - 2000)
    published_years, quantiles = np.append(2000.0, published_years), np.vstack([first, quantiles])
    low, median, high = (np.interp(years, published_years, column) for column in quantiles.T)
    # Standardised by the distance from the median to an end of the interval.
    rank = Normal(-1, 1, 0.95).draw(seed.child("published compute").rng(), draws)[:, np.newaxis]
    lower_branch = rank * (median - low)
    return np.asarray(10.0 ** (median + np.where(rank < 0, lower_branch, rank * (high - median))))


def projected_compute(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Sample paths of the projection recomputed from its equations.

    Args:
        inputs: Uses group `compute`.
        years: Ascending decimal years, (years,), from `compute.year` on.
        draws: Number of paths.
        seed: Parent of the inputs' random streams.

    Returns:
        FLOP, (draws, years).

    Raises:
        UsageError: A year is before the start of the projection, or all weights are zero.
    """
    check_ascending(years)
    start = inputs.median("compute.year")
    if years[0] < start:
        raise UsageError(
            f"the projection of compute starts in {start:g} (compute.year), but {years[0]:g} is "
            "requested",
            hint="use later years, or an earlier compute.year",
        )
    fast = inputs.draw("compute.growth_deep_learning", draws, seed)
    doubling = 12 * math.log10(2) / inputs.draw("compute.moore_doubling", draws, seed)
    slow = np.sqrt(inputs.draw("compute.growth_before", draws, seed) * doubling)
    reversion = _years_to_reversion(inputs, draws, seed)
    # Midpoint rule; its error is below 0.002 orders of magnitude.
    midpoints = np.arange(math.ceil(years[-1] - start)) + 0.5
    weight = np.exp(-0.5 * (midpoints / reversion[:, np.newaxis]) ** 2)
    log_growth = np.cumsum(np.exp(weight * np.log(fast / slow)[:, np.newaxis]), axis=1)
    log_growth = np.concatenate([np.zeros((draws, 1)), log_growth], axis=1) * slow[:, np.newaxis]
    index = np.minimum((years - start).astype(np.intp), midpoints.size - 1 if midpoints.size else 0)
    next_index = np.minimum(index + 1, midpoints.size)
    fraction = years - start - index
    orders = log_growth[:, index] * (1 - fraction) + log_growth[:, next_index] * fraction
    return inputs.draw("compute.start", draws, seed)[:, np.newaxis] * 10.0**orders


def _years_to_reversion(inputs: Inputs, draws: int, seed: Seed) -> Array:
    weights = np.array(
        [inputs.median(f"compute.weight_{scenario}") for scenario in HARDWARE_SCENARIOS]
    )
    if weights.sum() == 0:
        raise UsageError(
            "all weights of compute.weight_* are 0", hint="give one of them a positive value"
        )
    if weights.sum() > 1 + 1e-9:
        names = " + ".join(f"compute.weight_{scenario}" for scenario in HARDWARE_SCENARIOS)
        raise UsageError(
            f"{names} sum to {weights.sum():g}, but probabilities sum to at most 1",
            hint="reduce the others too; if the sum is below 1, the three are scaled up to 1",
        )
    choice = (
        seed.child("way")
        .rng()
        .choice(len(HARDWARE_SCENARIOS), size=draws, p=weights / weights.sum())
    )
    years_to_reversion = np.stack(
        [
            inputs.draw(f"compute.reversion_{scenario}", draws, seed)
            for scenario in HARDWARE_SCENARIOS
        ],
        axis=1,
    )
    return np.asarray(years_to_reversion[np.arange(draws), choice], dtype=np.float64)
