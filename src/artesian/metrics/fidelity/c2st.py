"""Classifier two-sample test against rows that were never fitted on (Lopez-Paz and Oquab 2017).
 A detector learns to tell synthetic from real rows; the area under its ROC curve on rows it has
not seen is 0.5 if it cannot. Against the *training* rows a copying model looks perfect, so the
value is taken against the holdout, and beside it stands the same detector on two real tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from artesian.core.run import Run, Seed
from artesian.metrics.charts import RocCurves
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.features import Features, trainable
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import side_by_side
from artesian.metrics.common.roc import Truth, auc_delong, curve
from artesian.metrics.protocol import (
    Axis,
    Better,
    Comparison,
    Figure,
    Headline,
    NotMeasurable,
    Result,
    Spec,
)

MIN_ROWS = 50
_CELLS = 300_000  # rows a side x columns: keeps wide tables affordable
_SUSPECTS = 60  # columns whose share in the detection is measured
_PERMUTED = 1_000  # held-out rows a fold for that
_TELLING = 0.01  # a column that moves the area by less is not named


class Scorer(Protocol):
    """A fitted detector."""

    def decision_function(self, matrix: Floats) -> Floats:
        """(rows, features) -> (rows,) higher for synthetic rows."""
        ...


Fit = Callable[[Floats, Truth, Features, Seed], Scorer]


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STHoldout(BaseMetric):
    """A gradient-boosted detector, cross-validated; keys and free text are left out of it.

    Attributes:
        rows: Rows a side, at most; the same for every pair of tables.
        folds: Parts of the cross-validation.
        max_columns: Of more columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="c2st_holdout",
        title="Detection",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5 is no better than a guess, 1 tells every synthetic row from a real one",
        source="Lopez-Paz and Oquab 2017",
        headline=Headline.DETECTION,
        figure=Figure.DETECTOR,
        axis=Axis.LIKENESS,
        priority=1,
        benchmark=True,
        needs_holdout=True,
    )
    rows: int = 5_000
    folds: int = 3
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        def fit(matrix: Floats, truth: Truth, features: Features, seed: Seed) -> Scorer:
            from sklearn.ensemble import HistGradientBoostingClassifier

            model: Scorer = HistGradientBoostingClassifier(
                max_iter=80,
                learning_rate=0.1,
                max_leaf_nodes=31,
                early_stopping=False,
                random_state=seed.child("fit").integer() % 2**32,
            ).fit(trainable(matrix), truth)
            return model

        return detect(self.spec, self.rows, self.folds, self.max_columns, fit, tables, run)


