"""Gaussian copula of mixed columns: normal scores and latent normal variables, jointly normal.

Correlations are estimated pair by pair, so that every pair of columns is as in the data where a
Gaussian copula can have all of them: of two scores directly, of a score and a category by the
polyserial correlation (Olsson, Drasgow and Dorans 1982), of two categories by the polychoric one
(Olsson 1979), both from the covariances of code numbers, to which they are strictly monotone. The
nearest positive definite matrix is used (eigenvalues are clipped). Categories as random points of
their interval, as in Patki et al. 2016 ("The synthetic data vault"), would weaken every correlation
with them; one likelihood for all columns (the EM algorithm of Zhao and Udell 2020) distorts pairs
where the data is no Gaussian copula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.core.validated import require_range, require_shape
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.synthesizers.completion import Completed, complete
from artesian.synthesizers.latent import (
    Latent,
    check_arrays,
    from_arrays,
    latent_variables,
    to_arrays,
)
from artesian.synthesizers.matrix_density import log_densities
from artesian.synthesizers.matrix_model import MatrixModel, encode_for_training
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 20_000
"""Rows from which the correlations are estimated."""

MAX_LEVELS = 12
"""Intervals of a variable in the correlation with another category; adjacent ones are merged."""

MIN_EIGENVALUE = 1e-4

GRID = np.tanh(np.linspace(-4.0, 4.0, 129))
"""Correlations at which the covariance of two categories is computed, with 0 in the middle."""


class GaussianCopulaModel(MatrixModel):
    """A joint normal distribution of latent variables.

    Arrays:
        root: Cholesky factor of the correlation matrix, shape (variables, variables).
        order, ends: The intervals of categories; see `latent`.
    """

    __slots__ = ()

    def check_values(self) -> None:
        """Check that correlations and intervals fit the columns."""
        if not self.codec.width:
            return
        check_arrays(self.codec, self.arrays)
        variables = from_arrays(self.codec, self.arrays)
        require_shape(self.arrays["root"], (len(variables), len(variables)), "root")
        require_range(self.arrays["root"], -1.000001, 1.000001, "root")

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width)."""
        variables = from_arrays(self.codec, self.arrays)
        z = rng.standard_normal((rows, len(variables))) @ self.arrays["root"].T
        matrix = np.zeros((rows, self.codec.width))
        for one, values in zip(variables, z.T, strict=True):
            one.write(matrix, values)
        return matrix

    def log_densities(self, table: Table, *, run: Run | None = None) -> Floats:
        """Log-probability of the codes of each row; see `matrix_density`."""
        from artesian.synthesizers.copulas.copula_density import DRAWS, gaussian_log_density

        density = gaussian_log_density(
            from_arrays(self.codec, self.arrays) if self.codec.width else [],
            self.arrays.get("root", np.zeros((0, 0))),
        )
        return log_densities(self.codec, table, density, run or Run(), positions=DRAWS)

    def complete(
        self,
        table: Table,
        imputations: int,
        *,
        relations: Sequence[str] | None = None,
        run: Run | None = None,
    ) -> Iterator[Completed]:
        """Draw the missing values of `table`; see `CompletingModel.complete`."""
        from artesian.synthesizers.copulas.completion import CopulaCompletion

        run = run or Run()
        draw = CopulaCompletion(self, table, run.seed.child("encode").rng()).draw
        return complete(self.codec.codec, table, draw, imputations, relations, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianCopula:
    """Settings.

    Attributes:
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="gaussian_copula",
        description="correlated normal scores; fast, and every parameter can be read; misses "
        "dependence that is not monotone",
        source="Olsson 1979; Patki et al. 2016",
    )
    model: ClassVar[type[GaussianCopulaModel]] = GaussianCopulaModel

    protect: bool = True

    def fit(self, data: Table, *, run: Run | None = None) -> GaussianCopulaModel:
        """Fit the correlations of the columns of `data`."""
        from threadpoolctl import threadpool_limits

        run = run or Run()
        codec, matrix, _ = encode_for_training(data, run, protect=self.protect, max_rows=MAX_ROWS)
        if not codec.width:
            _correlations([], matrix, run)
            return GaussianCopulaModel(self, codec, {})
        with threadpool_limits(1):  # sums of several threads depend on their order
            variables = latent_variables(codec, matrix)
            correlations = _correlations(variables, matrix, run)
            root = np.linalg.cholesky(correlations)
        return GaussianCopulaModel(self, codec, {"root": root, **to_arrays(variables)})


def _correlations(variables: list[Latent], matrix: Floats, run: Run) -> Floats:
    """The correlation matrix of the latent variables, positive definite."""
    from sklearn.covariance import ledoit_wolf_shrinkage

    p = len(variables)
    for _ in run.track(range(1), "fit"):
        if p < 2:
            return np.eye(p)
        observed = [_observed(one, matrix) for one in variables]
        values = np.stack([one.values for one in observed], axis=1)  # (n, p)
        present = np.stack([one.present for one in observed], axis=1).astype(float)
        covariances = _pairwise_covariances(values, present)
        slopes = np.array([one.slope for one in observed])
        # At most one of two is a category, so that the other's slope is 1.
        correlations = np.clip(covariances / np.outer(slopes, slopes), -1, 1)
        categories = [(j, one.ends) for j, one in enumerate(observed) if one.ends is not None]
        for (i, ends), (j, other) in combinations(categories, 2):
            polychoric = _polychoric(covariances[i, j], ends, other)
            correlations[i, j] = correlations[j, i] = polychoric
        np.fill_diagonal(correlations, 1.0)
        standard = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
        shrinkage = float(ledoit_wolf_shrinkage(standard))
    return _positive_definite((1 - shrinkage) * correlations + shrinkage * np.eye(p))


@dataclass(frozen=True, slots=True)
class _Observed:
    """What is observed of a latent variable.

    Attributes:
        values: Its score, or the number of the interval it is in, shape (n,).
        present: Where it is observed.
        ends: Ends of the intervals; None for a score.
        slope: Covariance of the values with the variable.
    """

    values: Floats
    present: NDArray[np.bool_]
    ends: Floats | None
    slope: float


def _observed(one: Latent, matrix: Floats) -> _Observed:
    n = len(matrix)
    if one.kind == "score":
        mask = matrix[:, one.columns.stop] > 0.5 if one.has_mask else np.zeros(n, bool)
        return _Observed(matrix[:, one.columns.start], ~mask, None, 1.0)
    low, _ = one.bounds(matrix)
    some = np.unique(np.linspace(0, max(len(one.ends) - 1, 0), MAX_LEVELS - 1).astype(np.int64))
    ends = one.ends[some] if len(one.ends) else one.ends
    slope = float(np.exp(-(ends**2) / 2).sum() / np.sqrt(2 * np.pi))
    values = np.searchsorted(ends, low, side="right").astype(float)
    return _Observed(values, np.ones(n, bool), ends, max(slope, 1e-9))


def _pairwise_covariances(values: Floats, present: Floats) -> Floats:
    """Covariance of each pair of columns over the rows in which both are present, shape (p, p)."""
    filled = np.where(present > 0, values, 0.0)
    both = np.maximum(present.T @ present, 1.0)
    means = filled.T @ present / both
    return np.asarray(filled.T @ filled / both - means * means.T)


def _polychoric(covariance: float, ends: Floats, other: Floats) -> float:
    """The correlation of two latent variables whose interval numbers have this covariance."""
    # The derivative of P(x < a, y < b) by the correlation is the density at (a, b) (Plackett 1954).
    a, b = (np.clip(one, -8, 8) for one in (ends[:, None], other[None, :]))
    r = GRID[:, None, None]
    exponent = (a**2 - 2 * r * a * b + b**2) / (2 * (1 - r**2))
    density = (np.exp(-exponent) / (2 * np.pi * np.sqrt(1 - r**2))).sum(axis=(1, 2))
    steps = np.diff(GRID) * (density[1:] + density[:-1]) / 2
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    return float(np.interp(covariance, reached - reached[len(GRID) // 2], GRID))


def _positive_definite(correlations: Floats) -> Floats:
    """The matrix with eigenvalues of at least `MIN_EIGENVALUE` and a diagonal of 1."""
    values, vectors = np.linalg.eigh(correlations)
    clipped = (vectors * np.maximum(values, MIN_EIGENVALUE)) @ vectors.T
    deviation = np.sqrt(np.diag(clipped))
    return np.asarray(clipped / np.outer(deviation, deviation))
