"""A biased verifier: it helps at first, then the model converges to what the verifier believes.

The mean of a Gaussian with known variance is estimated on its own samples, of which a verifier keeps
those within a radius of its own belief about the mean (after Yi et al. 2025, 'Escaping model collapse
via synthetic data verification', ICLR 2026, who treat linear regression).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist

import numpy as np

from artesian.collapse.labs.results import Curve, LabResult, Panel, curve_of, grid
from artesian.collapse.theory import Floats
from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.core.settings import at_least

NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierLab:
    """Settings.

    Attributes:
        real: Real rows of the first fit.
        synthetic: Verified rows of each later fit.
        bias: Distance of the verifier's belief from the real mean, in standard deviations.
        radius: Rows within this distance of the belief are kept, in standard deviations.
        generations: Number of generations.
        replicates: Number of independent simulations.
    """

    real: int = 20
    synthetic: int = 1000
    bias: float = 0.1
    radius: float = 1.5
    generations: int = 30
    replicates: int = 2000

    def __post_init__(self) -> None:
        at_least(self, real=1, synthetic=1, bias=0.0, generations=2, replicates=2)
        if not 0 < self.radius <= 5 or self.bias > 2:
            raise UsageError(
                f"radius is {self.radius:g} and bias is {self.bias:g}",
                hint="give a radius above 0 up to 5, and a bias from 0 to 2",
            )

    def run(self, run: Run) -> LabResult:
        """Simulate an unbiased verifier, a biased one, and none."""
        at = grid(self.generations)
        chains = {
            "no verifier": self._chain(None, run.child("verifier", "none")),
            "unbiased verifier": self._chain(0.0, run.child("verifier", "unbiased")),
            f"verifier biased by {self.bias:g}": self._chain(
                self.bias, run.child("verifier", "biased")
            ),
        }
        errors = {label: (means**2)[np.asarray(at) - 1] for label, means in chains.items()}
        biased = list(chains)[-1]
        squared = (chains[biased] ** 2).mean(axis=1)
        best = int(squared.argmin()) + 1
        belief = Curve(
            label="square of the bias",
            generations=at,
            values=[max(self.bias**2, 1e-12)] * len(at),
        )
        drift = curve_of("mean of the estimates", at, chains[biased][np.asarray(at) - 1])
        return LabResult(
            name="verifier",
            title="A biased verifier helps at first, then the model believes the verifier",
            source="Yi et al. 2025 (ICLR 2026)",
            findings=(
                f"With the biased verifier the squared error falls from {squared[0]:.3g} to "
                f"{squared[best - 1]:.3g} in generation {best}, and is {squared[-1]:.3g} in generation "
                f"{self.generations}; the square of the bias is {self.bias**2:.3g}.",
                f"The mean estimate ends at {chains[biased][-1].mean():.3f}, and the verifier believes "
                f"{self.bias:g}; the real mean is 0.",
                "Without bias it ends at "
                f"{(chains['unbiased verifier'][-1] ** 2).mean():.3g}, without a verifier at "
                f"{(chains['no verifier'][-1] ** 2).mean():.3g}.",
            ),
            panels=(
                Panel(
                    title="Squared error of the mean",
                    y="E[mean²]",
                    curves=(
                        *(curve_of(label, at, draws) for label, draws in errors.items()),
                        belief,
                    ),
                    note=f"The first fit has {self.real:,} real rows, every later one "
                    f"{self.synthetic:,} verified rows.",
                    log=True,
                ),
                Panel(
                    title="Convergence to the belief of the verifier",
                    y="mean estimate (real: 0)",
                    curves=(self._with_reference(drift, at),),
                    note="Reference: the deterministic recursion of the mean, averaged over the first "
                    "fit: each generation becomes the mean of a Gaussian truncated to the "
                    "verifier's interval.",
                ),
            ),
            settings=asdict(self),
        )

    def _chain(self, belief: float | None, run: Run) -> Floats:
        """(generations, replicates) estimated means."""
        from scipy.special import ndtr, ndtri

        rng = run.seed.rng()
        means = np.empty((self.generations, self.replicates))
        means[0] = rng.standard_normal(self.replicates) / math.sqrt(self.real)
        for t in run.track(range(1, self.generations), "verifier"):
            if belief is None:
                noise = rng.standard_normal(self.replicates) / math.sqrt(self.synthetic)
                means[t] = means[t - 1] + noise
                continue
            low = ndtr(belief - self.radius - means[t - 1])[:, None]
            high = ndtr(belief + self.radius - means[t - 1])[:, None]
            uniform = rng.random((self.replicates, self.synthetic))
            means[t] = means[t - 1] + ndtri(low + (high - low) * uniform).mean(axis=1)
        return means

    def _with_reference(self, curve: Curve, at: list[int]) -> Curve:
        """The curve with the expected mean of infinitely many verified rows as its reference."""
        from dataclasses import replace

        starts = [NORMAL.inv_cdf((k + 0.5) / 200) / math.sqrt(self.real) for k in range(200)]
        expected = [sum(starts) / len(starts)]
        for _ in range(1, self.generations):
            starts = [_truncated_mean(m, self.bias, self.radius) for m in starts]
            expected.append(sum(starts) / len(starts))
        return replace(curve, theory=[expected[t - 1] for t in at], exact=False)


def _truncated_mean(mean: float, belief: float, radius: float) -> float:
    """Mean of a Gaussian with variance 1 within `radius` of `belief`."""
    low, high = belief - radius - mean, belief + radius - mean
    inside = NORMAL.cdf(high) - NORMAL.cdf(low)
    return mean + (NORMAL.pdf(low) - NORMAL.pdf(high)) / inside
