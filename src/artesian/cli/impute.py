"""`artesian impute`: draw missing values conditionally on the known values of their rows."""

from __future__ import annotations

from artesian.cli.options import (
    CommaSeparated,
    Common,
    Count,
    Fitting,
    MethodOptions,
    OptionalSource,
    Out,
    Shared,
    Source,
    output_folder,
)


def impute(
    source: Source,
    /,
    *,
    out: Out = None,
    imputations: Count = 5,
    columns: CommaSeparated | None = None,
    schema: OptionalSource = None,
    fitting: Fitting = None,
    common: Shared = None,
) -> int:
    """Draw the missing values of a table, several times, and check the method on masked values.

    Each missing value is drawn conditionally on the known values of its row, which stay as they are.
    OUT receives one table for each imputation, imputation.json, imputation.md, dataset.toml and
    manifest.json. It contains the real rows.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        out: Folder to create; optional with --json.
        imputations: Number of imputations.
        columns: Columns to impute, separated by commas; all with missing values by default.
        schema: A dataset.toml or SDV metadata file that overrides inference.
    """
    from artesian.cli import show, show_rows
    from artesian.cli.progress import running
    from artesian.pipeline.impute import ImputeConfig
    from artesian.pipeline.impute import impute as run_impute

    common, fitting = common or Common(), fitting or MethodOptions()
    config = ImputeConfig(
        source=source,
        imputations=imputations,
        columns=columns,
        method=fitting.method,
        settings=fitting.settings(),
        schema=schema,
        out=output_folder(out, common.json, to=None, saves_model=False),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        result = run_impute(config, run)
    show.show(result, common, show_rows.print_imputation)
    return 0
