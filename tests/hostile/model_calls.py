"""Load an edited model, sample it, and write the rows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.hostile.models import Edit

from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.pipeline.sample import SampleConfig, sample

SUFFIXES = (".duckdb", ".sqlite", ".csv", "", ".parquet")


def sampled(edit: Edit) -> str:
    """'rows', 'error: ...' for one of our own, 'fault: ...' for any other exception."""
    folder = Path(tempfile.mkdtemp())

    def run() -> None:
        edit.apply(folder / "model")
        suffix = SUFFIXES[edit.seed % len(SUFFIXES)]
        out = str(folder / f"out{suffix}") if suffix else None
        sample(SampleConfig(model=folder / "model", rows=50, out=out), Run())

    try:
        return outcome(run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def outcome(run: Callable[[], None]) -> str:
    """What a call ends with: 'rows', 'error: ...' or 'fault: ...', as `sampled` says it."""
    import traceback

    try:
        run()
    except ArtesianError as problem:
        return f"error: {problem.problem} | {problem.hint}"
    except BaseException as problem:  # panics of libraries included
        last = traceback.extract_tb(problem.__traceback__)
        where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(last[-6:]))
        return f"fault: {type(problem).__name__}: {problem} at {where}"
    return "rows"
