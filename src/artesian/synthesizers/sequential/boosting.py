"""Kernels of least-squares gradient boosting (Friedman 2001): best-first trees on histograms (Shi 2007,
Ke et al. 2017), small and fast enough for thousands of fits per table."""

from __future__ import annotations

import numpy as np

from artesian.core.kernels import kernel

BINS = 64  # maximum number of codes of a feature
DEEPEST = 6  # maximum depth of a tree
COUNT_BITS = 24  # of a packed sum are the number of its rows, fewer than 2 ** 24
COUNT_MASK = 2**COUNT_BITS - 1
CHUNK = 512  # rows whose features stay in the first-level cache while all trees read them


@kernel()
def _histogram(views, packed, rows, start, end, out):  # type: ignore[no-untyped-def]
    """Sums of `packed` rows for each code of each feature: sum and number of rows in one addition."""
    out[:] = 0
    f = 0
    # Four features at a time: a sum waits for the one before it in its bin, not for those of others.
    while f + 4 <= views.shape[0]:
        a, b, c, d = views[f], views[f + 1], views[f + 2], views[f + 3]
        h_a, h_b, h_c, h_d = out[f], out[f + 1], out[f + 2], out[f + 3]
        for i in range(start, end):
            r = np.uintp(rows[i])
            x = packed[r]
            h_a[a[r]] += x
            h_b[b[r]] += x
            h_c[c[r]] += x
            h_d[d[r]] += x
        f += 4
    while f < views.shape[0]:
        a, h_a = views[f], out[f]
        for i in range(start, end):
            r = np.uintp(rows[i])
            h_a[a[r]] += packed[r]
        f += 1


@kernel()
def _pack(residual, packed):  # type: ignore[no-untyped-def]
    """Each residual as a multiple of the unit that is returned, with one row in the low bits."""
    largest = np.float32(1e-30)
    for i in range(residual.shape[0]):
        largest = max(largest, abs(residual[i]))
    # The sum of all rows fits, and a row is represented as finely as by a float of 32 bits.
    steps = 2.0 ** (62 - COUNT_BITS) / residual.shape[0] / largest
    for i in range(residual.shape[0]):
        packed[i] = (np.int64(np.rint(residual[i] * steps)) << COUNT_BITS) + 1
    return 1.0 / steps


@kernel(fastmath=True)
def _best_split(histogram, levels, unit, total, size, penalty, min_leaf):  # type: ignore[no-untyped-def]
    base = np.float32(total * total / (size + penalty))
    whole, rows = np.float32(total), np.float32(size)
    min_rows, extra = np.float32(min_leaf), np.float32(penalty)
    sums = np.empty(BINS, np.float32)
    counts = np.empty(BINS, np.float32)
    gains = np.empty(BINS, np.float32)
    best, best_f, best_cut = np.float32(0), -1, 0
    for f in range(histogram.shape[0]):
        low = np.int64(0)
        cuts = levels[f] - 1
        for q in range(cuts):
            low += histogram[f, q]
            sums[q], counts[q] = (low >> COUNT_BITS) * unit, low & COUNT_MASK
        for q in range(cuts):  # a separate loop without branches is vectorised
            below, above = counts[q], rows - counts[q]
            other = whole - sums[q]
            gain = sums[q] * sums[q] / (below + extra) + other * other / (above + extra)
            gains[q] = gain if min(below, above) >= min_rows else np.float32(0)
        for q in range(cuts):
            if gains[q] > best:
                best, best_f, best_cut = gains[q], f, q
    return max(best - base, np.float32(0)), best_f, best_cut


