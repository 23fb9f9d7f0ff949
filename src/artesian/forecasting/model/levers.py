"""Levers: interventions that change the stock of data or the demand for it (input group `levers`).

Stock: text recovered by filtering and deduplication (`curation_yield`), text withdrawn by its owners
(`opt_out`), training for several epochs, with diminishing returns (Muennighoff et al. 2023, arXiv
2305.16264), and new users. Demand: over-training, which increases data by its square root, and
synthetic data (`synthetic_fraction`), which counts only up to the fraction at which the tails of the
distribution are lost (`synthetic_limit`).
"""

from __future__ import annotations

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Fixed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array


def effective_epochs(epochs: float | Array, repetition: float | Array) -> Array:
    """Return the value of repeated data in multiples of one epoch.

    Args:
        epochs: Epochs over the same text, 1 or more.
        repetition: Decay constant R of Muennighoff et al. 2023; their fit is 15.39.

    Returns:
        1 + R (1 - exp(-(epochs - 1) / R)), in the broadcast shape of both.

    >>> round(float(effective_epochs(4, 15.39)), 2), round(float(effective_epochs(16, 15.39)), 1)
    (3.73, 10.6)
    """
    return np.asarray(1 + repetition * -np.expm1(-(np.asarray(epochs) - 1) / repetition))


def stock_multiplier(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Return the factor by which the levers change a stock, without repetition.

    Args:
        inputs: Uses group `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Factors, (draws, years), or (draws, 1) if they are the same in all years.
    """
    retained = inputs.draw("levers.curation_yield", draws, seed)
    retained = retained * (1 - inputs.draw("levers.opt_out", draws, seed))
    retained = retained * inputs.draw("levers.stock_fraction", draws, seed)
    if inputs["levers.user_growth"].distribution == Fixed(1):
        return retained[:, np.newaxis]
    log_growth = np.log(inputs.draw("levers.user_growth", draws, seed))
    return np.asarray(
        retained[:, np.newaxis] * np.exp(log_growth[:, np.newaxis] * (years - years[0]))
    )


def repetition_multiplier(
    inputs: Inputs, draws: int, seed: Seed, *, default_input: str | None = None
) -> Array:
    """Return the value of repeated data in multiples of one epoch.

    Args:
        inputs: Uses group `levers`.
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
        default_input: Input that gives the value where `levers.training_epochs` is 0; 1 if None.

    Returns:
        Factors, (draws,).
    """
    epochs = inputs.draw("levers.training_epochs", draws, seed)
    repetition = inputs.draw("levers.repetition", draws, seed)
    default = np.ones(draws) if default_input is None else inputs.draw(default_input, draws, seed)
    return np.where(epochs > 0, effective_epochs(np.maximum(epochs, 1.0), repetition), default)


def demand_multiplier(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Return the factor by which the levers change the demand for human data.

    Args:
        inputs: Uses group `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Factors, (draws, years), or (draws, 1) if they are the same in all years.
    """
    factor = np.ones((draws, 1))
    if inputs["levers.overtraining"].distribution != Fixed(1):
        overtraining = inputs.draw("levers.overtraining", draws, seed)
        active = years >= inputs.median("levers.overtraining_from")
        factor = np.where(active, np.sqrt(overtraining)[:, np.newaxis], 1.0)
    synthetic = np.minimum(
        inputs.draw("levers.synthetic_fraction", draws, seed),
        inputs.draw("levers.synthetic_limit", draws, seed),
    )
    human_fraction = (1 - synthetic) * inputs.draw("levers.demand_fraction", draws, seed)
    return np.asarray(factor * human_fraction[:, np.newaxis])
