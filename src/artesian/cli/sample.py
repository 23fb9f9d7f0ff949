"""`artesian sample`: sample rows from a saved model, of one table in constant memory."""

from __future__ import annotations

from artesian.cli.options import (
    Common,
    OptionalCount,
    Out,
    Positive,
    Repeatable,
    Shared,
    Source,
)


def sample(
    model: Source,
    /,
    *,
    rows: OptionalCount = None,
    scale: Positive = None,
    out: Out = None,
    where: Repeatable = None,
    common: Shared = None,
) -> int:
    """Sample rows from a saved model.

    Args:
        model: Folder written by `artesian fit -o` or `artesian synth --keep-model` (OUT/model).
        rows: Number of rows of one table.
        scale: Number of rows of related tables relative to the source, such as 2; 1 by default.
        out: File to write, in the format of its suffix; - writes CSV to standard output. For related
            tables a folder, a database file (shop.db), or sqlite:///file.db or duckdb:///file.duckdb.
            Optional with --json, which then prints the rows.
        where: Condition that every row satisfies: age=30..40, income=>50K, city=Paris,Rome; of related
            tables customer.country=FR, and what belongs to the rows follows.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.atomic import descriptor_of
    from artesian.core.errors import UsageError
    from artesian.pipeline.sample import STDOUT, SampleConfig
    from artesian.pipeline.sample import sample as run_sample

    common = common or Common()
    if out is not None and descriptor_of(Path(out)) == 1:  # /dev/stdout
        out = STDOUT
    if out is None and not common.json:
        raise UsageError("there is no output file", hint="give -o FILE, -o -, or --json")
    if out == STDOUT and common.json:
        raise UsageError(
            "standard output cannot hold both CSV and JSON", hint="leave out -o - or --json"
        )
    config = SampleConfig(
        model=Path(model), rows=rows, scale=scale, where=where, out=out, force=common.force
    )
    with running(common.seed, quiet=common.quiet or out == STDOUT) as run:
        result = run_sample(config, run)
    if common.json:
        show.print_json(result.to_dict())
    elif out != STDOUT and not common.quiet:
        show.print_line(f"{result.rows:,} rows: {out}")
        for note in result.notes:
            show.print_line(f"note: {note}")
    return 0
