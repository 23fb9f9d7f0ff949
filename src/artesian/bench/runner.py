"""Run every trial of a plan on an engine; finished trials are reused, failures are results too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artesian.bench.plan import BenchmarkPlan
from artesian.bench.store import Store, open_store
from artesian.bench.trial import Trial, run_trial
from artesian.core.errors import ArtesianError, Cancelled, MissingExtra
from artesian.core.run import Run
from artesian.core.temporary import sweep_temporary
from artesian.engine.protocol import Engine, Outcome

TASK = "trials"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """Result of one trial.

    Attributes:
        method, source: Labels of the method and the source.
        seed: The seed.
        reason: Why a failed trial failed, in one line.
        error: The type of that error; '' if the trial succeeded.
        record: What `run_trial` returned; empty if the trial failed.
        reused: Whether it was taken from an earlier run.
    """

    method: str
    source: str
    seed: int
    reason: str = ""
    error: str = ""
    record: dict[str, Any] = field(default_factory=dict)
    reused: bool = False

    @property
    def done(self) -> bool:
        """Whether the trial succeeded."""
        return not self.error

    def value(self, metric: str) -> float | None:
        """The value of a metric; None if it was not computed."""
        value: float | None = self.record.get("metrics", {}).get(metric, {}).get("value")
        return value

    def reference(self, metric: str) -> float | None:
        """The value of a metric for holdout rows; None if it was not computed."""
        value: float | None = self.record.get("metrics", {}).get(metric, {}).get("reference")
        return value


OnTrial = Callable[[TrialResult, int, int], None]
"""Called with a finished trial, the number of finished trials, and that of all trials."""


def run_plan(
    plan: BenchmarkPlan,
    out: Path,
    *,
    engine: Engine,
    run: Run,
    force: bool = False,
    retry_failed: bool = False,
    on_trial: OnTrial | None = None,
) -> tuple[TrialResult, ...]:
    """Run the trials that are not finished, and return the results of all, in order of the plan.

    Args:
        out: Folder of the trials; an existing one is continued.
        force: Delete an existing folder first.
        retry_failed: Repeat trials that failed earlier.
        on_trial: Called with every finished trial, the number of finished trials, and that of all.

    Raises:
        MissingExtra: The engine is not installed.
        OutputError: `out` is something else, or cannot be written.
        Cancelled: The run was stopped; finished trials are kept.
    """
    engine.ready()
    paths = [source.path for source in plan.sources]
    with open_store(out, force=force, sources=paths) as store:
        return _run_trials(plan, store, engine, run, retry_failed, on_trial)


def _run_trials(
    plan: BenchmarkPlan,
    store: Store,
    engine: Engine,
    run: Run,
    retry_failed: bool,
    on_trial: OnTrial | None,
) -> tuple[TrialResult, ...]:
    trials = [
        Trial(
            method=method,
            source=source,
            seed=seed,
            metrics=plan.metrics,
            rows=plan.rows,
            holdout=plan.holdout,
            threads=engine.threads,
        )
        for source in plan.sources
        for seed in plan.seeds
        for method in plan.methods
    ]
    results: list[TrialResult | None] = []
    for trial in trials:
        earlier = store.read(trial)
        if earlier is None or (retry_failed and earlier["status"] == "failed"):
            results.append(None)
        else:
            results.append(_result(trial, earlier, reused=True))
    pending = [place for place, result in enumerate(results) if result is None]
    finished = len(trials) - len(pending)
    outcomes = engine.map(run_trial, [trials[place] for place in pending], run=run)
    try:
        with closing(outcomes):
            for outcome in run.track(outcomes, TASK, len(pending)):
                place = pending[outcome.place]
                record = _record(outcome)
                if outcome.lost:  # its process could not remove the rows it gave to a command
                    sweep_temporary()
                store.write(trials[place], record)
                results[place] = result = _result(trials[place], record)
                finished += 1
                if on_trial is not None:
                    on_trial(result, finished, len(trials))
    except Cancelled as stopped:
        raise Cancelled(
            f"the benchmark was stopped after {finished} of {len(trials)} trials",
            hint="finished trials are kept: run the same command again to continue",
        ) from stopped
    finally:
        sweep_temporary()
    return tuple(result for result in results if result is not None)


def _record(outcome: Outcome) -> dict[str, Any]:
    """The record of an outcome, as it is stored."""
    if outcome.lost:
        reasons = {
            "killed": "its process was killed or crashed, perhaps for lack of memory",
            "limit": "it exceeded the time limit",
        }
        return _failed(
            {"killed": "Killed", "limit": "TimeLimit"}[outcome.lost], reasons[outcome.lost]
        )
    if outcome.problem is None:
        return {"status": "done", **outcome.value}
    problem = outcome.problem
    message = problem.problem if isinstance(problem, ArtesianError) else str(problem)
    if isinstance(problem, MissingExtra):  # its hint is the line that installs it
        message = f"{message}: {problem.hint}"
    return _failed(type(problem).__name__, " ".join(message.split()) or type(problem).__name__)


def _failed(error: str, reason: str) -> dict[str, Any]:
    return {"status": "failed", "error": error, "reason": reason}


def _result(trial: Trial, record: dict[str, Any], *, reused: bool = False) -> TrialResult:
    failed = record["status"] == "failed"
    return TrialResult(
        method=trial.method.label,
        source=trial.source.label,
        seed=trial.seed,
        reason=record["reason"] if failed else "",
        error=record["error"] if failed else "",
        record={} if failed else record,
        reused=reused,
    )
