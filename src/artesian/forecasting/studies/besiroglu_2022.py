"""How much compute the largest training run takes: Besiroglu, Heim, Sevilla 2022.

'Projecting compute trends in machine learning', Epoch AI, March 2022. Growth is fast now and reverts
to Moore's law some years from now, g(t) = g_DL^w g_M^(1-w) with w = exp(-(t / r)^2 / 2) and r the
years until reversion. Interpretations, where the text leaves a choice:

* Compute grows at g(t) from year to year. The text's C(2022) exp(g(t) t) would fall when w falls.
* The years until reversion are 8, 12 or 18 and nothing between; the text shows curves around these.
* C(2022) is the largest run then known: the text gives none.
* The published intervals are taken to be of 95 %, normal on log10 on either side of the median, and a
  path keeps its rank. Between published years the three quantiles are straight lines, and so before
  the first.
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
    """Paths through the published quantiles of the projection.

    Args:
        years: Ascending decimal years, (years,), not after 2080.
        draws: How many paths.
        seed: Of the paths' ranks.

    Returns:
        FLOP, (draws, years).

    Raises:
        UsageError: a year is past the last published one.
    """
    check_ascending(years)
    published_years, quantiles = compute_projection()
    if years[-1] > published_years[-1]:
        raise UsageError(
            f"compute is published to {published_years[-1]:g}, not to {years[-1]:g}",
            hint="look at fewer years, or take compute='projected'",
        )
    first = quantiles[0] - (quantiles[1] - quantiles[0]) / (
        published_years[1] - published_years[0]
    ) * (published_years[0] - 2000)
    published_years, quantiles = np.append(2000.0, published_years), np.vstack([first, quantiles])
    low, median, high = (np.interp(years, published_years, column) for column in quantiles.T)
    # In units of the distance from the median to an end of the interval.
    rank = Normal(-1, 1, 0.95).draw(seed.child("published compute").rng(), draws)[:, np.newaxis]
    lower_branch = rank * (median - low)
    return np.asarray(10.0 ** (median + np.where(rank < 0, lower_branch, rank * (high - median))))


def projected_compute(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Paths of the projection computed anew from its equations.

    Args:
        inputs: Those of the group `compute` are used.
        years: Ascending decimal years, (years,), not before `compute.year`.
        draws: How many paths.
        seed: Of the inputs' random values.

    Returns:
        FLOP, (draws, years).

    Raises:
        UsageError: a year is before the start of the projection, or the weights are all zero.
    """
    check_ascending(years)
    start = inputs.median("compute.year")
    if years[0] < start:
        raise UsageError(
            f"the projection of compute starts in {start:g}, not in {years[0]:g}",
            hint="look at later years",
        )
    fast = inputs.draw("compute.growth_deep_learning", draws, seed)
    doubling = 12 * math.log10(2) / inputs.draw("compute.moore_doubling", draws, seed)
    slow = np.sqrt(inputs.draw("compute.growth_before", draws, seed) * doubling)
    reversion = _years_to_reversion(inputs, draws, seed)
    # Midpoints of years: the growth bends so slowly that the sum is exact to 0.002 orders.
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
        raise UsageError("all weights of compute.weight_* are 0", hint="give one of them weight")
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
