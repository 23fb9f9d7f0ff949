"""What can be done about it: levers on the stock and on demand, each an input of the group `levers`.

Stock: filters and deduplication that give text back (`salvage`), owners who withdraw it (`opt_out`),
passes over the same text, whose worth decays (Muennighoff et al. 2023, arXiv 2305.16264), new users.
Demand: over-training, by whose root a training set grows, and data made by models (`synthetic_share`),
which do not count beyond the share at which tails are lost (`synthetic_limit`).
"""

from __future__ import annotations

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array


def worth_of_passes(passes: float | Array, repetition: float | Array) -> Array:
    """How many times its size a text is worth that is trained on so often.

    Args:
        passes: Epochs over the same text, 1 or more.
        repetition: The scale R of Muennighoff et al. 2023, 15.39 by their fit.

    Returns:
        1 + R (1 - exp(-(passes - 1) / R)), in the shape of both.

    >>> round(float(worth_of_passes(4, 15.39)), 2), round(float(worth_of_passes(16, 15.39)), 1)
    (3.73, 10.6)
    """
    return np.asarray(1 + repetition * -np.expm1(-(np.asarray(passes) - 1) / repetition))


def on_stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What a stock is multiplied by, epochs apart: (draws, years)."""
    kept = inputs.draw("levers.salvage", draws, seed)
    kept = kept * (1 - inputs.draw("levers.opt_out", draws, seed))
    kept = kept * inputs.draw("levers.stock_share", draws, seed)
    more = np.log(inputs.draw("levers.user_growth", draws, seed))
    return np.asarray(kept[:, np.newaxis] * np.exp(more[:, np.newaxis] * (years - years[0])))


def epochs(inputs: Inputs, draws: int, seed: Seed, *, otherwise: str | None = None) -> Array:
    """What repeating is worth: (draws,).

    Args:
        otherwise: The input that says it where `levers.passes` is 0; one pass if None.
    """
    passes = inputs.draw("levers.passes", draws, seed)
    scale = inputs.draw("levers.repetition", draws, seed)
    usual = np.ones(draws) if otherwise is None else inputs.draw(otherwise, draws, seed)
    return np.where(passes > 0, worth_of_passes(np.maximum(passes, 1.0), scale), usual)


def on_demand(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What demand for human data is multiplied by: (draws, years)."""
    over = inputs.draw("levers.overtraining", draws, seed)
    begun = years >= inputs.median("levers.overtraining_from")
    factor = np.where(begun, np.sqrt(over)[:, np.newaxis], 1.0)
    made = np.minimum(
        inputs.draw("levers.synthetic_share", draws, seed),
        inputs.draw("levers.synthetic_limit", draws, seed),
    )
    human = (1 - made) * inputs.draw("levers.demand_share", draws, seed)
    return np.asarray(factor * human[:, np.newaxis])
