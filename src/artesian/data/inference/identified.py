"""Texts of which every person has one of their own: codes and names that identify it as well.

A customer number that is called 'num_client', and the name of a company beside its tax number, look
like categories by themselves. Beside an identifier that has the same rows they are identifiers too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from artesian.data.inference.id_names import is_class_name, is_person_name
from artesian.data.inference.kinds import is_coded
from artesian.data.inference.roles import PERSONS, role_of
from artesian.data.schema import Column, Kind

MIN_VALUES = 20
"""Minimum number of values of an identifier, so that having the same rows is no coincidence."""

_SAME = 0.99
"""Minimum fraction of the values of either column that occur beside one of the other."""


def identified_texts(
    frame: pl.DataFrame, columns: Sequence[Column]
) -> dict[str, tuple[Column, str]]:
    """Categories that are identifiers, as such, each with one sentence of evidence.

    Args:
        columns: Inferred columns of `frame`.
    """
    leaders = [c.name for c in columns if _identifies_person(c) and _repeats(frame[c.name])]
    out: dict[str, tuple[Column, str]] = {}
    for column in columns if leaders else ():
        series = frame[column.name]
        if column.kind is not Kind.CATEGORY or series.dtype != pl.String or column.suppressed:
            continue
        if is_class_name(column.name) or not _repeats(series):
            continue
        leader = next((n for n in leaders if _same_rows(frame, n, column.name)), None)
        if leader is None:
            continue
        distinct = series.drop_nulls().unique(maintain_order=True)
        coded = not column.role and is_coded(distinct.to_list())
        role = column.role or ("" if coded else role_of(column.name, distinct)[0])
        kind = Kind.KEY if coded else Kind.TEXT
        why = f"{len(distinct):,} distinct values, one for each value of {leader!r}"
        out[column.name] = replace(column, kind=kind, role=role), why
    return out


def _identifies_person(column: Column) -> bool:
    if column.kind is Kind.TEXT:
        return column.role in PERSONS
    return column.kind is Kind.KEY and is_person_name(column.name)


def _repeats(series: pl.Series) -> bool:
    distinct = series.drop_nulls().n_unique()
    return MIN_VALUES <= distinct < series.count()


def _same_rows(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether nearly every value of either column occurs beside one value of the other."""
    pairs = frame.select(a=one, b=other).drop_nulls().unique()
    fewer = min(pairs["a"].n_unique(), pairs["b"].n_unique())
    return pairs.height > 0 and fewer >= _SAME * pairs.height
