"""One cell: read, hold out, fit, sample, judge. It runs in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.bench import external
from artesian.bench.methods import AUTO, Method
from artesian.bench.plan import Source, read_source
from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.read import read
from artesian.data.table import Table
from artesian.metrics.evaluate import judge
from artesian.metrics.protocol import Comparison
from artesian.synthesizers import CATALOG
from artesian.synthesizers.selection import choose

FEWEST = 10
"""Fewest rows on either side of the split for which a comparison says anything at all."""


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
    train, holdout = split(read_source(cell.source), cell.rows, cell.holdout, run)
    method, seconds, choice = cell.method, {}, cell.method.name
    if method.name == AUTO:
        choice, _ = choose(train)
    if not method.command:
        _warm(choice)
    with _peak() as memory:
        start = time.perf_counter()
        if method.command:
            made = external.generate(method.command, train, rows=len(train), seed=cell.seed)
            seconds["fit"] = time.perf_counter() - start
        else:
            synthesizer = CATALOG[choice]() if method.name == AUTO else method.make()
            model = synthesizer.fit(train, run=run)
            seconds["fit"] = time.perf_counter() - start
            made = model.sample(len(train), run=run)
            seconds["sample"] = time.perf_counter() - start - seconds["fit"]
    start = time.perf_counter()
    card = judge(Comparison(train, made, holdout), metrics=cell.metrics, run=run).to_dict()
    seconds["judge"] = time.perf_counter() - start
    kept = ("value", "interval", "reference", "skipped")
    return {
        "seconds": {name: round(spent, 3) for name, spent in seconds.items()},
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
    held = round(len(source) * share)
    if min(held, len(source) - held) < FEWEST:
        raise DataError(
            f"{len(source)} rows are too few to hold out {share:.0%} of them",
            hint=f"either side of the split needs {FEWEST} rows",
        )
    apart = np.zeros(len(source), bool)
    apart[run.seed.child("holdout").rng().permutation(len(source))[:held]] = True
    frame = source.frame
    return source.with_frame(frame.filter(~apart)), source.with_frame(frame.filter(apart))


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
