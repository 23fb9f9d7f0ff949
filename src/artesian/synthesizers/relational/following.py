"""What follows within a row from values that were computed from other tables."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from artesian.encoding.transforms.steps import Hidden, decimals_of
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.protocol import Relation
from artesian.relations.signed import SignedSum
from artesian.relations.texts import Template

COMPUTED = Formula | ConditionalFormula | SignedSum | Copy
"""Relations within a row that give the value of a column."""


def with_following(
    frame: pl.DataFrame, changed: set[str], within: Iterable[Relation]
) -> pl.DataFrame:
    """The rows with the values that are computed from changed columns within a row."""
    changed, todo = set(changed), [one for one in within if isinstance(one, COMPUTED)]
    for _ in range(len(todo)):
        ready = [
            one for one in todo if set(one.columns[1:]) & changed and one.target not in changed
        ]
        if not ready:
            break
        one = ready[0]
        todo.remove(one)
        old = frame[one.target]
        frame = frame.with_columns(computed_series(one, frame, old))
        changed.add(one.target)
    return frame


def computed_series(one: COMPUTED | Template, frame: pl.DataFrame, old: pl.Series) -> pl.Series:
    """A column that is computed from others, in the type of `old`, whose missing values remain so.

    Where a source is missing, the value of `old` remains.
    """
    if isinstance(one, Copy):
        new = frame[one.source].cast(old.dtype, strict=False).alias(old.name)
    elif isinstance(one, Template):
        new = one.compute(frame).cast(old.dtype, strict=False).alias(old.name)
    else:
        new = Hidden(old.dtype, decimals_of(old)).series(old.name, one.compute(frame))
    return new.zip_with(old.is_not_null() & new.is_not_null(), old)
