"""Evaluate synthetic data from any tool, one table or several, against real data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_folder
from artesian.core.errors import SchemaError, UsageError, did_you_mean
from artesian.core.run import Run
from artesian.data.dataset import Dataset, require_single_table
from artesian.data.read import read_dataset, read_single
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.metrics import resolve_metrics
from artesian.metrics.common.alignment import align
from artesian.metrics.evaluate import Scorecard, evaluate
from artesian.metrics.protocol import Comparison
from artesian.metrics.relational import resolve_relational, resolve_relational_name
from artesian.metrics.relational.evaluate import DatasetScorecard, evaluate_dataset
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.metrics.requirements import Outcome, outcomes, requirements
from artesian.pipeline.compare_datasets import (
    compare_with,
    read_holdout,
    refuse_roles,
    write_dataset_comparison,
)
from artesian.report import candidates
from artesian.report.html import render_report
from artesian.report.markdown import candidates_to_markdown, to_markdown
from artesian.runs.manifest import FORMAT, hashed, source_to_dict, versions
from artesian.runs.output import MANIFEST, REPORT, SCORECARD, SUMMARY, write_json, write_text
from artesian.runs.roles import with_roles
from artesian.runs.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareConfig:
    """Configuration of a comparison; a source is a path, `file.db::table`, or a dataframe.

    Attributes:
        real: The data that the synthetic data were generated from.
        synthetic: Synthetic data, one source for each candidate.
        holdout: Real data that the tools did not use.
        target: Target column; None for that of the schema. Of related tables, 'table.column'.
        event: Event indicator of a time-to-event target; None for that of the schema.
        sensitive: Sensitive columns; None for those of the schema.
        quasi_identifiers: Quasi-identifiers; None for those of the schema.
        metrics: Names of metrics or families; None for all.
        require: Bounds on metrics, such as 'c2st<=0.6'.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Folder for the report and the scorecard; None to write nothing.
        force: Replace an existing `out`.
    """

    real: Any
    synthetic: Sequence[Any]
    holdout: Any = None
    target: str | None = None
    event: str | None = None
    sensitive: Sequence[str] | None = None
    quasi_identifiers: Sequence[str] | None = None
    metrics: Sequence[str] | None = None
    require: Sequence[str] = ()
    schema: Schema | str | Path | None = None
    out: Path | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One synthetic table or dataset, evaluated.

    Attributes:
        source: Where its data were read from.
        comparison: The tables; all have the columns of the real table, in its order. Or the datasets.
        scorecard: Result of every metric.
        outcomes: Whether each requirement is met.
        hashes: SHA-256 of the files of the 'real', 'holdout' and 'synthetic' rows; None if the rows
            are of no file.
    """

    source: Any
    comparison: Comparison | DatasetComparison
    scorecard: Scorecard | DatasetScorecard
    outcomes: tuple[Outcome, ...]
    hashes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareResult:
    """Evaluations of the candidates by name, in the order given."""

    candidates: Mapping[str, Candidate]
    out: Path | None

    @property
    def scorecards(self) -> dict[str, Scorecard | DatasetScorecard]:
        """The scorecard of each candidate."""
        return {name: candidate.scorecard for name, candidate in self.candidates.items()}

    @property
    def unmet(self) -> list[tuple[str, Outcome]]:
        """Requirements that are not met, with the name of the candidate."""
        return [
            (name, outcome)
            for name, candidate in self.candidates.items()
            for outcome in candidate.outcomes
            if not outcome.met
        ]

    def to_dict(self) -> dict[str, Any]:
        """The scorecards, and the outcomes of all requirements."""
        several = len(self.candidates) > 1
        return {
            **scorecards_to_dict(self.scorecards),
            "out": None if self.out is None else str(self.out),
            "requirements": [
                {"require": str(one.requirement), "met": one.met, "reason": one.reason}
                | ({"candidate": name} if several else {})
                for name, candidate in self.candidates.items()
                for one in candidate.outcomes
            ],
            "met": not self.unmet,
        }


