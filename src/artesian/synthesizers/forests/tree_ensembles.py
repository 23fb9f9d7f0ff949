"""Sums of regression trees as arrays: grown by scikit-learn, summed by a kernel, without pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_range, require_shape
from artesian.encoding.segments import Floats

Trees = dict[str, NDArray[Any]]
"""Trees one after the other, node by node: 'feature' (-1 at a leaf), 'threshold', 'left' and 'right'
(positions relative to the node), 'value' (0 except at leaves), each of shape (nodes,); 'roots', the
position of the first node of each tree, shape (trees,); 'ends', the number of trees up to the end of
each ensemble, shape (ensembles,)."""


def boosted_trees(
    x: NDArray[Any], y: Floats, *, trees: int, leaves: int, rate: float, min_leaf: int, seed: int
) -> Trees:
    """Gradient-boosted trees that predict `y`, shape (n,), from `x`, shape (n, d): one ensemble."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        max_iter=trees,
        max_leaf_nodes=leaves,
        learning_rate=rate,
        min_samples_leaf=min_leaf,
        max_bins=128,
        early_stopping=False,
        random_state=seed,
    ).fit(x, y)
    nodes = [predictors[0].nodes for predictors in model._predictors]
    sizes = np.array([len(one) for one in nodes])
    every = np.concatenate(nodes)
    own = np.arange(len(every)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    leaf = every["is_leaf"].astype(bool)
    value = np.where(leaf, every["value"], 0.0)
    roots = np.cumsum(sizes) - sizes
    # The mean, from which boosting starts, is spread over the trees.
    value[leaf] += float(np.ravel(model._baseline_prediction)[0]) / len(nodes)
    return {
        "feature": np.where(leaf, -1, every["feature_idx"]).astype(np.int16),
        "threshold": np.where(leaf, 0, every["num_threshold"]).astype(np.float32),
        "left": np.where(leaf, 0, every["left"].astype(np.int64) - own).astype(np.int32),
        "right": np.where(leaf, 0, every["right"].astype(np.int64) - own).astype(np.int32),
        "value": value.astype(np.float32),
        "roots": roots.astype(np.int64),
        "ends": np.array([len(nodes)], np.int64),
    }


def joined(parts: Sequence[Mapping[str, NDArray[Any]]]) -> Trees:
    """Several sets of ensembles one after the other."""
    out = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("feature", "threshold", "left", "right", "value")
    }
    nodes = np.cumsum([0, *(len(part["feature"]) for part in parts)])
    trees = np.cumsum([0, *(len(part["roots"]) for part in parts)])
    out["roots"] = np.concatenate(
        [p["roots"] + at for p, at in zip(parts, nodes[:-1], strict=True)]
    )
    out["ends"] = np.concatenate([p["ends"] + at for p, at in zip(parts, trees[:-1], strict=True)])
    return out


def check_trees(trees: Mapping[str, NDArray[Any]], ensembles: int, features: int) -> None:
    """Check trees of a file: every path ends, and reads features that exist.

    Raises:
        InvalidValue: they do not fit together.
    """
    nodes, count = len(trees["feature"]), len(trees["roots"])
    for name in ("feature", "threshold", "left", "right", "value"):
        require_shape(trees[name], (nodes,), name)
    for name in ("feature", "left", "right", "roots", "ends"):
        require(trees[name].dtype.kind == "i", f"{name} are not whole numbers")
    require_range(trees["feature"], -1, features, "feature")
    require_range(trees["value"], -1e6, 1e6, "value")
    require(np.isfinite(trees["threshold"]).all(), "a threshold is not finite")
    require_shape(trees["ends"], (ensembles,), "ends")
    require_range(trees["ends"], 0, count + 1, "ends")
    require((np.diff(trees["ends"], prepend=0) >= 0).all(), "ends do not ascend")
    require_range(trees["roots"], 0, nodes, "roots")
    inner = np.flatnonzero(trees["feature"] >= 0)
    for name in ("left", "right"):  # children come after their parent, so that every path ends
        require_range(trees[name][inner], 1, nodes + 1, name)
        require((inner + trees[name][inner] < nodes).all(), f"{name} leaves the trees")


def predict(trees: Mapping[str, NDArray[Any]], first: int, count: int, x: Floats) -> Floats:
    """Predictions of `count` ensembles from number `first` on, for rows `x`, shape (n, count)."""
    from artesian.synthesizers.forests import tree_kernels

    ends = np.concatenate([[0], trees["ends"]])[first : first + count + 1]
    names = ("feature", "threshold", "left", "right", "value", "roots")
    out = np.zeros((len(x), count))
    tree_kernels.sum_trees(
        *(trees[name] for name in names), ends, np.ascontiguousarray(x, np.float32), out
    )
    return out
