"""Density of rows as a chain of conditional distributions, each a histogram tree on earlier columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.run import Run
from artesian.encoding.numeric import NumberCodec
from artesian.engine.threads import thread_map
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import Rows

Codes = npt.NDArray[np.uint8]

MAX_LEVELS = 200
"""Maximum number of codes of a column; rarer categories share one."""

MIN_LEAF = 5
"""Minimum number of rows of a leaf: small, as an attacker looks for what few rows left behind."""

MIN_GAIN = 2.0
LEVEL_GAIN = 0.5
PRIOR = 5.0
SHRINKAGE = 3.0
"""Settings of the trees, see `trees.kernels.grow` and `trees.leaf_distributions`."""

FLOOR = 1e-6
"""Minimum probability of a code."""


@dataclass(frozen=True, slots=True)
class RowCoder:
    """Integer codes of rows, by the values of the synthetic table alone: an attacker has no others.

    Attributes:
        numbers: Bins of each number.
        categories: Code of each level of a category; the last code is the missing value.
        levels: Number of codes of each column, shape (p,).
    """

    numbers: dict[str, NumberCodec]
    categories: dict[str, Ints]
    levels: Ints

    @classmethod
    def fit(cls, rows: Rows) -> RowCoder:
        """Choose codes of similar numbers of `rows`."""
        numbers = {
            name: NumberCodec.fit(
                pl.Series(values, nan_to_null=True), protect=False, max_codes=MAX_LEVELS
            )
            for name, values in rows.numbers.items()
        }
        categories = {}
        levels = [max(codec.levels, 1) for codec in numbers.values()]
        for name, codes in rows.codes.items():
            counts = np.bincount(codes + 1, minlength=1)[1:]
            rank = np.empty(len(counts), np.int64)
            rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
            categories[name] = np.minimum(rank, MAX_LEVELS - 2)
            levels.append(int(categories[name].max(initial=-1)) + 2)
        return cls(numbers, categories, np.array(levels))

    @property
    def ordered(self) -> npt.NDArray[np.bool_]:
        """Whether the codes of a column have the order of its values, shape (p,)."""
        return np.repeat([True, False], [len(self.numbers), len(self.categories)])

    def encode(self, rows: Rows) -> Codes:
        """Codes of `rows`, shape (p, n)."""
        codes = np.empty((len(self.levels), rows.height), np.uint8)
        for j, (name, codec) in enumerate(self.numbers.items()):
            codes[j] = codec.encode(pl.Series(rows.numbers[name], nan_to_null=True))
        for j, (name, code_of) in enumerate(self.categories.items(), start=len(self.numbers)):
            has_code = rows.codes[name] < len(code_of)
            at = np.where(has_code, rows.codes[name], -1)
            # Without any category the only code is that of missing values.
            rare = max(self.levels[j] - 2, 0)
            codes[j] = np.where(has_code, np.append(code_of, self.levels[j] - 1)[at], rare)
        return codes


@dataclass(frozen=True, slots=True)
class _Factor:
    """One conditional distribution: a tree, and log-probabilities of its leaves, (leaves, K)."""

    feature: npt.NDArray[np.int32]
    left: npt.NDArray[np.int32]
    bits: npt.NDArray[np.uint64]
    row_of: npt.NDArray[np.int32]
    log_probabilities: Floats


@dataclass(frozen=True, slots=True)
class DensityChain:
    """A fitted chain; column order[k] is conditional on order[:k]."""

    order: Ints
    factors: tuple[_Factor, ...]

    @classmethod
    def fit(cls, codes: Codes, coder: RowCoder, order: Ints, run: Run) -> DensityChain:
        """Fit on `codes`, shape (p, n), all below the levels of `coder`."""
        # A kernel would write beyond its arrays.
        assert (codes.max(axis=1, initial=0) < coder.levels).all(), "a code beyond the levels"

        def factor(at: int) -> _Factor:
            return _fit(codes, coder, order[:at], int(order[at]))

        return cls(order, tuple(thread_map(factor, range(len(order)), run=run, name="density")))

    def log_density(self, codes: Codes) -> Floats:
        """Log-probability of each row's codes by column, shape (p, n)."""
        from artesian.trees import kernels

        terms = np.empty(codes.shape)
        for at, factor in enumerate(self.factors):
            stack = np.ascontiguousarray(codes[self.order[:at]])
            node = (
                kernels.route(stack, factor.feature, factor.left, factor.bits)
                if len(factor.feature) > 1
                else np.zeros(codes.shape[1], np.int32)
            )
            j = self.order[at]
            terms[j] = factor.log_probabilities[factor.row_of[node], codes[j]]
        return terms


def _fit(codes: Codes, coder: RowCoder, earlier: Ints, target: int) -> _Factor:
    from artesian.trees import kernels, leaf_distributions
    from artesian.trees.target_embedding import embed

    n, levels = codes.shape[1], int(coder.levels[target])
    ordered = bool(coder.ordered[target])
    counts = np.bincount(codes[target], minlength=levels).astype(float)
    vectors = embed(counts, ordered=ordered, missing=False)[codes[target]]
    stack = np.ascontiguousarray(codes[earlier])
    feature, left, goes_left, parent, _ = kernels.grow(
        stack,
        np.arange(len(earlier)),
        coder.levels[earlier],
        coder.ordered[earlier],
        vectors,
        np.arange(n, dtype=np.int32),
        MIN_LEAF,
        np.full(len(earlier), MIN_GAIN),
        LEVEL_GAIN,
        PRIOR,
    )
    bits = kernels.packed(goes_left)
    leaf = kernels.route(stack, feature, left, bits)
    plan = leaf_distributions.halvings(counts + 1e-3 if ordered else np.zeros(0))
    row_of, table = leaf_distributions.leaf_distributions(
        feature, parent, leaf, codes[target], levels, plan, SHRINKAGE
    )
    table = (table + FLOOR) / (1 + FLOOR * levels)
    return _Factor(feature, left, bits, row_of, np.log(table.astype(float)))
