"""Choose the steps that keep the relations of a table: one value per column, without circles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from artesian.data.row_groups import numbering, repeating_ids
from artesian.data.schema import Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.day_steps import DaysStep, has_own_clock
from artesian.encoding.transforms.event_steps import BinsStep, DifferentStep, ImpliedStep
from artesian.encoding.transforms.formula_steps import (
    CopyStep,
    PartFormulaStep,
    always_computed,
    formula_step,
)
from artesian.encoding.transforms.lookup_steps import GENERATED, Lookups, place
from artesian.encoding.transforms.order_steps import (
    DistanceStep,
    InequalityStep,
    IntervalStep,
    RatioStep,
    RedrawStep,
)
from artesian.encoding.transforms.protocol import hidden_name
from artesian.encoding.transforms.step_order import by_categories, in_turn, needed_by_bounds
from artesian.encoding.transforms.steps import (
    ExclusiveStep,
    Hidden,
    LookupStep,
    PresenceStep,
    Step,
    TextStep,
    decimals_of,
    spacing,
)
from artesian.relations.bins import Bins
from artesian.relations.dependencies import Dependency
from artesian.relations.different import Different
from artesian.relations.exclusive import Exclusive
from artesian.relations.expressions import numbers
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.implied import Implied
from artesian.relations.largest import Largest
from artesian.relations.linear_forms import Linear
from artesian.relations.orders import Inequality, Order
from artesian.relations.parts import PartDependency
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import Relation
from artesian.relations.signed import SignedSum
from artesian.relations.texts import Template
from artesian.surrogates.personas import PERSONAL

MAX_CROSSINGS = 0.05
"""Maximum proportion of independently drawn values that break an order, for one that is kept by
drawing again. Of those that more break, the ends depend on each other, and the distance is modelled."""

FEW = 40
"""Maximum number of values of whole numbers whose distances are modelled in place of fractions."""


@dataclass(slots=True)
class StepBuilder:
    """Chooses steps for relations, one value per column and without circles.

    Attributes:
        valued: Columns whose value a step restores.
        looked_up: Those of them that a lookup restores, so that others may do so for further rows.
        present: Columns that a step makes missing.
        edges: The columns that each target needs.
        computed: The columns from which the value of each target is restored.
        replaced: The column that is modelled in place of an end of an interval.
        lookups: What builds the steps of dependencies.
        single: Dependencies of one source, of all of its values.
        partly: Columns that are computed in some rows only.
        unbounded: Those of them that no order bounds yet in the other rows.
        missing: Rules by which a column is missing for values of another.
        ids: Repeating identifiers.
        formulas: Column -> the formula that computes it.
        several: Columns with several bounds.
        constant: Columns that are the same in all rows of a repeating identifier.
        early: Columns that computed ends of orders need; others are bounded by them rather.
    """

    table: Table
    protect: bool
    valued: set[str] = field(default_factory=set)
    looked_up: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)
    edges: dict[str, set[str]] = field(default_factory=dict)
    computed: dict[str, set[str]] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    constant: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)
    lookups: Lookups = field(init=False)
    single: list[Dependency] = field(default_factory=list)
    partly: set[str] = field(default_factory=set)
    unbounded: set[str] = field(default_factory=set)
    missing: list[MissingWhen] = field(default_factory=list)
    ids: frozenset[str] = frozenset()
    formulas: dict[str, Formula] = field(default_factory=dict)
    several: frozenset[str] = frozenset()

    def steps(self, relations: Iterable[Relation]) -> list[Step]:
        """One step or several for each relation that can be kept with those before it."""
        steps: list[Step] = []
        unkept: list[Order] = []
        relations = by_categories(list(relations), self.table)
        self.lookups = Lookups(self.table, self.protect)
        self.single = [
            one
            for one in relations
            if isinstance(one, Dependency) and len(one.sources) == 1 and not one.values
        ]
        self.missing = [one for one in relations if isinstance(one, MissingWhen)]
        self.early = needed_by_bounds(relations)
        ids = set(repeating_ids(self.table))
        # The rows of an entity are numbered when all of them are known.
        self.valued |= {n for name in ids for n in numbering(self.table, name)}
        self.ids = frozenset(ids)
        self.constant = {one.target for one in self.single if one.sources[0] in ids}
        ends = Counter(n for one in relations if isinstance(one, Order) for n in one.columns)
        lows = {one.low for one in relations if isinstance(one, Order)}
        self.several = frozenset(name for name, n in ends.items() if n - (name in lows) > 1)
        loose: list[Order] = []
        for relation in in_turn(relations, self._needs):
            if isinstance(relation, Order) and self._is_loose(relation):
                loose.append(relation)
                continue
            if isinstance(relation, Exclusive):
                chosen = self._exclusive(relation)
            else:
                step = self._step(relation)
                chosen = [] if step is None else [step]
                if step is None and isinstance(relation, Order):
                    unkept.append(relation)
            for step in chosen:
                steps.insert(place(step, steps), step)
            for step in chosen:
                self.edges.setdefault(step.target, set()).update(step.sources)
                if not isinstance(step, PresenceStep | ImpliedStep):
                    self.computed.setdefault(step.target, set()).update(step.sources)
        for order in loose:
            redraw = self._redraw(order)
            if redraw is None:
                unkept.append(order)
            else:
                steps.append(redraw)
                self.edges.setdefault(redraw.target, set()).update(redraw.sources)
        for chained in self.lookups.chained(steps):
            if not self._needs([chained.sources[0]], chained.target):
                steps.insert(place(chained, steps), chained)
                self.edges.setdefault(chained.target, set()).update(chained.sources)
        for step in self._indirect(relations, {str(step.relation) for step in steps}):
            steps.append(step)
            self.edges.setdefault(step.target, set()).update(step.sources)
        self._keep_with_others(steps, unkept, {r for r in relations if isinstance(r, Order)})
        return always_computed(steps)

    def _indirect(self, relations: Iterable[Relation], kept: set[str]) -> Iterator[Step]:
        """Steps for what follows from two relations of which one cannot be kept by itself.

        A column that is computed from another cannot decide where that one is missing, but what is
        missing with it, or makes it missing, can.
        """
        implied = [one for one in relations if isinstance(one, Implied)]
        for second in (one for one in implied if str(one) not in kept):
            for first in (one for one in implied if one.effect == second.cause):
                step = self._implied(Implied(second.effect, first.cause))
                if step is not None:
                    yield step
        groups: dict[str, list[str]] = {}
        for one in relations:
            if isinstance(one, MissingTogether) and not one.opposite:
                group = groups.setdefault(one.source, groups.get(one.target, [one.source]))
                group.append(one.target)
                groups[one.target] = group
        for target, group in groups.items():
            others = (MissingTogether(target, other) for other in group if other != target)
            for step in map(self._presence, others):
                if step is not None:
                    yield step
                    break

    def _keep_with_others(self, steps: list[Step], todo: list[Order], seen: set[Order]) -> None:
        """Add orders to the steps of their columns, and those that follow from two in one step."""
        while todo:
            order = todo.pop(0)
            for at, step in enumerate(steps):
                interval = self._interval(step, order)
                if interval is not None:
                    steps[at] = interval
                    self.edges[step.target].update(interval.sources)
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
        place = step.sources[-1]
        unit = spacing(self._frame.select(column))
        draft = IntervalStep((*before, order), column, step.form, place, unit, (0.0, 0.0))
        low, high = draft.bounds(self._frame)
        given = [bound for bound in (low, high) if bound is not None]
        width = 0.0 if low is None or high is None else float(np.nanmedian(high - low))
        return replace(draft, fill=(float(np.nanmedian(given[0])), width))

    def _exclusive(self, relation: Exclusive) -> list[Step]:
        # A member that is computed decides on the others.
        members = tuple(sorted(relation.members, key=lambda name: name not in self.valued))
        relation = Exclusive(members, relation.exactly)
        if not all(self._free(name, list(members[:at])) for at, name in enumerate(members) if at):
            return []
        self.valued.update(members[1:])
        return [ExclusiveStep(relation, at) for at in range(1, len(members))]

    def _step(self, relation: Relation) -> Step | None:
        if isinstance(relation, MissingTogether | MissingWhen):
            return self._presence(relation)
        if isinstance(relation, Implied):
            return self._implied(relation)
        if isinstance(relation, Order):
            return self._order(relation)
        if isinstance(relation, Inequality):
            return self._inequality(relation)
        if isinstance(relation, Different):
            return self._different(relation)
        by_value = isinstance(relation, Dependency | PartDependency)
        target = relation.columns[-1 if by_value else 0]
        others = [name for name in relation.columns if name != target]
        if isinstance(relation, Dependency) and target in self.looked_up and not relation.values:
            return None if self._needs(others, target) else self.lookups.step(relation)
        # Dependencies that are confined to some values of their sources leave room for others.
        confined = isinstance(relation, Dependency) and bool(relation.values)
        some = confined or isinstance(relation, ConditionalFormula)
        partly = some and target in self.partly and not self._needs(others, target)
        if not partly and not self._free(target, others):
            return None
        step: Step | None = None
        if isinstance(relation, Copy):
            step = CopyStep(relation, self._frame.schema[target])
        elif isinstance(relation, Bins | Largest):
            dtype = self._frame.schema[target]
            step = BinsStep(relation, pl.String() if isinstance(dtype, pl.Enum) else dtype)
        elif isinstance(relation, Formula | SignedSum):
            if isinstance(relation, Formula):
                self.formulas[target] = relation
            step = formula_step(relation, self._frame, self._schema)
        elif isinstance(relation, ConditionalFormula):
            series = self._frame[target]
            step = PartFormulaStep(relation, Hidden(series.dtype, decimals_of(series)))
            if target not in self.partly:
                self.unbounded.add(target)
            self.partly.add(target)
        elif isinstance(relation, Template):
            if relation.open and self._are_personal(relation.columns):
                return None  # names that begin alike are generated together
            if relation.open and target in self.ids and self._is_category(others):
                return None  # identifiers of entities are generated in the form of each category
            rest = self._hidden(f"{target} (rest)") if relation.open else None
            step = TextStep(relation, rest)
        elif isinstance(relation, Dependency):
            step = self.lookups.step(relation) or self.lookups.agreement(relation)
        elif isinstance(relation, PartDependency):
            step = self.lookups.of_part(relation)
        if step is not None and not confined:
            self.valued.add(target)
            if isinstance(step, LookupStep) and self._schema[target].kind not in GENERATED:
                self.looked_up.add(target)
        return step

    def _are_personal(self, names: Iterable[str]) -> bool:
        return all(
            self._schema[n].kind in GENERATED and self._schema[n].role in PERSONAL for n in names
        )

    def _is_category(self, names: list[str]) -> bool:
        return len(names) == 1 and self._schema[names[0]].kind is Kind.CATEGORY

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
        todo, seen = list(sources), set()
        while todo:
            name = todo.pop()
            if name == target:
                return True
            if name not in seen:
                seen.add(name)
                todo += self.edges.get(name, set())
        return False

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
        ways = ("ratio", "distance") if ratio else ("distance",)
        for way in ways[::-1] if low in self.early and high not in self.early else ways:
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

    def _is_loose(self, order: Order) -> bool:
        """Whether the ends are better modelled apart: independent values hardly break the order, or
        one end is the same in all rows of an entity, whose other rows have other distances."""
        if (order.low in self.constant) != (order.high in self.constant):
            return True
        low, high = (np.sort(numbers(self._frame[name])) for name in order.columns)
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

    def _different(self, relation: Different) -> Step | None:
        for target, other in (relation.columns[::-1], relation.columns):
            generated = self._schema[target].kind in GENERATED
            if not generated and self._free(target, [other]):
                self.valued.add(target)
                return DifferentStep(relation, target)
        return None

    def _inequality(self, relation: Inequality) -> Step | None:
        target = relation.target
        sources = list(relation.expression.columns)
        if self._schema[target].kind in GENERATED:
            return None
        bound = relation.expression.evaluate(self._frame)
        if np.isnan(bound).all() or not self._bounds(target, sources):
            return None
        unit = spacing(self._frame.select(target))
        name = self._hidden(f"{target} (distance)")
        self.replaced[target] = name
        return InequalityStep(relation, self._form(target), name, unit, float(np.nanmedian(bound)))

    def _presence(self, relation: MissingTogether | MissingWhen) -> Step | None:
        target, source = relation.target, relation.source
        generated = self._schema[target].kind is Kind.KEY
        if generated or target in self.present or self._needs([source], target):
            return None
        bounded = target in self.replaced  # what is modelled in its place is missing, or not
        if target in self.valued and not bounded and source in self.computed.get(target, ()):
            return None  # missing where its source is, by computation
        self.present.add(target)
        owner = next((one.sources[0] for one in self.single if one.target == target), "")
        alike = next((one.target for one in self.single if one.sources[0] == target), "")
        return PresenceStep(relation, self.replaced.get(target, target), owner, alike)

    def _implied(self, relation: Implied) -> Step | None:
        target, source = relation.target, relation.cause.column
        if relation.exactly and self._needs([source], target):
            relation = Implied(relation.cause, relation.effect, exactly=True)
            target, source = source, target
        if Kind.KEY in (self._schema[target].kind, self._schema[source].kind):
            return None
        if self._needs([source], target) or self._follows(relation):
            return None
        if relation.effect.value is None:
            return ImpliedStep(relation, self.replaced.get(target, target))
        return None if target in self.valued else ImpliedStep(relation, target)

    def _follows(self, relation: Implied) -> bool:
        """Whether one column is missing where another is, as a third one says when both are."""
        cause, effect = relation.cause, relation.effect
        if relation.exactly or cause.value is not None or effect.value is not None:
            return False
        return any(
            one.within(other)
            for one in self.missing
            for other in self.missing
            if (one.target, other.target) == (cause.column, effect.column)
        )

    def _form(self, name: str) -> Hidden:
        series = self._frame[name]
        return Hidden(series.dtype, decimals_of(series))

    def _hidden(self, base: str) -> str:
        return hidden_name(base, self._schema)

    @property
    def _frame(self) -> pl.DataFrame:
        return self.table.frame

    @property
    def _schema(self) -> Schema:
        return self.table.schema
