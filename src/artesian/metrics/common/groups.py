"""Groups of rows that fairness and usefulness are looked at in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from artesian.metrics.common.arrays import Ints

LEAST = 30
"""Fewest rows of a group that is looked at."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that one column makes.

    Attributes:
        names: Those with enough rows; missing values are a group of their own.
        of: (rows,) position in `names`, -1 for rows of smaller groups.
    """

    names: tuple[str, ...]
    of: Ints

    @classmethod
    def of_column(cls, codes: Ints, levels: Sequence[object]) -> Self:
        """From a column's codes, (rows,), -1 where missing, and what they stand for."""
        counts = np.bincount(codes + 1, minlength=len(levels) + 1)
        kept = np.flatnonzero(counts >= LEAST)
        to: npt.NDArray[np.int64] = np.full(len(counts), -1)
        to[kept] = np.arange(len(kept))
        names = tuple("missing" if at == 0 else str(levels[at - 1]) for at in kept.tolist())
        return cls(names, to[codes + 1])
