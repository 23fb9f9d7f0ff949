"""Unique places for entities in a range, with spare places for those that hit an original.

A range of `size` places is permuted and cut into cells of several places each; entity j owns cell j
and takes its first place that is free of originals. Cells are disjoint, so entities never meet,
whatever each of them had to skip. Ranges come in levels, each larger than the one before ('six
digits, then seven'); entities beyond the first level's cells live in the next, and the rare one
whose whole cell is taken moves to a cell of the next level that is kept for such.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.surrogates.keyed_random import LARGEST, Permutation, Words, subkey

_MOVES = 3
_MISS = 1e-6
"""Share of entities that may find their whole cell taken."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Where entities live.

    Attributes:
        sizes: Places of each level, rising; each at most 2**62.
        places: Places of a cell.
        first: The first level in use: those before it are mostly taken.
    """

    sizes: tuple[int, ...]
    places: int
    first: int = 0

    @classmethod
    def over(cls, sizes: tuple[int, ...], taken: int) -> Slots:
        """Cells over `sizes`, in which `taken` places of the first levels are taken."""
        sizes = tuple(min(size, LARGEST) for size in sizes)
        first = next((k for k, size in enumerate(sizes) if size >= 2 * taken), len(sizes) - 1)
        share = min(taken / sizes[first], 0.75)
        places = math.ceil(math.log(_MISS) / math.log(share)) if share > _MISS else 1
        return cls(sizes, places, first)

    @property
    def attempts(self) -> int:
        return self.places + _MOVES

    def at(self, numbers: Words, attempt: int, key: int) -> tuple[NDArray[np.int64], Words]:
        """Level and place in it of each entity, when `attempt` places of its own were taken.

        Raises:
            DataError: an entity number is beyond the last level.
        """
        home, own = self._homes(numbers)
        level, cell = home, np.full(len(numbers), attempt, dtype=np.uint64)
        if attempt >= self.places:
            level = home + (attempt - self.places) + 1
            # Nowhere to move to: better an original than two entities in one place.
            stay = level >= len(self.sizes)
            level, cell[stay] = np.where(stay, home, level), np.uint64(0)
        place = np.empty_like(own)
        for k in np.unique(level).tolist():
            here = level == k
            number = np.uint64(self._cells(k)) * cell[here] + own[here]
            place[here] = Permutation(subkey(key, "level", k), self.sizes[k])(number)
        return level, place

    def _cells(self, level: int) -> int:
        return max(self.sizes[level] // self.attempts, 1)

    def _homes(self, numbers: Words) -> tuple[NDArray[np.int64], Words]:
        room = [self._cells(k) for k in range(self.first, len(self.sizes))]
        ends = np.cumsum(np.array(room, dtype=np.uint64))
        if numbers.size and numbers.max() >= ends[-1]:
            raise DataError(
                f"{int(numbers.max()) + 1} unique values were asked for, and there is room for "
                f"{int(ends[-1])}",
                hint="ask for fewer rows, or give the column a wider type",
            )
        step = np.searchsorted(ends, numbers, side="right")
        starts = ends - np.array(room, dtype=np.uint64)
        return step + self.first, numbers - starts[step]
