"""`artesian score`: log-likelihood of rows under a saved model, and how unusual they are."""

from __future__ import annotations

from artesian.cli.options import Common, OptionalSource, Out, Shared, Source, optional_path


def score(
    source: Source,
    /,
    *,
    model: Source,
    out: Out = None,
    schema: OptionalSource = None,
    common: Shared = None,
) -> int:
    """Score rows by a saved model: their log-likelihood, and how unusual they are.

    OUT is SOURCE with two more columns: log_likelihood, in nats, and outlier_percentile, the percentage
    of 5,000 rows of the model that are less likely. A row below 1 is an outlier.

    Args:
        source: Rows with the columns of the model: a file, a table of a database, or -.
        model: Folder written by `artesian fit -o`; the method has to state densities: trees, boosted,
            marginals, copulas, mixtures and adversarial forests do.
        out: File to write, in the format of its suffix; optional with --json.
        schema: A dataset.toml or SDV metadata file that overrides the schema of the model.
    """
    from pathlib import Path

    from artesian.cli import show
    from artesian.cli.progress import running
    from artesian.core.errors import UsageError
    from artesian.pipeline.score import ScoreConfig
    from artesian.pipeline.score import score as run_score

    common = common or Common()
    if out is None and not common.json:
        raise UsageError("there is no output file", hint="give -o FILE, or --json")
    config = ScoreConfig(
        source=source,
        model=Path(model),
        schema=schema,
        out=optional_path(out),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet) as run:
        result = run_score(config, run)
    if common.json:
        show.print_json(result.to_dict())
    elif not common.quiet:
        show.print_line(
            f"{len(result.table):,} rows scored by {result.method!r}: {out}; {result.rare:.1%} are "
            f"less likely than 99 % of the rows of the model, median percentile {result.median:.0f}"
        )
    return 0
