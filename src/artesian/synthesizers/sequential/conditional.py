"""One conditional distribution: a column given the columns before it, as a histogram tree over those
columns and over boosted scores of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.encoding.segments import Floats
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.distributions import cumulative, probabilities
from artesian.synthesizers.sequential.feature_screening import screen
from artesian.synthesizers.sequential.scores import Scores, ScoreSettings
from artesian.trees.target_embedding import embed

Codes = NDArray[np.uint8]

MAX_GROW_ROWS = 200_000
"""Maximum number of rows that splits are chosen on; the leaves count all rows."""

MAX_LEAVES = 4_000

MAX_REGRESSORS = 100
"""Maximum number of predictors of the additive model."""

ROWS_PER_REGRESSOR = 30

ROWS_PER_PREDICTOR = 2_000
"""Rows per predictor above which a column gets more predictors than the setting, at most double."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSettings:
    """Settings of the tree.

    Attributes:
        min_leaf: Minimum number of rows of a leaf.
        min_gain: Minimum gain of a split, in units of the node's variance; higher is more private.
        score_gain: The same for a split on a boosted score, which is cross-fitted.
        level_gain: Addition to the minimum gain for each further category of a feature.
        shrinkage: Pseudo-rows with the parent's distribution in each leaf.
        prior: Pseudo-rows of shrinkage when categories are ordered by their response.
        predictors: Maximum number of predictors of a column; up to double with many rows.
    """

    min_leaf: int = 10
    min_gain: float = 3.0
    score_gain: float = 2.5
    level_gain: float = 0.5
    shrinkage: float = 5.0
    prior: float = 5.0
    predictors: int = 24


@dataclass(frozen=True, slots=True)
class Conditional:
    """A fitted conditional distribution.

    Attributes:
        predictors: Columns it depends on, shape (q,).
        scores: Boosted scores, or None.
        feature: Split feature of each node: a predictor below q, a score from q on, -1 in a leaf.
        left: Left child; the right one is the next node.
        bits: Codes that go left, packed by `kernels.packed`, shape (nodes, 4).
        row_of: Row of `cdf` of each leaf.
        cdf: Cumulative probabilities of the target's codes, shape (leaves, K), in 1 / CDF_SCALE.
    """

    predictors: NDArray[np.int64]
    scores: Scores | None
    feature: NDArray[np.int32]
    left: NDArray[np.int32]
    bits: NDArray[np.uint64]
    row_of: NDArray[np.int32]
    cdf: NDArray[np.uint16]

    @classmethod
    def fit(
        cls,
        coded: CodedTable,
        earlier: NDArray[np.int64],
        target: int,
        *,
        design: Design | None,
        tree: TreeSettings,
        score: ScoreSettings | None,
        rng: np.random.Generator,
    ) -> Self:
        """Fit column `target` of `coded` given the columns `earlier`.

        Args:
            design: Basis functions of all columns, if they were computed.
            score: Settings of the boosted scores; None for none.
        """
        from artesian.trees import kernels as tree_kernels
        from artesian.trees import leaf_distributions as leaves

        n, codes, ordered = coded.rows, coded.codes, bool(coded.ordered[target])
        counts = coded.counts(target)
        max_predictors = min(2 * tree.predictors, max(tree.predictors, n // ROWS_PER_PREDICTOR))
        # With only a few rows per regressor, more of them add cost and noise.
        max_regressors = min(MAX_REGRESSORS, max(max_predictors, n // ROWS_PER_REGRESSOR))
        regressors = screen(coded, earlier, target, max_regressors)
        predictors = screen(coded, regressors, target, max_predictors)
        fitted = None
        if score is not None and len(predictors):
            fitted = Scores.fit(
                coded,
                design,
                regressors,
                predictors,
                target,
                settings=score,
                rng=rng,
            )
        stack = codes[predictors]
        stack_levels, stack_ordered = coded.levels[predictors], coded.ordered[predictors]
        scores = None
        if fitted is not None:
            scores, crossed = fitted
            stack = np.concatenate([stack, crossed])
            stack_levels = np.concatenate([stack_levels, scores.levels])
            stack_ordered = np.concatenate([stack_ordered, np.ones(len(crossed), bool)])
        missing = bool(coded.missing[target])
        vectors = embed(counts, ordered=ordered, missing=missing)[codes[target]]
        sample = np.arange(n, dtype=np.int32)
        if n > MAX_GROW_ROWS:
            sample = np.sort(rng.choice(sample, MAX_GROW_ROWS, replace=False))
        min_leaf = max(tree.min_leaf, -(-len(sample) // MAX_LEAVES))
        min_gain = np.full(len(stack), tree.min_gain)
        min_gain[len(predictors) :] = tree.score_gain
        feature, left, goes_left, parent = tree_kernels.grow(
            stack,
            np.arange(len(stack)),
            stack_levels,
            stack_ordered,
            vectors,
            sample,
            min_leaf,
            min_gain,
            float(tree.level_gain),
            float(tree.prior),
        )
        bits = tree_kernels.packed(goes_left)
        leaf = tree_kernels.route(stack, feature, left, bits)
        plan = leaves.halvings(counts if ordered else np.zeros(0))
        row_of, table = leaves.leaf_distributions(
            feature,
            left,
            parent,
            leaf,
            codes[target],
            int(coded.levels[target]),
            plan,
            tree.shrinkage,
        )
        return cls(predictors, scores, feature, left, bits, row_of, cumulative(table))

    def stack(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Predictors and scores of new rows, shape (q + scores, n)."""
        own = codes[self.predictors]
        if self.scores is None:
            return own
        return np.concatenate([own, self.scores.features(codes, rng)])

    def leaves(self, codes: Codes, rng: np.random.Generator) -> NDArray[np.int32]:
        """Row of `cdf` for each row of `codes`, shape (p, n); the result has shape (n,)."""
        from artesian.trees import kernels as tree_kernels

        if len(self.feature) == 1:
            return np.zeros(codes.shape[1], np.int32)
        node = tree_kernels.route(self.stack(codes, rng), self.feature, self.left, self.bits)
        return np.asarray(self.row_of[node])

    def probabilities(self) -> Floats:
        """Distribution of the target in every leaf, shape (leaves, K)."""
        return probabilities(self.cdf)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `from_arrays`."""
        out: dict[str, NDArray[Any]] = {
            "predictors": self.predictors,
            "feature": self.feature,
            "left": self.left,
            "bits": self.bits,
            "row_of": self.row_of,
            "cdf": self.cdf,
        }
        if self.scores is not None:
            out |= {f"score.{name}": value for name, value in self.scores.to_arrays().items()}
        return out

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """Restore what `to_arrays` returned."""
        inner = {k.partition(".")[2]: v for k, v in arrays.items() if k.startswith("score.")}
        return cls(
            arrays["predictors"],
            Scores.from_arrays(inner) if inner else None,
            arrays["feature"],
            arrays["left"],
            arrays["bits"],
            arrays["row_of"],
            arrays["cdf"],
        )
