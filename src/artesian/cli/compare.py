"""`artesian compare`: evaluate synthetic data from any tool, and check requirements."""

from __future__ import annotations

from artesian.cli.options import Common, Out, Place, Several, Shared


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
    common: Shared = None,
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
    from artesian.pipeline.compare import CompareConfig
    from artesian.pipeline.compare import compare as run_compare

    common = common or Common()
    config = CompareConfig(
        real=real,
        synthetic=synthetic,
        holdout=holdout,
        target=target,
        event=event,
        sensitive=sensitive,
        quasi_identifiers=quasi_identifier,
        metrics=metrics,
        require=require or (),
        schema=schema,
        out=None if out is None else Path(out),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet) as run:
        result = run_compare(config, run)
    if common.json:
        show.print_json(result.to_dict())
    elif not common.quiet:
        show.print_comparison(result)
    show.complain_unmet(result)
    return 1 if result.unmet else 0
