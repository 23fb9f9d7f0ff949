"""`artesian synth`: the main job, from a source to a folder that a person can judge."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any

from cyclopts import Parameter

from artesian.cli.options import Common, Out, Place, Positive, Rows, Several, Share


def synth(
    source: Place,
    /,
    *,
    out: Out = None,
    rows: Rows = None,
    method: str = "auto",
    where: Several = None,
    holdout: Share = 0.2,
    target: str | None = None,
    metrics: Several = None,
    temperature: Positive = None,
    protect: bool = True,
    schema: str | None = None,
    to: str | None = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Make synthetic data from real data, and judge it.

    OUT receives the data in the source's own format, the model, report.html, scorecard.json,
    dataset.toml (what was inferred; edit it and give it back with --schema) and manifest.json.

    Args:
        source: A file (CSV, JSON lines, Parquet, Feather, Excel), a table of a database
            (file.db::table), or - for standard input.
        out: The folder to make. With --json it may be left out.
        rows: Rows to make; as many as the source has if not given.
        method: auto, or a name that `artesian methods` lists.
        where: A condition on the rows made: age=30..40, income=>50K, city=Paris,Rome.
        holdout: Share of the rows kept from the model, to judge by.
        target: The column that usefulness is judged by.
        metrics: Names of metrics or families to judge by, quick or all; quick leaves out what takes
            seconds.
        temperature: Below 1 makes rows more typical, above 1 more varied.
        protect: Replace rare categories and extreme numbers; --no-protect keeps them.
        schema: A dataset.toml or SDV metadata file to use instead of what is inferred.
        to: A database to put the rows in: sqlite:///file.db or duckdb:///file.duckdb.
    """
    from pathlib import Path

    from artesian.cli.progress import announce_compiling, running
    from artesian.cli.show import print_json, print_made
    from artesian.core.atomic import staged_folder
    from artesian.core.errors import UsageError
    from artesian.data.read import explain
    from artesian.metrics import chosen
    from artesian.pipeline.folder import manifest, write_folder
    from artesian.pipeline.synth import SynthesisConfig, synthesize
    from artesian.runs.steps import Steps

    common = common or Common()
    if out is None and not common.json:
        raise UsageError(
            "nothing says where the result shall go", hint="give -o FOLDER, or --json for figures"
        )
    if out == "-":
        raise UsageError(
            "a folder cannot go to standard output",
            hint="give -o FOLDER; or `artesian sample MODEL -o -` for rows",
        )
    if to is not None and out is None:
        raise UsageError("--to needs -o as well", hint="give -o FOLDER for the report and the rest")
    settings = {"temperature": temperature, "protect": None if protect else False}
    order = SynthesisConfig(
        rows=rows,
        method=method,
        where=where,
        holdout=holdout,
        target=target,
        metrics=chosen(metrics or "quick"),
        settings=settings,
    )
    place = None if out is None else Path(out)
    facts: dict[str, Any]
    announce_compiling(quiet=common.quiet)
    with running(common.seed, quiet=common.quiet) as run:
        steps = Steps(run)
        with nullcontext() if place is None else staged_folder(place, force=common.force) as stage:
            with steps.step("read"):
                found = explain(source, schema=schema)
            made = synthesize(found.table, order, steps)
            if stage is None:
                facts = manifest(made, order, steps, source=source)
            else:
                facts = write_folder(
                    made,
                    order,
                    stage,
                    steps,
                    source=source,
                    evidence=found.evidence,
                    to=to,
                )
    if common.json:
        print_json({**made.scorecard.to_dict(), "out": out, "manifest": facts})
    elif not common.quiet:
        print_made(made.scorecard, facts, place)
    return 0
