"""Columns that are computed from others in the same row: one formula each, without circles."""

from __future__ import annotations

from collections.abc import Callable

from artesian.data.table import Table
from artesian.relations.expressions import Ref
from artesian.relations.formulas import Formula
from artesian.relations.linear_forms import Linear
from artesian.relations.protocol import Discovered, Relation, count
from artesian.relations.search import clock, dates, linear, sums, triples
from artesian.relations.search.annuities import annuities
from artesian.relations.search.brackets import brackets
from artesian.relations.search.confirmed import confirmed
from artesian.relations.search.copies import alike
from artesian.relations.search.extremes import extremes
from artesian.relations.search.formula_checks import (
    explains,
    is_circular,
    is_loose,
    is_sharp,
    larger_part,
    of_free_dates,
    total_of_parts,
    turned_formula,
    varies,
)
from artesian.relations.search.product_sums import product_sums, proportions
from artesian.relations.search.products import products
from artesian.relations.search.rearranged import rearranged
from artesian.relations.search.rows import Rows
from artesian.relations.search.small import MAX_ROWS as MAX_SMALL
from artesian.relations.search.small import small_formulas
from artesian.relations.search.timed import timed_sums
from artesian.relations.windows import windows


def computed_columns(
    rows: Rows,
    copied: set[str],
    signed: list[Discovered],
    fixed: Callable[[], frozenset[str]],
    given: frozenset[str] = frozenset(),
) -> list[Discovered]:
    """Formulas, each of a column that no earlier formula computes and over columns that none does.

    Args:
        signed: Sums whose signs a category decides, which come first.
        fixed: Gives the columns that are computed only from one another: see `fixed_columns`.
        given: Columns that others are computed from only, such as those of another table.
    """
    discovered = [*signed]
    numeric = rows.numeric
    explained = copied | {one.relation.columns[0] for one in signed}

    def take(formula: Formula | None, *, partly: bool = False) -> None:
        if (
            formula is None
            or formula.target in explained
            or formula.target in given
            or (formula.target in fixed() and varies(formula, fixed()))
            or is_circular(formula.target, formula.sources, discovered)
        ):
            return
        turned = turned_formula(formula, rows)
        if turned is not None and turned.target not in explained:
            take(turned)
            return
        others = (
            total_of_parts(formula, rows),
            larger_part(formula, rows, explained),
            of_free_dates(formula, rows),
        )
        for other in others:
            if other is not None and other.target not in explained:
                take(other)
                if other.target in explained:
                    return
        equal = isinstance(formula.expression, Ref)
        if equal and not alike(rows.both[formula.target], rows.both[formula.sources[0]]):
            return
        if not is_sharp(formula, numeric):
            return
        holding = confirmed([formula], rows)
        if holding and (partly or explains(formula, rows.both)):
            discovered.extend(holding)
            explained.add(formula.target)

    kept = rows.both.drop(sorted(copied))
    for formula in (*dates.date_parts(kept), *clock.times_of_parts(kept), *clock.lengths(kept)):
        take(formula)
    for formula in (
        *clock.added_lengths(numeric, rows.both),
        *clock.clock_sums(numeric, rows.both),
    ):
        take(formula)
    for formula in clock.shifts(numeric, rows.both):
        # The last stop has an arrival and no departure, the first one a departure only.
        take(formula, partly=True)
    free = [j for j, name in enumerate(numeric.names) if name not in explained]
    for formula in sums.sums_with_missing(numeric, free):
        take(formula)
    free = [j for j, name in enumerate(numeric.names) if name not in copied]
    for formula in linear.classes(numeric, free):
        take(formula)
    pairs = linear.linear_pairs(numeric)
    # A column is computed from an earlier one where both are possible.
    for target, source in sorted(pairs, key=lambda pair: (pair[0] < pair[1], pair)):
        if numeric.names[source] not in explained and numeric.names[target] not in explained:
            pair = linear.linear(numeric, target, source)
            if pair is not None and pair.within > 0.51 * numeric.grid[target]:
                # What is exact up to the rounding of both may be an exact sum: net = gross - tax.
                free = [j for j, name in enumerate(numeric.names) if name not in copied]
                take(sums.exact_sum(numeric, target, free))
            take(pair)
    later: list[Formula] = []
    for search in (
        *(annuities, timed_sums, brackets, triples.triples, products, sums.sums_with_absent),
        *(sums.long_sums, extremes, proportions, product_sums),
    ):
        free = [j for j, name in enumerate(numeric.names) if name not in explained]
        for formula in search(numeric, free):
            # A discount is no rest of what a rounded tax says while a search to come reproduces it.
            if is_loose(formula, numeric):
                later.append(formula)
            else:
                take(formula)
    for formula in later:
        take(formula)
    discovered = rearranged(discovered, rows, copied)
    explained |= {one.relation.columns[0] for one in discovered}
    # A ratio may be one of computed columns: of a payment to an income; and what exceeds a limit, too.
    free = [j for j, name in enumerate(numeric.names) if name not in copied]
    left = [j for j in free if numeric.names[j] not in explained]
    for again in (triples.triples, extremes):
        for formula in again(numeric, free, left if len(left) < len(free) else []):
            take(formula)
    # A sum may have terms that are computed, of which none is a sum itself.
    computed = {one.relation.columns[0]: one.relation for one in discovered}
    terms = [
        j
        for j, name in enumerate(numeric.names)
        if name not in copied and not _is_sum(computed.get(name))
    ]
    if any(numeric.names[j] in explained for j in terms):
        rates = [j for j in free if _is_rate(computed.get(numeric.names[j]))]
        for formula in sums.sums_with_absent(numeric, sorted({*terms, *rates})):
            take(formula)
        for formula in sums.long_sums(numeric, terms):
            take(formula)
    for part in numeric.where_present():
        for find in (triples.triples, products, sums.long_sums):
            for formula in find(part, [j for j, n in enumerate(part.names) if n not in explained]):
                take(formula)
    if len(rows.both) < MAX_SMALL:
        discovered += in_few_rows(rows, discovered, explained)
    return discovered


def _is_sum(relation: Relation | None) -> bool:
    """Whether a column is computed as a sum of others, or by no arithmetic."""
    return relation is not None and not (
        isinstance(relation, Formula) and Linear.of(relation.expression) is None
    )


def _is_rate(relation: Relation | None) -> bool:
    """Whether a column is computed from one other, as a duty of 22.8 % is."""
    return isinstance(relation, Formula) and len(relation.sources) == 1


def in_few_rows(rows: Rows, before: list[Discovered], explained: set[str]) -> list[Discovered]:
    """Formulas of columns other than `explained` that hold in all of few rows."""
    discovered: list[Discovered] = []
    for formula in small_formulas(rows.numeric):
        earlier = [*before, *discovered]
        done = explained | {one.relation.columns[0] for one in discovered}
        if formula.target in done or is_circular(formula.target, formula.sources, earlier):
            continue
        applies, _ = count(formula, rows.both)
        evidence = f"holds in all {applies:,} rows"
        discovered.append(Discovered(formula, applies, 0, evidence))
    return discovered


def formulas(table: Table) -> tuple[Formula, ...]:
    """The columns of a table that are computed from others in the same row."""
    groups = (Rows.from_table(table.select(names)) for names in windows(table))
    relations = (
        one.relation for rows in groups for one in computed_columns(rows, set(), [], frozenset)
    )
    return tuple({str(one): one for one in relations if isinstance(one, Formula)}.values())
