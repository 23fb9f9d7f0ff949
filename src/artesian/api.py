"""The verbs of the front door: read, synth, compare, canaries, benchmark, forecast, save, load.

A path, or a pandas, Polars, Arrow or DuckDB object goes in; what is made of an object comes back in
its own type, and what is made of a path as a Polars frame.
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
from artesian.data.read import read
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

__all__ = [
    "Synthesis",
    "benchmark",
    "canaries",
    "compare",
    "forecast",
    "load",
    "read",
    "save",
    "synth",
]


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """Synthetic data with everything that says how good it is.

    Attributes:
        data: The rows made, in the type that came in.
        model: The fitted model; `model.sample(n, where=...)` samples more rows of the same type.
        result: What the pipeline returned: tables with their schema, comparison, reasons.
    """

    data: Any
    model: FittedModel
    result: SynthesisResult = field(repr=False)

    @property
    def scorecard(self) -> Scorecard:
        """The verdict and every metric."""
        return self.result.scorecard

    @property
    def manifest(self) -> Mapping[str, Any]:
        """How it was made: versions, settings, seed, choices, times."""
        return self.result.manifest

    @property
    def out(self) -> Path | None:
        """The folder that was written, if one was asked for."""
        return self.result.out

    @property
    def table(self) -> Table:
        """The rows made, with their schema."""
        return require_single_table(self.result.synthetic)

    @property
    def holdout(self) -> Table | None:
        """The real rows that the model never saw."""
        holdout = self.result.holdout
        return None if holdout is None else require_single_table(holdout)

    @cached_property
    def report(self) -> Path | str:
        """The report: its path where a folder was written, else its HTML."""
        if self.out is not None:
            return self.out / REPORT
        return render_report(self.result.comparison, self.scorecard, self.manifest)

    def _repr_html_(self) -> str:
        method = self.manifest["method"]
        made = f"{self.manifest['rows']['made']:,} rows by {method['name']}: {method['reason']}"
        where = "" if self.out is None else f"<p>Report: {html.escape(str(self.report))}</p>"
        return f"<p>{html.escape(made)}</p>{scorecard_html(self.scorecard)}{where}"


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
    force: bool = False,
    run: Run | None = None,
    **settings: Any,
) -> Synthesis:
    """Make synthetic rows from real ones, and judge them against real rows kept aside.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object.
        rows: How many to make; None for as many as the source has.
        method: 'auto' to choose from the data, a name such as 'trees', or `Trees(min_leaf=50)`.
        seed: The same seed gives the same rows. Ignored if a `run` is given.
        where: Conditions: column to value, list of values or `Range`; or texts `column=value`.
        holdout: Share of the rows that the model never sees, in [0, 1).
        split: How the holdout is chosen: 'random', by 'entity' (all rows of one on the same side) or by
            'time' (the latest rows); by default by entity if the schema has an entity column.
        target: The column that usefulness is judged by.
        metrics: Names of metrics or families to judge by; 'quick' leaves out what takes seconds, which
            'all' has.
        schema: What is known of the columns, instead of what would be inferred.
        out: A folder for data, model, report, scorecard, schema and manifest.
        force: Replace `out` if it exists.
        run: Progress, cancelling, workers.
        settings: Settings of the method, such as temperature=0.8 or protect=False.

    Raises:
        ArtesianError: one of its kinds; each says what is wrong and what to do.
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
        force=force,
    )
    result = synthesize(config, run or Run.of(seed))
    return Synthesis(
        data=like_source(require_single_table(result.synthetic), source),
        model=FittedModel.from_model(result.model, like=source),
        result=result,
    )


def save(model: FittedModel, folder: str | PathLike[str], *, force: bool = False) -> None:
    """Write `model` to `folder`, whole or not at all.

    Raises:
        OutputError: `folder` exists and `force` is false, or it cannot be written.
    """
    store.save(model.model, Path(folder), force=force)


