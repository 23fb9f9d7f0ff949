"""Search for running totals and meters within the rows of repeating identifiers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from artesian.data.row_groups import label_ids, repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.expressions import Floats
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.running import NeverFalls, RunningTotal

MIN_PAIRS = 30
"""Minimum number of rows that follow another one of their series."""


def running(table: Table, *, labels: bool = False) -> Iterator[RunningTotal | NeverFalls]:
    """Totals with their amounts, then columns that only rise, for every identifier and time.

    Args:
        labels: Also within the rows of identifiers of few things.
    """
    series = [*repeating_ids(table), *(label_ids(table) if labels else ())]
    if labels:
        series += [n for n in table.schema.of_kind(Kind.CATEGORY) if n not in series]
    names = _amounts(table) if series and table.schema.of_kind(Kind.DATETIME) else []
    totals: set[str] = set()
    amounts: set[str] = set()
    for entity in series:
        for time in table.schema.of_kind(Kind.DATETIME):
            for relation in _candidates(table, entity, time, names):
                amount = relation.amount if isinstance(relation, RunningTotal) else None
                taken = relation.target in totals or relation.target in amounts
                if not taken and amount not in totals:
                    totals.add(relation.target)
                    amounts |= {amount} if amount is not None else set()
                    yield relation


def rises(change: Floats) -> bool:
    """Whether a column never falls, rises often, and not by the same amount each time.

    Args:
        change: Differences to the row before of the same series, in order of time.
    """
    if len(change) < MIN_PAIRS or (change < 0).mean() > 1 - MIN_HOLDS:
        return False
    return float((change > 0).mean()) >= 0.2 and len(np.unique(change)) > 2


def _amounts(table: Table) -> list[str]:
    """Numbers without missing values that vary."""
    frame = table.frame
    return [
        name
        for name in table.schema.of_kind(Kind.NUMBER)
        if frame[name].dtype.is_numeric()
        and not frame[name].dtype.is_decimal()
        and not frame[name].has_nulls()
        and frame[name].n_unique() > 2
    ]


def _candidates(
    table: Table, entity: str, time: str, names: list[str]
) -> Iterator[RunningTotal | NeverFalls]:
    frame = table.frame
    if frame[entity].has_nulls() or frame[time].has_nulls() or frame[entity].n_unique() < 2:
        return
    order = frame.select(pl.arg_sort_by(entity, time)).to_series()
    rows = frame[order]
    ids, times = rows[entity], rows[time]
    same = (ids == ids.shift(1)).fill_null(False)
    follows = (same & (times > times.shift(1))).fill_null(False).to_numpy()
    tied = (same & (times == times.shift(1))).fill_null(False).any()
    if follows.sum() < MIN_PAIRS or tied:
        return
    values = {name: rows[name].cast(pl.Float64).to_numpy() for name in names}
    changes = {name: np.diff(v, prepend=np.nan)[follows] for name, v in values.items()}
    summed: set[str] = set()
    for target in names:
        for amount in names:
            if amount != target and _adds_up(changes[target], values[amount][follows]):
                summed.add(target)
                yield RunningTotal(target, amount, entity, time)
                break
    for target in names:
        if target not in summed and rises(changes[target]):
            yield NeverFalls(target, entity, time)


def _adds_up(change: Floats, amount: Floats) -> bool:
    tolerance = 1e-6 * max(float(np.abs(amount).max()), 1.0)
    for part in (slice(0, 200), slice(None)):
        if (np.abs(change[part] - amount[part]) <= tolerance).mean() < MIN_HOLDS:
            return False
    return len(np.unique(amount)) > 2
