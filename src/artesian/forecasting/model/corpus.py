"""A corpus of one's own: what it holds, what is wanted of it, and when that is more.

For constant growth of both there is a closed form,

    T = t0 + ln(S quality salvage E(passes) / D0) / ln(G / g)

with S the corpus, D0 what is needed at the start, G and g the yearly growth of the need and of the
corpus; if the corpus grows at least as fast as the need, it never runs out.
"""

from __future__ import annotations

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model import levers


def stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What the corpus is worth in training: tokens, (draws, years); it starts at `years[0]`."""
    tokens = inputs.draw("mine.corpus", draws, seed) * inputs.draw("mine.quality", draws, seed)
    tokens = tokens * levers.epochs(inputs, draws, seed)
    grown = _grown(inputs.draw("mine.growth", draws, seed), years)
    return tokens[:, np.newaxis] * grown * levers.on_stock(inputs, years, draws, seed)


def demand(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What one's own training needs: tokens, (draws, years)."""
    grown = _grown(inputs.draw("mine.demand_growth", draws, seed), years)
    return inputs.draw("mine.demand", draws, seed)[:, np.newaxis] * grown


def dates(inputs: Inputs, start: float, draws: int, seed: Seed) -> Array:
    """Decimal years at which the corpus runs out, by the closed form: (draws,).

    `start` where it has by then, infinity where it never will.
    """
    at = np.array([start])
    ratio = stock(inputs, at, draws, seed) / (
        demand(inputs, at, draws, seed) * levers.on_demand(inputs, at, draws, seed)
    )
    faster = np.log(inputs.draw("mine.demand_growth", draws, seed))
    faster -= np.log(inputs.draw("mine.growth", draws, seed))
    faster -= np.log(inputs.draw("levers.user_growth", draws, seed))
    with np.errstate(divide="ignore"):
        left = np.log(ratio[:, 0])
        passed = np.where(faster > 0, left / np.where(faster > 0, faster, 1.0), np.inf)
    return start + np.where(left <= 0, 0.0, passed)


def _grown(growth: Array, years: Array) -> Array:
    return np.asarray(np.exp(np.log(growth)[:, np.newaxis] * (years - years[0])))
