"""What can be done about it: levers on the stock and on demand, each an input of the group `levers`.

Stock: filters and deduplication that give text back (`curation_yield`), owners who withdraw it (`opt_out`),
passes over the same text, whose worth decays (Muennighoff et al. 2023, arXiv 2305.16264), new users.
Demand: over-training, by whose root a training set grows, and data made by models (`synthetic_fraction`),
which do not count beyond the share at which tails are lost (`synthetic_limit`).
"""

from __future__ import annotations

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array


def effective_epochs(epochs: float | Array, repetition: float | Array) -> Array:
    """How many times its size a text is worth that is trained on so often.

    Args:
        epochs: Epochs over the same text, 1 or more.
        repetition: The scale R of Muennighoff et al. 2023, 15.39 by their fit.

    Returns:
        1 + R (1 - exp(-(epochs - 1) / R)), in the shape of both.

    >>> round(float(effective_epochs(4, 15.39)), 2), round(float(effective_epochs(16, 15.39)), 1)
    (3.73, 10.6)
    """
    return np.asarray(1 + repetition * -np.expm1(-(np.asarray(epochs) - 1) / repetition))


def stock_multiplier(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What a stock is multiplied by, epochs apart: (draws, years)."""
    retained = inputs.draw("levers.curation_yield", draws, seed)
    retained = retained * (1 - inputs.draw("levers.opt_out", draws, seed))
    retained = retained * inputs.draw("levers.stock_fraction", draws, seed)
    log_growth = np.log(inputs.draw("levers.user_growth", draws, seed))
    return np.asarray(
        retained[:, np.newaxis] * np.exp(log_growth[:, np.newaxis] * (years - years[0]))
    )


def repetition_multiplier(
    inputs: Inputs, draws: int, seed: Seed, *, default_input: str | None = None
) -> Array:
    """What repeating is worth: (draws,).

    Args:
        default_input: The input that says it where `levers.training_epochs` is 0; one pass if None.
    """
    epochs = inputs.draw("levers.training_epochs", draws, seed)
    repetition = inputs.draw("levers.repetition", draws, seed)
    default = np.ones(draws) if default_input is None else inputs.draw(default_input, draws, seed)
    return np.where(epochs > 0, effective_epochs(np.maximum(epochs, 1.0), repetition), default)


def demand_multiplier(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What demand for human data is multiplied by: (draws, years)."""
    overtraining = inputs.draw("levers.overtraining", draws, seed)
    active = years >= inputs.median("levers.overtraining_from")
    factor = np.where(active, np.sqrt(overtraining)[:, np.newaxis], 1.0)
    synthetic = np.minimum(
        inputs.draw("levers.synthetic_fraction", draws, seed),
        inputs.draw("levers.synthetic_limit", draws, seed),
    )
    human_fraction = (1 - synthetic) * inputs.draw("levers.demand_fraction", draws, seed)
    return np.asarray(factor * human_fraction[:, np.newaxis])
