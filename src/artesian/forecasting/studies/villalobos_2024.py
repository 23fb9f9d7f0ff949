"""Exhaustion of public text by Villalobos et al. 2024 (arXiv 2211.04325v2), sections 2.4 and 2.5.

Demand is a mixture of the historical trend of training-set sizes and the compute-optimal training set
of the largest training run. Interpretations where the text is ambiguous:

* The historical trend starts at the start of 2024; its growth is normal in orders of magnitude, with
  the 95 % interval of the bootstrapped fit.
* A sample of the mixture follows one of the two components for all years.
* Over-training multiplies demand from 2025 on, in both components.
* Exhaustion is the first crossing within a sample.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model import levers
from artesian.forecasting.model.exhaustion import Exhaustion, check_ascending
from artesian.forecasting.studies.besiroglu_2022 import projected_compute, published_compute
from artesian.forecasting.studies.villalobos_2024_stock import effective_stock

Branch: TypeAlias = Literal["historical", "compute", "mixture"]
ComputeProjection: TypeAlias = Literal["published", "projected"]


def horizon(inputs: Inputs, years: int = 40) -> Array:
    """Return `years` consecutive years of the simulation, from `demand.year`, (years,)."""
    return inputs.median("demand.year") + np.arange(years, dtype=np.float64)


def historical_demand(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Sample the largest training set if past growth continues: D(y) = D0 G^(y - y0).

    Args:
        inputs: Uses groups `demand` and `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Tokens, (draws, years).
    """
    check_ascending(years)
    start = inputs.draw("demand.start", draws, seed)
    growth = inputs.draw("demand.growth", draws, seed)
    orders = np.log10(start)[:, np.newaxis] + growth[:, np.newaxis] * (
        years - inputs.median("demand.year")
    )
    return 10.0**orders * levers.demand_multiplier(inputs, years, draws, seed)


def compute_demand(
    inputs: Inputs, years: Array, draws: int, seed: Seed, compute: ComputeProjection = "published"
) -> Array:
    """Sample the compute-optimal training set of the largest run, D = 20 sqrt(C / 120).

    Args:
        inputs: Uses groups `demand`, `levers` and `compute`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
        compute: 'published' for the printed quantiles of the compute projection, 'projected' for its
            equations.

    Returns:
        Tokens, (draws, years).
    """
    flop = (
        published_compute(years, draws, seed)
        if _check_choice("compute", compute, ComputeProjection) == "published"
        else projected_compute(inputs, years, draws, seed)
    )
    ratio = inputs.draw("demand.tokens_per_parameter", draws, seed)
    ratio = ratio / inputs.draw("demand.flop_per_parameter_token", draws, seed)
    tokens = np.sqrt(flop * ratio[:, np.newaxis])
    return np.asarray(tokens * levers.demand_multiplier(inputs, years, draws, seed))


def demand(
    inputs: Inputs,
    years: Array,
    draws: int,
    seed: Seed,
    branch: Branch = "mixture",
    compute: ComputeProjection = "published",
) -> Array:
    """Sample the largest training set of human text.

    Args:
        inputs: Uses groups `demand`, `levers` and `compute`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
        branch: 'historical', 'compute', or 'mixture' of the two, in which the historical trend has
            the weight `demand.historical_weight`.
        compute: As in `compute_demand`.

    Returns:
        Tokens, (draws, years).
    """
    if _check_choice("branch", branch, Branch) == "historical":
        return historical_demand(inputs, years, draws, seed)
    from_compute = compute_demand(inputs, years, draws, seed, compute)
    if branch == "compute":
        return from_compute
    weight = inputs.draw("demand.historical_weight", draws, seed)
    historical = seed.child("branch").rng().random(draws) < weight
    from_trend = historical_demand(inputs, years, draws, seed)
    return np.where(historical[:, np.newaxis], from_trend, from_compute)


def exhaustion(
    inputs: Inputs,
    years: Array,
    draws: int,
    seed: Seed,
    branch: Branch = "mixture",
    compute: ComputeProjection = "published",
) -> Exhaustion:
    """Compute when the largest training set reaches the effective stock of public text.

    Arguments as in `demand`.
    """
    tokens = demand(inputs, years, draws, seed, branch, compute)
    return Exhaustion.from_paths(years, tokens, effective_stock(inputs, years, draws, seed))


def _check_choice(name: str, value: str, choices_type: object) -> str:
    choices = get_args(choices_type)
    if value not in choices:
        raise UsageError(f"{name} is {value!r}", hint=did_you_mean(value, choices))
    return value
