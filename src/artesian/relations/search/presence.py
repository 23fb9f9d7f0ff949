"""Search for columns that are missing exactly when another one is, or has certain values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.frames import as_text
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import Codes, dense_codes

MIN_ROWS = 8
"""Minimum number of rows with, and of rows without a value."""

MAX_VALUES = 200
"""Maximum number of different values of a column that decides what is missing."""

MAX_LISTED = 20
"""Maximum number of values that are listed in a relation."""

MAX_ONLY_ONE = 0.01
"""Maximum fraction, of the rows where one of two columns is missing, in which it is the only one."""


def presence(
    frame: pl.DataFrame, listable: frozenset[str]
) -> Iterator[MissingTogether | MissingWhen]:
    """For every column with missing values, the first column that explains them.

    Args:
        listable: Columns whose frequent values may be written down: no identifiers, no texts.
    """
    incomplete = [s for s in frame if MIN_ROWS <= s.null_count() <= frame.height - MIN_ROWS]
    values = [
        s
        for s in frame
        if s.name in listable
        and (s.dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum) or s.dtype.is_integer())
    ]
    few = [s for s in values if 2 <= s.drop_nulls().n_unique() <= MAX_VALUES]
    codes = [dense_codes(s) for s in few] if incomplete else []
    for at, target in enumerate(incomplete):
        missing = target.is_null()
        wrong: dict[tuple[str, bool], int] = {}
        for source in incomplete[:at]:
            differ = int((missing != source.is_null()).sum())
            wrong[source.name, False], wrong[source.name, True] = differ, len(missing) - differ
        if wrong:
            name, opposite = min(wrong, key=lambda one: wrong[one])
            rare = min(int(missing.sum()), int((~missing).sum()))
            if wrong[name, opposite] <= min((1 - MIN_HOLDS) * len(missing), MAX_ONLY_ONE * rare):
                yield MissingTogether(target.name, name, opposite=opposite)
        by_value = [
            (source.null_count(), at, relation)
            for at, source in enumerate(few)
            if source.name != target.name
            and _may_decide(codes[at], missing.to_numpy())
            and (relation := _when(target, source, missing)) is not None
        ]
        if by_value:
            yield min(by_value)[2]


def _may_decide(codes: Codes, missing: NDArray[np.bool_]) -> bool:
    """Whether hardly any row differs from most rows of its value in whether it is missing."""
    present = codes >= 0
    rows = np.bincount(codes[present])
    empty = np.bincount(codes[present & missing], minlength=len(rows))
    wrong = np.minimum(empty, rows - empty).sum()
    return bool(rows.sum() and wrong <= (1 - MIN_HOLDS) * rows.sum())


def _when(target: pl.Series, source: pl.Series, missing: pl.Series) -> MissingWhen | None:
    rates = (
        pl.DataFrame({"value": as_text(source), "missing": missing})
        .drop_nulls()
        .group_by("value")
        .agg(pl.col("missing").mean().alias("rate"), pl.len().alias("rows"))
        .sort("value")
    )
    # A few rows explain themselves, and their values are not written down: they go with the others.
    frequent = rates.filter(pl.col("rows") >= MIN_COUNT)
    for negated in (False, True):
        is_listed = (pl.col("rate") <= 0.5) if negated else (pl.col("rate") > 0.5)
        listed = frequent.filter(is_listed)["value"].to_list()
        if not 0 < len(listed) <= MAX_LISTED or len(listed) == frequent.height:
            continue
        relation = MissingWhen(target.name, source.name, tuple(listed), negated)
        holds = relation.holds(pl.DataFrame([target, source]))
        rare = min(int(missing.sum()), int((~missing).sum()))
        if int((~holds).sum()) <= min((1 - MIN_HOLDS) * holds.count(), MAX_ONLY_ONE * rare):
            return relation
    return None
