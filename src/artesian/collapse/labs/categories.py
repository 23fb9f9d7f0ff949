"""Rare categories under repeated resampling: survival against the exact branching probabilities.

A Zipf distribution over many categories, refitted by counting: the loss of tails that Shumailov et
al. 2024 call early model collapse. Counting is unbiased, so whatever dies here dies by chance; a
sampling temperature below 1 adds bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from artesian.collapse import theory
from artesian.collapse.labs.results import LabResult, Panel, curve_of, grid
from artesian.collapse.policies import Policy
from artesian.collapse.theory import Floats
from artesian.core.errors import UsageError
from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.core.settings import at_least

Ints = npt.NDArray[np.int64]

COUNTS = (5, 10, 20, 50, 100)
"""Rows of the categories whose survival is compared with theory."""

CATEGORIES_OF_COUNT = 20
"""Categories of each count in one replicate."""

TEMPERATURE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoriesLab:
    """Settings.

    Attributes:
        size: Rows of each generation.
        categories: Number of categories of the Zipf distribution.
        generations: Number of generations.
        replicates: Number of independent simulations.
    """

    size: int = 10_000
    categories: int = 1000
    generations: int = 50
    replicates: int = 100

    def __post_init__(self) -> None:
        at_least(self, size=1, categories=2, generations=1, replicates=2)
        if self.size < 2 * CATEGORIES_OF_COUNT * sum(COUNTS):
            minimum = 2 * CATEGORIES_OF_COUNT * sum(COUNTS)
            raise UsageError(
                f"size is {self.size}", hint=f"give {minimum:,} rows or more for the categories"
            )

    def run(self, run: Run) -> LabResult:
        """Simulate all policies."""
        at = grid(self.generations)
        by_count = {
            real: self._by_count(real, run.child("categories", "counts", str(real)))
            for real in (0.0, 0.1)
        }
        zipf = self._zipf(run)
        return LabResult(
            name="categories",
            title="Rare categories of a distribution counted again and again",
            source="Shumailov et al. 2024; Seddik et al. 2024; Wright-Fisher model",
            findings=tuple(
                f"{percent(float(alive[-1].mean()))} of {self.categories:,} Zipf categories are alive "
                f"in generation {self.generations} ({label})."
                for label, alive in zipf.items()
            )
            + (
                f"At temperature {TEMPERATURE:g}, {percent(float(zipf[_sharpened()][9].mean()))} are "
                f"alive in generation 10, and {percent(float(zipf['replace'][9].mean()))} without: "
                "bias kills faster than noise.",
            )
            * (self.generations >= 10),
            panels=(
                *(
                    Panel(
                        title="Survival by rows of the category, "
                        + ("replace" if not real else f"{percent(real)} fresh real rows"),
                        y="P(alive)",
                        curves=tuple(
                            curve_of(
                                f"{count} rows",
                                at,
                                alive[count][np.asarray(at) - 1],
                                theory.survival(count, self.generations, real=real),
                            )
                            for count in COUNTS
                        ),
                        note="Theory: Poisson branching"
                        + (", 1 - q^c with q' = exp(q - 1)." if not real else " with immigration."),
                    )
                    for real, alive in by_count.items()
                ),
                Panel(
                    title="Categories alive by policy",
                    y="proportion of categories alive",
                    curves=tuple(
                        curve_of(label, at, alive[np.asarray(at) - 1])
                        for label, alive in zipf.items()
                    ),
                    note=f"Zipf distribution of {self.categories:,} categories, {self.size:,} rows in "
                    "each generation. A category is alive if a generation has a row of it.",
                ),
            ),
            settings=asdict(self),
        )

    def _by_count(self, real: float, run: Run) -> Mapping[int, Floats]:
        """Count -> (generations, replicates) proportion of its categories alive."""
        counts = np.repeat(COUNTS, CATEGORIES_OF_COUNT)
        rows = np.append(counts, self.size - counts.sum())
        policy = Policy(name="mix", real=real)
        alive = self._chain(rows / self.size, policy, run)[..., :-1]
        groups = alive.reshape(*alive.shape[:2], len(COUNTS), CATEGORIES_OF_COUNT).mean(axis=-1)
        return {count: groups[..., k] for k, count in enumerate(COUNTS)}

    def _zipf(self, run: Run) -> dict[str, Floats]:
        """Policy -> (generations, replicates) proportion of categories alive."""
        weights = 1 / np.arange(1, self.categories + 1)
        real = weights / weights.sum()
        policies = [Policy(name="replace"), *(Policy(name="mix", real=x) for x in (0.01, 0.1, 0.5))]
        policies += [Policy(name="subsample"), Policy(name="accumulate")]
        results = {}
        for policy in policies:
            alive = self._chain(real, policy, run.child("categories", policy.text))
            results[policy.label] = alive.mean(axis=-1)
        sharpened = run.child("categories", "sharpened")
        alive = self._chain(real, policies[0], sharpened, temperature=TEMPERATURE)
        results[_sharpened()] = alive.mean(axis=-1)
        return results

    def _chain(
        self, real: Floats, policy: Policy, run: Run, temperature: float = 1.0
    ) -> npt.NDArray[np.bool_]:
        """(generations, replicates, categories) whether a generation has rows of the category."""
        rng, n = run.seed.rng(), self.size
        shape = (self.replicates, len(real))
        fitted = np.broadcast_to(real, shape)
        # The real rows are the expected counts, so that a category has its stated number of rows.
        pool = fitted * n
        alive = np.empty((self.generations, *shape), bool)
        for t in run.track(range(self.generations), policy.text):
            counts = rng.multinomial(n, _sharpen(fitted, temperature))
            alive[t] = counts > 0
            pool = pool + counts
            if policy.name == "mix" and policy.real:
                fresh = policy.real_rows(n)
                synthetic = rng.binomial(counts, 1 - policy.real)
                counts = synthetic + rng.multinomial(fresh, real, size=self.replicates)
            elif policy.name in ("accumulate", "subsample"):
                proportions = pool / pool.sum(axis=1, keepdims=True)
                if policy.name == "accumulate":
                    fitted = proportions
                    continue
                counts = rng.multinomial(n, proportions)
            fitted = counts / counts.sum(axis=1, keepdims=True)
        return alive


def _sharpen(probabilities: Floats, temperature: float) -> Floats:
    if temperature == 1:
        return probabilities
    powers = probabilities ** (1 / temperature)
    sharpened: Floats = powers / powers.sum(axis=1, keepdims=True)
    return sharpened


def _sharpened() -> str:
    return f"replace, temperature {TEMPERATURE:g}"
