"""Missing values of given rows from a Gaussian copula, by Gibbs sampling of the latent variables.

Known scores are fixed. The variable of a known category is in its interval, that of a missing one in
any interval but that of the missing value; each is drawn in turn from its conditional normal
distribution, truncated (Geweke 1991; Hoff 2007, "Extending the rank likelihood for semiparametric
copula estimation").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.data.table import Table
from artesian.encoding.segments import Codes, Floats
from artesian.synthesizers.copulas.gaussian_copula import GaussianCopulaModel
from artesian.synthesizers.latent import Latent, from_arrays

Mask = NDArray[np.bool_]

SWEEPS = 20


class CopulaCompletion:
    """Draws the missing codes of rows of a table."""

    def __init__(self, model: GaussianCopulaModel, table: Table, rng: np.random.Generator) -> None:
        self._model = model
        self._matrix = model.codec.encode(table, rng)
        self._variables = from_arrays(model.codec, model.arrays)

    def draw(
        self, rows: NDArray[np.int64], missing: Mask, rng: np.random.Generator
    ) -> tuple[Codes, Floats]:
        """Codes and positions within them of `rows`, (p, r) each; see `DrawMissing`."""
        matrix = self._matrix[rows].copy()
        matrix[:, list(self._model.codec.masks)] = 0.0
        owners = self._owners()
        bounds = [
            self._bounds(one, matrix, missing[owner], self._missing_code(owner))
            for one, owner in zip(self._variables, owners, strict=True)
        ]
        z = np.stack([_start(*each) for each in bounds], axis=1)
        fixed = [
            ~missing[owner] if one.kind == "score" else np.zeros(len(rows), bool)
            for one, owner in zip(self._variables, owners, strict=True)
        ]
        for one, at, j in zip(self._variables, fixed, range(z.shape[1]), strict=True):
            if one.kind == "score":
                z[at, j] = matrix[at, one.columns.start]
        root = self._model.arrays["root"]
        precision = np.linalg.inv(root @ root.T)
        for _ in range(SWEEPS):
            for j, (low, high, hole_low, hole_high) in enumerate(bounds):
                at = np.flatnonzero(~fixed[j])
                if not len(at):
                    continue
                deviation = precision[j, j] ** -0.5
                mean = z[at, j] - (z[at] @ precision[j]) / precision[j, j]
                ends = [(each[at] - mean) / deviation for each in (low, high, hole_low, hole_high)]
                z[at, j] = mean + deviation * _truncated(ends, rng.random(len(at)))
        completed = np.zeros_like(matrix)
        for one, values in zip(self._variables, z.T, strict=True):
            one.write(completed, values)
        return self._model.codec.to_codes(completed, rng)

    def _owners(self) -> list[int]:
        """The table column of each latent variable."""
        owners = []
        for number, slot in enumerate(self._model.codec.slots):
            parts = (slot.score, slot.mask, slot.indicators)
            owners += [number] * sum(part is not None for part in parts)
        return owners

    def _missing_code(self, owner: int) -> int | None:
        column = list(self._model.codec.codec.coded.values())[owner]
        return column.levels - 1 if column.missing else None

    def _bounds(
        self, one: Latent, matrix: Floats, missing: Mask, missing_code: int | None
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """The interval of the variable in each row, and a part of it that is left out."""
        n = len(matrix)
        nothing = np.full(n, np.inf)
        if one.kind == "score":
            return -nothing, nothing, nothing, nothing
        low, high = one.bounds(matrix)
        if one.kind == "mask":
            return low, high, nothing, nothing
        low, high = np.where(missing, -np.inf, low), np.where(missing, np.inf, high)
        if missing_code is None:
            return low, high, nothing, nothing
        edges = np.concatenate([[-np.inf], one.ends, [np.inf]])
        place = int(np.flatnonzero(one.order == missing_code)[0])
        return (
            low,
            high,
            np.where(missing, edges[place], np.inf),
            np.where(missing, edges[place + 1], np.inf),
        )


def _start(low: Floats, high: Floats, hole_low: Floats, hole_high: Floats) -> Floats:
    """A point of each interval."""
    return _truncated([low, high, hole_low, hole_high], np.full(len(low), 0.5))


def _truncated(ends: list[Floats], uniforms: Floats) -> Floats:
    """Standard normal values from `ends[0]` to `ends[1]` but not from `ends[2]` to `ends[3]`."""
    from scipy.special import ndtr, ndtri

    low, high, hole_low, hole_high = (ndtr(each) for each in ends)
    first = np.minimum(hole_low, high) - low
    second = np.maximum(high - np.maximum(hole_high, low), 0.0)
    first = np.maximum(first, 0.0)
    at = uniforms * (first + second)
    below = np.where(at < first, low + at, np.maximum(hole_high, low) + at - first)
    clipped: Floats = ndtri(np.clip(below, 1e-12, 1 - 1e-12))
    return clipped
