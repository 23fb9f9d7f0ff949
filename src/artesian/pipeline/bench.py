"""Benchmark synthesizers: plan, run every trial, write the leaderboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.bench.leaderboard import build_leaderboard
from artesian.bench.methods import methods
from artesian.bench.plan import BenchmarkPlan, make_plan
from artesian.bench.results import to_csv
from artesian.bench.runner import OnTrial, TrialResult, run_plan
from artesian.core.run import Run
from artesian.engine import CATALOG as ENGINES
from artesian.report import leaderboard
from artesian.runs.output import write_json, write_text
from artesian.synthesizers.protocol import Synthesizer

HTML, JSON, CSV, MARKDOWN = (
    "leaderboard.html",
    "results.json",
    "results.csv",
    "leaderboard.md",
)
DEFAULT_METHODS = "trees,boosted,marginals"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkConfig:
    """Configuration of a benchmark.

    Attributes:
        sources: Files, or 'file.db::table'.
        out: Folder of the results; an earlier benchmark there is continued.
        methods: Texts such as 'trees' or 'trees(min_leaf=50)', or synthesizers; None for
            `DEFAULT_METHODS`, or for none beside `external`.
        external: Commands that read and write CSV, by name.
        seeds: Number of seeds, counted from that of the run.
        metrics: Names of metrics; None for a small set of each family.
        targets: Target columns; a source uses the first that it has.
        rows: Maximum number of rows used from a source; None for all.
        holdout: Fraction of the rows that is not used for fitting, in (0, 1).
        engine: 'local' or 'ray'.
        workers: Trials that run at the same time; None for one per core.
        timeout: Time limit of a trial in seconds.
        retry_failed: Repeat trials that failed earlier.
        force: Delete an earlier `out` and start again.
    """

    sources: Sequence[str | PathLike[str]]
    out: Path
    methods: Iterable[str | Synthesizer] | None = None
    external: Mapping[str, str] = field(default_factory=dict)
    seeds: int = 3
    metrics: Iterable[str] | None = None
    targets: Iterable[str] = ()
    rows: int | None = None
    holdout: float = 0.2
    engine: str = "local"
    workers: int | None = None
    timeout: float | None = None
    retry_failed: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """Results of a benchmark.

    Attributes:
        results: Content of results.json: 'leaderboard', 'rankings', 'rows', ...
        out: Folder of the results.
    """

    results: dict[str, Any]
    out: Path

    @property
    def failed(self) -> int:
        """Number of failed trials."""
        count: int = self.results["trials"]["failed"]
        return count

    def to_dict(self) -> dict[str, Any]:
        """The results with the output folder."""
        return {"out": str(self.out), **self.results}


def benchmark(
    config: BenchmarkConfig, run: Run, on_trial: OnTrial | None = None
) -> BenchmarkResult:
    """Run the trials that are not finished, and write the leaderboard of all of them.

    Raises:
        UsageError: A method, setting, metric or engine does not exist, or a number is out of range.
        DataError: A source cannot be read.
        SchemaError: No source has one of the targets.
        MissingExtra: The engine is not installed.
        OutputError: `out` is not the folder of a benchmark, or cannot be written.
        Cancelled: The run was stopped; finished trials are kept.
    """
    given = config.methods
    if given is None:
        given = () if config.external else (DEFAULT_METHODS,)
    engine = ENGINES[config.engine](workers=config.workers, limit=config.timeout)
    plan = make_plan(
        methods(given, config.external),
        [str(source) for source in config.sources],
        seeds=config.seeds,
        first_seed=run.seed.entropy,
        metrics=config.metrics,
        targets=config.targets,
        rows=config.rows,
        holdout=config.holdout,
        run=run,
    )
    trials = run_plan(
        plan,
        config.out,
        engine=engine,
        run=run,
        force=config.force,
        retry_failed=config.retry_failed,
        on_trial=on_trial,
    )
    return BenchmarkResult(results=write_leaderboard(config.out, plan, trials), out=config.out)


def write_leaderboard(
    out: Path, plan: BenchmarkPlan, trials: Sequence[TrialResult]
) -> dict[str, Any]:
    """Write the leaderboard into `out`, replacing an earlier one, and return results.json."""
    standings = build_leaderboard(plan, trials)
    results = leaderboard.to_dict(plan, trials, standings)
    write_json(out / JSON, results)
    write_text(out / CSV, to_csv(results))
    write_text(out / MARKDOWN, leaderboard.to_markdown(plan, trials, standings))
    write_text(out / HTML, leaderboard.render(plan, trials, standings, results))
    return results
