"""A Gaussian fitted by maximum likelihood on its own samples (Shumailov et al. 2024, section 4).

The simulation draws the sufficient statistics of n rows, their mean and sum of squares, from their
exact distributions, so that sizes of 10,000 cost no more than sizes of 100. Only 'subsample' draws
rows, since its pool mixes rows of all generations.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace

import numpy as np

from artesian.collapse import theory
from artesian.collapse.labs.results import (
    Curve,
    LabResult,
    Panel,
    curve_of,
    grid,
)
from artesian.collapse.policies import Policy
from artesian.collapse.theory import Floats
from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.core.settings import at_least

POOL_LIMIT = 500_000
"""Rows of a pool of 'subsample' that are simulated, for each replicate."""

SUBSAMPLE_REPLICATES = 200
"""Replicates of 'subsample', at most."""

MIX = 0.1
"""Proportion of fresh real rows of the policy 'mix'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianLab:
    """Settings.

    Attributes:
        sizes: Rows of each generation; every size is one experiment.
        generations: Number of generations.
        replicates: Number of independent simulations.
    """

    sizes: tuple[int, ...] = (100, 500, 1000, 10_000)
    generations: int = 1000
    replicates: int = 4000

    def __post_init__(self) -> None:
        at_least(self, generations=1, replicates=2)
        if not self.sizes or any(not isinstance(n, int) or n < 3 for n in self.sizes):
            raise UsageError(f"sizes is {self.sizes!r}", hint="give sizes of 3 rows or more")

    def run(self, run: Run) -> LabResult:
        """Simulate 'replace' for every size, and the other policies for the smallest."""
        smallest, at = min(self.sizes), grid(self.generations)
        sizes = {n: self._simulate(Policy(name="replace"), n, at, run) for n in self.sizes}
        policies, skipped = {}, {}
        for policy in (
            Policy(name="replace"),
            Policy(name="mix", real=MIX),
            Policy(name="accumulate"),
            Policy(name="subsample"),
        ):
            if policy.name == "subsample" and smallest * self.generations > POOL_LIMIT:
                skipped["subsample"] = f"its pool would have more than {POOL_LIMIT:,} rows"
            else:
                policies[policy] = self._simulate(policy, smallest, at, run)
        result = LabResult(
            name="gaussian",
            title="A Gaussian trained on its own samples",
            source="Shumailov et al. 2024; Alemohammad et al. 2023; Kazdan et al. 2024",
            findings=self._findings(sizes, policies, at),
            panels=(
                self._variance(sizes, at),
                self._log_variance(sizes, at),
                self._policy_variance(policies, smallest, at),
                self._mean_error(policies, smallest, at),
            ),
            settings=asdict(self),
            skipped=skipped,
        )
        return result

    def _simulate(self, policy: Policy, n: int, at: list[int], run: Run) -> tuple[Floats, Floats]:
        """Variances and means, each (len(at), replicates)."""
        seed = run.seed.child("gaussian", policy.text, n)
        if policy.name == "subsample":
            replicates = min(self.replicates, SUBSAMPLE_REPLICATES)
            chains = [
                _subsample(n, self.generations, at, seed.child(r).rng())
                for r in run.track(range(replicates), "subsample")
            ]
            return np.stack([v for v, _ in chains], 1), np.stack([m for _, m in chains], 1)
        rng, shape = seed.rng(), self.replicates
        mean, variance = np.zeros(shape), np.ones(shape)
        pool = 0
        kept: dict[int, tuple[Floats, Floats]] = {}
        for t in run.track(range(1, self.generations + 1), f"{policy.text}, {n}"):
            new_mean, squares = _statistics(rng, mean, variance, n)
            if policy.name == "mix" and t > 1:
                real = policy.real_rows(n)
                new_mean, squares = _pooled(
                    (real, *_statistics(rng, np.zeros(shape), np.ones(shape), real)),
                    (n - real, *_statistics(rng, mean, variance, n - real)),
                )
            elif policy.name == "accumulate":
                new_mean, squares = _pooled((pool, mean, variance * pool), (n, new_mean, squares))
                pool += n
            mean, variance = new_mean, squares / (pool or n)
            if t in at:
                kept[t] = variance, mean
        return np.stack([kept[t][0] for t in at]), np.stack([kept[t][1] for t in at])

    def _variance(self, sizes: dict[int, tuple[Floats, Floats]], at: list[int]) -> Panel:
        curves = []
        for n, (variance, _) in sizes.items():
            shown = [t for t in at if t <= n]
            deviation = theory.replace_variance_deviation(n, self.generations)
            moments = theory.gaussian_moments(Policy(name="replace"), n, self.generations)
            assert moments is not None
            curve = curve_of(
                f"n = {n:,}", shown, variance[: len(shown)], moments.variance, compared=n // 2
            )
            errors = deviation[np.asarray(shown) - 1] / math.sqrt(variance.shape[1])
            curves.append(_with_errors(curve, errors))
        return Panel(
            title="Mean variance, replace",
            y="variance (real: 1)",
            curves=tuple(curves),
            note="Theory: E[variance] = (1 - 1/n)^t. It can be estimated for t up to n: beyond, a few "
            "replicates dominate the mean, as the relative variance grows like exp(2t/n).",
        )

    def _log_variance(self, sizes: dict[int, tuple[Floats, Floats]], at: list[int]) -> Panel:
        curves = []
        for n, (variance, _) in sizes.items():
            mean, deviation = theory.mean_log_variance(n, self.generations)
            curve = curve_of(f"n = {n:,}", at, np.log(variance), mean)
            errors = deviation[np.asarray(at) - 1] / math.sqrt(variance.shape[1])
            curves.append(_with_errors(curve, errors))
        return Panel(
            title="Mean log variance, replace",
            y="log variance (real: 0)",
            curves=tuple(curves),
            note="A typical chain. Theory: t (psi((n-1)/2) + log(2/n)), about -2t/n.",
        )

    def _policy_variance(
        self, policies: dict[Policy, tuple[Floats, Floats]], n: int, at: list[int]
    ) -> Panel:
        shown = [t for t in at if t <= n]
        curves = []
        for policy, (variance, _) in policies.items():
            moments = theory.gaussian_moments(policy, n, self.generations)
            assert moments is not None
            compared = n // 2 if policy.name == "replace" else None
            curves.append(
                curve_of(
                    policy.label, shown, variance[: len(shown)], moments.variance, compared=compared
                )
            )
        return Panel(
            title=f"Mean variance by policy, n = {n:,}",
            y="variance (real: 1)",
            curves=tuple(curves),
            note="Theory: exact recursions of the first two moments. Accumulation stays above "
            "1 - pi^2/(6n).",
        )

    def _mean_error(
        self, policies: dict[Policy, tuple[Floats, Floats]], n: int, at: list[int]
    ) -> Panel:
        curves = []
        for policy, (_, mean) in policies.items():
            moments = theory.gaussian_moments(policy, n, self.generations)
            assert moments is not None
            compared = n // 2 if policy.name == "replace" else None
            square = moments.mean_square * n
            curve = curve_of(policy.label, at, mean**2 * n, square, compared=compared)
            # The square of a Gaussian has the deviation sqrt(2) x its mean, which few replicates miss.
            floor = np.asarray(curve.theory) * math.sqrt(2 / mean.shape[1])
            curves.append(_with_errors(curve, np.maximum(curve.errors, floor)))
        bound = Curve(
            label="bound of accumulation",
            generations=at,
            values=[theory.ACCUMULATION_BOUND] * len(at),
        )
        return Panel(
            title=f"Squared error of the mean, n = {n:,}",
            y="n E[mean²] (real data alone: 1)",
            curves=(*curves, bound),
            note="Theory: exact recursions. Accumulation stays below pi²/6 = 1.645.",
            log=True,
        )

    def _findings(
        self,
        sizes: dict[int, tuple[Floats, Floats]],
        policies: dict[Policy, tuple[Floats, Floats]],
        at: list[int],
    ) -> tuple[str, ...]:
        last = at[-1]
        lines = [
            f"After {last:,} generations on {n:,} rows each, the median variance is "
            f"{np.median(variance[-1]):.2g} of 1."
            for n, (variance, _) in sizes.items()
        ]
        errors = {
            p: float((mean[-1] ** 2).mean()) * min(sizes) for p, (_, mean) in policies.items()
        }
        lines.append(
            "The squared error of the mean is, in units of that of real data alone: "
            + ", ".join(f"{value:.3g} ({policy.label})" for policy, value in errors.items())
            + "."
        )
        return tuple(lines)


