"""Gaps between groups in what a model does: demographic parity, equalized odds, calibration.

The first two are `fairlearn`'s differences. The gap of a model trained on synthetic rows stands beside
that of one trained on real rows. Both predict the same unseen rows, so that noise is shared; what the
draw of the training rows does is measured by fits that leave some of them out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.groups import Groups
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.roc import Truth
from artesian.metrics.fairness.models import Predictions, predictions
from artesian.metrics.protocol import Better, Comparison, Result, Spec
from artesian.metrics.utility.scores import trained_variance

RESAMPLES = 200

Gap = Callable[[Truth, Floats, Ints, int, Floats], Floats]
"""Of truth and probabilities (rows,), groups (rows,) below a count, and weights (resamples, rows): the
gap between the groups, (resamples,)."""

EVENTS = 10
"""Fewest rows with the event, and without it, of a group whose odds are looked at."""


def _spec(name: str, title: str, means: str, source: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="fairness",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description=means,
        source=source,
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemographicParity(BaseMetric):
    """Largest difference of the share of predicted events between groups, of the worst sensitive
    column."""

    spec: ClassVar[Spec] = _spec(
        "demographic_parity",
        "Demographic parity",
        "0 is the event predicted as often in every group, 1 is always in one and never in another",
        "Agarwal et al. 2018 (fairlearn: demographic_parity_difference)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(self.spec, parity_gap, "predicts {0} more often in one group", tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualizedOdds(BaseMetric):
    """Largest difference between groups of the share of events found, or of false alarms, of the worst
    sensitive column."""

    spec: ClassVar[Spec] = _spec(
        "equalized_odds",
        "Equalized odds",
        "0 is the same share of events found and of false alarms in every group",
        "Hardt, Price and Srebro 2016 (fairlearn: equalized_odds_difference)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        words = "finds {0}, or raises false alarms of it, more in one group"
        return _result(self.spec, odds_gap, words, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupCalibration(BaseMetric):
    """Largest gap of a group between the mean predicted probability and the share of events, of the
    worst sensitive column."""

    spec: ClassVar[Spec] = _spec(
        "subgroup_calibration",
        "Calibration in groups",
        "0 is as many events in every group as predicted, 1 is all where none are",
        "Pleiss et al. 2017",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(
            self.spec, calibration_gap, "is off in the share of {0} in one group", tables, run
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
    return _of_all_rows(parity_gap, selected, selected, groups)


def equalized_odds_difference(truth: Truth, selected: Truth, groups: Ints) -> float:
    """The larger of the largest differences of true positive rates and of false positive rates between
    groups (Hardt, Price and Srebro 2016; fairlearn's `equalized_odds_difference`).

    Args:
        truth: (n,) the positives. Groups with fewer than ten positives, or negatives, have no true,
            or false, positive rate.
        selected: (n,) the predicted positives.
        groups: (n,) group of each row, numbered from 0.
    """
    return _of_all_rows(odds_gap, truth, selected, groups)


def calibration_difference(truth: Truth, probabilities: Floats, groups: Ints) -> float:
    """Largest absolute difference, over groups, between the mean predicted probability and the rate of
    positives (Pleiss et al. 2017).

    Args:
        truth: (n,) the positives.
        probabilities: (n,) predicted probabilities.
        groups: (n,) group of each row, numbered from 0.

    >>> truth, groups = np.array([True, False, True, True]), np.array([0, 0, 1, 1])
    >>> calibration_difference(truth, np.array([0.5, 0.5, 0.75, 0.75]), groups)
    0.25
    """
    return _of_all_rows(calibration_gap, truth, probabilities, groups)


def _of_all_rows(gap: Gap, truth: Truth, scores: Floats | Truth, groups: Ints) -> float:
    weights, count = np.ones((1, len(truth))), int(groups.max(initial=-1)) + 1
    return float(gap(truth, np.asarray(scores, np.float64), groups, count, weights)[0])


def parity_gap(truth: Truth, scores: Floats, groups: Ints, count: int, weights: Floats) -> Floats:
    """Largest difference of selection rates; see `Gap`."""
    return _spread(_rates(scores > 0.5, groups, count, weights))


def odds_gap(truth: Truth, scores: Floats, groups: Ints, count: int, weights: Floats) -> Floats:
    """The larger of the differences of true and of false positive rates; see `Gap`."""
    chosen = scores > 0.5
    gaps = []
    for kept in (truth, ~truth):
        enough = np.bincount(groups[kept], minlength=count) >= EVENTS
        rates = _rates(chosen[kept], groups[kept], count, weights[:, kept])
        gaps.append(_spread(np.where(enough, rates, np.nan)))
    return np.asarray(np.maximum(*gaps))


def calibration_gap(
    truth: Truth, scores: Floats, groups: Ints, count: int, weights: Floats
) -> Floats:
    """Largest |mean probability - share of events|; see `Gap`."""
    rates = [_rates(of, groups, count, weights) for of in (scores, truth)]
    return np.asarray(np.nanmax(np.abs(rates[0] - rates[1]), axis=1, initial=0.0))


def _rates(of: Any, groups: Ints, count: int, weights: Floats) -> Floats:
    """(resamples, count) weighted means of `of` by group; NaN where a group has no weight."""
    member = (groups[:, None] == np.arange(count)).astype(np.float64)
    sizes = weights @ member
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = (weights @ (member * np.asarray(of, np.float64)[:, None])) / sizes
    return np.asarray(np.where(sizes > 0, rates, np.nan), np.float64)


def _spread(rates: Floats) -> Floats:
    """Largest less smallest rate; 0 where fewer than two groups have one."""
    top, bottom = np.fmax.reduce(rates, axis=1), np.fmin.reduce(rates, axis=1)
    return np.asarray(np.nan_to_num(top - bottom, nan=0.0))


def _result(spec: Spec, gap: Gap, words: str, tables: Comparison, run: Run) -> Result:
    found = predictions(tables, run)
    rng = run.seed.child(spec.name).rng()
    rows = len(found.truth)
    drawn = rng.multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES).astype(np.float64)
    weights = np.vstack([np.ones(rows), drawn])
    gaps, refits = {}, {}
    for name, groups in run.track(found.groups.items(), spec.name):
        kept = groups.of >= 0
        own = found.truth[kept], groups.of[kept], len(groups.names)

        def taken(scores: Floats, weights: Floats, own: Any = own, kept: Truth = kept) -> Floats:
            return gap(own[0], scores[kept], own[1], own[2], weights[:, kept])

        sides = (found.synthetic, found.real)
        gaps[name] = [taken(scores[0], weights) for scores in sides]
        refits[name] = [[taken(one, weights[:1])[0] for one in scores[1:]] for scores in sides]
    worst = max(gaps, key=lambda name: (gaps[name][0][0], name))
    tops = np.max([both for both in gaps.values()], axis=0)  # (2, 1 + RESAMPLES)
    value, reference = (float(top[0]) for top in tops)
    trained = [trained_variance(of) for of in np.max([both for both in refits.values()], axis=0)]
    tested = float((tops[0] - tops[1])[1:].var(ddof=1))
    said = words.format(f"{found.target} = {found.event}")
    return Result(
        value=value,
        interval=normal(value, float(tops[0][1:].var(ddof=1)) + trained[0], spec.low, spec.high),
        reference=reference,
        excess_interval=normal(value - reference, tested + sum(trained), -1.0, 1.0),
        parts={name: float(both[0][0]) for name, both in gaps.items()},
        reference_parts={name: float(both[1][0]) for name, both in gaps.items()},
        explanation=(
            f"A model trained on synthetic rows {said} of {worst!r} than in another, by "
            f"{percent(value)}; one trained on real rows by {percent(reference)}."
            if gap is not calibration_gap
            else f"A model trained on synthetic rows {said} of {worst!r} by {percent(value)}; one "
            f"trained on real rows by {percent(reference)}."
        ),
        target=found.target,
        detail={
            "event": found.event,
            "groups": {name: _told(found, groups) for name, groups in found.groups.items()},
        },
    )


def _told(found: Predictions, groups: Groups) -> list[dict[str, Any]]:
    """Rows and rates of each group, for both models."""
    told = []
    for at, name in enumerate(groups.names):
        own = groups.of == at
        one: dict[str, Any] = {"group": name, "rows": int(own.sum())}
        one["observed"] = float(found.truth[own].mean())
        for side, (scores, *_) in (("synthetic", found.synthetic), ("real", found.real)):
            one[side] = {
                "selected": float((scores[own] > 0.5).mean()),
                "predicted": float(scores[own].mean()),
            }
        told.append(one)
    return told
