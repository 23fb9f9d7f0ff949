"""Adversarial random forest: leaves within which columns are independent.

A random forest learns to distinguish real rows from synthetic ones; the next synthetic rows are drawn
with independent columns within its leaves, until it cannot distinguish them (Watson, Blesch, Kapar and
Wright 2023, "Adversarial random forests for density estimation and generative modeling"). The density
is then the mixture of all leaves of all trees. Within a leaf, each column has the distribution of its
codes there, where the paper fits truncated normal distributions: numbers with repeated values, such as
amounts that are mostly 0, are not normal within a leaf either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.core.validated import require, require_range, require_shape
from artesian.data.table import Table
from artesian.encoding.segments import Codes, Floats
from artesian.synthesizers.code_model import CodeModel, check_codes, encode_for_training
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 50_000
"""Rows that the leaves hold."""

GROWING_ROWS = 8_000
"""Rows on which forests are grown, beside as many synthetic ones."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AdversarialForestModel(CodeModel):
    """A mixture of leaves.

    Arrays:
        sizes: Number of rows of each leaf, tree by tree, shape (leaves,).
        codes: Codes of the rows of each leaf, leaf by leaf, shape (p, trees * n). Each column is
            shuffled within each leaf.
        accuracies: Accuracy of the forest of each round on rows that it did not see.
    """

    def check_values(self) -> None:
        """Check that leaves and codes fit together."""
        codes, sizes = self.arrays["codes"], self.arrays["sizes"]
        check_codes(self.codec, codes, "codes")
        require(sizes.dtype.kind == "i", "sizes are not whole numbers")
        require_shape(sizes, (None,), "sizes")
        require_range(sizes, 1, codes.shape[1] + 1, "sizes")
        require(int(sizes.sum()) == codes.shape[1], "the leaves have other sizes")
        require_shape(self.arrays["accuracies"], (None,), "accuracies")
        require_range(self.arrays["accuracies"], 0, 1.000001, "accuracies")

    def draw(self, rng: np.random.Generator, rows: int) -> Codes:
        """Draw codes of shape (p, rows)."""
        return _draw(self.arrays["codes"], self.arrays["sizes"], rng, rows)

    def log_densities(self, table: Table, *, run: Run | None = None) -> Floats:
        """Log-probability of the codes of each row, in nats, shape (1, n); see `leaf_density`."""
        from artesian.synthesizers.forests.leaf_density import log_densities

        codes, levels, ordered = self.codec.encode(table), self.codec.levels, self.codec.ordered
        own, sizes = self.arrays["codes"], self.arrays["sizes"]
        return log_densities(codes, own, sizes, levels, ordered, run or Run())[None]

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        accuracies = [round(float(one), 4) for one in self.arrays["accuracies"]]
        leaves = len(self.arrays["sizes"])
        return {**CodeModel.facts(self), "accuracies": accuracies, "leaves": leaves}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversarialForest:
    """Settings.

    Attributes:
        trees: Number of trees, 1 or more.
        min_leaf: Minimum number of rows of a leaf, 2 or more, so that no leaf is one person.
        rounds: Maximum number of forests.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="adversarial_forest",
        description="leaves of a forest that cannot distinguish its own rows from real ones; for "
        "interactions of many columns, with exact marginal distributions",
        source="Watson et al. 2023",
    )
    model: ClassVar[type[AdversarialForestModel]] = AdversarialForestModel

    trees: int = 30
    min_leaf: int = 10
    rounds: int = 10
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, trees=1, min_leaf=2, rounds=1)

    def fit(self, data: Table, *, run: Run | None = None) -> AdversarialForestModel:
        """Grow forests on `data` until they cannot distinguish its rows from their own."""
        run = run or Run()
        codec, codes = encode_for_training(data, run, protect=self.protect, max_rows=MAX_ROWS)
        rng = run.seed.child("forest").rng()
        n = codes.shape[1]
        growing = codes[:, np.sort(rng.permutation(n)[:GROWING_ROWS])]
        # The first synthetic rows have independent columns: one leaf.
        shuffled = _shuffled(codes, [np.zeros(n, np.int64)], rng)
        accuracies: list[float] = []
        for _ in run.track(range(self.rounds), "fit", self.rounds):
            if not len(codes) or n < 2 * self.min_leaf or _converged(accuracies):
                continue
            synthetic = _draw(*shuffled, rng, growing.shape[1])
            forest, accuracy = _grow(growing, synthetic, self.trees, self.min_leaf, rng)
            accuracies.append(accuracy)
            if len(accuracies) > 1 and accuracies[-1] > accuracies[-2]:
                continue  # it distinguishes them better than the forest before: that one is kept
            leaves = [_leaves(tree.tree_, codes, self.min_leaf) for tree in forest.estimators_]
            shuffled = _shuffled(codes, leaves, rng)
        arrays = {"codes": shuffled[0], "sizes": shuffled[1], "accuracies": np.array(accuracies)}
        return AdversarialForestModel(self, codec, arrays)


def _converged(accuracies: list[float]) -> bool:
    """Whether rows are no longer distinguished, or no less than in the round before."""
    rising = len(accuracies) > 1 and accuracies[-1] > accuracies[-2]
    return bool(accuracies) and (rising or accuracies[-1] <= 0.5)


def _grow(
    real: Codes, synthetic: Codes, trees: int, min_leaf: int, rng: np.random.Generator
) -> tuple[Any, float]:
    """A forest that distinguishes synthetic from real rows, shape (p, n) each, and its accuracy.

    The accuracy is measured on a fifth of the rows, of which the forest sees none.
    """
    from sklearn.ensemble import RandomForestClassifier

    rows = np.concatenate([real, synthetic], axis=1).T.astype(np.float32)
    label = np.repeat([0, 1], [real.shape[1], synthetic.shape[1]])
    test = np.arange(len(rows)) % 5 == 0
    forest = RandomForestClassifier(
        trees, min_samples_leaf=min_leaf, random_state=int(rng.integers(2**31))
    )
    forest.fit(rows[~test], label[~test])
    return forest, float(forest.score(rows[test], label[test]))


def _leaves(tree: Any, codes: Codes, min_leaf: int) -> Integers:
    """The leaf of each real row, shape (n,), where each leaf has at least `min_leaf` of them.

    As in the authors' program, rows of a smaller leaf go to the other branch of its parent.
    """
    left, right = tree.children_left.copy(), tree.children_right.copy()
    counts = np.bincount(_descend(tree, left, right, codes), minlength=len(left))
    for node in range(len(left) - 1, -1, -1):  # children come after their parent
        if left[node] >= 0:
            below, above = left[node], right[node]
            counts[node] = counts[below] + counts[above]
            if counts[below] < min_leaf:
                left[node] = above
            elif counts[above] < min_leaf:
                right[node] = below
    return _descend(tree, left, right, codes)


def _descend(tree: Any, left: Integers, right: Integers, codes: Codes) -> Integers:
    """The leaf that each row reaches by these branches, shape (n,)."""
    node = np.zeros(codes.shape[1], np.int64)
    moving = np.arange(codes.shape[1])
    feature, threshold = tree.feature, tree.threshold
    while len(moving := moving[left[node[moving]] >= 0]):
        at = node[moving]
        below = codes[feature[at], moving] <= threshold[at]
        node[moving] = np.where(below, left[at], right[at])
    return node


def _shuffled(
    codes: Codes, leaves: list[Integers], rng: np.random.Generator
) -> tuple[Codes, Integers]:
    """Codes of the rows of every leaf, and the sizes of leaves; see `AdversarialForestModel`.

    Args:
        leaves: Leaf of each row, shape (n,), for each tree.
    """
    parts, sizes = [], []
    for leaf in leaves:
        _, leaf, counts = np.unique(leaf, return_inverse=True, return_counts=True)
        part = np.empty_like(codes)
        for j, column in enumerate(codes):
            part[j] = column[np.lexsort((rng.random(len(leaf)), leaf))]
        parts.append(part)
        sizes.append(counts)
    return np.concatenate(parts, axis=1), np.concatenate(sizes)


def _draw(codes: Codes, sizes: Integers, rng: np.random.Generator, rows: int) -> Codes:
    """Draw `rows` rows: a leaf in proportion to its size, then each column within it."""
    ends = np.cumsum(sizes)
    uniforms = rng.random((rows, 1 + len(codes)))
    leaf = np.searchsorted(ends, (uniforms[:, 0] * ends[-1]).astype(np.int64), side="right")
    start, size = (ends - sizes)[leaf], sizes[leaf]
    drawn = np.empty((len(codes), rows), codes.dtype)
    for j, column in enumerate(codes):
        drawn[j] = column[start + (uniforms[:, j + 1] * size).astype(np.int64)]
    return drawn
