"""Columns of every kind as latent normal variables, of which intervals are observed.

A number is its normal score, which is observed itself. A missing value of a number, and a category,
are intervals of a latent normal variable whose probabilities are their frequencies (polychoric model:
Olsson 1979). The categories of a column are ordered by their mean on the first principal component of
the other columns, so that one latent variable carries most of their dependence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_range, require_shape
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats

Integers = NDArray[np.int64]

ITERATIONS = 30
"""Steps of the power iteration for the first principal component."""


@dataclass(frozen=True, slots=True)
class Latent:
    """One latent variable.

    Attributes:
        columns: Columns of the matrix that it determines: one score, one mask, or the indicators of a
            category.
        kind: Which of these.
        order: For indicators, the codes in ascending order of the variable, shape (levels,).
        ends: Upper ends of the intervals but the last one, ascending; empty for a score.
        has_mask: Whether a score may be missing; the next column of the matrix then says so.
    """

    columns: slice
    kind: str
    order: Integers
    ends: Floats
    has_mask: bool = False

    def bounds(self, matrix: Floats) -> tuple[Floats, Floats]:
        """The interval of each row, shape (n,) each."""
        if self.kind == "mask":
            code = (matrix[:, self.columns.start] > 0.5).astype(np.int64)
        else:
            code = np.argsort(self.order)[matrix[:, self.columns].argmax(axis=1)]
        edges = np.concatenate([[-np.inf], self.ends, [np.inf]])
        return edges[code], edges[code + 1]

    def write(self, matrix: Floats, values: Floats) -> None:
        """Set the columns of `matrix` to what latent `values`, shape (n,), mean."""
        if self.kind == "score":
            matrix[:, self.columns.start] = values
            return
        code = np.searchsorted(self.ends, values, side="right")
        if self.kind == "mask":
            matrix[:, self.columns.start] = code
        else:
            matrix[np.arange(len(values)), self.columns.start + self.order[code]] = 1.0


def latent_variables(codec: MatrixCodec, matrix: Floats) -> list[Latent]:
    """The latent variables of the columns of `matrix`, shape (n, width)."""
    centred = matrix - matrix.mean(axis=0)
    scaled = centred / np.maximum(centred.std(axis=0), 1e-9)
    loading = np.ones(matrix.shape[1]) / np.sqrt(max(matrix.shape[1], 1))
    for _ in range(ITERATIONS):
        loading = scaled.T @ (scaled @ loading)
        loading /= max(float(np.linalg.norm(loading)), 1e-9)
    component = scaled @ loading
    return list(_latent_variables(codec, matrix, scaled, loading, component))


def _latent_variables(
    codec: MatrixCodec, matrix: Floats, scaled: Floats, loading: Floats, component: Floats
) -> Iterator[Latent]:
    from scipy.special import ndtri

    nothing = np.zeros(0, np.int64)
    for slot in codec.slots:
        if slot.score is not None:
            score = slice(slot.score, slot.score + 1)
            yield Latent(score, "score", nothing, np.zeros(0), slot.mask is not None)
        if slot.mask is not None:
            ends = ndtri(1 - np.clip(matrix[:, slot.mask].mean(keepdims=True), 1e-9, 1 - 1e-9))
            yield Latent(slice(slot.mask, slot.mask + 1), "mask", nothing, ends)
        if slot.indicators is not None:
            group = slot.indicators
            others = component - scaled[:, group] @ loading[group]
            counts = matrix[:, group].sum(axis=0)
            order = np.argsort((matrix[:, group].T @ others) / np.maximum(counts, 1), kind="stable")
            reached = np.cumsum(counts[order])[:-1] / max(counts.sum(), 1)
            yield Latent(group, "indicators", order, ndtri(np.clip(reached, 1e-12, 1 - 1e-12)))


def to_arrays(variables: list[Latent]) -> Mapping[str, NDArray[Any]]:
    """The orders and ends, one after the other, for a model's arrays."""
    order = [one.order for one in variables]
    ends = [one.ends for one in variables]
    return {
        "order": np.concatenate(order) if order else np.zeros(0, np.int64),
        "ends": np.concatenate(ends) if ends else np.zeros(0),
    }


def from_arrays(codec: MatrixCodec, arrays: Mapping[str, NDArray[Any]]) -> list[Latent]:
    """The variables that `to_arrays` wrote."""
    variables: list[Latent] = []
    order, ends = 0, 0
    nothing = np.zeros(0, np.int64)
    for slot in codec.slots:
        if slot.score is not None:
            variables.append(
                Latent(slice(slot.score, slot.score + 1), "score", nothing, np.zeros(0))
            )
        if slot.mask is not None:
            part = arrays["ends"][ends : ends + 1]
            variables.append(Latent(slice(slot.mask, slot.mask + 1), "mask", nothing, part))
            ends += 1
        if slot.indicators is not None:
            levels = slot.indicators.stop - slot.indicators.start
            codes, part = arrays["order"][order : order + levels], arrays["ends"][ends:]
            variables.append(Latent(slot.indicators, "indicators", codes, part[: levels - 1]))
            order, ends = order + levels, ends + levels - 1
    return variables


def check_arrays(codec: MatrixCodec, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Check arrays of a file that `from_arrays` is to read.

    Raises:
        InvalidValue: orders or intervals do not fit the columns.
    """
    require(arrays["order"].dtype.kind == "i", "order is not of whole numbers")
    require_range(arrays["ends"], -100, 100, "ends")
    for one in from_arrays(codec, arrays):
        if one.kind == "mask":
            require_shape(one.ends, (1,), "ends")
        if one.kind == "indicators":
            levels = one.columns.stop - one.columns.start
            require_shape(one.order, (levels,), "order")
            require(sorted(one.order.tolist()) == list(range(levels)), "order lacks a code")
            require_shape(one.ends, (levels - 1,), "ends")
        require((np.diff(one.ends) >= 0).all(), "ends do not ascend")
