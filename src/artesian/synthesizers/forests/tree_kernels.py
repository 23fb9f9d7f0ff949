"""The compiled sum over regression trees."""

from __future__ import annotations

from artesian.core.kernels import kernel


@kernel()
def sum_trees(feature, threshold, left, right, value, roots, ends, x, out):  # type: ignore[no-untyped-def]
    """Add the value of the leaf of each row in each tree to the ensemble's column of `out`."""
    for j in range(out.shape[1]):
        for tree in range(ends[j], ends[j + 1]):
            root = roots[tree]
            for i in range(x.shape[0]):
                node = root
                f = feature[node]
                while f >= 0:
                    if x[i, f] <= threshold[node]:
                        node += left[node]
                    else:
                        node += right[node]
                    f = feature[node]
                out[i, j] += value[node]
