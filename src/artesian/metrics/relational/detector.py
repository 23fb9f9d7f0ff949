"""A cross-validated detector of rows that depend on each other, with intervals over their groups.

Rows of one parent are all in the same fold: otherwise a detector recognizes the parents that it was
trained on, also real ones among real ones. The interval is a bootstrap over groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats, Hashes, Ints
from artesian.metrics.common.features import trainable
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.roc import WeightedArea, auc_delong

FOLDS = 3
RESAMPLES = 200
MIN_IMPORTANCE = 0.005
MIN_DISTINCT = 0.8
"""Minimum number of distinct identities per unit for units of two samples to be identified by them."""

CROSS_VALIDATION = 1.2
"""Factor on the standard error of a bootstrap with fixed scores: models of different folds depend on
each other. Measured on samples of one distribution, 20 to 1,000 rows: 1.05 to 1.31."""

_IMPORTANCE_ROWS, _IMPORTANCE_FEATURES = 600, 40

FITTING = Lock()
"""scikit-learn sets the warning filters of the whole process while it bins features, so that two
fits at the same time disturb each other; scoring runs beside a fit."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows for a detector.

    Attributes:
        matrix: (rows, features)
        groups: (rows,) number of the independent unit of each row.
        identities: (rows,) hash of what the unit looks like; both samples may have the same units.
    """

    matrix: Floats
    groups: Ints
    identities: Hashes

    def __len__(self) -> int:
        return len(self.matrix)

    def subsample(self, rows: int, seed: Seed) -> Sample:
        """At most `rows` random rows."""
        if len(self) <= rows:
            return self
        chosen = np.sort(seed.rng().permutation(len(self))[:rows])
        return Sample(self.matrix[chosen], self.groups[chosen], self.identities[chosen])


@dataclass(frozen=True, slots=True)
class Pair:
    """Two samples with the same features: of the first, rows are detected among those of the second.

    Attributes:
        names: (features,)
        ranked: Whether the importance of the features is measured.
    """

    first: Sample
    second: Sample
    names: tuple[str, ...]
    seed: Seed
    ranked: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """The outcome of one pair.

    Attributes:
        auc: ROC AUC, 0.5 for a guess.
        error: Standard error of the AUC, by a bootstrap over groups.
        accuracy: Fraction of rows on the right side of even odds; both tables have equally many.
        importances: Feature -> decrease of the AUC when its values are permuted, largest first.
        rows: Number of rows of each sample.
    """

    auc: float
    error: float
    accuracy: float
    importances: dict[str, float]
    rows: int

    @property
    def revealing_feature(self) -> str:
        """The feature that the detector uses most; empty if none matters."""
        best = next(iter(self.importances), "")
        return best if best and self.importances[best] > MIN_IMPORTANCE else ""


def detect(pairs: Sequence[Pair], run: Run, task: str) -> list[Detection]:
    """Detect the first sample of each pair; all models of all pairs are fitted in parallel."""
    prepared = [_Prepared.from_pair(pair) for pair in pairs]
    jobs = [(one, fold) for one in prepared for fold in range(FOLDS)]
    fitted = fit_in_parallel(lambda job: job[0].fit(job[1]), jobs, run, task)
    return [one.pool(fitted[FOLDS * at : FOLDS * (at + 1)]) for at, one in enumerate(prepared)]


@dataclass(frozen=True, slots=True)
class _Prepared:
    matrix: Floats  # (rows, features)
    labels: np.ndarray  # (rows,) True for the first sample
    groups: Ints  # (rows,)
    fold: Ints  # (rows,)
    pair: Pair

    @classmethod
    def from_pair(cls, pair: Pair) -> _Prepared:
        size = min(len(pair.first), len(pair.second))
        first = pair.first.subsample(size, pair.seed.child("first"))
        second = pair.second.subsample(size, pair.seed.child("second"))
        labels = np.repeat([True, False], size)
        groups = _units(first, second, size)
        counts = [
            np.bincount(groups[side], minlength=groups.max() + 1) for side in (labels, ~labels)
        ]
        in_both = (counts[0] > 0).astype(int) + 2 * (counts[1] > 0)
        fold_of = np.zeros(len(in_both), np.int64)
        for kind in (1, 2, 3):  # apart, so that every fold has about as many rows of both samples
            members = np.flatnonzero(in_both == kind)
            sizes = counts[0][members] + counts[1][members]
            fold_of[members] = _folds(sizes, pair.seed.child("fold", kind))
        fold = fold_of[groups]
        return cls(np.vstack([first.matrix, second.matrix]), labels, groups, fold, pair)

    def fit(self, fold: int) -> tuple[Ints, Floats, Floats, Floats]:
        """Test rows, their scores as ranks, whether each is right, and importances."""
        from scipy.stats import rankdata
        from sklearn.ensemble import HistGradientBoostingClassifier

        train, test = self.fold != fold, np.flatnonzero(self.fold == fold)
        features = np.zeros(self.matrix.shape[1])
        if not len(test) or len(np.unique(self.labels[train])) < 2 or not self.matrix.shape[1]:
            return test, np.full(len(test), 0.5), np.full(len(test), 0.5), features
        seed = self.pair.seed.child("fit", fold)
        model: Any = HistGradientBoostingClassifier(
            max_iter=60,
            learning_rate=0.1,
            max_leaf_nodes=31,
            max_bins=255 if train.sum() > 2_000 else 63,  # histograms of few rows cost the most
            min_samples_leaf=int(np.clip(train.sum() // 20, 2, 20)),
            early_stopping=False,
            random_state=seed.integer() % 2**32,
        )
        with FITTING:
            model.fit(trainable(self.matrix[train]), self.labels[train])
        scores = model.decision_function(self.matrix[test])
        right = np.where(scores == 0, 0.5, (scores > 0) == self.labels[test])
        ranks = rankdata(scores) / len(test)
        if self.pair.ranked:
            features = self._importances(model, test, seed)
        return test, ranks, right, features

    def _importances(self, model: Any, test: Ints, seed: Seed) -> Floats:
        """(features,) decrease of the AUC when a feature is permuted (Breiman 2001)."""
        rows = seed.child("rows").rng().permutation(test)[:_IMPORTANCE_ROWS]
        out = np.zeros(self.matrix.shape[1])
        labels, matrix = self.labels[rows], self.matrix[rows]
        if len(np.unique(labels)) < 2:
            return out
        whole = auc_delong(labels, model.decision_function(matrix))[0]
        if whole < 0.55:
            return out
        shuffle = seed.child("shuffle").rng().permutation(len(rows))
        apart = [_separation(matrix[:, at], labels) for at in range(matrix.shape[1])]
        for at in np.argsort(apart)[::-1][:_IMPORTANCE_FEATURES]:
            shuffled = matrix.copy()
            shuffled[:, at] = matrix[shuffle, at]
            out[at] = whole - auc_delong(labels, model.decision_function(shuffled))[0]
        return out

    def pool(self, folds: Sequence[tuple[Ints, Floats, Floats, Floats]]) -> Detection:
        scores, right = np.full(len(self.labels), 0.5), np.full(len(self.labels), 0.5)
        for test, ranks, correct, _ in folds:
            scores[test], right[test] = ranks, correct
        area = WeightedArea(self.labels, scores)
        auc = area(np.ones(len(scores)))
        rng = self.pair.seed.child("bootstrap").rng()
        number = int(self.groups.max(initial=0)) + 1
        resamples = [
            area(rng.multinomial(number, np.full(number, 1 / number))[self.groups].astype(float))
            for _ in range(RESAMPLES)
        ]
        mean = np.mean([each[3] for each in folds], axis=0)
        ordered = sorted(zip(self.pair.names, mean, strict=True), key=lambda one: (-one[1], one[0]))
        # A floor for detectors without any error, whose bootstrap has no spread.
        floor = 0.5 / number
        return Detection(
            float(auc),
            max(CROSS_VALIDATION * float(np.std(resamples)), floor),
            float(right.mean()),
            {name: max(0.0, float(value)) for name, value in ordered[:20] if value > 0},
            len(self.labels) // 2,
        )


def _units(first: Sample, second: Sample, size: int) -> Ints:
    """(2 * size,) numbers of the units of the rows of both samples.

    Units that look the same in both are one: in different folds, a detector would learn from one
    that the other belongs to the wrong sample. If most units look like others, as with few columns,
    each is a unit by itself.
    """
    groups = np.concatenate([first.groups, second.groups + 1 + first.groups.max()])
    alike = np.concatenate([first.identities, second.identities])
    parts = [
        len(np.unique(one.identities)) >= MIN_DISTINCT * len(np.unique(one.groups))
        for one in (first, second)
    ]
    values = alike if all(parts) else groups
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _separation(values: Floats, labels: np.ndarray) -> float:
    """How far the AUC of a single feature is from 0.5; missing values are the smallest."""
    return abs(auc_delong(labels, np.nan_to_num(values, nan=-1e300))[0] - 0.5)


def _folds(sizes: Ints, seed: Seed) -> Ints:
    """(groups,) a fold for each group, so that folds have about equally many rows."""
    filled = np.zeros(FOLDS)
    out = np.empty(len(sizes), np.int64)
    order = seed.rng().permutation(len(sizes))
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        out[group] = int(filled.argmin())
        filled[out[group]] += sizes[group]
    return out
