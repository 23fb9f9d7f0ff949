"""Search for categories that decide in which steps a number counts: pieces or kilograms, currencies."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import polars as pl

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
        found: list[tuple[int, int, str, ByStep]] = []
        for name in names:
            steps = _steps_of_labels(rows.codes[name], numeric.values[:, j], tried)
            labels = [code for codes in steps.values() for code in codes]
            if labels:
                covered = int(np.isin(rows.codes[name], labels).sum())
                found.append((covered, -int(rows.codes[name].max()), name, steps))
        if not found:
            continue
        *_, name, steps = max(found)
        values = rows.both[name].cast(pl.String).drop_nulls().unique().sort()
        for step, codes in steps.items():
            yield Multiples(numeric.names[j], step, name, tuple(values[codes]))


def _steps_of_labels(codes: Codes, values: Floats, tried: int) -> ByStep:
    """The labels by the step of their values, of those whose step is no chance."""
    present = (codes >= 0) & ~np.isnan(values)
    labels, column = codes[present], values[present]
    groups = {
        int(code): column[labels == code]
        for code in np.flatnonzero(np.bincount(labels, minlength=1) >= MIN_ROWS)
    }
    out: ByStep = {}
    done: set[int] = set()
    for step in STEPS:
        fits = is_multiple(column, step)
        if fits.all():
            break  # the step of the whole column
        whole = {code for code in groups if fits[labels == code].all()}
        finer = ~np.isin(labels, list(whole))
        if not whole - done or len(whole) == len(groups):
            continue
        usual = (float(fits[finer].sum()) + 1) / (float(finer.sum()) + 2)
        if usual > MAX_USUAL:
            continue
        for code in sorted(whole - done):
            distinct = len(np.unique(groups[code]))
            if distinct >= MIN_DISTINCT and distinct * np.log(usual) < np.log(CHANCE / tried):
                out.setdefault(step, []).append(code)
                done.add(code)
    return out
