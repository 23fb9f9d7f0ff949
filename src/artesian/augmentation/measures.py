"""Measures of a score of a rare class, at a threshold and over all thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth, auc_delong

F1, F1_TUNED, AUROC, AUPRC, RECALL, BRIER = (
    "f1",
    "f1_tuned",
    "auroc",
    "auprc",
    "recall_at_precision",
    "brier",
)

PRECISION = 0.5
"""Precision at which recall is measured."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure.

    Attributes:
        title: Its name in tables.
        description: What it is, in one sentence.
        sign: 1 if higher is better, -1 if lower is.
    """

    title: str
    description: str
    sign: int = 1


MEASURES: Mapping[str, Measure] = {
    F1: Measure("F1", "harmonic mean of precision and recall at the threshold 0.5"),
    F1_TUNED: Measure(
        "F1, tuned",
        "F1 at the threshold that has the largest F1 in a cross-validation of the training rows",
    ),
    AUROC: Measure("AUROC", "area under the receiver operating characteristic"),
    AUPRC: Measure("AUPRC", "average precision, the area under the precision-recall curve"),
    RECALL: Measure(
        "recall",
        f"largest recall at a precision of {PRECISION:.0%} or more; 0 if it is not reached",
    ),
    BRIER: Measure("Brier", "mean squared error of the probability; lower is better", -1),
}


def measure(positive: Truth, scores: Floats, threshold: float) -> dict[str, float]:
    """All measures of `scores`, (rows,), for the rows that are `positive`, (rows,).

    Args:
        threshold: Threshold of the tuned F1.
    """
    precision, recall, _ = precision_recall(positive, scores)
    reached = recall[precision >= PRECISION]
    return {
        F1: f1(positive, scores >= 0.5),
        F1_TUNED: f1(positive, scores >= threshold),
        AUROC: auc_delong(positive, scores)[0],
        AUPRC: float(precision @ np.diff(recall, prepend=0.0)),
        RECALL: float(reached.max(initial=0.0)),
        BRIER: float(((scores - positive) ** 2).mean()),
    }


def precision_recall(positive: Truth, scores: Floats) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and score at each distinct score as the threshold, the highest first."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(scores) - 1)
    hits = np.cumsum(positive[order])[ends]
    return hits / (ends + 1), hits / max(int(positive.sum()), 1), ordered[ends]


def f1(positive: Truth, predicted: Truth) -> float:
    """Harmonic mean of precision and recall; 0 if no row is predicted.

    >>> f1(np.array([True, True, False]), np.array([True, False, False]))
    0.6666666666666666
    """
    both = positive.sum() + predicted.sum()
    return float(2 * (positive & predicted).sum() / both) if both else 0.0


def best_threshold(positive: Truth, scores: Floats) -> float:
    """The threshold of the largest F1, halfway to the next lower score."""
    precision, recall, values = precision_recall(positive, scores)
    total = precision + recall
    f1_values = np.where(total > 0, 2 * precision * recall / np.maximum(total, 1e-300), 0.0)
    at = int(f1_values.argmax())
    lower = values[at + 1] if at + 1 < len(values) else values[at]
    return float((values[at] + lower) / 2)
