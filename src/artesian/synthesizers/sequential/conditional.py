"""One conditional distribution: a column given the columns before it, as a histogram tree over those
columns and over boosted scores of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_range, require_shape
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.segments import Floats
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.distributions import (
    cumulative,
    probabilities,
    require_cdf,
)
from artesian.synthesizers.sequential.feature_screening import screen
from artesian.synthesizers.sequential.memorisation import (
    EXTRA_GAINS,
    STRENGTHS,
    Candidates,
    Choice,
)
from artesian.synthesizers.sequential.scores import Scores, ScoreSettings
from artesian.trees.target_embedding import embed

Codes = NDArray[np.uint8]

MAX_GROW_ROWS = 200_000
"""Maximum number of rows that splits are chosen on; the leaves count all rows."""

MAX_LEAVES = 4_000

MAX_REGRESSORS = 100
"""Maximum number of predictors of the additive model."""

ROWS_PER_REGRESSOR = 30

MAX_HALF = 5_000
"""Maximum number of rows of each half on which regularisation is chosen."""

MIN_ONE_HALF = 4_000
"""Number of rows above which trees of one half suffice."""

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
class GrownTree:
    """A tree before it is pruned, with what the choice of its regularisation needs.

    Attributes:
        predictors, scores: As in `Conditional`.
        feature, left, bits, parent, margin: The tree, see `kernels.grow`.
        counts: Rows with each code of the target in each node, shape (nodes, K).
        plan: Halvings of the target.
        candidates: Likelihoods of each regularisation.
    """

    predictors: NDArray[np.int64]
    scores: Scores | None
    feature: NDArray[np.int32]
    left: NDArray[np.int32]
    bits: NDArray[np.uint64]
    parent: NDArray[np.int32]
    margin: NDArray[np.float32]
    counts: NDArray[np.float32]
    plan: NDArray[np.int64]
    candidates: Candidates

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
        """Grow the tree of column `target` of `coded` given the columns `earlier`.

        Args:
            design: Basis functions of all columns, if they were computed.
            score: Settings of the boosted scores; None for none.
        """
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
        min_gain = np.full(len(stack), tree.min_gain)
        min_gain[len(predictors) :] = tree.score_gain
        problem = _Problem(
            stack,
            stack_levels,
            stack_ordered,
            embed(counts, ordered=ordered, missing=missing)[codes[target]],
            codes[target],
            int(coded.levels[target]),
            min_gain,
            leaves.halvings(counts if ordered else np.zeros(0)),
            tree,
        )
        sample = np.arange(n, dtype=np.int32)
        if n > MAX_GROW_ROWS:
            sample = np.sort(rng.choice(sample, MAX_GROW_ROWS, replace=False))
        feature, left, bits, parent, margin, leaf = problem.grow(sample)
        node_counts = leaves.node_counts(leaf, codes[target], parent, problem.levels)
        return cls(
            predictors,
            scores,
            feature,
            left,
            bits,
            parent,
            margin,
            node_counts,
            problem.plan,
            problem.candidates(rng),
        )


@dataclass(frozen=True, slots=True)
class _Problem:
    """What a tree is grown on.

    Attributes:
        stack, stack_levels, stack_ordered: Features, their number of codes, and whether they are
            ordered, shapes (q, n), (q,) and (q,).
        vectors: Embedded target, shape (n, D).
        target, levels: Code of the target in each row, shape (n,), and the number of its codes.
        min_gain: Minimum gain of a split on each feature, shape (q,).
        plan: Halvings of the target.
    """

    stack: Codes
    stack_levels: NDArray[np.int64]
    stack_ordered: NDArray[np.bool_]
    vectors: NDArray[np.int16]
    target: Codes
    levels: int
    min_gain: Floats
    plan: NDArray[np.int64]
    tree: TreeSettings

    def grow(self, sample: NDArray[np.int32]) -> tuple[NDArray[Any], ...]:
        """Feature, left child, bits, parent and margin of the nodes of a tree grown on the rows
        `sample`, and the leaf of every row."""
        from artesian.trees import kernels as tree_kernels

        feature, left, goes_left, parent, margin = tree_kernels.grow(
            self.stack,
            np.arange(len(self.stack)),
            self.stack_levels,
            self.stack_ordered,
            self.vectors,
            sample,
            max(self.tree.min_leaf, -(-len(sample) // MAX_LEAVES)),
            self.min_gain,
            float(self.tree.level_gain),
            float(self.tree.prior),
        )
        bits = tree_kernels.packed(goes_left)
        return (
            feature,
            left,
            bits,
            parent,
            margin,
            tree_kernels.route(self.stack, feature, left, bits),
        )

    def candidates(self, rng: np.random.Generator) -> Candidates:
        """Likelihoods of the candidates in trees grown on one half of some rows each."""
        from artesian.trees import leaf_distributions as leaves

        n = len(self.target)
        order = rng.permutation(n).astype(np.int32)[: 2 * MAX_HALF]
        halves = [np.sort(part) for part in np.array_split(order, 2)]
        shape = len(EXTRA_GAINS), len(STRENGTHS)
        train, holdout = np.zeros(shape), np.zeros(shape)
        if n < 2:
            return Candidates(train, holdout)
        both = [(0, 1), (1, 0)] if n <= MIN_ONE_HALF else [(0, 1)]
        for own, other in both:
            *_, parent, margin, leaf = self.grow(halves[own])
            path = leaves.path_margins(margin, parent)
            counts = [
                leaves.node_counts(leaf[part], self.target[part], parent, self.levels)
                for part in (halves[own], halves[other])
            ]
            for at, (strength, growth) in enumerate(STRENGTHS):
                table = leaves.node_distributions(
                    counts[0],
                    parent,
                    self.plan,
                    self.tree.shrinkage * strength,
                    growth,
                )
                for rows, out in zip(counts, (train, holdout), strict=True):
                    total = leaves.path_likelihoods(rows, table, path, parent, EXTRA_GAINS, 0.1 / n)
                    out[:, at] += total / rows[0].sum() / len(both)
        return Candidates(train, holdout)


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
    def from_tree(cls, grown: GrownTree, choice: Choice, tree: TreeSettings) -> Self:
        """Prune `grown`, and estimate the distributions of its leaves."""
        from artesian.trees import leaf_distributions as leaves

        table = leaves.node_distributions(
            grown.counts, grown.parent, grown.plan, tree.shrinkage * choice.strength, choice.growth
        )
        inner = leaves.path_margins(grown.margin, grown.parent) >= choice.extra_gain
        kept = np.concatenate([[True], inner[grown.parent[1:]]])
        number = np.cumsum(kept) - 1  # of each kept node in the pruned tree
        inner, left = inner[kept], grown.left[kept]
        return cls(
            grown.predictors,
            grown.scores,
            np.where(inner, grown.feature[kept], -1).astype(np.int32),
            np.where(inner, number[left], 0).astype(np.int32),
            grown.bits[kept],
            np.where(inner, -1, np.cumsum(~inner) - 1).astype(np.int32),
            cumulative(table[kept][~inner]),
        )

    def check_values(self) -> None:
        """Check the indices within the tree, whose children follow their parents."""
        nodes = len(self.feature)
        features = len(self.predictors) + (0 if self.scores is None else len(self.scores.edges))
        require_cdf(self.cdf)
        require_shape(self.predictors, (None,), "predictors")
        require_shape(self.feature, (None,), "feature")
        require(nodes, "a tree has no node")
        require_shape(self.left, (nodes,), "left")
        require_shape(self.row_of, (nodes,), "row_of")
        require_shape(self.bits, (nodes, 4), "bits")
        require_range(self.feature, -1, features, "feature")
        inner = self.feature >= 0
        forward = self.left > np.arange(nodes)
        require(forward[inner].all(), "a child precedes its parent")
        require_range(self.left[inner], 0, nodes - 1, "left")
        require_range(self.row_of[~inner], 0, len(self.cdf), "row_of")

    def check_columns(self, levels: Sequence[int]) -> None:
        """Check that the columns it depends on are among those with `levels`."""
        require_range(self.predictors, 0, len(levels), "predictors")
        if self.scores is not None:
            self.scores.check_columns(levels)

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