def _statistics(
    rng: np.random.Generator, mean: Floats, variance: Floats, rows: int
) -> tuple[Floats, Floats]:
    """Mean and sum of squared deviations of `rows` rows of each Gaussian; (replicates,) each."""
    means = mean + rng.standard_normal(mean.shape) * np.sqrt(variance / max(rows, 1))
    squares = variance * (rng.chisquare(rows - 1, mean.shape) if rows > 1 else 0.0)
    return means, squares


def _pooled(*samples: tuple[int, Floats, Floats]) -> tuple[Floats, Floats]:
    """Mean and sum of squared deviations of several samples together: (rows, mean, squares) each."""
    total = sum(rows for rows, _, _ in samples)
    mean = sum(rows * m for rows, m, _ in samples) / total
    squares = sum(s + rows * (m - mean) ** 2 for rows, m, s in samples)
    return np.asarray(mean), np.asarray(squares)


def _subsample(
    n: int, generations: int, at: list[int], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """One chain of 'subsample': variances and means at the generations `at`."""
    pool = np.empty((generations + 1) * n)
    pool[:n] = rng.standard_normal(n)
    kept: list[tuple[float, float]] = []
    wanted = set(at)
    for t in range(1, generations + 1):
        chosen = pool[rng.choice(t * n, n, replace=False, shuffle=False)]
        mean, deviation = float(chosen.mean()), float(chosen.std())
        if t in wanted:
            kept.append((deviation**2, mean))
        pool[t * n : (t + 1) * n] = mean + deviation * rng.standard_normal(n)
    variances, means = np.array(kept).T
    return variances, means


def _with_errors(curve: Curve, errors: Floats) -> Curve:
    """The curve with exact standard errors, where theory has them: rare large values distort
    estimated ones.
    """
    return replace(curve, errors=errors.tolist())
