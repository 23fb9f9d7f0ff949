"""Train on synthetic, test on real for time-to-event targets: Harrell's concordance index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.cox import cox
from artesian.metrics.common.encoding import Rows, encode
from artesian.metrics.common.features import Features, trainable
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.linear import PENALTY, Design
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.prediction_task import MIN_TEST, MIN_TRAIN
from artesian.metrics.utility.scores import REFITS, RESAMPLES, jackknife_variance
from artesian.metrics.utility.time_to_event import TimeToEvent

_INTERVALS = 10  # of time, with the same number of events each
_MIN_EVENTS = 20  # minimum number of observed events in each table


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival(BaseMetric):
    """Harrell's C on holdout rows of a discrete-time hazard model by gradient boosting, trained on
    synthetic rows; the reference is trained on real rows. Cox regression is in the parts.

    Requires a time-to-event target and an event indicator in the schema (`--target`, `--event`).
    Only pairs count whose order of events is known.

    Attributes:
        rows: Maximum number of synthetic, and of real, rows to train on.
        test_rows: Maximum number of holdout rows; all pairs of them are compared.
        max_columns: Of more predictors, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="survival",
        title="Train on synthetic, test on real: time to event",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: every comparable pair of holdout rows is ordered correctly; 0.5: a guess",
        source="Harrell et al. 1982; Cox 1972; Tutz and Schmid 2016 (discrete-time hazards)",
        needs_holdout=True,
    )
    rows: int = 10_000
    test_rows: int = 2_000
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows to test on")
        target = TimeToEvent.from_schema(encoded, tables.real.schema)
        seed = run.seed.child(self.spec.name)
        features = Features.from_encoded(
            encoded,
            self.max_columns,
            seed.child("columns"),
            without=(target.time, target.event),
        )
        if not features.columns:
            raise NotMeasurable(f"there is nothing to predict {target.time!r} from")
        synthetic, real, holdout = (
            target.rows_with_target(rows)
            for rows in (encoded.synthetic, encoded.real, encoded.holdout)
        )
        size = min(synthetic.height, real.height, self.rows)
        synthetic, real = (
            synthetic.subsample(size, seed.child("made")),
            real.subsample(size, seed.child("real")),
        )
        test = holdout.subsample(self.test_rows, seed.child("test"))
        if size < MIN_TRAIN or test.height < MIN_TEST:
            raise NotMeasurable(
                f"there are {size} rows to train on and {test.height} to test, and {MIN_TRAIN} and "
                f"{MIN_TEST} are needed",
            )
        for rows, label in ((synthetic, "synthetic"), (real, "real"), (test, "holdout")):
            if (events := int(target.times_and_events(rows)[1].sum())) < _MIN_EVENTS:
                raise NotMeasurable(
                    f"the {label} rows have {events} observed events, and {_MIN_EVENTS} are needed"
                )
        pairs = ComparablePairs(*target.times_and_events(test))
        groups = seed.child("refits").rng().permutation(size) % REFITS
        jobs = [
            (learner, rows if left is None else rows.take(np.flatnonzero(groups != left)))
            for learner in (_boosted, _cox)
            for rows in (synthetic, real)
            for left in (None, *range(REFITS))
        ]
        risks = fit_in_parallel(
            lambda job: job[0](job[1], test, target, features, seed), jobs, run, self.spec.name
        )
        uniform = np.ones(test.height)
        values = np.array([pairs.concordance(risk, uniform) for risk in risks])
        values = values.reshape(2, 2, 1 + REFITS)
        boosted_risks = [risks[0], risks[1 + REFITS]]
        rng = seed.child("bootstrap").rng()
        resampled = np.array(
            [
                [pairs.concordance(risk, weights) for risk in boosted_risks]
                for weights in rng.multinomial(test.height, uniform / len(uniform), size=RESAMPLES)
            ]
        )
        boosted_scores, cox_scores = values
        value, reference = float(boosted_scores[0, 0]), float(boosted_scores[1, 0])
        excess = boosted_scores[0] - boosted_scores[1]
        intervals = [
            normal(
                float(boosted_scores[k, 0]),
                float(resampled[:, k].var(ddof=1)) + jackknife_variance(boosted_scores[k, 1:]),
                0.0,
                1.0,
            )
            for k in range(2)
        ]
        noise = float((resampled[:, 0] - resampled[:, 1]).var(ddof=1)) + jackknife_variance(
            excess[1:]
        )
        return Result(
            value=value,
            interval=intervals[0],
            reference=reference,
            reference_interval=intervals[1],
            excess_interval=normal(float(excess[0]), noise, -1.0, 1.0),
            parts={
                "boosted, trained on synthetic": value,
                "boosted, trained on real": reference,
                "Cox, trained on synthetic": float(cox_scores[0, 0]),
                "Cox, trained on real": float(cox_scores[1, 0]),
            },
            explanation=(
                f"A model trained on synthetic rows predicts which of two holdout rows has "
                f"{target.event!r} first with a concordance of {value:.1%} (trained on real rows: "
                f"{reference:.1%}; a guess: 50 %)."
            ),
            baseline=0.5,
            target=target.time,
            detail={"event": target.event, "train_rows": size, "test_rows": test.height},
        )


