"""The public functions: synth, compare, canaries, benchmark, forecast, save, load.

A source is a path, or a pandas, Polars, Arrow or DuckDB object. Synthetic rows have the type of the
source, or are a Polars frame if it was a path.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from artesian.core.run import Run
from artesian.data.dataset import require_single_table
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.estimators import FittedModel, like_source
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.model.corpus import Corpus
from artesian.forecasting.scenario import Scenario
from artesian.metrics.evaluate import Scorecard
from artesian.pipeline.bench import BenchmarkConfig
from artesian.pipeline.bench import benchmark as run_benchmark
from artesian.pipeline.canaries import CanaryConfig, CanaryResult, run_canaries
from artesian.pipeline.compare import CompareConfig
from artesian.pipeline.compare import compare as run_compare
from artesian.pipeline.forecast import DRAWS, Forecast, ForecastConfig, run_forecast
from artesian.pipeline.synth import SynthesisConfig, SynthesisResult, synthesize
from artesian.report.html import render_report
from artesian.report.notebook import scorecard_html
from artesian.runs.output import REPORT
from artesian.runs.resolve import AUTO
from artesian.synthesizers import store
from artesian.synthesizers.protocol import Synthesizer, Where


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """Synthetic data, the fitted model and their evaluation.

    Attributes:
        data: The synthetic rows, in the type of the source.
        model: The fitted model; `model.sample(n, where=...)` samples more rows of the same type.
        result: The result of the pipeline, with the tables and their schemas.
    """

    data: Any
    model: FittedModel
    result: SynthesisResult = field(repr=False)

    @property
    def scorecard(self) -> Scorecard:
        """The verdict and the result of every metric."""
        return self.result.scorecard

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Versions, settings, seed, choices and times."""
        return self.result.manifest

    @property
    def out(self) -> Path | None:
        """The output folder; None if nothing was written."""
        return self.result.out

    @property
    def table(self) -> Table:
        """The synthetic rows with their schema."""
        return require_single_table(self.result.synthetic)

    @property
    def holdout(self) -> Table | None:
        """The real rows that were not used for fitting; None without a holdout."""
        holdout = self.result.holdout
        return None if holdout is None else require_single_table(holdout)

    @cached_property
    def report(self) -> Path | str:
        """The path of the report if a folder was written, else its HTML."""
        if self.out is not None:
            return self.out / REPORT
        return render_report(self.result.comparison, self.scorecard, self.manifest)

    def _repr_html_(self) -> str:
        method, rows = self.manifest["method"], self.manifest["rows"]["synthetic"]
        lead = f"{rows:,} synthetic rows by {method['name']}: {method['reason']}"
        where = "" if self.out is None else f"<p>Report: {html.escape(str(self.report))}</p>"
        return f"<p>{html.escape(lead)}</p>{scorecard_html(self.scorecard)}{where}"


