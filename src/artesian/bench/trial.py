"""One trial: read, hold out, fit, sample, evaluate. It runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.bench.methods import Method
from artesian.bench.plan import Source, read_source
from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.read import read
from artesian.data.table import Table
from artesian.metrics.evaluate import evaluate
from artesian.metrics.protocol import Comparison
from artesian.runs import external
from artesian.runs.resolve import resolve_method
from artesian.runs.split import MIN_ROWS, hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers import CATALOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One method on one source with one seed.

    Attributes:
        method: The method.
        source: The source.
        seed: Seed of the split, the fit, the samples and the metrics.
        metrics: Names of the metrics.
        rows: Maximum number of rows used from the source; None for all.
        holdout: Fraction of the rows that is not used for fitting.
        threads: Number of threads; affects run time only.
    """

    method: Method
    source: Source
    seed: int
    metrics: tuple[str, ...]
    rows: int | None
    holdout: float
    threads: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Everything that determines the result, except versions of libraries."""
        return {
            "method": self.method.to_dict(),
            "source": self.source.sha256,
            "table": Path(self.source.path).name.partition("::")[2],
            "target": self.source.target,
            "seed": self.seed,
            "metrics": sorted(self.metrics),
            "rows": self.rows,
            "holdout": self.holdout,
        }


def run_trial(trial: Trial) -> dict[str, Any]:
    """Run a trial and return its measurements as JSON types; errors are raised."""
    run = Run(seed=Seed(trial.seed), workers=trial.threads)
    steps = Steps(run)
    train, holdout = split(read_source(trial.source), trial.rows, trial.holdout, run)
    method, choice = trial.method, ""
    if not method.command:
        synthesizer, _ = resolve_method(method.name, method.settings, train)
        choice = synthesizer.capabilities.name
        _warm(choice)
    with _peak() as memory:
        if method.command:
            with steps.step("fit"):
                synthetic = external.generate(
                    method.command, train, rows=len(train), seed=trial.seed
                )
        else:
            with steps.step("fit"):
                model = synthesizer.fit(train, run=run)
            with steps.step("sample"):
                synthetic = model.sample(len(train), run=run)
    with steps.step("evaluate"):
        card = evaluate(
            Comparison(train, synthetic, holdout), metrics=trial.metrics, run=run
        ).to_dict()
    fields = ("value", "interval", "reference", "skipped")
    return {
        "seconds": steps.seconds,
        # A command runs in a process of its own, whose memory is not measured.
        "memory_mb": None if method.command else memory.get("mb"),
        "threads": trial.threads,
        "choice": choice,
        "rows": {"train": len(train), "holdout": len(holdout), "synthetic": len(synthetic)},
        "metrics": {r["metric"]: {name: r[name] for name in fields} for r in card["results"]},
    }


def split(source: Table, rows: int | None, holdout: float, run: Run) -> tuple[Table, Table]:
    """Training and holdout rows, the same as in `artesian synth` with this seed and fraction.

    Args:
        rows: Maximum number of rows, sampled without replacement; None for all.

    Raises:
        DataError: There are too few rows on one side.
    """
    if rows is not None and len(source) > rows:
        indices = run.seed.child("bench", "rows").rng().permutation(len(source))[:rows]
        source = source.with_frame(source.frame[np.sort(indices)])
    sides = hold_out(source, holdout, run)
    if sides.holdout is None:
        raise DataError(
            f"{len(source)} rows are too few for a holdout of {holdout:.0%}",
            hint=f"training and holdout need {MIN_ROWS} rows each",
        )
    return sides.train, sides.holdout


@cache
def _warm(name: str) -> None:
    """Fit a small table once per process, so that measured times exclude loading compiled kernels."""
    frame = pl.DataFrame({"x": [i % 7 + i / 60 for i in range(60)], "y": ["a", "b"] * 30})
    CATALOG[name]().fit(read(frame)).sample(10)


@contextmanager
def _peak() -> Iterator[dict[str, int]]:
    """Measure the peak resident memory of this process within the block, in MB, where Linux allows."""
    peak: dict[str, int] = {}
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        reset = True
    except OSError:
        reset = False
    yield peak
    if reset:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                peak["mb"] = round(int(line.split()[1]) / 1024)
