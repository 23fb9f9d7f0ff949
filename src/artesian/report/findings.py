"""Chart data that metrics have computed already, taken out of `Result.chart`.

A metric that was skipped, or brings no such data (one of a user's own), leaves {'skipped': why}: a
chart that cannot be drawn says so in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from artesian.metrics.charts import (
    AssociationMatrices,
    DistanceHistogram,
    PredictionScores,
    RocCurves,
)
from artesian.metrics.protocol import Result

SHOWN_PAIRS = 40
"""Columns in a heat map; with more, those with the largest differences."""

Told = dict[str, Any]


def pairs(result: Result | None) -> Told:
    """Strength of dependence between columns in each table, and how far apart the tables are.

    'synthetic' and 'real' are Spearman correlations or Cramer's V; 'difference' is the distance
    the metric takes, 'holdout' the same distance with holdout rows for synthetic ones (or None).
    """
    chart = None if result is None else result.chart
    if not isinstance(chart, AssociationMatrices):
        return {"skipped": _why_not(result)}
    names = list(chart.columns)
    gaps, held = chart.difference, chart.reference_difference
    keep = sorted(range(len(names)), key=lambda i: -max(gaps[i]))[:SHOWN_PAIRS]
    keep.sort()

    def part(matrix: Sequence[Sequence[float]] | None) -> list[list[float]] | None:
        return None if matrix is None else [[matrix[i][j] for j in keep] for i in keep]

    below = [(i, j) for i in range(len(names)) for j in range(i)]
    worst = sorted(below, key=lambda at: -gaps[at[0]][at[1]])[:20]
    return {
        "columns": [names[i] for i in keep],
        "left_out": len(names) - len(keep),
        "real": part(chart.real),
        "synthetic": part(chart.synthetic),
        "difference": part(gaps),
        "holdout": part(held),
        "worst": [
            {
                "columns": [names[j], names[i]],
                "difference": gaps[i][j],
                "holdout": None if held is None else held[i][j],
            }
            for i, j in worst
        ],
    }


def detector(result: Result | None) -> Told:
    """ROC curves of the detector, and the columns it relied on."""
    if result is None or not isinstance(result.chart, RocCurves):
        return {"skipped": _why_not(result)}
    return {
        "auc": result.value,
        "reference": result.reference,
        "curves": dict(result.chart.curves),
        "giveaways": [[n, w] for n, w in result.parts.items() if w > 0][:8],
    }


def attack(results: Sequence[Result | None]) -> Told:
    """ROC curves of the attacks that tell training rows from unseen ones."""
    areas: dict[str, float | None] = {}
    curves: dict[str, Any] = {}
    for result in results:
        if result is not None and isinstance(result.chart, RocCurves):
            for label, curve in result.chart.curves.items():
                areas[label], curves[label] = result.value, curve
    if not curves:
        return {"skipped": _why_not(results[0] if results else None)}
    return {"areas": areas, "curves": curves}


def nearest(result: Result | None) -> Told:
    """Shares of rows by the distance to their nearest record, in shared bins."""
    if result is None or not isinstance(result.chart, DistanceHistogram):
        return {"skipped": _why_not(result)}
    return {"edges": list(result.chart.edges), "series": dict(result.chart.series)}


def utility(result: Result | None) -> Told:
    """Scores on unseen rows of a model trained on synthetic and of one trained on real rows."""
    if result is None or not isinstance(result.chart, PredictionScores):
        return {"skipped": _why_not(result)}
    bars = [
        {"label": label, "of": of, "value": value, "interval": span if span is None else list(span)}
        for label, of, value, span in (
            ("real rows", "real", result.reference, result.reference_interval),
            ("synthetic rows", "synthetic", result.value, result.interval),
        )
        if value is not None
    ]
    return {
        "measure": result.chart.measure,
        "target": result.target or None,
        "bars": bars,
    }


def _why_not(result: Result | None) -> str:
    """Why a chart cannot be drawn."""
    if result is None:
        return "its metric was not asked for"
    return result.skipped or f"{result.metric!r} brought no data for it"
