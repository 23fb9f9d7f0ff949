"""Search for categories that decide in which steps a number counts: pieces or kilograms, currencies."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.expressions import Floats
from artesian.relations.multiples import Multiples, is_multiple
from artesian.relations.search.rows import Codes, Rows

STEPS = (1000.0, 100.0, 10.0, 5.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.01)
"""Steps that are tried, the largest first."""

MAX_LABELS = 40
"""Maximum number of values of the category."""

MIN_DISTINCT = 5
"""Minimum number of different values of a label; a price of a product is no step."""

MIN_ROWS = 10
"""Minimum number of rows of a label whose values may be multiples, or show that not all are."""

CHANCE = 1e-4
"""Maximum probability, over all candidates, that the values of a label are multiples by chance."""

MAX_USUAL = 0.9
"""Maximum fraction of the values of labels with a finer step that are multiples of the coarser one."""

ByStep = dict[float, list[int]]


def multiples(
    rows: Rows, categories: Collection[str], skip: Collection[str]
) -> Iterator[Multiples]:
    """Numbers whose steps differ by a category, for each step the labels that have it.

    Args:
        skip: Columns that are computed or determined by others.
    """
    numeric = rows.numeric
    names = [c for c in categories if 2 <= rows.codes[c].max(initial=-1) + 1 <= MAX_LABELS]
    targets = [
        j
        for j, name in enumerate(numeric.names)
        if name not in skip and not numeric.temporal[j] and numeric.distinct[j] > 2 * MIN_DISTINCT
    ]
    tried = max(len(names) * len(targets) * MAX_LABELS, 1)
    for j in targets:
        candidates: list[tuple[int, int, str, ByStep]] = []
        fits = _multiples_of(numeric.values[:, j])
        for name in names if fits else ():
            steps = _steps_of_labels(rows.codes[name], numeric.values[:, j], fits, tried)
            labels = [code for codes in steps.values() for code in codes]
            if labels:
                covered = int(np.isin(rows.codes[name], labels).sum())
                candidates.append((covered, -int(rows.codes[name].max()), name, steps))
        if not candidates:
            continue
        *_, name, steps = max(candidates)
        values = rows.both[name].cast(pl.String).drop_nulls().unique().sort()
        for step, codes in steps.items():
            yield Multiples(numeric.names[j], step, name, tuple(values[codes]))


def _multiples_of(values: Floats) -> dict[float, NDArray[np.bool_]]:
    """The values that are multiples of each step, down to the first that all values have."""
    absent, out = np.isnan(values), dict[float, NDArray[np.bool_]]()
    for step in STEPS:
        fits = is_multiple(values, step)
        if (fits | absent).all():
            break
        if fits.sum() >= MIN_ROWS:
            out[step] = fits
    return out


def _steps_of_labels(
    codes: Codes, values: Floats, fits: dict[float, NDArray[np.bool_]], tried: int
) -> ByStep:
    """The labels by the step of their values, of those whose step is no chance."""
    present = (codes >= 0) & ~np.isnan(values)
    labels = codes[present]
    size = np.bincount(labels)
    out: ByStep = {}
    done: set[int] = set()
    for step, every in fits.items():
        fitting = np.bincount(labels, every[present], minlength=len(size))
        whole = (fitting == size) & (size >= MIN_ROWS)
        new = [int(code) for code in np.flatnonzero(whole) if code not in done]
        if not new or whole.sum() == (size >= MIN_ROWS).sum():
            continue
        finer = ~whole
        usual = (float(fitting[finer].sum()) + 1) / (float(size[finer].sum()) + 2)
        if usual > MAX_USUAL:
            continue
        for code in new:
            distinct = len(np.unique(values[present][labels == code]))
            if distinct >= MIN_DISTINCT and distinct * np.log(usual) < np.log(CHANCE / tried):
                out.setdefault(step, []).append(code)
                done.add(code)
    return out
