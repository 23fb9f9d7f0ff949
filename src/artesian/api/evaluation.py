"""Evaluate synthetic data, and audit and benchmark the methods that generate it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.metrics.evaluate import Scorecard
from artesian.metrics.relational.evaluate import DatasetScorecard
from artesian.pipeline.bench import BenchmarkConfig
from artesian.pipeline.bench import benchmark as run_benchmark
from artesian.pipeline.canaries import CanaryConfig, CanaryResult, run_canaries
from artesian.pipeline.compare import CompareConfig
from artesian.pipeline.compare import compare as run_compare
from artesian.runs.resolve import AUTO
from artesian.synthesizers.protocol import Synthesizer


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
) -> Scorecard | DatasetScorecard:
    """Evaluate synthetic data from any tool against real data, one table or related tables.

    Args:
        real: The data that the synthetic data were generated from; a folder or database of several
            tables, or a mapping of names to dataframes, is evaluated as a whole.
        synthetic: The synthetic data.
        holdout: Real data that the tool did not use. Without a holdout, copied rows cannot be
            distinguished from realistic ones, and the metrics that need it are skipped.
        target: Target column for the metrics of utility; None for that of the schema. Of related
            tables, 'table.column'.
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
