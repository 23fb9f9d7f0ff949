"""`artesian canaries`: test whether a method memorises rows."""

from __future__ import annotations

from artesian.cli.options import Common, Fitting, MethodOptions, OptionalSource, Shared, Source


def canaries(
    source: Source,
    /,
    *,
    count: int = 200,
    repeats: int = 1,
    schema: OptionalSource = None,
    fitting: Fitting = None,
    common: Shared = None,
) -> int:
    """Insert canary rows and test whether a method memorises them.

    The exit code is 1 if it does.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        count: Number of canaries to insert, and of control canaries.
        repeats: Number of times each canary is inserted.
        schema: A dataset.toml or SDV metadata file that overrides inference.
    """
    from artesian.cli import show
    from artesian.cli.progress import announce_compiling, running
    from artesian.pipeline.canaries import CanaryConfig, run_canaries

    common, fitting = common or Common(), fitting or MethodOptions()
    config = CanaryConfig(
        source=source,
        method=fitting.method,
        settings=fitting.settings(),
        schema=schema,
        count=count,
        repeats=repeats,
    )
    announce_compiling(quiet=common.quiet)
    with running(common.seed, quiet=common.quiet) as run:
        result = run_canaries(config, run)
    show.show(result, common, lambda one: show.print_line(one.message))
    return int(result.memorised)
