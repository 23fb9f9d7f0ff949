"""Search for categories that say whether a number is within two limits of its own row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.relations.between import Between
from artesian.relations.expressions import Floats
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import Codes, NumericColumns, dense_codes

MAX_COLUMNS = 14
"""Number of columns, those nearest to the category, of which three are tried together."""

MAX_LABELS = 3

PROBES = 400
"""Rows on which most combinations are rejected."""

MIN_OUTSIDE = 12
"""Minimum number of rows outside the range."""


def between(
    frame: pl.DataFrame, columns: NumericColumns, explained: set[str], listable: frozenset[str]
) -> Iterator[Between]:
    """One relation for each category that a number and its limits decide.

    Args:
        explained: Columns that are computed already.
        listable: Columns whose frequent values may be written down.
    """
    usable = [j for j in range(len(columns.names)) if not columns.temporal[j]]
    places = {name: at for at, name in enumerate(frame.columns)}
    for series in frame:
        if series.name in explained or series.name not in listable:
            continue
        if not (series.dtype.is_integer() or series.dtype in (pl.String, pl.Boolean)):
            continue
        texts = series.cast(pl.String)
        codes = dense_codes(texts) + 1
        counts = np.bincount(codes)
        if not 2 <= (counts > 0).sum() <= MAX_LABELS or counts[counts > 0].min() < MIN_COUNT:
            continue
        near = sorted(usable, key=lambda j: abs(places[columns.names[j]] - places[series.name]))
        near = [j for j in near if columns.names[j] != series.name][:MAX_COLUMNS]
        chosen = _limits(columns.values, near, codes)
        if chosen is not None:
            (value, low, high), (below, within, above) = chosen
            labels = [None, *texts.drop_nulls().unique().sort()]
            yield Between(
                series.name,
                columns.names[value],
                columns.names[low],
                columns.names[high],
                (labels[below], labels[within], labels[above]),
            )


def _limits(
    values: Floats, near: list[int], codes: Codes
) -> tuple[tuple[int, int, int], list[int]] | None:
    """A number and its limits that decide on the codes, and the code below, within and above them."""
    with np.errstate(invalid="ignore"):
        below = values[:PROBES, near, None] < values[:PROBES, None, near]  # (rows, one, other)
    never = (~below).sum(axis=0) == 0 if len(below) else np.zeros((len(near),) * 2, bool)
    for low, high in np.argwhere(never):
        for value in range(len(near)):
            if value in (low, high):
                continue
            x, a, b = near[value], near[int(low)], near[int(high)]
            head = slice(PROBES)
            if _labels(values[head, x], values[head, a], values[head, b], codes[head]) is None:
                continue
            labels = _labels(values[:, x], values[:, a], values[:, b], codes)
            if labels is not None:
                return (x, a, b), labels
    return None


def _labels(value: Floats, low: Floats, high: Floats, codes: Codes) -> list[int] | None:
    """The code below, within and above the limits; None if they do not decide."""
    with np.errstate(invalid="ignore"):
        at = np.where(value < low, 0, np.where(value > high, 2, 1))
    present = ~np.isnan(value)
    at, codes = at[present], codes[present]
    counts = [np.bincount(codes[at == k]) for k in range(3)]
    enough = len(at) < PROBES or len(at) - len(codes[at == 1]) >= MIN_OUTSIDE
    if not enough or any(not len(count) for count in counts):
        return None
    labels = [int(count.argmax()) for count in counts]
    wrong = sum(int(count.sum() - count.max()) for count in counts)
    # Labels that are the same within and without say nothing of the limits.
    if labels[1] in (labels[0], labels[2]) or wrong > (1 - MIN_HOLDS) * len(at):
        return None
    return labels
