"""Search for functional dependencies: values of one or two columns that determine another column.

A dependency is evidence only where groups have several rows, and where a column without a
relation to them would disagree.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.dependencies import Dependency
from artesian.relations.protocol import MIN_HOLDS

CHANCE = 1e-4
"""Maximum probability, over all candidates, that a dependency arises by chance."""

MAX_PAIRS = 40
"""Number of possible determining columns up to which pairs of them are tried."""

MIN_COVERED = 0.2
"""Minimum fraction of the rows whose group has several rows."""

MAX_LEVELS = 50
"""Maximum number of categories of a column that are looked at one by one."""

MAX_FREQUENT = 1
"""Number of the most frequent values of a number that are looked at: mostly the 0."""

MIN_FREQUENT = 0.1
"""Minimum fraction of the rows with the most frequent value of such a number."""

MAX_TABLE = 2_000_000
"""Maximum number of pairs of values that are counted."""

MIN_VALUES = 10
"""Minimum number of different values of a number for its constants to say anything."""

MIN_CONSTANT = 8
"""Minimum number of rows with the constant."""

Codes = NDArray[np.int64]


def dependencies(frame: pl.DataFrame, skip: frozenset[str]) -> list[Dependency]:
    """Dependencies of one source, then those of two where no single source suffices.

    Args:
        skip: Columns that are computed from others already; they may determine further ones.
    """
    codes = {s.name: _codes(s) for s in frame}
    distinct = {name: int(c.max(initial=-1)) + 1 for name, c in codes.items()}
    n = frame.height
    names = [name for name in codes if distinct[name] > 1]
    sources = [name for name in names if n - distinct[name] >= MIN_COVERED * n / 2]
    tried = max(len(sources) * len(names), 1)
    discovered: list[Dependency] = []
    determined: dict[str, set[str]] = {name: set() for name in names}
    targets = [name for name in names if name not in skip]
    for target in targets:
        able = [s for s in sources if s != target and distinct[s] >= distinct[target]]
        for source in able:
            if _determines(codes[source], codes[target], tried):
                determined[target].add(source)
    for target in targets:
        # Of columns that determine each other in a chain, the one with the minimum number of values.
        nearest = min(determined[target], key=lambda name: distinct[name], default=None)
        discovered += [] if nearest is None else [Dependency((nearest,), target)]
    few = [s for s in sources if 2 <= distinct[s] <= n / 4]
    if 2 <= len(few) <= MAX_PAIRS:
        tried = len(few) ** 2 * len(names) // 2
        for one, two in combinations(few, 2):
            joint: Codes | None = None
            for target in targets:
                if target in (one, two) or determined[target]:
                    continue
                if one in determined[two] or two in determined[one]:
                    continue
                if joint is None:
                    joint = codes[one] * (distinct[two] + 1) + codes[two]
                    joint[(codes[one] < 0) | (codes[two] < 0)] = -1
                if _determines(joint, codes[target], tried) and not _nearly(
                    codes[one], codes[two], codes[target]
                ):
                    determined[target].add(one)
                    discovered.append(Dependency((one, two), target))
    return discovered


def constants(
    frame: pl.DataFrame, skip: frozenset[str], listable: frozenset[str]
) -> list[Dependency]:
    """Values of a category in whose rows another column is constant, though it varies elsewhere.

    Args:
        skip: Columns that another one determines in all rows.
        listable: Columns whose frequent values may be written down: no identifiers, no texts.
    """
    levels = {s.name: s.drop_nulls().n_unique() for s in frame}
    few = [s for s in frame if s.name in listable and levels[s.name] >= 2 and _has_levels(s)]
    listed = {s.name for s in few if _is_category(s)}
    targets = [
        s
        for s in frame
        if s.name not in skip
        and (levels[s.name] >= MIN_VALUES if s.dtype.is_float() else levels[s.name] >= 2)
        and (s.dtype.is_numeric() or s.name in listed)
    ]
    tried = max(len(few) * len(targets) * MAX_LEVELS, 1)
    discovered = []
    codes = {s.name: _codes(s) for s in {one.name: one for one in (*few, *targets)}.values()}
    texts = {s.name: s.drop_nulls().unique().sort() for s in few}
    for target in targets:
        t = codes[target.name]
        size = int(t.max(initial=0)) + 1
        usual = float(np.bincount(t[t >= 0], minlength=1).max()) / len(target)
        # A row has the constant by chance at most as often as the most frequent value.
        needed = np.log(tried / CHANCE) / -np.log(np.clip(usual, 1e-9, 1 - 1e-9))
        # A number that is constant has no exceptions.
        required = 1.0 if target.dtype.is_numeric() else MIN_HOLDS
        for source in few:
            s = codes[source.name]
            levels_of = len(texts[source.name])
            if source.name == target.name or levels_of * size > MAX_TABLE:
                continue
            both = (s >= 0) & (t >= 0)
            table = np.bincount(s[both] * size + t[both], minlength=levels_of * size)
            table = table.reshape(levels_of, size)
            rows, best = table.sum(axis=1), table.max(axis=1)
            looked_at = np.ones(levels_of, bool)
            if not _is_category(source):
                looked_at[:] = False
                looked_at[np.argsort(-rows)[:MAX_FREQUENT]] = True
            constant = looked_at & (rows >= max(needed, MIN_CONSTANT)) & (best >= required * rows)
            if 0 < constant.sum() < levels_of:
                values = texts[source.name].filter(pl.Series(constant)).cast(pl.String)
                discovered.append(
                    Dependency((source.name,), target.name, tuple(sorted(values.to_list())))
                )
    return discovered


def _has_levels(series: pl.Series) -> bool:
    """Whether the column has few categories, or is a number with frequent values."""
    if _is_category(series):
        return series.drop_nulls().n_unique() <= MAX_LEVELS
    if not series.dtype.is_numeric():
        return False
    counts = series.drop_nulls().alias("value").value_counts()["count"]
    highest = counts.max()
    return isinstance(highest, int) and highest >= MIN_FREQUENT * len(series)


def _is_category(series: pl.Series) -> bool:
    return series.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Boolean)


def _determines(source: Codes, target: Codes, tried: int) -> bool:
    """Whether rows with the same source have the same target, more often than by chance."""
    for rows in (slice(0, 400), slice(0, 3000), slice(None)):
        s, t = source[rows], target[rows]
        s, t = s[s >= 0], t[s >= 0]
        if not len(s):
            continue
        pairs = s * (int(target.max()) + 2) + t + 1
        groups, size = np.unique(s, return_counts=True)
        unique, count = np.unique(pairs, return_counts=True)
        best = np.zeros(len(groups), np.int64)
        owner = np.searchsorted(groups, unique // (int(target.max()) + 2))
        np.maximum.at(best, owner, count)
        several = size > 1
        covered, wrong = int(size[several].sum()), int((size - best)[several].sum())
        if covered and wrong > (1 - MIN_HOLDS) * covered:
            return False
    if not (source >= 0).any() or covered < max(MIN_COVERED * len(source), 8):
        return False
    proportions = np.bincount(target + 1) / len(target)
    # Each row beyond the first of its group agrees by chance with probability sum of squares, or of
    # the most frequent value where that is larger.
    chance = min(float(max((proportions**2).sum(), 1e-9)), 1 - 1e-12)
    surprise = -(covered - int(several.sum())) * np.log(chance)
    minority = int((target != np.argmax(proportions) - 1).sum())
    return bool(surprise > np.log(tried / CHANCE)) and minority >= 5


def _nearly(one: Codes, two: Codes, target: Codes) -> bool:
    """Whether one of the sources determines the target up to few rows."""
    return any(_accuracy(source, target) > 0.97 for source in (one, two))


def _accuracy(source: Codes, target: Codes) -> float:
    pairs = source * (int(target.max()) + 2) + target + 1
    groups = np.unique(source)
    unique, count = np.unique(pairs, return_counts=True)
    best = np.zeros(len(groups), np.int64)
    np.maximum.at(best, np.searchsorted(groups, unique // (int(target.max()) + 2)), count)
    return float(best.sum() / len(source))


def _codes(series: pl.Series) -> Codes:
    """Dense codes of the values, -1 where missing, shape (rows,)."""
    text = series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else series
    ranks = text.rank("dense").cast(pl.Int64) - 1
    return np.asarray(ranks.fill_null(-1).to_numpy())
