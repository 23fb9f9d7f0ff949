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

from artesian.data.frames import as_text
from artesian.relations.dependencies import Dependency
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.agreement import (
    CHANCE,
    MIN_COVERED,
    accuracy,
    between_groups,
    determines,
    recorded,
    unrefuted,
)
from artesian.relations.search.evidence import reliable
from artesian.relations.search.rows import MAX_NEIGHBOURS, Codes, dense_codes, neighbours

MAX_PAIRS = 40
"""Number of possible determining columns up to which pairs of them are tried."""

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
    computed: Mapping[str, Collection[str]] | None = None,
) -> list[Dependency]:
    """Dependencies of one source, then those of two where no single source suffices.

    Args:
        skip: Columns that are computed from others already; they may determine further ones.
        ids: Identifiers, preferred among sources with equally many values.
        texts: Columns that are sources only of what no other column determines.
        codes: Dense codes of the columns, if they are known.
        computed: Column -> columns that it is computed from with others, none of which it determines: a
            lower limit of 39.98 may be that of one target and tolerance only.
    """
    computed = computed or {}
    codes = {s.name: dense_codes(s) if codes is None else codes[s.name] for s in frame}
    distinct = {name: int(c.max(initial=-1)) + 1 for name, c in codes.items()}
    n = frame.height
    names = [name for name in codes if distinct[name] > 1]
    # Decimals that mostly differ are drawn anew, and a list of the others has none of them.
    continuous = {s.name for s in frame if s.dtype.is_float() and 2 * distinct[s.name] > n}
    numbers = {s.name for s in frame if s.dtype.is_float()}
    sources = [
        name
        for name in names
        if name not in continuous and n - distinct[name] >= MIN_COVERED * n / 2
    ]
    tried = max(len(sources) * len(names), 1)
    discovered: list[Dependency] = []
    determined: dict[str, set[str]] = {name: set() for name in names}
    targets = [name for name in names if name not in skip]
    if not targets:
        return []
    matrix = np.stack([codes[name] for name in names], axis=1).astype(np.int32)
    for source in sources:
        enough = distinct[source] / _present(codes[source])
        for at in unrefuted(codes[source], matrix):
            target = names[at]
            if source == target or enough < distinct[target] or target in computed.get(source, ()):
                continue
            if determines(codes[source], codes[target], tried, MIN_CLEAN):
                determined[target].add(source)
    for source in (name for name in sources if name in ids):
        for target in targets:
            if target != source and recorded(codes[source], codes[target], tried, MIN_CLEAN):
                determined[target].add(source)
    # A source that is missing says nothing of its row.
    late = {name for name in sources if name in texts or _present(codes[name]) < MIN_HOLDS}
    for target in targets:
        # Of columns that determine each other in a chain, the one with the minimum number of values
        # that is not only seen within the rows of a column before it in the chain.
        chain = [name for name in (*ids, *names) if name in determined[target]]
        chain = sorted(dict.fromkeys(chain), key=lambda name: (name in late, distinct[name]))
        mutual = False
        listed: list[str] = []
        for source in chain:
            if mutual and target in determined[source]:
                continue
            # A room and a rate determine a class, though neither determines the other.
            if any(source in determined[other] for other in listed) or (
                listed and (source in numbers or target in determined[source])
            ):
                continue
            finer = [
                other
                for other in determined[target] & determined[source]
                if distinct[other] > distinct[source]
            ]
            between = (
                between_groups(codes[other], codes[source], codes[target], tried) for other in finer
            )
            if all(between):
                discovered.append(Dependency((source,), target))
                # Two columns that determine each other do not decide which values they have.
                mutual = target in determined[source]
                if not mutual:
                    listed.append(source)
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
            for target in (names[at] for at in unrefuted(joint, matrix)):
                if target in skip or target in (one, two) or determined[target]:
                    continue
                if determines(joint, codes[target], tried, MIN_CLEAN_PAIR) and not _nearly(
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
    place = {name: at for at, name in enumerate(frame.columns)}
    tried = max(min(len(few), MAX_NEIGHBOURS) * len(targets) * MAX_LEVELS, 1)
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
        near = neighbours(place[target.name], [place[source.name] for source in few])
        for source in (frame.to_series(at) for at in near):
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
                values = as_text(texts[source.name].filter(pl.Series(constant)))
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


def _nearly(one: Codes, two: Codes, target: Codes) -> bool:
    """Whether one of the sources determines the target up to few rows."""
    return any(accuracy(source, target) > 0.97 for source in (one, two))
