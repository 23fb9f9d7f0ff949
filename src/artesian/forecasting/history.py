"""History of the forecast: the date that each earlier cut-off would have given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.scenario import DRIFT, RECENT, TEXT, USERS, Scenario, demand_source
from artesian.forecasting.series.data_overrides import ForecastData
from artesian.forecasting.simulation import Simulation, simulate

HISTORY_YEARS = 7
"""Number of years of cut-offs."""

HISTORY_DRAWS = 2_000
"""Number of draws per cut-off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDate:
    """The date of exhaustion that was forecast from a cut-off.

    Attributes:
        cutoff: Decimal year until which published models are used.
        median, low, high: Median and ends of the 80 % interval, decimal years; infinity beyond the
            horizon.
    """

    cutoff: float
    median: float
    low: float
    high: float


def date_history(
    simulation: Simulation, data: ForecastData, *, today: float, seed: Seed
) -> Sequence[PastDate]:
    """Forecast the date from half-yearly cut-offs up to the newest published model.

    Only the published training sets are those of the cut-off; the stock and all inputs are those of the
    scenario. Empty for scenarios whose demand does not start from a published training set.

    Args:
        simulation: Simulation of the scenario.
        data: Data of the simulation.
        today: Date at which a private corpus starts, a decimal year.
        seed: Seed of the simulation.
    """
    scenario: Scenario = simulation.scenario
    source = demand_source(scenario, simulation.inputs)
    if scenario.modality not in (TEXT, USERS) or source not in (DRIFT, RECENT):
        return []
    newest, oldest = float(data.models.sizes.dates[-1]), float(data.models.sizes.dates[0])
    first = max(newest - HISTORY_YEARS, oldest)
    past = []
    for cutoff in [*np.arange(np.ceil(2 * first) / 2, newest, 0.5).tolist(), newest]:
        dates = simulate(
            replace(scenario, demand=source),
            LargestSet.from_models(data.models, until=cutoff),
            today=today,
            draws=HISTORY_DRAWS,
            seed=seed,
            data=data,
            with_factors=False,
        ).exhaustion
        low, high = dates.interval(0.8)
        past.append(PastDate(cutoff=cutoff, median=dates.median, low=low, high=high))
    return past
