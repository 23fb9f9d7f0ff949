"""Train on synthetic, test on real (Esteban et al. 2017), beside train on real, test on real.

The same learner with the same number of rows predicts one column of unseen real rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.run import Run, Seed
from artesian.metrics.arrays import Floats
from artesian.metrics.encoded import Rows, encode
from artesian.metrics.features import Features, trainable
from artesian.metrics.intervals import from_resamples
from artesian.metrics.parallel import side_by_side
from artesian.metrics.protocol import Better, Comparison, Result, Spec, skipped
from artesian.metrics.roc import WeightedArea
from artesian.metrics.utility.target import Target, find_target

Score = Callable[[Floats], float]
"""A measure of predictions as a function of the weights of the rows."""

MIN_TRAIN, MIN_TEST = 50, 20
_RESAMPLES = 200
_CELLS = 1_500_000  # training rows x features: keeps wide tables affordable


@dataclass(frozen=True, slots=True, kw_only=True)
class TSTR:
    """AUC for two classes, the mean of one-against-rest AUCs for up to 20, R2 for a number.

    Keys and free text are no predictors; rows without the target are left out.

    Attributes:
        rows: Training rows, at most; the same number of synthetic and of real ones.
        test_rows: Unseen rows to predict, at most.
        max_columns: Of more predictors, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="tstr",
        title="Usefulness",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        means="1 predicts unseen rows perfectly; a guess is 0.5 for classes and 0 for a number",
        source="Esteban, Hyland and Rätsch 2017",
        needs_holdout=True,
    )
    rows: int = 30_000
    test_rows: int = 20_000
    max_columns: int = 300

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        run = run or Run()
        encoded = encode(tables)
        if encoded.holdout is None:
            return skipped(self.spec, "it needs a holdout: real rows to predict")
        target = find_target(encoded, tables.real.schema)
        if isinstance(target, str):
            return skipped(self.spec, target)
        seed = run.seed.child("tstr")
        features = Features.of(
            encoded, self.max_columns, seed.child("columns"), without=target.name
        )
        if not features.columns:
            return skipped(self.spec, f"there is nothing to predict {target.name!r} from")
        real, synthetic, holdout = (
            answered(rows, target) for rows in (encoded.real, encoded.synthetic, encoded.holdout)
        )
        most = min(self.rows, max(1_000, _CELLS // len(features.owners)))
        size = min(real.height, synthetic.height, most)
        if size < MIN_TRAIN:
            return skipped(self.spec, f"there are {size} rows to train on, {MIN_TRAIN} are needed")
        real, synthetic = (
            rows.at_most(size, seed.child(name))
            for rows, name in ((real, "real"), (synthetic, "synthetic"))
        )
        test = holdout.at_most(self.test_rows, seed.child("holdout"))
        if test.height < MIN_TEST:
            return skipped(self.spec, f"there are {test.height} unseen rows, not {MIN_TEST}")
        if target.classes:
            for rows, called in ((synthetic, "synthetic"), (real, "real"), (test, "unseen")):
                if len(np.unique(rows.codes[target.name])) < 2:
                    return skipped(self.spec, f"{target.name!r} has one class in the {called} rows")
        elif not _spread(real, target)[1] < np.inf:
            return skipped(self.spec, f"{target.name!r} is the same in all real rows")
        truth = _truth(test, target)
        if not target.classes and not float(np.var(truth)) > 0:
            return skipped(self.spec, f"{target.name!r} is the same in all unseen rows")

        def learned(train: Rows) -> Floats:
            return predict(train, real, test, target, features, seed)

        predicted = side_by_side(learned, (synthetic, real), run, self.spec.name)
        scores = [(_auc if target.classes else _r2)(truth, each) for each in predicted]
        even = np.ones(len(truth))
        value, reference = (score(even) for score in scores)
        rng = seed.child("bootstrap").rng()
        resampled = np.empty((_RESAMPLES, 2))
        for i in range(_RESAMPLES):
            drawn = rng.integers(len(truth), size=len(truth))
            weights = np.bincount(drawn, minlength=len(truth)).astype(np.float64)
            resampled[i] = [score(weights) for score in scores]
        gap = reference - value
        measure = "AUC" if target.classes else "R2"
        return Result(
            metric=self.spec.name,
            better=self.spec.better,
            value=value,
            interval=from_resamples(value, resampled[:, 0], -1.0, 1.0),
            reference=reference,
            parts={"trained on synthetic": value, "trained on real": reference},
            explanation=(
                f"A model trained on synthetic rows predicts {target.name!r} of unseen real rows "
                f"with {measure} {value:.3f}; trained on as many real rows: {reference:.3f} "
                f"({target.why}; 1 is perfect, a guess is {_guess(target):g}){features.said}."
            ),
            detail={
                "target": target.name,
                "target_why": target.why,
                "measure": measure,
                "guess": _guess(target),
                "train_rows": size,
                "test_rows": test.height,
                "gap": gap,
                "gap_interval": from_resamples(gap, resampled[:, 1] - resampled[:, 0], -2.0, 2.0),
                "reference_interval": from_resamples(reference, resampled[:, 1], -1.0, 1.0),
            },
        )


def _guess(target: Target) -> float:
    return 0.5 if target.classes else 0.0


def answered(rows: Rows, target: Target) -> Rows:
    """The rows that have a value in the target column."""
    if target.classes:
        return rows.take(np.flatnonzero(rows.codes[target.name] >= 0))
    return rows.take(np.flatnonzero(~np.isnan(rows.numbers[target.name])))


def _truth(rows: Rows, target: Target) -> Any:
    return (rows.codes if target.classes else rows.numbers)[target.name]


def _spread(rows: Rows, target: Target) -> tuple[float, float]:
    """Mean and standard deviation of a numeric target; inf for one that does not vary."""
    values = rows.numbers[target.name]
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(values.mean()), float(values.std())
    return (mean, spread) if np.isfinite(spread) and spread > 0 else (0.0, np.inf)


def predict(
    train: Rows, real: Rows, test: Rows, target: Target, features: Features, seed: Seed
) -> Floats:
    """(rows, codes) a score for each class, or (rows,) a number."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    x, y, unseen = trainable(features.matrix(train)), _truth(train, target), features.matrix(test)
    settings: dict[str, Any] = {
        "max_leaf_nodes": 31,
        "early_stopping": False,
        "random_state": seed.child("fit").integer() % 2**32,
    }
    if not target.classes:
        mean, spread = _spread(
            real, target
        )  # of real rows for both, to keep sums of squares finite
        scaled = np.clip((y - mean) / spread, -1e6, 1e6)
        model = HistGradientBoostingRegressor(max_iter=100, **settings).fit(x, scaled)
        predicted: Floats = model.predict(unseen) * spread + mean
        return predicted
    # One tree a class and round: many classes get fewer rounds, for the same cost.
    rounds = max(25, min(100, 200 // len(np.unique(y))))
    model = HistGradientBoostingClassifier(max_iter=rounds, **settings).fit(x, y)
    scores = np.zeros((test.height, int(max(y.max(), _truth(test, target).max())) + 1))
    scores[:, model.classes_] = model.predict_proba(unseen)
    return scores


def _auc(truth: Any, scores: Floats) -> Score:
    """Mean over the classes of the area of that class against the rest."""
    classes = np.unique(truth)
    if len(classes) == 2:
        classes = classes[1:]  # the area of the other class is the same
    areas = [WeightedArea(truth == one, scores[:, one]) for one in classes]
    return lambda weights: float(np.mean([area(weights) for area in areas]))


def _r2(truth: Floats, predicted: Floats) -> Score:
    """Share of the variance explained; -1 stands for anything below."""

    def score(weights: Floats) -> float:
        spread = (truth - np.average(truth, weights=weights)) ** 2
        total = float(weights @ spread)
        missed = float(weights @ (truth - predicted) ** 2)
        return max(-1.0, 1 - missed / total) if total else 0.0

    return score
