"""Group fairness of a model: demographic parity, equalized odds, calibration by group.

The first two are `fairlearn`'s differences. The reference is the same model trained on real rows.
Both predict the same holdout rows, so their errors correlate; the variance due to the training rows
is estimated by refits that leave some of them out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.formatting import percentage_points
from artesian.metrics.common.groups import Groups
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.roc import Truth
from artesian.metrics.fairness.models import Predictions, predict
from artesian.metrics.protocol import Better, Comparison, Result, Spec
from artesian.metrics.utility.scores import jackknife_variance

RESAMPLES = 200

GroupDifference = Callable[[Truth, Floats, Ints, int, Floats], Floats]
"""From labels and probabilities (rows,), group codes (rows,), their number and weights (resamples,
rows), the largest difference between groups, (resamples,)."""

MIN_EVENTS = 10
"""Minimum number of positives, and of negatives, of a group for its true, and false, positive rate.
"""


def _spec(name: str, title: str, description: str, source: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="fairness",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description=description,
        source=source,
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemographicParity(BaseMetric):
    """Largest difference of selection rates between groups, for the worst sensitive column."""

    spec: ClassVar[Spec] = _spec(
        "demographic_parity",
        "Demographic parity",
        "0: every group has the same selection rate; 1: one is always selected and another never",
        "Agarwal et al. 2018 (fairlearn: demographic_parity_difference)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(
            self.spec,
            parity_differences,
            "selection rates that differ by up to {0} across groups of {1}",
            tables,
            run,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualizedOdds(BaseMetric):
    """Largest difference of true positive rates, or of false positive rates, between groups, for
    the worst sensitive column."""

    spec: ClassVar[Spec] = _spec(
        "equalized_odds",
        "Equalized odds",
        "0: every group has the same true and false positive rates; 1: opposite rates",
        "Hardt, Price and Srebro 2016 (fairlearn: equalized_odds_difference)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        sentence = "true- or false-positive rates that differ by up to {0} across groups of {1}"
        return _result(self.spec, odds_differences, sentence, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupCalibration(BaseMetric):
    """Largest absolute difference, over groups, between the mean predicted probability and the rate
    of positives, for the worst sensitive column."""

    spec: ClassVar[Spec] = _spec(
        "subgroup_calibration",
        "Calibration by group",
        "0: the mean predicted probability of every group equals its rate; 1: the opposite",
        "Pleiss et al. 2017",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(
            self.spec,
            calibration_differences,
            "a mean predicted probability that differs from the observed rate by up to {0} in a "
            "group of {1}",
            tables,
            run,
        )


def demographic_parity_difference(selected: Truth, groups: Ints) -> float:
    """Largest difference of selection rates between groups (Agarwal et al. 2018; fairlearn's
    `demographic_parity_difference`).

    Args:
        selected: (n,) the predicted positives.
        groups: (n,) group of each row, numbered from 0.

    >>> demographic_parity_difference(np.array([True, True, True, False]), np.array([0, 0, 1, 1]))
    0.5
    """
    return _of_all_rows(parity_differences, selected, selected, groups)


def equalized_odds_difference(truth: Truth, selected: Truth, groups: Ints) -> float:
    """The larger of the largest differences of true positive rates and of false positive rates
    between groups (Hardt, Price and Srebro 2016; fairlearn's `equalized_odds_difference`).

    Args:
        truth: (n,) the positives. Groups with fewer than ten positives, or negatives, have no true,
            or false, positive rate.
        selected: (n,) the predicted positives.
        groups: (n,) group of each row, numbered from 0.
    """
    return _of_all_rows(odds_differences, truth, selected, groups)


def calibration_difference(truth: Truth, probabilities: Floats, groups: Ints) -> float:
    """Largest absolute difference, over groups, between the mean predicted probability and the rate
    of positives (Pleiss et al. 2017).

    Args:
        truth: (n,) the positives.
        probabilities: (n,) predicted probabilities.
        groups: (n,) group of each row, numbered from 0.

    >>> truth, groups = np.array([True, False, True, True]), np.array([0, 0, 1, 1])
    >>> calibration_difference(truth, np.array([0.5, 0.5, 0.75, 0.75]), groups)
    0.25
    """
    return _of_all_rows(calibration_differences, truth, probabilities, groups)


def _of_all_rows(
    group_difference: GroupDifference, truth: Truth, scores: Floats | Truth, groups: Ints
) -> float:
    weights, count = np.ones((1, len(truth))), int(groups.max(initial=-1)) + 1
    return float(group_difference(truth, np.asarray(scores, np.float64), groups, count, weights)[0])


def parity_differences(
    truth: Truth, scores: Floats, groups: Ints, count: int, weights: Floats
) -> Floats:
    """Largest difference of selection rates; see `GroupDifference`."""
    return _range(_rates(scores > 0.5, groups, count, weights))


def odds_differences(
    truth: Truth, scores: Floats, groups: Ints, count: int, weights: Floats
) -> Floats:
    """The larger of the differences of true and of false positive rates; see `GroupDifference`."""
    selected = scores > 0.5
    differences = []
    for kept in (truth, ~truth):
        frequent = np.bincount(groups[kept], minlength=count) >= MIN_EVENTS
        rates = _rates(selected[kept], groups[kept], count, weights[:, kept])
        differences.append(_range(np.where(frequent, rates, np.nan)))
    return np.asarray(np.maximum(*differences))


def calibration_differences(
    truth: Truth, scores: Floats, groups: Ints, count: int, weights: Floats
) -> Floats:
    """Largest |mean probability - rate of positives|; see `GroupDifference`."""
    rates = [_rates(of, groups, count, weights) for of in (scores, truth)]
    return np.asarray(np.nanmax(np.abs(rates[0] - rates[1]), axis=1, initial=0.0))


def _rates(of: Any, groups: Ints, count: int, weights: Floats) -> Floats:
    """(resamples, count) weighted means of `of` by group; NaN where a group has no weight."""
    indicators = (groups[:, None] == np.arange(count)).astype(np.float64)
    sizes = weights @ indicators
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = (weights @ (indicators * np.asarray(of, np.float64)[:, None])) / sizes
    return np.asarray(np.where(sizes > 0, rates, np.nan), np.float64)


def _range(rates: Floats) -> Floats:
    """Largest minus smallest rate; 0 if fewer than two groups have a rate."""
    upper, lower = np.fmax.reduce(rates, axis=1), np.fmin.reduce(rates, axis=1)
    return np.asarray(np.nan_to_num(upper - lower, nan=0.0))


def _result(
    spec: Spec, group_difference: GroupDifference, sentence: str, tables: Comparison, run: Run
) -> Result:
    predictions = predict(tables, run)
    rng = run.seed.child(spec.name).rng()
    rows = len(predictions.truth)
    bootstrap = rng.multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES).astype(np.float64)
    weights = np.vstack([np.ones(rows), bootstrap])
    differences, refits = {}, {}
    for name, groups in run.track(predictions.groups.items(), spec.name):
        kept = groups.codes >= 0
        arguments = predictions.truth[kept], groups.codes[kept], len(groups.names)

        def difference_in(
            scores: Floats, weights: Floats, arguments: Any = arguments, kept: Truth = kept
        ) -> Floats:
            return group_difference(
                arguments[0], scores[kept], arguments[1], arguments[2], weights[:, kept]
            )

        sides = (predictions.synthetic, predictions.real)
        differences[name] = [difference_in(scores[0], weights) for scores in sides]
        refits[name] = [
            [difference_in(entry, weights[:1])[0] for entry in scores[1:]] for scores in sides
        ]
    worst = max(differences, key=lambda name: (differences[name][0][0], name))
    largest = np.max([pair for pair in differences.values()], axis=0)  # (2, 1 + RESAMPLES)
    value, reference = (float(upper[0]) for upper in largest)
    training_variances = [
        jackknife_variance(of) for of in np.max([pair for pair in refits.values()], axis=0)
    ]
    test_variance = float((largest[0] - largest[1])[1:].var(ddof=1))
    clause = sentence.format(percentage_points(value), repr(worst))
    return Result(
        value=value,
        interval=normal(
            value, float(largest[0][1:].var(ddof=1)) + training_variances[0], spec.low, spec.high
        ),
        reference=reference,
        excess_interval=normal(
            value - reference, test_variance + sum(training_variances), -1.0, 1.0
        ),
        parts={name: float(pair[0][0]) for name, pair in differences.items()},
        reference_parts={name: float(pair[1][0]) for name, pair in differences.items()},
        explanation=(
            f"For '{predictions.target} = {predictions.event}', a model trained on synthetic rows "
            f"has {clause} (trained on real rows: {percentage_points(reference)})."
        ),
        target=predictions.target,
        detail={
            "event": predictions.event,
            "groups": {
                name: _group_rates(predictions, groups)
                for name, groups in predictions.groups.items()
            },
        },
    )


def _group_rates(predictions: Predictions, groups: Groups) -> list[dict[str, Any]]:
    """Number of rows and rates of each group, for both models."""
    rates = []
    for at, name in enumerate(groups.names):
        members = groups.codes == at
        entry: dict[str, Any] = {"group": name, "rows": int(members.sum())}
        entry["observed"] = float(predictions.truth[members].mean())
        for side, (scores, *_) in (
            ("synthetic", predictions.synthetic),
            ("real", predictions.real),
        ):
            entry[side] = {
                "selected": float((scores[members] > 0.5).mean()),
                "predicted": float(scores[members].mean()),
            }
        rates.append(entry)
    return rates
