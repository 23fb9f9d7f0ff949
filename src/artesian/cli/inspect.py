"""`artesian inspect`: what a source holds, and what was inferred and why."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from artesian.cli.options import Common, Out, Place


def inspect(
    source: Place,
    /,
    *,
    schema: str | None = None,
    out: Out = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Show what a source holds, and what was inferred and why.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        schema: A dataset.toml or SDV metadata file to use instead of what is inferred.
        out: A dataset.toml to write: edit it, and give it to the other verbs with --schema.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.atomic import staged_file
    from artesian.data.read import explain
    from artesian.data.schema_io import write_schema
    from artesian.runs.steps import Steps

    common = common or Common()
    with running(common.seed, quiet=common.quiet) as run, Steps(run).step("read"):
        found = explain(source, schema=schema)
    table = found.table
    if out is not None:
        with staged_file(Path(out), force=common.force) as stage:
            write_schema(stage, {table.origin.name: (table.schema, found.evidence)})
    columns: list[dict[str, Any]] = []
    for column in table.schema:
        series = table.frame[column.name]
        columns.append(
            {
                "name": column.name,
                "kind": column.kind.value,
                "role": column.role,
                "missing": series.null_count(),
                "distinct": series.n_unique() - (series.null_count() > 0),
                "evidence": found.evidence.get(column.name, ""),
            }
        )
    if common.json:
        told = {"table": table.origin.name, "format": table.origin.format, "rows": len(table)}
        told |= {"key": list(table.schema.key), "target": table.schema.target, "out": out}
        show.print_json({**told, "columns": columns, "notes": list(table.origin.notes)})
    else:
        show.print_columns(table, columns)
    return 0
