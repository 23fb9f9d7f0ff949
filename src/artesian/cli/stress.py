"""`artesian stress`: how many self-fed generations until the tails vanish."""

from __future__ import annotations

from typing import Literal

from artesian.cli.options import (
    Common,
    Fitting,
    MethodOptions,
    Positive,
    Repeatable,
    RequiredOut,
    Shared,
    Source,
    output_path,
)


def stress(
    source: Source,
    *,
    out: RequiredOut,
    fitting: Fitting = None,
    command: str | None = None,
    policy: Repeatable = None,
    generations: int = 10,
    replicates: int = 5,
    rows: int = 2_000,
    level: float = 0.9,
    find_proportion: bool = True,
    schema: str | None = None,
    workers: int | None = None,
    engine: Literal["local", "ray"] = "local",
    timeout: Positive = None,
    common: Shared = None,
) -> int:
    """Test what a method loses when it is fitted on its own rows, generation after generation.

    OUT receives report.html, stress.json and the generated rows of every generation; the same command
    continues an interrupted test.

    Args:
        source: File or table of a database; a folder or a database of related tables.
        out: Folder to create, or one of an earlier stress test to continue.
        command: External command instead of a method, as 'COMMAND {train} {out} {rows} {seed}', that
            reads the CSV file {train} and writes the CSV file {out}.
        policy: What a generation is fitted on: replace, mix=10%, accumulate, subsample or verified (of
            one table only); replace, mix=10% and subsample by default.
        generations: Number of generations.
        replicates: Number of chains of each policy.
        rows: Maximum number of rows of the source, or of each table whose rows belong to no other; 0
            for all.
        level: Proportion of rare categories and of tail mass to hold.
        find_proportion: Find the smallest proportion of real data by bisection.
        schema: Schema file that overrides inference.
        workers: Number of chains that run at the same time; one per core by default.
        engine: Where chains run: local (processes of this machine) or ray.
        timeout: Time limit of one call of the command in seconds.
    """
    from artesian.cli.progress import running
    from artesian.cli.show import show
    from artesian.cli.show_collapse import print_stress
    from artesian.pipeline.stress import POLICIES, StressConfig, run_stress_test

    common, fitting = common or Common(), fitting or MethodOptions()
    config = StressConfig(
        source=source,
        out=output_path(out),
        method=fitting.method,
        settings=fitting.settings(),
        command=command,
        policies=policy or POLICIES,
        generations=generations,
        replicates=replicates,
        rows=rows,
        level=level,
        bisect=find_proportion,
        schema=schema,
        engine=engine,
        workers=workers,
        timeout=timeout,
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        outcome = run_stress_test(config, run)
    show(outcome, common, print_stress)
    return 0
