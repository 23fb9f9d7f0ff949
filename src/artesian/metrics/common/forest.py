"""A random forest of scikit-learn's trees that may be fitted in several threads at a time.

scikit-learn's own forest sets the warning filters of the whole process for each task, so that two of
them at the same time disturb each other and raise a warning now and then.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from artesian.core.run import Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth

Matrix = npt.NDArray[np.float32]


def forest_scores(
    x: Matrix, labels: Truth, rows: Matrix, seed: Seed, *, trees: int, min_leaf: int
) -> Floats:
    """Probability of each of `rows`, (m, p), that it is positive (Breiman 2001), shape (m,).

    Both classes have the same weight.

    Args:
        x, labels: (n, p) and (n,) the rows that the forest is fitted on; both classes occur.
        trees: Number of trees, each fitted on a bootstrap sample.
        min_leaf: Minimum number of rows of a leaf.
    """
    from sklearn.tree import DecisionTreeClassifier

    rng = seed.rng()
    weights = np.where(labels, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    total = np.zeros(len(rows))
    for _ in range(trees):
        counts = np.bincount(rng.integers(0, len(x), len(x)), minlength=len(x))
        tree = DecisionTreeClassifier(
            max_features="sqrt",
            min_samples_leaf=min_leaf,
            random_state=int(rng.integers(2**31)),
        )
        taken = counts > 0
        tree.fit(x[taken], labels[taken], sample_weight=(counts * weights)[taken])
        total += tree.predict_proba(rows)[:, -1] if tree.n_classes_ == 2 else tree.classes_[0]
    return total / trees
