"""Search for totals that begin anew in each period: the wages of a year to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.expressions import Floats
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.running import PERIODS, RunningTotal, Term, order_of, period_of, same_entity
from artesian.relations.search.term_sums import nearest_terms, sum_of

MIN_ROWS = 30
"""Minimum number of rows that follow another one of their series and period."""

MIN_RESTARTS = 3
"""Minimum number of periods that follow another one of their series."""

MAX_RESTARTED = 0.5
"""Maximum fraction of the rows that begin a period."""

MIN_FALLS = 0.8
"""Minimum fraction of these in which a total is below that of the row before."""

FIRST_ROWS = 2_000
"""Rows in which totals are tried first."""


def restarting(
    frame: pl.DataFrame, entity: str, time: str, names: Sequence[str], terms: Sequence[str]
) -> Iterator[RunningTotal]:
    """Totals of an entity, or of all rows with '', that are 0 before the first row of each period.

    Args:
        names: Numbers without missing values that may be totals.
        terms: Numbers that may be added.
    """
    if frame[time].has_nulls() or (entity and frame[entity].has_nulls()):
        return
    order = order_of(frame, entity, time)
    rows = frame[order]
    same = same_entity(rows, entity).to_numpy()
    done: set[str] = set()
    for period in PERIODS:
        part = period_of(rows[time], period)
        begins = same & (part != part.shift(1)).fill_null(True).to_numpy()
        later = same & ~begins
        few = begins.sum() < MIN_RESTARTS or later.sum() < MIN_ROWS
        if few or begins.sum() > MAX_RESTARTED * same.sum():
            continue
        usual = slice(0, FIRST_ROWS)
        likely = [
            name
            for name in names
            if name not in done
            and _falls(rows[name][usual].cast(pl.Float64).to_numpy(), begins[usual])
        ]
        for target, signed in _totals(rows, same, begins, likely, terms).items():
            done.add(target)
            yield RunningTotal(target, signed, entity, time, period=period)


def _falls(values: Floats, begins: NDArray[np.bool_]) -> bool:
    """Whether a column is mostly below the row before where a period begins."""
    at = np.flatnonzero(begins[1:]) + 1
    return len(at) > 0 and float((values[at] < values[at - 1]).mean()) >= MIN_FALLS


def _totals(
    rows: pl.DataFrame,
    same: NDArray[np.bool_],
    begins: NDArray[np.bool_],
    names: Sequence[str],
    terms: Sequence[str],
) -> dict[str, tuple[Term, ...]]:
    values = {name: rows[name].cast(pl.Float64).to_numpy() for name in {*names, *terms}}
    changes = {
        name: np.where(begins, values[name], np.diff(values[name], prepend=np.nan))[same]
        for name in names
    }
    added = {name: np.nan_to_num(values[name][same]) for name in terms}
    totals: dict[str, tuple[Term, ...]] = {}
    for target, near in nearest_terms(changes, added, list(names)).items():
        signed = sum_of(changes[target], {name: added[name] for name in near})
        first = begins[same]
        total = sum((sign * added[name] for sign, name in signed), np.zeros(len(first)))
        right = np.isclose(total, changes[target], rtol=1e-6, atol=1e-6)[first]
        if signed and float(right.mean()) >= MIN_HOLDS:
            totals[target] = tuple(Term(sign, name) for sign, name in signed)
    return totals
