"""Synthesize a table: read, hold out, fit, sample, evaluate, report, write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from artesian.core.atomic import staged_folder
from artesian.core.errors import DataError, UsageError
from artesian.core.run import Run
from artesian.data.databases import refuse_database, shown_url
from artesian.data.dataset import Dataset, DatasetSchema, require_single_table
from artesian.data.read import explain_dataset
from artesian.data.schema import Schema
from artesian.data.schema_io import write_schema
from artesian.data.table import Table
from artesian.data.write_dataset import try_database, write_dataset, write_tables
from artesian.encoding.protection import describe_protection
from artesian.metrics import resolve_metrics
from artesian.metrics.evaluate import Scorecard, evaluate
from artesian.metrics.protocol import Comparison
from artesian.metrics.relational import require_metrics
from artesian.pipeline.fit import fit_model
from artesian.pipeline.release import Release, make_release
from artesian.pipeline.synth_related import (
    RelatedSynthesisResult,
    synthesize_related,
    without_related,
    write_related,
)
from artesian.relations.declared import describe_violations
from artesian.report.html import render_report
from artesian.report.markdown import to_markdown
from artesian.runs.completion import completed
from artesian.runs.manifest import (
    FORMAT,
    conditions_to_dict,
    hash_files,
    hashed,
    source_to_dict,
    versions,
)
from artesian.runs.output import (
    MANIFEST,
    MODEL,
    REPORT,
    SCHEMA,
    SCORECARD,
    SENSITIVE_MODEL,
    SUMMARY,
    stated_keys,
    write_json,
    write_text,
)
from artesian.runs.relations import relation_evidence, search_notes
from artesian.runs.resolve import AUTO, Method, check_method
from artesian.runs.roles import with_constraints, with_ledger_entity, with_target
from artesian.runs.split import MIN_ROWS, default_split, hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers.condition_parsing import matching, parse_conditions
from artesian.synthesizers.memorisation import describe_memorisation
from artesian.synthesizers.protocol import Model, Where
from artesian.synthesizers.store import write_into


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisConfig:
    """Configuration of a synthesis.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
        rows: Number of synthetic rows; None for as many as the source has.
        scale: Number of rows of related tables, relative to the source.
        method: A name in the catalog, 'auto', or a synthesizer; of related tables also
            'table=method', or a mapping of tables to methods.
        settings: Settings of the method by name.
        where: Conditions that every synthetic row satisfies, as texts or as a mapping.
        holdout: Fraction of the rows that is not used for fitting, in [0, 1).
        constraints: Constraints beside those of the schema, such as 'col("end") >= col("start")'.
        split: How the holdout is chosen: 'random', 'entity' or 'time'; None for 'entity' if
            several rows have the same entity or identifier, else 'random'.
        target: Target column; None for that of the schema.
        metrics: Names of metrics or families; 'quick' for all but the slow ones.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Output folder; None to write nothing.
        to: URL of a database to write the rows to, instead of a file in `out`.
        keep_model: Also save the model in `out`; it is as sensitive as the rows it was fitted on.
        release_model: Also save a release model in `out`, which reveals as much as synthetic rows do.
        force: Replace an existing `out`.
    """

    source: Any
    rows: int | None = None
    scale: float = 1.0
    method: Method = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    where: Where | Iterable[str] | None = None
    constraints: str | Iterable[str] = ()
    holdout: float = 0.2
    split: str | None = None
    target: str | None = None
    metrics: Sequence[str] = ("quick",)
    schema: Schema | DatasetSchema | str | Path | None = None
    out: Path | None = None
    to: str | None = None
    keep_model: bool = False
    release_model: bool = False
    force: bool = False

    @property
    def saves_model(self) -> bool:
        """Whether a model is saved in `out`."""
        return self.keep_model or self.release_model


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisResult:
    """Synthetic data, the model, and their evaluation.

    Attributes:
        source: The data that were read.
        train: The part that the model was fitted on.
        holdout: The part that it was not fitted on.
        synthetic: The synthetic data.
        comparison: The tables that were compared: of train and holdout, the rows that satisfy the
            conditions.
        model: The fitted model.
        release: The release model; None if it was not asked for.
        scorecard: Result of every metric.
        reason: Why this method was used.
        where: Parsed conditions.
        notes: What a reader of the results should know, one sentence each.
        manifest: Versions, settings, seed, choices and times; empty until all is written.
        out: Output folder.
    """

    source: Dataset
    train: Dataset
    holdout: Dataset | None
    synthetic: Dataset
    comparison: Comparison
    model: Model
    scorecard: Scorecard
    reason: str
    where: Where
    notes: tuple[str, ...]
    release: Release | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None

    @property
    def saved_model(self) -> Path | None:
        """Folder of the saved model; None if it was not saved."""
        return None if self.out is None or not self.manifest["model"] else self.out / MODEL

    def to_dict(self) -> dict[str, Any]:
        """The scorecard with manifest and output folder."""
        out = None if self.out is None else str(self.out)
        return {**self.scorecard.to_dict(), "out": out, "manifest": dict(self.manifest)}


def synthesize(config: SynthesisConfig, run: Run) -> SynthesisResult:
    """Synthesize a table; see `synthesize_any`.

    Raises:
        Unsupported: The source has several tables.
    """
    result = synthesize_any(config, run, single=True)
    assert isinstance(result, SynthesisResult)
    return result


def synthesize_any(
    config: SynthesisConfig, run: Run, *, single: bool = False, related: bool = False
) -> SynthesisResult | RelatedSynthesisResult:
    """Fit on a part of the source, sample, compare with the holdout, and write the output folder.

    The output folder is meant for release, so the model is saved in it only on request.

    Args:
        single: Refuse a source of several tables.
        related: Refuse a source of one table.

    Returns:
        A `RelatedSynthesisResult` for a source of several tables.

    Raises:
        DataError: The source has no rows or cannot be read as a table.
        UsageError: The method, a setting or a metric does not exist, a number is out of range, or
            the model is to be saved without an output folder.
        ConditionError: The model cannot satisfy a condition.
        OutputError: `out` exists and `force` is false, or it cannot be written.
        Cancelled: The run was stopped.
    """
    if config.rows is not None and config.rows < 0:
        raise UsageError(f"cannot sample {config.rows} rows", hint="give 0 or more")
    if config.saves_model and config.out is None:
        raise UsageError("there is no output folder to save the model in", hint="name one")
    if config.keep_model and config.release_model:
        raise UsageError(
            "the output folder has either the model or a release model",
            hint="leave one of them out; `artesian fit` saves the model in a folder of its own",
        )
    # Whether the source is one table is not known yet.
    require_metrics(config.metrics)
    check_method(config.method, without_related(config.settings))
    sources = (config.source, config.schema)
    if config.to is not None:
        refuse_database(config.to, sources, config.out)
    staged = (
        nullcontext()
        if config.out is None
        else staged_folder(config.out, force=config.force, sources=sources)
    )
    steps = Steps(run)
    with staged as stage:
        with steps.step("read"), hashed(config.source) as file_hash:
            inferred = explain_dataset(config.source, schema=config.schema)
        if config.to is not None:
            try_database(config.to, inferred.dataset)
        if len(inferred.dataset) > 1 and not single:
            tables = synthesize_related(inferred.dataset, config, steps)
            written: dict[str, Any] = {}
            if stage is not None:
                written = write_related(
                    tables, config, stage, steps, inferred.evidence, inferred.reasons
                )
            return replace(tables, manifest=written, out=config.out)
        if related:
            raise UsageError(
                f"{inferred.dataset.name!r} is one table", hint="use ar.synth for a single table"
            )
        if config.scale != 1.0:
            raise UsageError(
                "a scale is for related tables; this source is one table",
                hint="give the number of rows with --rows",
            )
        config = replace(config, metrics=resolve_metrics(config.metrics))
        result = _generate(inferred.dataset, config, steps)
        manifest = _manifest(result, config, steps, file_hash)
        if stage is not None:
            _write(result, config, stage, steps, inferred.evidence, manifest)
    return replace(result, manifest=manifest, out=config.out)


def _generate(dataset: Dataset, config: SynthesisConfig, steps: Steps) -> SynthesisResult:
    """Hold out, fit, sample and evaluate; only datasets of one table can be fitted."""
    run = steps.run
    table = with_target(require_single_table(dataset), config.target)
    table = with_ledger_entity(with_constraints(table, config.constraints))
    (name,) = dataset
    dataset = replace(dataset, tables={name: table})
    if not len(table):
        raise DataError(f"{name} has no rows", hint="give a table with rows")
    where = parse_conditions(config.where, table.schema, table.frame)
    split = hold_out(dataset, config.holdout, run, by=config.split)
    train = require_single_table(split.train)
    holdout = None if split.holdout is None else require_single_table(split.holdout)
    model, reason = fit_model(train, config.method, config.settings, steps)
    rows = len(table) if config.rows is None else config.rows
    facts = model.facts()
    learned = (
        *describe_protection(facts.get("suppressed", {}), len(train)),
        *describe_memorisation(facts.get("memorised"), rows),
        *facts.get("warnings", ()),
        *search_notes(train),
        *describe_violations(train),
    )
    with steps.step("sample"):
        sampled = model.sample(rows, where or None, run=run)
        synthetic = completed(sampled, table, train, run.seed)
    with steps.step("evaluate"):
        comparison, note = _comparison(train, synthetic, holdout, where)
        scorecard = evaluate(comparison, metrics=config.metrics, run=run)
    release = None
    if config.release_model:
        with steps.step("release"):
            real = None if holdout is None else Comparison(train, synthetic, holdout)
            release = make_release(model, len(train), run, real)
    return SynthesisResult(
        source=dataset,
        train=split.train,
        holdout=split.holdout,
        synthetic=replace(dataset, tables={name: synthetic}),
        comparison=comparison,
        model=model,
        scorecard=scorecard,
        reason=reason,
        where=where,
        notes=tuple(
            text
            for text in (
                *table.origin.notes,
                split.note,
                *learned,
                note,
                SENSITIVE_MODEL if config.keep_model else "",
                "" if release is None else release.note,
            )
            if text
        ),
        release=release,
    )


def _comparison(
    train: Table, synthetic: Table, holdout: Table | None, where: Where
) -> tuple[Comparison, str]:
    """Compare conditioned rows with the real rows that satisfy the same conditions."""
    if not where:
        return Comparison(train, synthetic, holdout), ""
    real = matching(train, where)
    if len(real) < MIN_ROWS:
        return Comparison(train, synthetic, holdout), (
            f"only {len(real)} training rows satisfy the conditions: the synthetic rows were compared "
            f"with all real rows, from which they may differ"
        )
    reference = None if holdout is None else matching(holdout, where)
    if reference is not None and len(reference) < MIN_ROWS:
        return Comparison(real, synthetic, None), (
            f"only {len(reference)} holdout rows satisfy the conditions: the synthetic rows could not "
            f"be compared with a holdout"
        )
    return Comparison(real, synthetic, reference), ""


def _write(
    result: SynthesisResult,
    config: SynthesisConfig,
    folder: Path,
    steps: Steps,
    evidence: Mapping[str, Mapping[str, str]],
    manifest: dict[str, Any],
) -> None:
    """Write data, report, scorecard, schema and, on request, the model into the empty `folder`;
    complete the manifest, and write it.
    """
    with steps.step("report"):
        report = render_report(result.comparison, result.scorecard, manifest)
        write_text(folder / REPORT, report)
    with steps.step("write"):
        write_json(folder / SCORECARD, result.scorecard.to_dict())
        write_text(folder / SUMMARY, to_markdown(result.scorecard))
        synthetic = result.synthetic
        schemas = {
            name: (
                table.schema,
                {**evidence[name], **relation_evidence(table.schema, result.source[name].frame)},
            )
            for name, table in synthetic.items()
        }
        write_schema(folder / SCHEMA, schemas, foreign_keys=stated_keys(synthetic))
        if config.saves_model:
            (folder / MODEL).mkdir()
            saved = result.model if result.release is None else result.release.model
            write_into(saved, folder / MODEL)
        if config.to is None:
            (folder / "data").mkdir()
            write_tables(folder / "data", synthetic)
        outputs = hash_files(folder)
        # A database outside the folder comes last: after it only the manifest can fail.
        if config.to is not None:
            manifest["notes"] += write_dataset(config.to, synthetic)
    manifest |= {"seconds": dict(steps.seconds), "outputs": outputs, "to": shown_url(config.to)}
    write_json(folder / MANIFEST, manifest)


def _manifest(
    result: SynthesisResult, config: SynthesisConfig, steps: Steps, file_hash: str | None
) -> dict[str, Any]:
    """How the data were generated, as JSON types."""
    settings = result.model.settings
    schema = require_single_table(result.source).schema
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "source": source_to_dict(config.source, require_single_table(result.source), file_hash),
        "dataset": result.source.summary(),
        "seed": steps.run.seed.entropy,
        "method": {
            "name": settings.capabilities.name,
            "reason": result.reason,
            "settings": asdict(cast(Any, settings)),
        },
        "rows": {
            "synthetic": _rows(result.synthetic),
            "train": _rows(result.train),
            "holdout": 0 if result.holdout is None else _rows(result.holdout),
        },
        "holdout": config.holdout,
        "split": config.split or default_split(require_single_table(result.source)),
        "where": conditions_to_dict(result.where),
        "target": schema.target,
        "choices": result.model.facts(),
        "model": MODEL if config.saves_model else None,
        "release": None if result.release is None else result.release.to_dict(),
        "notes": list(result.notes),
        "seconds": dict(steps.seconds),
    }


def _rows(dataset: Dataset) -> int:
    return sum(len(table) for table in dataset.values())
