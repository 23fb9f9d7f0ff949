"""Features of how values repeat: rows per value, values that another column determines, unique pairs.

A dependency or a unique pair that holds without exception is a feature only if chance would have
broken it many times in the real rows; then fresh rows keep it too, whatever their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.metrics.common.arrays import Floats, Ints, encode_categories
from artesian.metrics.common.derived.view import Feature, View

MAX_COLUMNS = 40
"""Maximum number of columns that are examined for dependencies."""

MAX_REPEATS = 4
"""Larger numbers of rows with the same value count as this."""

_MIN_EXPECTED = 60.0  # minimum number of exceptions that chance would have made
_MAX_DETERMINANTS = 3  # maximum number of columns that a value is compared with
_REAL_ROWS = 5_000
_FEW_ROWS = 400


@dataclass(frozen=True, slots=True)
class _Coded:
    """A column of the real rows as codes; missing values have none, -1."""

    name: str
    codes: Ints
    levels: int
    repeats: int  # number of rows beyond the first with a value
    unevenness: float  # probability that two rows have the same value

    @classmethod
    def from_series(cls, series: pl.Series) -> _Coded:
        codes = value_codes(series)
        counts = np.bincount(codes[codes >= 0]).astype(np.float64)
        total = max(counts.sum(), 1.0)
        unevenness = float(((counts / total) ** 2).sum())
        return cls(series.name, codes, len(counts), int(counts.sum()) - len(counts), unevenness)


def value_codes(series: pl.Series) -> Ints:
    """Codes of the values, -1 where missing. (rows,)"""
    return encode_categories([series])[1][0]


def rows_per_value(name: str) -> Feature:
    """How many rows of the same fold have the same value, up to `MAX_REPEATS`.

    The count of a whole table would be the same in the rows that a detector is trained on and in
    those that it is tested on, and so identify the table; a count without a bound would be the same
    in many rows.
    """

    def values(view: View) -> Floats:
        codes = value_codes(view.frame[name])
        keys = codes * (view.folds.max(initial=0) + 1) + view.folds
        counts = np.unique(keys, return_inverse=True, return_counts=True)
        times = np.minimum(counts[2][counts[1]], MAX_REPEATS).astype(np.float64)
        return np.where(codes < 0, np.nan, times)

    return Feature("number of rows with the same value", (name,), values)


def duplicates(names: tuple[str, ...]) -> Feature:
    """Whether another row of the same table has the same values."""

    def values(view: View) -> Floats:
        repeated = view.whole.select(names).is_duplicated().to_numpy().astype(np.float64)
        return np.asarray(repeated[view.positions])

    label = "duplicates" if len(names) == 1 else f"duplicates together with {_quoted(names[1:])}"
    return Feature(label, names, values)


def dependency_features(real: pl.DataFrame, names: list[str]) -> list[Feature]:
    """Columns that another column determines, and pairs of columns that are unique together."""
    if real.height > _REAL_ROWS:
        real = real.gather_every(real.height // _REAL_ROWS)
    coded = [_Coded.from_series(real[name]) for name in names[:MAX_COLUMNS]]
    coded = [column for column in coded if column.levels > 1 and column.repeats >= _MIN_EXPECTED]
    features = []
    for b in coded:
        determinants = []
        for a in coded:
            expected = a.repeats * (1 - b.unevenness)
            if a is b or expected < _MIN_EXPECTED:
                continue
            # Few rows rule out most pairs.
            if all(_determines(a.codes[:rows], b.codes[:rows]) for rows in (_FEW_ROWS, None)):
                determinants.append((expected, a.name))
        determinants.sort(key=lambda each: (-each[0], each[1]))
        features += [_consistency(b.name, name) for _, name in determinants[:_MAX_DETERMINANTS]]
    return features + _unique_pairs(coded, real)


def _unique_pairs(coded: list[_Coded], real: pl.DataFrame) -> list[Feature]:
    features = []
    for at, a in enumerate(coded):
        for b in coded[at + 1 :]:
            expected = real.height**2 / 2 * a.unevenness * b.unevenness
            present = (a.codes >= 0) & (b.codes >= 0)
            if expected < _MIN_EXPECTED or not present.all():
                continue
            pairs = a.codes * b.levels + b.codes
            if len(np.unique(pairs[:_FEW_ROWS])) == len(pairs[:_FEW_ROWS]) and len(
                np.unique(pairs)
            ) == len(pairs):
                features.append(duplicates((a.name, b.name)))
    return features


def _determines(a: Ints, b: Ints) -> bool:
    """Whether rows with the same value of `a` have the same value of `b`."""
    pairs = np.unique(a[a >= 0] * (b.max(initial=0) + 2) + b[a >= 0] + 1)
    return len(pairs) == len(np.unique(a[a >= 0]))


def _consistency(name: str, determinant: str) -> Feature:
    """The proportion of the other rows with the same determinant that have the same value.

    It is 1 where there is no other row, so that it does not depend on the number of rows.
    """

    def values(view: View) -> Floats:
        a, b = (value_codes(view.whole[each]) for each in (determinant, name))
        pairs = np.unique(a * (b.max(initial=0) + 2) + b + 1, return_inverse=True)[1]
        same, all_rows = np.bincount(pairs)[pairs], np.bincount(a + 1)[a + 1]
        agreement = np.where(all_rows > 1, (same - 1) / np.maximum(all_rows - 1, 1), 1.0)
        return np.asarray(np.where(a < 0, 1.0, agreement)[view.positions])

    return Feature(f"consistency with {determinant!r}", (name, determinant), values)


def _quoted(names: tuple[str, ...]) -> str:
    return " and ".join(repr(name) for name in names)
