"""Evaluate synthetic datasets from any tool: run the relational metrics, and summarize them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from artesian.core.run import Run
from artesian.metrics.evaluate import FORMAT, result_to_dict
from artesian.metrics.findings import (
    Finding,
    Level,
    mismatch_findings,
    result_findings,
    table_finding,
)
from artesian.metrics.protocol import Result, skipped
from artesian.metrics.relational import RELATIONAL, resolve_relational, resolve_relational_name
from artesian.metrics.relational.alignment import Aligned, aligned
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.metrics.relational.verdict import verdict

MUST_HOLD = ("referential_integrity", "static_columns", "relations_between_tables")
"""Metrics that must be as in the real data: any excess is an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetScorecard:
    """The results of an evaluation of related tables.

    Attributes:
        verdict: One line that summarizes the results.
        results: One result per metric, in the requested order.
        findings: Metrics on which the synthetic data are worse than real data, worst first.
        notes: Remarks on how the metrics were computed.
        rows: Table -> number of rows of the 'real', 'synthetic' and 'holdout' side; None where a side
            does not have the table.
    """

    verdict: str
    results: tuple[Result, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    rows: Mapping[str, Mapping[str, int | None]]

    def __getitem__(self, metric: str) -> Result:
        """The result of one metric, by name or alias ('integrity')."""
        name = resolve_relational_name(metric)
        for result in self.results:
            if result.metric == name:
                return result
        return skipped(RELATIONAL[name].spec, "it was not requested")

    def to_dict(self) -> dict[str, Any]:
        """The content of `scorecard.json`: JSON types, six significant digits, never NaN."""
        return {
            "format": FORMAT,
            "kind": "dataset",
            "verdict": self.verdict,
            "results": [
                result_to_dict(result) | {"detail": _json(result.detail)} for result in self.results
            ],
            "findings": [
                {"code": finding.code, "level": finding.level.value, "words": finding.message}
                for finding in self.findings
            ],
            "notes": list(self.notes),
            "rows": {name: dict(sides) for name, sides in self.rows.items()},
        }


def evaluate_dataset(
    datasets: DatasetComparison, *, metrics: Sequence[str] | None = None, run: Run | None = None
) -> DatasetScorecard:
    """Evaluate synthetic related tables against real ones.

    Args:
        metrics: Names, aliases or families of metrics of related tables; None for all of them.

    Raises:
        SchemaError: the synthetic data lack most tables, or most columns of a table.
        UsageError: there is no such metric, or the target names no column.
        Cancelled: the run was stopped.
    """
    run = run or Run()
    names = resolve_relational(metrics)
    both = aligned(datasets)
    results = tuple(RELATIONAL[name]()(datasets, run=run) for name in run.track(names, "evaluate"))
    specs = {name: RELATIONAL[name].spec for name in names}
    metric_findings = tuple(
        replace(finding, level=Level.ALARM) if finding.code in MUST_HOLD else finding
        for finding in result_findings(results, specs)
    )
    must = tuple(finding for finding in metric_findings if finding.code in MUST_HOLD)
    others = tuple(finding for finding in metric_findings if finding.code not in MUST_HOLD)
    table_findings = _table_findings(both, holdout=datasets.holdout is not None)
    notes = []
    if datasets.holdout is not None and datasets.shared:
        notes.append(
            "the same in training data and holdout, so compared with the training data only: "
            + ", ".join(datasets.shared)
        )
    return DatasetScorecard(
        verdict=verdict(results, specs, metric_findings, lost=both.missing_tables),
        results=results,
        findings=(*table_findings, *must, *others),
        notes=tuple(notes),
        rows={
            name: {
                "real": len(table),
                "synthetic": len(datasets.synthetic[name]) if name in datasets.synthetic else None,
                "holdout": len(datasets.holdout[name])
                if datasets.holdout is not None and name in datasets.holdout
                else None,
            }
            for name, table in datasets.real.items()
        },
    )


def _table_findings(both: Aligned, *, holdout: bool) -> tuple[Finding, ...]:
    """What of the tables and keys cannot be compared."""
    out: list[Finding] = []
    if both.missing_tables:
        out.append(
            Finding(
                code="missing_tables",
                level=Level.ALARM,
                message="the synthetic data lack tables of the real data: "
                + ", ".join(map(repr, both.missing_tables)),
            )
        )
    if both.lost_keys:
        out.append(
            Finding(
                code="missing_keys",
                level=Level.ALARM,
                message="the synthetic data lack tables or columns of foreign keys: "
                + ", ".join(map(str, both.lost_keys)),
            )
        )
    if both.surplus_tables:
        out.append(
            Finding(
                code="surplus_tables",
                level=Level.NOTE,
                message="the synthetic data have tables that the real data lack, and that were not "
                "compared: " + ", ".join(map(repr, both.surplus_tables)),
            )
        )
    for name, mismatches in both.mismatches.items():
        out += [
            replace(finding, message=f"table {name!r}: {finding.message}")
            for finding in mismatch_findings(mismatches)
        ]
    if not holdout:
        out.append(table_finding("no_holdout"))
    return tuple(out)


def _json(value: Any) -> Any:
    """Six significant digits, and None for numbers that JSON lacks."""
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if abs(value) < float("inf") else None
    return value
