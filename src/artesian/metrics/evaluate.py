"""Evaluate synthetic data from any tool: run metrics on a comparison and summarize them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from artesian.core.errors import MissingExtra
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.metrics import CATALOG, resolve_metrics, resolve_name
from artesian.metrics.common.arrays import Hashes, row_hashes
from artesian.metrics.common.design_effect import design_effect
from artesian.metrics.common.excess import with_excess
from artesian.metrics.common.holdout_difference import holdout_difference
from artesian.metrics.common.intervals import newcombe
from artesian.metrics.common.subjects import find_entity
from artesian.metrics.findings import Finding, mismatch_findings, result_findings, table_finding
from artesian.metrics.protocol import Comparison, Interval, Mismatches, Result, skipped
from artesian.metrics.verdict import DIFFERENT, TOO_FEW, verdict

FORMAT = 1
MAX_ROWS = 200_000
"""Maximum number of rows per table, except for metrics that use every row."""

NOTED = 1.1
"""Minimum factor of wider intervals that a note states."""

MAX_OVERLAP = 0.01
"""Maximum excess of the proportion of holdout rows that equal a training row over that of
duplicates among training rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The results of an evaluation.

    Attributes:
        verdict: One line that summarizes the results.
        results: One result per metric, in the requested order.
        findings: Metrics on which synthetic rows are worse than holdout rows, worst first.
        notes: Remarks on how the metrics were computed.
        rows: Number of rows of the 'real', 'synthetic' and 'holdout' tables; None without a
            holdout.
    """

    verdict: str
    results: tuple[Result, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    rows: Mapping[str, int | None]

    def __getitem__(self, metric: str) -> Result:
        """The result of one metric, by name or alias ('c2st')."""
        name = resolve_name(metric)
        for result in self.results:
            if result.metric == name:
                return result
        return skipped(CATALOG[name].spec, "it was not requested")

    def to_dict(self) -> dict[str, Any]:
        """The content of `scorecard.json`: JSON types, six significant digits, never NaN."""
        return {
            "format": FORMAT,
            "verdict": self.verdict,
            "results": [result_to_dict(result) for result in self.results],
            "findings": [
                {"code": finding.code, "level": finding.level.value, "words": finding.message}
                for finding in self.findings
            ],
            "notes": list(self.notes),
            "rows": dict(self.rows),
        }


def evaluate(
    tables: Comparison, *, metrics: Sequence[str] | None = None, run: Run | None = None
) -> Scorecard:
    """Evaluate synthetic rows against real rows.

    Args:
        metrics: Names, aliases or families of metrics; None for the whole catalog.

    Raises:
        SchemaError: the tables do not have the same columns.
        UsageError: there is no such metric.
        Cancelled: the run was stopped.
    """
    run = run or Run()
    names = resolve_metrics(metrics)
    hashes = row_hashes(tables)
    pairs = {"same_rows": hashes[:2], "holdout_rows": hashes[1:]}
    codes = [code for code, pair in pairs.items() if _same_rows(pair)]
    real = bool(codes)
    if tables.holdout is None:
        codes.append("no_holdout")
    if any(column.generalised for column in tables.synthetic.schema):
        codes.append("generalised")
    elif _holdout_overlaps(hashes):
        codes.append("holdout_overlap")
    notes = []
    if (factor := math.sqrt(design_effect(tables))) >= NOTED:
        notes.append(
            f"rows with the same {find_entity(tables)!r} depend on each other, so intervals are "
            f"{factor:.1f} times as wide as those of independent rows"
        )
    subsampled = _subsampled(tables, hashes, run.seed.child("judge", "cut"))
    if subsampled is not tables:
        notes.append(
            f"tables with more than {MAX_ROWS:,} rows were subsampled to that number, except for "
            "exact copies and validity"
        )
    judged = {CATALOG[name].spec.family for name in names} & {"privacy", "diagnostics"}
    if judged and tables.holdout is not None and holdout_difference(subsampled, run).matters:
        codes.append("holdout_differs")
    results = []
    for name in run.track(names, "evaluate"):
        metric = CATALOG[name]()
        used = tables if metric.spec.every_row else subsampled
        try:
            results.append(with_excess(metric(used, run=run)))
        except MissingExtra as problem:
            results.append(skipped(metric.spec, problem.problem))
    specs = {name: CATALOG[name].spec for name in names}
    untested = ""
    if tables.holdout is not None:
        different = "holdout_differs" in codes
        untested = DIFFERENT if different else TOO_FEW
    table_findings = (
        *(table_finding(code) for code in codes),
        *mismatch_findings(tables.mismatches),
    )
    return Scorecard(
        verdict=_not_compared(tables.mismatches)
        + verdict(results, specs, real=real, untested=untested),
        results=tuple(results),
        findings=(*table_findings, *result_findings(results, specs)),
        notes=tuple(notes),
        rows={
            "real": len(tables.real),
            "synthetic": len(tables.synthetic),
            "holdout": None if tables.holdout is None else len(tables.holdout),
        },
    )


def _same_rows(hashes: list[Hashes]) -> bool:
    """Whether two tables have the same rows the same number of times, except for keys."""
    if len(hashes) < 2 or not len(hashes[0]):
        return False
    return bool(np.array_equal(np.sort(hashes[0]), np.sort(hashes[1])))


def _holdout_overlaps(hashes: list[Hashes]) -> bool:
    """Whether holdout rows equal training rows more often than training rows are duplicates."""
    if len(hashes) < 3 or not len(hashes[0]) or not len(hashes[2]):
        return False
    real, holdout = hashes[0], hashes[2]
    values, counts = np.unique(real, return_counts=True)
    shared = int(np.isin(holdout, values, kind="sort").sum())
    duplicates = int(counts[counts > 1].sum())
    low, _ = newcombe(shared, len(holdout), duplicates, len(real))
    return low > 0 and shared / len(holdout) - duplicates / len(real) > MAX_OVERLAP


def _subsampled(tables: Comparison, hashes: list[Hashes], seed: Seed) -> Comparison:
    """Subsample long tables; which rows are drawn depends on their values, not on their order."""
    if max((len(each) for each in hashes), default=0) <= MAX_ROWS:
        return tables

    def subsample(table: Table, number: int) -> Table:
        if len(table) <= MAX_ROWS:
            return table
        order = np.argsort(hashes[number], kind="stable")
        resolve_metrics = seed.child(number).rng().permutation(len(order))[:MAX_ROWS]
        return table.with_frame(table.frame[order[resolve_metrics]])

    return replace(
        tables,
        real=subsample(tables.real, 0),
        synthetic=subsample(tables.synthetic, 1),
        holdout=None if tables.holdout is None else subsample(tables.holdout, 2),
    )


def result_to_dict(result: Result) -> dict[str, Any]:
    """One entry of `results` in `scorecard.json`."""
    return {
        "metric": result.metric,
        "value": _rounded(result.value),
        "interval": _rounded_interval(result.interval),
        "reference": _rounded(result.reference),
        "reference_interval": _rounded_interval(result.reference_interval),
        "excess": _rounded(result.excess),
        "excess_interval": _rounded_interval(result.excess_interval),
        "better": result.better.value,
        "explanation": result.explanation,
        "skipped": result.skipped,
        "parts": {name: _rounded(value) for name, value in result.parts.items()},
        "reference_parts": {n: _rounded(value) for n, value in result.reference_parts.items()},
    }


def _rounded_interval(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [_rounded(end) for end in interval]


def _rounded(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")


def _not_compared(mismatches: Mismatches) -> str:
    """What the verdict has to say first: that it is about a part of the columns."""
    names = [*mismatches.missing, *mismatches.unscored]
    if not names:
        return ""
    return f"COLUMNS DIFFER: {', '.join(map(repr, names))} cannot be compared. "