def compare(config: CompareConfig, run: Run) -> CompareResult:
    """Evaluate every candidate against the real data, and write the report.

    Raises:
        SchemaError: The holdout lacks a column of the real table, or a candidate lacks most of them.
        UsageError: A metric does not exist, or a requirement cannot be parsed.
        OutputError: `out` exists and `force` is false, or it cannot be written.
        Cancelled: The run was stopped.
    """
    if not config.synthetic:
        raise UsageError(
            "no synthetic data were given", hint="give real data, then synthetic data: compare A B"
        )
    _check_names(config)
    sources = (config.real, config.holdout, config.schema, *config.synthetic)
    staged = (
        nullcontext()
        if config.out is None
        else staged_folder(config.out, force=config.force, sources=sources)
    )
    steps = Steps(run)
    with staged as stage:
        hashes: dict[str, str | None] = {}
        with steps.step("read"), hashed(config.real) as hashes["real"]:
            source = read_dataset(config.real, schema=config.schema)
        if len(source) > 1:
            evaluated = _evaluate_datasets(config, source, steps)
            result = CompareResult(candidates=evaluated, out=config.out)
            if stage is not None:
                _write(result, config, stage, steps)
            return result
        bounds = requirements(config.require)
        metrics = None if config.metrics is None else resolve_metrics(config.metrics)
        with steps.step("read"):
            real = with_roles(
                require_single_table(source),
                target=config.target,
                event=config.event,
                sensitive=config.sensitive,
                quasi_identifiers=config.quasi_identifiers,
            )
        holdout = None
        if config.holdout is not None:
            with steps.step("read"), hashed(config.holdout) as hashes["holdout"]:
                holdout = _holdout(config.holdout, real)
        evaluated = {}
        for name, synthetic in zip(_names(config.synthetic), config.synthetic, strict=True):
            with steps.step("read"), hashed(synthetic) as hashes["synthetic"]:
                comparison = _comparison(real, synthetic, holdout)
            with steps.step("evaluate"):
                scorecard = evaluate(comparison, metrics=metrics, run=run)
            evaluated[name] = Candidate(
                source=synthetic,
                comparison=comparison,
                scorecard=scorecard,
                outcomes=outcomes(scorecard, bounds),
                hashes=dict(hashes),
            )
        result = CompareResult(candidates=evaluated, out=config.out)
        if stage is not None:
            _write(result, config, stage, steps)
    return result


def _check_names(config: CompareConfig) -> None:
    """Refuse a metric that exists neither for one table nor for related tables, before any is read."""
    try:
        requirements(config.require)
        resolve_metrics(config.metrics)
    except UsageError as problem:
        try:
            requirements(config.require, resolve_relational_name)
            resolve_relational(config.metrics)
        except UsageError:
            raise problem from None


def _evaluate_datasets(config: CompareConfig, real: Dataset, steps: Steps) -> dict[str, Candidate]:
    """Evaluate synthetic related tables."""
    bounds = requirements(config.require, resolve_relational_name)
    metrics = None if config.metrics is None else resolve_relational(config.metrics)
    refuse_roles(
        event=config.event, sensitive=config.sensitive, quasi_identifier=config.quasi_identifiers
    )
    holdout = None
    if config.holdout is not None:
        with steps.step("read"):
            holdout = read_holdout(config.holdout, real)
    evaluated = {}
    for name, source in zip(_names(config.synthetic), config.synthetic, strict=True):
        with steps.step("read"):
            comparison = compare_with(real, source, holdout, config.target)
        with steps.step("evaluate"):
            scorecard = evaluate_dataset(comparison, metrics=metrics, run=steps.run)
        evaluated[name] = Candidate(
            source=source,
            comparison=comparison,
            scorecard=scorecard,
            outcomes=outcomes(scorecard, bounds),
            hashes={},
        )
    return evaluated


def _holdout(source: Any, real: Table) -> Table:
    """The holdout, which has every column of the real table."""
    read = read_single(source, schema=real.schema, lenient=True)
    holdout, mismatches = align(real, read.table, "the holdout", read.unreadable)
    for name in mismatches.missing:
        raise SchemaError(
            f"the holdout lacks the column {name!r}",
            hint=did_you_mean(name, read.table.schema.names),
        )
    for name in mismatches.unscored:
        raise SchemaError(
            f"most values in column {name!r} of the holdout are not of the type of the real column",
            hint="give real rows as the holdout",
        )
    return holdout


def _comparison(real: Table, source: Any, holdout: Table | None) -> Comparison:
    """The tables with the columns that can be compared; what cannot is among the mismatches."""
    read = read_single(source, schema=real.schema, lenient=True)
    synthetic, mismatches = align(real, read.table, "the synthetic data", read.unreadable)
    names = synthetic.schema.names
    return Comparison(
        real if names == real.schema.names else real.select(names),
        synthetic,
        holdout if holdout is None or names == real.schema.names else holdout.select(names),
        mismatches,
    )


