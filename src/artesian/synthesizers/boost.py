"""Kernels of the boosted scores: symmetric trees (Prokhorenkova et al. 2018), fitted by least squares
to all directions of an embedded target at once (Iosipoi & Vakhrushev 2022 sketch gradients alike).

A symmetric tree asks the same question in every node of a level, so a row's leaf is a few compares
that the compiler turns into vector instructions: sampling stays fast.
"""

from __future__ import annotations

import numba as nb
import numpy as np

D = 8  # embedding.DIMENSIONS
BINS = 64  # most codes of a view


@nb.njit(cache=True, nogil=True, fastmath=True)
def boost(views, levels, residual, rounds, depth, rate, penalty, share, patience):  # type: ignore[no-untyped-def]
    """Boost; `residual` is changed.

    Args:
        views: Ordered features of at most BINS codes, shape (v, n), uint8. Rows in random order:
            each round looks at the next `share` of them.
        levels: Codes of each view, shape (v,).
        residual: Centred target, shape (n, D), float32.
        rounds, depth, rate, penalty: Trees, their depth, step size, rows of shrinkage in a leaf.
        patience: Stop when ten rounds explain less than this share of the variance.

    Returns:
        Views and cuts of the splits, shape (rounds, depth), and leaf values (rounds, 2**depth, D).
    """
    v, n = views.shape
    leaves = 1 << depth
    split = np.zeros((rounds, depth), np.int32)
    cut = np.zeros((rounds, depth), np.int32)
    values = np.zeros((rounds, leaves, D), np.float32)
    sums = np.zeros((v, leaves, BINS, D), np.float32)
    counts = np.zeros((v, leaves, BINS), np.float32)
    node = np.zeros(n, np.uint8)
    total = np.zeros((leaves, D), np.float32)
    size = np.zeros(leaves, np.float32)
    gain = np.zeros(BINS, np.float32)
    low = np.zeros(D, np.float32)
    window = max(1, int(n * share))
    at = 0
    before = np.float32(0)
    for i in range(n):
        for d in range(D):
            before += residual[i, d] * residual[i, d]
    start_error = before
    done = 0
    for t in range(rounds):
        a = at if at + window <= n else max(0, n - window)
        b = min(n, a + window)
        at = b if b < n else 0
        node[a:b] = 0
        for level in range(depth):
            nodes = 1 << level
            for f in range(v):
                sums[f, :nodes] = 0
                counts[f, :nodes] = 0
                column = views[f]
                s, c = sums[f], counts[f]
                for i in range(a, b):
                    p, q = node[i], column[i]
                    c[p, q] += 1
                    for d in range(D):
                        s[p, q, d] += residual[i, d]
            for p in range(nodes):
                size[p] = 0
                total[p] = 0
                for q in range(levels[0]):
                    size[p] += counts[0, p, q]
                    for d in range(D):
                        total[p, d] += sums[0, p, q, d]
            best = np.float32(-1)
            for f in range(v):
                gain[:] = 0
                for p in range(nodes):
                    rows = np.float32(0)
                    low[:] = 0
                    for q in range(levels[f] - 1):
                        rows += counts[f, p, q]
                        one = np.float32(0)
                        two = np.float32(0)
                        for d in range(D):
                            low[d] += sums[f, p, q, d]
                            rest = total[p, d] - low[d]
                            one += low[d] * low[d]
                            two += rest * rest
                        gain[q] += one / (rows + penalty) + two / (size[p] - rows + penalty)
                for q in range(levels[f] - 1):
                    if gain[q] > best:
                        best = gain[q]
                        split[t, level], cut[t, level] = f, q
            column = views[split[t, level]]
            edge = cut[t, level]
            for i in range(a, b):
                node[i] = node[i] * 2 + (1 if column[i] > edge else 0)
        size[:] = 0
        total[:] = 0
        for i in range(a, b):
            size[node[i]] += 1
            for d in range(D):
                total[node[i], d] += residual[i, d]
        for p in range(leaves):
            for d in range(D):
                values[t, p, d] = rate * total[p, d] / (size[p] + penalty)
        node[:] = 0
        for level in range(depth):
            column = views[split[t, level]]
            edge = cut[t, level]
            for i in range(n):
                node[i] = node[i] * 2 + (1 if column[i] > edge else 0)
        for i in range(n):
            for d in range(D):
                residual[i, d] -= values[t, node[i], d]
        done = t + 1
        if done % 10 == 0:
            after = np.float32(0)
            for i in range(n):
                for d in range(D):
                    after += residual[i, d] * residual[i, d]
            if before - after < patience * start_error:
                break
            before = after
    return split[:done], cut[:done], values[:done]


@nb.njit(cache=True, nogil=True, fastmath=True)
def predict(codes, column_of, view, rows, split, cut, values, out):  # type: ignore[no-untyped-def]
    """Add the trees' values to `out`, shape (m, k), for `rows` of `codes`, shape (q, n).

    Args:
        column_of: Which row of `codes` each view reads, shape (v,).
        view: Code of the view for each code of its column, shape (v, 256).
    """
    m = rows.shape[0]
    kept = out.shape[1]
    seen = np.empty((view.shape[0], m), np.uint8)
    for f in range(view.shape[0]):
        column = codes[column_of[f]]
        for i in range(m):
            seen[f, i] = view[f, column[rows[i]]]
    node = np.empty(m, np.uint8)
    for t in range(split.shape[0]):
        node[:] = 0
        for level in range(split.shape[1]):
            column = seen[split[t, level]]
            edge = cut[t, level]
            for i in range(m):
                node[i] = node[i] * 2 + (1 if column[i] > edge else 0)
        for i in range(m):
            for d in range(kept):
                out[i, d] += values[t, node[i], d]
