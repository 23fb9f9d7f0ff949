"""Train on synthetic, test on real for times until an event: who meets it first?"""

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
from artesian.metrics.common.parallel import side_by_side
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.prediction_task import MIN_TEST, MIN_TRAIN
from artesian.metrics.utility.scores import REFITS, RESAMPLES, trained_variance
from artesian.metrics.utility.time_to_event import Duration

_STEPS = 10  # of time, with as many events each
_EVENTS = 20  # seen, at least, in each table


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival(BaseMetric):
    """Harrell's C of gradient boosting on hazards in steps of time (a row for every step that it
    lived through), beside the same trained on real rows; Cox regression stands in the parts.

    Wants a target that is a time, and an event column, in the schema (`--target`, `--event`). Only
    pairs of rows count of which it is known who came first.

    Attributes:
        rows: Training rows, at most; the same number of synthetic and of real ones.
        test_rows: Unseen rows, at most: all pairs of them are looked at.
        max_columns: Of more predictors, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="survival",
        title="Usefulness for times until an event",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 tells for every pair of unseen rows who meets the event first, 0.5 "
        "is a guess",
        source="Harrell et al. 1982; Cox 1972; Tutz and Schmid 2016 (hazards in steps of time)",
        needs_holdout=True,
    )
    rows: int = 10_000
    test_rows: int = 2_000
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows to predict")
        target = Duration.find(encoded, tables.real.schema)
        seed = run.seed.child(self.spec.name)
        features = Features.of(
            encoded,
            self.max_columns,
            seed.child("columns"),
            without=(target.time, target.event),
        )
        if not features.columns:
            raise NotMeasurable(f"there is nothing to predict {target.time!r} from")
        made, real, held = (
            target.answered(rows) for rows in (encoded.synthetic, encoded.real, encoded.holdout)
        )
        size = min(made.height, real.height, self.rows)
        made, real = made.at_most(size, seed.child("made")), real.at_most(size, seed.child("real"))
        test = held.at_most(self.test_rows, seed.child("test"))
        if size < MIN_TRAIN or test.height < MIN_TEST:
            raise NotMeasurable(
                f"there are {size} rows to train on and {test.height} to test, and {MIN_TRAIN} and "
                f"{MIN_TEST} are needed",
            )
        for rows, called in ((made, "synthetic"), (real, "real"), (test, "unseen")):
            if (events := int(target.of(rows)[1].sum())) < _EVENTS:
                raise NotMeasurable(
                    f"{events} events were seen in the {called} rows, not {_EVENTS}"
                )
        pairs = _Pairs(*target.of(test))
        groups = seed.child("refits").rng().permutation(size) % REFITS
        jobs = [
            (learner, rows if left is None else rows.take(np.flatnonzero(groups != left)))
            for learner in (_boosted, _cox)
            for rows in (made, real)
            for left in (None, *range(REFITS))
        ]
        risks = side_by_side(
            lambda job: job[0](job[1], test, target, features, seed), jobs, run, self.spec.name
        )
        even = np.ones(test.height)
        whole = np.array([pairs.concordance(risk, even) for risk in risks])
        whole = whole.reshape(2, 2, 1 + REFITS)
        shown = [risks[0], risks[1 + REFITS]]
        rng = seed.child("bootstrap").rng()
        drawn = np.array(
            [
                [pairs.concordance(risk, weights) for risk in shown]
                for weights in rng.multinomial(test.height, even / len(even), size=RESAMPLES)
            ]
        )
        found, plain = whole
        value, reference = float(found[0, 0]), float(found[1, 0])
        gap = found[0] - found[1]
        spans = [
            normal(
                float(found[k, 0]),
                float(drawn[:, k].var(ddof=1)) + trained_variance(found[k, 1:]),
                0.0,
                1.0,
            )
            for k in range(2)
        ]
        noise = float((drawn[:, 0] - drawn[:, 1]).var(ddof=1)) + trained_variance(gap[1:])
        return Result(
            value=value,
            interval=spans[0],
            reference=reference,
            reference_interval=spans[1],
            excess_interval=normal(float(gap[0]), noise, -1.0, 1.0),
            parts={
                "boosted, trained on synthetic": value,
                "boosted, trained on real": reference,
                "Cox, trained on synthetic": float(plain[0, 0]),
                "Cox, trained on real": float(plain[1, 0]),
            },
            explanation=(
                f"Of two unseen rows, a model trained on synthetic rows tells in {value:.1%} of the "
                f"pairs for which {target.event!r} came first; trained on as many real rows, in "
                f"{reference:.1%} (a guess is 50 %)."
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
    return _Pairs(times, observed).concordance(risk, np.ones(len(times)))


class _Pairs:
    """The pairs of rows of which it is known who came first."""

    def __init__(self, times: Floats, seen: Truth) -> None:
        # Lost sight of at the time of another's event: it came later (Harrell et al. 1982).
        first = (times[:, None] < times) | ((times[:, None] == times) & ~seen)
        self.rows, self.others = np.nonzero(first & seen[:, None])

    def concordance(self, risk: Floats, weights: Floats) -> float:
        """The weighted share of pairs in which who came first has the higher risk; ties count half."""
        weight = weights[self.rows] * weights[self.others]
        gap = risk[self.rows] - risk[self.others]
        total = float(weight.sum())
        right = weight @ ((gap > 0) + 0.5 * (gap == 0))
        return float(right) / total if total else 0.5


def _cox(train: Rows, test: Rows, target: Duration, features: Features, seed: Seed) -> Floats:
    """(test rows,) risks."""
    matrix = features.matrix(train)
    design = Design.of(matrix, features.discrete)
    beta, _ = cox(design.columns(matrix), *target.of(train), PENALTY)
    risks: Floats = design.columns(features.matrix(test)) @ beta
    return risks


def _boosted(train: Rows, test: Rows, target: Duration, features: Features, seed: Seed) -> Floats:
    """(test rows,) risks: the hazards of all steps of time, added up."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    times, seen = target.of(train)
    ends = np.unique(np.quantile(times[seen], np.linspace(0, 1, _STEPS + 1)[1:], method="higher"))
    step = np.minimum(np.searchsorted(ends, times, "left"), len(ends) - 1)
    x = trainable(features.matrix(train))
    rows = np.repeat(np.arange(len(x)), step + 1)
    at = np.arange(len(rows)) - np.repeat(np.cumsum(step + 1) - (step + 1), step + 1)
    # Past the last event nothing happens: a row that lived longer had no event in any step.
    met = (at == step[rows]) & seen[rows] & (times[rows] <= ends[-1])
    model = HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=15,
        early_stopping=False,
        random_state=seed.child("fit").integer() % 2**32,
    ).fit(np.column_stack([x[rows], at]), met)
    unseen = features.matrix(test)
    asked = np.column_stack(
        [np.repeat(unseen, len(ends), axis=0), np.tile(np.arange(len(ends)), len(unseen))]
    )
    hazards = np.clip(model.predict_proba(asked)[:, 1], 0.0, 1 - 1e-9)
    risks: Floats = -np.log1p(-hazards).reshape(len(unseen), -1).sum(axis=1)
    return risks
