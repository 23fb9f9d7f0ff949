"""Everything a report says, as one JSON-able dict of aggregates; HTML and Markdown only draw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.metrics import CATALOG
from artesian.metrics.evaluate import Scorecard
from artesian.metrics.protocol import Better, Comparison, Figure, Result, Spec
from artesian.report.columns import describe
from artesian.report.findings import attack, detector, nearest, pairs, utility
from artesian.report.projection import project

CHARTED_COLUMNS = 200
"""Columns that get a chart, worst first; the others stand in a table, so that a report of very
many columns still opens."""


def summarize(tables: Comparison, scorecard: Scorecard, made: Mapping[str, Any]) -> dict[str, Any]:
    """Aggregates of all three tables, the scorecard, and how the data was made.

    Args:
        tables: What was compared. Only counts and shares of it leave this function.
        scorecard: Verdict and results, as `judge` gives them.
        made: How the synthetic table came to be: method, settings, seed, times, ... JSON-able.
    """
    columns = [describe(tables, column) for column in tables.real.schema]
    columns.sort(key=lambda c: (c["overlap"] is None, c["overlap"] if c["overlap"] else 0.0))
    results = {result.metric: result for result in scorecard.results}
    drawn = {
        figure: [results.get(name) for name in CATALOG if CATALOG[name].spec.figure is figure]
        for figure in Figure
    }

    def first(figure: Figure) -> Result | None:
        return next((result for result in drawn[figure] if result is not None), None)

    levels = {found.code: found.level.value for found in scorecard.findings}
    return {
        "format": 1,
        "title": tables.real.origin.name,
        "verdict": scorecard.verdict,
        "findings": [
            {
                "code": found.code,
                "level": found.level.value,
                "title": _title(found.code),
                "words": found.message,
            }
            for found in scorecard.findings
        ],
        "notes": list(scorecard.notes),
        "rows": {
            "real": len(tables.real),
            "synthetic": len(tables.synthetic),
            "holdout": 0 if tables.holdout is None else len(tables.holdout),
        },
        "scorecard": [
            scored(result) | {"level": levels.get(result.metric, "")}
            for result in scorecard.results
        ],
        "columns": columns[:CHARTED_COLUMNS],
        "more_columns": [
            {k: c[k] for k in ("name", "kind", "overlap", "overlap_holdout")}
            for c in columns[CHARTED_COLUMNS:]
        ],
        "pairs": pairs(first(Figure.PAIRS)),
        "projection": project(tables),
        "detector": detector(first(Figure.DETECTOR)),
        "utility": utility(first(Figure.UTILITY)),
        "attack": attack(drawn[Figure.ATTACK]),
        "nearest": nearest(first(Figure.NEAREST)),
        "made": dict(made),
    }


def scored(result: Result) -> dict[str, Any]:
    """One line of the scorecard, with what its metric says of itself."""
    spec = _spec(result.metric)
    high_is_good = result.better is Better.HIGHER
    worst = sorted(result.parts.items(), key=lambda part: part[1], reverse=not high_is_good)
    return {
        "metric": result.metric,
        "title": spec.title if spec else result.metric,
        "family": spec.family if spec else "",
        "means": spec.description if spec else "",
        "source": spec.source if spec else "",
        "low": spec.low if spec else 0.0,
        "high": spec.high if spec else 1.0,
        "priority": spec.priority if spec else None,
        "better": result.better.value,
        "value": result.value,
        "interval": None if result.interval is None else list(result.interval),
        "reference": result.reference,
        "explanation": result.explanation,
        "skipped": result.skipped,
        "parts": [[str(name), float(value)] for name, value in worst[:10]],
    }


def _title(code: str) -> str:
    """What a finding is about, for people."""
    spec = _spec(code)
    return spec.title if spec else code.replace("_", " ").capitalize()


def _spec(metric: str) -> Spec | None:
    """What the catalog says of a metric; None for a user's own."""
    if metric not in CATALOG:
        return None
    spec: Spec = CATALOG[metric].spec
    return spec
