"""Columns that are computed in the rows of some values of a category, or for each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from artesian.relations.dependencies import Dependency
from artesian.relations.expressions import Ref
from artesian.relations.formulas import ConditionalFormula, Formula
from artesian.relations.protocol import Discovered
from artesian.relations.search.computed import computed_columns
from artesian.relations.search.confirmed import confirmed
from artesian.relations.search.formula_checks import (
    is_circular,
    of_varying,
)
from artesian.relations.search.labels import formulas_of_labels
from artesian.relations.search.rows import Rows
from artesian.relations.search.zeros import equal_where, zero_unless


def conditional_formulas(
    rows: Rows,
    categories: Iterable[str],
    explained: set[str],
    computed: list[Discovered],
    fixed: Callable[[], frozenset[str]],
) -> list[Discovered]:
    """Formulas of columns in the rows of some labels: 0 in all others, equal to another column, or
    computed in another way.

    Args:
        computed: Formulas of all rows.
        fixed: Gives the columns that are the same in all rows of an identifier.
    """
    discovered: list[Discovered] = []
    for label, values, targets in zero_unless(rows, categories, explained):
        of_labels = _formulas_where(rows, label, values, targets, computed)
        discovered += confirmed((ConditionalFormula(f, label, values) for f in of_labels), rows)
        present = rows.both[label].cast(pl.String).drop_nulls().unique().sort()
        others = tuple(value for value in present if value not in values)
        discovered += confirmed((Dependency((label,), f.target, others) for f in of_labels), rows)
    done = explained | {one.relation.columns[0] for one in discovered}
    copies_of = [
        ConditionalFormula(Formula(target, Ref(source)), label, values)
        for target, source, label, values in equal_where(rows, categories, done, fixed)
    ]
    discovered += confirmed(copies_of, rows)
    return discovered + _by_label(rows, categories, done, [*computed, *discovered], fixed)


def _by_label(
    rows: Rows,
    categories: Iterable[str],
    done: set[str],
    before: list[Discovered],
    fixed: Callable[[], frozenset[str]],
) -> list[Discovered]:
    """Formulas that hold in the rows of a label each, those of one column by the same category."""
    chosen = {
        one.relation.target: (one.relation.label, one.relation.values)
        for one in before
        if isinstance(one.relation, ConditionalFormula)
    }
    discovered: dict[str, dict[str, list[Discovered]]] = {}
    for label, value, targets in formulas_of_labels(rows, categories, done):
        for discovered_formula in _formulas_where(rows, label, (value,), targets, before):
            formula = of_varying(discovered_formula, fixed)
            category, values = chosen.get(formula.target, (label, ()))
            if category == label and value not in values and formula.target not in done:
                one = confirmed([ConditionalFormula(formula, label, (value,))], rows)
                discovered.setdefault(formula.target, {}).setdefault(label, []).extend(one)
    out: list[Discovered] = []
    for target, by_category in discovered.items():
        of_category = max(by_category.values(), key=lambda those: sum(one.rows for one in those))
        for each in of_category:
            if not is_circular(target, each.relation.columns[1:], [*before, *out]):
                out.append(each)
    return out


def _formulas_where(
    rows: Rows,
    label: str,
    values: tuple[str, ...],
    targets: frozenset[str],
    computed: list[Discovered],
) -> list[Formula]:
    """Formulas of some columns in the rows of some values of a category.

    Args:
        computed: Formulas of all rows. In their terms a target is not computed from what it leads
            to: an insurance of .3 % is no part of a total that contains it.
    """
    chosen = pl.col(label).cast(pl.String).is_in(values)
    part = Rows(rows.search.filter(chosen), rows.confirm.filter(chosen), rows.schema)
    later = {
        one.relation.columns[0]
        for one in computed
        if any(is_circular(name, one.relation.columns, computed) for name in targets)
    }
    formulas = (one.relation for one in computed_columns(part, later - targets, [], frozenset))
    return [one for one in formulas if isinstance(one, Formula) and one.target in targets]
