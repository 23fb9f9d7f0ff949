"""Chart data that metrics have computed already, taken out of `Result.detail`.

A metric that was skipped, or brings no such data (one of a user's own), leaves {'skipped': why}: a
chart that cannot be drawn says so in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from artesian.metrics.protocol import Result

SHOWN_PAIRS = 40
"""Columns in a heat map; with more, those with the largest differences."""

Told = dict[str, Any]


def pairs(result: Result | None) -> Told:
    """Strength of dependence between columns in each table, and how far apart the tables are.

    'synthetic' and 'real' are Spearman correlations or Cramer's V; 'difference' is the distance
    the metric takes, 'holdout' the same distance with holdout rows for synthetic ones (or None).
    """
    if (why := _not_there(result, "columns", "real", "synthetic", "difference")) is not None:
        return {"skipped": why}
    assert result is not None
    detail = result.detail
    names = list(detail["columns"])
    gaps = detail["difference"]
    held = detail.get("reference_difference")
    keep = sorted(range(len(names)), key=lambda i: -max(gaps[i]))[:SHOWN_PAIRS]
    keep.sort()

    def part(matrix: Sequence[Sequence[float]] | None) -> list[list[float]] | None:
        return None if matrix is None else [[matrix[i][j] for j in keep] for i in keep]

    below = [(i, j) for i in range(len(names)) for j in range(i)]
    worst = sorted(below, key=lambda at: -gaps[at[0]][at[1]])[:20]
    return {
        "columns": [names[i] for i in keep],
        "left_out": len(names) - len(keep),
        "real": part(detail["real"]),
        "synthetic": part(detail["synthetic"]),
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
    if (why := _not_there(result, "roc")) is not None:
        return {"skipped": why}
    assert result is not None
    curves = {"synthetic against holdout": result.detail["roc"]}
    if result.detail.get("reference_roc"):
        curves["real against holdout"] = result.detail["reference_roc"]
    return {
        "auc": result.value,
        "reference": result.reference,
        "curves": curves,
        "giveaways": [[n, w] for n, w in result.parts.items() if w > 0][:8],
    }


ATTACKS = {
    "membership_average": "any training rows",
    "membership_outliers": "the most isolated ones",
}


def attack(results: Mapping[str, Result]) -> Told:
    """ROC curves of the attacks that tell training rows from unseen ones."""
    asked = {name: results.get(name) for name in ATTACKS}
    missing = {name: _not_there(result, "roc") for name, result in asked.items()}
    found = {name: one for name, one in asked.items() if missing[name] is None and one is not None}
    if not found:
        return {"skipped": missing["membership_average"]}
    return {
        "areas": {ATTACKS[name]: result.value for name, result in found.items()},
        "curves": {ATTACKS[name]: result.detail["roc"] for name, result in found.items()},
    }


NEAREST = {
    "synthetic_to_training": "synthetic to training rows",
    "synthetic_to_unseen": "synthetic to unseen rows",
    "unseen_to_training": "unseen to training rows",
}


def nearest(result: Result | None) -> Told:
    """Shares of rows by the distance to their nearest record, in shared bins."""
    if (why := _not_there(result, "edges", "synthetic_to_training")) is not None:
        return {"skipped": why}
    assert result is not None
    series = {name: result.detail[key] for key, name in NEAREST.items() if key in result.detail}
    return {"edges": result.detail["edges"], "series": series}


def utility(result: Result | None) -> Told:
    """Scores on unseen rows of a model trained on synthetic and of one trained on real rows."""
    if (why := _not_there(result)) is not None:
        return {"skipped": why}
    assert result is not None
    bars = [
        {"label": label, "of": of, "value": value, "interval": span if span is None else list(span)}
        for label, of, value, span in (
            ("real rows", "real", result.reference, result.detail.get("reference_interval")),
            ("synthetic rows", "synthetic", result.value, result.interval),
        )
        if value is not None
    ]
    return {
        "measure": result.detail.get("measure", "score"),
        "target": result.detail.get("target"),
        "bars": bars,
    }


def _not_there(result: Result | None, *needed: str) -> str | None:
    """Why a chart cannot be drawn; None if all of its data is there."""
    if result is None:
        return "its metric was not asked for"
    if result.skipped:
        return result.skipped
    if result.value is None or any(key not in result.detail for key in needed):
        return f"{result.metric!r} brought no data for it"
    return None
