"""Fit a model on all rows of a source, of one table or of several, and save it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_folder
from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.dataset import Dataset, require_single_table
from artesian.data.read import read_dataset
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.pipeline.related import REASON, RELEASED, describe_tables, related_synthesizer
from artesian.pipeline.release import Release, make_release
from artesian.relations.declared import describe_violations
from artesian.runs.output import SENSITIVE_MODEL
from artesian.runs.resolve import AUTO, Method, check_method, resolve_method
from artesian.runs.roles import with_constraints, with_constraints_of_tables, with_target
from artesian.runs.steps import Steps
from artesian.synthesizers.memorisation import describe_memorisation
from artesian.synthesizers.protocol import Model
from artesian.synthesizers.relational.relational_trees import RelationalModel
from artesian.synthesizers.release import related_release_model
from artesian.synthesizers.store import write_into


@dataclass(frozen=True, slots=True, kw_only=True)
class FitConfig:
    """Configuration of a fit.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
        out: Folder for the model.
        method: A name in the catalog, 'auto', or a synthesizer; of related tables also
            'table=method', or a mapping of tables to methods.
        settings: Settings of the method by name.
        target: Target column; None for that of the schema.
        schema: Schema, or the path of a schema file, that overrides inference.
        constraints: Constraints beside those of the schema, such as 'col("end") >= col("start")'.
        release_model: Save a release model, which reveals as much as synthetic rows do.
        force: Replace an existing `out`.
    """

    source: Any
    out: Path
    method: Method = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    target: str | None = None
    schema: Schema | str | Path | None = None
    constraints: str | Iterable[str] = ()
    release_model: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FitResult:
    """A fitted and saved model.

    Attributes:
        model: The fitted model.
        release: The release model, which was saved in place of the model; None for none.
        reason: Why its method was used.
        rows: Number of rows it was fitted on.
        violations: A sentence for each constraint that rows of the source break.
        tables: Number of rows of each table, of related tables.
        about_saved: What a user should know of a saved model of related tables, one sentence each.
        out: Folder of the saved model.
        seconds: Wall time of each step.
    """

    model: Model | RelationalModel
    reason: str
    rows: int
    out: Path
    seconds: Mapping[str, float]
    release: Release | None = None
    violations: tuple[str, ...] = ()
    tables: Mapping[str, int] = field(default_factory=dict)
    about_saved: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """Name of the fitted method."""
        return self.model.settings.capabilities.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user of the saved model should know, one sentence each."""
        if self.about_saved:
            return self.about_saved
        saved = SENSITIVE_MODEL if self.release is None else self.release.note
        facts = self.model.facts()
        memorised = describe_memorisation(facts.get("memorised"))
        return (*self.violations, *memorised, *facts.get("warnings", ()), saved)

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types."""
        return {
            "out": str(self.out),
            "method": self.method,
            "reason": self.reason,
            "rows": dict(self.tables) or self.rows,
            "choices": self.model.facts(),
            "release": None if self.release is None else self.release.to_dict(),
            "notes": list(self.notes),
            "seconds": dict(self.seconds),
        }


def fit(config: FitConfig, run: Run) -> FitResult:
    """Fit a model on all rows of the source and save it, without holdout and evaluation.

    The saved model is as sensitive as the rows it was fitted on, unless it is a release model.

    Raises:
        DataError: The source cannot be read.
        UsageError: The method or a setting does not exist.
        OutputError: `out` exists and `force` is false, or it cannot be written.
        Cancelled: The run was stopped.
    """
    check_method(config.method, config.settings)
    steps = Steps(run)
    with staged_folder(
        config.out, force=config.force, sources=(config.source, config.schema)
    ) as stage:
        with steps.step("read"):
            dataset = read_dataset(config.source, schema=config.schema)
        if len(dataset) > 1:
            return _fit_related(dataset, config, steps, stage)
        with steps.step("read"):
            table = with_target(require_single_table(dataset), config.target)
            table = with_constraints(table, config.constraints)
        model, reason = fit_model(table, config.method, config.settings, steps)
        release = None
        if config.release_model:
            with steps.step("release"):
                release = make_release(model, len(table), run)
        with steps.step("write"):
            write_into(model if release is None else release.model, stage)
    return FitResult(
        model=model,
        release=release,
        reason=reason,
        rows=len(table),
        out=config.out,
        seconds=steps.seconds,
        violations=describe_violations(table),
    )


def _fit_related(dataset: Dataset, config: FitConfig, steps: Steps, stage: Path) -> FitResult:
    """Fit related tables, and write the model into the empty folder `stage`."""
    if config.target:
        raise UsageError(
            "a model of related tables is fitted without a target", hint="leave it out"
        )
    dataset = with_constraints_of_tables(dataset, config.constraints)
    synthesizer, methods = related_synthesizer(config.method, config.settings)
    with steps.step("fit"):
        model = synthesizer.fit(dataset, methods=methods, run=steps.run)
    saved, about = model, SENSITIVE_MODEL
    if config.release_model:
        with steps.step("release"):
            saved, about = related_release_model(model, run=steps.run), RELEASED
    with steps.step("write"):
        write_into(saved, stage)
    return FitResult(
        model=model,
        reason=REASON,
        rows=sum(len(table) for table in dataset.values()),
        out=config.out,
        seconds=steps.seconds,
        tables={name: len(table) for name, table in dataset.items()},
        about_saved=(*describe_tables(dataset, model), about),
    )


def fit_model(
    table: Table, method: Method, settings: Mapping[str, Any], steps: Steps
) -> tuple[Model, str]:
    """Fit `method` on `table` as the step 'fit'; also return why this method was used."""
    with steps.step("fit"):
        synthesizer, reason = resolve_method(method, settings, table)
        return synthesizer.fit(table, run=steps.run), reason
