"""Total variation distance of each category column, and of what is missing elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, total_variation
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Headline, Result, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class TV(BaseMetric):
    """A missing value is a category of its own.

    A number or date column with missing values counts as a part too, named 'column (missing)', with
    the two categories present and missing. Suppressed categories are not counted as lost: what
    represents them is compared, and `detail["suppressed"]` holds its proportion of the rows.
    """

    spec: ClassVar[Spec] = Spec(
        name="tv",
        title="Shares of categories",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is the same share of every category, 1 is no category in common",
        source="Levin and Peres 2017, Markov Chains and Mixing Times, section 4.1",
        headline=Headline.DISTANCE,
        priority=4,
        benchmark=True,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        sides = [s for s in (encoded.real, encoded.synthetic, encoded.holdout) if s is not None]
        partial = [
            name
            for name in encoded.numeric
            if any(bool(np.isnan(rows.numbers[name]).any()) for rows in sides)
        ]

        def measure(real: Side, other: Side) -> Distances:
            gaps: dict[str, Floats] = {}
            for name in run.track(encoded.discrete, "tv"):
                a, b = real.rows.codes[name] + 1, other.rows.codes[name] + 1
                gaps[name] = _gaps(real, a, other, b, len(encoded.levels[name]) + 1)
            for name in partial:
                c, d = (np.isnan(s.rows.numbers[name]).astype(np.int64) for s in (real, other))
                gaps[f"{name} (missing)"] = _gaps(real, c, other, d, 2)
            parts = {name: float(found[0]) for name, found in gaps.items()}
            return Distances(parts, np.array([found[1:] for found in gaps.values()]))

        return distance_result(
            self.spec,
            encoded,
            measure,
            _explain,
            run,
            nothing="there is no category or boolean column, and nothing is missing",
        )


def _gaps(real: Side, a: Ints, other: Side, b: Ints, cells: int) -> Floats:
    """(1 + GROUPS,) distances: of all rows, then with each group left out."""
    return total_variation(counts_of(real, a, cells), counts_of(other, b, cells))


def _explain(found: Distances, reference: float | None) -> str:
    worst = max(found.parts, key=lambda name: found.parts[name])
    return (
        f"In category columns, {percent(found.mean)} of the rows on average would have to change "
        f"their category to match the real shares ({beside(reference)}); the least alike is "
        f"{worst!r} with {percent(found.parts[worst])}."
    )
