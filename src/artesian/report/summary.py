"""The content of a report as one dict of aggregates (JSON types), from which HTML is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.metrics import CATALOG
from artesian.metrics.common.suppression import Suppression, suppression_sentence
from artesian.metrics.evaluate import Scorecard
from artesian.metrics.findings import Finding
from artesian.metrics.protocol import Better, Comparison, Figure, Result
from artesian.metrics.relational import spec_of
from artesian.report.chart_data import attack, detector, nearest, pairs, utility
from artesian.report.columns import describe
from artesian.report.projection import project

MAX_CHARTED_COLUMNS = 200
"""Maximum number of columns with a chart, worst first; the others are rows of a table, so that a
report of very many columns still opens."""

DIRECTIONS = {
    Better.LOWER: "lower is better",
    Better.HIGHER: "higher is better",
    Better.NEITHER: "closer to the reference is better",
}


def summarize(
    tables: Comparison, scorecard: Scorecard, provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """Aggregates of all three tables, the scorecard, and the provenance of the synthetic table.

    Args:
        tables: The compared tables. Only counts and proportions of rows are returned.
        scorecard: Verdict and results of the evaluation.
        provenance: Method, settings, seed, times, ... as JSON types.
    """
    columns = [describe(tables, column) for column in tables.real.schema]
    columns.sort(key=lambda c: (c["overlap"] is None, c["overlap"] if c["overlap"] else 0.0))
    results = {result.metric: result for result in scorecard.results}
    figures = {
        figure: [results.get(name) for name in CATALOG if CATALOG[name].spec.figure is figure]
        for figure in Figure
    }

    def first(figure: Figure) -> Result | None:
        return next((result for result in figures[figure] if result is not None), None)

    levels = {finding.code: finding.level.value for finding in scorecard.findings}
    return {
        "format": 1,
        "title": tables.real.origin.name,
        "verdict": scorecard.verdict,
        "findings": [
            finding_to_dict(finding, results.get(finding.code)) for finding in scorecard.findings
        ],
        "notes": [*scorecard.notes, *_suppression_notes(scorecard)],
        "rows": {
            "train": len(tables.real),
            "synthetic": len(tables.synthetic),
            "holdout": 0 if tables.holdout is None else len(tables.holdout),
        },
        "scorecard": [
            score(result) | {"level": levels.get(result.metric, "")} for result in scorecard.results
        ],
        "columns": columns[:MAX_CHARTED_COLUMNS],
        "more_columns": [
            {k: c[k] for k in ("name", "kind", "overlap", "overlap_holdout")}
            for c in columns[MAX_CHARTED_COLUMNS:]
        ],
        "pairs": pairs(first(Figure.PAIRS)),
        "projection": project(tables),
        "detector": detector(first(Figure.DETECTOR)),
        "utility": utility(first(Figure.UTILITY)),
        "attack": attack(figures[Figure.ATTACK]),
        "nearest": nearest(first(Figure.NEAREST)),
        "provenance": dict(provenance),
    }


def finding_to_dict(finding: Finding, result: Result | None) -> dict[str, str]:
    """A finding for the page.

    Args:
        result: The result that it is about; None if it is about the tables.
    """
    return {
        "code": finding.code,
        "level": finding.level.value,
        "title": _title(finding.code),
        "message": _without_suppression(finding.message, result),
    }


def score(result: Result) -> dict[str, Any]:
    """One row of the scorecard: the result and the specification of its metric."""
    spec = spec_of(result.metric)
    higher_is_better = result.better is Better.HIGHER
    worst = sorted(result.parts.items(), key=lambda part: part[1], reverse=not higher_is_better)
    return {
        "metric": result.metric,
        "title": spec.title if spec else result.metric,
        "family": spec.family if spec else "",
        "description": spec.description if spec else "",
        "source": spec.source if spec else "",
        "low": spec.low if spec else 0.0,
        "high": spec.high if spec else 1.0,
        "priority": spec.priority if spec else None,
        "direction": DIRECTIONS[result.better],
        "value": result.value,
        "interval": None if result.interval is None else list(result.interval),
        "reference": result.reference,
        "explanation": _without_suppression(result.explanation, result),
        "suppression": _suppression(result),
        "skipped": result.skipped,
        "parts": [[str(name), float(value)] for name, value in worst[:10]],
    }


def _suppression(result: Result) -> str:
    """What the synthetic table suppresses of the columns of a result, as a sentence; '' if nothing."""
    spec = spec_of(result.metric)
    columns = result.detail.get("suppressed", {}) if spec and spec.categories else {}
    return suppression_sentence(
        {name: Suppression(value=None, code=-1, **counts) for name, counts in columns.items()}
    ).strip()


def _without_suppression(text: str, result: Result | None) -> str:
    """A text without that sentence, which the page states once instead of once per metric."""
    return text if result is None else text.removesuffix(_suppression(result)).rstrip()


def _suppression_notes(scorecard: Scorecard) -> list[str]:
    return list(dict.fromkeys(filter(None, map(_suppression, scorecard.results))))


def _title(code: str) -> str:
    """Title of a finding."""
    spec = spec_of(code)
    return spec.title if spec else code.replace("_", " ").capitalize()
