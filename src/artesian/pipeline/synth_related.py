"""Synthesize related tables: hold out, fit, sample, evaluate, report, write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artesian.core.errors import UsageError
from artesian.data.databases import shown_url
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.data.schema_io import write_schema
from artesian.data.write_dataset import write_dataset, write_tables
from artesian.metrics.relational import resolve_relational
from artesian.metrics.relational.evaluate import DatasetScorecard, evaluate_dataset
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.pipeline.related import RELEASED, describe_tables, related_synthesizer
from artesian.report.dataset import render_dataset_report
from artesian.runs.manifest import FORMAT, conditions_to_dict, hash_files, source_to_dict, versions
from artesian.runs.output import (
    MANIFEST,
    MODEL,
    REPORT,
    SCHEMA,
    SCORECARD,
    SENSITIVE_MODEL,
    write_json,
    write_text,
)
from artesian.runs.roles import with_constraints_of_tables
from artesian.runs.split import MIN_ROWS, hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers.relational.conditions import (
    TablesWhere,
    parse_table_conditions,
    satisfying,
)
from artesian.synthesizers.relational.relational_trees import RelationalModel, RelationalTrees
from artesian.synthesizers.relational.source_keys import count_orphans, without_orphans
from artesian.synthesizers.release import related_release_model
from artesian.synthesizers.store import write_into

if TYPE_CHECKING:
    from artesian.pipeline.synth import SynthesisConfig

FEWER = 0.9
"""Minimum proportion of the rows asked for, of which nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedSynthesisResult:
    """Synthetic related tables, the model, and their evaluation.

    Attributes:
        source: The data that were read.
        train: The part that the model was fitted on.
        holdout: The part that it was not fitted on.
        synthetic: The synthetic tables.
        model: The fitted model; `model.sample(scale)` samples more.
        scorecard: Result of every metric of related tables.
        notes: What a reader of the results should know, one sentence each.
        release: The release model; None if it was not asked for.
        where: Parsed conditions on the columns of each table.
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
    release: RelationalModel | None = None
    where: TablesWhere = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The synthetic tables as Polars frames, by name."""
        return {name: table.frame for name, table in self.synthetic.items()}

    @property
    def saved_model(self) -> Path | None:
        """Folder of the saved model; None if it was not saved."""
        return None if self.out is None or not self.manifest["model"] else self.out / MODEL

    def to_dict(self) -> dict[str, Any]:
        """The scorecard with manifest and output folder."""
        out = None if self.out is None else str(self.out)
        return {**self.scorecard.to_dict(), "out": out, "manifest": dict(self.manifest)}


def synthesize_related(
    dataset: Dataset, config: SynthesisConfig, steps: Steps
) -> RelatedSynthesisResult:
    """Hold out parents with all that belongs to them, fit, sample and evaluate.

    Raises:
        UsageError: an option is given that related tables do not have.
        DataError: a table has no rows, or the rows violate a key.
    """
    _refuse_options(config)
    metrics = resolve_relational(config.metrics)
    dataset = with_constraints_of_tables(dataset, config.constraints)
    synthesizer, methods = related_synthesizer(config.method, config.settings)
    run = steps.run
    orphans = count_orphans(dataset)
    if synthesizer.orphans == "drop":
        dataset = without_orphans(dataset)
    where = parse_table_conditions(config.where, dataset)
    split = hold_out(dataset, config.holdout, run, by=config.split)
    with steps.step("fit"):
        model = synthesizer.fit_part(split.train, dataset, methods=methods, run=run)
        model = replace(model, orphans=orphans)  # of the whole source
    with steps.step("sample"):
        synthetic = model.sample(_scale(dataset, split.train, config), where, run=run)
    with steps.step("evaluate"):
        train, holdout, note = _satisfying(split.train, split.holdout, where)
        comparison = DatasetComparison(
            train, synthetic, holdout, split.shared, target=config.target
        )
        scorecard = evaluate_dataset(comparison, metrics=metrics, run=run)
    release = None
    if config.release_model:
        with steps.step("release"):
            release = related_release_model(model, run=run)
    return RelatedSynthesisResult(
        source=dataset,
        train=split.train,
        holdout=split.holdout,
        synthetic=synthetic,
        comparison=comparison,
        model=model,
        scorecard=scorecard,
        notes=(
            *_notes(dataset, split.note, model, config),
            *note,
            *(() if where else _fewer_rows(dataset, synthetic, config.scale)),
        ),
        where=where,
        release=release,
    )