@kernel(fastmath=True)
def boost(views, levels, residual, rounds, leaves, rate, penalty, min_leaf, patience):  # type: ignore[no-untyped-def]
    """Fit an ensemble to `residual`, which becomes what the ensemble does not explain.

    Args:
        views: Ordered features of at most BINS codes, shape (v, n), uint8.
        levels: Number of codes of each feature, shape (v,).
        residual: Centred target, shape (n,), float32.
        rounds, leaves, rate, penalty: Number of trees, their leaves, learning rate, L2 penalty in rows.
        min_leaf: Minimum number of rows of a leaf.
        patience: Stop when ten rounds explain less than this fraction of the variance.

    Returns:
        Feature, cut (codes up to it go left), left child (the right one is the next node) and value of
        every node, each of shape (rounds, 2 * leaves - 1), and the depth of every tree. A leaf is its
        own left child and its cut is 255, so that prediction can take a fixed number of steps without a
        branch.
    """
    v, n = views.shape
    capacity = 2 * leaves - 1
    view = np.zeros((rounds, capacity), np.int16)
    cut = np.full((rounds, capacity), 255, np.uint8)
    left = np.zeros((rounds, capacity), np.int16)
    value = np.zeros((rounds, capacity), np.float32)
    deepest = np.zeros(rounds, np.int64)
    depth = np.zeros(capacity, np.int64)
    pool = np.zeros((leaves, v, BINS), np.int64)
    packed = np.empty(n, np.int64)
    start = np.zeros(capacity, np.int64)
    end = np.zeros(capacity, np.int64)
    own = np.zeros(capacity, np.int64)
    total = np.zeros(capacity)
    gain = np.zeros(capacity)
    gain_f = np.zeros(capacity, np.int64)
    gain_cut = np.zeros(capacity, np.int64)
    rows = np.arange(n, dtype=np.int32)
    spare = np.empty(n, np.int32)
    before = 0.0
    for i in range(n):
        before += residual[i] * residual[i]
    first_error = before
    done = 0
    for t in range(rounds):
        whole = 0.0
        for i in range(n):
            whole += residual[i]
        for q in range(capacity):
            left[t, q] = q
        start[0], end[0], own[0], total[0], depth[0] = 0, n, 0, whole, 0
        unit = _pack(residual, packed)
        _histogram(views, packed, rows, 0, n, pool[0])
        gain[0], gain_f[0], gain_cut[0] = _best_split(
            pool[0], levels, unit, whole, n, penalty, min_leaf
        )
        nodes, used = 1, 1
        while used < leaves:
            node = -1
            best = 1e-9
            for q in range(nodes):
                if cut[t, q] == 255 and depth[q] < DEEPEST and gain[q] > best:
                    best, node = gain[q], q
            if node < 0:
                break
            f, edge = gain_f[node], gain_cut[node]
            column = views[f]
            p, spare_rows = start[node], 0
            low = 0.0
            for i in range(start[node], end[node]):
                r = rows[i]
                goes = column[r] <= edge  # no branch: its direction could not be predicted
                rows[p] = r
                spare[spare_rows] = r
                low += residual[r] * goes
                p += goes
                spare_rows += 1 - goes
            rows[p : p + spare_rows] = spare[:spare_rows]
            one, two = nodes, nodes + 1
            nodes += 2
            view[t, node], cut[t, node], left[t, node] = f, edge, one
            start[one], end[one], total[one] = start[node], p, low
            start[two], end[two], total[two] = p, end[node], total[node] - low
            depth[one] = depth[two] = depth[node] + 1
            deepest[t] = max(deepest[t], depth[one])
            small, big = (
                (one, two) if end[one] - start[one] <= end[two] - start[two] else (two, one)
            )
            own[big], own[small] = own[node], used
            used += 1
            gain[one] = gain[two] = 0.0
            if used == leaves or depth[one] == DEEPEST:
                continue  # neither child is split
            _histogram(views, packed, rows, start[small], end[small], pool[own[small]])
            one_h, two_h = pool[own[big]], pool[own[small]]
            for k in range(v):
                for b in range(levels[k]):
                    one_h[k, b] -= two_h[k, b]
            for child in (one, two):
                size = end[child] - start[child]
                if size >= 2 * min_leaf:
                    gain[child], gain_f[child], gain_cut[child] = _best_split(
                        pool[own[child]], levels, unit, total[child], size, penalty, min_leaf
                    )
        for q in range(nodes):
            if cut[t, q] == 255:
                step = rate * total[q] / (end[q] - start[q] + penalty)
                value[t, q] = step
                for i in range(start[q], end[q]):
                    residual[rows[i]] -= step
        done = t + 1
        if done % 10 == 0:
            after = 0.0
            for i in range(n):
                after += residual[i] * residual[i]
            if before - after < patience * first_error:
                break
            before = after
    return view[:done], cut[:done], left[:done], value[:done], deepest[:done]


@kernel(fastmath=True)
def predict(codes, column_of, table, rows, view, cut, left, value, deepest, out):  # type: ignore[no-untyped-def]
    """Add the ensemble's predictions to `out`, shape (m,), for `rows` of `codes`, shape (q, n).

    Args:
        column_of: Row of `codes` that each feature reads, shape (v,).
        table: Code of the feature for each code of its column, shape (v, 256).
    """
    m = rows.shape[0]
    features = np.empty((CHUNK, table.shape[0]), np.uint8)
    # A node in one word: one load per step instead of three.
    packed = np.empty(view.shape[1], np.uint32)
    for first in range(0, m, CHUNK):
        size = min(CHUNK, m - first)
        for f in range(table.shape[0]):
            column = codes[column_of[f]]
            for i in range(size):
                features[i, f] = table[f, column[rows[first + i]]]
        for t in range(view.shape[0]):
            for q in range(view.shape[1]):
                packed[q] = (
                    np.uint32(left[t, q]) << 16 | np.uint32(cut[t, q]) << 8 | np.uint32(view[t, q])
                )
            tree_value, steps = value[t], deepest[t]
            for i in range(size):
                own = features[i]
                node = np.uint32(0)
                for _ in range(steps):
                    word = packed[node]
                    node = (word >> 16) + (own[word & 255] > (word >> 8 & 255))
                out[first + i] += tree_value[node]


@kernel()
def look_up(codes, columns, table, rows, out):  # type: ignore[no-untyped-def]
    """Add `table[k, code]`, shape (q, 256), of every column k to `out`, shape (m,), for `rows`."""
    for k in range(columns.shape[0]):
        column, own = codes[columns[k]], table[k]
        for i in range(rows.shape[0]):
            out[i] += own[column[rows[i]]]
