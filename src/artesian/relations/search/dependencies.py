"""Search for functional dependencies: values of one or two columns that determine another column.

A dependency is evidence only where groups have several rows, and where a column without a
relation to them would disagree: a group in which all rows have the most frequent value of the
determined column says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.dependencies import Dependency
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.evidence import reliable
from artesian.relations.search.rows import Codes, dense_codes

CHANCE = 1e-4
"""Maximum probability, over all candidates, that a dependency arises by chance."""

CHANCE_BETWEEN = 1e-2
"""The same for what holds within the rows of an identifier, and by chance from one to another."""

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

MAX_ELSEWHERE = 0.01
"""Maximum fraction of the other rows that have the constant of some value, for it to be its own."""

MAX_UNEXPLAINED = 0.05
"""Maximum number of exceptions, as a fraction of the rows without the most frequent value of all."""

FIRST_ROWS = (400, 3000)
"""Numbers of rows that refute most candidates, before all rows are looked at."""

MIN_CLEAN = 30
"""Minimum number of informative rows of a dependency without exceptions."""

MIN_CLEAN_PAIR = 100
"""The same for two sources: there are many pairs, and many groups of few rows."""

MIN_CLEAN_VALUE = 200
"""Mean number of rows per value that is listed: those that nothing contradicts were chosen."""


def dependencies(
    frame: pl.DataFrame,
    skip: frozenset[str],
    ids: Sequence[str] = (),
    texts: Collection[str] = (),
    codes: Mapping[str, Codes] | None = None,
) -> list[Dependency]:
    """Dependencies of one source, then those of two where no single source suffices.

    Args:
        skip: Columns that are computed from others already; they may determine further ones.
        ids: Identifiers, preferred among sources with equally many values.
        texts: Columns that are sources only of what no other column determines.
        codes: Dense codes of the columns, if they are known.
    """
    codes = {s.name: dense_codes(s) if codes is None else codes[s.name] for s in frame}
    distinct = {name: int(c.max(initial=-1)) + 1 for name, c in codes.items()}
    n = frame.height
    names = [name for name in codes if distinct[name] > 1]
    sources = [name for name in names if n - distinct[name] >= MIN_COVERED * n / 2]
    tried = max(len(sources) * len(names), 1)
    discovered: list[Dependency] = []
    determined: dict[str, set[str]] = {name: set() for name in names}
    targets = [name for name in names if name not in skip]
    if not targets:
        return []
    matrix = np.stack([codes[name] for name in names], axis=1).astype(np.int32)
    for source in sources:
        enough = distinct[source] / _present(codes[source])
        for at in _unrefuted(codes[source], matrix):
            target = names[at]
            if source == target or enough < distinct[target]:
                continue
            if _determines(codes[source], codes[target], tried, MIN_CLEAN):
                determined[target].add(source)
    # A source that is missing says nothing of its row.
    late = {name for name in sources if name in texts or _present(codes[name]) < MIN_HOLDS}
    for target in targets:
        # Of columns that determine each other in a chain, the one with the minimum number of values
        # that is not only seen within the rows of a column before it in the chain.
        chain = [name for name in (*ids, *names) if name in determined[target]]
        chain = sorted(dict.fromkeys(chain), key=lambda name: (name in late, distinct[name]))
        for source in chain:
            finer = [
                other
                for other in determined[target] & determined[source]
                if distinct[other] > distinct[source]
            ]
            if all(_between(codes[other], codes[source], codes[target], tried) for other in finer):
                discovered.append(Dependency((source,), target))
                break
    few = [s for s in sources if 2 <= distinct[s] <= n / 4]
    if 2 <= len(few) <= MAX_PAIRS:
        tried = len(few) ** 2 * len(names) // 2
        # Pairs with few groups come first: they say most.
        for one, two in sorted(
            combinations(few, 2), key=lambda pair: distinct[pair[0]] * distinct[pair[1]]
        ):
            if one in determined[two] or two in determined[one]:
                continue
            joint = codes[one] * (distinct[two] + 1) + codes[two]
            joint[(codes[one] < 0) | (codes[two] < 0)] = -1
            for target in (names[at] for at in _unrefuted(joint, matrix)):
                if target in skip or target in (one, two) or determined[target]:
                    continue
                if _determines(joint, codes[target], tried, MIN_CLEAN_PAIR) and not _nearly(
                    codes[one], codes[two], codes[target]
                ):
                    determined[target].add(one)
                    discovered.append(Dependency((one, two), target))
    return discovered


def constants(
    frame: pl.DataFrame,
    skip: frozenset[str],
    listable: frozenset[str],
    numbers: frozenset[str],
    codes: Mapping[str, Codes],
) -> list[Dependency]:
    """Values of a category in whose rows another column is constant, though it varies elsewhere.

    Args:
        skip: Columns that another one determines in all rows.
        listable: Columns whose frequent values may be written down: no identifiers, no texts.
        numbers: Columns of which `implied` compares the frequent values.
        codes: Dense codes of the columns.
    """
    if numbers >= listable:
        return []
    levels = {name: int(c.max(initial=-1)) + 1 for name, c in codes.items()}
    few = [
        s
        for s in frame
        if s.name in listable and levels[s.name] >= 2 and _has_levels(s, codes[s.name])
    ]
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
    texts = {s.name: s.drop_nulls().unique().sort() for s in few if s.name not in numbers}
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
            levels_of = levels[source.name]
            if source.name == target.name or levels_of * size > MAX_TABLE:
                continue
            if source.name in numbers and target.name in numbers:
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
            # A constant that other rows have too, such as 0, need not be one in fresh rows.
            value = table.argmax(axis=1)
            elsewhere = table.sum(axis=0)[value] - best
            usual_one = elsewhere > MAX_ELSEWHERE * (len(target) - rows)
            wrong = int((rows - best)[constant & usual_one].sum())
            several, chosen = (
                int(rows[constant & usual_one].sum()),
                int((constant & usual_one).sum()),
            )
            if not reliable(wrong, several, MIN_CLEAN_VALUE * chosen):
                constant &= ~usual_one
            if 0 < constant.sum() < levels_of:
                if source.name not in texts:
                    texts[source.name] = source.drop_nulls().unique().sort()
                values = texts[source.name].filter(pl.Series(constant)).cast(pl.String)
                discovered.append(
                    Dependency((source.name,), target.name, tuple(sorted(values.to_list())))
                )
    return discovered


def _has_levels(series: pl.Series, codes: Codes) -> bool:
    """Whether the column has few categories, or is a number with frequent values."""
    if _is_category(series):
        return int(codes.max(initial=-1)) < MAX_LEVELS
    if not series.dtype.is_numeric():
        return False
    return bool(np.bincount(codes[codes >= 0]).max() >= MIN_FREQUENT * len(series))


def _is_category(series: pl.Series) -> bool:
    return series.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Boolean)


def _present(source: Codes) -> float:
    """Fraction of the rows with a value."""
    return float((source >= 0).mean())


def _between(finer: Codes, source: Codes, target: Codes, tried: int) -> bool:
    """Whether `source` determines `target` also from one value of `finer` to another.

    The town of a customer is the same in all orders of the customer, and so is the street. That does
    not make the town depend on the street, unless customers with the same street show it.
    """
    rows = np.flatnonzero((finer >= 0) & (source >= 0))
    _, first = np.unique(finer[rows], return_index=True)
    s, t = source[rows[first]], target[rows[first]]
    groups, repeats, wrong, *_ = _agreement(s, t)
    surprise = -repeats * np.log(_chance(target))
    return not wrong and groups > 1 and surprise > np.log(tried / CHANCE_BETWEEN)


def _agreement(source: Codes, target: Codes) -> tuple[int, int, int, int, int]:
    """Of groups of several rows: their number, and four counts of rows.

    Returns:
        Groups; rows beyond the first of their group; rows without the group's most frequent value;
        rows without the most frequent value of all; rows beyond the first of groups that have such.
    """
    values = int(target.max(initial=-1)) + 2
    groups, size = np.unique(source, return_counts=True)
    unique, count = np.unique(source * values + target + 1, return_counts=True)
    owner = np.searchsorted(groups, unique // values)
    best = np.zeros(len(groups), np.int64)
    np.maximum.at(best, owner, count)
    usual = np.zeros(len(groups), np.int64)
    is_usual = unique % values == np.argmax(np.bincount(target + 1))
    usual[owner[is_usual]] = count[is_usual]
    several = size > 1
    informative = several & (usual < size)
    return (
        int(several.sum()),
        int((size - 1)[several].sum()),
        int((size - best)[several].sum()),
        int((size - usual)[several].sum()),
        int((size - 1)[informative].sum()),
    )


def _chance(target: Codes) -> float:
    """The probability that two unrelated rows have the same target."""
    proportions = np.bincount(target + 1) / len(target)
    return min(float(max((proportions**2).sum(), 1e-9)), 1 - 1e-12)


def _unrefuted(source: Codes, matrix: NDArray[np.int32]) -> Codes:
    """Positions of the targets that the first rows do not show to be undetermined by `source`.

    Args:
        matrix: Codes of p targets, shape (rows, p).
    """
    left = np.arange(matrix.shape[1])
    for rows in FIRST_ROWS:
        s = source[:rows]
        order = np.argsort(s, kind="stable")
        order = order[s[order] >= 0]
        same = s[order[1:]] == s[order[:-1]]
        # A row that disagrees with its group differs from at most two neighbours.
        after, before = order[1:][same], order[:-1][same]
        differ = (matrix[np.ix_(after, left)] != matrix[np.ix_(before, left)]).sum(axis=0)
        left = left[differ <= 4 * (1 - MIN_HOLDS) * same.sum()]
        if not len(left):
            break
    return left


def _determines(source: Codes, target: Codes, tried: int, clean: int) -> bool:
    """Whether rows with the same source have the same target, more often than by chance."""
    s, t = source[source >= 0], target[source >= 0]
    if not len(s):
        return False
    groups, repeats, wrong, rare, informative = _agreement(s, t)
    covered = groups + repeats
    if wrong > min((1 - MIN_HOLDS) * covered, MAX_UNEXPLAINED * rare):
        return False
    if covered < max(MIN_COVERED * len(source), 8):
        return False
    surprise = -repeats * np.log(_chance(target))
    return bool(surprise > np.log(tried / CHANCE)) and reliable(wrong, informative, clean)


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
