"""Columns that follow from the running total of the row before, as interest on a balance does.

Together with what is computed from them, and with the total itself, they are a recurrence over the rows
of an entity in order of time, which is evaluated for all entities at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from artesian.core.validated import Decimals
from artesian.data.table import Table
from artesian.encoding.transforms.meters import decimals_of
from artesian.relations.expressions import (
    Binary,
    Expression,
    Floats,
    Number,
    Ref,
    numbers,
    parse_expression,
)
from artesian.relations.formulas import Formula
from artesian.relations.running import (
    FromPrevious,
    Term,
    order_of,
    previous_name,
    sum_of_terms,
)

MIN_FIRST = 0.99
"""Fraction of the first rows of entities that have to follow from the start, too."""

First = Literal["follows", "zero", "missing"]
"""What a column that follows from the total of the row before is where there is none."""

ATTEMPTS = 4
"""How often a start is raised until no total is negative."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """One column of the recurrence.

    Attributes:
        target: The computed column.
        expression: Arithmetic over the row's columns and the total of the row before.
        decimals: Number of decimals of the target.
        relation: The relation that it keeps, as text.
    """

    target: str
    expression: str
    decimals: Decimals
    relation: str


def accruals_of(
    table: Table,
    total: str,
    carried: Sequence[str],
    direct: Iterable[FromPrevious | Formula],
    formulas: Iterable[Formula],
) -> tuple[Accrual, ...]:
    """The columns that follow from a total, then those computed from them.

    Args:
        carried: Columns with the total of the row before.
        direct: What follows from the total directly.
        formulas: What is computed within a row.
    """
    out: list[Accrual] = []

    def add(target: str, expression: Expression, relation: object) -> None:
        decimals = decimals_of(table.frame[target])
        out.append(Accrual(target, str(expression), decimals, str(relation)))

    for one in direct:
        add(one.target, one.expression, one)
    given = {one.target for one in out}
    rest = [one for one in formulas if not {total, *carried} & set(one.columns)]
    while True:
        following = next((f for f in rest if given & set(f.columns)), None)
        if following is None or not out:
            return tuple(out)
        rest.remove(following)
        solved = _solved(table, following, given)
        if solved is not None:
            add(*solved, following)
            given.add(solved[0])


def _solved(table: Table, formula: Formula, given: set[str]) -> tuple[str, Expression] | None:
    """A formula solved for the column that varies most within entities, or as it is."""
    signs = _signs(formula.expression)
    open_columns = [name for name in formula.columns if name not in given]
    if signs is None or formula.target in signs:
        return (formula.target, formula.expression) if formula.target in open_columns else None
    if not open_columns:
        return None
    signs = {formula.target: -1, **signs}
    target = max(open_columns, key=lambda name: table.frame[name].n_unique())
    node: Expression | None = None
    for name, sign in sorted(signs.items(), key=lambda pair: pair[1] * signs[target]):
        if name == target:
            continue
        positive = sign * signs[target] < 0
        if node is None:
            node = Ref(name) if positive else Binary("*", Number(-1.0), Ref(name))
        else:
            node = Binary("+" if positive else "-", node, Ref(name))
    return None if node is None else (target, node)


def _signs(expression: Expression) -> dict[str, int] | None:
    """The sign of each column in a plain sum of columns; None for anything else."""
    if isinstance(expression, Ref):
        return {expression.name: 1}
    if not isinstance(expression, Binary) or expression.sign not in "+-":
        return None
    left, right = _signs(expression.left), _signs(expression.right)
    if left is None or right is None or set(left) & set(right):
        return None
    turned = 1 if expression.sign == "+" else -1
    return left | {name: turned * sign for name, sign in right.items()}


def first_rows(
    table: Table, accruals: Sequence[Accrual], total: str, entity: str, time: str, change: Floats
) -> First | None:
    """What the columns that follow from the total are in the first row of an entity.

    Args:
        change: What each row adds to the total.

    Returns:
        Whether they follow from the start, are zero or missing; None if they are anything else.
    """
    order = order_of(table.frame, entity, time)
    rows, change = table.frame[order], change[order]
    first = (rows[entity] != rows[entity].shift(1)).fill_null(True)
    before = pl.Series(previous_name(total), numbers(rows[total]) - change)
    rows = rows.with_columns(before).filter(first)
    names = tuple(rows.columns)
    steps = [(one, parse_expression(one.expression, names)) for one in accruals]
    steps = [(one, node) for one, node in steps if before.name in node.columns]
    values = [numbers(rows[one.target]) for one, _ in steps]
    computed = [
        Formula(one.target, node, 0.51 * 10.0**-one.decimals).holds(rows) for one, node in steps
    ]
    if all(one.fill_null(False).sum() >= MIN_FIRST * len(one) for one in computed):
        return "follows"
    if all((one == 0).mean() >= MIN_FIRST for one in values):
        return "zero"
    return "missing" if all(np.isnan(one).mean() >= MIN_FIRST for one in values) else None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A total with what accrues on it.

    Attributes:
        terms: What is added to the total in each row.
        carried: Columns with the total before the row.
        decimals: Number of decimals of the total.
    """

    target: str
    terms: tuple[Term, ...]
    carried: tuple[str, ...]
    entity: str
    time: str
    decimals: int
    accruals: tuple[Accrual, ...]
    first: First

    def restored(self, frame: pl.DataFrame, start: Floats, *, floored: bool) -> pl.DataFrame:
        """Rows with the total, what is carried and what accrues.

        Args:
            start: The total before the first row of the row's entity, shape (rows,).
            floored: Whether no total is negative: an entity then starts as high as it takes.
        """
        order = order_of(frame, self.entity, self.time)
        ids = frame[self.entity][order]
        begins = (ids != ids.shift(1)).fill_null(True).to_numpy().copy()
        begins[:1] = True
        group = np.cumsum(begins) - 1
        position = np.arange(len(order)) - np.flatnonzero(begins)[group]
        by_position = np.argsort(position, kind="stable")
        ends = np.cumsum(np.bincount(position)) if len(order) else np.zeros(0, np.int64)
        levels = [order[by_position[a:b]] for a, b in zip([0, *ends[:-1]], ends, strict=True)]
        groups = np.empty(len(order), np.int64)
        groups[order] = group
        out, low = self._run(frame, start, levels, groups)
        for _ in range(ATTEMPTS if floored else 0):
            if not (low < 0).any():
                break
            missing = np.where(low < 0, -low, 0.0)
            raised, higher = self._run(frame, start + missing[groups], levels, groups)
            del raised
            grown = (higher - low) / np.where(missing > 0, missing, 1.0)
            needed = np.where(grown > 0, missing / np.where(grown > 0, grown, 1.0), missing)
            unit = 10.0**-self.decimals
            start = start + (np.ceil(needed / unit - 1e-6) * unit)[groups]
            out, low = self._run(frame, start, levels, groups)
        return out

    def _run(
        self,
        frame: pl.DataFrame,
        start: Floats,
        levels: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]],
        groups: np.ndarray[tuple[int], np.dtype[np.int64]],
    ) -> tuple[pl.DataFrame, Floats]:
        """The rows, and the lowest total of each entity."""
        before_name = previous_name(self.target)
        names = (*frame.columns, before_name, *self.carried, *(a.target for a in self.accruals))
        steps = [(one, parse_expression(one.expression, names)) for one in self.accruals]
        sources = {n for _, node in steps for n in node.columns} | {
            n for term in self.terms for n in term.columns
        }
        inputs = frame.select([name for name in frame.columns if name in sources])
        restored = {
            name: np.full(frame.height, np.nan)
            for name in (self.target, before_name, *(one.target for one in self.accruals))
        }
        before = np.round(start, self.decimals)
        totals = np.zeros(int(groups.max(initial=-1)) + 1)
        lowest = np.full(len(totals), np.inf)
        for number, at in enumerate(levels):
            level = before[at] if number == 0 else totals[groups[at]]
            carried = [pl.Series(name, level) for name in (before_name, *self.carried)]
            rows = inputs[at].with_columns(carried)
            for one, node in steps:
                values = np.round(node.evaluate(rows), one.decimals)
                if number == 0 and self.first != "follows" and before_name in node.columns:
                    values = np.full(len(at), 0.0 if self.first == "zero" else np.nan)
                rows = rows.with_columns(pl.Series(one.target, values))
                restored[one.target][at] = values
            added = rows.select(sum_of_terms(self.terms)).to_series().to_numpy()
            total = np.round(level + added, self.decimals)
            restored[before_name][at], restored[self.target][at] = level, total
            totals[groups[at]] = total
            lowest[groups[at]] = np.minimum(lowest[groups[at]], np.minimum(level, total))
        before_all = restored.pop(before_name)
        columns = [pl.Series(name, values, nan_to_null=True) for name, values in restored.items()]
        columns += [pl.Series(name, before_all) for name in self.carried]
        return frame.with_columns(columns), lowest
