"""`artesian fit`: a saved model from every row of a source."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from artesian.cli.options import Common, Place, Positive


def fit(
    source: Place,
    /,
    *,
    out: Annotated[str, Parameter(name=["--out", "-o"])],
    method: str = "auto",
    temperature: Positive = None,
    protect: bool = True,
    target: str | None = None,
    schema: str | None = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Fit a model on all rows of a source and save it.

    Nothing is held out and nothing is judged; `artesian synth` does both.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        out: The folder for the model.
        method: auto, or a name that `artesian methods` lists.
        temperature: Below 1 makes rows more typical, above 1 more varied.
        protect: Replace rare categories and extreme numbers; --no-protect keeps them.
        target: The column that usefulness is judged by.
        schema: A dataset.toml or SDV metadata file to use instead of what is inferred.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import announce_compiling, running
    from artesian.core.atomic import staged_folder
    from artesian.data.read import read
    from artesian.pipeline.synth import SynthesisConfig, fit_model, with_target
    from artesian.runs.steps import Steps
    from artesian.synthesizers.store import write_into

    common = common or Common()
    settings = {"temperature": temperature, "protect": None if protect else False}
    announce_compiling(quiet=common.quiet)
    with (
        running(common.seed, quiet=common.quiet) as run,
        staged_folder(Path(out), force=common.force) as stage,
    ):
        steps = Steps(run)
        with steps.step("read"):
            table = with_target(read(source, schema=schema), target)
        model, reason = fit_model(table, SynthesisConfig(method=method, settings=settings), steps)
        with steps.step("write"):
            write_into(model, stage)
    name = model.settings.capabilities.name
    if common.json:
        told = {"out": out, "method": name, "reason": reason, "rows": len(table)}
        show.print_json({**told, "choices": model.facts(), "seconds": steps.seconds})
    elif not common.quiet:
        show.say(f"{name} ({reason}), fitted on {len(table):,} rows: {out}")
    return 0
