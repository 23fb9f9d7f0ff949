"""Monte Carlo simulation of a scenario: paths of stock and demand, and dates of exhaustion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Fixed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model import corpus, levers
from artesian.forecasting.model.drift import LargestSet, draw_tokens_by_drift, update_growth
from artesian.forecasting.model.exhaustion import Exhaustion
from artesian.forecasting.scenario import (
    CORPUS,
    DRIFT,
    MODALITIES_2022,
    RECENT,
    TEXT,
    USERS,
    Scenario,
    demand_source,
    is_used,
    resolve_inputs,
)
from artesian.forecasting.series.data_overrides import ForecastData
from artesian.forecasting.studies import villalobos_2022, villalobos_2024, villalobos_2024_stock

HORIZON_YEARS = 40
"""Number of years simulated after the first."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Simulation:
    """Samples of a scenario.

    Attributes:
        scenario: Simulated scenario.
        unit: Unit of stock and demand: 'tokens', 'words' or 'images'.
        years: Decimal years, (years,).
        stock, demand: Paths, (draws, years). Row i of both belongs to the same sample.
        exhaustion: Dates at which demand reaches the stock.
        factors: Samples of the uncertain inputs, (draws,) each, for sensitivity analysis.
        inputs: Inputs of the scenario.
    """

    scenario: Scenario
    unit: str
    years: Array
    stock: Array
    demand: Array
    exhaustion: Exhaustion
    factors: Mapping[str, Array]
    inputs: Inputs

    @property
    def probability_beyond_horizon(self) -> float:
        """Probability that the stock lasts beyond the simulated years."""
        return float(np.isinf(self.exhaustion.dates).mean())

    @property
    def probability_never(self) -> float:
        """Probability of no exhaustion with a stock that finally grows at least as fast as demand."""
        growth = [
            paths[:, -1] / np.maximum(paths[:, -2], 1e-300) for paths in (self.stock, self.demand)
        ]
        return float(
            (np.isinf(self.exhaustion.dates) & (growth[0] >= growth[1] * (1 - 1e-9))).mean()
        )

    @property
    def probability_at_start(self) -> float:
        """Probability that demand has reached the stock in the first year."""
        return float((self.exhaustion.dates <= self.years[0]).mean())


def simulate(
    scenario: Scenario,
    largest: LargestSet,
    *,
    today: float,
    draws: int,
    seed: Seed,
    data: ForecastData | None = None,
) -> Simulation:
    """Simulate a scenario.

    Args:
        scenario: Scenario.
        largest: Largest training set so far.
        today: Decimal year at which a private corpus starts.
        draws: Number of samples.
        seed: Parent of all random streams. Scenarios simulated with the same seed share their samples,
            so their differences contain no sampling noise.
        data: Population and languages to use instead of the bundled ones; `largest` must be that
            of its models.

    Raises:
        UsageError: An input is unknown, infeasible or unused in the scenario.
    """
    inputs = resolve_inputs(scenario, data)
    source = demand_source(scenario, inputs)
    if scenario.modality in MODALITIES_2022:
        years = villalobos_2022.horizon(inputs)
    elif scenario.modality == CORPUS:
        years = today + np.arange(HORIZON_YEARS + 1.0)
    elif source in (DRIFT, RECENT):
        years = largest.date + np.arange(HORIZON_YEARS + 1.0)
    else:
        years = villalobos_2024.horizon(inputs, HORIZON_YEARS + 1)
    unit, stock = _stock(scenario, inputs, years, draws, seed)
    demand, paths = _demand(scenario, source, inputs, largest, years, draws, seed)
    if source in (DRIFT, RECENT, CORPUS) or scenario.modality in MODALITIES_2022:
        demand = demand * levers.demand_multiplier(inputs, years, draws, seed)
    factors = {
        name: inputs.draw(name, draws, seed)
        for name in inputs
        if is_used(name, scenario, source) and not isinstance(inputs[name].distribution, Fixed)
    }
    return Simulation(
        scenario=scenario,
        unit=unit,
        years=years,
        stock=stock,
        demand=demand,
        exhaustion=Exhaustion.from_paths(years, demand, stock),
        factors=MappingProxyType(factors | paths),
        inputs=inputs,
    )


def _stock(
    scenario: Scenario, inputs: Inputs, years: Array, draws: int, seed: Seed
) -> tuple[str, Array]:
    if scenario.modality == CORPUS:
        return "tokens", corpus.stock(inputs, years, draws, seed)
    if scenario.modality == TEXT:
        return "tokens", villalobos_2024_stock.effective_stock(inputs, years, draws, seed)
    if scenario.modality == USERS:
        return "tokens", villalobos_2024_stock.effective_users_stock(inputs, years, draws, seed)
    modality = MODALITIES_2022[scenario.modality]
    stock = villalobos_2022.stock(inputs, modality, years, draws, seed)  # type: ignore[arg-type]
    unit = "images" if modality == "images" else "words"
    return unit, stock * levers.stock_multiplier(inputs, years, draws, seed)


def _demand(
    scenario: Scenario,
    source: str,
    inputs: Inputs,
    largest: LargestSet,
    years: Array,
    draws: int,
    seed: Seed,
) -> tuple[Array, dict[str, Array]]:
    """Sample demand, (draws, years), and the path features that serve as factors.

    Demand of Villalobos et al. 2024 already includes the levers.
    """
    if scenario.modality in MODALITIES_2022:
        modality = MODALITIES_2022[scenario.modality]
        largest_set = villalobos_2022.demand(inputs, modality, years, draws, seed)  # type: ignore[arg-type]
        log10_growth = np.log10(largest_set[:, 1]) - np.log10(largest_set[:, 0])
        return largest_set, {"study_2022.demand growth": log10_growth / (years[1] - years[0])}
    if source == CORPUS:
        return corpus.demand(inputs, years, draws, seed), {}
    if source in (DRIFT, RECENT):
        growth, noise = (
            inputs.draw(f"{DRIFT}.{name}", draws, seed) for name in ("growth", "noise")
        )
        rng = seed.child(DRIFT).rng()
        if source == RECENT:
            growth = update_growth(growth, noise, largest, rng)
        ahead = np.maximum(years - largest.date, 0.0)
        log10_tokens = draw_tokens_by_drift(largest.tokens, ahead, growth, noise, rng)
        beyond = log10_tokens[:, -1] - log10_tokens[:, 0] - growth * (ahead[-1] - ahead[0])
        return 10.0**log10_tokens, {"largest training set, beyond its drift": beyond}
    branch = "mixture" if source == "study" else source
    return villalobos_2024.demand(inputs, years, draws, seed, branch), {}  # type: ignore[arg-type]
