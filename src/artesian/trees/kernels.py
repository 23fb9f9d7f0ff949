"""Kernels of the histogram tree: grow by distance between the target's distributions, route, draw.

A split is judged by the distance between the mean vectors of the target's embedding, which is variance
reduction summed over a few directions (Cevid et al. 2022, distributional random forests, use the same
idea with random Fourier features). Histograms are kept per node and feature in integers; that of the
larger child is the parent's minus that of the smaller child.
"""

from __future__ import annotations

import numpy as np

from artesian.core.kernels import kernel

D = 8  # target_embedding.DIMENSIONS, as a constant that the compiler can unroll
BUFFERS = 34  # open histograms: the smaller child is split first, so log2(rows) + 2 suffice


@kernel()
def _count(codes, features, vectors, rows, start, end, sums, counts):  # type: ignore[no-untyped-def]
    for k in range(features.shape[0]):
        column = codes[features[k]]
        for i in range(start, end):
            r = rows[i]
            b = column[r]
            counts[k, b] += 1
            for d in range(D):
                sums[k, b, d] += vectors[r, d]


@kernel()
def grow(codes, features, levels, ordered, vectors, sample, min_leaf, min_gain, per_level, prior):  # type: ignore[no-untyped-def]
    """Grow one tree.

    Args:
        codes: Features, shape (q, n), uint8.
        features: Rows of `codes` that may be split on, shape (f,).
        levels, ordered: Number of codes of every feature and whether they are ordered, shape (q,).
        vectors: Embedded target of every row, shape (n, D), int16.
        sample: Rows to grow on, shape (m,), int32.
        min_leaf: Minimum number of rows of a leaf.
        min_gain: Minimum gain of a split on each feature, in units of the node's variance, shape (q,).
        per_level: Addition to the minimum gain for each further category: categories are ordered by
            their response, so the best of many cuts gains by chance.
        prior: Pseudo-rows of shrinkage of a category's response, by which categories are ordered.

    Returns:
        Split feature (-1 in a leaf), left child (the right one is the next node), codes that go left,
        shape (nodes, 256), parent, and margin of every node: how much its split gained beyond the
        minimum, in units of the node's variance (-1 in a leaf).
    """
    n = sample.shape[0]
    capacity = 2 * (n // min_leaf) + 3
    f_count = features.shape[0]
    rows = sample.copy()
    spare = np.empty(n, rows.dtype)
    feature = np.full(capacity, -1, np.int32)
    left = np.zeros(capacity, np.int32)
    goes_left = np.zeros((capacity, 256), np.bool_)
    parent = np.full(capacity, -1, np.int32)
    margin = np.full(capacity, -1.0, np.float32)
    start = np.zeros(capacity, np.int64)
    end = np.zeros(capacity, np.int64)
    buffer = np.full(capacity, -1, np.int32)
    sums = np.zeros((BUFFERS, f_count, 256, D), np.int32)
    counts = np.zeros((BUFFERS, f_count, 256), np.int32)
    free = np.arange(BUFFERS)
    free_count = BUFFERS - 1
    stack = np.zeros(capacity, np.int64)
    end[0] = n
    nodes = 1
    depth = 1
    buffer[0] = free[free_count]
    _count(codes, features, vectors, rows, 0, n, sums[buffer[0]], counts[buffer[0]])
    order = np.empty(256, np.int64)
    best_order = np.empty(256, np.int64)
    response = np.empty(256, np.float64)
    total = np.zeros(D)
    low = np.zeros(D)
    while depth > 0:
        depth -= 1
        node = stack[depth]
        first, last, own = start[node], end[node], buffer[node]
        size = last - first
        total[:] = 0.0
        squares = 0.0
        for i in range(first, last):
            r = rows[i]
            for d in range(D):
                x = float(vectors[r, d])
                total[d] += x
                squares += x * x
        base = 0.0
        for d in range(D):
            base += total[d] * total[d]
        base /= size
        variance = (squares - base) / size
        best = 0.0
        best_f, best_cut, best_len = -1, -1, 0
        if variance > 1e-9:
            for k in range(f_count):
                f = features[k]
                required = min_gain[f]
                s, c = sums[own, k], counts[own, k]
                present = 0
                for b in range(levels[f]):
                    if c[b] > 0:
                        order[present] = b
                        present += 1
                if present < 2:
                    continue
                if not ordered[f]:
                    required += per_level * (present - 2)
                    _by_response(s, c, order, present, total, size, prior, response)
                needed = required * variance
                rows_low = 0
                low[:] = 0.0
                better = False
                for z in range(present - 1):
                    b = order[z]
                    rows_low += c[b]
                    for d in range(D):
                        low[d] += s[b, d]
                    if rows_low < min_leaf:
                        continue
                    rows_high = size - rows_low
                    if rows_high < min_leaf:
                        break
                    at_low = 0.0
                    at_high = 0.0
                    for d in range(D):
                        at_low += low[d] * low[d]
                        rest = total[d] - low[d]
                        at_high += rest * rest
                    gain = at_low / rows_low + at_high / rows_high - base - needed
                    if gain > best:
                        best, best_f, best_cut, better = gain, k, z, True
                if better:
                    best_len = present
                    best_order[:present] = order[:present]
        if best_f < 0:
            free[free_count] = own
            free_count += 1
            continue
        f = features[best_f]
        rows_low = 0
        for z in range(best_cut + 1):
            rows_low += counts[own, best_f, best_order[z]]
        if ordered[f]:
            goes_left[node, : best_order[best_cut] + 1] = True
        elif 2 * rows_low > size:  # categories absent from this node go with the larger child
            goes_left[node, :] = True
            for z in range(best_cut + 1, best_len):
                goes_left[node, best_order[z]] = False
        else:
            for z in range(best_cut + 1):
                goes_left[node, best_order[z]] = True
        a, spare_rows = first, 0
        column = codes[f]
        for i in range(first, last):
            r = rows[i]
            if goes_left[node, column[r]]:
                rows[a] = r
                a += 1
            else:
                spare[spare_rows] = r
                spare_rows += 1
        rows[a:last] = spare[:spare_rows]
        one, two = nodes, nodes + 1
        nodes += 2
        feature[node], left[node], margin[node] = f, one, best / variance
        parent[one] = node
        parent[two] = node
        start[one], end[one], start[two], end[two] = first, a, a, last
        small, big = (one, two) if a - first <= last - a else (two, one)
        if end[big] - start[big] < 2 * min_leaf:
            free[free_count] = own
            free_count += 1
            continue
        new = free[free_count - 1]
        free_count -= 1
        for k in range(f_count):
            top = levels[features[k]]
            sums[new, k, :top] = 0
            counts[new, k, :top] = 0
        _count(codes, features, vectors, rows, start[small], end[small], sums[new], counts[new])
        for k in range(f_count):
            for b in range(levels[features[k]]):
                counts[own, k, b] -= counts[new, k, b]
                for d in range(D):
                    sums[own, k, b, d] -= sums[new, k, b, d]
        buffer[big] = own
        stack[depth] = big
        depth += 1
        if end[small] - start[small] >= 2 * min_leaf:
            buffer[small] = new
            stack[depth] = small
            depth += 1
        else:
            free[free_count] = new
            free_count += 1
    return feature[:nodes], left[:nodes], goes_left[:nodes], parent[:nodes], margin[:nodes]


@kernel()
def _by_response(s, c, order, present, total, size, prior, response):  # type: ignore[no-untyped-def]
    """Order categories by their shrunken mean in the direction of the largest differences."""
    direction = 0
    largest = -1.0
    for d in range(D):
        mean = total[d] / size
        spread = 0.0
        for z in range(present):
            b = order[z]
            x = s[b, d] - c[b] * mean
            spread += x * x / (c[b] + prior)
        if spread > largest:
            largest, direction = spread, d
    mean = total[direction] / size
    for z in range(present):
        b = order[z]
        response[z] = (s[b, direction] - c[b] * mean) / (c[b] + prior)
    place = np.argsort(response[:present])
    before = order[:present].copy()
    for z in range(present):
        order[z] = before[place[z]]


@kernel()
def packed(goes_left):  # type: ignore[no-untyped-def]
    """The codes that go left as bits, shape (nodes, 4), uint64: eight times smaller, so that a tree of
    thousands of nodes stays in the processor's cache while rows are routed."""
    nodes = goes_left.shape[0]
    bits = np.zeros((nodes, 4), np.uint64)
    for node in range(nodes):
        for code in range(256):
            if goes_left[node, code]:
                bits[node, code >> 6] |= np.uint64(1) << np.uint64(code & 63)
    return bits


@kernel()
def route(codes, feature, left, bits):  # type: ignore[no-untyped-def]
    """Node number of the leaf of each row, shape (n,); `codes` has shape (q, n)."""
    n = codes.shape[1]
    leaf = np.empty(n, np.int32)
    one = np.uint64(1)
    for i in range(n):
        node = np.int32(0)
        f = feature[0]
        while f >= 0:
            code = codes[f, i]
            stays = (bits[node, code >> 6] >> np.uint64(code & 63)) & one
            node = left[node] + np.int32(one - stays)
            f = feature[node]
        leaf[i] = node
    return leaf


@kernel()
def draw(row_of, cdf, uniforms):  # type: ignore[no-untyped-def]
    """Draw one code per row by inverting its cumulative distribution.

    Args:
        row_of: Row of `cdf` for each drawn row, shape (n,).
        cdf: Cumulative weights, shape (leaves, K), any scale, last column is the total.
        uniforms: In [0, 1), shape (n,).
    """
    n = row_of.shape[0]
    last = cdf.shape[1] - 1
    out = np.empty(n, np.uint8)
    for i in range(n):
        r = row_of[i]
        at = uniforms[i] * cdf[r, last]
        lo, hi = 0, last
        while lo < hi:
            middle = (lo + hi) // 2
            if cdf[r, middle] > at:
                hi = middle
            else:
                lo = middle + 1
        out[i] = lo
    return out
