"""Total variation distance of category columns, and of the missingness of other columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, total_variation
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import percent, reference_note
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Headline, Result, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class TV(BaseMetric):
    """Mean total variation distance over category columns; missing values are a category.

    A number or date column with missing values is a part as well, named 'column (missing)', with
    the categories present and missing. Suppressed categories are not counted as loss: the value
    that represents them is compared, and `detail["suppressed"]` has its proportion of the rows.
    """

    spec: ClassVar[Spec] = Spec(
        name="tv",
        title="Total variation distance of categories",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every category has the same proportion; 1: no category in common",
        source="Levin and Peres 2017, Markov Chains and Mixing Times, section 4.1",
        headline=Headline.DISTANCE,
        priority=4,
        benchmark=True,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        sides = [s for s in (encoded.real, encoded.synthetic, encoded.holdout) if s is not None]
        with_missing = [
            name
            for name in encoded.numeric
            if any(bool(np.isnan(rows.numbers[name]).any()) for rows in sides)
        ]

        def measure(real: Side, other: Side) -> Distances:
            columns: dict[str, Floats] = {}
            for name in run.track(encoded.discrete, "tv"):
                a, b = real.rows.codes[name] + 1, other.rows.codes[name] + 1
                columns[name] = _column(real, a, other, b, len(encoded.levels[name]) + 1)
            for name in with_missing:
                c, d = (np.isnan(s.rows.numbers[name]).astype(np.int64) for s in (real, other))
                columns[f"{name} (missing)"] = _column(real, c, other, d, 2)
            parts = {name: float(values[0]) for name, values in columns.items()}
            return Distances(parts, np.array([values[1:] for values in columns.values()]))

        return distance_result(
            self.spec,
            encoded,
            measure,
            _explain,
            run,
            nothing="there is no category or boolean column, and no value is missing",
        )


def _column(real: Side, a: Ints, other: Side, b: Ints, bins: int) -> Floats:
    """(1 + GROUPS,) distances: of all rows, then without each group."""
    return total_variation(counts_of(real, a, bins), counts_of(other, b, bins))


def _explain(distances: Distances, reference: float | None) -> str:
    worst = max(distances.parts, key=lambda name: distances.parts[name])
    return (
        f"The total variation distance of category columns is {percent(distances.mean)} on "
        f"average ({reference_note(reference)}); it is largest for {worst!r}, at "
        f"{percent(distances.parts[worst])}."
    )
