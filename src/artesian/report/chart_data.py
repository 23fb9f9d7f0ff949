"""Chart data that metrics have already computed, taken from `Result.chart`.

A metric that was skipped or has no such data (such as a user-defined one) yields {'skipped': reason},
and the page shows the reason in place of the chart.
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

MAX_PAIR_COLUMNS = 40
"""Maximum number of columns of a heat map; of more, those with the largest differences are shown."""

ChartData = dict[str, Any]


def pairs(result: Result | None) -> ChartData:
    """Association between columns in each table, and the differences between tables.

    'synthetic' and 'train' are Spearman correlations or Cramer's V; 'difference' is the distance that
    the metric computes, 'holdout' the same distance for the holdout table (or None).
    """
    chart = None if result is None else result.chart
    if not isinstance(chart, AssociationMatrices):
        return {"skipped": _reason(result)}
    names = list(chart.columns)
    difference, reference = chart.difference, chart.reference_difference
    keep = sorted(range(len(names)), key=lambda i: -max(difference[i]))[:MAX_PAIR_COLUMNS]
    keep.sort()

    def part(matrix: Sequence[Sequence[float]] | None) -> list[list[float]] | None:
        return None if matrix is None else [[matrix[i][j] for j in keep] for i in keep]

    below = [(i, j) for i in range(len(names)) for j in range(i)]
    worst = sorted(below, key=lambda at: -difference[at[0]][at[1]])[:20]
    return {
        "columns": [names[i] for i in keep],
        "left_out": len(names) - len(keep),
        "train": part(chart.real),
        "synthetic": part(chart.synthetic),
        "difference": part(difference),
        "holdout": part(reference),
        "worst": [
            {
                "columns": [names[j], names[i]],
                "difference": difference[i][j],
                "holdout": None if reference is None else reference[i][j],
            }
            for i, j in worst
        ],
    }


def detector(result: Result | None) -> ChartData:
    """ROC curves of the detector and the importance of its features."""
    if result is None or not isinstance(result.chart, RocCurves):
        return {"skipped": _reason(result)}
    return {
        "auc": result.value,
        "reference": result.reference,
        "curves": dict(result.chart.curves),
        "importances": [[n, w] for n, w in result.parts.items() if w > 0][:8],
    }


def attack(results: Sequence[Result | None]) -> ChartData:
    """ROC curves of the membership inference attacks."""
    areas: dict[str, float | None] = {}
    curves: dict[str, Any] = {}
    for result in results:
        if result is not None and isinstance(result.chart, RocCurves):
            for label, curve in result.chart.curves.items():
                areas[label], curves[label] = result.value, curve
    if not curves:
        return {"skipped": _reason(results[0] if results else None)}
    return {"areas": areas, "curves": curves}


def nearest(result: Result | None) -> ChartData:
    """Histograms of distances to the closest record, in common bins."""
    if result is None or not isinstance(result.chart, DistanceHistogram):
        return {"skipped": _reason(result)}
    return {"edges": list(result.chart.edges), "series": dict(result.chart.series)}


def utility(result: Result | None) -> ChartData:
    """Scores on holdout rows of a model trained on train rows and on synthetic rows."""
    if result is None or not isinstance(result.chart, PredictionScores):
        return {"skipped": _reason(result)}
    scores = (
        ("train rows", "train", result.reference, result.reference_interval),
        ("synthetic rows", "synthetic", result.value, result.interval),
    )
    bars = [
        {
            "label": label,
            "side": side,
            "value": value,
            "interval": None if interval is None else list(interval),
        }
        for label, side, value, interval in scores
        if value is not None
    ]
    return {"measure": result.chart.measure, "target": result.target or None, "bars": bars}


def _reason(result: Result | None) -> str:
    """Why a chart cannot be drawn."""
    if result is None:
        return "the metric was not requested"
    return result.skipped or f"the metric {result.metric!r} has no data for this chart"
