"""A two-dimensional mixture of two Gaussians, fitted by EM on its own samples (Shumailov et al. 2024).

EM has no closed form for its error. The reference line is that of two components that never overlap:
a Gaussian fitted on half of the rows each generation.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from artesian.collapse.labs.results import Curve, LabResult, Panel, grid
from artesian.collapse.theory import Floats
from artesian.core.run import Run
from artesian.core.settings import at_least

CENTRE, DEVIATION = 2.0, 0.9
"""The real components are at (-2, 0) and (2, 0), each with a standard deviation of 0.9."""

STEPS, TOLERANCE = 30, 1e-4
"""EM stops after 30 steps, or when no mean log-likelihood rises by more than 1e-4."""

FLOOR = 1e-6
"""Added to the variances, as `reg_covar` of scikit-learn does in the published code."""

PUBLISHED_GENERATIONS, PUBLISHED_DEVIATION, PUBLISHED_DISTANCE = 2050, 0.010, 536
"""The end of the published run: 2,050 generations of 1,000 rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixtureLab:
    """Settings.

    Attributes:
        size: Rows of each generation.
        generations: Number of generations.
        replicates: Number of independent simulations.
    """

    size: int = 1000
    generations: int = PUBLISHED_GENERATIONS
    replicates: int = 16

    def __post_init__(self) -> None:
        at_least(self, size=10, generations=1, replicates=1)

    def run(self, run: Run) -> LabResult:
        """Simulate 'replace'."""
        at = grid(self.generations, 60)
        rng = run.seed.child("mixture").rng()
        real = Mixtures.real(self.replicates)
        mixtures, deviations, distances = real, [], []
        for t in run.track(range(1, self.generations + 1), "mixture"):
            mixtures = fit(mixtures.sample(rng, self.size), mixtures)
            if t in at:
                deviations.append(mixtures.deviation())
                distances.append(l2_distance(mixtures, real))
        deviation, distance = np.stack(deviations), np.stack(distances)
        middle = float(np.median(deviation[-1]))
        return LabResult(
            name="mixture",
            title="A mixture of two Gaussians trained on its own samples",
            source="Shumailov et al. 2024",
            findings=(
                f"After {self.generations:,} generations on {self.size:,} rows, the standard "
                f"deviation of a component is {middle:.2g} of {DEVIATION:g} (median of "
                f"{self.replicates} replicates, {deviation[-1].min():.2g} to "
                f"{deviation[-1].max():.2g}).",
                f"The squared L2 distance to the real density is {np.median(distance[-1]):.3g} "
                f"({distance[-1].min():.2g} to {distance[-1].max():.2g}).",
                f"Published for {PUBLISHED_GENERATIONS:,} generations on 1,000 rows: a deviation of "
                f"{PUBLISHED_DEVIATION:.3f} and a distance of {PUBLISHED_DISTANCE}.",
            ),
            panels=(
                Panel(
                    title="Standard deviation of a component",
                    y=f"standard deviation (real: {DEVIATION:g})",
                    curves=(*_quantiles(deviation, at), self._reference(at)),
                    note="Geometric mean over directions, mean over components. Reference: components "
                    "that never overlap, each fitted on half of the rows.",
                    log=True,
                ),
                Panel(
                    title="Distance to the real density",
                    y="squared L2 distance",
                    curves=_quantiles(distance, at),
                    note="It first stays small, then grows without bound as the components become "
                    "points.",
                    log=True,
                ),
            ),
            settings=asdict(self),
        )

    def _reference(self, at: list[int]) -> Curve:
        from scipy.special import psi

        half = self.size / 2
        # E[log det] of a 2 x 2 Wishart matrix; the deviation is det^(1/4).
        drift = sum(psi((half - j) / 2) + math.log(2 / half) for j in (1, 2)) / 4
        values = [DEVIATION * math.exp(drift * t) for t in at]
        return Curve(label="reference without overlap", generations=at, values=values)


