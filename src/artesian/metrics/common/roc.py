"""The ROC curve of a score: its area, the area's variance, points to draw it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from artesian.metrics.common.arrays import Floats

Truth = npt.NDArray[np.bool_]


def auc_delong(truth: Truth, scores: Floats) -> tuple[float, float]:
    """Area under the ROC curve and its variance (DeLong 1988, in the fast form of Sun and Xu 2014).

    Args:
        truth: (n,) the positives; both classes occur.
        scores: (n,) higher for what is taken for positive.

    Returns:
        The area in [0, 1], ties counting half, and the variance of it.

    >>> auc_delong(np.array([False, True, True]), np.array([0.1, 0.4, 0.2]))[0]
    1.0
    """
    from scipy.stats import rankdata

    positive, negative = scores[truth], scores[~truth]
    p, n = len(positive), len(negative)
    ranks = rankdata(np.concatenate([positive, negative]))
    beaten = (ranks[:p] - rankdata(positive)) / n  # share of negatives below each positive
    beating = 1 - (ranks[p:] - rankdata(negative)) / p  # share of positives above each negative
    variance = sum(
        float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.25
        for values in (beaten, beating)
    )
    return float(beaten.mean()), variance


def true_positive_rate(labels: Truth, scores: Floats, at: float) -> tuple[float, float]:
    """True positive rate at a low false positive rate (Carlini et al. 2022).

    Args:
        labels: (n,) the positives.
        scores: (n,) higher for what is taken for positive.
        at: The false positive rate that is not exceeded.

    Returns:
        The true positive rate, and the false positive rate at the same threshold.

    >>> true_positive_rate(np.array([True, True, False, False]), np.array([3.0, 1.0, 2.0, 0.0]), 0.01)
    (0.5, 0.0)
    """
    negative = np.sort(scores[~labels])[::-1]
    threshold = negative[int(at * len(negative))]
    return float((scores[labels] > threshold).mean()), float((negative > threshold).mean())


class WeightedArea:
    """Area under the curve as a function of row weights, for a bootstrap: sorts once."""

    def __init__(self, truth: Truth, scores: Floats) -> None:
        self._order = np.argsort(scores, kind="stable")
        self._truth = truth[self._order]
        _, self._starts = np.unique(scores[self._order], return_index=True)

    def __call__(self, weights: Floats) -> float:
        """(rows,) weights -> area; 0.5 where a class has no weight."""
        weights = weights[self._order]
        hits = np.where(self._truth, weights, 0.0)
        positive = np.add.reduceat(hits, self._starts)
        negative = np.add.reduceat(weights - hits, self._starts)
        below = np.cumsum(negative) - negative / 2
        pairs = float(positive.sum() * negative.sum())
        return float(positive @ below) / pairs if pairs else 0.5


def curve(truth: Truth, scores: Floats, points: int = 100) -> list[list[float]]:
    """At most `points` pairs [false positive rate, true positive rate], from [0, 0] to [1, 1]."""
    order = np.argsort(-scores, kind="stable")
    truth = truth[order]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.append(0, np.cumsum(truth)[ends]) / truth.sum()
    alarms = np.append(0, np.cumsum(~truth)[ends]) / (~truth).sum()
    kept = np.unique(np.linspace(0, len(hits) - 1, points).round().astype(int))
    pairs = np.column_stack([alarms[kept], hits[kept]])
    return [[round(float(x), 4), round(float(y), 4)] for x, y in pairs]
