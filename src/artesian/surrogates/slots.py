"""Assign entities unique positions in a range, with alternatives for those that equal an original.

A range of `size` positions is permuted and divided into slots of several positions each; entity j
owns slot j and takes its first position that is not an original. Slots are disjoint, so entities
never collide, however many positions each of them skips. Ranges come in levels of increasing size
('six digits, then seven'); entities beyond the slots of the first level use the next, and the rare
entity whose slot has originals only moves to a reserved slot of the next level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.surrogates.keyed_random import LARGEST, Integers, Permutation, subkey

_MOVES = 3
_MISS = 1e-6
"""Fraction of entities whose slot may have originals only."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of all levels.

    Attributes:
        sizes: Positions of each level, increasing; each at most 2**62.
        places: Positions of a slot.
        first: The first level in use: those before it are mostly originals.
    """

    sizes: tuple[int, ...]
    places: int
    first: int = 0

    @classmethod
    def over(cls, sizes: tuple[int, ...], taken: int) -> Slots:
        """Slots over `sizes`, of whose first positions `taken` are originals."""
        sizes = tuple(min(size, LARGEST) for size in sizes)
        first = next((k for k, size in enumerate(sizes) if size >= 2 * taken), len(sizes) - 1)
        taken_fraction = min(taken / sizes[first], 0.75)
        places = (
            math.ceil(math.log(_MISS) / math.log(taken_fraction)) if taken_fraction > _MISS else 1
        )
        return cls(sizes, places, first)

    @property
    def attempts(self) -> int:
        """Number of positions that an entity may try."""
        return self.places + _MOVES

    def at(self, numbers: Integers, attempt: int, key: int) -> tuple[NDArray[np.int64], Integers]:
        """Level and position in it of each entity, after `attempt` of its positions were originals.

        Raises:
            DataError: an entity number is beyond the last level.
        """
        initial, own = self._initial_slots(numbers)
        level, place_in_slot = initial, np.full(len(numbers), attempt, dtype=np.uint64)
        if attempt >= self.places:
            level = initial + (attempt - self.places) + 1
            # There is no further level: an original is better than two entities at one position.
            stay = level >= len(self.sizes)
            level, place_in_slot[stay] = np.where(stay, initial, level), np.uint64(0)
        place = np.empty_like(own)
        for k in np.unique(level).tolist():
            here = level == k
            number = np.uint64(self._count(k)) * place_in_slot[here] + own[here]
            place[here] = Permutation(subkey(key, "level", k), self.sizes[k])(number)
        return level, place

    def _count(self, level: int) -> int:
        return max(self.sizes[level] // self.attempts, 1)

    def _initial_slots(self, numbers: Integers) -> tuple[NDArray[np.int64], Integers]:
        room = [self._count(k) for k in range(self.first, len(self.sizes))]
        ends = np.cumsum(np.array(room, dtype=np.uint64))
        if numbers.size and numbers.max() >= ends[-1]:
            raise DataError(
                f"{int(numbers.max()) + 1} unique values were requested, and there are at most "
                f"{int(ends[-1])}",
                hint="ask for fewer rows, or give the column a wider type",
            )
        step = np.searchsorted(ends, numbers, side="right")
        starts = ends - np.array(room, dtype=np.uint64)
        return step + self.first, numbers - starts[step]
