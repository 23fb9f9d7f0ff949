"""Targets of an audit with shadow models: canary rows, and the most isolated rows of a table.

Canaries (Carlini et al. 2019, "The Secret Sharer", USENIX Security) combine values that occur in the
table into rows that do not: each column is sampled on its own. Isolated rows are the people that a
method is most likely to memorise.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.metrics.common.arrays import Ints, row_hashes
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.metric_space import MetricSpace
from artesian.metrics.privacy.outlier_scores import outlier_scores
from artesian.metrics.protocol import Comparison

MAX_SEARCHED_ROWS = 8_000
"""Maximum number of rows among which isolated ones are searched."""

MAX_CANDIDATES = 4_000
"""Maximum number of those rows that count as neighbours."""


def draw_canaries(source: Table, count: int, seed: Seed) -> Table:
    """Sample `count` distinct rows of existing values that are not in `source`.

    Raises:
        DataError: Sampling columns independently yields too few rows that are not in `source`.
    """
    columns = {}
    for at, name in enumerate(source.schema.names):
        rng = seed.child("column", at).rng()
        columns[name] = source.frame[name][rng.integers(len(source), size=6 * count)]
    candidates = source.with_frame(pl.DataFrame(columns).unique(maintain_order=True))
    hashes = row_hashes(Comparison(source, candidates))
    new = np.flatnonzero(~np.isin(hashes[1], hashes[0])) if hashes else np.empty(0, dtype=np.int64)
    if len(new) < count:
        raise DataError(
            "sampling the columns independently yields too few rows that the table does not contain",
            hint="use a table with more columns, or with more distinct values",
        )
    return source.with_frame(candidates.frame[new[:count]])


def find_isolated(source: Table, count: int, run: Run) -> Ints:
    """Positions of the `count` most isolated rows, by the mean rank of their outlier scores.

    Rows that occur more than once are left out: they stay in the table when one of them is removed.

    Returns:
        (n,) ascending positions; fewer than `count` if fewer rows are unique.
    """
    from scipy.stats import rankdata

    comparison = Comparison(source, source)
    encoded = encode(comparison)
    rows = encoded.real.subsample(MAX_SEARCHED_ROWS, run.seed.child("searched"))
    names = tuple(column.name for column in encoded.columns)
    space = MetricSpace.from_encoded(encoded, names).scaled_to(encoded.real, encoded.real)
    candidates = run.seed.child("candidates").rng().permutation(rows.height)[:MAX_CANDIDATES]
    scores = outlier_scores(space.embed(rows), rows, np.sort(candidates), run, "isolated rows")
    isolation = np.mean([rankdata(each) for each in scores.values()], axis=0)
    distinct, number, times = np.unique(
        row_hashes(comparison)[0], return_inverse=True, return_counts=True
    )
    assert len(distinct)
    unique = (times == 1)[number][rows.positions]
    order = np.argsort(-np.where(unique, isolation, -1.0), kind="stable")[:count]
    return np.sort(rows.positions[order[unique[order]]]).astype(np.int64)
