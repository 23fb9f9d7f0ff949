"""Infer which column identifies the person of a row, where persons have several rows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from artesian.data.inference.id_names import is_member_name
from artesian.data.inference.roles import PERSONS, UNIQUE
from artesian.data.schema import Column, Kind


def repeating_person(frame: pl.DataFrame, columns: Sequence[Column]) -> str | None:
    """The column that identifies the person of a row; None if no person has several rows.

    Of a mail address and a customer number it is the number: two persons may share an address.
    """
    persons = [c for c in columns if c.kind is Kind.TEXT and c.role in PERSONS]
    if not persons:
        return None
    best = min(persons, key=lambda c: PERSONS.index(c.role)).name
    if not _repeats(frame[best]):
        return None
    for column in columns:
        numbers = frame[column.name]
        if column.kind is not Kind.KEY or not is_member_name(column.name) or not _repeats(numbers):
            continue
        pairs = frame.select(numbers, frame[best]).unique()
        if not numbers.has_nulls() and numbers.n_unique() == pairs.height > pairs[best].n_unique():
            return column.name
    return best


def _repeats(values: pl.Series) -> bool:
    present = values.drop_nulls()
    return 1 < present.n_unique() < UNIQUE * len(present)
