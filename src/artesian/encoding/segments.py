"""The values that a code represents: segments of the column's range, weighted by their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_range, require_shape

Floats = NDArray[np.float64]

Codes = NDArray[np.unsignedinteger[Any]]
"""Integer codes: uint8 where every column has at most 256, as histogram methods need, else uint16."""

MAX_CODES = 255
"""Default maximum number of codes of a column: they and a spare one fit into a byte."""

MAX_LEVELS = 65_536
"""Largest number of codes of a column."""


def code_dtype(levels: int) -> type[np.uint8] | type[np.uint16]:
    """The narrowest type for codes 0..levels - 1."""
    return np.uint8 if levels <= 256 else np.uint16


@dataclass(frozen=True, slots=True)
class Segments:
    """Segments grouped by code.

    Attributes:
        mass: Number of rows of each segment, shape (S,).
        start: First segment of each code, shape (K + 1,); code k owns start[k]:start[k + 1].
    """

    mass: Floats
    start: NDArray[np.int64]

    def check_values(self) -> None:
        """Check that the segments of the codes follow one another."""
        require_shape(self.mass, (None,), "mass")
        require_shape(self.start, (None,), "start")
        require_range(self.mass, 0, np.inf, "mass")
        ends = self.start.tolist()
        require(ends and ends[0] == 0 and ends[-1] == len(self.mass), "start leaves a segment out")
        require((np.diff(self.start) > 0).all(), "a code has no segment")

    @property
    def codes(self) -> int:
        """Number of codes, K."""
        return len(self.start) - 1

    def code_mass(self) -> Floats:
        """Number of rows of each code, shape (K,)."""
        total = np.concatenate([[0.0], np.cumsum(self.mass)])
        return np.asarray(total[self.start[1:]] - total[self.start[:-1]])

    def locate(
        self, codes: NDArray[np.integer], uniforms: Floats
    ) -> tuple[NDArray[np.int64], Floats]:
        """Draw a segment of each code in proportion to its rows, and a position in [0, 1) within it.

        Args:
            codes, uniforms: Codes and uniform random numbers in [0, 1), shape (n,).
        """
        cum = np.concatenate([[0.0], np.cumsum(self.mass)])
        low, high = cum[self.start[codes]], cum[self.start[codes + np.int64(1)]]
        # Rounding may reach the upper end, where the next segment begins.
        at = np.minimum(low + uniforms * (high - low), np.nextafter(high, low))
        # The clip keeps codes without mass within their own segments.
        chosen = np.clip(
            np.searchsorted(cum, at, side="right") - 1,
            self.start[codes],
            self.start[codes + np.int64(1)] - 1,
        )
        width = self.mass[chosen]
        position = np.divide(at - cum[chosen], width, out=np.zeros_like(at), where=width > 0)
        return chosen, np.clip(position, 0.0, 1.0 - 1e-12)

    def reweighted(self, factor: Floats) -> tuple[Self, Floats]:
        """The same segments with their mass times `factor`, and the fraction that each code keeps."""
        new = type(self)(self.mass * factor, self.start)
        before = self.code_mass()
        kept = np.divide(new.code_mass(), before, out=np.zeros_like(before), where=before > 0)
        return new, kept
