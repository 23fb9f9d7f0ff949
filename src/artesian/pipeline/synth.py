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
from artesian.data.read import explain
from artesian.data.schema import Schema
from artesian.data.schema_io import write_schema
from artesian.data.table import Table
from artesian.data.write import data_file_name, write_to_url
from artesian.metrics import chosen
from artesian.metrics.evaluate import Scorecard, judge
from artesian.metrics.protocol import Comparison
from artesian.pipeline.fit import fit_model
from artesian.report.html import render_report
from artesian.report.markdown import to_markdown
from artesian.runs.manifest import FORMAT, described, output_facts, source_facts, versions
from artesian.runs.output import (
    MANIFEST,
    REPORT,
    SCHEMA,
    SCORECARD,
    SUMMARY,
    write_json,
    write_rows,
    write_text,
)
from artesian.runs.resolve import AUTO, check_method
from artesian.runs.roles import with_target
from artesian.runs.split import FEWEST, hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers.condition_parsing import matching, parse_conditions
from artesian.synthesizers.protocol import Model, Synthesizer, Where
from artesian.synthesizers.store import write_into


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisConfig:
    """Configuration of a synthesis.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
        rows: Number of synthetic rows; None for as many as the source has.
        method: A name in the catalog, 'auto', or a synthesizer.
        settings: Settings of the method by name.
        where: Conditions that every synthetic row satisfies, as texts or as a mapping.
        holdout: Fraction of the rows that is not used for fitting, in [0, 1).
        target: Target column; None for that of the schema.
        metrics: Names of metrics or families; 'quick' for all but the slow ones.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Output folder; None to write nothing.
        to: URL of a database to write the rows to, instead of a file in `out`.
        force: Replace an existing `out`.
    """

    source: Any
    rows: int | None = None
    method: str | Synthesizer = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    where: Where | Iterable[str] | None = None
    holdout: float = 0.2
    target: str | None = None
    metrics: Sequence[str] = ("quick",)
    schema: Schema | str | Path | None = None
    out: Path | None = None
    to: str | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisResult:
    """Synthetic data, the model, and their evaluation.

    Attributes:
        source: The table that was read.
        train: Rows the model was fitted on.
        holdout: Rows it was not fitted on.
        synthetic: The synthetic rows.
        comparison: The tables that were compared: of train and holdout, the rows that satisfy the
            conditions.
        model: The fitted model.
        scorecard: Result of every metric.
        reason: Why this method was used.
        where: Parsed conditions.
        notes: What a reader of the results should know, one sentence each.
        manifest: Versions, settings, seed, choices and times; empty until all is written.
        out: Output folder.
    """

    source: Table
    train: Table
    holdout: Table | None
    synthetic: Table
    comparison: Comparison
    model: Model
    scorecard: Scorecard
    reason: str
    where: Where
    notes: tuple[str, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """The scorecard with manifest and output folder."""
        out = None if self.out is None else str(self.out)
        return {**self.scorecard.to_dict(), "out": out, "manifest": dict(self.manifest)}


def synthesize(config: SynthesisConfig, run: Run) -> SynthesisResult:
    """Fit on a part of the source, sample, compare with the holdout, and write the output folder.

    Raises:
        DataError: The source has no rows or cannot be read as a table.
        UsageError: The method, a setting or a metric does not exist, or a number is out of range.
        ConditionError: The model cannot satisfy a condition.
        OutputError: `out` exists and `force` is false, or it cannot be written.
        Cancelled: The run was stopped.
    """
    if config.rows is not None and config.rows < 0:
        raise UsageError(f"cannot sample {config.rows} rows", hint="give 0 or more")
    config = replace(config, metrics=chosen(config.metrics))
    check_method(config.method, config.settings)
    staged = nullcontext() if config.out is None else staged_folder(config.out, force=config.force)
    steps = Steps(run)
    with staged as stage:
        with steps.step("read"):
            inferred = explain(config.source, schema=config.schema)
        result = _generate(with_target(inferred.table, config.target), config, steps)
        if stage is None:
            manifest = _manifest(result, config, steps)
        else:
            manifest = _write(result, config, stage, steps, inferred.evidence)
    return replace(result, manifest=manifest, out=config.out)


def _generate(source: Table, config: SynthesisConfig, steps: Steps) -> SynthesisResult:
    """Hold out, fit, sample and evaluate."""
    run = steps.run
    if not len(source):
        raise DataError(f"{source.origin.name} has no rows", hint="give a table with rows")
    where = parse_conditions(config.where, source.schema, source.frame)
    split = hold_out(source, config.holdout, run)
    model, reason = fit_model(split.train, config.method, config.settings, steps)
    with steps.step("sample"):
        rows = len(source) if config.rows is None else config.rows
        synthetic = model.sample(rows, where or None, run=run)
    with steps.step("judge"):
        comparison, note = _comparison(split.train, synthetic, split.holdout, where)
        scorecard = judge(comparison, metrics=config.metrics, run=run)
    return SynthesisResult(
        source=source,
        train=split.train,
        holdout=split.holdout,
        synthetic=synthetic,
        comparison=comparison,
        model=model,
        scorecard=scorecard,
        reason=reason,
        where=where,
        notes=tuple(text for text in (*source.origin.notes, split.note, note) if text),
    )


def _comparison(
    train: Table, synthetic: Table, holdout: Table | None, where: Where
) -> tuple[Comparison, str]:
    """Compare conditioned rows with the real rows that satisfy the same conditions."""
    if not where:
        return Comparison(train, synthetic, holdout), ""
    real = matching(train, where)
    if len(real) < FEWEST:
        return Comparison(train, synthetic, holdout), (
            f"only {len(real)} of the fitted rows meet the conditions: the rows made were "
            f"compared with all real rows, which they need not resemble"
        )
    unseen = None if holdout is None else matching(holdout, where)
    if unseen is not None and len(unseen) < FEWEST:
        return Comparison(real, synthetic, None), (
            f"only {len(unseen)} of the held-out rows meet the conditions: nothing could be "
            f"judged on unseen rows"
        )
    return Comparison(real, synthetic, unseen), ""


def _write(
    result: SynthesisResult,
    config: SynthesisConfig,
    folder: Path,
    steps: Steps,
    evidence: Mapping[str, str],
) -> dict[str, Any]:
    """Write data, model, report, scorecard and schema into the empty `folder`; return the manifest."""
    with steps.step("report"):
        manifest = _manifest(result, config, steps)
        report = render_report(result.comparison, result.scorecard, manifest)
        write_text(folder / REPORT, report)
    with steps.step("write"):
        write_json(folder / SCORECARD, result.scorecard.to_dict())
        write_text(folder / SUMMARY, to_markdown(result.scorecard))
        origin = result.source.origin
        write_schema(folder / SCHEMA, {origin.name: (result.synthetic.schema, evidence)})
        (folder / "model").mkdir()
        write_into(result.model, folder / "model")
        if config.to is None:
            (folder / "data").mkdir()
            write_rows(folder / "data" / data_file_name(origin), result.synthetic)
        outputs = output_facts(folder)
        # A database outside the folder comes last: after it only the manifest can fail.
        if config.to is not None:
            write_to_url(config.to, result.synthetic, origin.name)
    manifest |= {"seconds": dict(steps.seconds), "outputs": outputs, "to": config.to}
    write_json(folder / MANIFEST, manifest)
    return manifest


def _manifest(result: SynthesisResult, config: SynthesisConfig, steps: Steps) -> dict[str, Any]:
    """How the data were generated, as JSON types."""
    settings = result.model.settings
    return {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "source": source_facts(config.source, result.source),
        "seed": steps.run.seed.entropy,
        "method": {
            "name": settings.capabilities.name,
            "reason": result.reason,
            "settings": asdict(cast(Any, settings)),
        },
        "rows": {
            "made": len(result.synthetic),
            "fitted": len(result.train),
            "held_out": 0 if result.holdout is None else len(result.holdout),
        },
        "holdout": config.holdout,
        "where": described(result.where),
        "target": result.source.schema.target,
        "choices": result.model.facts(),
        "notes": list(result.notes),
        "seconds": dict(steps.seconds),
    }