def synth(
    source: Any,
    rows: int | None = None,
    *,
    method: str | Synthesizer = AUTO,
    seed: int = 0,
    where: Where | Iterable[str] | None = None,
    holdout: float = 0.2,
    split: Literal["random", "entity", "time"] | None = None,
    target: str | None = None,
    metrics: Sequence[str] = ("quick",),
    schema: Schema | str | Path | None = None,
    out: str | PathLike[str] | None = None,
    keep_model: bool = False,
    release_model: bool = False,
    force: bool = False,
    run: Run | None = None,
    **settings: Any,
) -> Synthesis:
    """Synthesize a table: hold out, fit, sample and evaluate.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object.
        rows: Number of synthetic rows; None for as many as the source has.
        method: 'auto' to choose from the data, a name such as 'trees', or `Trees(min_leaf=50)`.
        seed: Seed of all random streams; the same seed gives the same rows. Ignored if `run` is given.
        where: Conditions that every row satisfies: a mapping of column to a value, a list of values or
            a `Range`; or texts such as 'age=30..40'.
        holdout: Fraction of the rows that is not used for fitting, in [0, 1).
        split: How the holdout is chosen: 'random', 'entity' (all rows of an entity on one side) or
            'time' (the latest rows). By default by entity if an entity or identifier repeats.
        target: Target column for the metrics of utility; None for that of the schema.
        metrics: Names of metrics or families, 'quick' for all but the slow ones, or 'all'.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Folder for data, report, scorecard, schema and manifest.
        keep_model: Also save the model in `out`; it is as sensitive as the training rows.
        release_model: Also save a model to release in `out`, fitted on synthetic rows of the model;
            what its readers learn of the training rows is measured.
        force: Replace an existing `out`.
        run: Seed, progress, cancellation and number of workers.
        settings: Settings of the method, such as temperature=0.8 or min_leaf=20.

    Raises:
        ArtesianError: An argument is invalid, or `out` cannot be written; the hint says what to do.
    """
    config = SynthesisConfig(
        source=source,
        rows=rows,
        method=method,
        settings=settings,
        where=where,
        holdout=holdout,
        split=split,
        target=target,
        metrics=metrics,
        schema=schema,
        out=None if out is None else Path(out),
        keep_model=keep_model,
        release_model=release_model,
        force=force,
    )
    result = synthesize(config, run or Run.from_seed(seed))
    return Synthesis(
        data=like_source(require_single_table(result.synthetic), source),
        model=FittedModel.from_model(result.model, like=source),
        result=result,
    )


def save(model: FittedModel, folder: str | PathLike[str], *, force: bool = False) -> None:
    """Write a model to `folder`, atomically.

    It is as sensitive as the rows it was fitted on; `model.for_release(rows)` may be released.

    Args:
        model: The model.
        folder: Folder to write.
        force: Replace an existing folder.

    Raises:
        OutputError: `folder` exists and `force` is false, or it cannot be written.
    """
    store.save(model.model, Path(folder), force=force)


def load(folder: str | PathLike[str]) -> FittedModel:
    """Read a model written by `save`, `artesian fit` or `artesian synth --keep-model`.

    Raises:
        ModelFileError: The folder is not a saved model, has another format, or was changed.
    """
    return FittedModel(model=store.load(Path(folder)), _like=Path(folder), folder=Path(folder))


def compare(
    real: Any,
    synthetic: Any,
    holdout: Any = None,
    *,
    target: str | None = None,
    event: str | None = None,
    sensitive: Sequence[str] | None = None,
    quasi_identifiers: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    schema: Schema | str | Path | None = None,
    seed: int = 0,
    run: Run | None = None,
) -> Scorecard:
    """Evaluate synthetic data from any tool against real data.

    Args:
        real: The data that the synthetic data were generated from.
        synthetic: The synthetic data.
        holdout: Real data that the tool did not use. Without a holdout, copied rows cannot be
            distinguished from realistic ones, and the metrics that need it are skipped.
        target: Target column for the metrics of utility; None for that of the schema.
        event: Event indicator of a time-to-event target: 1 if the event was observed, 0 if censored.
        sensitive: Sensitive columns for fairness and attribute inference; None for those inferred from
            names (sex, race, ...).
        quasi_identifiers: Columns that an attacker may know of a person.
        metrics: Names of metrics or families ('fidelity', 'utility', ...); None for all.
        schema: Schema, or the path of a schema file, that overrides inference.
        seed: Seed of the metrics that sample rows. Ignored if `run` is given.
        run: Seed, progress, cancellation and number of workers.

    Raises:
        ArtesianError: A source or name is invalid, or most columns of the real data are missing.
    """
    config = CompareConfig(
        real=real,
        synthetic=(synthetic,),
        holdout=holdout,
        target=target,
        event=event,
        sensitive=sensitive,
        quasi_identifiers=quasi_identifiers,
        metrics=metrics,
        schema=schema,
    )
    (scorecard,) = run_compare(config, run or Run.from_seed(seed)).scorecards.values()
    return scorecard


