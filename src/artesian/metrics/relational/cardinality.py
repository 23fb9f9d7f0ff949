"""Children per parent of every foreign key, parents without children among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from artesian.core.formatting import decimal
from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.protocol import Better, NotMeasurable, Result, Spec
from artesian.metrics.relational.chance import p_value, resampled
from artesian.metrics.relational.encoding import encode_dataset
from artesian.metrics.relational.estimates import Estimate, combine, worst
from artesian.metrics.relational.protocol import MIN_PARENTS, DatasetComparison, RelationalMetric
from artesian.metrics.relational.sequence_statistics import counts_distance


def children_distance(first: Ints, second: Ints) -> tuple[float, float]:
    """Kolmogorov-Smirnov and total variation distance of two samples of numbers of children.

    Args:
        first, second: (parents,) number of child rows of each parent, zero included; not empty.

    >>> children_distance(np.array([0, 2]), np.array([0, 3]))
    (0.5, 0.5)
    """
    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    a, b = (np.bincount(each, minlength=size) / len(each) for each in (first, second))
    return float(np.abs(np.cumsum(a - b)).max()), float(np.abs(a - b).sum() / 2)


def resampled_distances(children: Ints, first: int, second: int, draws: int, seed: Seed) -> Floats:
    """Kolmogorov-Smirnov distances of two samples of `first` and `second` parents that are both
    drawn from the real `children`, (parents,). (draws,)"""
    probabilities = np.bincount(children) / len(children)
    probabilities = probabilities[probabilities > 0]
    rng = seed.rng()
    a = rng.multinomial(first, probabilities, size=draws) / first
    b = rng.multinomial(second, probabilities, size=draws) / second
    distances: Floats = np.abs(np.cumsum(a - b, axis=1)).max(axis=1)
    return distances


@dataclass(frozen=True, slots=True, kw_only=True)
class Cardinality(RelationalMetric):
    """Kolmogorov-Smirnov distance of the number of children per parent: the largest over all
    foreign keys.

    What is expected by chance is the distance of two samples of as many parents, both drawn from
    the real ones, in whole groups where parents have parents themselves. A simultaneous 95 % band
    over all foreign keys is the quantile of these distances at 1 - 0.05 / (number of keys).

    Attributes:
        draws: Number of pairs of samples per foreign key.
    """

    spec: ClassVar[Spec] = Spec(
        name="cardinality",
        title="Children per parent",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: equally many parents have 0, 1, 2, ... children; 1: the numbers never overlap",
        source="SyntheRela (Hudovernik, Jurkovic and Strumbelj 2024), cardinality similarity",
        every_row=True,
    )
    draws: int = 2_000

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        encoded = encode_dataset(datasets)
        if not encoded.links:
            raise NotMeasurable("there is no foreign key")
        estimates, refusals = [], {}
        level = 1 - 0.05 / len(encoded.links)
        for key, links in encoded.links.items():
            real, synthetic = links["real"].children, links["synthetic"].children
            size = min(len(real), len(synthetic))
            if size < MIN_PARENTS:
                refusals[str(key)] = f"{key.parent!r} has {size} rows, and {MIN_PARENTS} are needed"
                continue
            distance, variation = children_distance(real, synthetic)
            seed = run.seed.child(self.spec.name, str(key))
            units = [encoded.groups[key.parent][side] for side in ("real", "synthetic")]
            if int(units[0].max()) + 1 == len(real):
                chance = resampled_distances(real, len(real), len(synthetic), self.draws, seed)
            else:
                chance = _resampled_groups(real, units[0], int(units[1].max()) + 1, seed)
            reference = None
            if encoded.has_holdout(key.parent, key.child):
                fresh = links["holdout"].children
                if len(fresh) >= MIN_PARENTS:
                    reference = children_distance(real, fresh)[0]
            spread = float(chance.std())
            expected = float(chance.mean())
            estimates.append(
                Estimate(
                    name=str(key),
                    value=distance,
                    error=spread,
                    expected=expected,
                    p_value=p_value(distance, chance),
                    detail={
                        "tv": variation,
                        "band": float(np.quantile(chance, level)),
                        "expected": expected,
                        "holdout": reference,
                        "mean": [float(real.mean()), float(synthetic.mean())],
                        "without_children": [
                            float((real == 0).mean()),
                            float((synthetic == 0).mean()),
                        ],
                    },
                )
            )
        one = worst(estimates, refusals)
        outside = [each.name for each in estimates if each.value > each.detail["band"]]
        means = one.detail["mean"]
        explanation = (
            f"The number of children per parent of {one.name} has a Kolmogorov-Smirnov distance of "
            f"{decimal(one.value)} from the real one (two real samples of this size: "
            f"{decimal(one.expected)}, at most {decimal(one.detail['band'])} in 95 % of cases); its "
            f"mean is {decimal(means[1])} in place of {decimal(means[0])}. "
            f"{len(outside)} of {len(estimates)} foreign keys are outside the band."
        )
        result = combine(
            estimates, refusals, explanation, low=0.0, high=1.0, detail={"outside": outside}
        )
        holdout = {e.name: d for e in estimates if (d := e.detail["holdout"]) is not None}
        return replace(result, reference=one.detail["holdout"], reference_parts=holdout)


def _resampled_groups(children: Ints, groups: Ints, other: int, seed: Seed) -> Floats:
    """The same for parents that depend on each other, such as the tracks of an artist: whole groups
    of parents are drawn, as many as there are, and `other` of them. (draws,)"""
    values = np.unique(children, return_inverse=True)[1]
    size, number = int(values.max()) + 1, int(groups.max()) + 1
    counted = np.bincount(groups * size + values, minlength=number * size).reshape(number, size)
    return resampled(counted.astype(np.float64), number, other, counts_distance, seed)
