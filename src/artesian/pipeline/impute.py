"""Impute a table: read, check on masked values, fit, draw the missing values, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from artesian.core.atomic import staged_folder
from artesian.core.errors import DataError, Unsupported, UsageError
from artesian.core.run import Run
from artesian.data.dataset import require_single_table
from artesian.data.read import explain_dataset
from artesian.data.schema import Schema
from artesian.data.schema_io import write_schema
from artesian.data.table import Table
from artesian.data.write import data_file_name, writer
from artesian.pipeline.imputation_check import (
    DRAWS,
    NOMINAL,
    ColumnCheck,
    check_columns,
    mask_values,
)
from artesian.report.imputation import to_markdown
from artesian.runs.manifest import FORMAT, hash_files, hashed, source_to_dict, versions
from artesian.runs.output import MANIFEST, SCHEMA, write_json, write_text
from artesian.runs.resolve import AUTO, check_method, resolve_method, unprotected
from artesian.runs.split import hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers import CATALOG
from artesian.synthesizers.completion import GENERATED
from artesian.synthesizers.completion import impute as draw_missing
from artesian.synthesizers.protocol import Synthesizer

RESULTS, SUMMARY = "imputation.json", "imputation.md"

IMPUTATIONS = 5
HOLDOUT = 0.2
CHECK_ROWS = 2_000
"""Maximum number of holdout rows of the check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputeConfig:
    """Configuration of an imputation.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
        imputations: Number of imputations, 1 or more.
        columns: Columns to impute; None for all that have missing values.
        method: A name in the catalog, 'auto', or a synthesizer. Rare values are not suppressed unless
            `settings` say so, because the real rows are beside them.
        settings: Settings of the method by name.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Output folder; None to write nothing.
        force: Replace an existing `out`.
    """

    source: Any
    imputations: int = IMPUTATIONS
    columns: Sequence[str] | None = None
    method: str | Synthesizer = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    schema: Schema | str | Path | None = None
    out: Path | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputeResult:
    """Imputed tables, and how well the method imputes values that were masked.

    Attributes:
        tables: The imputations.
        missing: Column -> number of missing values that were imputed.
        checks: For each column how well masked values of holdout rows are imputed; empty without a
            holdout.
        method: The method with its settings.
        reason: Why it was used.
        notes: What a reader of the results should know, one sentence each.
        seconds: Wall time of each step.
        out: Output folder.
    """

    tables: tuple[Table, ...]
    missing: Mapping[str, int]
    checks: tuple[ColumnCheck, ...]
    method: Synthesizer
    reason: str
    notes: tuple[str, ...]
    seconds: Mapping[str, float]
    out: Path | None = None

    @property
    def results(self) -> dict[str, Any]:
        """Content of imputation.json."""
        return {
            "method": self.method.capabilities.name,
            "imputations": len(self.tables),
            "imputed": dict(self.missing),
            "check": {
                "draws": DRAWS,
                "nominal_coverage": NOMINAL,
                "columns": [one.to_dict() for one in self.checks],
            },
            "notes": list(self.notes),
        }

    def to_dict(self) -> dict[str, Any]:
        """The results with the output folder."""
        out = None if self.out is None else str(self.out)
        return {**self.results, "out": out, "seconds": dict(self.seconds)}


