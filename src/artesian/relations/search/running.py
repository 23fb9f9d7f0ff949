"""Search for running totals and meters within the rows of repeating identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import polars as pl

from artesian.core.graphs import leads_to
from artesian.data.row_groups import label_ids, numbering, repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.expressions import Floats
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.running import (
    GROUP,
    CarriedForward,
    FromPrevious,
    NeverFalls,
    RunningTotal,
    Term,
    grouped,
    order_of,
    same_entity,
)
from artesian.relations.search.accruals import accruals
from artesian.relations.search.restarts import restarting
from artesian.relations.search.signs import by_label, labels_of
from artesian.relations.search.term_sums import equal, nearest_terms, size_of, sum_of
from artesian.relations.windows import searched

MIN_PAIRS = 30
"""Minimum number of rows that follow another one of their series."""

MAX_SERIES = 100
"""Maximum number of pairs of an identifier and a time whose rows are looked at."""

MAX_GROUPED, MAX_GROUPINGS = 10, 30
"""Maximum number of identifiers and categories, and of pairs of them that are tried together, such as
article and warehouse."""

GROUPED_ROWS = 2_000
"""Number of rows, the first ones, in which totals of groups are tried first."""

SOME_ROWS = 8_000
"""Number of rows of whole entities in which totals are tried first in long tables."""

MAX_COUNTERS = 3
"""Maximum number of numbers by which rows of such a pair may be ordered, such as months of a year."""

YEARS = (1900, 2100)

MIN_GROUP_ROWS = 4
"""Minimum mean number of rows with the same values of such a pair."""

MAX_NUMBERS = 100
"""Maximum number of different numbers of the rows of an entity of which each has its own values."""

MAX_FALLS = 0.003
"""Maximum fraction of the rows that fall below values of other entities at the number before."""

Series = RunningTotal | CarriedForward | FromPrevious | NeverFalls
"""A relation between the rows of one entity."""


def running(table: Table, *, labels: bool = False) -> Iterator[Series]:
    """Totals with their terms, what is carried forward or follows from it, then columns that only
    rise, for every identifier and time or number of its rows.

    Args:
        labels: Also within the rows of identifiers of few things.
    """
    table = table.select(tuple(searched(table)))
    series = [*repeating_ids(table), *(label_ids(table) if labels else ())]
    if labels:
        series += [n for n in table.schema.of_kind(Kind.CATEGORY) if n not in series]
    # Of a date and a moment, the moment orders the rows of a day, too.
    distinct = {name: table.frame[name].n_unique() for name in table.schema.of_kind(Kind.DATETIME)}
    times = sorted(distinct, key=lambda name: -distinct[name])
    numbers = counters(table) if series else []
    numbered = {one: numbering(table, one, numbers) if numbers else () for one in series}
    names = _amounts(table) if times or any(numbered.values()) or (labels and numbers) else []
    terms = _terms(table) if names else []
    totals: set[str] = set()
    added: dict[str, set[str]] = {}
    pairs = [(entity, time) for entity in series for time in (*times, *numbered[entity])]

    def tried() -> Iterator[tuple[str, tuple[str, ...], str]]:
        yield from ((entity, (), time) for entity, time in pairs[:MAX_SERIES])
        # If no identifier has totals of its own, groups or all rows may have one.
        ordering = [*times, *numbers[:MAX_COUNTERS]] if labels and terms and not totals else []
        for both in groupings(table, series) if ordering else ():
            yield from (("", both, time) for time in ordering if time not in both)
        yield from (("", (), time) for time in times)

    def restarted() -> Iterator[RunningTotal]:
        for entity, time in [*pairs, *(("", time) for time in times)][:MAX_SERIES]:
            if time in distinct and table.frame[time].dtype != pl.Time:
                free = [name for name in names if name not in totals]
                some = _some_rows(table.frame, entity, time)
                if some is None or any(restarting(some, entity, time, free, terms)):
                    yield from restarting(table.frame, entity, time, free, terms)

    for entity, groups, time in tried():
        if not entity and totals:
            break
        for relation in _of_groups(table, entity, groups, time, names, terms):
            terms_of: set[str] = set()
            if isinstance(relation, RunningTotal):
                terms_of = {term.name for term in relation.terms}
            elif not isinstance(relation, NeverFalls):
                terms_of = {relation.total}
                if relation.total not in totals:
                    continue
            if isinstance(relation, FromPrevious):
                if relation.target not in totals:
                    totals.add(relation.target)
                    yield relation
            elif isinstance(relation, NeverFalls) and relation.target in set().union(
                *added.values()
            ):
                continue  # the repayments of a loan rise, but are no meter
            # What a total adds may be another total, which does not add it in turn.
            elif relation.target not in totals and not leads_to(terms_of, relation.target, added):
                totals.add(relation.target)
                added[relation.target] = terms_of
                yield relation
    for total in restarted() if names else ():
        if total.target not in totals and not totals.intersection(t.name for t in total.terms):
            totals.add(total.target)
            yield total


def groupings(table: Table, names: list[str]) -> list[tuple[str, str]]:
    """Pairs of columns whose values together have several rows each, most rows first."""
    frame = table.frame
    names = [*names, *(n for n in _years(table) if n not in names)]
    names = [n for n in names if not frame[n].has_nulls() and frame[n].n_unique() > 1]
    names, sizes = _different_groups(frame, names)[:MAX_GROUPED], []
    for one, other in combinations(names, 2):
        groups = frame.select(pl.struct(one, other).n_unique()).item()
        single = max(frame[one].n_unique(), frame[other].n_unique())
        if single < groups <= len(frame) / MIN_GROUP_ROWS:
            sizes.append((groups, (one, other)))
    return [pair for _, pair in sorted(sizes)[:MAX_GROUPINGS]]


def _different_groups(frame: pl.DataFrame, names: list[str]) -> list[str]:
    """The columns without those that divide the rows as one before them does: a code and its label."""
    numbers = pl.Series("\0row", np.arange(len(frame)))
    out: dict[bytes, str] = {}
    for name in names:
        first = (
            frame.select(name, numbers).select(pl.col(numbers.name).first().over(name)).to_series()
        )
        out.setdefault(first.to_numpy().tobytes(), name)
    return list(out.values())


def _years(table: Table) -> list[str]:
    """Whole numbers that are years, without omissions."""
    frame = table.frame
    return [
        name
        for name in table.schema.of_kind(Kind.NUMBER)
        if frame[name].dtype.is_integer()
        and _is_within(frame[name], *YEARS)
        and frame[name].n_unique() == frame[name].max() - frame[name].min() + 1  # type: ignore[operator]
    ]


def _is_within(series: pl.Series, low: int, high: int) -> bool:
    return all(isinstance(end, int) and low <= end <= high for end in (series.min(), series.max()))


def counters(table: Table) -> list[str]:
    """Whole numbers from 0 or 1 without omissions, which may number the rows of an entity."""
    counters = []
    for name in table.schema.of_kind(Kind.NUMBER):
        series = table.frame[name]
        if series.dtype.is_integer() and not series.has_nulls():
            low, high = series.min(), series.max()
            if isinstance(low, int) and isinstance(high, int) and low in (0, 1):
                counters += [name] if series.n_unique() == high - low + 1 else []
    return counters


def rises(change: Floats) -> bool:
    """Whether a column never falls, rises often, and not by the same amount each time.

    Args:
        change: Differences to the row before of the same series, in order of time.
    """
    if len(change) < MIN_PAIRS or (change < 0).mean() > 1 - MIN_HOLDS:
        return False
    return float((change > 0).mean()) >= 0.2 and len(np.unique(change)) > 2


def rises_with_number(frame: pl.DataFrame, meter: NeverFalls) -> bool:
    """Whether values of other entities at the same number rise as well, so that no meter counts them.

    The day of a visit depends on its number, not on the day of the visit before.
    """
    number = frame[meter.time]
    if not number.dtype.is_integer() or number.n_unique() > MAX_NUMBERS:
        return False
    order = frame.select(pl.arg_sort_by(meter.time, meter.entity, maintain_order=True)).to_series()
    rows = frame.select(meter.entity, meter.time, meter.target)[order]
    numbers = rows[meter.time].to_numpy()
    values = rows[meter.target].cast(pl.Float64).to_numpy()
    mixed, rng = values.copy(), np.random.default_rng(0)
    for one in np.unique(numbers):
        at = np.flatnonzero(numbers == one)
        mixed[at] = values[at][rng.permutation(len(at))]
    shuffled = rows.with_columns(pl.Series(meter.target, mixed))
    holds = meter.holds(shuffled).drop_nulls()
    return len(holds) >= MIN_PAIRS and int((~holds).sum()) <= MAX_FALLS * len(holds)


def _amounts(table: Table) -> list[str]:
    """Numbers without missing values that vary."""
    frame = table.frame
    return [
        name for name in _terms(table) if not frame[name].has_nulls() and frame[name].n_unique() > 2
    ]


def _terms(table: Table) -> list[str]:
    """Numbers, whose missing values count as 0."""
    frame = table.frame
    return [
        name
        for name in table.schema.of_kind(Kind.NUMBER)
        if frame[name].dtype.is_numeric() and not frame[name].dtype.is_decimal()
    ]


def _of_groups(
    table: Table,
    entity: str,
    groups: tuple[str, ...],
    time: str,
    names: list[str],
    terms: list[str],
) -> Iterator[Series]:
    if not groups:
        some = _some_entities(table.frame, entity)
        if some is None or any(_candidates(table, some, entity, time, names, terms)):
            yield from _candidates(table, table.frame, entity, time, names, terms)
        return
    # The first rows rule out nearly all groups.
    first = grouped(table.frame.head(GROUPED_ROWS), groups)
    tried = _candidates(table, first, GROUP, time, names, terms)
    if not any(isinstance(one, RunningTotal) for one in tried):
        return
    for one in _candidates(table, grouped(table.frame, groups), GROUP, time, names, terms):
        if isinstance(one, RunningTotal | CarriedForward):
            yield replace(one, entity="", groups=groups)


def _some_entities(frame: pl.DataFrame, entity: str) -> pl.DataFrame | None:
    """All rows of so many entities that they show what is not true of all; None of a short table."""
    if not entity or frame.height <= 2 * SOME_ROWS or frame[entity].has_nulls():
        return None
    rows = frame[entity].alias("entity").value_counts(name="rows").sort("rows", "entity")
    # Those of most rows would be one category each, those of few rows say nothing.
    middle = rows.filter(pl.col("rows") > 1)
    middle = middle.tail(max(len(middle) // 2, 1))
    chosen = middle.filter(pl.col("rows").cum_sum() - pl.col("rows") < SOME_ROWS)
    return frame.filter(frame[entity].is_in(chosen["entity"].implode())) if len(chosen) else None


def _some_rows(frame: pl.DataFrame, entity: str, time: str) -> pl.DataFrame | None:
    """Rows of some entities, or the first ones in time; None of a short table."""
    if entity:
        return _some_entities(frame, entity)
    long = frame.height > 2 * SOME_ROWS
    return frame.bottom_k(SOME_ROWS, by=time) if long else None


def _candidates(
    table: Table,
    frame: pl.DataFrame,
    entity: str,
    time: str,
    names: list[str],
    terms: list[str],
) -> Iterator[Series]:
    if entity and (frame[entity].has_nulls() or frame[entity].n_unique() < 2):
        return
    if frame[time].has_nulls():
        return
    rows = frame[order_of(frame, entity, time)]
    times, same = rows[time], same_entity(rows, entity)
    follows = same.to_numpy()
    if (same & (times > times.shift(1))).sum() < MIN_PAIRS:
        return
    tied = bool((same & (times == times.shift(1))).fill_null(False).any())
    values = {name: rows[name].cast(pl.Float64).to_numpy() for name in dict.fromkeys(names + terms)}
    changes = {name: np.diff(values[name], prepend=np.nan)[follows] for name in names}
    added = {name: np.nan_to_num(values[name][follows]) for name in terms}
    summed: set[str] = set()
    labels = cache(
        lambda: labels_of(rows.filter(same), table.schema.of_kind(Kind.CATEGORY, Kind.BOOLEAN))
    )
    # Others are the same in all rows of an entity.
    changing = [
        name
        for name in names
        if name != time
        and float(np.abs(changes[name]).max(initial=0.0)) > 1e-6 * size_of(values[name])
    ]
    for target, near in nearest_terms(changes, added, changing).items():
        chosen_terms = sum_of(changes[target], {name: added[name] for name in near})
        if chosen_terms:
            summed.add(target)
            terms_of = tuple(Term(sign, name) for sign, name in chosen_terms)
            yield RunningTotal(target, terms_of, entity, time)
            continue
        signed = by_label(changes[target], {name: added[name] for name in near}, labels)
        if signed:
            summed.add(target)
            yield RunningTotal(target, signed, entity, time)
    totals = sorted(summed)
    for total in totals:
        before = values[total][follows] - changes[total]
        for target in names:
            if target not in summed | {total} and equal(before, values[target][follows]):
                summed.add(target)
                yield CarriedForward(target, total, entity, time)
    for total in totals if entity else ():
        others = [name for name in terms if name not in summed and name != time]
        yield from accruals(rows, follows, total, others, entity, time)
    for target in names if entity else ():
        if target in summed or tied or not rises(changes[target]):
            continue
        # What rises with the time throughout the table, as its year does, says nothing of an entity.
        overall = np.diff(values[target][np.argsort(times.to_numpy(), kind="stable")])
        if (overall < 0).mean() > 1 - MIN_HOLDS:
            yield NeverFalls(target, entity, time)
