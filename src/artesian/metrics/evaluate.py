"""Take the metrics of a comparison and sum them up. It judges tables from any tool."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from artesian.core.errors import MissingExtra
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.metrics import CATALOG, chosen, full_name
from artesian.metrics.common.arrays import Hashes, row_hashes
from artesian.metrics.common.excess import with_excess
from artesian.metrics.common.intervals import newcombe
from artesian.metrics.findings import Finding, of_results, of_tables
from artesian.metrics.protocol import Comparison, Interval, Result, skipped
from artesian.metrics.verdict import verdict

FORMAT = 1
MOST_ROWS = 200_000
"""Rows of a table that are looked at, by metrics that do not need every row."""

OVERLAP = 0.01
"""Holdout rows that equal a training row, beyond what is usual in the training rows, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """What the judge found.

    Attributes:
        verdict: One line in plain words.
        results: One answer for each metric, in the order asked for.
        findings: Where the synthetic rows do worse than unseen real ones, worst first.
        notes: What a reader should know of how it was judged.
        rows: Rows of the 'real', 'synthetic' and 'holdout' tables; None for no holdout.
    """

    verdict: str
    results: tuple[Result, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    rows: Mapping[str, int | None]

    def __getitem__(self, metric: str) -> Result:
        """The answer of one metric, by its name or a short form of it ('c2st')."""
        name = full_name(metric)
        for result in self.results:
            if result.metric == name:
                return result
        return skipped(CATALOG[name].spec, "it was not asked for")

    def to_dict(self) -> dict[str, Any]:
        """`scorecard.json`: JSON types only, six significant digits, never NaN."""
        return {
            "format": FORMAT,
            "verdict": self.verdict,
            "results": [_plain(result) for result in self.results],
            "findings": [
                {"code": found.code, "level": found.level.value, "words": found.words}
                for found in self.findings
            ],
            "notes": list(self.notes),
            "rows": dict(self.rows),
        }


def judge(
    tables: Comparison, *, metrics: Sequence[str] | None = None, run: Run | None = None
) -> Scorecard:
    """Judge synthetic rows against real ones.

    Args:
        metrics: Names of metrics or families, short forms allowed; None for all in the catalog.

    Raises:
        SchemaError: the tables do not have the same columns.
        UsageError: there is no such metric.
        Cancelled: the run was stopped.
    """
    run = run or Run()
    names = chosen(metrics)
    hashes = row_hashes(tables)
    pairs = {"same_rows": hashes[:2], "holdout_rows": hashes[1:]}
    codes = [code for code, pair in pairs.items() if _same(pair)]
    real = bool(codes)
    if tables.holdout is None:
        codes.append("no_holdout")
    elif _overlap(hashes):
        codes.append("holdout_overlap")
    notes = []
    short = _cut(tables, hashes, run.seed.child("judge", "cut"))
    if short is not tables:
        notes.append(
            f"of tables with more than {MOST_ROWS:,} rows, that many were drawn by the seed, "
            f"except for exact copies and validity"
        )
    results = []
    for name in run.track(names, "evaluate"):
        metric = CATALOG[name]()
        seen = tables if metric.spec.every_row else short
        try:
            results.append(with_excess(metric(seen, run=run)))
        except MissingExtra as problem:
            results.append(skipped(metric.spec, problem.problem))
    specs = {name: CATALOG[name].spec for name in names}
    about = tuple(of_tables(code) for code in codes)
    return Scorecard(
        verdict=verdict(results, specs, real=real),
        results=tuple(results),
        findings=(*about, *of_results(results, specs)),
        notes=tuple(notes),
        rows={
            "real": len(tables.real),
            "synthetic": len(tables.synthetic),
            "holdout": None if tables.holdout is None else len(tables.holdout),
        },
    )


def _same(hashes: list[Hashes]) -> bool:
    """Whether two tables hold the same rows as often; keys are left out of it."""
    if len(hashes) < 2 or not len(hashes[0]):
        return False
    return bool(np.array_equal(np.sort(hashes[0]), np.sort(hashes[1])))


def _overlap(hashes: list[Hashes]) -> bool:
    """Whether holdout rows equal training rows more often than training rows equal each other."""
    if len(hashes) < 3 or not len(hashes[0]) or not len(hashes[2]):
        return False
    real, held = hashes[0], hashes[2]
    values, times = np.unique(real, return_counts=True)
    shared = int(np.isin(held, values, kind="sort").sum())
    twice = int(times[times > 1].sum())
    low, _ = newcombe(shared, len(held), twice, len(real))
    return low > 0 and shared / len(held) - twice / len(real) > OVERLAP


def _cut(tables: Comparison, hashes: list[Hashes], seed: Seed) -> Comparison:
    """Long tables cut to rows drawn by what they hold: their order in the table does not matter."""
    if max((len(each) for each in hashes), default=0) <= MOST_ROWS:
        return tables

    def cut(table: Table, number: int) -> Table:
        if len(table) <= MOST_ROWS:
            return table
        order = np.argsort(hashes[number], kind="stable")
        chosen = seed.child(number).rng().permutation(len(order))[:MOST_ROWS]
        return table.with_frame(table.frame[order[chosen]])

    return replace(
        tables,
        real=cut(tables.real, 0),
        synthetic=cut(tables.synthetic, 1),
        holdout=None if tables.holdout is None else cut(tables.holdout, 2),
    )


def _plain(result: Result) -> dict[str, Any]:
    return {
        "metric": result.metric,
        "value": _number(result.value),
        "interval": _numbers(result.interval),
        "reference": _number(result.reference),
        "reference_interval": _numbers(result.reference_interval),
        "excess": _number(result.excess),
        "excess_interval": _numbers(result.excess_interval),
        "better": result.better.value,
        "explanation": result.explanation,
        "skipped": result.skipped,
        "parts": {name: _number(value) for name, value in result.parts.items()},
        "reference_parts": {n: _number(value) for n, value in result.reference_parts.items()},
    }


def _numbers(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [_number(end) for end in interval]


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")
