"""`artesian sample`: any number of rows from a saved model, in constant memory."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from artesian.cli.options import Common, Out, Several, positive


def sample(
    model: str,
    /,
    *,
    rows: Annotated[int, Parameter(validator=positive)],
    out: Out = None,
    where: Several = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Draw rows from a saved model.

    Args:
        model: The folder that `artesian fit -o` or `artesian synth` (OUT/model) left.
        rows: Rows to draw.
        out: The file; its ending says the format. - writes CSV to standard output. With --json it
            may be left out: the rows then stand in the JSON object.
        where: A condition on the rows: age=30..40, income=>50K, city=Paris,Rome.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.errors import UsageError
    from artesian.pipeline.sample import stream_csv, stream_to
    from artesian.synthesizers.condition_parsing import parse_conditions
    from artesian.synthesizers.store import load

    common = common or Common()
    if out is None and not common.json:
        raise UsageError(
            "nothing says where the rows shall go", hint="give -o FILE, -o -, or --json"
        )
    if out == "-" and common.json:
        raise UsageError(
            "standard output cannot hold both CSV and JSON", hint="leave out -o - or --json"
        )
    with running(common.seed, quiet=common.quiet or out == "-") as run:
        fitted = load(Path(model))
        conditions = parse_conditions(where, fitted.schema, fitted.empty().frame) or None
        if out is None:
            drawn = fitted.sample(rows, conditions, run=run)
            show.print_json({"rows": rows, "data": drawn.frame.to_dicts()})
            return 0
        if out == "-":
            stream_csv(fitted, rows, conditions, run=run)
            return 0
        stream_to(Path(out), fitted, rows, conditions, run=run, force=common.force)
    if common.json:
        show.print_json({"out": out, "rows": rows})
    elif not common.quiet:
        show.say(f"{rows:,} rows: {out}")
    return 0
