"""Model collapse: laboratory experiments, and the stress test of a pipeline."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.pipeline.lab import LabConfig, LabOutcome, run_lab


def lab(
    name: str,
    *,
    seed: int = 0,
    run: Run | None = None,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    **settings: Any,
) -> LabOutcome:
    """Run a laboratory experiment of model collapse.

    Args:
        name: 'gaussian', 'mixture', 'categories' or 'verifier'.
        seed: Seed of the random streams; ignored if `run` is given.
        run: Seed, progress and cancellation.
        out: Folder for report.html, lab.json and manifest.json.
        force: Replace an existing `out`.
        settings: Settings of the experiment, such as generations=200.

    Returns:
        LabOutcome with `result.panels`, the curves with their theory, and `to_dict()`.

    Raises:
        UsageError: The experiment or a setting does not exist, or a value is not possible.
    """
    config = LabConfig(
        name=name, settings=settings, out=None if out is None else Path(out), force=force
    )
    return run_lab(config, run or Run.from_seed(seed))
