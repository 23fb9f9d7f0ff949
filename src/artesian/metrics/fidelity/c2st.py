"""Classifier two-sample test against the holdout (Lopez-Paz and Oquab 2017).

A detector is trained to distinguish synthetic from real rows; its cross-validated ROC AUC is 0.5 if
it cannot. Against the *training* rows a copying model would look perfect, so the value is measured
against the holdout; the reference is the same detector on training against holdout rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run, Seed
from artesian.metrics.charts import RocCurves
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.derived.plan import DerivedFeatures
from artesian.metrics.common.encoding import Rows, encode
from artesian.metrics.common.features import Features, trainable
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.roc import Truth, auc_delong, roc_curve
from artesian.metrics.common.subjects import (
    columns_naming_entities,
    find_entity,
    find_groups,
    subsample_entities,
)
from artesian.metrics.fidelity.detector_inputs import MIN_DECREASE, DetectorInputs
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
MIN_ENTITIES = 6
"""Minimum number of entities of each table that are divided into folds; fewer are divided by rows."""

_MAX_VALUES = 300_000  # rows per table x features: bounds the cost for wide tables
_MAX_RANKED_COLUMNS = 60  # maximum number of columns whose importance is measured
_PERMUTED_ROWS = 1_000  # test rows per fold for the permutation importance


class Scorer(Protocol):
    """A fitted detector."""

    def decision_function(self, matrix: Floats) -> Floats:
        """(rows, features) -> (rows,) higher for synthetic rows."""
        ...


FitDetector = Callable[[Floats, Truth, Truth, Seed], Scorer]
"""From (rows, features), the labels of synthetic rows, which features are discrete, and a seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STHoldout(BaseMetric):
    """ROC AUC of a cross-validated gradient boosting detector.

    It sees numbers, dates and categories, and what is derived from values: formats and numbers of
    texts, impossible dates, relations between columns, and how values repeat. The values of keys
    and direct identifiers are new by design, so it sees their format and repeats only. It is tested on
    rows of entities that it has not seen.

    Attributes:
        rows: Maximum number of rows per table; the same for every pair of tables.
        folds: Number of folds of the cross-validation.
        max_columns: Of more columns, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="c2st_holdout",
        title="Detection (C2ST)",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5: no better than a guess; 1: every synthetic row is recognized",
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
        def fit(matrix: Floats, labels: Truth, discrete: Truth, seed: Seed) -> Scorer:
            from sklearn.ensemble import HistGradientBoostingClassifier

            model: Scorer = HistGradientBoostingClassifier(
                max_iter=80,
                learning_rate=0.1,
                max_leaf_nodes=31,
                early_stopping=False,
                random_state=seed.child("fit").integer() % 2**32,
            ).fit(trainable(matrix), labels)
            return model

        return detect(self.spec, self.rows, self.folds, self.max_columns, fit, tables, run)


def detect(
    spec: Spec,
    rows: int,
    folds: int,
    max_columns: int,
    fit: FitDetector,
    tables: Comparison,
    run: Run,
    *,
    variance: float = 1.0,
) -> Result:
    """The result of a two-sample test; settings as in `C2STHoldout`.

    Args:
        variance: Factor on the DeLong variance, for detectors whose folds depend on each other.
        fit: Fits a detector.
    """
    encoded = encode(tables)
    if encoded.holdout is None:
        raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
    seed = run.seed.child("c2st")
    grouped = find_groups(tables, 0, encoded.real) is not None
    naming = columns_naming_entities(tables) if grouped else frozenset()
    features = Features.from_encoded(encoded, max_columns, seed.child("columns"), without=naming)
    derived = DerivedFeatures.from_comparison(tables, encoded, max_columns)
    if not features.columns and not derived.features:
        raise NotMeasurable("there are no columns but keys and texts")
    max_rows = min(rows, max(1_000, _MAX_VALUES // (len(features.owners) + len(derived.features))))
    sides = (encoded.real, encoded.synthetic, encoded.holdout)
    size = min(max_rows, *(side.height for side in sides))
    if size < MIN_ROWS:
        raise NotMeasurable(f"a table has {size} rows, and {MIN_ROWS} are needed")
    samples = [
        subsample_entities(tables, at, side, size, seed.child(name))
        for at, (side, name) in enumerate(zip(sides, ("real", "synthetic", "holdout"), strict=True))
    ]
    # The folds of a table are the same in all pairs, for features that depend on them.
    fold_of = _folds(tables, samples, folds, seed)
    inputs, matrices = DetectorInputs.from_samples(features, derived, samples, fold_of)
    if not inputs.owners:
        raise NotMeasurable("there are no columns but keys and texts, and these have one format")
    real, synthetic, holdout = zip(matrices, fold_of, strict=True)
    pairs = {
        "synthetic": (synthetic, holdout),
        "reference": (real, holdout),
        "train": (synthetic, real),
    }
    detectors = [
        _Detector.from_tables(
            a,
            b,
            seed.child(name),
            inputs,
            fit,
            ranked=a is synthetic and b is holdout,
            variance=variance,
        )
        for name, (a, b) in pairs.items()
    ]
    jobs = [(detector, fold) for detector in detectors for fold in range(folds)]
    fitted = fit_in_parallel(lambda job: job[0].fit(job[1]), jobs, run, spec.name)
    detection, reference, train = (
        detector.pool(fitted[i * folds : (i + 1) * folds]) for i, detector in enumerate(detectors)
    )
    return Result(
        value=detection.auc,
        interval=detection.interval,
        reference=reference.auc,
        reference_interval=reference.interval,
        parts=detection.importances,
        explanation=_explain(
            detection,
            reference.auc,
            features.drawn_note,
            lambda column: inputs.largest_difference(column, synthetic[0], holdout[0]),
        ),
        baseline=0.5,
        chart=RocCurves(
            curves={
                "synthetic against holdout": detection.roc,
                "real against holdout": reference.roc,
            }
        ),
        detail={
            "train": train.auc,
            "train_interval": train.interval,
            "rows_a_side": size,
            **_entities(tables, samples),
        },
    )


def _entities(tables: Comparison, samples: Sequence[Rows]) -> dict[str, str | int]:
    """The column of the entities, and the smallest number of them in one table; empty without any."""
    groups = [find_groups(tables, side, rows) for side, rows in enumerate(samples)]
    numbers = [int(of.max()) + 1 for of in groups if of is not None]
    if len(numbers) < len(groups):
        return {}
    return {"entity": find_entity(tables) or "", "entities_a_side": min(numbers)}


def _folds(tables: Comparison, samples: Sequence[Rows], folds: int, seed: Seed) -> list[Ints]:
    """(rows,) the fold of each row of each table; rows of one entity are in one fold.

    A detector that has seen rows of a customer would know the others by name and town.
    """
    every = [seed.child("fold", number).rng() for number in range(len(samples))]
    groups = [find_groups(tables, side, rows) for side, rows in enumerate(samples)]
    if any(of is None or of.max() + 1 < MIN_ENTITIES for of in groups):
        sizes = [rows.height for rows in samples]
        return [rng.permutation(size) % folds for rng, size in zip(every, sizes, strict=True)]
    out = []
    for rng, of in zip(every, groups, strict=True):
        assert of is not None
        counts = np.bincount(of)
        order = rng.permutation(len(counts))
        before = np.cumsum(counts[order]) - counts[order]
        fold = np.empty(len(counts), np.int64)
        fold[order] = before * folds // len(of)
        out.append(fold[of])
    return out


@dataclass(frozen=True, slots=True)
class _Detection:
    auc: float
    interval: tuple[float, float]
    roc: list[list[float]]
    importances: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Fold:
    """Scores of the test rows of one fold, and permutation importances on them."""

    test_rows: Ints
    ranks: Floats  # (test rows,)
    decreases: Floats  # (ranked columns,)


@dataclass(frozen=True, slots=True)
class _Detector:
    """Cross-validated detection of the rows of one table among those of another of the same size.

    Scores are converted to ranks within their fold: models of different folds differ in scale, and
    pooling raw scores would bias the AUC toward 0.5.
    """

    matrix: Floats  # (2 * rows, features)
    labels: Truth  # (2 * rows,) True for the first table
    fold: Ints  # (2 * rows,)
    ranked_columns: dict[str, list[int]]
    inputs: DetectorInputs
    fit_model: FitDetector
    seed: Seed
    variance: float

    @classmethod
    def from_tables(
        cls,
        a: tuple[Floats, Ints],
        b: tuple[Floats, Ints],
        seed: Seed,
        inputs: DetectorInputs,
        fit: FitDetector,
        *,
        ranked: bool,
        variance: float,
    ) -> _Detector:
        labels = np.repeat([True, False], len(a[0]))
        ranked_columns = _candidate_columns(a[0], b[0], inputs.owners if ranked else ())
        return cls(
            np.vstack([a[0], b[0]]),
            labels,
            np.concatenate([a[1], b[1]]),
            ranked_columns,
            inputs,
            fit,
            seed,
            variance,
        )

    def fit(self, fold: int) -> _Fold:
        from scipy.stats import rankdata

        seed, others = self.seed.child(fold), self.fold != fold
        model = self.fit_model(self.matrix[others], self.labels[others], self.inputs.discrete, seed)
        test_rows = np.flatnonzero(self.fold == fold)
        ranks = rankdata(model.decision_function(self.matrix[test_rows])) / len(test_rows)
        sample = seed.child("few").rng().permutation(test_rows)[:_PERMUTED_ROWS]
        shuffle = seed.child("shuffle").rng().permutation(len(sample))
        ranked_columns = list(self.ranked_columns.values())
        return _Fold(
            test_rows,
            ranks,
            _permutation_importances(
                model, self.matrix[sample], self.labels[sample], ranked_columns, shuffle
            ),
        )

    def pool(self, folds: Sequence[_Fold]) -> _Detection:
        scores = np.empty(len(self.labels))
        for fold in folds:
            scores[fold.test_rows] = fold.ranks
        auc, variance = auc_delong(self.labels, scores)
        mean = np.mean([fold.decreases for fold in folds], axis=0)
        decreases = {
            name: max(0.0, float(decrease))
            for name, decrease in zip(self.ranked_columns, mean, strict=True)
        }
        importances = {
            name: decreases[name] for name in sorted(decreases, key=lambda n: (-decreases[n], n))
        }
        interval = normal(auc, variance * self.variance, 0.0, 1.0)
        return _Detection(auc, interval, roc_curve(self.labels, scores), importances)


def _candidate_columns(
    a: Floats, b: Floats, owners: tuple[tuple[str, ...], ...]
) -> dict[str, list[int]]:
    """The columns whose importance is measured, with their features; in wide tables those whose
    mean ranks differ most."""
    at: dict[str, list[int]] = {}
    for feature, names in enumerate(owners):
        for name in names:
            at.setdefault(name, []).append(feature)
    if len(at) <= _MAX_RANKED_COLUMNS:
        return at
    filled = [np.nan_to_num(matrix, nan=-1.0) for matrix in (a, b)]
    ranks = np.argsort(np.argsort(np.vstack(filled), axis=0, kind="stable"), axis=0)
    apart = np.abs(ranks[: len(a)].mean(axis=0) - ranks[len(a) :].mean(axis=0))
    ordered = sorted(at, key=lambda column: (-float(apart[at[column]].max()), column))
    return {column: at[column] for column in ordered[:_MAX_RANKED_COLUMNS]}


def _permutation_importances(
    model: Scorer, matrix: Floats, labels: Truth, ranked_columns: Sequence[list[int]], shuffle: Ints
) -> Floats:
    """Decrease of the AUC when the values of one column are permuted (Breiman 2001)."""
    baseline_auc = auc_delong(labels, model.decision_function(matrix))[0]
    decreases = np.zeros(len(ranked_columns))
    for k, features in enumerate(ranked_columns):
        shuffled = matrix.copy()
        shuffled[:, features] = matrix[shuffle][:, features]
        decreases[k] = baseline_auc - auc_delong(labels, model.decision_function(shuffled))[0]
    return decreases


def _explain(
    detection: _Detection,
    reference: float,
    drawn_note: str,
    largest_difference: Callable[[str], str],
) -> str:
    sentence = (
        f"A detector trained to distinguish synthetic from holdout rows has a ROC AUC of "
        f"{percent(detection.auc)} (training against holdout rows: {percent(reference)}; a guess: "
        f"50 %){drawn_note}"
    )
    worst = next(
        (c for c, decrease in detection.importances.items() if decrease > MIN_DECREASE), None
    )
    if not worst:
        return f"{sentence}."
    label = largest_difference(worst)
    return f"{sentence}; the most revealing column is {worst!r}{label and f', by {label}'}."
