"""`artesian canaries`: audit whether a method memorises rows."""

from __future__ import annotations

from artesian.cli.options import (
    Common,
    Count,
    Fitting,
    MethodOptions,
    OptionalSource,
    Shared,
    Source,
)


def canaries(
    source: Source,
    /,
    *,
    count: int = 200,
    repeats: int = 1,
    models: Count = 8,
    schema: OptionalSource = None,
    fitting: Fitting = None,
    common: Shared = None,
) -> int:
    """Audit whether a method memorises rows, with shadow models.

    Each model is fitted on the table with a random half of the targets: canary rows, and the most
    isolated rows of the table. Attacks then tell from its synthetic rows which half it was. The exit
    code is 1 if they succeed beyond chance.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        count: Number of canaries, and of isolated rows; at most a tenth of the rows.
        repeats: Number of times each canary is inserted.
        models: Number of models to fit, even; more models detect less memorisation.
        schema: A dataset.toml or SDV metadata file that overrides inference.
    """
    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.pipeline.canaries import CanaryConfig, run_canaries

    common, fitting = common or Common(), fitting or MethodOptions()
    config = CanaryConfig(
        source=source,
        method=fitting.method,
        settings=fitting.settings(),
        schema=schema,
        count=count,
        repeats=repeats,
        models=models,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        result = run_canaries(config, run)
    show.show(result, common, show.print_audit)
    return int(result.memorised)
