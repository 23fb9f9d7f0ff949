"""`artesian synth`: synthesize a table and evaluate the result."""

from __future__ import annotations

from typing import Literal

from artesian.cli.options import (
    Common,
    Fitting,
    MethodOptions,
    Out,
    Place,
    Rows,
    Several,
    Share,
    Shared,
    output_folder,
)


def synth(
    source: Place,
    /,
    *,
    out: Out = None,
    rows: Rows = None,
    where: Several = None,
    holdout: Share = 0.2,
    split: Literal["random", "entity", "time"] | None = None,
    target: str | None = None,
    metrics: Several = None,
    schema: str | None = None,
    to: str | None = None,
    fitting: Fitting = None,
    common: Shared = None,
) -> int:
    """Make synthetic data from real data, and judge it.

    OUT receives the data in the source's own format, the model, report.html, scorecard.json,
    dataset.toml (what was inferred; edit it and give it back with --schema) and manifest.json.

    Args:
        source: A file (CSV, JSON lines, Parquet, Feather, Excel), a table of a database
            (file.db::table), or - for standard input.
        out: The folder to make. With --json it may be left out.
        rows: Rows to make; as many as the source has if not given.
        where: A condition on the rows made: age=30..40, income=>50K, city=Paris,Rome.
        holdout: Share of the rows kept from the model, to judge by.
        split: How the holdout is chosen: random, entity (all rows of one on the same side) or time (the
            latest rows); entity if the schema has an entity column, else random.
        target: The column that usefulness is judged by.
        metrics: Names of metrics or families to judge by, quick or all; quick leaves out what takes
            seconds.
        schema: A dataset.toml or SDV metadata file to use instead of what is inferred.
        to: A database to put the rows in: sqlite:///file.db or duckdb:///file.duckdb.
    """
    from artesian.cli import show
    from artesian.cli.progress import announce_compiling, running
    from artesian.pipeline.synth import SynthesisConfig, synthesize

    common, fitting = common or Common(), fitting or MethodOptions()
    config = SynthesisConfig(
        source=source,
        rows=rows,
        method=fitting.method,
        settings=fitting.settings(),
        where=where,
        holdout=holdout,
        split=split,
        target=target,
        metrics=metrics or ("quick",),
        schema=schema,
        out=output_folder(out, common.json, to),
        to=to,
        force=common.force,
    )
    announce_compiling(quiet=common.quiet)
    with running(common.seed, quiet=common.quiet) as run:
        result = synthesize(config, run)
    if common.json:
        show.print_json(result.to_dict())
    elif not common.quiet:
        show.print_synthesis(result)
    return 0
