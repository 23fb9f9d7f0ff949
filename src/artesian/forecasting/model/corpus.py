"""Stock and demand of a private corpus, and its date of exhaustion in closed form.

If corpus and demand grow at constant rates, the corpus is exhausted at

    T = t0 + ln(S quality yield E(epochs) / D0) / ln(G / g)

with S the corpus size, D0 the demand at t0, and G and g the yearly growth factors of the demand and of
the corpus. If g >= G and the corpus suffices at t0, it is never exhausted. Levers that change over time
are outside this form.
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
    """A private corpus and the training planned on it.

    A value is a number, text such as '5B', '20 GB', '30M to 60M words' or '5%/year' (see
    `inputs/quantities.py`), or a distribution. A growth needs its unit: 5 may be 5 % or a factor of 5.

    Attributes:
        tokens: Size in tokens.
        growth: Yearly growth; no growth if None.
        quality: Fraction of the corpus usable for training; all of it if None.
        epochs: Training epochs over the corpus; 1 if None.
        demand: Tokens needed for training now; the largest public training sets if None.
        demand_growth: Yearly growth of `demand`; the default of input `corpus.demand_growth` if None.
    """

    tokens: Override
    growth: Override | None = None
    quality: Override | None = None
    epochs: Override | None = None
    demand: Override | None = None
    demand_growth: Override | None = None

    def overrides(self) -> dict[str, Override]:
        """Return the forecast inputs that the corpus sets, by name."""
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
    """Return the effective size of the corpus; growth starts at `years[0]`.

    Args:
        inputs: Uses groups `corpus` and `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Tokens, (draws, years).
    """
    tokens = inputs.draw("corpus.tokens", draws, seed)
    quality = inputs.draw("corpus.quality", draws, seed)
    growth = _growth_factor(inputs.draw("corpus.growth", draws, seed), years)
    usable = levers.stock_multiplier(inputs, years, draws, seed, quality=quality)
    stock = tokens[:, np.newaxis] * growth * usable
    added = levers.additional_stock(inputs, years, draws, seed, quality=quality)
    if added is not None:
        stock = stock + added
    return np.asarray(stock * levers.repetition_multiplier(inputs, years, draws, seed))


def demand(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Return the tokens needed for training, (draws, years); arguments as in `stock`."""
    growth = _growth_factor(inputs.draw("corpus.demand_growth", draws, seed), years)
    return inputs.draw("corpus.demand", draws, seed)[:, np.newaxis] * growth


def exhaustion_dates(inputs: Inputs, start: float, draws: int, seed: Seed) -> Array:
    """Return the dates of exhaustion by the closed form.

    Args:
        inputs: Uses groups `corpus` and `levers`.
        start: Decimal year to which corpus size and demand refer.
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Decimal years, (draws,): `start` if already exhausted, infinity if never.
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
