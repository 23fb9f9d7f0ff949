"""`artesian augment`: add synthetic rows of a class, and measure whether they help."""

from __future__ import annotations

from artesian.cli.options import (
    CommaSeparated,
    Common,
    Count,
    Fitting,
    Flag,
    MethodOptions,
    OptionalCount,
    OptionalSource,
    Out,
    Shared,
    Source,
    augmentation_folder,
)


def augment(
    source: Source,
    /,
    *,
    target: str,
    out: Out = None,
    minority: str | None = None,
    balance: Flag = False,
    rows: OptionalCount = None,
    filters: CommaSeparated | None = None,
    measure: str = "auprc",
    folds: Count = 5,
    repeats: Count = 2,
    marker: str | None = None,
    schema: OptionalSource = None,
    fitting: Fitting = None,
    common: Shared = None,
) -> int:
    """Add synthetic rows of a class to a table, and measure whether they help a classifier.

    A repeated cross-validation, with the method fitted inside each training fold, compares them with
    doing nothing, class weights, random over-sampling and SMOTE; "do not augment" is a possible answer.
    OUT receives the augmented table (the real rows, then the synthetic ones), report.html,
    augmentation.json, augmentation.md, dataset.toml and manifest.json. It contains the real rows.

    Args:
        source: A file, a table of a database (file.db::table), or - for standard input.
        target: Column of classes.
        out: Folder to create; optional with --json.
        minority: The class to augment; the rarest by default.
        balance: Add rows until the class is as large as the largest other one (the default).
        rows: Number of rows to add instead.
        filters: plausibility, duplicates and consistency (all by default), or none.
        measure: What decides: auprc, auroc, f1, f1_tuned, recall_at_precision or brier.
        folds: Number of folds of the cross-validation.
        repeats: Number of cross-validations; more give narrower intervals.
        marker: Name of a column to add that is true for synthetic rows. It is no predictor.
        schema: A dataset.toml or SDV metadata file that overrides inference.
    """
    from artesian.cli import show, show_rows
    from artesian.cli.progress import running
    from artesian.pipeline.augment import AugmentConfig
    from artesian.pipeline.augment import augment as run_augment

    common, fitting = common or Common(), fitting or MethodOptions()
    config = AugmentConfig(
        source=source,
        target=target,
        minority=minority,
        rows=rows,
        method=fitting.method,
        settings=fitting.settings(),
        filters=filters,
        measure=measure,
        folds=folds,
        repeats=repeats,
        marker=marker,
        schema=schema,
        out=augmentation_folder(out, common.json, balance=balance, rows=rows),
        force=common.force,
    )
    with running(common.seed, quiet=common.quiet, fits=True) as run:
        result = run_augment(config, run)
    show.show(result, common, show_rows.print_augmentation)
    return 0
