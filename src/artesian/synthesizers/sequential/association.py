"""Kernels that measure association between columns: for predictor screening and for functional
dependencies."""

from __future__ import annotations

import numpy as np

from artesian.core.kernels import kernel

D = 8  # target_embedding.DIMENSIONS
COARSE = 24  # maximum number of bins of an ordered column


@kernel()
def explained(codes, columns, levels, ordered, vectors):  # type: ignore[no-untyped-def]
    """Fraction of the variance of `vectors`, shape (n, D), that each of `columns` explains by itself.

    Columns of more than COARSE ordered codes are binned into COARSE bins.
    """
    n = vectors.shape[0]
    mean = np.zeros(D)
    squares = 0.0
    for i in range(n):
        for d in range(D):
            mean[d] += vectors[i, d]
            squares += vectors[i, d] * vectors[i, d]
    base = 0.0
    for d in range(D):
        base += mean[d] * mean[d] / max(n, 1)
    variance = max(squares - base, 1e-9)
    out = np.zeros(columns.shape[0])
    for k in range(columns.shape[0]):
        f = columns[k]
        bins = levels[f]
        factor = 1.0
        if ordered[f] and bins > COARSE:
            factor = COARSE / bins
            bins = COARSE
        sums = np.zeros((256, D), np.float32)
        counts = np.zeros(256)
        column = codes[f]
        for i in range(n):
            b = int(column[i] * factor)
            counts[b] += 1
            for d in range(D):
                sums[b, d] += vectors[i, d]
        between = -base
        used = 0
        for b in range(bins):
            if counts[b] > 0:
                used += 1
                for d in range(D):
                    between += sums[b, d] * sums[b, d] / counts[b]
        # Expected by chance: each further bin explains the variance of one row.
        out[k] = between / variance - (used - 1) / max(n - 1, 1)
    return out


@kernel()
def exceptions(codes, levels, sources, target, rows, limit):  # type: ignore[no-untyped-def]
    """For each of `sources`, the number of `rows` whose target code is not the most frequent one among
    rows with their source code; counting stops above `limit`."""
    out = np.zeros(sources.shape[0], np.int64)
    targets = codes[target]
    counts = np.empty((256, levels[target]), np.int32)
    largest = np.empty(256, np.int32)
    for k in range(sources.shape[0]):
        column = codes[sources[k]]
        counts[: levels[sources[k]]] = 0
        largest[: levels[sources[k]]] = 0
        odd = 0
        for i in rows:
            a, b = column[i], targets[i]
            counts[a, b] += 1
            if counts[a, b] > largest[a]:
                largest[a] += 1
            else:
                odd += 1
                if odd > limit:
                    break
        out[k] = odd
    return out
