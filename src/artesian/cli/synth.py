"""`artesian synth`: synthesize a table and evaluate the result."""

from __future__ import annotations

from dataclasses import asdict

from artesian.cli import options


def synth(
    source: options.Source,
    /,
    *,
    out: options.Out = None,
    size: options.Sized = None,
    where: options.Repeatable = None,
    constraint: options.Repeatable = None,
    holdout: options.Fraction = 0.2,
    split: str | None = None,
    target: str | None = None,
    metrics: options.Repeatable = None,
    schema: options.OptionalSource = None,
    to: str | None = None,
    saved: options.Saving = None,
    fitting: options.Fitting = None,
    tables: options.References = None,
    common: options.Shared = None,
) -> int:
    """Generate synthetic data from real data, and evaluate it.

    OUT receives the data in the format of the source, report.html, scorecard.json, dataset.toml (the
    inferred schema; edit it and pass it back with --schema) and manifest.json.

    Args:
        source: A file (CSV, JSON lines, Parquet, Feather, Excel), a table of a database
            (file.db::table), a folder or database of related tables, the URL of a database
            (postgresql://user@host/shop), or - for standard input.
        out: Folder to create; optional with --json.
        where: Condition that every synthetic row satisfies: age=30..40, income=>50K, city=Paris,Rome.
            Of related tables customer.country=FR, and what belongs to the rows follows.
        constraint: Constraint that every row keeps: 'col("end") >= col("start")', 'low <= high',
            'exactly one of (a, b)'.
        holdout: Fraction of the rows that is not used for fitting, for the evaluation.
        split: How the holdout is chosen: random, entity (all rows of an entity on one side) or time
            (the latest rows); by default entity if an entity or identifier repeats, else random. Of
            related tables the table to divide with all that belongs to its rows, or time.
        target: Target column for the metrics of utility.
        metrics: Names of metrics or families, quick (all but the slow ones) or all.
        schema: A dataset.toml or SDV metadata file that overrides inference.
        to: Database to write the rows to: sqlite:///file.db, duckdb:///file.duckdb or
            postgresql://user@host/shop?schema=new.
    """
    from artesian.cli import show, show_related
    from artesian.cli.progress import running
    from artesian.pipeline.synth import SynthesisConfig, synthesize_any

    common, fitting = common or options.Common(), fitting or options.MethodOptions()
    tables = tables or options.ReferenceTables()
    size, saved = size or options.Sizes(), saved or options.SavedModel()
    config = SynthesisConfig(
        source=source,
        **asdict(size),
        **asdict(saved),
        method=fitting.method,
        settings=fitting.settings() | tables.settings(),
        where=where,
        constraints=constraint or (),
        holdout=holdout,
        split=split,
        target=target,
        metrics=metrics or ("quick",),
        schema=schema,
        out=options.output_folder(out, common.json, to=to, saves_model=any(asdict(saved).values())),
        to=to,
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        result = synthesize_any(config, run)
    show.show(result, common, show_related.print_any)
    return 0
