"""One cell: read, hold out, fit, sample, judge. It runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.bench import external
from artesian.bench.methods import Method
from artesian.bench.plan import Source, read_source
from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.read import read
from artesian.data.table import Table
from artesian.metrics.evaluate import judge
from artesian.metrics.protocol import Comparison
from artesian.runs.resolve import resolve_method
from artesian.runs.split import FEWEST, hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers import CATALOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One method on one source with one seed.

    Attributes:
        threads: Threads that it may use; they change its times and nothing else.
    """

    method: Method
    source: Source
    seed: int
    metrics: tuple[str, ...]
    rows: int | None
    holdout: float
    threads: int = 1

    def decides(self) -> dict[str, Any]:
        """All that the answer depends on, versions of libraries aside."""
        return {
            "method": self.method.decides(),
            "source": self.source.sha256,
            "table": Path(self.source.place).name.partition("::")[2],
            "target": self.source.target,
            "seed": self.seed,
            "metrics": sorted(self.metrics),
            "rows": self.rows,
            "holdout": self.holdout,
        }


def run_cell(cell: Trial) -> dict[str, Any]:
    """What was found, as JSON can hold it; what goes wrong is raised."""
    run = Run(seed=Seed(cell.seed), workers=cell.threads)
    steps = Steps(run)
    train, holdout = split(read_source(cell.source), cell.rows, cell.holdout, run)
    method, choice = cell.method, ""
    if not method.command:
        synthesizer, _ = resolve_method(method.name, method.settings, train)
        choice = synthesizer.capabilities.name
        _warm(choice)
    with _peak() as memory:
        if method.command:
            with steps.step("fit"):
                made = external.generate(method.command, train, rows=len(train), seed=cell.seed)
        else:
            with steps.step("fit"):
                model = synthesizer.fit(train, run=run)
            with steps.step("sample"):
                made = model.sample(len(train), run=run)
    with steps.step("judge"):
        card = judge(Comparison(train, made, holdout), metrics=cell.metrics, run=run).to_dict()
    kept = ("value", "interval", "reference", "skipped")
    return {
        "seconds": steps.seconds,
        # A command runs in a process of its own, whose memory is not ours to see.
        "memory_mb": None if method.command else memory.get("mb"),
        "threads": cell.threads,
        "choice": choice,
        "rows": {"train": len(train), "holdout": len(holdout), "made": len(made)},
        "metrics": {r["metric"]: {name: r[name] for name in kept} for r in card["results"]},
    }


def split(source: Table, rows: int | None, share: float, run: Run) -> tuple[Table, Table]:
    """Training rows and held-out rows: those of `artesian synth` with the same seed and share.

    Raises:
        DataError: too few rows on one side.
    """
    if rows is not None and len(source) > rows:
        drawn = run.seed.child("bench", "rows").rng().permutation(len(source))[:rows]
        source = source.with_frame(source.frame[np.sort(drawn)])
    sides = hold_out(source, share, run)
    if sides.holdout is None:
        raise DataError(
            f"{len(source)} rows are too few to hold out {share:.0%} of them",
            hint=f"either side of the split needs {FEWEST} rows",
        )
    return sides.train, sides.holdout


@cache
def _warm(name: str) -> None:
    """Fit a toy once in a process, so that no measured fit pays for loading compiled kernels."""
    frame = pl.DataFrame({"x": [i % 7 + i / 60 for i in range(60)], "y": ["a", "b"] * 30})
    CATALOG[name]().fit(read(frame)).sample(10)


@contextmanager
def _peak() -> Iterator[dict[str, int]]:
    """The largest resident memory of this process within the block, where Linux lets it be reset."""
    found: dict[str, int] = {}
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        reset = True
    except OSError:
        reset = False
    yield found
    if reset:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                found["mb"] = round(int(line.split()[1]) / 1024)
