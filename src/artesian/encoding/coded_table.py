"""A table as integer codes, with what a histogram method needs to know of each column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.segments import Codes, Floats


@dataclass(frozen=True, slots=True, eq=False)
class CodedTable:
    """Integer codes of p columns and n rows.

    Attributes:
        names: Name of each column, p of them.
        codes: Code of each value, shape (p, n).
        levels: Number of codes of each column, shape (p,).
        ordered: Whether the order of a column's codes is that of its values, shape (p,).
        missing: Whether a column's last code means a missing value, shape (p,).
    """

    names: tuple[str, ...]
    codes: Codes
    levels: NDArray[np.int64]
    ordered: NDArray[np.bool_]
    missing: NDArray[np.bool_]

    @property
    def columns(self) -> int:
        """Number of columns, p."""
        return len(self.codes)

    @property
    def rows(self) -> int:
        """Number of rows, n."""
        return int(self.codes.shape[1])

    def counts(self, column: int) -> Floats:
        """Number of rows with each code of a column, shape (levels of the column,)."""
        return np.bincount(self.codes[column], minlength=self.levels[column]).astype(float)

    def with_codes(self, codes: Codes) -> Self:
        """Other rows of the same columns, shape (p, any)."""
        return replace(self, codes=codes)

    def with_categories(
        self, names: Sequence[str], codes: Sequence[Codes], levels: Sequence[int]
    ) -> Self:
        """The table with further unordered columns without missing values, each of shape (n,)."""
        extra = np.zeros(len(names), bool)
        return replace(
            self,
            names=(*self.names, *names),
            codes=np.concatenate([self.codes, *(column[None] for column in codes)]),
            levels=np.concatenate([self.levels, np.array(levels, np.int64)]),
            ordered=np.concatenate([self.ordered, extra]),
            missing=np.concatenate([self.missing, extra]),
        )
