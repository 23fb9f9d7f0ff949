"""A Gaussian mixture over the matrix encoding: numbers jointly normal and categories independent within
a component (Hunt & Jorgensen 1999, mixture model clustering of mixed data).

It shows, for tests, what a method of floats has to bring: settings that fit, and a model that draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.matrix_model import MatrixModel
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 8_000


class GaussianMixtureModel(MatrixModel):
    """Arrays:
    weights: Probability of each component, shape (k,).
    means: Mean of each component, those of masks and indicators being probabilities, (k, width).
    roots: Cholesky factors of the covariances of the scores, shape (k, scores, scores).
    """

    __slots__ = ()

    def draw(self, rng, rows):
        a = self.arrays
        component = rng.choice(len(a["weights"]), rows, p=a["weights"])
        matrix = a["means"][component]  # (rows, width)
        scores = list(self.codec.scores)
        noise = rng.normal(size=(rows, len(scores)))
        for k, root in enumerate(a["roots"]):
            at = np.flatnonzero(component == k)
            matrix[np.ix_(at, scores)] += noise[at] @ root.T
        return matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianMixture:
    """Attributes:
    components: Maximum number of components.
    regularisation: Variance added to every matrix column.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="gaussian_mixture",
        description="Gaussian mixture over normal scores and indicators",
        source="Hunt & Jorgensen 1999",
    )
    model: ClassVar[type[Any]] = GaussianMixtureModel

    components: int = 24
    regularisation: float = 1e-3
    protect: bool = True

    def fit(self, data, *, run=None):
        from sklearn import mixture
        from threadpoolctl import threadpool_limits

        run = run or Run()
        if not len(data):
            raise DataError("there are no rows to fit on", hint="give at least one row")
        codec = MatrixCodec.from_data(data, protect=self.protect)
        rng = run.seed.child("fit").rng()
        matrix = codec.encode(data, rng)
        matrix = matrix[rng.permutation(len(matrix))[:MAX_ROWS]]
        if len(matrix) < 2:
            matrix = np.repeat(matrix, 2, axis=0)
        for _ in run.track(range(1), "fit"):
            if not codec.width:
                return GaussianMixtureModel(self, codec, {})
            distinct, rows = len(np.unique(matrix, axis=0)), 5 * codec.width + 50
            fitted = mixture.GaussianMixture(
                min(self.components, distinct, max(len(matrix) // rows, 1)),
                reg_covar=self.regularisation,
                tol=1e-2,
                random_state=int(rng.integers(2**32)),
            )
            with threadpool_limits(1):  # sums of several threads depend on their order
                fitted.fit(matrix)
        scores = list(codec.scores)
        roots = np.linalg.cholesky(fitted.covariances_[:, scores][:, :, scores])
        arrays = {"weights": fitted.weights_, "means": fitted.means_, "roots": roots}
        return GaussianMixtureModel(self, codec, arrays)
