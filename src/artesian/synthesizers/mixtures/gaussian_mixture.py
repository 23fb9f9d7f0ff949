"""Mixture of mixed columns: scores jointly normal, categories independent within a component.

The location model without interactions (Hunt and Jorgensen 1999, "Mixture model clustering using the
MULTIMIX program"), fitted by EM from a k-means partition. The number of components is doubled while the
Bayesian information criterion falls (Schwarz 1978).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.core.validated import require, require_range, require_shape
from artesian.data.table import Table
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.completion import Completed, complete
from artesian.synthesizers.matrix_density import Mask, log_densities
from artesian.synthesizers.matrix_model import MatrixModel, encode_for_training
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 10_000
"""Rows to which the mixture is fitted."""

ROWS_PER_PARAMETER = 2.0
"""Minimum number of rows per parameter."""

ITERATIONS = 100
TOLERANCE = 1e-3
"""Change of the mean log-likelihood, in nats, at which EM ends."""

SMOOTHING = 0.5
"""Rows added to every code of a category in every component, spread by its overall frequency."""

Parameters = dict[str, NDArray[Any]]


class GaussianMixtureModel(MatrixModel):
    """Arrays:

    weights: Probability of each component, shape (k,).
    means: Mean of the scores and probabilities of masks and indicators, shape (k, width).
    roots: Cholesky factors of the covariances of the scores, shape (k, scores, scores).
    """

    __slots__ = ()

    def check_values(self) -> None:
        """Check the shapes of the components."""
        if not self.codec.width:
            return
        k, scores = len(self.arrays["weights"]), len(self.codec.scores)
        require_shape(self.arrays["weights"], (k,), "weights")
        require_range(self.arrays["weights"], 0, 1 + 1e-9, "weights")
        require(abs(float(self.arrays["weights"].sum()) - 1) < 1e-6, "weights do not sum to 1")
        require_shape(self.arrays["means"], (k, self.codec.width), "means")
        require_range(self.arrays["means"], -1e6, 1e6, "means")
        require_shape(self.arrays["roots"], (k, scores, scores), "roots")
        require_range(self.arrays["roots"], -1e6, 1e6, "roots")

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width)."""
        weights, means, roots = (self.arrays[name] for name in ("weights", "means", "roots"))
        component = rng.choice(len(weights), rows, p=weights / weights.sum())
        matrix: Floats = means[component]  # (rows, width)
        scores = np.array(self.codec.scores, np.int64)
        noise = rng.standard_normal((rows, len(scores)))
        for k, root in enumerate(roots):
            at = np.flatnonzero(component == k)
            matrix[np.ix_(at, scores)] += noise[at] @ root.T
        return matrix

    def log_densities(self, table: Table, *, run: Run | None = None) -> Floats:
        """Log-probability of the codes of each row; see `matrix_density`."""

        def density(matrix: Floats, missing: Mask, rng: np.random.Generator) -> Floats:
            scores = matrix[:, list(self.codec.scores)]
            normal = np.where(missing, 0.0, -(scores**2) / 2 - np.log(2 * np.pi) / 2).sum(axis=1)
            joint = log_joint(self.codec, matrix, dict(self.arrays), missing)
            highest = joint.max(axis=1)
            own = highest + np.log(np.exp(joint - highest[:, None]).sum(axis=1))
            return np.asarray(own - normal)

        return log_densities(self.codec, table, density, run or Run())

    def complete(
        self,
        table: Table,
        imputations: int,
        *,
        relations: Sequence[str] | None = None,
        run: Run | None = None,
    ) -> Iterator[Completed]:
        """Draw the missing values of `table`; see `CompletingModel.complete`."""
        from artesian.synthesizers.mixtures.completion import MixtureCompletion

        run = run or Run()
        draw = MixtureCompletion(self, table, run.seed.child("encode").rng()).draw
        return complete(self.codec.codec, table, draw, imputations, relations, run)

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        return {**MatrixModel.facts(self), "components": len(self.arrays.get("weights", ()))}


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianMixture:
    """Settings.

    Attributes:
        components: Maximum number of components, 1 or more; fewer if that lowers the criterion.
        regularisation: Variance added to every score.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="gaussian_mixture",
        description="clusters of rows; fast, for tables that fall into groups; within a group "
        "categories are independent",
        source="Hunt & Jorgensen 1999",
    )
    model: ClassVar[type[GaussianMixtureModel]] = GaussianMixtureModel

    components: int = 64
    regularisation: float = 1e-3
    protect: bool = True

    def __post_init__(self) -> None:
        if self.components < 1:
            raise UsageError(f"{self.components} components", hint="use 1 or more")

    def fit(self, data: Table, *, run: Run | None = None) -> GaussianMixtureModel:
        """Fit the number of components and their parameters to `data`."""
        from threadpoolctl import threadpool_limits

        run = run or Run()
        codec, matrix, _ = encode_for_training(data, run, protect=self.protect, max_rows=MAX_ROWS)
        if not codec.width:
            for _ in run.track(range(1), "fit"):
                pass
            return GaussianMixtureModel(self, codec, {})
        counts = [1]
        while counts[-1] < self.components:
            counts.append(min(2 * counts[-1], self.components))
        best: tuple[float, Parameters] | None = None
        rising = False
        with threadpool_limits(1):  # sums of several threads depend on their order
            for k in run.track(counts, "fit", len(counts)):
                free = k * _free_parameters(codec)
                if rising or (k > 1 and free * ROWS_PER_PARAMETER > len(matrix)):
                    continue
                parameters, likelihood = fit_components(codec, matrix, k, self.regularisation, run)
                criterion = free * np.log(len(matrix)) - 2 * len(matrix) * likelihood
                rising = best is not None and criterion > best[0]
                if best is None or not rising:
                    best = criterion, parameters
        assert best is not None  # one component is always fitted
        return GaussianMixtureModel(self, codec, best[1])


def _free_parameters(codec: MatrixCodec) -> int:
    """Number of free parameters of one component."""
    scores = len(codec.scores)
    levels = sum(int(group.stop - group.start) - 1 for group in codec.indicators)
    return 1 + scores + scores * (scores + 1) // 2 + len(codec.masks) + levels


def fit_components(
    codec: MatrixCodec, matrix: Floats, components: int, regularisation: float, run: Run
) -> tuple[Parameters, float]:
    """Parameters of a mixture of `components`, and its mean log-likelihood in nats.

    Args:
        matrix: Encoded rows, shape (n, width).
    """
    from sklearn.cluster import KMeans

    rng = run.seed.child("components", components).rng()
    distinct = min(components, len(np.unique(matrix, axis=0)))
    labels = KMeans(distinct, n_init=1, random_state=int(rng.integers(2**31))).fit(matrix).labels_
    responsibilities = np.eye(distinct)[labels]  # (n, k)
    scores = np.ascontiguousarray(matrix[:, list(codec.scores)])
    others = np.ascontiguousarray(np.delete(matrix, list(codec.scores), axis=1))
    previous = -np.inf
    for _ in range(ITERATIONS):
        run.check("fit")
        parameters = _maximise(codec, scores, others, responsibilities, regularisation)
        joint = _log_levels(codec, others, parameters)
        joint += _log_normals(codec, scores, parameters)
        highest = joint.max(axis=1, keepdims=True)
        total = highest + np.log(np.exp(joint - highest).sum(axis=1, keepdims=True))
        responsibilities = np.exp(joint - total)
        likelihood = float(total.mean())
        if likelihood - previous < TOLERANCE:
            break
        previous = likelihood
    return parameters, likelihood


def log_joint(
    codec: MatrixCodec, matrix: Floats, parameters: Parameters, missing: Mask | None = None
) -> Floats:
    """Log-density of each row in each component plus its log-weight, shape (n, k).

    Args:
        missing: Scores that are integrated out, shape (n, scores); None for none.
    """
    scores, others = (
        matrix[:, list(codec.scores)],
        np.delete(matrix, list(codec.scores), axis=1),
    )
    joint = _log_levels(codec, others, parameters)
    if missing is None or not missing.any():
        return joint + _log_normals(codec, scores, parameters)
    patterns, which = np.unique(missing, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        at = np.flatnonzero(which.ravel() == number)
        joint[at] += _log_normals(codec, scores[at], parameters, ~pattern)
    return joint


def _maximise(
    codec: MatrixCodec,
    scores: Floats,
    others: Floats,
    responsibilities: Floats,
    regularisation: float,
) -> Parameters:
    """The parameters that maximise the expected log-likelihood.

    Args:
        scores: Scores, shape (n, scores).
        others: Masks and indicators in the order of the matrix, shape (n, width - scores).
    """
    rows = responsibilities.sum(axis=0) + 1e-9
    centres = responsibilities.T @ scores / rows[:, None]
    levels = responsibilities.T @ others + SMOOTHING * others.mean(axis=0)
    means = np.empty((len(rows), scores.shape[1] + others.shape[1]))
    means[:, list(codec.scores)] = centres
    means[:, _others(codec)] = levels / (rows[:, None] + SMOOTHING)
    roots = np.empty((len(rows), scores.shape[1], scores.shape[1]))
    for k, weight in enumerate(responsibilities.T):
        centred = scores - centres[k]
        covariance = (centred * weight[:, None]).T @ centred / rows[k]
        roots[k] = np.linalg.cholesky(covariance + regularisation * np.eye(scores.shape[1]))
    return {"weights": rows / rows.sum(), "means": means, "roots": roots}


def _log_levels(codec: MatrixCodec, others: Floats, parameters: Parameters) -> Floats:
    """Log-probability of masks and categories in each component plus its log-weight, shape (n, k)."""
    probability = np.clip(parameters["means"][:, _others(codec)], 1e-12, 1 - 1e-12)
    present, absent = np.log(probability), np.log(1 - probability)
    # Of a category, only the own code counts.
    absent[:, ~np.isin(_others(codec), codec.masks)] = 0.0
    weights = np.log(parameters["weights"])
    return np.asarray(others @ (present - absent).T + absent.sum(axis=1) + weights)


def _log_normals(
    codec: MatrixCodec, scores: Floats, parameters: Parameters, kept: Mask | None = None
) -> Floats:
    """Log-density of scores in each component, shape (n, k).

    Args:
        kept: The scores that count, shape (scores,); None for all.
    """
    from scipy.linalg import solve_triangular

    joint = np.zeros((len(scores), len(parameters["weights"])))
    centres, roots = parameters["means"][:, list(codec.scores)], parameters["roots"]
    if kept is not None and not kept.all():
        scores, centres = scores[:, kept], centres[:, kept]
        roots = np.linalg.cholesky((roots @ roots.transpose(0, 2, 1))[:, kept][:, :, kept])
    if not scores.shape[1]:
        return joint
    constant = scores.shape[1] * np.log(2 * np.pi) / 2
    for k, (centre, root) in enumerate(zip(centres, roots, strict=True)):
        white = solve_triangular(root, (scores - centre).T, lower=True, check_finite=False)
        joint[:, k] = -(white**2).sum(axis=0) / 2 - np.log(np.diag(root)).sum() - constant
    return joint


def _others(codec: MatrixCodec) -> NDArray[np.int64]:
    """Columns of the matrix that are no scores."""
    return np.setdiff1d(np.arange(codec.width), codec.scores)
