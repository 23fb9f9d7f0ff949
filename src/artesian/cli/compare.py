"""`artesian compare`: judge synthetic data from any tool, and hold it to requirements."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any

from cyclopts import Parameter

from artesian.cli.options import Common, Out, Place, Several


def compare(
    real: Place,
    /,
    *synthetic: Place,
    holdout: str | None = None,
    target: str | None = None,
    event: str | None = None,
    sensitive: Several = None,
    quasi_identifier: Several = None,
    metrics: Several = None,
    require: Several = None,
    schema: str | None = None,
    out: Out = None,
    common: Annotated[Common | None, Parameter(name="*")] = None,
) -> int:
    """Judge synthetic data from any tool against real data; several candidates are set side by side.

    Ends with 1 if a requirement is not met, by any of the candidates.

    Args:
        real: The rows that the synthetic ones were made from.
        synthetic: The rows made; one file or several.
        holdout: Real rows that the tool never saw; without them copying cannot be told from
            likeness.
        target: The column that usefulness is judged by.
        event: Where the target is a time until something happens: the column that says whether it was
            seen to happen.
        sensitive: A column that fairness and attribute inference look at, instead of those that
            their names give away (sex, race, ...).
        quasi_identifier: A column that outsiders may know of a person, for k-anonymity and linkability.
        metrics: Names of metrics or families (fidelity, utility, ...), instead of all.
        require: A bound on a metric, such as c2st<=0.6.
        schema: A dataset.toml or SDV metadata file to use instead of what is inferred.
        out: A folder for report.html, scorecard.json, scorecard.md and manifest.json; several
            candidates get a folder each inside.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.atomic import staged_folder
    from artesian.core.errors import UsageError
    from artesian.data.read import read
    from artesian.metrics import chosen
    from artesian.metrics.requirements import outcomes, requirements
    from artesian.pipeline import compare as comparing
    from artesian.runs.steps import Steps

    common = common or Common()
    if not synthetic:
        raise UsageError(
            "there is nothing to judge", hint="give the real data, then synthetic data: compare A B"
        )
    wanted = requirements(require or ())
    asked = None if metrics is None else chosen(metrics)
    place = None if out is None else Path(out)
    sources: dict[str, dict[str, Any]] = {
        name: {"real": real, "synthetic": made, "holdout": holdout}
        for name, made in zip(comparing.names_of(synthetic), synthetic, strict=True)
    }
    with (
        running(common.seed, quiet=common.quiet) as run,
        nullcontext() if place is None else staged_folder(place, force=common.force) as stage,
    ):
        steps = Steps(run)
        with steps.step("read"):
            known = comparing.with_roles(
                read(real, schema=schema),
                target=target,
                event=event,
                sensitive=sensitive,
                quasi_identifiers=quasi_identifier,
            )
            unseen = None if holdout is None else read(holdout, schema=known.schema)
        judged = {}
        for name, source in sources.items():
            with steps.step("read"):
                made = read(source["synthetic"], schema=known.schema)
            judged[name] = comparing.compare(known, made, unseen, steps, asked)
        if stage is not None:
            comparing.write(judged, stage, steps, sources)
    cards = {name: card for name, (_, card) in judged.items()}
    found = [(name, one) for name, card in cards.items() for one in outcomes(card, wanted)]
    unmet = [(name, one) for name, one in found if not one.met]
    several = len(cards) > 1
    if common.json:
        checked = [
            {"require": str(one.requirement), "met": one.met, "reason": one.reason}
            | ({"candidate": name} if several else {})
            for name, one in found
        ]
        told = {"out": out, "requirements": checked, "met": not unmet}
        show.print_json({**comparing.told(cards), **told})
    elif not common.quiet:
        if several:
            show.print_candidates(cards)
        else:
            show.print_scorecard(*cards.values())
        if place is not None:
            show.say(f"report: {place / 'report.html'}")
    for name, one in unmet:
        whose = f" by {name}" if several else ""
        show.complain(f"requirement not met{whose}: {one.requirement}: {one.reason}")
    return 1 if unmet else 0