def detect(
    spec: Spec,
    rows: int,
    folds: int,
    max_columns: int,
    fit: Fit,
    tables: Comparison,
    run: Run,
    *,
    variance: float = 1.0,
) -> Result:
    """The result of a two-sample test; settings as in `C2STHoldout`.

    Args:
        variance: What DeLong's variance is multiplied by, for detectors whose folds depend on each
            other.
        fit: A detector from (rows, features), which rows are synthetic, the features and a seed.
    """
    encoded = encode(tables)
    if encoded.holdout is None:
        raise NotMeasurable("it needs a holdout: rows that no model was fitted on")
    seed = run.seed.child("c2st")
    features = Features.of(encoded, max_columns, seed.child("columns"))
    if not features.columns:
        raise NotMeasurable("there are no columns but keys and free text")
    most = min(rows, max(1_000, _CELLS // len(features.owners)))
    sides = (encoded.real, encoded.synthetic, encoded.holdout)
    size = min(most, *(side.height for side in sides))
    if size < MIN_ROWS:
        raise NotMeasurable(f"a table has {size} rows, and {MIN_ROWS} are needed")
    real, synthetic, holdout = (
        features.matrix(side.at_most(size, seed.child(name)))
        for side, name in zip(sides, ("real", "synthetic", "holdout"), strict=True)
    )
    pairs = {
        "synthetic": (synthetic, holdout),
        "reference": (real, holdout),
        "train": (synthetic, real),
    }
    trials = [
        _Trial.of(
            a,
            b,
            folds,
            seed.child(name),
            features,
            fit,
            told=a is synthetic and b is holdout,
            variance=variance,
        )
        for name, (a, b) in pairs.items()
    ]
    jobs = [(trial, fold) for trial in trials for fold in range(folds)]
    fitted = side_by_side(lambda job: job[0].fit(job[1]), jobs, run, spec.name)
    found, reference, train = (
        trial.sum_up(fitted[i * folds : (i + 1) * folds]) for i, trial in enumerate(trials)
    )
    return Result(
        value=found.auc,
        interval=found.interval,
        reference=reference.auc,
        reference_interval=reference.interval,
        parts=found.giveaways,
        explanation=_explain(found, reference.auc, features.said),
        baseline=0.5,
        chart=RocCurves(
            curves={
                "synthetic against holdout": found.roc,
                "real against holdout": reference.roc,
            }
        ),
        detail={
            "train": train.auc,
            "train_interval": train.interval,
            "rows_a_side": size,
        },
    )


@dataclass(frozen=True, slots=True)
class _Detection:
    auc: float
    interval: tuple[float, float]
    roc: list[list[float]]
    giveaways: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Fold:
    """What a detector that never saw the rows `held` makes of them."""

    held: Ints
    ranks: Floats  # (held,)
    falls: Floats  # (suspects,)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Telling the rows of one table from those of another of the same size.

    Scores are ranks within their fold: detectors of different folds are not on one scale, and
    pooling raw scores would pull the area toward 0.5.
    """

    matrix: Floats  # (2 * rows, features)
    truth: Truth  # (2 * rows,) True for the first table
    fold: Ints  # (2 * rows,)
    suspects: dict[str, list[int]]
    features: Features
    learn: Fit
    seed: Seed
    variance: float

    @classmethod
    def of(
        cls,
        a: Floats,
        b: Floats,
        folds: int,
        seed: Seed,
        features: Features,
        fit: Fit,
        *,
        told: bool,
        variance: float,
    ) -> _Trial:
        parts = [seed.child("fold", s).rng().permutation(len(a)) % folds for s in range(2)]
        truth = np.repeat([True, False], len(a))
        suspects = _suspects(a, b, features.owners if told else ())
        return cls(
            np.vstack([a, b]), truth, np.concatenate(parts), suspects, features, fit, seed, variance
        )

    def fit(self, fold: int) -> _Fold:
        from scipy.stats import rankdata

        seed, others = self.seed.child(fold), self.fold != fold
        model = self.learn(self.matrix[others], self.truth[others], self.features, seed)
        held = np.flatnonzero(self.fold == fold)
        ranks = rankdata(model.decision_function(self.matrix[held])) / len(held)
        few = seed.child("few").rng().permutation(held)[:_PERMUTED]
        shuffle = seed.child("shuffle").rng().permutation(len(few))
        suspects = list(self.suspects.values())
        return _Fold(
            held, ranks, _falls(model, self.matrix[few], self.truth[few], suspects, shuffle)
        )

    def sum_up(self, folds: Sequence[_Fold]) -> _Detection:
        scores = np.empty(len(self.truth))
        for fold in folds:
            scores[fold.held] = fold.ranks
        auc, variance = auc_delong(self.truth, scores)
        mean = np.mean([fold.falls for fold in folds], axis=0)
        falls = {
            name: max(0.0, float(fall)) for name, fall in zip(self.suspects, mean, strict=True)
        }
        giveaways = {name: falls[name] for name in sorted(falls, key=lambda n: (-falls[n], n))}
        interval = normal(auc, variance * self.variance, 0.0, 1.0)
        return _Detection(auc, interval, curve(self.truth, scores), giveaways)


def _suspects(a: Floats, b: Floats, owners: tuple[str, ...]) -> dict[str, list[int]]:
    """Columns whose share in the detection is measured, with their features.

    On wide tables those whose middle lies furthest apart, in units of their spread.
    """
    at: dict[str, list[int]] = {}
    for feature, owner in enumerate(owners):
        at.setdefault(owner, []).append(feature)
    if len(at) <= _SUSPECTS:
        return at
    filled = [np.nan_to_num(matrix, nan=-1.0) for matrix in (a, b)]
    ranks = np.argsort(np.argsort(np.vstack(filled), axis=0, kind="stable"), axis=0)
    apart = np.abs(ranks[: len(a)].mean(axis=0) - ranks[len(a) :].mean(axis=0))
    ordered = sorted(at, key=lambda column: (-float(apart[at[column]].max()), column))
    return {column: at[column] for column in ordered[:_SUSPECTS]}


def _falls(
    model: Scorer, matrix: Floats, truth: Truth, suspects: Sequence[list[int]], shuffle: Ints
) -> Floats:
    """How much the area falls when one column's values are shuffled among rows (Breiman 2001)."""
    whole = auc_delong(truth, model.decision_function(matrix))[0]
    falls = np.zeros(len(suspects))
    for k, features in enumerate(suspects):
        mixed = matrix.copy()
        mixed[:, features] = matrix[shuffle][:, features]
        falls[k] = whole - auc_delong(truth, model.decision_function(mixed))[0]
    return falls


def _explain(found: _Detection, reference: float, said: str) -> str:
    told = (
        f"Shown one synthetic and one unseen real row, a trained detector picks the synthetic "
        f"one in {percent(found.auc)} of the cases (between two sets of "
        f"real rows: {percent(reference)}; a guess: 50 %){said}"
    )
    worst = next((c for c, fall in found.giveaways.items() if fall > _TELLING), None)
    return f"{told}; what gives it away most is {worst!r}." if worst else f"{told}."
