"""Dependencies that only repeat what an identifier says: they are tested with one row per entity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from artesian.relations.dependencies import Dependency
from artesian.relations.search.dependencies import dependencies


def independent(
    candidates: Iterable[Dependency], frame: pl.DataFrame, ids: Sequence[str]
) -> list[Dependency]:
    """The dependencies that hold between entities, not only between rows of the same one.

    Those of one source were tested when they were found: see `dependencies`.

    A birth date that is constant for each patient repeats in all visits of the patient, and so does the
    patient's sex; that does not make sex depend on birth dates, but on the patient.

    Args:
        ids: Identifiers of which several rows have the same value.
    """
    return [
        one
        for one in candidates
        if len(one.sources) == 1 or all(_holds_between(one, frame, name) for name in ids)
    ]


def _holds_between(one: Dependency, frame: pl.DataFrame, name: str) -> bool:
    columns = [*dict.fromkeys(one.columns)]
    if name in columns:
        return True
    rows = frame.select(name, *columns).drop_nulls(name)
    each = rows.unique()
    if each.height > rows[name].n_unique():  # not constant within an entity
        return True
    again = dependencies(each.select(columns), frozenset())
    return any(other.columns == one.columns for other in again)
