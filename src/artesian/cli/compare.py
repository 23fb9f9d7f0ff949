"""`artesian compare`: judge synthetic data from any tool, and hold it to requirements."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any

from cyclopts import Parameter

from artesian.cli.options import Common, Out, Place, Several


def compare(
    real: Place,
    synthetic: Place,
    /,
    *,
    holdout: str | None = None,
    target: str | None = None,
    require: Several = None,
    schema: str | None = None,
    out: Out = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Judge synthetic data from any tool against real data.

    Ends with 1 if a requirement is not met.

    Args:
        real: The rows that the synthetic ones were made from.
        synthetic: The rows made.
        holdout: Real rows that the tool never saw; without them copying cannot be told from
            likeness.
        target: The column that usefulness is judged by.
        require: A bound on a metric, such as c2st<=0.6.
        schema: A dataset.toml or SDV metadata file to use instead of what is inferred.
        out: A folder for report.html, scorecard.json and manifest.json.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.atomic import staged_folder
    from artesian.data.read import read
    from artesian.metrics.require import outcomes, requirements
    from artesian.pipeline import compare as comparing
    from artesian.pipeline.clock import Clock
    from artesian.pipeline.synth import with_target

    common = common or Common()
    wanted = requirements(require or ())
    place = None if out is None else Path(out)
    sources: dict[str, Any] = {"real": real, "synthetic": synthetic, "holdout": holdout}
    with (
        running(common.seed, quiet=common.quiet) as run,
        nullcontext() if place is None else staged_folder(place, force=common.force) as stage,
    ):
        clock = Clock(run)
        with clock.step("read"):
            known = with_target(read(real, schema=schema), target)
            made = read(synthetic, schema=known.schema)
            unseen = None if holdout is None else read(holdout, schema=known.schema)
        compared, scorecard = comparing.compare(known, made, unseen, clock)
        if stage is not None:
            comparing.write_comparison(compared, scorecard, stage, clock, sources)
    found = outcomes(scorecard, wanted)
    unmet = [one for one in found if not one.met]
    if common.json:
        checked = [
            {"require": str(one.requirement), "met": one.met, "reason": one.reason} for one in found
        ]
        told = {"out": out, "requirements": checked, "met": not unmet}
        show.print_json({**scorecard.to_dict(), **told})
    elif not common.quiet:
        show.print_scorecard(scorecard)
        if place is not None:
            show.say(f"report: {place / 'report.html'}")
    for one in unmet:
        show.complain(f"requirement not met: {one.requirement}: {one.reason}")
    return 1 if unmet else 0
