"""Discover the relations of a table: searched in one half of the rows, confirmed in the other half."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from artesian.data.table import Table
from artesian.relations.dependencies import Dependency
from artesian.relations.formulas import Copy, Formula
from artesian.relations.protocol import MIN_HOLDS, Found, Relation, count
from artesian.relations.search import dates, formulas
from artesian.relations.search.dependencies import constants, dependencies
from artesian.relations.search.orders import orders
from artesian.relations.search.presence import presence
from artesian.relations.search.rows import Rows
from artesian.relations.search.texts import texts

MIN_ROWS = 12
"""Smallest table in which relations are searched."""


def discover(table: Table) -> tuple[Found, ...]:
    """Find relations that hold in at least `MIN_HOLDS` of the rows, and that fresh rows keep too.

    Columns that are computed from others are explained first; further relations are searched among the
    columns that remain. At most `rows.MAX_ROWS` rows are looked at.
    """
    if len(table) < MIN_ROWS:
        return ()
    rows = Rows.from_table(table)
    found: list[Found] = []
    copies = _confirmed(_copies(rows.both), rows)
    found += copies
    copied = {one.relation.columns[0] for one in copies}
    computed = _computed(rows, copied)
    found += computed
    explained = copied | {one.relation.columns[0] for one in computed}
    numeric = rows.numeric
    free = [j for j, name in enumerate(numeric.names) if name not in copied]
    found += _confirmed(orders(numeric, free), rows)
    rest = rows.both.drop(sorted(explained))
    found += _confirmed(texts(rest), rows)
    found += _confirmed(dependencies(rows.both, frozenset(explained)), rows)
    determined = {f.relation.columns[-1] for f in found if isinstance(f.relation, Dependency)}
    found += _confirmed(constants(rows.both, frozenset(explained | determined)), rows)
    found += _confirmed(presence(rows.both.drop(sorted(copied))), rows)
    return tuple(found)


def _copies(frame: pl.DataFrame) -> Iterable[Copy]:
    """Columns equal to an earlier one."""
    seen: list[pl.Series] = []
    for series in frame:
        present = series.drop_nulls()
        if len(present) < MIN_ROWS or present.n_unique() < 2:
            continue
        for earlier in seen:
            alike = earlier.dtype == series.dtype or (
                earlier.dtype.is_numeric() and series.dtype.is_numeric()
            )
            # One that is missing elsewhere may be a part of it: see `sums_with_gaps`.
            if alike and earlier.null_count() == series.null_count():
                head = (earlier.head(64) == series.head(64)).mean()
                if isinstance(head, float) and head > 0.9:
                    yield Copy(series.name, earlier.name)
                    break
        else:
            seen.append(series)


def _computed(rows: Rows, copied: set[str]) -> list[Found]:
    """Formulas, each of a column that no earlier formula computes and over columns that none does."""
    found: list[Found] = []
    numeric = rows.numeric
    explained = set(copied)

    def take(formula: Formula | None) -> None:
        if formula is None or formula.target in explained or _circular(formula, found):
            return
        confirmed = _confirmed([formula], rows)
        if confirmed:
            found.extend(confirmed)
            explained.add(formula.target)

    for formula in dates.date_parts(rows.both.drop(sorted(copied))):
        take(formula)
    free = [j for j, name in enumerate(numeric.names) if name not in explained]
    for formula in formulas.sums_with_gaps(numeric, free):
        take(formula)
    pairs = formulas.linear_pairs(numeric)
    # A column is computed from an earlier one where both are possible.
    for target, source in sorted(pairs, key=lambda pair: (pair[0] < pair[1], pair)):
        if numeric.names[source] not in explained and numeric.names[target] not in explained:
            take(formulas.linear(numeric, target, source))
    free = [j for j, name in enumerate(numeric.names) if name not in explained]
    for formula in formulas.triples(numeric, free):
        take(formula)
    free = [j for j, name in enumerate(numeric.names) if name not in explained]
    for formula in formulas.long_sums(numeric, free):
        take(formula)
    return found


def _circular(formula: Formula, found: list[Found]) -> bool:
    """Whether a source of `formula` is computed, directly or not, from its target."""
    sources = {f.relation.columns[0]: set(f.relation.columns[1:]) for f in found}
    todo, seen = list(formula.sources), set()
    while todo:
        name = todo.pop()
        if name == formula.target:
            return True
        if name not in seen:
            seen.add(name)
            todo += sources.get(name, set())
    return False


def _confirmed(relations: Iterable[Relation], rows: Rows) -> list[Found]:
    """Those that hold in both halves."""
    found = []
    for relation in relations:
        halves = [count(relation, frame) for frame in (rows.search, rows.confirm)]
        applies, wrong = (sum(part) for part in zip(*halves, strict=True))
        if all(n >= 4 and bad <= (1 - MIN_HOLDS) * n for n, bad in halves):
            evidence = f"holds in {applies - wrong:,} of {applies:,} rows"
            found.append(Found(relation, applies, wrong, evidence))
    return found
