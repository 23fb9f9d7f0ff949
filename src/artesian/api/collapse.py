"""Model collapse: laboratory experiments, and the stress test of a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.pipeline.lab import LabConfig, LabOutcome, run_lab
from artesian.pipeline.stress import POLICIES, ROWS, StressConfig, StressOutcome, run_stress_test
from artesian.runs.resolve import AUTO
from artesian.synthesizers.protocol import Synthesizer


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
        name: 'gaussian', 'mixture', 'categories', 'verifier', 'vae' or 'language'.
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


def stress(
    source: Any,
    *,
    out: str | PathLike[str],
    method: str | Synthesizer = AUTO,
    command: str | None = None,
    policies: Sequence[str] = POLICIES,
    generations: int = 10,
    replicates: int = 5,
    rows: int | None = ROWS,
    level: float = 0.9,
    find_proportion: bool = True,
    schema: Schema | str | Path | None = None,
    engine: str = "local",
    workers: int | None = None,
    timeout: float | None = None,
    seed: int = 0,
    run: Run | None = None,
    force: bool = False,
    **settings: Any,
) -> StressOutcome:
    """Test what a method loses when it is fitted on its own rows, generation after generation.

    Chains run in separate processes; a script must call this below `if __name__ == "__main__":`.
    Generations that an earlier call with this `out` finished are reused.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object; related tables as
            a folder, a database or a mapping of names to frames.
        out: Folder for report.html, stress.json and the generated rows.
        method: 'auto', a name such as 'trees', or `Trees(min_leaf=50)`.
        command: External command instead of a method, with the placeholders {train} and {out}, and
            optionally {rows}, {seed} and {target}.
        policies: What generations are fitted on: 'replace', 'mix=10%', 'accumulate', 'subsample' or,
            of one table only, 'verified'.
        generations: Number of generations.
        replicates: Chains of each policy.
        rows: Maximum number of rows of the source, or of each table whose rows belong to no other; None
            for all.
        level: Proportion of rare categories and of tail mass to hold, in (0, 1].
        find_proportion: Find the smallest proportion of real data by bisection.
        schema: Schema, or the path of a schema file, that overrides inference.
        engine: 'local' for processes of this machine, or 'ray'.
        workers: Number of chains that run at the same time; None for one per core.
        timeout: Time limit of one call of the command in seconds.
        seed: Seed of all random streams. Ignored if `run` is given.
        run: Seed, progress and cancellation.
        force: Delete an existing `out` and start again.
        settings: Settings of the method, such as temperature=0.8.

    Returns:
        StressOutcome with `result.sentences`, the verdict, and `to_dict()`, the content of stress.json.

    Raises:
        ArtesianError: An argument is invalid, or a generation failed; earlier ones are kept.
    """
    config = StressConfig(
        source=source,
        out=Path(out),
        method=method,
        settings=settings,
        command=command,
        policies=policies,
        generations=generations,
        replicates=replicates,
        rows=rows,
        level=level,
        bisect=find_proportion,
        schema=schema,
        engine=engine,
        workers=workers,
        timeout=timeout,
        force=force,
    )
    return run_stress_test(config, run or Run.from_seed(seed))
