"""`artesian fit`: fit a model on all rows of a source and save it."""

from __future__ import annotations

from artesian.cli.options import (
    Common,
    Fitting,
    Flag,
    MethodOptions,
    OptionalSource,
    References,
    ReferenceTables,
    Repeatable,
    RequiredOut,
    Shared,
    Source,
    output_path,
)


def fit(
    source: Source,
    /,
    *,
    out: RequiredOut,
    target: str | None = None,
    schema: OptionalSource = None,
    constraint: Repeatable = None,
    release_model: Flag = False,
    fitting: Fitting = None,
    tables: References = None,
    common: Shared = None,
) -> int:
    """Fit a model on all rows of a source and save it.

    There is no holdout and no evaluation; `artesian synth` has both. The saved model is as sensitive
    as the rows it was fitted on: do not release it, unless it is a release model.

    Args:
        source: A file, a table of a database (file.db::table), a folder or database of related tables,
            or - for standard input.
        out: Folder for the model.
        target: Target column for the metrics of utility.
        schema: A dataset.toml or SDV metadata file that overrides inference.
        constraint: Constraint that every row keeps: 'col("end") >= col("start")', 'low <= high',
            'exactly one of (a, b)'.
        release_model: Save a release model instead, fitted on synthetic rows of the model: it reveals
            no more of the training rows than these.
    """

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.pipeline.fit import FitConfig
    from artesian.pipeline.fit import fit as run_fit

    common, fitting = common or Common(), fitting or MethodOptions()
    tables = tables or ReferenceTables()
    config = FitConfig(
        source=source,
        out=output_path(out),
        method=fitting.method,
        settings=fitting.settings() | tables.settings(),
        target=target,
        schema=schema,
        constraints=constraint or (),
        release_model=release_model,
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        result = run_fit(config, run)
    show.show(result, common, show.print_fit)
    return 0
