"""A corpus of one's own: what it holds, what is wanted of it, and when that is more.

For constant growth of both there is a closed form,

    T = t0 + ln(S quality yield E(epochs) / D0) / ln(G / g)

with S the corpus, D0 what is needed at the start, G and g the yearly growth of the need and of the
corpus; if the corpus grows at least as fast as the need, it never runs out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs, Override
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model import levers


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A corpus of one's own, and the training planned on it.

    Attributes:
        tokens: Its size.
        growth: Its yearly growth; none if not given.
        quality: Fraction of it that is good enough to train on; all if not given.
        epochs: Training epochs over the same text; one if not given.
        demand: Tokens that training needs at the start; the largest training sets of the world if
            not given.
        demand_growth: Yearly growth of `demand`.
    """

    tokens: Override
    growth: Override | None = None
    quality: Override | None = None
    epochs: Override | None = None
    demand: Override | None = None
    demand_growth: Override | None = None

    def overrides(self) -> dict[str, Override]:
        """The inputs of the forecast that the corpus sets, by name."""
        by_input = {
            "corpus.tokens": self.tokens,
            "corpus.growth": self.growth,
            "corpus.quality": self.quality,
            "levers.training_epochs": self.epochs,
            "corpus.demand": self.demand,
            "corpus.demand_growth": self.demand_growth,
        }
        return {name: value for name, value in by_input.items() if value is not None}


def stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What the corpus is worth in training: tokens, (draws, years); it starts at `years[0]`."""
    tokens = inputs.draw("corpus.tokens", draws, seed) * inputs.draw("corpus.quality", draws, seed)
    tokens = tokens * levers.repetition_multiplier(inputs, draws, seed)
    growth = _growth_factor(inputs.draw("corpus.growth", draws, seed), years)
    return tokens[:, np.newaxis] * growth * levers.stock_multiplier(inputs, years, draws, seed)


def demand(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """What one's own training needs: tokens, (draws, years)."""
    growth = _growth_factor(inputs.draw("corpus.demand_growth", draws, seed), years)
    return inputs.draw("corpus.demand", draws, seed)[:, np.newaxis] * growth


def exhaustion_dates(inputs: Inputs, start: float, draws: int, seed: Seed) -> Array:
    """Decimal years at which the corpus runs out, by the closed form: (draws,).

    `start` where it has by then, infinity where it never will.
    """
    start_year = np.array([start])
    ratio = stock(inputs, start_year, draws, seed) / (
        demand(inputs, start_year, draws, seed)
        * levers.demand_multiplier(inputs, start_year, draws, seed)
    )
    relative_growth = np.log(inputs.draw("corpus.demand_growth", draws, seed))
    relative_growth -= np.log(inputs.draw("corpus.growth", draws, seed))
    relative_growth -= np.log(inputs.draw("levers.user_growth", draws, seed))
    with np.errstate(divide="ignore"):
        log_ratio = np.log(ratio[:, 0])
        years_left = np.where(
            relative_growth > 0,
            log_ratio / np.where(relative_growth > 0, relative_growth, 1.0),
            np.inf,
        )
    return start + np.where(log_ratio <= 0, 0.0, years_left)


def _growth_factor(growth: Array, years: Array) -> Array:
    return np.asarray(np.exp(np.log(growth)[:, np.newaxis] * (years - years[0])))
