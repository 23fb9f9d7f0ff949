"""Search for numbers that are the same in all rows of an identifier, or of it and a category."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from artesian.relations.search.agreement import determines, recorded, unrefuted
from artesian.relations.search.dependencies import MAX_LEVELS, MIN_CLEAN, MIN_CLEAN_PAIR
from artesian.relations.search.rows import Codes, Rows

MIN_LEVELS = 10
"""Minimum number of values of a category that may be the code of something."""


def fixed_columns(rows: Rows, ids: Sequence[str], categories: Sequence[str]) -> frozenset[str]:
    """The baseline of each patient and parameter, the rate of each loan.

    In `change = value - baseline`, the value is computed: a baseline that is computed in every row
    would be another one in each.

    Args:
        ids: Identifiers of which several rows have the same value.
        categories: Columns that determine others together with an identifier, or with another
            category of at least `MIN_LEVELS` values.
    """
    names = [name for name in rows.numeric.names if name not in ids]
    if len(names) < 3:
        return frozenset()
    codes = rows.codes
    levels = {name: int(codes[name].max(initial=-1)) + 1 for name in (*ids, *categories)}
    few = [name for name in categories if name not in ids and 2 <= levels[name] <= MAX_LEVELS]
    many = [name for name in categories if name not in ids and levels[name] >= MIN_LEVELS]
    matrix = np.stack([codes[name] for name in names], axis=1).astype(np.int32)
    if not ids and not many:
        return frozenset()
    tried = (len(ids) + len(many)) * (len(few) + 1) * len(names)

    def determined(source: Codes, clean: int) -> set[str]:
        targets = (names[at] for at in unrefuted(source, matrix))
        return {t for t in targets if determines(source, codes[t], tried, clean)}

    alone = {name: determined(codes[name], MIN_CLEAN) for name in {*ids, *few, *many}}
    fixed: set[str] = set().union(*(alone[name] for name in ids))
    for name in ids:
        fixed |= {t for t in names if recorded(codes[name], codes[t], tried, MIN_CLEAN)}
    for one in (*ids, *many):
        for other in few:
            if other == one:
                continue
            joint = codes[one] * (levels[other] + 1) + codes[other]
            joint[(codes[one] < 0) | (codes[other] < 0)] = -1
            # What a category determines by itself may be computed, such as a decade with a name.
            fixed |= determined(joint, MIN_CLEAN_PAIR) - alone[one] - alone[other]
    return frozenset(fixed)