def load(folder: str | PathLike[str]) -> FittedModel:
    """Read a model that `save`, `artesian fit` or `artesian synth` (OUT/model) wrote.

    Raises:
        ModelFileError: it is no saved model, it has another format, or it was altered.
    """
    return FittedModel.from_model(store.load(Path(folder)), like=Path(folder))


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
    """Judge synthetic rows from any tool.

    Args:
        real: The rows the synthetic ones were made from.
        synthetic: The rows made.
        holdout: Real rows that the tool never saw. Without them copying cannot be told from
            likeness, and the metrics that need them say that they were skipped.
        target: The column that usefulness is judged by.
        event: Where the target is a time until something happens: the column that says whether it was
            seen to happen.
        sensitive: The columns that fairness and attribute inference look at, instead of those that
            their names give away (sex, race, ...).
        quasi_identifiers: Columns that outsiders may know of a person.
        metrics: Names of metrics or families ('fidelity', 'utility', ...); None for all.
        schema: What is known of the columns, instead of what would be inferred.
        seed: For the metrics that draw rows. Ignored if a `run` is given.
        run: Progress, cancelling, workers.
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
    (scorecard,) = run_compare(config, run or Run.of(seed)).scorecards.values()
    return scorecard


def canaries(
    source: Any,
    *,
    method: str | Synthesizer = AUTO,
    count: int = 200,
    repeats: int = 1,
    schema: Schema | str | Path | None = None,
    seed: int = 0,
    run: Run | None = None,
    **settings: Any,
) -> CanaryResult:
    """Plant rows that nobody could guess, fit a method, and look for them in what it makes.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object.
        method: 'auto' to choose from the data, a name such as 'trees', or `Trees(min_leaf=50)`.
        count: Rows to plant, 20 or more; as many are kept aside to compare with.
        repeats: How often each is planted.
        schema: What is known of the columns, instead of what would be inferred.
        seed: The same seed plants the same rows. Ignored if a `run` is given.
        run: Progress, cancelling, workers.
        settings: Settings of the method, such as temperature=0.8 or protect=False.

    Raises:
        ArtesianError: one of its kinds; each says what is wrong and what to do.
    """
    config = CanaryConfig(
        source=source,
        method=method,
        settings=settings,
        schema=schema,
        count=count,
        repeats=repeats,
    )
    return run_canaries(config, run or Run.of(seed))


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

    An amount is a number, text ('5B', '30T..60T tokens', '3..8%/year') or a distribution
    (`ar.LogNormal(0.1, 0.4, level=0.9)`).

    Args:
        modality: 'text', 'users', 'high-quality', 'low-quality' or 'images'; 'corpus' if `corpus` is
            given.
        demand: Source of demand: 'trend', 'study', 'historical', 'compute' or 'corpus'.
        language: Language to restrict text to, such as 'German'.
        corpus: Private corpus, such as `ar.Corpus(tokens="5B", growth="5%/year")`.
        overrides: Other inputs by name, such as `{"levers.opt_out": 0.3}`.
        scenarios: Comparison scenarios, or a TOML file of them; None varies each lever alone.
        data: CSV files to use instead of bundled series: models, population, languages.
        draws: Number of draws per scenario.
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
    return run_forecast(config, run or Run.of(seed))


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
    """Set synthesizers against each other on your own data, and write a leaderboard.

    Every method runs on every source with every seed, in processes of its own; a script that calls
    this does so below `if __name__ == "__main__":`. What an earlier call with this `out` finished is
    not run again.

    Args:
        methods: Names such as 'trees', 'trees(min_leaf=50)', or `Trees(min_leaf=50)`.
        sources: Files, or 'file.db::table'.
        out: The folder for leaderboard.html, leaderboard.md, results.json, results.csv and cells.
        seeds: How many, counted from that of the `run`, or from 0.
        metrics: Names as in `METRICS`; None for a small set of each family.
        target: The columns that usefulness is judged by; a source takes the first that it has.
        external: Name -> a command that reads CSV and writes CSV, with {train} and {out} in it, and
            {rows}, {seed} and {target} if it wants them.
        rows: Most rows of a source to use, drawn by the seed.
        holdout: Share of the rows that no method sees, in (0, 1).
        engine: 'local' for processes of this machine, or 'ray'.
        workers: Cells side by side; None for one a core.
        timeout: Seconds that a cell may take.
        retry_failed: Run cells again that failed before.
        force: Begin anew; whatever stands at `out` is removed.
        run: Progress, cancelling, the first seed.

    Returns:
        What results.json holds: 'leaderboard', 'rankings', 'rows', ...

    Raises:
        ArtesianError: one of its kinds; each says what is wrong and what to do. What goes wrong
            within a cell is a row with the reason.
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
