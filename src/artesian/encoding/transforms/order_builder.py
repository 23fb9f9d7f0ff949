"""Choose the steps that keep orders: what is modelled in place of one of their ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from artesian.core.graphs import leads_to
from artesian.data.schema import Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.day_steps import DaysStep, has_own_clock
from artesian.encoding.transforms.lookup_steps import GENERATED
from artesian.encoding.transforms.order_steps import (
    DistanceStep,
    InequalityStep,
    IntervalStep,
    RatioStep,
    RedrawStep,
    are_round_percentages,
)
from artesian.encoding.transforms.protocol import hidden_name
from artesian.encoding.transforms.steps import (
    Hidden,
    Step,
    decimals_of,
    spacing,
)
from artesian.relations.expressions import numbers
from artesian.relations.formulas import Formula
from artesian.relations.linear_forms import Linear
from artesian.relations.orders import Inequality, Order

MAX_CROSSINGS = 0.05
"""Maximum proportion of independently drawn values that break an order, for one that is kept by
drawing again. Of those that more break, the ends depend on each other, and the distance is modelled."""

MIN_BOUNDED = 0.5
"""Minimum fraction of the values of an end whose rows have the other end too, for one that is
modelled as its distance from the other. A recovery of few claims does not decide on all costs."""

FEW = 40
"""Maximum number of values of whole numbers whose distances are modelled in place of fractions."""


@dataclass(slots=True)
class OrderBuilder:
    """Chooses steps for orders: one end becomes a distance, a fraction, or is drawn again.

    Attributes:
        valued: Columns whose value a step restores.
        edges: The columns that each target needs.
        replaced: The column that is modelled in place of an end of an interval.
        constant: Columns that are the same in all rows of a repeating identifier.
        early: Columns that computed ends of orders need; others are bounded by them rather.
        unbounded: Columns that are computed in some rows, and that no order bounds yet in the others.
        formulas: Column -> the formula that computes it.
        several: Columns with several bounds.
    """

    table: Table
    protect: bool
    valued: set[str] = field(default_factory=set)
    edges: dict[str, set[str]] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    constant: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)
    unbounded: set[str] = field(default_factory=set)
    formulas: dict[str, Formula] = field(default_factory=dict)
    several: frozenset[str] = frozenset()

    def _order(self, relation: Order) -> Step | None:
        low, high = relation.low, relation.high
        if self._schema[low].kind in GENERATED or self._schema[high].kind in GENERATED:
            return None
        values = {name: numbers(self._frame[name]) for name in (low, high)}
        present = {name: v[~np.isnan(v)] for name, v in values.items()}
        if not all(len(v) for v in present.values()):
            return None
        temporal = self._frame[low].dtype.is_temporal()
        few = all(self._frame[n].dtype.is_integer() for n in (low, high)) and all(
            len(np.unique(v)) <= FEW for v in present.values()
        )
        classes = self._frame[low].dtype.is_integer() and len(np.unique(present[low])) <= FEW
        if classes and not few and len(np.unique(present[low])) <= 2:
            return None  # a flag is no part of a number
        # A fraction of the whole is no class either, as 3 of the grades 1 to 5 is.
        ratio = not temporal and not classes and min(v.min() for v in present.values()) >= 0
        fill = {name: float(np.median(v)) for name, v in present.items()}
        ways = ["ratio", "distance"] if ratio else ["distance"]
        # A bound of what is computed in some rows would be broken there.
        if any(low in group and high not in group for group in (self.early, self.unbounded)):
            ways = ways[::-1]
        rare = {end for end in relation.columns if self._is_rare(relation, end)}
        if high in rare and low not in rare and not ratio:
            ways = ["below"]
        ways = [way for way in ways if (high if way == "distance" else low) not in rare]
        for way in ways:
            if way == "below" and self._bounds(low, [high]):
                name = self._hidden(f"{high} - {low}")
                self.replaced[low] = name
                return self._between((relation,), low, name)
            if way == "distance" and self._bounds(high, [low]):
                unit = spacing(self._frame.select(low, high))
                name = self._hidden(f"{high} - {low}")
                self.replaced[high] = name
                if high not in self.several and has_own_clock(self._frame[low], self._frame[high]):
                    clock = self._hidden(f"{high} (time of day)")
                    return DaysStep(relation, self._form(high), name, clock, fill[low])
                return DistanceStep(relation, self._form(high), name, unit, fill[low])
            if way == "ratio" and self._bounds(low, [high]):
                name = self._hidden(f"{low} / {high}")
                self.replaced[low] = name
                unit = spacing(self._frame.select(low))
                return RatioStep(relation, self._form(low), name, unit, fill[high])
        return None

    def _inequality(self, relation: Inequality) -> Step | None:
        target = relation.target
        sources = list(relation.expression.columns)
        if self._schema[target].kind in GENERATED:
            return None
        if target in self.constant and not self.constant.issuperset(sources):
            return None  # other rows of the entity have other bounds
        bound = relation.expression.evaluate(self._frame)
        both = int(relation.holds(self._frame).count())
        given = len(self._frame) - self._frame[target].null_count()
        if not both or both < MIN_BOUNDED * given or not self._bounds(target, sources):
            return None
        unit = spacing(self._frame.select(target))
        name = self._hidden(f"{target} (distance)")
        self.replaced[target] = name
        return InequalityStep(relation, self._form(target), name, unit, float(np.nanmedian(bound)))

    def _is_loose(self, order: Order) -> bool:
        """Whether the ends are better modelled apart: independent values hardly break the order, or
        one end is the same in all rows of an entity, whose other rows have other distances."""
        if (order.low in self.constant) != (order.high in self.constant):
            return True
        part, whole = (numbers(self._frame[name]) for name in order.columns)
        if are_round_percentages(part, whole, spacing(self._frame.select(order.low))):
            return False
        low, high = np.sort(part), np.sort(whole)
        low, high = (each[~np.isnan(each)] for each in (low, high))
        if not len(low) or not len(high):
            return False
        below = np.searchsorted(high, low, "right" if order.strict else "left")
        return float(below.mean()) / len(high) <= MAX_CROSSINGS

    def _redraw(self, order: Order) -> Step | None:
        """The end that varies is drawn again, of two the later one."""
        if any(self._schema[name].kind in GENERATED for name in order.columns):
            return None
        ends = (order.high, order.low) if order.high not in self.constant else order.columns
        for target in ends:
            (other,) = set(order.columns) - {target}
            if target not in self.constant and self._bounds(target, [other]):
                unit = spacing(self._frame.select(target))
                return RedrawStep(order, self._form(target), target, unit)
        return None

    def _keep_with_others(self, steps: list[Step], todo: list[Order], seen: set[Order]) -> None:
        """Add orders to the steps of their columns, and those that follow from two in one step."""
        while todo:
            order = todo.pop(0)
            # An end that few rows have decides on no end that most rows have, if it can be avoided.
            for at in sorted(
                range(len(steps)), key=lambda at: self._is_rare(order, steps[at].target)
            ):
                interval = self._interval(steps[at], order)
                if interval is not None:
                    steps[at] = interval
                    self.edges[interval.target].update(interval.sources)
                    # The highest lower bound is to be below the lowest upper one.
                    new = [Order(a, b) for a in interval.lows for b in interval.highs if a != b]
                    todo += [one for one in new if one not in seen]
                    seen.update(new)
                    break
            else:
                bound = self._bound_of_source(order)
                if bound is not None:
                    steps.append(bound)
                    self.edges.setdefault(bound.target, set()).update(bound.sources)

    def _interval(self, step: Step, order: Order) -> IntervalStep | None:
        """The step with one order more, if it restores one end and does not need the other first."""
        if not isinstance(step, DistanceStep | RatioStep | IntervalStep):
            return None
        column = step.target
        if column not in order.columns:
            return None
        (other,) = set(order.columns) - {column}
        if self._needs([other], column) or self._schema[other].kind in GENERATED:
            return None
        if column in self.constant and other not in self.constant:
            return None  # other rows of the entity have other bounds
        before = step.orders if isinstance(step, IntervalStep) else (step.relation,)
        return self._between((*before, order), column, step.sources[-1])

    def _between(self, orders: tuple[Order, ...], column: str, place: str) -> IntervalStep:
        """The step of a column that is modelled as its place between the bounds of some orders."""
        unit = spacing(self._frame.select(column))
        draft = IntervalStep(orders, column, self._form(column), place, unit, (0.0, 0.0))
        low, high = draft.bounds(self._frame)
        given = [bound for bound in (low, high) if bound is not None]
        width = 0.0
        if low is not None and high is not None:
            # Where a bound is missing, the interval is as wide as those of rows with both.
            sides = (side for side in (draft.lows, draft.highs) if side)
            both = pl.all_horizontal(pl.coalesce(*side).is_not_null() for side in sides)
            widths = (high - low)[self._frame.select(both).to_series().to_numpy()]
            width = float(np.median(widths)) if len(widths) else 0.0
        return replace(draft, fill=(float(np.nanmedian(given[0])), width))

    def _bound_of_source(self, order: Order) -> Step | None:
        """The lower bound of a number from which an end is computed: how long it took at least."""
        for end, other in (order.columns[::-1], order.columns):
            formula = self.formulas.get(end)
            parts = None if formula is None else Linear.of(formula.expression)
            if parts is None or other in parts.factors:
                continue  # a total is not below its parts, because none of them is negative
            for name, factor in parts.factors.items():
                if name in (*order.columns, *self.constant) or not factor:
                    continue
                if self._schema[name].kind is not Kind.NUMBER:
                    continue
                whole = parts.plus(Linear({other: 1.0}, 0.0), -1.0)
                bound = Inequality(name, whole.solved(name))
                # As a distance below another time, a length could become negative.
                lower = (end == order.high) == (factor > 0) and bound.expression.columns
                step = self._inequality(bound) if lower else None
                if step is not None:
                    return step
        return None

    def _is_rare(self, order: Order, end: str) -> bool:
        """Whether few of the rows with one end have the other end too."""
        if end not in order.columns:
            return True
        both, given = order.holds(self._frame).count(), self._frame[end].count()
        return bool(both < MIN_BOUNDED * given)

    def _free(self, target: str, sources: list[str]) -> bool:
        """Whether no step restores the target yet, and none of the sources needs it."""
        if target in self.valued:
            return False
        return not self._needs(sources, target)

    def _bounds(self, target: str, sources: list[str]) -> bool:
        """Whether an order may bound the target, which no step restores in all rows; then it does."""
        free = target not in self.valued or target in self.unbounded
        if not free or self._needs(sources, target):
            return False
        self.valued.add(target)
        self.unbounded.discard(target)
        return True

    def _needs(self, sources: list[str], target: str) -> bool:
        return leads_to(sources, target, self.edges)

    def _form(self, name: str) -> Hidden:
        series = self._frame[name]
        decimals, floor = decimals_of(series), None
        if series.dtype.is_numeric():
            lowest = float(np.nanmin(numbers(series)))
            unit = 0.0 if decimals is None else 10.0**-decimals
            floor = None if lowest < 0 else min(unit, lowest)
        return Hidden(series.dtype, decimals, floor)

    def _hidden(self, base: str) -> str:
        return hidden_name(base, self._schema)

    @property
    def _frame(self) -> pl.DataFrame:
        return self.table.frame

    @property
    def _schema(self) -> Schema:
        return self.table.schema
