"""`artesian synth`: synthesize a table and evaluate the result."""

from __future__ import annotations

from typing import Literal

from artesian.cli.options import (
    Common,
    Fitting,
    Flag,
    Fraction,
    MethodOptions,
    OptionalCount,
    OptionalSource,
    Out,
    Repeatable,
    Shared,
    Source,
    output_folder,
)


def synth(
    source: Source,
    /,
    *,
    out: Out = None,
    rows: OptionalCount = None,
    where: Repeatable = None,
    constraint: Repeatable = None,
    holdout: Fraction = 0.2,
    split: Literal["random", "entity", "time"] | None = None,
    target: str | None = None,
    metrics: Repeatable = None,
    schema: OptionalSource = None,
    to: str | None = None,
    keep_model: Flag = False,
    release_model: Flag = False,
    fitting: Fitting = None,
    common: Shared = None,
) -> int:
    """Generate synthetic data from real data, and evaluate it.

    OUT receives the data in the format of the source, report.html, scorecard.json, dataset.toml (the
    inferred schema; edit it and pass it back with --schema) and manifest.json.

    Args:
        source: A file (CSV, JSON lines, Parquet, Feather, Excel), a table of a database
            (file.db::table), or - for standard input.
        out: Folder to create; optional with --json.
        rows: Number of synthetic rows; as many as the source has by default.
        where: Condition that every synthetic row satisfies: age=30..40, income=>50K, city=Paris,Rome.
        constraint: Constraint that every row keeps: 'col("end") >= col("start")', 'low <= high',
            'exactly one of (a, b)'.
        holdout: Fraction of the rows that is not used for fitting, for the evaluation.
        split: How the holdout is chosen: random, entity (all rows of an entity on one side) or time
            (the latest rows); by default entity if an entity or identifier repeats, else random.
        target: Target column for the metrics of utility.
        metrics: Names of metrics or families, quick (all but the slow ones) or all.
        schema: A dataset.toml or SDV metadata file that overrides inference.
        to: Database to write the rows to: sqlite:///file.db or duckdb:///file.duckdb.
        keep_model: Also save the model, as OUT/model, for `artesian sample`. It is as sensitive as the
            rows it was fitted on: do not release it.
        release_model: Also save a release model, as OUT/model, fitted on synthetic rows of the model:
            it reveals no more of the training rows than these, and what its readers learn is measured.
    """
    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.pipeline.synth import SynthesisConfig, synthesize

    common, fitting = common or Common(), fitting or MethodOptions()
    config = SynthesisConfig(
        source=source,
        rows=rows,
        method=fitting.method,
        settings=fitting.settings(),
        where=where,
        constraints=constraint or (),
        holdout=holdout,
        split=split,
        target=target,
        metrics=metrics or ("quick",),
        schema=schema,
        out=output_folder(out, common.json, to=to, saves_model=keep_model or release_model),
        to=to,
        keep_model=keep_model,
        release_model=release_model,
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        result = synthesize(config, run)
    show.show(result, common, show.print_synthesis)
    return 0
