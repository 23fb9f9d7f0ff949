"""Synthesize related tables: hold out, fit, sample, evaluate, report, write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import UsageError
from artesian.data.databases import shown_url
from artesian.data.dataset import Dataset
from artesian.data.schema_io import write_schema
from artesian.data.write_dataset import write_dataset, write_tables
from artesian.metrics.relational.evaluate import DatasetScorecard, evaluate_dataset
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.report.dataset import render_dataset_report
from artesian.runs.manifest import FORMAT, hash_files, source_to_dict, versions
from artesian.runs.output import MANIFEST, REPORT, SCHEMA, SCORECARD, write_json, write_text
from artesian.runs.resolve import AUTO
from artesian.runs.settings import typed_settings
from artesian.runs.split import hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers.relational.relational_trees import RelationalModel, RelationalTrees
from artesian.synthesizers.relational.source_keys import (
    count_orphans,
    describe_orphans,
    without_orphans,
)

if TYPE_CHECKING:
    from artesian.pipeline.synth import SynthesisConfig

METHODS = (AUTO, "trees")
"""Methods of which the model of related tables is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedSynthesis:
    """Synthetic related tables, the model, and their evaluation.

    Attributes:
        source: The data that were read.
        train: The part that the model was fitted on.
        holdout: The part that it was not fitted on.
        synthetic: The synthetic tables.
        model: The fitted model; `model.sample(scale)` samples more.
        scorecard: Result of every metric of related tables.
        notes: What a reader of the results should know, one sentence each.
        manifest: Versions, settings, seed, choices and times; empty until all is written.
        out: Output folder.
    """

    source: Dataset
    train: Dataset
    holdout: Dataset | None
    synthetic: Dataset
    comparison: DatasetComparison
    model: RelationalModel
    scorecard: DatasetScorecard
    notes: tuple[str, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The synthetic tables as Polars frames, by name."""
        return {name: table.frame for name, table in self.synthetic.items()}

    def to_dict(self) -> dict[str, Any]:
        """The scorecard with manifest and output folder."""
        out = None if self.out is None else str(self.out)
        return {**self.scorecard.to_dict(), "out": out, "manifest": dict(self.manifest)}


def synthesize_related(dataset: Dataset, config: SynthesisConfig, steps: Steps) -> RelatedSynthesis:
    """Hold out parents with all that belongs to them, fit, sample and evaluate.

    Raises:
        UsageError: an option is given that related tables do not have.
        DataError: a table has no rows, or the rows violate a key.
    """
    synthesizer = _synthesizer(config)
    run = steps.run
    orphans = count_orphans(dataset)
    if synthesizer.orphans == "drop":
        dataset = without_orphans(dataset)
    split = hold_out(dataset, config.holdout, run, by=config.split)
    with steps.step("fit"):
        model = synthesizer.fit(split.train, run=run)
    with steps.step("sample"):
        synthetic = model.sample(_scale(dataset, split.train, config), run=run)
    with steps.step("evaluate"):
        comparison = DatasetComparison(
            split.train, synthetic, split.holdout, split.shared, target=config.target
        )
        scorecard = evaluate_dataset(comparison, run=run)
    return RelatedSynthesis(
        source=dataset,
        train=split.train,
        holdout=split.holdout,
        synthetic=synthetic,
        comparison=comparison,
        model=model,
        scorecard=scorecard,
        notes=_notes(dataset, split.note, model, describe_orphans(orphans, synthesizer.orphans)),
    )


def write_related(
    result: RelatedSynthesis,
    config: SynthesisConfig,
    folder: Path,
    steps: Steps,
    evidence: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """Write data, report, scorecard and schema into the empty `folder`, and return the manifest."""
    manifest = _manifest(result, config, steps)
    synthetic = result.synthetic
    notes = list(result.notes)
    with steps.step("report"):
        page = render_dataset_report(result.comparison, result.scorecard, manifest)
        write_text(folder / REPORT, page)
    with steps.step("write"):
        write_json(folder / SCORECARD, result.scorecard.to_dict())
        schemas = {name: (table.schema, evidence[name]) for name, table in synthetic.items()}
        write_schema(folder / SCHEMA, schemas, foreign_keys=synthetic.foreign_keys)
        if config.to is None:
            (folder / "data").mkdir()
            notes += write_tables(folder / "data", synthetic)
        outputs = hash_files(folder)
        # A database outside the folder comes last: after it only the manifest can fail.
        if config.to is not None:
            notes += write_dataset(config.to, synthetic)
    manifest |= {
        "notes": notes,
        "seconds": dict(steps.seconds),
        "outputs": outputs,
        "to": shown_url(config.to),
    }
    write_json(folder / MANIFEST, manifest)
    return manifest


def without_related(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are not of related tables alone."""
    related = {one.name for one in fields(RelationalTrees)}
    return {name: value for name, value in settings.items() if name not in related}


def _synthesizer(config: SynthesisConfig) -> RelationalTrees:
    refused = {
        "rows": (config.rows is not None, "use scale, such as --scale 2"),
        "where": (config.where is not None, "sample all, and select rows afterwards"),
        "constraints": (
            bool(config.constraints),
            "write the relations of each table in its schema",
        ),
        "keep_model": (config.keep_model, "leave it out"),
        "release_model": (config.release_model, "leave it out"),
    }
    for name, (given, hint) in refused.items():
        if given:
            raise UsageError(f"related tables do not have {name} yet", hint=hint)
    if config.method not in METHODS:
        raise UsageError(
            f"related tables cannot be fitted with the method {config.method!r} yet",
            hint="use auto or trees",
        )
    return RelationalTrees(**typed_settings(RelationalTrees, config.settings))


def _scale(source: Dataset, train: Dataset, config: SynthesisConfig) -> float:
    """Rows relative to the training data, so that the result has as many as asked for."""
    rows = [sum(len(table) for table in one.values()) for one in (source, train)]
    return config.scale * rows[0] / max(rows[1], 1)


def _notes(
    dataset: Dataset, split_note: str, model: RelationalModel, orphans: list[str]
) -> tuple[str, ...]:
    notes = [*dataset.origin.notes]
    notes += [note for table in dataset.values() for note in table.origin.notes]
    notes += [split_note] if split_note else []
    notes += [
        f"constraints of the table {name!r} are kept as far as they are relations of columns: rows of "
        "related tables are not drawn again yet"
        for name, table in dataset.items()
        if table.schema.constraints
    ]
    notes += [
        f"the table {one.name!r} is kept, but for what identifies somebody: {one.kept}"
        for one in model.plan
        if one.kept
    ]
    notes += [
        f"{key} closes a circle of tables: the rows it refers to are drawn last, whatever they are like"
        for one in model.plan
        for key in one.deferred
        if key.child != key.parent
    ]
    notes += orphans
    for name, suppressed in model.facts()["suppressed"].items():
        listed = ", ".join(list(suppressed)[:6]) + (", ..." if len(suppressed) > 6 else "")
        notes.append(f"{name}: values of fewer than {MIN_COUNT} rows are replaced in {listed}")
    return tuple(notes)


def _manifest(result: RelatedSynthesis, config: SynthesisConfig, steps: Steps) -> dict[str, Any]:
    def rows(dataset: Dataset | None) -> dict[str, int]:
        return {} if dataset is None else {name: len(table) for name, table in dataset.items()}

    settings = result.model.settings
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "sources": {
            name: source_to_dict(None, table, None) for name, table in result.source.items()
        },
        "dataset": result.source.summary(),
        "seed": steps.run.seed.entropy,
        "method": {"name": settings.capabilities.name, "settings": asdict(settings)},
        "rows": {
            "synthetic": rows(result.synthetic),
            "train": rows(result.train),
            "holdout": rows(result.holdout),
        },
        "holdout": config.holdout,
        "scale": config.scale,
        "choices": result.model.facts(),
    }
