"""Discover the relations of a table: searched in one half of the rows, confirmed in the other half."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import polars as pl

from artesian.data.formatting.templates import FIELD
from artesian.data.plain_names import pattern_names
from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.dependencies import Dependency
from artesian.relations.exclusive import Exclusive
from artesian.relations.formulas import Formula
from artesian.relations.group_values import GroupValue, is_of_itself
from artesian.relations.parts import PartDependency
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import MIN_HOLDS, Discovered, Relation, count
from artesian.relations.rules import is_of_rows
from artesian.relations.running import FromPrevious
from artesian.relations.search.between import between
from artesian.relations.search.bins import bins
from artesian.relations.search.computed import computed_columns, in_few_rows
from artesian.relations.search.conditional import conditional_formulas
from artesian.relations.search.conditional_texts import conditional_texts
from artesian.relations.search.confirmed import confirmed
from artesian.relations.search.copies import copies
from artesian.relations.search.dependencies import constants, dependencies
from artesian.relations.search.different import different
from artesian.relations.search.entities import independent
from artesian.relations.search.exclusive import exclusive
from artesian.relations.search.fixed import fixed_columns
from artesian.relations.search.follows import periods, sequences
from artesian.relations.search.formula_checks import (
    is_circular,
)
from artesian.relations.search.group_values import group_values
from artesian.relations.search.implied import implied
from artesian.relations.search.largest import largest
from artesian.relations.search.multiples import multiples
from artesian.relations.search.orders import orders, partial_sums
from artesian.relations.search.parts import part_dependencies
from artesian.relations.search.places import places
from artesian.relations.search.presence import presence
from artesian.relations.search.ranges import time_ranges
from artesian.relations.search.repeats import (
    determined_by,
    reads_part,
    sources_of,
    undoes,
    without_repeats,
)
from artesian.relations.search.rows import MAX_ROWS as MAX_SAMPLED
from artesian.relations.search.rows import Rows
from artesian.relations.search.running import Series, running
from artesian.relations.search.signs import signed_sums
from artesian.relations.search.texts import texts
from artesian.relations.texts import Template
from artesian.relations.windows import MAX_TOGETHER, windows

MAX_RUNNING = 100_000
"""Number of rows, the first ones, in which running totals are searched."""

MIN_FREQUENT = 10
"""Number of rows of every text from which its parts are looked up by it."""

MAX_FIELD = 60
"""Maximum number of values of a number within a text that may determine other columns."""

MIN_ROWS = 12
"""Smallest table in which other relations than formulas are searched."""


def discover(table: Table, *, between_rows: bool = True) -> tuple[Discovered, ...]:
    """Find relations that hold in at least `MIN_HOLDS` of the rows, and that fresh rows keep too.

    Columns that are computed from others are explained first; further relations are searched among the
    columns that remain. At most `rows.MAX_ROWS` rows are looked at. In a wide table
    neighbours are searched together: see `windows`.

    Args:
        between_rows: Also search relations of a row with others: running totals, sequences, groups.
    """
    from threadpoolctl import threadpool_limits

    # The matrices are small, and threads of BLAS would wait for each other.
    with threadpool_limits(1, user_api="blas"):
        discovered = _discover(table, between_rows)
    return discovered if len(table) <= MAX_SAMPLED else tuple(_in_all_rows(discovered, table))


def _in_all_rows(discovered: Iterable[Discovered], table: Table) -> Iterator[Discovered]:
    """What rows of a sample show, where it holds in all rows of the table too."""
    for one in discovered:
        if not is_of_rows(one.relation):
            yield one
            continue
        applies, wrong = count(one.relation, table.frame)
        if wrong <= (1 - MIN_HOLDS) * applies:
            yield replace(one, rows=applies, exceptions=wrong)


def _discover(table: Table, between_rows: bool) -> tuple[Discovered, ...]:
    names = pattern_names(table.schema.names)
    if names:
        # A pattern cannot be written as a column in a relation, so none of its relations is listed.
        table = table.select(tuple(n for n in table.schema.names if n not in names))
    if table.frame.width <= MAX_TOGETHER:
        return _together(table, between_rows)
    rows = Rows.from_table(table)
    discovered = confirmed(copies(rows.both), rows) if len(table) >= MIN_ROWS else []
    before: set[str] = set()
    for window in windows(table, {one.relation.columns[0] for one in discovered}):
        computed = {one.relation.columns[0] for one in discovered if _is_formula(one)}
        discovered += [
            one
            for one in _together(table.select(window), between_rows)
            # The group before this one has shown what columns have in common that are in both.
            if not before.issuperset(one.relation.columns)
            and not (
                _is_formula(one)
                and (
                    one.relation.columns[0] in computed
                    or is_circular(one.relation.columns[0], one.relation.columns[1:], discovered)
                )
            )
        ]
        before = set(window)
    return tuple(discovered)


def _is_formula(one: Discovered) -> bool:
    return isinstance(one.relation, Formula)


def _together(table: Table, between_rows: bool) -> tuple[Discovered, ...]:
    """Relations between all columns of a table."""
    rows = Rows.from_table(table)
    if len(table) < MIN_ROWS:
        return tuple(in_few_rows(rows, [], set()))
    discovered: list[Discovered] = []
    equal = confirmed(copies(rows.both), rows)
    discovered += equal
    copied = {one.relation.columns[0] for one in equal}
    ids = repeating_ids(table)
    signed = confirmed(signed_sums(rows, table.schema.of_kind(Kind.CATEGORY, Kind.BOOLEAN)), rows)
    fixed = cache(lambda: fixed_columns(rows, ids, table.schema.of_kind(Kind.CATEGORY)))
    computed = computed_columns(rows, copied, signed, fixed)
    discovered += computed
    explained = copied | {one.relation.columns[0] for one in computed}
    discovered += conditional_formulas(
        rows, table.schema.of_kind(Kind.CATEGORY, Kind.BOOLEAN), explained, computed, fixed
    )
    numeric = rows.numeric
    listable = frozenset(table.schema.of_kind(Kind.CATEGORY, Kind.BOOLEAN, Kind.NUMBER))
    parts = [
        one
        for one in confirmed(
            part_dependencies(rows.both, explained, listable, ids, rows.codes), rows
        )
        # The time may be computed from the hour.
        if not is_circular(one.relation.columns[-1], one.relation.columns[:-1], computed)
    ]
    discovered += parts
    explained |= {one.relation.columns[-1] for one in parts}
    written = confirmed(texts(rows.both, explained), rows)
    computed_texts = [one for one in written if _computes(one.relation, rows.both)]
    discovered += computed_texts
    explained |= {one.relation.columns[0] for one in computed_texts}
    ranges = [
        one
        for one in confirmed(bins(rows.both, numeric, explained, listable), rows)
        if not is_circular(one.relation.columns[0], one.relation.columns[1:], discovered)
    ]
    discovered += ranges
    explained |= {one.relation.columns[0] for one in ranges}
    flags = [
        one
        for one in confirmed(between(rows.both, numeric, explained, listable), rows)
        # A rate of discount does not follow from the discount.
        if not is_circular(one.relation.columns[0], one.relation.columns[1:], discovered)
    ]
    discovered += flags
    explained |= {one.relation.columns[0] for one in flags}
    winners = [
        one
        for one in confirmed(largest(rows.both, numeric, explained, listable), rows)
        if not is_circular(one.relation.columns[0], one.relation.columns[1:], discovered)
    ]
    discovered += winners
    explained |= {one.relation.columns[0] for one in winners}
    free = [j for j, name in enumerate(numeric.names) if name not in copied]
    ordered = orders(numeric, free)
    free = [j for j, name in enumerate(numeric.names) if name not in explained - copied]
    sets = confirmed(exclusive(numeric, free, rows.both), rows)
    # A flag of a complete set is not an amount of which another one is a part.
    complete = [s for s in sets if isinstance(s.relation, Exclusive) and s.relation.exactly]
    discovered += complete
    free = [j for j, name in enumerate(numeric.names) if name not in explained]
    # A total becomes its distance from the sum of its parts, so sums come before lone orders.
    discovered += confirmed(partial_sums(numeric, ordered, free), rows)
    discovered += confirmed(ordered, rows)
    discovered += [s for s in sets if s not in complete]
    discovered += [one for one in written if one not in computed_texts]
    if between_rows:
        discovered += _between_rows(table, explained, [one.relation for one in discovered])
    dependent = independent(
        dependencies(
            rows.both.drop(sorted(copied)),
            frozenset(explained),
            ids,
            table.schema.of_kind(Kind.TEXT),
            rows.codes,
            sources_of(computed),
        ),
        rows.both,
        ids,
    )
    amounts = {
        one.relation.columns[0]
        for one in computed
        if not _is_whole(rows.both[one.relation.columns[0]])
    }
    # The number in a telephone number is drawn anew, so that it can decide on nothing.
    drawn = {
        column.name
        for column in table.schema
        if column.role == FIELD and rows.both[column.name].n_unique() > MAX_FIELD
    }
    # What is computed from others determines each of them with the rest.
    together_computed = {frozenset(f.relation.columns) for f in computed}
    discovered += [
        one
        for one in confirmed(dependent, rows)
        if frozenset(one.relation.columns) not in together_computed
        # A total with cents is one of so many that hardly two rows have the same by chance.
        and not amounts.intersection(one.relation.columns[:-1])
        # A town and a discount tell a few persons apart, and decide on none.
        and not (len(one.relation.columns) > 2 and one.relation.columns[-1] in ids)
        and not drawn.intersection(one.relation.columns[:-1])
    ]
    by_value = determined_by([one.relation for one in discovered])
    discovered = [one for one in discovered if not undoes(one.relation, computed, by_value)]
    of_texts = {one.relation.columns[0]: one.relation.columns for one in computed_texts}
    discovered = [one for one in discovered if not reads_part(one.relation, of_texts)]
    stated = [d.relation for d in discovered if isinstance(d.relation, Dependency)]
    for one in time_ranges(rows, explained, {(r.sources[0], r.target) for r in stated}):
        applies, wrong = count(one, rows.both)
        evidence = f"each value has a range of its own; {applies - wrong:,} of {applies:,} rows"
        discovered.append(Discovered(one, applies, wrong, evidence))
    categories = frozenset(table.schema.of_kind(Kind.CATEGORY)) - explained
    discovered += confirmed(places(rows.both, categories, stated), rows)
    discovered += confirmed(different(rows.both, categories), rows)
    # What the text determines in all rows is looked up by it.
    decided = {(one.sources[0], one.target) for one in stated if not one.values}
    labelled = table.schema.of_kind(Kind.CATEGORY, Kind.BOOLEAN)
    discovered += confirmed(conditional_texts(rows, labelled, explained, decided), rows)
    determined = {
        f.relation.columns[-1]
        for f in discovered
        if isinstance(f.relation, PartDependency)
        or (isinstance(f.relation, Dependency) and not f.relation.values)
    }
    discovered += confirmed(multiples(rows, categories, explained | determined), rows)
    listed = {str(one.relation) for one in discovered}
    of_values = constants(
        rows.both,
        # Of an identifier, a constant would name the only one who has the value.
        frozenset({*explained, *determined, *ids, *table.schema.of_kind(Kind.KEY)}),
        listable,
        frozenset(numeric.names),
        rows.codes,
    )
    discovered += confirmed((one for one in of_values if str(one) not in listed), rows)
    missing = confirmed(presence(rows.both.drop(sorted(copied)), listable), rows)
    together = {m.relation.columns[0] for m in missing if isinstance(m.relation, MissingTogether)}
    events = implied(
        rows.both,
        numeric,
        [name for name in rows.both.columns if name not in together | copied],
        listable - explained,
        [d.relation for d in (*discovered, *missing)],
    )
    discovered = without_repeats(confirmed(events, rows), discovered, numeric, computed_texts)
    groups = [set(d.relation.columns) for d in discovered if isinstance(d.relation, Exclusive)]
    discovered = [
        # What flags say of each other follows from their set.
        d
        for d in discovered
        if isinstance(d.relation, Exclusive)
        or not any(set(d.relation.columns) <= group for group in groups)
    ]
    discovered += confirmed(_implied(discovered, missing), rows) + missing
    return tuple(discovered)


def _between_rows(
    table: Table, explained: set[str], within_rows: list[Relation]
) -> Iterator[Discovered]:
    """Relations of a row with others, but of columns that are computed within the row."""
    first = table.with_frame(table.frame.head(MAX_RUNNING))
    searched: list[tuple[Iterable[Relation], pl.DataFrame]] = [
        (_not_computed(running(first, labels=True), explained), first.frame),
        ((one.relation for one in (*sequences(first), *periods(first))), first.frame),
        (
            (
                one
                for one in group_values(table)
                if not (isinstance(one, GroupValue) and one.target in explained)
                and not is_of_itself(one, within_rows)
            ),
            table.frame,
        ),
    ]
    for relations, frame in searched:
        for one in relations:
            applies, wrong = count(one, frame)
            evidence = f"holds in {applies - wrong:,} of {applies:,} rows"
            yield Discovered(one, applies, wrong, evidence)


def _not_computed(relations: Iterable[Series], explained: set[str]) -> Iterable[Series]:
    """Relations between rows, without those of columns that are computed within the row."""
    return (
        one for one in relations if not isinstance(one, FromPrevious) or one.target not in explained
    )


def _computes(relation: Relation, frame: pl.DataFrame) -> bool:
    """Whether a text is computed from its parts, rather than its parts looked up by the text.

    Where every text is frequent, parts that do not occur together cannot be sampled by a lookup.
    """
    if not isinstance(relation, Template) or relation.open:
        return False
    if any(field.function for field in relation.fields):
        return True
    counts = frame[relation.target].drop_nulls().alias("value").value_counts(name="rows")["rows"]
    rarest = counts.min()
    return isinstance(rarest, int) and rarest < MIN_FREQUENT


def _implied(discovered: list[Discovered], missing: list[Discovered]) -> Iterable[Dependency]:
    """Constants of the column that decides whether another constant is missing.

    If all fees are 4.95 and a debit is missing when the flag is 'C', the flag of a fee is constant too.
    """
    for one in (d.relation for d in discovered):
        if isinstance(one, Dependency) and one.values:
            for rule in (m.relation for m in missing):
                other = isinstance(rule, MissingWhen) and rule.source not in one.columns
                if other and rule.columns[0] == one.target:
                    yield Dependency(one.sources, rule.columns[1], one.values)


def _is_whole(values: pl.Series) -> bool:
    """Whether a column holds no fractions."""
    if not (values.dtype.is_float() or values.dtype.is_decimal()):
        return True
    floats = values.drop_nulls().cast(pl.Float64)
    return bool((floats == floats.round()).all())