def concordance_index(times: Floats, observed: Truth, risk: Floats) -> float:
    """Harrell's C (Harrell et al. 1982): the fraction of comparable pairs in which the row with the
    earlier event has the higher risk; ties of the risk count half.

    Args:
        times: (n,) times until the event or until censoring.
        observed: (n,) whether the event was observed.
        risk: (n,) higher for rows expected to have the event earlier.

    Returns:
        A value in [0, 1]; 0.5 for a guess, and where no pair is comparable.

    >>> times, observed = np.array([1.0, 2.0, 3.0]), np.array([True, True, False])
    >>> concordance_index(times, observed, np.array([3.0, 2.0, 1.0]))
    1.0
    """
    return ComparablePairs(times, observed).concordance(risk, np.ones(len(times)))


class ComparablePairs:
    """The pairs of rows whose order of events is known."""

    def __init__(self, times: Floats, observed: Truth) -> None:
        # A row censored at the time of another's event counts as later (Harrell et al. 1982).
        is_earlier = (times[:, None] < times) | ((times[:, None] == times) & ~observed)
        self.rows, self.others = np.nonzero(is_earlier & observed[:, None])

    def concordance(self, risk: Floats, weights: Floats) -> float:
        """Weighted fraction of pairs in which the earlier row has the higher risk; ties count half."""
        weight = weights[self.rows] * weights[self.others]
        difference = risk[self.rows] - risk[self.others]
        total = float(weight.sum())
        concordant = weight @ ((difference > 0) + 0.5 * (difference == 0))
        return float(concordant) / total if total else 0.5


def _cox(train: Rows, test: Rows, target: TimeToEvent, features: Features, seed: Seed) -> Floats:
    """(test rows,) risks by Cox regression."""
    matrix = features.matrix(train)
    design = Design.from_matrix(matrix, features.discrete)
    beta, _ = cox(design.columns(matrix), *target.times_and_events(train), PENALTY)
    risks: Floats = design.columns(features.matrix(test)) @ beta
    return risks


def _boosted(
    train: Rows, test: Rows, target: TimeToEvent, features: Features, seed: Seed
) -> Floats:
    """(test rows,) risks: cumulative hazards of a discrete-time model by gradient boosting."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    times, observed = target.times_and_events(train)
    ends = np.unique(
        np.quantile(times[observed], np.linspace(0, 1, _INTERVALS + 1)[1:], method="higher")
    )
    interval_of = np.minimum(np.searchsorted(ends, times, "left"), len(ends) - 1)
    x = trainable(features.matrix(train))
    rows = np.repeat(np.arange(len(x)), interval_of + 1)
    interval_index = np.arange(len(rows)) - np.repeat(
        np.cumsum(interval_of + 1) - (interval_of + 1), interval_of + 1
    )
    # A row with a time beyond the last event has no event in any interval.
    has_event = (interval_index == interval_of[rows]) & observed[rows] & (times[rows] <= ends[-1])
    model = HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=15,
        early_stopping=False,
        random_state=seed.child("fit").integer() % 2**32,
    ).fit(np.column_stack([x[rows], interval_index]), has_event)
    features_test = features.matrix(test)
    person_periods = np.column_stack(
        [
            np.repeat(features_test, len(ends), axis=0),
            np.tile(np.arange(len(ends)), len(features_test)),
        ]
    )
    hazards = np.clip(model.predict_proba(person_periods)[:, 1], 0.0, 1 - 1e-9)
    risks: Floats = -np.log1p(-hazards).reshape(len(features_test), -1).sum(axis=1)
    return risks
