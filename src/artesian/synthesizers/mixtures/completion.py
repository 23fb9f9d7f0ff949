"""Missing values of given rows from a mixture: exact.

Given what is known of a row, its component is drawn by the posterior probability, then the missing
categories by their probabilities in it, and the missing scores from the conditional normal
distribution.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.data.table import Table
from artesian.encoding.segments import Codes, Floats
from artesian.synthesizers.mixtures.gaussian_mixture import GaussianMixtureModel

Mask = NDArray[np.bool_]


class MixtureCompletion:
    """Draws the missing codes of rows of a table."""

    def __init__(self, model: GaussianMixtureModel, table: Table, rng: np.random.Generator) -> None:
        self._model = model
        self._matrix = model.codec.encode(table, rng)

    def draw(
        self, rows: NDArray[np.int64], missing: Mask, rng: np.random.Generator
    ) -> tuple[Codes, Floats]:
        """Codes and positions within them of `rows`, (p, r) each; see `DrawMissing`."""
        matrix = self._matrix[rows].copy()
        matrix[:, list(self._model.codec.masks)] = 0.0
        patterns, which = np.unique(missing, axis=1, return_inverse=True)
        for number in range(patterns.shape[1]):
            at = np.flatnonzero(which.ravel() == number)
            matrix[at] = self._completed(matrix[at], patterns[:, number], rng)
        return self._model.codec.to_codes(matrix, rng)

    def _completed(self, matrix: Floats, missing: Mask, rng: np.random.Generator) -> Floats:
        """Rows of the matrix that lack the same columns, with those drawn."""
        codec, arrays = self._model.codec, self._model.arrays
        means, roots = arrays["means"], arrays["roots"]
        joint = np.tile(np.log(arrays["weights"]), (len(matrix), 1))
        score_missing = []
        for slot, absent, column in zip(
            codec.slots, missing, codec.codec.coded.values(), strict=True
        ):
            if slot.score is not None:
                score_missing.append(bool(absent))
            if slot.mask is not None:
                joint += np.log(np.clip(1 - means[:, slot.mask], 1e-12, 1))
            if slot.indicators is not None:
                levels = np.clip(means[:, slot.indicators], 1e-12, 1)
                present = levels[:, : levels.shape[1] - int(column.missing)]
                own = np.log(levels)[:, matrix[:, slot.indicators].argmax(axis=1)].T
                joint += np.log(present.sum(axis=1)) if absent else own
        lost = np.array(score_missing, bool)
        scores = np.array(codec.scores, np.int64)
        values = matrix[:, scores]
        given, free = np.flatnonzero(~lost), np.flatnonzero(lost)
        for k, root in enumerate(roots):
            if len(given):
                joint[:, k] += _log_normal(
                    values[:, given] - means[k, scores[given]],
                    (root @ root.T)[np.ix_(given, given)],
                )
        noise = -np.log(-np.log(np.clip(rng.random(joint.shape), 1e-300, 1 - 1e-16)))
        component = (joint + noise).argmax(axis=1)
        for slot, absent, column in zip(
            codec.slots, missing, codec.codec.coded.values(), strict=True
        ):
            if slot.indicators is not None and absent:
                group = means[component][:, slot.indicators].copy()
                group[:, group.shape[1] - int(column.missing) :] = 0.0
                matrix[:, slot.indicators] = group
        for k in np.unique(component) if len(free) else ():
            at = np.flatnonzero(component == k)
            covariance = roots[k] @ roots[k].T
            centre = means[k, scores]
            slope = np.zeros((len(free), len(given)))
            if len(given):
                within = covariance[np.ix_(given, given)]
                slope = np.linalg.solve(within, covariance[np.ix_(given, free)]).T
            rest = covariance[np.ix_(free, free)] - slope @ covariance[np.ix_(given, free)]
            root = np.linalg.cholesky(rest + 1e-10 * np.eye(len(free)))
            mean = centre[free] + (values[np.ix_(at, given)] - centre[given]) @ slope.T
            drawn = mean + rng.standard_normal((len(at), len(free))) @ root.T
            matrix[np.ix_(at, scores[free])] = drawn
        return matrix


def _log_normal(centred: Floats, covariance: Floats) -> Floats:
    """Log-density of rows of a centred normal distribution, (n,), without its constant."""
    root = np.linalg.cholesky(covariance)
    white = np.linalg.solve(root, centred.T)
    density: Floats = -(white**2).sum(axis=0) / 2 - np.log(np.diag(root)).sum()
    return density