@dataclass(frozen=True, slots=True)
class Mixtures:
    """A mixture of two Gaussians for each replicate.

    Attributes:
        weights: (replicates, 2).
        means: (replicates, 2, 2), by component and dimension.
        covariances: (replicates, 2, 3): xx, xy and yy of each component.
    """

    weights: Floats
    means: Floats
    covariances: Floats

    @classmethod
    def real(cls, replicates: int) -> Mixtures:
        """The real mixture for each replicate."""
        means = np.tile([[-CENTRE, 0.0], [CENTRE, 0.0]], (replicates, 1, 1))
        covariances = np.tile([DEVIATION**2, 0.0, DEVIATION**2], (replicates, 2, 1))
        return cls(np.full((replicates, 2), 0.5), means, covariances)

    def sample(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw rows of each replicate, shape (replicates, rows, 2)."""
        replicates = len(self.weights)
        component = (rng.random((replicates, rows)) >= self.weights[:, :1]).astype(np.int64)
        each = np.arange(replicates)[:, None]
        xx, xy, yy = np.moveaxis(self.covariances[each, component], -1, 0)
        normal = rng.standard_normal((2, replicates, rows))
        slope = xy / np.sqrt(xx)
        x = np.sqrt(xx) * normal[0]
        y = slope * normal[0] + np.sqrt(np.maximum(yy - slope**2, 0.0)) * normal[1]
        points: Floats = self.means[each, component] + np.stack([x, y], axis=-1)
        return points

    def deviation(self) -> Floats:
        """(replicates,) standard deviation of a component: geometric mean over directions, arithmetic
        mean over components.
        """
        xx, xy, yy = np.moveaxis(self.covariances, -1, 0)
        determinant = np.maximum(xx * yy - xy**2, FLOOR**2)
        deviations: Floats = (determinant**0.25).mean(axis=1)
        return deviations


def fit(points: Floats, start: Mixtures) -> Mixtures:
    """Fit by EM from `start`; `points` is (replicates, rows, 2)."""
    mixtures, before = start, np.full(len(points), -np.inf)
    for _ in range(STEPS):
        densities = np.stack([_log_densities(points, mixtures, k) for k in (0, 1)])
        peak = densities.max(axis=0)
        total = peak + np.log(np.exp(densities - peak).sum(axis=0))
        likelihood = total.mean(axis=1)
        if (likelihood - before < TOLERANCE).all():
            break
        before = likelihood
        mixtures = _maximised(points, np.exp(densities - total))
    return mixtures


def _log_densities(points: Floats, mixtures: Mixtures, k: int) -> Floats:
    """(replicates, rows) log of weight x density of component `k`."""
    xx, xy, yy = (mixtures.covariances[:, k, i, None] for i in range(3))
    determinant = np.maximum(xx * yy - xy**2, FLOOR**2)
    dx = points[..., 0] - mixtures.means[:, k, 0, None]
    dy = points[..., 1] - mixtures.means[:, k, 1, None]
    square = (yy * dx**2 - 2 * xy * dx * dy + xx * dy**2) / determinant
    weight = np.log(np.maximum(mixtures.weights[:, k, None], 1e-300))
    densities: Floats = weight - 0.5 * (square + np.log(determinant)) - math.log(2 * math.pi)
    return densities


def _maximised(points: Floats, parts: Floats) -> Mixtures:
    """The M step; `parts` is (2, replicates, rows)."""
    totals = np.maximum(parts.sum(axis=2), 1e-9)
    means = np.einsum("krn,rnd->rkd", parts, points) / totals.T[..., None]
    covariances = []
    for k in (0, 1):
        d = points - means[:, k, None, :]
        weighted = parts[k][..., None] * d
        xx, xy, yy = (
            (weighted[..., i] * d[..., j]).sum(axis=1) / totals[k]
            for i, j in ((0, 0), (0, 1), (1, 1))
        )
        covariances.append(np.stack([xx + FLOOR, xy, yy + FLOOR], axis=-1))
    return Mixtures(totals.T / points.shape[1], means, np.stack(covariances, axis=1))


def l2_distance(one: Mixtures, other: Mixtures) -> Floats:
    """(replicates,) integral of the squared difference of two densities, in closed form."""
    distances: Floats = _overlap(one, one) - 2 * _overlap(one, other) + _overlap(other, other)
    return distances


def _overlap(one: Mixtures, other: Mixtures) -> Floats:
    """(replicates,) integral of the product of two densities: Gaussians in the sum of variances."""
    total = np.zeros(len(one.weights))
    for i in (0, 1):
        for j in (0, 1):
            xx, xy, yy = (one.covariances[:, i] + other.covariances[:, j]).T
            dx, dy = (one.means[:, i] - other.means[:, j]).T
            determinant = np.maximum(xx * yy - xy**2, FLOOR**2)
            square = (yy * dx**2 - 2 * xy * dx * dy + xx * dy**2) / determinant
            density = np.exp(-0.5 * square) / (2 * math.pi * np.sqrt(determinant))
            total += one.weights[:, i] * other.weights[:, j] * density
    return total


def _quantiles(values: Floats, at: list[int]) -> tuple[Curve, ...]:
    """Median, smallest and largest of the replicates."""
    named = (("median", np.median), ("smallest", np.min), ("largest", np.max))
    return tuple(
        Curve(label=label, generations=at, values=of(values, axis=1).tolist())
        for label, of in named
    )
