"""Suppressed rare categories: merged in every table, and reported separately from loss.

A table that was released under a threshold rule lacks rare categories on purpose. Its schema says
so (`Column.suppressed`, `Column.suppressed_below`), and the metrics then compare what the release
could contain: a real category with fewer rows than the threshold, absent from the synthetic table,
is replaced by what represents it there. Where rare categories were generalised
(`Column.generalised`), they and all categories made up in their place are one category.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from artesian.core.formatting import percent
from artesian.data.schema import Column
from artesian.data.table import Table
from artesian.metrics.common.arrays import Ints, encode_categories

MIN_STATED = 0.001
"""Minimum proportion of a column's rows for which an explanation mentions suppression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """What one column suppressed.

    Attributes:
        value: What represents the suppressed categories; None if the nearest frequent one or made-up
            ones do.
        code: Its position in the levels; -1 for None.
        categories: Number of real categories that were suppressed.
        real: Proportion of the real rows that hold one of them, or `value` itself.
        synthetic: Proportion of the synthetic rows that hold what represents them; 0 where that is
            the nearest frequent one.
    """

    value: str | None
    code: int
    categories: int
    real: float
    synthetic: float

    def to_dict(self) -> dict[str, Any]:
        """Number of categories and proportions of rows, for a result's detail."""
        return {"categories": self.categories, "real": self.real, "synthetic": self.synthetic}


def merge_suppressed(
    column: Column, series: Sequence[pl.Series]
) -> tuple[tuple[Any, ...], list[Ints], Suppression]:
    """Encode a column with suppressed categories.

    Args:
        column: The synthetic table's column.
        series: The values of the real, the synthetic and, where there is one, the holdout table.

    Returns:
        The sorted levels; the positions of each table's values among them, -1 where missing, with
        suppressed categories replaced; and what was suppressed.
    """
    placeholder = [] if column.suppressed is None else [pl.Series([column.suppressed])]
    levels, codes = encode_categories([*series, *placeholder])
    codes, code = codes[: len(series)], int(codes[-1][0]) if placeholder else -1
    real, synthetic = (np.bincount(c[c >= 0], minlength=len(levels)) for c in codes[:2])
    hidden = (real < column.suppressed_below) & (synthetic == 0)
    if column.generalised:
        hidden = real < column.suppressed_below
        code = code if code >= 0 else int(hidden.argmax()) if hidden.any() else -1
    if code >= 0:
        hidden[code] = False
    replaced = np.arange(len(levels))
    replaced[hidden] = code if code >= 0 else _nearest(levels, ~hidden)[hidden]
    rows = max(len(codes[0]), 1), max(len(codes[1]), 1)
    suppression = Suppression(
        value=column.suppressed,
        code=code,
        categories=int((hidden & (real > 0)).sum()) + (column.generalised and real[code] > 0),
        real=float(real[hidden].sum() + (real[code] if code >= 0 else 0)) / rows[0],
        synthetic=float(synthetic[hidden].sum() + (synthetic[code] if code >= 0 else 0)) / rows[1],
    )
    return levels, [np.where(c >= 0, replaced[c], -1) for c in codes], suppression


def _nearest(levels: tuple[Any, ...], frequent: np.ndarray[Any, np.dtype[np.bool_]]) -> Ints:
    """For each level, the position of the nearest frequent one; text keeps its own. (levels,)"""
    positions = np.flatnonzero(frequent)
    if not len(positions) or not isinstance(levels[0], int | float):
        return np.arange(len(levels))
    values = np.array(levels, np.float64)
    above = np.clip(np.searchsorted(values[positions], values), 1, max(len(positions) - 1, 1))
    above = np.minimum(above, len(positions) - 1)
    below = np.maximum(above - 1, 0)
    closer = np.abs(values - values[positions[below]]) <= np.abs(values[positions[above]] - values)
    return np.asarray(positions[np.where(closer, below, above)], np.int64)


def suppressed_values(table: Table) -> dict[str, str]:
    """Column -> the value that represents its suppressed categories, where one does."""
    return {c.name: c.suppressed for c in table.schema if c.suppressed is not None}


def suppression_detail(suppressed: Mapping[str, Suppression]) -> dict[str, Any]:
    """The entry of a result's detail; empty if nothing was suppressed."""
    suppression = {name: each.to_dict() for name, each in suppressed.items()}
    return {"suppressed": suppression} if suppression else {}


def suppression_sentence(suppressed: Mapping[str, Suppression]) -> str:
    """What was suppressed, as a sentence with a space before it.

    It is empty if nothing was suppressed, or less than 0.1 % of the rows of every column; the detail
    of a result has those too.

    >>> one = Suppression(value="(rare)", code=0, categories=20, real=0.08, synthetic=0.09)
    >>> print(suppression_sentence({"town": one}).strip())
    20 rare categories of 'town' (8.0 % of the rows) are suppressed, which is not counted as loss.
    """
    suppression = [(name, each) for name, each in suppressed.items() if each.categories]
    if not suppression:
        return ""
    name, worst = max(suppression, key=lambda pair: (pair[1].real, pair[0]))
    if worst.real < MIN_STATED:
        return ""
    count = sum(each.categories for _, each in suppression)
    noun, verb = ("category", "is") if count == 1 else ("categories", "are")
    of = (
        f"of {name!r}"
        if len(suppression) == 1
        else f"in {len(suppression)} columns, most in {name!r}"
    )
    return (
        f" {count:,} rare {noun} {of} ({percent(worst.real)} of the rows) {verb} suppressed, "
        "which is not counted as loss."
    )
