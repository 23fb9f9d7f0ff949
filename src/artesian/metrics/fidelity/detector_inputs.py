"""The features of a detector: encoded columns, and what is derived from values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.derived.plan import DerivedFeatures
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.features import Features
from artesian.metrics.common.roc import Truth, auc_delong

MIN_DECREASE = 0.01
"""Minimum difference of the AUC for a column, or a feature of it, to be named."""


@dataclass(frozen=True, slots=True)
class DetectorInputs:
    """The features of a detector.

    Attributes:
        owners: (features,) the columns that each is derived from.
        labels: (features,) what it is of its first column; empty for the values themselves.
        discrete: (features,) whether it is a category code.
    """

    owners: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]
    discrete: Truth

    @classmethod
    def from_samples(
        cls,
        features: Features,
        derived: DerivedFeatures,
        samples: Sequence[Rows],
        folds: Sequence[Ints],
    ) -> tuple[DetectorInputs, list[Floats]]:
        """The features and their values, (rows, features) each, without derived ones that are the
        same in all rows."""
        direct = [features.matrix(rows) for rows in samples]
        further = [
            derived.matrix(table, rows, fold)
            for table, (rows, fold) in enumerate(zip(samples, folds, strict=True))
        ]
        varied = _varies(np.vstack(further))
        kept = [each for each, keep in zip(derived.features, varied, strict=True) if keep]
        inputs = cls(
            (*((name,) for name in features.owners), *(each.owners for each in kept)),
            (*("" for _ in features.owners), *(each.label for each in kept)),
            np.concatenate([features.discrete, np.array([each.discrete for each in kept], bool)]),
        )
        return inputs, [np.hstack([a, b[:, varied]]) for a, b in zip(direct, further, strict=True)]

    def largest_difference(self, column: str, a: Floats, b: Floats) -> str:
        """The label of the derived feature of a column with the largest difference between two
        tables; empty if they differ as much in the values themselves."""
        truth = np.repeat([True, False], len(a))
        differences: dict[str, float] = {}
        for at, (owners, label) in enumerate(zip(self.owners, self.labels, strict=True)):
            if column in owners:
                values = np.nan_to_num(np.concatenate([a[:, at], b[:, at]]), nan=-1e300)
                difference = abs(auc_delong(truth, values)[0] - 0.5)
                whose = f"its {label}" if owners[0] == column else f"the {label} of {owners[0]!r}"
                name = whose if label else ""
                differences[name] = max(difference, differences.get(name, 0.0))
        best = max(differences, key=lambda name: differences[name], default="")
        own = differences.get("", 0.0)
        return best if best and differences[best] > own + MIN_DECREASE else ""


def _varies(matrix: Floats) -> Truth:
    """(features,) whether a feature has two values, or one and missing ones."""
    missing = np.isnan(matrix)
    filled = np.where(missing, 0.0, matrix)
    low = np.where(missing, np.inf, matrix).min(axis=0, initial=np.inf)
    high = np.where(missing, -np.inf, filled).max(axis=0, initial=-np.inf)
    return np.asarray((low < high) | (missing.any(axis=0) & ~missing.all(axis=0)))
