"""`artesian inspect`: show the columns of a source and what was inferred."""

from __future__ import annotations

from artesian.cli.options import Common, OptionalSource, Out, Shared, Source, optional_path


def inspect(
    source: Source,
    /,
    *,
    schema: OptionalSource = None,
    out: Out = None,
    common: Shared = None,
) -> int:
    """Show the tables and columns of a source, what was inferred and why.

    Args:
        source: A file, a folder or database of related tables, or - for standard input.
        schema: A dataset.toml or SDV metadata file that overrides inference.
        out: Schema file (dataset.toml) to write; edit it and pass it to other verbs with --schema.
    """

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.pipeline.inspect import InspectConfig, inspect_source

    common = common or Common()
    config = InspectConfig(
        source=source,
        schema=schema,
        out=optional_path(out),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet) as run:
        result = inspect_source(config, run)
    if common.json:
        show.print_json(result.to_dict())
    else:
        show.print_columns(result)
    return 0