def write_related(
    result: RelatedSynthesisResult,
    config: SynthesisConfig,
    folder: Path,
    steps: Steps,
    evidence: Mapping[str, Mapping[str, str]],
    reasons: Mapping[ForeignKey, str],
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
        write_schema(folder / SCHEMA, schemas, foreign_keys=synthetic.foreign_keys, reasons=reasons)
        if config.saves_model:
            (folder / MODEL).mkdir()
            write_into(result.release or result.model, folder / MODEL)
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


def _refuse_options(config: SynthesisConfig) -> None:
    if config.rows is not None:
        raise UsageError("related tables do not have rows yet", hint="use scale, such as --scale 2")


def _fewer_rows(dataset: Dataset, synthetic: Dataset, scale: float) -> Iterator[str]:
    """Tables with far fewer rows than asked for, where constraints left rows out."""
    if not any(table.schema.constraints for table in dataset.values()):
        return
    for name, table in dataset.items():
        asked, drawn = round(len(table) * scale), len(synthetic[name])
        if drawn < FEWER * asked:
            yield (
                f"{name} has {drawn:,} rows where {asked:,} were asked for: rows that break a "
                "constraint, and what refers to them, were left out"
            )


def _satisfying(
    train: Dataset, holdout: Dataset | None, where: TablesWhere
) -> tuple[Dataset, Dataset | None, tuple[str, ...]]:
    """The real rows that satisfy the conditions, with all that refers to them; all if they are few."""
    if not where:
        return train, holdout, ()
    selected = satisfying(train, where)
    other = None if holdout is None else satisfying(holdout, where)
    few = [name for name in train if len(selected[name]) < min(MIN_ROWS, len(train[name]))]
    if few:
        return (
            train,
            holdout,
            (
                f"only {len(selected[few[0]])} training rows of {few[0]!r} satisfy the conditions: the "
                "synthetic tables were compared with all real rows, from which they may differ",
            ),
        )
    if other is not None and any(not len(table) for table in other.values()):
        return (
            selected,
            None,
            (
                "too few holdout rows satisfy the conditions: the synthetic tables could not be "
                "compared with a holdout",
            ),
        )
    return selected, other, ()


def _scale(source: Dataset, train: Dataset, config: SynthesisConfig) -> float:
    """Rows relative to the training data, so that the result has as many as asked for."""
    rows = [sum(len(table) for table in one.values()) for one in (source, train)]
    return config.scale * rows[0] / max(rows[1], 1)


def _notes(
    dataset: Dataset, split_note: str, model: RelationalModel, config: SynthesisConfig
) -> tuple[str, ...]:
    notes = [*dataset.origin.notes]
    notes += [
        f"the table {name!r} is written without rows, as in the source"
        for name in dataset.without_rows
    ]
    notes += [note for table in dataset.values() for note in table.origin.notes]
    notes += [split_note] if split_note else []
    notes += describe_tables(dataset, model)
    notes += [SENSITIVE_MODEL] if config.keep_model else []
    notes += [RELEASED] if config.release_model else []
    return tuple(notes)


def _manifest(
    result: RelatedSynthesisResult, config: SynthesisConfig, steps: Steps
) -> dict[str, Any]:
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
        "where": {name: conditions_to_dict(one) for name, one in result.where.items()},
        "choices": result.model.facts(),
        "model": MODEL if config.saves_model else None,
        "release": None if result.release is None else {"note": RELEASED},
    }