def impute(config: ImputeConfig, run: Run) -> ImputeResult:
    """Draw the missing values of a table conditionally on the known values of their rows.

    Raises:
        DataError: There are no missing values, or a column to impute has no values.
        SchemaError: A column to impute does not exist.
        UsageError: The method or a setting does not exist, or there are no imputations.
        Unsupported: The method cannot draw missing values; the hint names those that can.
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
            table = require_single_table(inferred.dataset)
        result = _imputed(table, config, steps)
        if stage is not None:
            (name,) = inferred.dataset
            with steps.step("write"):
                write_json(stage / RESULTS, result.results)
                write_text(stage / SUMMARY, to_markdown(result.results))
                write_schema(stage / SCHEMA, {name: (table.schema, inferred.evidence[name])})
                _write_tables(result.tables, stage / "data")
            manifest = _manifest(result, table, config, steps, file_hash)
            write_json(stage / MANIFEST, manifest | {"outputs": hash_files(stage)})
    return replace(result, out=config.out)


def _check(config: ImputeConfig) -> None:
    if config.imputations < 1:
        raise UsageError(f"{config.imputations} imputations are none", hint="use 1 or more")
    method = check_method(config.method, config.settings)
    if method is not None:
        _require_completing(method)


def _require_completing(method: Synthesizer) -> None:
    if hasattr(method.model, "complete"):
        return
    able = [n for n, each in CATALOG.items() if hasattr(each.model, "complete")]
    raise Unsupported(
        f"the method {method.capabilities.name!r} cannot draw missing values of given rows",
        hint=f"use one that can: {', '.join(able)}",
    )


def _imputed(table: Table, config: ImputeConfig, steps: Steps) -> ImputeResult:
    run = steps.run
    columns, notes = _columns(table, config.columns)
    method, reason = resolve_method(config.method, config.settings, table)
    method = unprotected(method, config.settings)
    _require_completing(method)
    with steps.step("check"):
        checks, note = _checked(table, columns, method, run)
    with steps.step("impute"):
        drawn = list(draw_missing(method, table, table, config.imputations, run))
        tables = tuple(_only(table, one, columns) for one, _ in drawn)
    violating = max(rows for _, rows in drawn)
    left = {n: tables[0].frame[n].null_count() for n in columns}
    return ImputeResult(
        tables=tables,
        missing={n: table.frame[n].null_count() - left[n] for n in columns},
        checks=checks,
        method=method,
        reason=reason,
        notes=tuple(
            text
            for text in (
                *table.origin.notes,
                *notes,
                note,
                *(
                    f"{rows:,} values of {name!r} remain missing: a relation says that they are"
                    for name, rows in left.items()
                    if rows
                ),
                f"{violating:,} rows do not keep a relation or constraint: none of the values that "
                f"were drawn for them does"
                if violating
                else "",
                "the imputed tables contain the real rows: they are as sensitive as these",
            )
            if text
        ),
        seconds=steps.seconds,
    )


def _columns(table: Table, asked: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """The columns to impute, and why others with missing values are not imputed."""
    columns, notes = [], []
    for name in table.schema.names if asked is None else asked:
        column, series = table.schema[name], table.frame[name]
        if not series.null_count():
            if asked is not None:
                raise DataError(f"{name!r} has no missing values", hint="leave it out")
            continue
        if series.null_count() == len(series):
            reason = f"{name!r} has only missing values, from which nothing can be learned"
        elif column.kind in GENERATED:
            reason = f"{name!r} is a column of {column.kind.value}s, which are not imputed"
        else:
            columns.append(name)
            continue
        if asked is not None:
            raise DataError(reason, hint="leave it out")
        notes.append(f"{reason}: they remain missing")
    if not columns:
        raise DataError(
            f"{table.origin.name} has no missing values to impute",
            hint=notes[0] if notes else "missing values are empty fields, or those of --schema",
        )
    return columns, notes


def _checked(
    table: Table, columns: Sequence[str], method: Synthesizer, run: Run
) -> tuple[tuple[ColumnCheck, ...], str]:
    """Fit on a part of the rows, and impute masked values of the others."""
    own = run.child("check")
    split = hold_out(table, HOLDOUT, own)
    if split.holdout is None:
        return (), f"the imputation was not checked: {split.note}"
    holdout = split.holdout.with_frame(split.holdout.frame.head(CHECK_ROWS))
    checkable = [n for n in columns if split.train.frame[n].count()]
    hidden, masked = mask_values(holdout, checkable, own)
    imputed = (one for one, _ in draw_missing(method, split.train, hidden, DRAWS, own))
    return check_columns(split.train, holdout, imputed, masked), ""


def _only(table: Table, imputed: Table, columns: Sequence[str]) -> Table:
    """The table with the imputed values of these columns."""
    return table.with_frame(table.frame.with_columns(imputed.frame[n] for n in columns))


def _write_tables(tables: Sequence[Table], folder: Path) -> None:
    """One file for each imputation, in the format of the source."""
    folder.mkdir()
    for number, table in enumerate(tables, 1):
        name = data_file_name(table.origin)
        stem, dot, suffix = name.partition(".")
        name = name if len(tables) == 1 else f"{stem}_{number}{dot}{suffix}"
        with writer(folder / name, table.origin, schema=table.schema) as out:
            out.write(table)


def _manifest(
    result: ImputeResult, table: Table, config: ImputeConfig, steps: Steps, file_hash: str | None
) -> dict[str, Any]:
    """How the table was imputed, as JSON types."""
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
        "imputations": config.imputations,
        "imputed": dict(result.missing),
        "notes": list(result.notes),
        "seconds": dict(steps.seconds),
    }
