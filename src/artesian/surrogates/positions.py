"""Assign entities distinct positions in a range, in random order.

Ranges come in levels of increasing size ('six digits, then seven'). The first entities get the
positions of the first level, in the order of a keyed permutation, and entities beyond it get those
of the next. Positions depend on the key and the size of the range alone, never on the values of the
source: in a large range a value of the source is practically never generated, in a small one as
often as by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.surrogates.keyed_random import (
    LARGEST,
    Integers,
    Permutation,
    random_integers,
    subkey,
)


@dataclass(frozen=True, slots=True)
class Positions:
    """The positions of all levels.

    Attributes:
        sizes: Number of positions of each level, increasing; larger ones than 2**62 count as that.
    """

    sizes: tuple[int, ...]

    def at(self, numbers: Integers, key: int) -> tuple[NDArray[np.int64], Integers]:
        """Level and position in it of each entity.

        Raises:
            DataError: an entity number is beyond the last level.
        """
        sizes = [min(size, LARGEST) for size in self.sizes]
        ends = np.cumsum(np.array(sizes, dtype=np.float64))
        if numbers.size and float(numbers.max()) >= ends[-1]:
            raise DataError(
                f"{int(numbers.max()) + 1} unique values were requested, and there are at most "
                f"{sum(sizes)}",
                hint="ask for fewer rows, or give the column a wider type",
            )
        level = np.zeros(len(numbers), dtype=np.int64)
        place = np.empty_like(numbers)
        left, here = numbers.copy(), np.arange(len(numbers))
        for k, size in enumerate(sizes):
            inside = left < np.uint64(size)
            level[here[inside]] = k
            permute = Permutation(subkey(key, "level", k), size)
            place[here[inside]] = permute(left[inside])
            left, here = left[~inside] - np.uint64(size), here[~inside]
            if not here.size:
                break
        return level, place


def spread_names(
    numbers: Integers, place: Integers, firsts: int, lasts: int, key: int, role: str
) -> Integers:
    """Positions in the grid whose first (or last) names repeat only after all have occurred."""
    size, others = (firsts, lasts) if role == "first_name" else (lasts, firsts)
    own = Permutation(subkey(key, "spread"), size)(numbers % np.uint64(size))
    shift = random_integers(own, subkey(key, "shift")) % np.uint64(others)
    other = (numbers // np.uint64(size) + shift) % np.uint64(others)
    first, last = (own, other) if role == "first_name" else (other, own)
    inside = numbers < np.uint64(firsts * lasts)
    return np.where(inside, last * np.uint64(firsts) + first, place)
