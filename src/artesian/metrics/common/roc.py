"""ROC curve of a score: points, area, and the variance of the area."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from artesian.metrics.common.arrays import Floats

Truth = npt.NDArray[np.bool_]


def auc_delong(labels: Truth, scores: Floats) -> tuple[float, float]:
    """Area under the ROC curve and its variance (DeLong 1988, in the fast form of Sun and Xu 2014).

    Args:
        labels: (n,) the positives; both classes occur.
        scores: (n,) higher for what is taken for positive.

    Returns:
        The area in [0, 1], ties counting half, and the variance of it.

    >>> auc_delong(np.array([False, True, True]), np.array([0.1, 0.4, 0.2]))[0]
    1.0
    """
    from scipy.stats import rankdata

    positive, negative = scores[labels], scores[~labels]
    p, n = len(positive), len(negative)
    ranks = rankdata(np.concatenate([positive, negative]))
    below_positives = (
        ranks[:p] - rankdata(positive)
    ) / n  # proportion of negatives below each positive
    above_negatives = (
        1 - (ranks[p:] - rankdata(negative)) / p
    )  # proportion of positives above each negative
    variance = sum(
        float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.25
        for values in (below_positives, above_negatives)
    )
    return float(below_positives.mean()), variance


def true_positive_rate(labels: Truth, scores: Floats, at: float) -> tuple[float, float]:
    """True positive rate at a low false positive rate (Carlini et al. 2022).

    Args:
        labels: (n,) the positives.
        scores: (n,) higher for what is taken for positive.
        at: The false positive rate that is not exceeded.

    Returns:
        The true positive rate, and the false positive rate at the same threshold.

    >>> labels = np.array([True, True, False, False])
    >>> true_positive_rate(labels, np.array([3.0, 1.0, 2.0, 0.0]), at=0.01)
    (0.5, 0.0)
    """
    negative = np.sort(scores[~labels])[::-1]
    threshold = negative[int(at * len(negative))]
    return float((scores[labels] > threshold).mean()), float((negative > threshold).mean())


class WeightedArea:
    """Area under the ROC curve as a function of row weights, for a bootstrap; sorts once."""

    def __init__(self, labels: Truth, scores: Floats) -> None:
        self._order = np.argsort(scores, kind="stable")
        self._truth = labels[self._order]
        _, self._starts = np.unique(scores[self._order], return_index=True)

    def __call__(self, weights: Floats) -> float:
        """Area for (rows,) weights; 0.5 if a class has no weight."""
        weights = weights[self._order]
        true_positives = np.where(self._truth, weights, 0.0)
        positive = np.add.reduceat(true_positives, self._starts)
        negative = np.add.reduceat(weights - true_positives, self._starts)
        below = np.cumsum(negative) - negative / 2
        pairs = float(positive.sum() * negative.sum())
        return float(positive @ below) / pairs if pairs else 0.5


def roc_curve(labels: Truth, scores: Floats, points: int = 100) -> list[list[float]]:
    """At most `points` pairs [false positive rate, true positive rate] from [0, 0] to [1, 1]."""
    order = np.argsort(-scores, kind="stable")
    labels = labels[order]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true_positives = np.append(0, np.cumsum(labels)[ends]) / labels.sum()
    false_positives = np.append(0, np.cumsum(~labels)[ends]) / (~labels).sum()
    selected = np.unique(np.linspace(0, len(true_positives) - 1, points).round().astype(int))
    pairs = np.column_stack([false_positives[selected], true_positives[selected]])
    return [[round(float(x), 4), round(float(y), 4)] for x, y in pairs]
