"""`artesian compare`: evaluate synthetic data from any tool, and check requirements."""

from __future__ import annotations

from artesian.cli.options import (
    Common,
    OptionalSource,
    Out,
    Repeatable,
    Shared,
    Source,
    optional_path,
)


def compare(
    real: Source,
    /,
    *synthetic: Source,
    holdout: OptionalSource = None,
    target: str | None = None,
    event: str | None = None,
    sensitive: Repeatable = None,
    quasi_identifier: Repeatable = None,
    metrics: Repeatable = None,
    require: Repeatable = None,
    schema: OptionalSource = None,
    out: Out = None,
    common: Shared = None,
) -> int:
    """Evaluate synthetic data from any tool against real data; several candidates are compared.

    A folder or database of several tables is evaluated as a whole: keys, numbers of children, and
    what child rows say about their parents. The exit code is 1 if a candidate does not meet a
    requirement.

    Args:
        real: The data that the synthetic data were generated from.
        synthetic: Synthetic data, one or several files, folders or databases.
        holdout: Real data that the tool did not use; without it, copied rows cannot be distinguished
            from realistic ones.
        target: Target column for the metrics of utility; of related tables, TABLE.COLUMN.
        event: Event indicator of a time-to-event target: 1 if the event was observed, 0 if censored.
        sensitive: Sensitive column for fairness and attribute inference, instead of those inferred from
            names (sex, race, ...).
        quasi_identifier: Column that an attacker may know of a person, for k-anonymity and linkability.
        metrics: Names of metrics or families (fidelity, utility, ...); all by default.
        require: Bound on a metric, such as c2st<=0.6.
        schema: A dataset.toml or SDV metadata file that overrides inference.
        out: Folder for report.html, scorecard.json, scorecard.md and manifest.json, with a folder for
            each of several candidates.
    """

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
        out=optional_path(out),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet) as run:
        result = run_compare(config, run)
    show.show(result, common, show.print_comparison)
    show.print_unmet(result)
    return 1 if result.unmet else 0
