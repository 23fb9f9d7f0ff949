"""Forecast when training data is exhausted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

from artesian.core.run import Run
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.model.corpus import Corpus
from artesian.forecasting.scenario import Scenario
from artesian.pipeline.forecast import DRAWS, Forecast, ForecastConfig, run_forecast


def forecast(
    *,
    modality: str | None = None,
    demand: str | None = None,
    language: str | None = None,
    corpus: Corpus | None = None,
    overrides: Mapping[str, Override] | None = None,
    safe_budget: str | PathLike[str] | None = None,
    scenarios: Sequence[Scenario] | str | PathLike[str] | None = None,
    data: Sequence[str | PathLike[str]] = (),
    draws: int = DRAWS,
    seed: int = 0,
    run: Run | None = None,
    out: str | PathLike[str] | None = None,
    force: bool = False,
) -> Forecast:
    """Forecast when demand for training data reaches the stock, and which levers change the date.

    An amount is a number, text ('5B', '20 GB', '30T to 60T tokens', '5%/year') or a distribution.

    Args:
        modality: 'text', 'users', 'high-quality', 'low-quality' or 'images'; None with `corpus`.
        demand: Source of demand: 'drift', 'recent', 'study', 'historical', 'compute' or 'corpus'.
        language: Language to restrict text to, such as 'German'.
        corpus: Private corpus, such as `ar.Corpus(tokens="5B", growth="5%/year")`.
        overrides: Other inputs by name, such as `{"levers.opt_out": 0.3}`.
        safe_budget: Folder of a stress test, or its safe_budget.json: generated data meet demand up to
            the proportion that it allows.
        scenarios: Comparison scenarios, or a TOML file of them; None varies each lever alone.
        data: CSV files to use instead of bundled series.
        draws: Number of draws; comparison scenarios use at most 100,000.
        seed: Seed of the random streams; ignored if `run` is given.
        run: Seed, progress and cancellation.
        out: Folder for report.html, forecast.json and manifest.json.
        force: Replace an existing `out`.

    Returns:
        Forecast with `simulation.stock` and `simulation.demand`, (draws, years),
        `simulation.exhaustion.dates`, (draws,), and `to_dict()`, the content of forecast.json.

    Raises:
        UsageError: An input is unknown, inconsistent, infeasible or unused.
        DataError: A file of `data` or `scenarios` is invalid.
    """
    config = ForecastConfig(
        modality=modality,
        demand=demand,
        language=language,
        corpus=corpus,
        overrides=overrides or {},
        safe_budget=None if safe_budget is None else Path(safe_budget),
        scenarios=[Path(scenarios)] if isinstance(scenarios, str | PathLike) else scenarios,
        data=[Path(file) for file in data],
        draws=draws,
        out=None if out is None else Path(out),
        force=force,
    )
    return run_forecast(config, run or Run.from_seed(seed))
