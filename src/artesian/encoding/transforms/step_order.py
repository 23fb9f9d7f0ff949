"""In which order the relations of a table are kept, and columns restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.dependency_steps import LookupStep, ReverseLookupStep
from artesian.encoding.transforms.event_steps import ImpliedStep, MultiplesStep
from artesian.encoding.transforms.formula_steps import PartFormulaStep, PartTextStep
from artesian.encoding.transforms.steps import PresenceStep, Step
from artesian.relations.dependencies import Dependency
from artesian.relations.expressions import numbers
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.orders import Inequality, Order
from artesian.relations.presence import MissingTogether
from artesian.relations.protocol import MIN_HOLDS, Relation
from artesian.relations.signed import SignedSum
from artesian.relations.texts import Template

MIN_COVERED = 0.5
"""Minimum fraction of the rows whose category others have too, for what it determines."""


MIN_COMBINED = 0.3
"""Minimum fraction of the combinations of a beginning and a rest that texts have, for them to combine
freely."""

MIN_COVERAGE = 0.5
"""Fraction of the rows from which an order is one of most rows."""


def ranked(declared: list[Relation], discovered: list[Relation]) -> list[Relation]:
    """Relations in the order in which steps are chosen for them.

    What a person declares comes before what was discovered, except that a declared order comes after
    discovered computations: with paid <= amount first, amount = paid + balance could not be kept.
    Rows that break a declared order without a step are drawn again.
    """
    exact = [
        one
        for one in discovered
        if isinstance(one, Copy | Formula | SignedSum | ConditionalFormula)
    ]
    orders = [one for one in declared if isinstance(one, Order)]
    others = [one for one in declared if not isinstance(one, Order)]
    return [*others, *exact, *orders, *(one for one in discovered if one not in exact)]


def by_categories(relations: list[Relation], table: Table) -> list[Relation]:
    """The relations with a category before what it determines, where both determine each other.

    Categories are sampled as they are. Numbers and times are drawn between those of the data, so that
    a lookup by them finds few. Two categories that determine a third one come before it if it
    determines one of them only: a normal range tells the analyte, but not the sex that it is for. Or if
    something else determines one of them: the rate of a class and season tells both, but the room has
    its class.
    """
    single = {
        (one.sources[0], one.target)
        for one in relations
        if isinstance(one, Dependency) and len(one.sources) == 1 and not one.values
    }
    early: list[Relation] = [
        one
        for one in relations
        if isinstance(one, Dependency)
        and len(one.sources) == 2
        and not one.values
        and (
            sum((one.target, source) in single for source in one.sources) == 1
            or any(
                name not in one.columns and (one.target, name) not in single
                for name, target in single
                if target in one.sources
            )
        )
    ]
    for one in relations:
        if not isinstance(one, Dependency) or len(one.sources) > 1 or one.values:
            continue
        source, target = (table.schema[name].kind for name in one.columns)
        if source in (Kind.NUMBER, Kind.DATETIME) and target is Kind.CATEGORY:
            reverse = Dependency((one.target,), one.sources[0])
            holds = reverse.holds(table.frame).drop_nulls()
            if len(holds) >= MIN_COVERED * len(table) and int(holds.sum()) >= MIN_HOLDS * len(
                holds
            ):
                early.append(reverse)
    return [*early, *(one for one in relations if one not in early)]


def composed(relations: list[Relation], frame: pl.DataFrame) -> set[Dependency]:
    """Dependencies of a text on whose columns it begins with, where beginning and rest combine freely.

    In `summary = text("[{component}] ...")` a summary tells its component, but is made of it: the rest
    is modelled. A code that begins with its chapter is no such text, since hardly any rest goes with
    several chapters.
    """
    out: set[Dependency] = set()
    for one in relations:
        if not isinstance(one, Template) or not one.open or frame[one.target].dtype != pl.String:
            continue
        both = pl.DataFrame({"text": frame[one.target], "start": one.compute(frame)}).drop_nulls()
        rest = pl.col("text").str.slice(pl.col("start").str.len_chars())
        number = both.select("start", rest).select(
            seen=pl.struct("start", "text").n_unique(),
            possible=pl.col("start").n_unique() * pl.col("text").n_unique(),
        )
        if number["seen"][0] >= MIN_COMBINED * number["possible"][0] > 0:
            out |= {Dependency((one.target,), source) for source in one.sources}
    return out


def coverage(relation: Order | Inequality, table: Table) -> float:
    """Fraction of the rows in which an order says something: both ends have a value, and the lower
    one is not just the 0 of amounts that are never negative."""
    if isinstance(relation, Inequality):
        return float(relation.holds(table.frame).count()) / max(len(table), 1)
    low, high = (numbers(table.frame[name]) for name in relation.columns)
    with np.errstate(invalid="ignore"):
        both = ~np.isnan(low + high)
        if (low[both] >= 0).all() and (high[both] >= 0).all():
            both &= low > 0
    return float(both.mean()) if len(both) else 0.0


Needs = Callable[[list[str], str], bool]
"""Whether some columns need another one, by the steps chosen so far."""


def in_turn(relations: list[Relation], needs: Needs, table: Table) -> Iterator[Relation]:
    """The relations in the order in which steps are chosen for them.

    What is computed in some rows has to bound its neighbours before others bound these. Orders of
    computed columns come before other orders: a computed column bounds others, but no other bounds it.
    Orders that say something in few rows come after those of most rows, and what is missing together
    comes last, when it is known which column decides.
    """
    computed = {one.target for one in relations if isinstance(one, Formula | SignedSum | Copy)}
    orders = [one for one in relations if isinstance(one, Order)]
    few = {one for one in orders if coverage(one, table) < MIN_COVERAGE}
    partly = {one.target for one in relations if isinstance(one, ConditionalFormula)} - computed

    def turn(order: Order) -> tuple[bool, int]:
        ends = set(order.columns)
        return order in few, 1 if computed & ends else 0 if partly & ends else 2

    orders.sort(key=turn)
    following = iter(orders)
    together, bounds = [], []
    for one in relations:
        if isinstance(one, MissingTogether) and not one.opposite:
            together.append(one)
        elif isinstance(one, Inequality) and coverage(one, table) < MIN_COVERAGE:
            bounds.append(one)
        else:
            yield next(following) if isinstance(one, Order) else one
    yield from bounds
    yield from _by_one_column(together, needs)


def _by_one_column(together: list[MissingTogether], needs: Needs) -> Iterator[MissingTogether]:
    """The same statements with one column of each group as the source: one that needs no other."""
    groups: list[list[str]] = []
    for one in together:
        joined = [group for group in groups if set(group) & set(one.columns)]
        names = [name for group in joined for name in group] + list(one.columns[::-1])
        groups = [group for group in groups if group not in joined] + [list(dict.fromkeys(names))]
    for group in groups:
        sources = [name for name in group if not any(needs([name], x) for x in group if x != name)]
        source = sources[0] if sources else group[0]
        for name in group:
            if name != source:
                yield MissingTogether(name, source)


def needed_by_bounds(relations: list[Relation]) -> set[str]:
    """The columns from which bounds of other columns are computed, directly or not."""
    formulas = {
        one.target: one.sources for one in relations if isinstance(one, Formula | SignedSum)
    }
    needed: set[str] = set()
    for order in (one for one in relations if isinstance(one, Order)):
        for end, other in (order.columns, order.columns[::-1]):
            sources: set[str] = set()
            todo = [end]
            while todo:
                new = set(formulas.get(todo.pop(), ())) - sources
                sources |= new
                todo += new
            # Else the order follows from a formula, or no end of it can be chosen.
            if other not in sources and other not in formulas:
                needed |= sources
    return needed


def ordered(steps: list[Step]) -> list[Step]:
    """The steps with every source before its target; the value of a column before its absence."""
    todo = sorted(steps, key=_corrects)
    done: list[Step] = []
    while todo:
        waiting = {step.target for step in todo}
        for step in todo:
            first = next(other for other in todo if other.target == step.target)
            if first is step and not waiting & (set(step.sources) - {step.target}):
                done.append(step)
                todo.remove(step)
                break
        else:
            raise AssertionError("steps are chosen without circles")
    return done


def _corrects(step: Step) -> tuple[bool, bool, bool]:
    """Whether a step changes some values of a column that another may have restored."""
    some = isinstance(step, MultiplesStep | ReverseLookupStep)
    some |= isinstance(step, LookupStep) and bool(step.relation.values)
    some |= isinstance(step, PartTextStep)
    some |= isinstance(step, PartFormulaStep) and isinstance(step.relation, ConditionalFormula)
    return isinstance(step, ImpliedStep), isinstance(step, PresenceStep), some
