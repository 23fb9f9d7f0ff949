"""Columns of codes given other columns: the last factors of a chain, whose first columns are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.core.validated import require, require_shape
from artesian.encoding.coded_table import CodedTable
from artesian.engine.threads import thread_map
from artesian.synthesizers.memorisation import Privacy
from artesian.synthesizers.sequential.conditional import GrownTree, TreeSettings
from artesian.synthesizers.sequential.conditioned import Factor, propose
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.fit import MAX_SHARED_COLUMNS, regularised
from artesian.synthesizers.sequential.functional_dependencies import (
    FunctionalDependency,
    determining_columns,
)
from artesian.synthesizers.sequential.model import read_factors
from artesian.synthesizers.sequential.scores import ScoreSettings

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class GivenChain:
    """The distribution of the last columns of a table given its first ones.

    Attributes:
        given: Number of given columns.
        order: The other columns in the order they are drawn.
        factors: The distribution of each given all columns before it.
    """

    given: int
    order: NDArray[np.int64]
    factors: tuple[Factor, ...]

    @classmethod
    def fit(
        cls,
        coded: CodedTable,
        given: int,
        *,
        tree: TreeSettings,
        score: ScoreSettings | None,
        privacy: Privacy,
        units: int,
        run: Run,
    ) -> Self:
        """Fit the columns of `coded` from column `given` on.

        Args:
            units: Number of independent units, such as parents, for the budget of memorisation.
        """
        from threadpoolctl import threadpool_limits

        source = {j: s for j, s in determining_columns(coded).items() if j >= given}

        def depth(j: int) -> int:
            return 1 + depth(source[j]) if j in source else 0

        order = np.array(sorted(range(given, coded.columns), key=lambda j: (depth(j), j)), np.int64)
        before = np.arange(given)
        design = None
        free = np.array([j for j in order if j not in source], np.int64)
        if score is not None and coded.columns <= MAX_SHARED_COLUMNS:
            design = Design.from_codes(coded, np.concatenate([before, free]))

        def fit_factor(at: int) -> FunctionalDependency | GrownTree:
            run.check("fit")
            j = int(order[at])
            if j in source:
                return FunctionalDependency.fit(coded, source[j], j)
            return GrownTree.fit(
                coded,
                np.concatenate([before, order[:at]]),
                j,
                design=design,
                tree=tree,
                score=score,
                rng=run.seed.child("fit", coded.names[j]).rng(),
            )

        positions = list(reversed(range(len(order))))
        with threadpool_limits(1, user_api="blas"):
            grown = list(thread_map(fit_factor, positions, run=run, name="fit"))
        factors, _ = regularised(list(reversed(grown)), tree, privacy, units)
        return cls(given, order, factors)

    def check_columns(self, levels: Sequence[int]) -> None:
        """Check what `draw` takes for granted, of columns with these numbers of codes.

        Raises:
            InvalidValue: an index is not that of a column, or a distribution has other codes.
        """
        require_shape(self.order, (None,), "order")
        drawn = list(range(self.given, len(levels)))
        require(self.given >= 0 and sorted(self.order.tolist()) == drawn, "order lacks a column")
        require(len(self.factors) == len(drawn), "there is not one factor for each column")
        for j, factor in zip(self.order.tolist(), self.factors, strict=True):
            require(factor.cdf.shape[1] == levels[j], f"column {j} does not have {levels[j]} codes")
            factor.check_columns(levels)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `from_arrays`."""
        arrays: dict[str, NDArray[Any]] = {"given": np.array(self.given), "order": self.order}
        for at, factor in enumerate(self.factors):
            arrays |= {f"{at}/{name}": array for name, array in factor.to_arrays().items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Restore what `to_arrays` returned."""
        order = arrays["order"]
        return cls(int(arrays["given"]), order, read_factors(arrays, len(order)))

    def draw_conditioned(
        self, rows: int, weights: Mapping[int, NDArray[np.float64]], rng: np.random.Generator
    ) -> Codes:
        """Draw rows under conditions where no column is given, shape (others, rows).

        Args:
            weights: Admitted fraction of each code, shape (levels,), of each conditioned column.
        """
        assert not self.given
        return propose(self.order, self.factors, rng, rows, weights)

    def draw(
        self, context: Codes, rng: np.random.Generator, constant: Mapping[int, Codes] | None = None
    ) -> Codes:
        """Draw the columns of n rows, shape (others, n).

        Args:
            context: The given columns, shape (given, n).
            constant: Codes of drawn columns, counted from the first, that are not drawn.
        """
        from artesian.trees import kernels

        n = context.shape[1]
        codes = np.zeros((self.given + len(self.order), n), np.uint8)
        codes[: self.given] = context
        for j, factor in zip(self.order, self.factors, strict=True):
            if constant and j - self.given in constant:
                codes[j] = constant[int(j) - self.given]
                continue
            codes[j] = kernels.draw(factor.leaves(codes, rng), factor.cdf, rng.random(n))
        return codes[self.given :]


def joined(parts: list[CodedTable], rows: int) -> CodedTable:
    """The columns of several coded tables with the same rows."""
    parts = [part for part in parts if part.columns]
    if not parts:
        empty = np.zeros(0, np.int64)
        none = np.zeros(0, bool)
        return CodedTable((), np.zeros((0, rows), np.uint8), empty, none, none)
    fields: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("codes", "levels", "ordered", "missing")
    }
    names = tuple(name for part in parts for name in part.names)
    return CodedTable(names, np.ascontiguousarray(fields.pop("codes")), **fields)
