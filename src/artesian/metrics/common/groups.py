"""Groups of rows by the value of a column, for fairness and for scores by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from artesian.metrics.common.arrays import Ints

MIN_ROWS = 30
"""Minimum number of rows of a group."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one column.

    Attributes:
        names: Values with at least `MIN_ROWS` rows; missing values are a group.
        codes: (rows,) position in `names`, -1 for rows of smaller groups.
    """

    names: tuple[str, ...]
    codes: Ints

    @classmethod
    def from_codes(cls, codes: Ints, levels: Sequence[object]) -> Self:
        """From a column's codes, (rows,), -1 where missing, and its categories."""
        counts = np.bincount(codes + 1, minlength=len(levels) + 1)
        kept = np.flatnonzero(counts >= MIN_ROWS)
        to: npt.NDArray[np.int64] = np.full(len(counts), -1)
        to[kept] = np.arange(len(kept))
        names = tuple("missing" if at == 0 else str(levels[at - 1]) for at in kept.tolist())
        return cls(names, to[codes + 1])
