"""Meters: numbers that never fall in the rows of a series, as a function of the row's time.

The function is learned in bins of rows and interpolated. Between two times it rises by a random amount,
which depends on the times alone, so that rows of different blocks agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Seed
from artesian.core.validated import Decimals
from artesian.surrogates.keyed_random import key_of, uniform

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

BINS = 64
JITTER = 0.95
"""How far the function is read after its time, in steps, so that it rises by unequal amounts."""


def decimals_of(series: pl.Series) -> int:
    """Number of decimals of a column of numbers, at most 9."""
    if series.dtype.is_integer():
        return 0
    values = series.drop_nulls().head(5_000).cast(pl.Float64).to_numpy()
    rounding = 1e-9 + 4 * np.finfo(np.float64).eps * np.abs(values)
    # A tolerance that grows faster with the values loses the decimals of large ones.
    return next(
        (d for d in range(9) if (np.abs(values - np.round(values, d)) <= rounding).all()), 9
    )


@dataclass(frozen=True, slots=True, eq=False)
class Meter:
    """A meter in each of several series.

    Attributes:
        times: Mean time of the rows of each bin, in steps, by series.
        values: Their mean value.
        slope: Mean increase in a step, by series.
        decimals: Number of decimals.
    """

    times: dict[str, Floats]
    values: dict[str, Floats]
    slope: dict[str, float]
    decimals: Decimals

    @classmethod
    def learn(
        cls,
        series: NDArray[np.str_],
        times: Integers,
        values: Floats,
        decimals: int,
        *,
        minimum: int,
    ) -> Self:
        """Learn from all rows, in any order, shape (n,) each."""
        knots: dict[str, Floats] = {}
        means: dict[str, Floats] = {}
        slopes: dict[str, float] = {}
        for name in np.unique(series).tolist():
            here = np.flatnonzero(series == name)
            here = here[np.argsort(times[here], kind="stable")]
            bins = max(min(len(here) // minimum, BINS), 1)
            parts = np.array_split(here, bins)
            knots[name] = np.array([times[part].mean() for part in parts])
            means[name] = np.array([values[part].mean() for part in parts])
            width = knots[name][-1] - knots[name][0]
            slopes[name] = float((means[name][-1] - means[name][0]) / width) if width else 0.0
        return cls(knots, means, slopes, decimals)

    def at(self, series: NDArray[np.str_], times: Integers, name: str) -> Floats:
        """The value at each time, shape (n,).

        Args:
            name: Name of the column, from which the random part derives.
        """
        key = key_of(Seed(0).child("meter", name))
        read = times + JITTER * uniform((times + 2**40).astype(np.uint64), key)
        out = np.zeros(len(times))
        for one in np.unique(series).tolist():
            here = series == one
            if one not in self.times:
                continue
            knots, means, slope = self.times[one], self.values[one], self.slope[one]
            inside = np.interp(read[here], knots, means)
            before = np.minimum(read[here] - knots[0], 0) * slope
            after = np.maximum(read[here] - knots[-1], 0) * slope
            out[here] = inside + before + after
        scale = 10**self.decimals
        lowest = min((float(means.min()) for means in self.values.values()), default=0.0)
        floored = np.floor(out * scale) / scale
        return np.asarray(np.maximum(floored, 0) if lowest >= 0 else floored, np.float64)

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON types."""
        return {
            "times": {name: part.tolist() for name, part in self.times.items()},
            "values": {name: part.tolist() for name, part in self.values.items()},
            "slope": self.slope,
            "decimals": self.decimals,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            {name: np.array(part) for name, part in state["times"].items()},
            {name: np.array(part) for name, part in state["values"].items()},
            state["slope"],
            state["decimals"],
        )
