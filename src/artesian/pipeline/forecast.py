"""Forecast pipeline: read data, fit the trend, simulate scenarios, write the results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.model.corpus import Corpus
from artesian.forecasting.model.trend import fit_trend
from artesian.forecasting.scenario import CORPUS, TEXT, Scenario
from artesian.forecasting.sensitivity import Sensitivity, sensitivity_indices
from artesian.forecasting.series.csv_file import decimal_year
from artesian.forecasting.series.data_overrides import read_data
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.simulation import Simulation, simulate
from artesian.forecasting.summary import describe, summarize
from artesian.report.forecast import summary_html, write_forecast
from artesian.runs.manifest import FORMAT, versions
from artesian.runs.output import MANIFEST, REPORT, write_json
from artesian.runs.steps import Steps

FORECAST = "forecast.json"
DRAWS = 20_000
MAX_DRAWS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Forecast:
    """Result of a forecast.

    Attributes:
        simulation: Simulation of the baseline scenario: draws of stock, demand and dates.
        sensitivity: Sensitivity of the date to each input, sorted by decreasing absolute swing.
        comparisons: Simulations of the comparison scenarios.
        models: Published training sets to which the trend was fitted.
    """

    simulation: Simulation
    sensitivity: Sequence[Sensitivity]
    comparisons: Sequence[Simulation]
    models: LanguageModels

    def to_dict(self) -> dict[str, Any]:
        """Convert to the content of `forecast.json`; 'scenarios' lists the comparisons."""
        return {
            **summarize(self.simulation, self.sensitivity),
            "scenarios": [summarize(one) for one in self.comparisons],
        }

    def __repr__(self) -> str:
        return f"Forecast: {describe(self.simulation)}"

    def _repr_html_(self) -> str:
        """Render the result and the scenario table in a notebook."""
        return summary_html(self.simulation, self.comparisons)


def build_scenario(
    modality: str | None,
    demand: str | None,
    language: str | None,
    corpus: Corpus | None,
    overrides: Mapping[str, Override],
) -> Scenario:
    """Build the baseline scenario.

    Args:
        modality: Modality; if None, 'corpus' if `corpus` is given, else 'text'.
        demand: Source of demand; None for the default of the modality.
        language: Language to restrict text to; None for all.
        corpus: Private corpus; None for public data.
        overrides: Other inputs by name.

    Raises:
        UsageError: The modality or the source of demand is unknown.
    """
    return Scenario(
        modality=modality or (TEXT if corpus is None else CORPUS),
        demand=demand,
        language=language,
        overrides={**(corpus.overrides() if corpus is not None else {}), **overrides},
    )


def run_forecast(
    scenario: Scenario,
    comparisons: Sequence[Scenario],
    steps: Steps,
    *,
    data_files: Sequence[Path] = (),
    draws: int = DRAWS,
    today: dt.date | None = None,
) -> Forecast:
    """Simulate a scenario, its sensitivity and comparison scenarios.

    Args:
        scenario: Baseline scenario.
        comparisons: Scenarios to compare with it.
        steps: Records the time of each step; carries seed, progress and cancellation.
        data_files: CSV files to use instead of bundled series, see `series/data_overrides.py`.
        draws: Number of draws per scenario, 100 to 1,000,000.
        today: Date at which a private corpus starts; the current date if None.

    Raises:
        UsageError: An input is unknown, infeasible or unused, or `draws` is out of range.
        DataError: A file of `data_files` is invalid.
    """
    if not 100 <= draws <= MAX_DRAWS:
        raise UsageError(f"{draws:,} draws", hint=f"use 100 to {MAX_DRAWS:,} draws")
    start = decimal_year(dt.date.today() if today is None else today)
    seed = steps.run.seed.child("forecast")
    with steps.step("read"):
        data = read_data(data_files, today=today)
        trend = fit_trend(data.models)
    with steps.step("simulate"):
        simulation = simulate(scenario, trend, today=start, draws=draws, seed=seed, data=data)
        sensitivity = sensitivity_indices(simulation)
    simulated = []
    with steps.step("scenarios"):
        for comparison in comparisons:
            steps.run.check(comparison.name)
            simulated.append(
                simulate(comparison, trend, today=start, draws=draws, seed=seed, data=data)
            )
    return Forecast(
        simulation=simulation, sensitivity=sensitivity, comparisons=simulated, models=data.models
    )


def write_forecast_folder(forecast: Forecast, folder: Path, steps: Steps) -> None:
    """Write report, results and manifest into the empty `folder`."""
    manifest = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": steps.run.seed.entropy,
        "draws": len(forecast.simulation.exhaustion.dates),
        "training_sets": {
            "source": forecast.models.sizes.source,
            "licence": forecast.models.sizes.licence,
            "sizes": len(forecast.models.sizes),
        },
        "seconds": dict(steps.seconds),
    }
    with steps.step("report"):
        numbers = forecast.to_dict()
        write_json(folder / FORECAST, numbers)
        write_forecast(
            folder / REPORT,
            forecast.simulation,
            forecast.sensitivity,
            forecast.comparisons,
            forecast.models,
            manifest,
        )
        write_json(folder / MANIFEST, manifest)