def scorecards_to_dict(cards: Mapping[str, Scorecard | DatasetScorecard]) -> dict[str, Any]:
    """`scorecard.json`: the scorecard of one candidate, or a list of several with their names."""
    if len(cards) == 1:
        return next(iter(cards.values())).to_dict()
    return {"candidates": [{"name": name, **card.to_dict()} for name, card in cards.items()]}


def names_of(paths: Sequence[str]) -> list[str]:
    """A unique name for each path: that of the file, after as many folders as are needed.

    >>> names_of(["a/data.csv", "b/data.csv", "c.parquet"])
    ['a/data', 'b/data', 'c']
    """
    names = []
    parsed = [Path(path) for path in paths]
    for number, path in enumerate(parsed):
        others = [other for other in parsed if other != path]
        stem = path.name.partition(".")[0] or "-"
        for depth in range(len(path.parts)):
            folders = path.parts[:-1][len(path.parts) - 1 - depth :]
            name = "/".join((*folders, stem))
            if not any(_ends(other, name) for other in others):
                break
        names.append(name if parsed.count(path) == 1 else f"{name} {number + 1}")
    return names


def _names(sources: Sequence[Any]) -> list[str]:
    """Names of candidates; a dataframe has none of its own."""
    return names_of(
        [
            str(source) if isinstance(source, str | PathLike) else f"synthetic-{number}"
            for number, source in enumerate(sources, 1)
        ]
    )


def _ends(path: Path, name: str) -> bool:
    """Whether `path` without its suffix ends with `name`, folders and a stem."""
    stem = path.name.partition(".")[0] or "-"
    return f"/{'/'.join((*path.parts[:-1], stem))}".endswith(f"/{name}")


def _write(result: CompareResult, config: CompareConfig, folder: Path, steps: Steps) -> None:
    """Write one candidate into `folder`; of several, each into a folder of its own, and a summary."""
    if len(result.candidates) == 1:
        for candidate in result.candidates.values():
            _write_candidate(candidate, config, folder, steps)
        return
    reports = {}
    for number, (name, candidate) in enumerate(result.candidates.items(), 1):
        own = folder / _folder_name(name, number)
        own.mkdir()
        _write_candidate(candidate, config, own, steps)
        reports[name] = f"{own.name}/{REPORT}"
        title = candidate.comparison.real.origin.name  # of a table or a dataset
    cards = result.scorecards
    with steps.step("report"):
        write_text(folder / REPORT, candidates.render(title, cards, reports))
        write_json(folder / SCORECARD, scorecards_to_dict(cards))
        write_text(folder / SUMMARY, candidates_to_markdown(cards))
        write_json(
            folder / MANIFEST,
            {
                "format": FORMAT,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "versions": versions(),
                "candidates": dict(zip(cards, reports.values(), strict=True)),
            },
        )


def _folder_name(name: str, number: int) -> str:
    """A folder for a candidate; the number makes it unique whatever characters are replaced."""
    return f"{number}-{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('.-')[:60] or 'candidate'}"


def _write_candidate(
    candidate: Candidate, config: CompareConfig, folder: Path, steps: Steps
) -> None:
    comparison, scorecard = candidate.comparison, candidate.scorecard
    sources = {"real": config.real, "synthetic": candidate.source, "holdout": config.holdout}
    if isinstance(comparison, DatasetComparison):
        assert isinstance(scorecard, DatasetScorecard), "datasets have a scorecard of datasets"
        with steps.step("report"):
            write_dataset_comparison(
                comparison, scorecard, sources, folder, steps.run, dict(steps.seconds)
            )
        return
    assert isinstance(scorecard, Scorecard), "tables have a scorecard of tables"
    tables = {
        "real": comparison.real,
        "synthetic": comparison.synthetic,
        "holdout": comparison.holdout,
    }
    schema = comparison.real.schema
    manifest = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": steps.run.seed.entropy,
        "sources": {
            name: source_to_dict(sources[name], table, candidate.hashes[name])
            for name, table in tables.items()
            if table is not None
        },
        "target": schema.target,
        "sensitive": [column.name for column in schema if column.sensitive],
        "event": schema.event,
        "quasi_identifiers": [column.name for column in schema if column.quasi_identifier],
        "seconds": dict(steps.seconds),
    }
    with steps.step("report"):
        write_text(folder / REPORT, render_report(comparison, scorecard, manifest))
        write_json(folder / SCORECARD, scorecard.to_dict())
        write_text(folder / SUMMARY, to_markdown(scorecard))
        write_json(folder / MANIFEST, manifest)