def canaries(
    source: Any,
    *,
    method: str | Synthesizer = AUTO,
    count: int = 200,
    repeats: int = 1,
    models: int = 8,
    schema: Schema | str | Path | None = None,
    seed: int = 0,
    run: Run | None = None,
    **settings: Any,
) -> CanaryResult:
    """Audit with shadow models whether a method memorises canaries and isolated rows.

    Each model is fitted on the table with a random half of the targets. Attacks then tell from its
    synthetic rows which half it was.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object.
        method: 'auto' to choose from the data, a name such as 'trees', or `Trees(min_leaf=50)`.
        count: Number of canaries, and of isolated rows, 20 or more; at most a tenth of the rows.
        repeats: Number of times each canary is inserted.
        models: Number of models to fit, even; more models detect less memorisation.
        schema: Schema, or the path of a schema file, that overrides inference.
        seed: Seed of all random streams. Ignored if `run` is given.
        run: Seed, progress, cancellation and number of workers.
        settings: Settings of the method, such as temperature=0.8 or min_leaf=20.

    Raises:
        ArtesianError: The source is too small or cannot be read, or a name or value is invalid.
    """
    config = CanaryConfig(
        source=source,
        method=method,
        settings=settings,
        schema=schema,
        count=count,
        repeats=repeats,
        models=models,
    )
    return run_canaries(config, run or Run.from_seed(seed))


def forecast(
    *,
    modality: str | None = None,
    demand: str | None = None,
    language: str | None = None,
    corpus: Corpus | None = None,
    overrides: Mapping[str, Override] | None = None,
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
        scenarios=[Path(scenarios)] if isinstance(scenarios, str | PathLike) else scenarios,
        data=[Path(file) for file in data],
        draws=draws,
        out=None if out is None else Path(out),
        force=force,
    )
    return run_forecast(config, run or Run.from_seed(seed))


def benchmark(
    methods: Iterable[str | Synthesizer],
    sources: Sequence[str | PathLike[str]],
    *,
    out: str | PathLike[str],
    seeds: int = 3,
    metrics: Iterable[str] | None = None,
    target: str | Iterable[str] = (),
    external: Mapping[str, str] | None = None,
    rows: int | None = None,
    holdout: float = 0.2,
    engine: str = "local",
    workers: int | None = None,
    timeout: float | None = None,
    retry_failed: bool = False,
    force: bool = False,
    run: Run | None = None,
) -> dict[str, Any]:
    """Benchmark synthesizers on your own data, and write a leaderboard.

    Every method runs on every source with every seed, in separate processes; a script must call this
    below `if __name__ == "__main__":`. Trials that an earlier call with this `out` finished are reused.

    Args:
        methods: Names such as 'trees', 'trees(min_leaf=50)', or `Trees(min_leaf=50)`.
        sources: Files, or 'file.db::table'.
        out: Folder for leaderboard.html, leaderboard.md, results.json, results.csv and trials.
        seeds: Number of seeds, counted from that of the `run`, or from 0.
        metrics: Names of metrics; None for a small set of each family.
        target: Target columns; a source uses the first that it has.
        external: Commands by name that read CSV and write CSV, with the placeholders {train} and
            {out}, and optionally {rows}, {seed} and {target}.
        rows: Maximum number of rows used from a source; None for all.
        holdout: Fraction of the rows that is not used for fitting, in (0, 1).
        engine: 'local' for processes of this machine, or 'ray'.
        workers: Number of trials that run at the same time; None for one per core.
        timeout: Time limit of a trial in seconds.
        retry_failed: Repeat trials that failed earlier.
        force: Delete an existing `out` and start again.
        run: Seed, progress and cancellation.

    Returns:
        Content of results.json.

    Raises:
        ArtesianError: An argument is invalid, or `out` cannot be written; errors in trials are rows.
    """
    config = BenchmarkConfig(
        sources=sources,
        out=Path(out),
        methods=methods,
        external=external or {},
        seeds=seeds,
        metrics=metrics,
        targets=[target] if isinstance(target, str) else target,
        rows=rows,
        holdout=holdout,
        engine=engine,
        workers=workers,
        timeout=timeout,
        retry_failed=retry_failed,
        force=force,
    )
    return run_benchmark(config, run or Run()).results
