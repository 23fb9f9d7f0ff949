"""Choose the steps that keep the relations of a table: one value per column, without circles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from artesian.data.row_groups import numbering, repeating_ids
from artesian.data.schema import Kind
from artesian.encoding.transforms.dependency_steps import LookupStep
from artesian.encoding.transforms.event_steps import (
    BinsStep,
    DifferentStep,
    ImpliedStep,
    MultiplesStep,
)
from artesian.encoding.transforms.formula_steps import (
    CopyStep,
    PartFormulaStep,
    PartTextStep,
    always_computed,
    formula_step,
)
from artesian.encoding.transforms.lookup_steps import GENERATED, Lookups, place
from artesian.encoding.transforms.order_builder import OrderBuilder
from artesian.encoding.transforms.step_order import (
    by_categories,
    composed,
    in_turn,
    needed_by_bounds,
)
from artesian.encoding.transforms.steps import (
    ExclusiveStep,
    Hidden,
    PresenceStep,
    Step,
    TextStep,
    decimals_of,
)
from artesian.relations.between import Between
from artesian.relations.bins import Bins
from artesian.relations.dependencies import Dependency
from artesian.relations.different import Different
from artesian.relations.exclusive import Exclusive
from artesian.relations.formulas import ConditionalFormula, Copy, Formula
from artesian.relations.implied import Implied
from artesian.relations.largest import Largest
from artesian.relations.multiples import Multiples
from artesian.relations.orders import Inequality, Order
from artesian.relations.parts import PartDependency
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import Relation
from artesian.relations.signed import SignedSum
from artesian.relations.texts import ConditionalTemplate, Template
from artesian.surrogates.personas import PERSONAL


@dataclass(slots=True)
class StepBuilder(OrderBuilder):
    """Chooses steps for relations, one value per column and without circles.

    Attributes:
        looked_up: Columns that a lookup restores, so that others may do so for further rows.
        present: Columns that a step makes missing.
        computed: The columns from which the value of each target is restored.
        lookups: What builds the steps of dependencies.
        single: Dependencies of one source, of all of its values.
        partly: Columns that are computed in some rows only.
        missing: Rules by which a column is missing for values of another.
        ids: Repeating identifiers.
    """

    looked_up: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)
    computed: dict[str, set[str]] = field(default_factory=dict)
    lookups: Lookups = field(init=False)
    single: list[Dependency] = field(default_factory=list)
    partly: set[str] = field(default_factory=set)
    missing: list[MissingWhen] = field(default_factory=list)
    ids: frozenset[str] = frozenset()

    def steps(self, relations: Iterable[Relation]) -> list[Step]:
        """One step or several for each relation that can be kept with those before it."""
        steps: list[Step] = []
        unkept: list[Order] = []
        relations = by_categories(list(relations), self.table)
        free = composed(relations, self._frame)
        relations = [one for one in relations if not (isinstance(one, Dependency) and one in free)]
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
        for relation in in_turn(relations, self._needs, self.table):
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
        if isinstance(relation, Multiples):
            return self._multiples(relation)
        by_value = isinstance(relation, Dependency | PartDependency)
        target = relation.columns[-1 if by_value else 0]
        others = [name for name in relation.columns if name != target]
        if isinstance(relation, Dependency) and target in self.looked_up and not relation.values:
            return None if self._needs(others, target) else self.lookups.step(relation)
        # Dependencies that are confined to some values of their sources leave room for others.
        confined = isinstance(relation, Dependency) and bool(relation.values)
        if isinstance(relation, Dependency) and self._is_reverse(relation):
            return self.lookups.reverse(relation)
        some = confined or isinstance(relation, ConditionalFormula | ConditionalTemplate)
        partly = some and target in self.partly and not self._needs(others, target)
        if not partly and not self._free(target, others):
            return None
        step: Step | None = None
        if isinstance(relation, Copy):
            step = CopyStep(relation, self._frame.schema[target])
        elif isinstance(relation, Between | Bins | Largest):
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
        elif isinstance(relation, ConditionalTemplate):
            step = PartTextStep(relation)
            self.partly.add(target)
        elif isinstance(relation, Template):
            if relation.open and self._are_personal(relation.columns):
                return None  # names that begin alike are generated together
            if relation.open and self._is_category(others) and self._identifies(target):
                return None  # identifiers are generated in the form of each category
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

    def _is_reverse(self, relation: Dependency) -> bool:
        """Whether a lookup by its target restores the source of a confined dependency."""
        source = relation.sources[0]
        return bool(relation.values) and (
            source in self.looked_up and relation.target in self.computed.get(source, ())
        )

    def _are_personal(self, names: Iterable[str]) -> bool:
        return all(
            self._schema[n].kind in GENERATED and self._schema[n].role in PERSONAL for n in names
        )

    def _identifies(self, name: str) -> bool:
        """Whether a column identifies rows, or entities of several rows."""
        unique = self._schema[name].kind is Kind.KEY and not self._frame[name].is_duplicated().any()
        return unique or name in self.ids

    def _is_category(self, names: list[str]) -> bool:
        return len(names) == 1 and self._schema[names[0]].kind is Kind.CATEGORY

    def _different(self, relation: Different) -> Step | None:
        for target, other in (relation.columns[::-1], relation.columns):
            generated = self._schema[target].kind in GENERATED
            if not generated and self._free(target, [other]):
                self.valued.add(target)
                return DifferentStep(relation, target)
        return None

    def _multiples(self, relation: Multiples) -> Step | None:
        target = relation.target
        free = target not in self.valued
        if not (free or target in self.replaced) or self._needs([relation.label], target):
            return None
        if not free:
            return MultiplesStep(relation, None)
        spread = self._hidden(f"{target} (spread)")
        self.valued.add(target)
        self.replaced[target] = spread
        return MultiplesStep(relation, spread)

    def _presence(self, relation: MissingTogether | MissingWhen) -> Step | None:
        target, source = relation.target, relation.source
        generated = self._schema[target].kind is Kind.KEY
        if generated or target in self.present or self._needs([source], target):
            return None
        bounded = target in self.replaced  # what is modelled in its place is missing, or not
        computed = target in self.valued and source in self.computed.get(target, ())
        if computed and not bounded and target not in self.looked_up:
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
