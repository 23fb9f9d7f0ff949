"""Forecast pipeline: read data, simulate scenarios, write the results."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_folder
from artesian.core.errors import UsageError
from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.forecasting.comparison_scenarios import one_at_a_time, read_scenarios
from artesian.forecasting.history import PastDate, date_history
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.lever_effects import (
    LeverEffect,
    detailed_grid,
    lever_effects,
    scenario_options,
)
from artesian.forecasting.model.corpus import Corpus
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.scenario import CORPUS, TEXT, Scenario, alternative, with_full_names
from artesian.forecasting.sensitivity import Sensitivity, sensitivity_indices
from artesian.forecasting.series.csv_file import decimal_year
from artesian.forecasting.series.data_overrides import read_data
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.series.rebuild import RebuiltSeries, rebuild_series
from artesian.forecasting.simulation import (
    BLOCK_DRAWS,
    PATHS_KEPT,
    DemandCache,
    Simulation,
    simulate,
    with_paths,
)
from artesian.forecasting.summary import describe, finite_year, summarize
from artesian.report.forecast import date_text, render, summary_html
from artesian.runs.manifest import FORMAT, versions
from artesian.runs.output import MANIFEST, REPORT, write_json, write_text
from artesian.runs.safe_budget import SafeBudget, read_safe_budget
from artesian.runs.steps import Steps

FORECAST = "forecast.json"
SYNTHETIC_FRACTION, SYNTHETIC_LIMIT = "levers.synthetic_fraction", "levers.synthetic_limit"
DRAWS = 20_000
MAX_DRAWS = 1_000_000
COMPARISON_DRAWS = 100_000
"""Largest number of draws of each comparison scenario; the median then has an error of .01 years."""

LEVER_DRAWS = 2_000
"""Number of draws of each simulation that tabulates a lever."""

SENSITIVITY_DRAWS = 10_000
"""Number of draws of each simulation of the sensitivity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastConfig:
    """Configuration of a forecast.

    Attributes:
        modality: Modality; if None, 'corpus' if `corpus` is given, else 'text'.
        demand: Source of demand; None for the default of the modality.
        language: Language to restrict text to; None for all.
        corpus: Private corpus; None for public data.
        overrides: Other inputs by name.
        safe_budget: Safe budget of a generator, a file or the folder of a stress test: generated data
            meet demand up to the proportion that it allows. None for no budget.
        scenarios: Comparison scenarios, or TOML files of them; None varies each lever alone.
        data: CSV files to use instead of bundled series, see `series/data_overrides.py`.
        draws: Number of draws, 100 to 1,000,000; comparison scenarios use at most 100,000 of them.
        today: Date at which a private corpus starts; the current date if None.
        out: Folder for report, results and manifest; None to write nothing.
        force: Replace an existing `out`.
    """

    modality: str | None = None
    demand: str | None = None
    language: str | None = None
    corpus: Corpus | None = None
    overrides: Mapping[str, Override] = field(default_factory=dict)
    safe_budget: Path | None = None
    scenarios: Sequence[Scenario | Path] | None = None
    data: Sequence[Path] = ()
    draws: int = DRAWS
    today: dt.date | None = None
    out: Path | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Forecast:
    """Result of a forecast.

    Attributes:
        simulation: Simulation of the baseline scenario: draws of stock, demand and dates.
        sensitivity: Sensitivity of the date to each input, sorted by decreasing absolute swing.
        comparisons: Simulations of the comparison scenarios.
        alternative: Simulation of the baseline under the model of demand that the back-test does not
            distinguish from the default one; None if the demand was chosen.
        detailed: The baseline with points before and after each jump of a lever, for the sliders of the
            report; without `out` or without jumps, `simulation`.
        effects: Effects of the levers, tabulated for the sliders of the report; empty without `out`.
        options: Options of `artesian forecast` that describe the baseline, as (input or '', option).
        history: The date that each earlier cut-off would have given.
        models: Published training sets that demand starts from.
        seconds: Wall time of each step.
        budget: Safe budget of a generator that the baseline uses; the first comparison is then the
            baseline without generated data.
        out: Folder that was written.
    """

    simulation: Simulation
    sensitivity: Sequence[Sensitivity]
    comparisons: Sequence[Simulation]
    alternative: Simulation | None
    detailed: Simulation
    effects: Sequence[LeverEffect]
    options: Sequence[tuple[str, str]] | None
    history: Sequence[PastDate]
    models: LanguageModels
    seconds: Mapping[str, float]
    budget: SafeBudget | None = None
    out: Path | None = None

    @property
    def budget_sentence(self) -> str:
        """What the safe budget changes; '' without one."""
        if self.budget is None:
            return ""
        own, without = (one.exhaustion.median for one in (self.simulation, self.comparisons[0]))
        return (
            f"Safe budget: {self.budget.sentence}, so generated data may meet "
            f"{percent(self.budget.synthetic_proportion)} of the demand. Median date: "
            f"{date_text(own, self.simulation.exhaustion.last)}; without generated data: "
            f"{date_text(without, self.simulation.exhaustion.last)}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Convert to the content of `forecast.json`; 'scenarios' lists the comparisons."""
        budget = {} if self.budget is None else {"safe_budget": self.budget.to_dict()}
        return {
            **budget,
            **summarize(self.simulation, self.sensitivity),
            "history": [
                {name: finite_year(value) for name, value in asdict(past).items()}
                for past in self.history
            ],
            "alternative": None if self.alternative is None else summarize(self.alternative),
            "scenarios": [summarize(one) for one in self.comparisons],
        }

    def __repr__(self) -> str:
        return f"Forecast: {describe(self.simulation)}"

    def _repr_html_(self) -> str:
        """Render the result and the scenario table in a notebook."""
        return summary_html(self.simulation, self.comparisons)


def run_forecast(config: ForecastConfig, run: Run) -> Forecast:
    """Simulate the baseline scenario, its sensitivity and the comparisons, and write the results.

    Raises:
        UsageError: An input is unknown, infeasible or unused, or `draws` is out of range.
        DataError: A file of `data` or `scenarios` is invalid.
        OutputError: `out` exists and `force` is false, or it cannot be written.
        Cancelled: The run was stopped.
    """
    budget = None if config.safe_budget is None else read_safe_budget(config.safe_budget)
    baseline = _baseline(config, budget)
    comparisons = _comparisons(config, baseline)
    sources = (*config.data, *(config.scenarios or ()), *filter(None, (config.safe_budget,)))
    staged = (
        nullcontext()
        if config.out is None
        else staged_folder(config.out, force=config.force, sources=sources)
    )
    steps = Steps(run)
    with staged as stage:
        forecast = replace(_simulate(baseline, comparisons, config, steps), budget=budget)
        if stage is not None:
            _write(forecast, stage, steps)
    return replace(forecast, out=config.out, seconds=dict(steps.seconds))


def rebuilt(source: Path, out: Path | None, *, force: bool) -> RebuiltSeries:
    """Rebuild the series of language models, see `rebuild_series`.

    Raises:
        UsageError: `out` is None.
    """
    if out is None:
        raise UsageError(
            "a rebuilt series needs a file to write", hint="give it with -o, such as -o series.csv"
        )
    return rebuild_series(source, out, force=force)


def _baseline(config: ForecastConfig, budget: SafeBudget | None) -> Scenario:
    """The baseline scenario; a private corpus and a safe budget become overrides of inputs."""
    corpus = config.corpus
    if corpus is not None and not isinstance(corpus, Corpus):
        raise UsageError(
            f"corpus is {corpus!r}, not a Corpus", hint=f"write ar.Corpus(tokens={corpus!r})"
        )
    described = dict(corpus.overrides()) if corpus is not None else {}
    overrides = with_full_names(config.overrides)
    if budget is not None:
        described[SYNTHETIC_LIMIT] = budget.synthetic_proportion
        if SYNTHETIC_FRACTION not in overrides:  # as much as the budget allows
            described[SYNTHETIC_FRACTION] = budget.synthetic_proportion
    for name in described:
        if name in overrides:
            raise UsageError(
                f"{name} is given more than once: {described[name]} for the "
                f"{'safe budget' if name == SYNTHETIC_LIMIT else 'corpus'}, and {overrides[name]}",
                hint="give it once",
            )
    return Scenario(
        modality=config.modality or (TEXT if corpus is None else CORPUS),
        demand=config.demand,
        language=config.language,
        overrides={**described, **config.overrides},
    )


def _comparisons(config: ForecastConfig, baseline: Scenario) -> list[Scenario]:
    """The comparison scenarios, those of files read; with a safe budget, first the baseline without
    generated data.
    """
    comparisons: list[Scenario] = []
    if config.safe_budget is not None:
        kept = {
            name: value
            for name, value in with_full_names(baseline.overrides).items()
            if name not in (SYNTHETIC_FRACTION, SYNTHETIC_LIMIT)
        }
        comparisons.append(replace(baseline, name="without generated data", overrides=kept))
    if config.scenarios is None:
        return [*comparisons, *one_at_a_time(baseline)]
    for given in config.scenarios:
        comparisons += [given] if isinstance(given, Scenario) else read_scenarios(given, baseline)
    return comparisons


def _options(baseline: Scenario, data: Sequence[Path]) -> Sequence[tuple[str, str]] | None:
    """The options that describe the baseline and its data, None if they cannot be written as text."""
    options = scenario_options(baseline)
    if options is None:
        return None
    return [*options, *(("", f"--data {shlex.quote(str(file))}") for file in data)]


def _simulate(
    baseline: Scenario, comparisons: Sequence[Scenario], config: ForecastConfig, steps: Steps
) -> Forecast:
    draws, today = config.draws, config.today
    if not 100 <= draws <= MAX_DRAWS:
        raise UsageError(f"{draws:,} draws", hint=f"use 100 to {MAX_DRAWS:,} draws")
    start = decimal_year(dt.date.today() if today is None else today)
    seed, cache = steps.run.seed.child("forecast"), DemandCache()
    with steps.step("read"):
        data = read_data(config.data, today=today)
        largest = LargestSet.from_models(data.models)

    def one(scenario: Scenario, number: int, **given: Any) -> Simulation:
        return simulate(
            scenario, largest, today=start, draws=min(draws, number), seed=seed, data=data, **given
        )

    with steps.step("simulate"):
        simulation = one(baseline, draws, cache=cache)
        shared = DemandCache()

        def rerun(fixed: Mapping[str, float]) -> Simulation:
            return one(baseline, SENSITIVITY_DRAWS, cache=shared, with_factors=False, fixed=fixed)

        sensitivity = sensitivity_indices(simulation, rerun)
        other = alternative(baseline, simulation.inputs)
        simulated_other = None if other is None else one(other, draws, with_factors=False)
    simulated = []
    with steps.step("scenarios"):
        for comparison in comparisons:
            steps.run.check(comparison.name)
            varied = one(comparison, COMPARISON_DRAWS, cache=cache, with_factors=False)
            simulated.append(varied if draws <= BLOCK_DRAWS else with_paths(varied, PATHS_KEPT))
    effects: Sequence[LeverEffect] = ()
    detailed = simulation
    if config.out is not None:
        kept = draws if draws <= BLOCK_DRAWS else PATHS_KEPT
        with steps.step("levers"):
            effects = lever_effects(
                baseline,
                lambda scenario, grid: one(scenario, LEVER_DRAWS, with_factors=False, grid=grid),
                lambda scenario, grid: one(scenario, kept, with_factors=False, grid=grid),
            )
            grid = detailed_grid(simulation).tolist()
            if len(grid) > len(simulation.years):
                detailed = one(baseline, draws, with_factors=False, grid=grid)
    return Forecast(
        simulation=simulation,
        sensitivity=sensitivity,
        comparisons=simulated,
        alternative=simulated_other,
        detailed=detailed,
        effects=effects,
        options=_options(baseline, config.data),
        history=date_history(simulation, data, today=start, seed=seed),
        models=data.models,
        seconds=steps.seconds,
    )


def _write(forecast: Forecast, folder: Path, steps: Steps) -> None:
    """Write report, results and manifest into the empty `folder`."""
    manifest = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": steps.run.seed.entropy,
        "draws": len(forecast.simulation.exhaustion.dates),
        **({} if forecast.budget is None else {"safe_budget": forecast.budget.to_dict()}),
        "training_sets": {
            "source": forecast.models.sizes.source,
            "licence": forecast.models.sizes.licence,
            "sizes": len(forecast.models.sizes),
        },
        "seconds": dict(steps.seconds),
    }
    with steps.step("report"):
        page = render(
            forecast.simulation,
            forecast.sensitivity,
            forecast.comparisons,
            forecast.alternative,
            forecast.detailed,
            forecast.effects,
            forecast.options,
            forecast.history,
            forecast.models,
            manifest,
        )
        write_json(folder / FORECAST, forecast.to_dict())
        write_text(folder / REPORT, page)
        write_json(folder / MANIFEST, manifest)
