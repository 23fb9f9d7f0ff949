"""The rows of all owners at once: one lane for each owner, and the time that its rows have reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.synthesizers.relational.clock import Clock
from artesian.synthesizers.sequential.given import GivenChain

MAX_SIBLINGS = 1_000
"""Number of siblings after which the rows of one owner are drawn as if they had another one, in
parallel."""

Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]


@dataclass(slots=True)
class Hand:
    """The time of each lane while its rows are drawn."""

    clock: Clock
    now: Ints
    end: Ints
    sizes: Ints
    started: NDArray[np.bool_]
    last: Codes

    @classmethod
    def start(
        cls,
        clock: Clock | None,
        numbers: Mapping[tuple[str, int], pl.Series],
        owners: Ints,
        sizes: Ints,
        rng: np.random.Generator,
    ) -> Hand | None:
        """The start of each lane, and the end that its owner has; None without a clock."""
        if clock is None:
            return None
        start = taken(numbers["first", 0].cast(pl.Float64).to_numpy(), owners)
        length = taken(numbers["span", 0].cast(pl.Float64).to_numpy(), owners)
        mass = clock.values.mass()
        draws = rng.choice(len(mass), len(owners), p=mass / mass.sum()).astype(np.uint8)
        elsewhere = clock.values.decode(draws, np.asarray(rng.random(len(owners)))).to_numpy()
        started = ~np.isnan(start)
        now = np.where(started, np.nan_to_num(start), elsewhere).round().astype(np.int64)
        end = now + np.nan_to_num(length).round().astype(np.int64)
        return cls(clock, now, end, sizes, started, np.zeros(len(owners), np.uint8))

    def features(self, position: int, lanes: int) -> Codes:
        """The previous increment, and the mean increment until the end, shape (2, lanes)."""
        rest = (self.end[:lanes] - self.now[:lanes]) / np.maximum(self.sizes[:lanes] - position, 1)
        return self.clock.increment_features(self.last[:lanes], rest, first=position == 0)

    def advance(self, chain: GivenChain, context: Codes, rng: np.random.Generator) -> None:
        """Move to the next row; the first one is at the start."""
        lanes = context.shape[1]
        drawn = chain.draw(context, rng)[0]
        increments = (
            self.clock.increments.decode(drawn, np.asarray(rng.random(lanes)))
            .cast(pl.Int64)
            .to_numpy()
        )
        first = context[-2] == self.clock.increments.levels
        self.now[:lanes] += np.where(first, 0, np.maximum(increments, 0))
        self.last[:lanes] = drawn


def taken(values: NDArray[np.float64], owners: Ints) -> NDArray[np.float64]:
    """Values of the owners, NaN without one."""
    if not len(values):
        return np.full(len(owners), np.nan)
    return np.where(owners < 0, np.nan, values[np.maximum(owners, 0)])


def calibrated(counts: Ints, expected: float, rng: np.random.Generator) -> Ints:
    """Counts whose sum is near the expected one, where few parents or rare large counts miss it.

    The sum of so many counts varies; only what is beyond two standard errors is corrected, by a factor
    and random rounding.
    """
    total = counts.sum()
    if not len(counts) or not total:
        return counts
    error = 2 * counts.std() * len(counts) ** 0.5
    if abs(total - expected) <= error:
        return counts
    scaled = counts * (expected / total)
    return np.asarray(np.floor(scaled + rng.random(len(counts))), np.int64)


def lanes_of(counts: Ints, unowned: int) -> tuple[Ints, Ints]:
    """Owner and number of rows of each lane; rows without an owner have lanes of their own."""
    parts = -(-counts // MAX_SIBLINGS)
    owners = np.repeat(np.arange(len(counts)), parts)
    number = np.arange(len(owners)) - np.repeat(np.cumsum(parts) - parts, parts)
    sizes = np.minimum(counts[owners] - number * MAX_SIBLINGS, MAX_SIBLINGS)
    return (
        np.concatenate([owners, np.full(unowned, -1)]).astype(np.int64),
        np.concatenate([sizes, np.ones(unowned)]).astype(np.int64),
    )
