"""Every cell of an order, on an engine: finished ones are kept, failed ones are rows like others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artesian.bench.plan import BenchmarkPlan
from artesian.bench.store import open_store
from artesian.bench.trial import Trial, run_cell
from artesian.core.errors import ArtesianError, Cancelled
from artesian.core.run import Run
from artesian.engine.protocol import Engine, Outcome

TASK = "cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one cell.

    Attributes:
        reason: Of a failed cell, what went wrong, in one line; `error` is its kind.
        found: Of a finished one, what `run_cell` returned.
        kept: It was taken from an earlier run.
    """

    method: str
    source: str
    seed: int
    reason: str = ""
    error: str = ""
    found: dict[str, Any] = field(default_factory=dict)
    kept: bool = False

    @property
    def done(self) -> bool:
        return not self.error

    def value(self, metric: str) -> float | None:
        found: float | None = self.found.get("metrics", {}).get(metric, {}).get("value")
        return found

    def reference(self, metric: str) -> float | None:
        found: float | None = self.found.get("metrics", {}).get(metric, {}).get("reference")
        return found


def run_order(
    order: BenchmarkPlan,
    out: Path,
    *,
    engine: Engine,
    run: Run,
    force: bool = False,
    retry_failed: bool = False,
    told: Callable[[Row, int, int], None] = lambda row, done, total: None,
) -> tuple[Row, ...]:
    """Run what is not finished, and return a row for every cell: sources, methods, seeds in order.

    Args:
        out: The folder that keeps the cells; it is continued if it is there.
        force: Begin anew.
        retry_failed: Run cells again that failed before.
        told: Called with every cell as it is finished, and how many are, of how many.

    Raises:
        MissingExtra: the engine is not installed.
        OutputError: `out` is something else, or cannot be written.
        Cancelled: the run was stopped; finished cells are kept.
    """
    engine.ready()
    store = open_store(out, force=force)
    cells = [
        Trial(
            method=method,
            source=source,
            seed=seed,
            metrics=order.metrics,
            rows=order.rows,
            holdout=order.holdout,
            threads=engine.threads,
        )
        for source in order.sources
        for seed in order.seeds
        for method in order.methods
    ]
    rows: list[Row | None] = []
    for cell in cells:
        known = store.read(cell)
        again = known is not None and retry_failed and known["status"] == "failed"
        rows.append(None if known is None or again else _row(cell, known, kept=True))
    left = [place for place, row in enumerate(rows) if row is None]
    finished = len(cells) - len(left)
    outcomes = engine.map(run_cell, [cells[place] for place in left], run=run)
    try:
        with closing(outcomes):
            for outcome in run.track(outcomes, TASK, len(left)):
                place = left[outcome.place]
                found = _found(outcome)
                store.write(cells[place], found)
                rows[place] = row = _row(cells[place], found)
                finished += 1
                told(row, finished, len(cells))
    except Cancelled as stopped:
        raise Cancelled(
            f"the benchmark was stopped after {finished} of {len(cells)} cells",
            hint="the finished ones are kept: the same command goes on from there",
        ) from stopped
    return tuple(row for row in rows if row is not None)


def _found(outcome: Outcome) -> dict[str, Any]:
    """An outcome as its file holds it."""
    if outcome.lost:
        reasons = {
            "killed": "its process was killed, or crashed: the memory may not have been enough",
            "limit": "it took longer than the time limit",
        }
        return _failed(
            {"killed": "Killed", "limit": "TimeLimit"}[outcome.lost], reasons[outcome.lost]
        )
    if outcome.problem is None:
        return {"status": "done", **outcome.found}
    problem = outcome.problem
    said = problem.problem if isinstance(problem, ArtesianError) else str(problem)
    return _failed(type(problem).__name__, " ".join(said.split()) or type(problem).__name__)


def _failed(error: str, reason: str) -> dict[str, Any]:
    return {"status": "failed", "error": error, "reason": reason}


def _row(cell: Trial, found: dict[str, Any], *, kept: bool = False) -> Row:
    failed = found["status"] == "failed"
    return Row(
        method=cell.method.label,
        source=cell.source.label,
        seed=cell.seed,
        reason=found["reason"] if failed else "",
        error=found["error"] if failed else "",
        found={} if failed else found,
        kept=kept,
    )
