"""One link of the chain: the distribution of a column given the columns before it, as a histogram tree
over those columns and boosted scores of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.encoding.segments import Floats
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.distributions import cumulative, shares
from artesian.synthesizers.sequential.feature_screening import screen
from artesian.synthesizers.sequential.scores import Scores, ScoreSettings
from artesian.synthesizers.sequential.target_embedding import embed

Codes = NDArray[np.uint8]

GROW_ROWS = 200_000
"""Most rows a tree's splits are chosen on; its leaves count all rows."""

MOST_LEAVES = 4_000

ADDITIVE = 100
"""Most earlier columns that the additive estimate looks at."""

ROWS_PER_REGRESSOR = 30

ROWS_PER_PREDICTOR = 2_000
"""Rows for each of which one more column is looked at, up to twice the setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSettings:
    """Attributes:
    min_leaf: Fewest rows of a leaf.
    min_gain: Least gain of a split, in units of the node's variance; higher is more private.
    score_gain: The same for a split on a boosted score, which has not seen the row it speaks of.
    level_gain: What each further category of a feature adds to its least gain.
    shrinkage: Rows that the parent's distribution counts for.
    prior: Rows of shrinkage when categories are ordered by their response.
    predictors: Most earlier columns a column's model looks at; up to twice as many if rows abound.
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
    """A fitted link.

    Attributes:
        before: Columns it looks at, in terms of the codec's order, shape (q,).
        scores: Boosted features, or None.
        feature: Split feature of each node: below q a column of `before`, from q on a score; -1 leaf.
        left: Left child; the right one is the next node.
        bits: Codes that go left, as `tree.packed` packs them, shape (nodes, 4).
        row_of: Row of `cdf` for each leaf.
        cdf: Cumulative shares of the target's codes, shape (leaves, K), in 1 / WHOLE.
    """

    before: NDArray[np.int64]
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
        before: NDArray[np.int64],
        target: int,
        *,
        design: Design | None,
        tree: TreeSettings,
        score: ScoreSettings | None,
        rng: np.random.Generator,
    ) -> Self:
        """Fit on `coded`; every argument but the target's may be shared by threads.

        Args:
            design: Curves of all columns, if they were made.
        """
        from artesian.synthesizers.sequential import shrinkage
        from artesian.synthesizers.sequential import tree as tree_kernels

        n, codes, ordered = coded.rows, coded.codes, bool(coded.ordered[target])
        counts = coded.counts(target)
        # A regression on more columns than a few rows each can tell apart costs time and says nothing.
        predictors = min(2 * tree.predictors, max(tree.predictors, n // ROWS_PER_PREDICTOR))
        regressors = min(ADDITIVE, max(predictors, n // ROWS_PER_REGRESSOR))
        near = screen(coded, before, target, regressors)
        before = screen(coded, near, target, predictors)
        fitted = None
        if score is not None and len(before):
            fitted = Scores.fit(
                coded,
                design,
                near,
                before,
                target,
                settings=score,
                rng=rng,
            )
        stack = codes[before]
        stack_levels, stack_ordered = coded.levels[before], coded.ordered[before]
        scores = None
        if fitted is not None:
            scores, crossed = fitted
            stack = np.concatenate([stack, crossed])
            stack_levels = np.concatenate([stack_levels, scores.levels])
            stack_ordered = np.concatenate([stack_ordered, np.ones(len(crossed), bool)])
        missing = bool(coded.missing[target])
        vectors = embed(counts, ordered=ordered, missing=missing)[codes[target]]
        sample = np.arange(n, dtype=np.int32)
        if n > GROW_ROWS:
            sample = np.sort(rng.choice(sample, GROW_ROWS, replace=False))
        min_leaf = max(tree.min_leaf, -(-len(sample) // MOST_LEAVES))
        min_gain = np.full(len(stack), tree.min_gain)
        min_gain[len(before) :] = tree.score_gain
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
        plan = shrinkage.halvings(counts if ordered else np.zeros(0))
        row_of, table = shrinkage.leaf_shares(
            feature,
            left,
            parent,
            leaf,
            codes[target],
            int(coded.levels[target]),
            plan,
            tree.shrinkage,
        )
        return cls(before, scores, feature, left, bits, row_of, cumulative(table))

    def stack(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """The features of new rows, shape (q + scores, n)."""
        own = codes[self.before]
        if self.scores is None:
            return own
        return np.concatenate([own, self.scores.features(codes, rng)])

    def leaves(self, codes: Codes, rng: np.random.Generator) -> NDArray[np.int32]:
        """Row of `cdf` for each row of `codes`, shape (p, n)."""
        from artesian.synthesizers.sequential import tree as tree_kernels

        if len(self.feature) == 1:
            return np.zeros(codes.shape[1], np.int32)
        node = tree_kernels.route(self.stack(codes, rng), self.feature, self.left, self.bits)
        return np.asarray(self.row_of[node])

    def shares(self) -> Floats:
        """Distribution of every leaf, shape (leaves, K)."""
        return shares(self.cdf)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `from_arrays`."""
        out: dict[str, NDArray[Any]] = {
            "before": self.before,
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
        inner = {k.partition(".")[2]: v for k, v in arrays.items() if k.startswith("score.")}
        return cls(
            arrays["before"],
            Scores.from_arrays(inner) if inner else None,
            arrays["feature"],
            arrays["left"],
            arrays["bits"],
            arrays["row_of"],
            arrays["cdf"],
        )
