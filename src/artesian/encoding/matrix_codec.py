"""A whole table as a matrix of floats and back: the form for mixtures, copulas and deep models.

* A number or time becomes a normal score: its quantile in the fitted distribution, dequantised
  uniformly within its code (Theis et al. 2016), through the inverse normal distribution function. Each
  score column is standard normal over the training rows, whatever the column's shape.
* A category or boolean becomes one indicator per code, a missing value among them.
* A nullable number also has a mask: 1 where the value is missing.

The way back reads indicators and masks as probabilities and draws from them, so a model may return
either probabilities or decisions. Both ways pass through the codes of a table codec, which therefore
decides types, rounding, suppressed categories, fitted tails, keys and texts as for every other method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from artesian.core.errors import DataError
from artesian.data.table import Table
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.segments import MAX_CODES, Codes, Floats, code_dtype
from artesian.encoding.table_codec import ColumnCodec, TableCodec

EDGE = 1e-12
"""Distance of a quantile from 0 and 1 that keeps its normal score finite."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Matrix columns of one table column; None where it has no such part.

    Attributes:
        score: The normal score of a number; None if all its values have the same code.
        mask: The probability that a number is missing.
        indicators: The probability of each code of a category.
    """

    score: int | None = None
    mask: int | None = None
    indicators: slice | None = None


@dataclass(frozen=True, slots=True)
class MatrixCodec:
    """Encodes a table as a matrix of shape (n, width).

    Attributes:
        codec: TableCodec between the table and integer codes.
        slots: Where each modelled column of `codec` lies in the matrix.
    """

    codec: TableCodec
    slots: tuple[Slot, ...]

    @classmethod
    def from_data(cls, table: Table, *, protect: bool = True, max_codes: int = MAX_CODES) -> Self:
        """Learn the encoding of `table`; the arguments are those of `TableCodec.from_data`."""
        return cls.from_codec(TableCodec.from_data(table, protect=protect, max_codes=max_codes))

    @classmethod
    def from_codec(cls, codec: TableCodec) -> Self:
        """The encoding over the codes of `codec`."""
        slots, width = [], 0
        for column in codec.coded.values():
            slot, width = _slot(column, width)
            slots.append(slot)
        return cls(codec, tuple(slots))

    @property
    def width(self) -> int:
        """Number of matrix columns."""
        indicators = sum(int(group.stop - group.start) for group in self.indicators)
        return len(self.scores) + len(self.masks) + indicators

    @property
    def scores(self) -> tuple[int, ...]:
        """Matrix columns that hold normal scores."""
        return tuple(slot.score for slot in self.slots if slot.score is not None)

    @property
    def masks(self) -> tuple[int, ...]:
        """Matrix columns that hold the probability of a missing number."""
        return tuple(slot.mask for slot in self.slots if slot.mask is not None)

    @property
    def indicators(self) -> tuple[slice, ...]:
        """Groups of matrix columns that hold the probabilities of one category's codes."""
        return tuple(slot.indicators for slot in self.slots if slot.indicators is not None)

    def encode(self, table: Table, rng: np.random.Generator) -> Floats:
        """Matrix of `table`, shape (n, width); see `to_matrix`."""
        return self.to_matrix(self.codec.encode(table), rng)

    def to_matrix(self, codes: Codes, rng: np.random.Generator) -> Floats:
        """Matrix of rows with these codes, shape (n, width).

        Args:
            codes: Codes of `codec`, shape (p, n).
            rng: Places each number within its code, and scores missing numbers at random.
        """
        from scipy.special import ndtri

        matrix = np.zeros((codes.shape[1], self.width))
        for row, slot, column in zip(codes, self.slots, self.codec.coded.values(), strict=True):
            if slot.indicators is not None:
                matrix[:, slot.indicators][np.arange(len(row)), row] = 1.0
            if slot.mask is not None:
                matrix[:, slot.mask] = row == column.levels - 1
            if slot.score is not None:
                mass = column.mass()
                missing = row >= len(mass)
                code = np.where(missing, 0, row)
                uniform = rng.random(len(row))
                below = np.cumsum(mass) - mass
                at = (below[code] + uniform * mass[code]) / mass.sum()
                at = np.where(missing, uniform, at)
                matrix[:, slot.score] = ndtri(np.clip(at, EDGE, 1 - EDGE))
        return matrix

    def to_codes(self, matrix: Floats, rng: np.random.Generator) -> tuple[Codes, Floats]:
        """Codes and positions within them for `TableCodec.decode`, each of shape (p, n).

        Args:
            matrix: Scores, masks and indicators, shape (n, width); masks and indicators are
                probabilities, up to a factor for the latter, and are clipped at 0.
            rng: Draws from masks and indicators.

        Raises:
            DataError: a value is not finite.
        """
        if not np.isfinite(matrix).all():
            raise DataError(
                "the model drew values that are not finite",
                hint="fit again with a lower learning rate or stronger regularisation",
            )
        n, p = len(matrix), len(self.slots)
        codes = np.zeros((p, n), code_dtype(int(self.codec.levels.max(initial=0))))
        positions = rng.random((p, n))
        for j, (slot, column) in enumerate(zip(self.slots, self.codec.coded.values(), strict=True)):
            if slot.indicators is not None:
                codes[j] = _drawn(matrix[:, slot.indicators], positions[j])
                positions[j] = rng.random(n)
            if slot.score is not None:
                codes[j], positions[j] = _located(matrix[:, slot.score], column.mass())
            if slot.mask is not None:
                missing = rng.random(n) < matrix[:, slot.mask]
                codes[j, missing] = column.levels - 1
        return codes, positions


def _slot(column: ColumnCodec, start: int) -> tuple[Slot, int]:
    """The slot of a column that begins at `start`, and the matrix column behind it."""
    if not isinstance(column, NumberCodec):
        return Slot(indicators=slice(start, start + column.levels)), start + column.levels
    score = mask = None
    bins = column.levels - int(column.missing)
    if bins > 1:
        score, start = start, start + 1
    if bins and column.missing:
        mask, start = start, start + 1
    return Slot(score=score, mask=mask), start


def _drawn(weights: Floats, uniforms: Floats) -> Codes:
    """A code for each row of `weights`, shape (n, K), drawn in proportion to them."""
    weights = np.clip(weights, 0.0, None)
    weights[weights.sum(axis=1) <= 0] = 1.0
    cum = np.cumsum(weights, axis=1)
    codes = (cum <= (uniforms * cum[:, -1])[:, None]).sum(axis=1)
    return np.asarray(np.minimum(codes, weights.shape[1] - 1).astype(np.uint16))


def _located(scores: Floats, mass: Floats) -> tuple[Codes, Floats]:
    """The code that each normal score falls into, and its position there in [0, 1)."""
    from scipy.special import ndtr

    cum = np.concatenate([[0.0], np.cumsum(mass)])
    at = ndtr(scores) * cum[-1]
    codes = np.clip(np.searchsorted(cum, at, side="right") - 1, 0, len(mass) - 1)
    positions = (at - cum[codes]) / mass[codes]
    return codes.astype(np.uint16), np.clip(positions, 0.0, 1.0 - EDGE)
