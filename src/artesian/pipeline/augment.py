"""Augment a class of a table: read, measure what it gains, fit, sample, filter, report, write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl

from artesian.augmentation.advice import Advice, advise
from artesian.augmentation.filters import Filters, parse_filters
from artesian.augmentation.generate import Generated, generate, require_all, require_conditions
from artesian.augmentation.measures import AUPRC, MEASURES
from artesian.augmentation.results import results_to_dict
from artesian.augmentation.study import Study, StudyPlan, run_study
from artesian.augmentation.task import ClassTask
from artesian.core.atomic import staged_folder
from artesian.core.errors import DataError, UsageError, did_you_mean
from artesian.core.run import Run
from artesian.data.dataset import Dataset, require_single_table
from artesian.data.read import explain_dataset
from artesian.data.schema import Column, Kind, Schema
from artesian.data.schema_io import write_schema
from artesian.data.table import Table
from artesian.data.write_dataset import write_tables
from artesian.report.augmentation import render, to_markdown
from artesian.runs.manifest import FORMAT, hash_files, hashed, source_to_dict, versions
from artesian.runs.output import MANIFEST, REPORT, SCHEMA, write_json, write_text
from artesian.runs.resolve import AUTO, check_method, resolve_method, unprotected
from artesian.runs.roles import with_target
from artesian.runs.steps import Steps
from artesian.synthesizers.protocol import Synthesizer

RESULTS, SUMMARY = "augmentation.json", "augmentation.md"

STUDY_ROWS = 20_000
"""Maximum number of rows of the cross-validation, drawn at random within classes."""

FOLDS, REPEATS = 5, 2

SENSITIVE_ROWS = (
    "the augmented table contains the real rows: it is as sensitive as they are, do not release it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """Configuration of an augmentation.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
        target: Column of classes.
        minority: The class to augment; None for the rarest.
        rows: Number of rows to add; None for as many as make the class as large as the largest other.
        method: A name in the catalog, 'auto', or a synthesizer. Rare values are not suppressed unless
            `settings` say so, because the real rows are beside them.
        settings: Settings of the method by name.
        filters: Names of filters of generated rows; None for all, ('none',) for none.
        measure: The measure that decides, a name of `MEASURES`.
        folds: Number of folds of the cross-validation, 2 or more.
        repeats: Number of cross-validations, 1 or more.
        marker: Name of a column to add that is true for synthetic rows; None for none.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Output folder; None to write nothing.
        force: Replace an existing `out`.
    """

    source: Any
    target: str
    minority: Any = None
    rows: int | None = None
    method: str | Synthesizer = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    filters: Collection[str] | None = None
    measure: str = AUPRC
    folds: int = FOLDS
    repeats: int = REPEATS
    marker: str | None = None
    schema: Schema | str | Path | None = None
    out: Path | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentResult:
    """An augmented table, and what the synthetic rows are worth.

    Attributes:
        dataset: The augmented table: the real rows in their order, then the synthetic ones.
        synthetic: The synthetic rows, without the marker.
        study: Values of all measures for each treatment, learner and resample.
        advice: The advice for each learner, the best one first.
        results: Content of augmentation.json.
        method: The method with its settings.
        reason: Why it was used.
        seconds: Wall time of each step.
        out: Output folder.
    """

    dataset: Dataset
    synthetic: Table
    study: Study
    advice: tuple[Advice, ...]
    results: Mapping[str, Any]
    method: Synthesizer
    reason: str
    seconds: Mapping[str, float]
    out: Path | None = None

    @property
    def table(self) -> Table:
        """The augmented table."""
        return require_single_table(self.dataset)

    def to_dict(self) -> dict[str, Any]:
        """The results with the output folder."""
        out = None if self.out is None else str(self.out)
        return {**self.results, "out": out, "seconds": dict(self.seconds)}


def augment(config: AugmentConfig, run: Run) -> AugmentResult:
    """Measure by cross-validation what synthetic rows of a class gain, and add them to the table.

    Raises:
        SchemaError: There is no column `target`.
        DataError: The target has one class, the class has fewer rows than folds or is not there, or
            too few sampled rows pass the filters.
        UsageError: The target is not a column of classes, or an option is not possible.
        Unsupported: The method cannot sample rows of one class.
        ConditionError: The model has no rows of the class.
        OutputError: `out` exists and `force` is false, or it cannot be written.
        Cancelled: The run was stopped.
    """
    _check(config)
    staged = (
        nullcontext()
        if config.out is None
        else staged_folder(config.out, force=config.force, sources=(config.source, config.schema))
    )
    steps = Steps(run)
    with staged as stage:
        with steps.step("read"), hashed(config.source) as file_hash:
            inferred = explain_dataset(config.source, schema=config.schema)
            table = with_target(require_single_table(inferred.dataset), config.target)
            (name,) = inferred.dataset
            dataset = replace(inferred.dataset, tables={name: table})
        result = _augmented(dataset, config, steps)
        if stage is not None:
            manifest = _manifest(result, table, config, steps, file_hash)
            _write(result, stage, steps, inferred.evidence, manifest)
    return replace(result, out=config.out)


def _check(config: AugmentConfig) -> None:
    check_method(config.method, config.settings)
    parse_filters(config.filters)
    if config.measure not in MEASURES:
        raise UsageError(
            f"there is no measure {config.measure!r}", hint=did_you_mean(config.measure, MEASURES)
        )
    if config.folds < 2 or config.repeats < 1:
        raise UsageError(
            f"{config.folds} folds and {config.repeats} repeats are no cross-validation",
            hint="use 2 folds or more, and 1 repeat or more",
        )
    if config.rows is not None and config.rows < 1:
        raise UsageError(f"cannot add {config.rows} rows", hint="give 1 or more")


def _augmented(dataset: Dataset, config: AugmentConfig, steps: Steps) -> AugmentResult:
    """Measure, fit on all rows, sample, filter, and append the synthetic rows."""
    run, table = steps.run, require_single_table(dataset)
    (name,) = dataset
    if not len(table):
        raise DataError(f"{name} has no rows", hint="give a table with rows")
    if config.marker is not None and config.marker in table.schema.names:
        raise UsageError(
            f"the table has a column {config.marker!r} already",
            hint="give the marker another name",
        )
    task = ClassTask.from_table(table, config.target, config.minority)
    task.require_rows(config.folds)
    wanted = task.missing_rows if config.rows is None else config.rows
    if not wanted:
        raise UsageError(
            f"{task.name} has as many rows as any other class already",
            hint="give the number of rows to add, or name another class",
        )
    method, reason = resolve_method(config.method, config.settings, table)
    method = unprotected(method, config.settings)
    require_conditions(method)
    label = method.capabilities.name
    plan = StudyPlan(
        rows=config.rows,
        folds=config.folds,
        repeats=config.repeats,
        filters=parse_filters(config.filters),
    )
    with steps.step("fit"):
        model = method.fit(table, run=run)
    with steps.step("sample"):
        filters = Filters.fit(task, plan.filters, run.child("filters"))
        generated = generate(model, task, wanted, filters, run)
        require_all(generated, wanted, task)
    part, sampled_note = _study_rows(task, run)
    with steps.step("cross-validation"):
        study = run_study(
            part, {label: method}, replace(plan, rows=_scaled(plan.rows, part, task)), run
        )
    advice = advise(study, label, config.measure)
    notes = tuple(
        text
        for text in (
            *table.origin.notes,
            _missing_note(len(table) - len(task), config.target),
            sampled_note,
            "rows of one entity are in one fold" if task.grouped else "",
            *(f"the filter {n!r} was not used: {why}" for n, why in filters.unused.items()),
            SENSITIVE_ROWS,
        )
        if text
    )
    augmented = _appended(table, generated, config.marker)
    return AugmentResult(
        dataset=replace(dataset, tables={name: augmented}),
        synthetic=generated.table,
        study=study,
        advice=tuple(advice),
        results=results_to_dict(task, part, study, advice, generated, filters, notes),
        method=method,
        reason=reason,
        seconds=steps.seconds,
    )


def _study_rows(task: ClassTask, run: Run) -> tuple[ClassTask, str]:
    """At most `STUDY_ROWS` rows, with the class as frequent as in all of them."""
    if len(task) <= STUDY_ROWS:
        return task, ""
    folds = task.folds(len(task) // STUDY_ROWS + 1, run.seed.child("study rows"))
    part = task.subset(np.flatnonzero(folds == 0))
    return part, (
        f"the cross-validation used {len(part):,} of {len(task):,} rows, drawn at random within "
        f"classes: with all of them, differences between treatments are smaller rather than larger"
    )


def _scaled(rows: int | None, part: ClassTask, task: ClassTask) -> int | None:
    """As many rows to add in proportion."""
    return None if rows is None else max(round(rows * len(part) / len(task)), 1)


def _missing_note(rows: int, target: str) -> str:
    if not rows:
        return ""
    return (
        f"{rows:,} rows have no value of {target!r}: they are in OUT, and not in the measurements"
    )


def _appended(table: Table, generated: Generated, marker: str | None) -> Table:
    """The real rows, then the synthetic ones, with a marker column if asked for."""
    rows = pl.concat([table.frame, generated.table.frame])
    schema = table.schema
    if marker is not None:
        synthetic = np.arange(rows.height) >= len(table)
        rows = rows.with_columns(pl.Series(marker, synthetic))
        column = Column(name=marker, kind=Kind.BOOLEAN)
        schema = replace(schema, columns=(*schema.columns, column))
    return replace(table, frame=rows, schema=schema)


def _write(
    result: AugmentResult,
    folder: Path,
    steps: Steps,
    evidence: Mapping[str, Mapping[str, str]],
    manifest: dict[str, Any],
) -> None:
    """Write table, report, results and schema into the empty `folder`, and the manifest last."""
    with steps.step("report"):
        write_text(folder / REPORT, render(result.results, manifest))
    with steps.step("write"):
        write_json(folder / RESULTS, result.results)
        write_text(folder / SUMMARY, to_markdown(result.results))
        schemas = {n: (t.schema, evidence[n]) for n, t in result.dataset.items()}
        write_schema(folder / SCHEMA, schemas)
        (folder / "data").mkdir()
        write_tables(folder / "data", result.dataset)
    manifest |= {"seconds": dict(steps.seconds), "outputs": hash_files(folder)}
    write_json(folder / MANIFEST, manifest)


def _manifest(
    result: AugmentResult, table: Table, config: AugmentConfig, steps: Steps, file_hash: str | None
) -> dict[str, Any]:
    """How the table was augmented, as JSON types."""
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "source": source_to_dict(config.source, table, file_hash),
        "seed": steps.run.seed.entropy,
        "method": {
            "name": result.method.capabilities.name,
            "reason": result.reason,
            "settings": asdict(cast(Any, result.method)),
        },
        "target": config.target,
        "class": result.results["class"],
        "rows": result.results["rows"],
        "folds": config.folds,
        "repeats": config.repeats,
        "filters": [one["name"] for one in result.results["filters"]],
        "marker": config.marker,
        "notes": list(result.results["notes"]),
        "seconds": dict(steps.seconds),
    }
