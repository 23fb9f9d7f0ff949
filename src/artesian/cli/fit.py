"""`artesian fit`: fit a model on all rows of a source and save it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from artesian.cli.options import Common, Fitting, MethodOptions, Place, Shared


def fit(
    source: Place,
    /,
    *,
    out: Annotated[str, Parameter(name=["--out", "-o"])],
    target: str | None = None,
    schema: str | None = None,
    fitting: Fitting = None,
    common: Shared = None,
) -> int:
    """Fit a model on all rows of a source and save it.

    There is no holdout and no evaluation; `artesian synth` has both.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        out: Folder for the model.
        target: Target column for the metrics of utility.
        schema: A dataset.toml or SDV metadata file that overrides inference.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import announce_compiling, running
    from artesian.pipeline.fit import FitConfig
    from artesian.pipeline.fit import fit as run_fit

    common, fitting = common or Common(), fitting or MethodOptions()
    config = FitConfig(
        source=source,
        out=Path(out),
        method=fitting.method,
        settings=fitting.settings(),
        target=target,
        schema=schema,
        force=common.force,
    )
    announce_compiling(quiet=common.quiet)
    with running(common.seed, quiet=common.quiet) as run:
        result = run_fit(config, run)
    if common.json:
        show.print_json(result.to_dict())
    elif not common.quiet:
        show.say(f"{result.method} ({result.reason}), fitted on {result.rows:,} rows: {out}")
    return 0
