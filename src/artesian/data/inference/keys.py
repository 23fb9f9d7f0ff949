"""Infer what identifies a row: one column, or several together ('customer' and 'loan number')."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.nearby import MAX_NEAR
from artesian.data.schema import Column, Kind

EXPECTED = 8.0
"""Number of equal pairs of rows that independence leads to where columns without any are a key."""

EXPECTED_THREE = 20.0
"""The same for three categories, of which there are many."""

MIN_ROWS = 20
MAX_GROUPS = 12
"""Maximum number of columns that are combined."""

MIN_SHARED = 0.8
"""Minimum fraction of the values of two columns that both have, where their order may not matter."""

PROBE = 1_000
"""Rows in which columns are tried first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredKey:
    """The columns of a key, and one sentence of evidence."""

    columns: tuple[str, ...]
    why: str


def infer_key(frame: pl.DataFrame, columns: Sequence[Column]) -> InferredKey | None:
    """The key of a table; None if no columns are one.

    A key of one column is an identifier. Several columns are a key only if that is no coincidence:
    if rows were independent, at least `EXPECTED` pairs of them would be equal. A time is a key by
    itself only in a table of one series.
    """
    for column in columns:
        unique = column.kind is Kind.KEY and not column.nullable
        if unique and frame[column.name].n_unique() == frame.height:
            return InferredKey(columns=(column.name,), why="")
    if frame.height < MIN_ROWS:
        return None
    first = _Codes(frame.head(PROBE))
    inferred = [
        (expected, names)
        # Pairs of thousands of columns take hours, and columns of a key are among the first.
        for names, expected in _candidates(frame, columns[:MAX_NEAR])
        if first.are_unique(names) and frame.select(names).n_unique() == frame.height
    ]
    if not inferred:
        return None
    # Fewer columns first, then the coarser groups, within which uniqueness says more.
    # Of a sample and the time of its taking, which are as many, the sample is the identifier.
    ids = {column.name for column in columns if column.kind is Kind.KEY}
    expected, names = max(
        inferred, key=lambda one: (-len(one[1]), round(one[0], 6), len(ids.intersection(one[1])))
    )
    listed = " and ".join(repr(name) for name in names)
    return InferredKey(
        columns=names,
        why=f"no two rows have the same {listed}, where chance would make about {expected:,.0f} "
        f"pairs equal",
    )


def _candidates(
    frame: pl.DataFrame, columns: Sequence[Column]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Columns that may be a key together, with the number of equal pairs that chance leads to."""
    whole = [c.name for c in columns if not frame[c.name].has_nulls() and frame.height]
    groups, seconds = [], []
    for column in columns:
        series = frame[column.name]
        if column.name not in whole or series.dtype.is_float():
            continue
        values = series.n_unique()
        if 1 < values < frame.height:
            if column.kind in (Kind.KEY, Kind.CATEGORY):
                groups.append(column.name)
            if column.kind in (Kind.DATETIME, Kind.KEY, Kind.CATEGORY) or _counts(column, series):
                seconds.append(column.name)
        elif column.kind is Kind.DATETIME and values == frame.height:
            expected = _in_slots(series)
            if expected >= EXPECTED:
                yield (column.name,), expected
    equal = {name: collision_probability(frame[name]) for name in {*groups, *seconds}}
    pairs = frame.height * (frame.height - 1) / 2
    groups = sorted(groups, key=lambda name: -equal[name])[:MAX_GROUPS]
    ranked = {name: at for at, name in enumerate(c.name for c in columns)}
    for size in (1, 2):
        for chosen in combinations(sorted(groups, key=ranked.__getitem__), size):
            for second in seconds:
                if second in chosen or (size == 2 and second in groups):
                    continue
                if second in groups and ranked[second] < ranked[chosen[0]]:
                    continue
                expected = pairs * equal[second] * float(np.prod([equal[name] for name in chosen]))
                if expected >= EXPECTED:
                    yield (*chosen, second), expected
    dates, clocks = ([n for n in seconds if frame[n].dtype == kind] for kind in (pl.Date, pl.Time))
    if len(dates) == len(clocks) == 1:  # together they are one time
        both = (dates[0], clocks[0])
        moment = collision_probability(
            frame.select(pl.struct(both).rank("dense")).to_series().alias("moment")
        )
        for group in groups:
            expected = pairs * moment * equal[group]
            if expected >= EXPECTED:
                yield (group, *both), expected
    for three in combinations(sorted(groups, key=ranked.__getitem__), 3):
        expected = round(pairs * float(np.prod([equal[name] for name in three])), 6)
        if expected >= EXPECTED_THREE:
            yield three, expected


def _counts(column: Column, series: pl.Series) -> bool:
    """Whether a column may number something: whole numbers from 0 or 1, or years, all of them."""
    if column.kind is not Kind.NUMBER or not series.dtype.is_integer():
        return False
    low, high, values = int(series.min()), int(series.max()), series.n_unique()  # type: ignore[arg-type]
    return (low in (0, 1) or 1500 <= low <= high <= 2200) and values >= 0.9 * (high - low + 1)


def collision_probability(series: pl.Series) -> float:
    """Probability that two different rows have the same value."""
    rows = series.alias("value").value_counts(name="rows")["rows"].to_numpy().astype(float)
    return float((rows * (rows - 1)).sum() / max(len(series) * (len(series) - 1), 1))


def _in_slots(series: pl.Series) -> float:
    """Number of equal pairs among as many random times of the same range and spacing."""
    values = series.to_physical().cast(pl.Int64).sort().to_numpy()
    steps = np.diff(values)
    slots = (values[-1] - values[0]) / max(int(np.gcd.reduce(steps)), 1) + 1
    return float(len(values) * (len(values) - 1) / 2 / slots)


def is_unordered(frame: pl.DataFrame, key: Sequence[str], one: str, other: str) -> bool:
    """Whether two columns of a key have the same values, and no two rows have them exchanged."""
    values = [set(frame[name].unique()) for name in (one, other)]
    if len(values[0] & values[1]) < MIN_SHARED * max(map(len, values)):
        return False
    rest = [name for name in key if name not in (one, other)]
    pair = [pl.min_horizontal(one, other).alias("\0a"), pl.max_horizontal(one, other).alias("\0b")]
    exchanged = frame.select(*rest, *pair)
    return exchanged.n_unique() == frame.height


class _Codes:
    """Codes of the values of a few rows, among which nearly all candidates have equal rows."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.codes: dict[str, NDArray[np.int64]] = {}

    def are_unique(self, names: tuple[str, ...]) -> bool:
        """Whether no two of the rows have the same values of these columns."""
        rows = np.zeros(self.frame.height, np.int64)
        for name in names:
            codes = self._of(name)
            rows = rows * (int(codes.max(initial=0)) + 1) + codes
        return len(np.unique(rows)) == len(rows)

    def _of(self, name: str) -> NDArray[np.int64]:
        if name not in self.codes:
            series = self.frame[name]
            coded = series.dtype in (pl.Categorical, pl.Enum)
            plain = series.to_physical() if coded else series
            self.codes[name] = plain.rank("dense").cast(pl.Int64).to_numpy()
        return self.codes[name]
