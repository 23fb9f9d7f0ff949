"""Choose the steps that keep the relations of a table: one value per column, without circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.entity import MIN_ENTITIES
from artesian.encoding.transforms.event_steps import BinsStep, ImpliedStep
from artesian.encoding.transforms.order_steps import (
    DistanceStep,
    InequalityStep,
    IntervalStep,
    RatioStep,
)
from artesian.encoding.transforms.protocol import hidden_name
from artesian.encoding.transforms.step_order import by_categories, in_turn, needed_by_bounds
from artesian.encoding.transforms.steps import (
    CopyStep,
    ExclusiveStep,
    FormulaStep,
    Hidden,
    LookupStep,
    PresenceStep,
    Step,
    TextStep,
    decimals_of,
)
from artesian.encoding.transforms.thresholds import threshold_table
from artesian.relations.bins import Bins
from artesian.relations.dependencies import Dependency
from artesian.relations.exclusive import Exclusive
from artesian.relations.expressions import numbers
from artesian.relations.formulas import Copy, Formula
from artesian.relations.implied import Implied
from artesian.relations.orders import Inequality, Order
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import MIN_HOLDS, Relation
from artesian.relations.search.rows import NumericColumns
from artesian.relations.texts import Template
from artesian.surrogates.columns import Surrogate
from artesian.surrogates.makers import ROLES

SEED = Seed(0).child("lookup")
"""Of the texts that are generated for the values of a source: the same in every sample."""

POOL = 500
"""Number of texts for values of a source that are not in its lookup table."""

GENERATED = (Kind.KEY, Kind.TEXT)

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
        entities: The entity of each row, if there are so many that rows of the same one count once.
        single: Dependencies of one source, of all of its values.
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
    early: set[str] = field(default_factory=set)
    entities: pl.Series | None = None
    single: list[Dependency] = field(default_factory=list)

    def steps(self, relations: Iterable[Relation]) -> list[Step]:
        """One step or several for each relation that can be kept with those before it."""
        steps: list[Step] = []
        unkept: list[Order] = []
        relations = by_categories(list(relations), self.table)
        self.entities = self._entities()
        self.single = [
            one
            for one in relations
            if isinstance(one, Dependency) and len(one.sources) == 1 and not one.values
        ]
        self.early = needed_by_bounds(relations)
        for relation in in_turn(relations, self._needs):
            if isinstance(relation, Exclusive):
                chosen = self._exclusive(relation)
            else:
                step = self._step(relation)
                chosen = [] if step is None else [step]
                if step is None and isinstance(relation, Order):
                    unkept.append(relation)
            for step in chosen:
                steps.insert(_place(step, steps), step)
            for step in chosen:
                self.edges.setdefault(step.target, set()).update(step.sources)
                if not isinstance(step, PresenceStep | ImpliedStep):
                    self.computed.setdefault(step.target, set()).update(step.sources)
        for step in self._indirect(relations, {str(step.relation) for step in steps}):
            steps.append(step)
            self.edges.setdefault(step.target, set()).update(step.sources)
        self._keep_with_others(steps, unkept, {r for r in relations if isinstance(r, Order)})
        return steps

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
        before = step.orders if isinstance(step, IntervalStep) else (step.relation,)
        place = step.sources[-1]
        unit = float(NumericColumns.from_frame(self._frame.select(column), 0).grid.min())
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
        target = relation.columns[-1] if isinstance(relation, Dependency) else relation.columns[0]
        others = [name for name in relation.columns if name != target]
        if isinstance(relation, Dependency) and target in self.looked_up and not relation.values:
            return None if self._needs(others, target) else self._lookup(relation)
        if not self._free(target, others):
            return None
        step: Step | None = None
        if isinstance(relation, Copy):
            step = CopyStep(relation, self._frame.schema[target])
        elif isinstance(relation, Bins):
            dtype = self._frame.schema[target]
            step = BinsStep(relation, pl.String() if isinstance(dtype, pl.Enum) else dtype)
        elif isinstance(relation, Formula):
            step = FormulaStep(relation, self._form(target), self._presence_name(relation))
        elif isinstance(relation, Template):
            rest = self._hidden(f"{target} (rest)") if relation.open else None
            step = TextStep(relation, rest)
        elif isinstance(relation, Dependency):
            step = self._lookup(relation)
        # Dependencies that are confined to some values of their sources leave room for others.
        confined = isinstance(relation, Dependency) and relation.values
        if step is not None and not confined:
            self.valued.add(target)
            if isinstance(step, LookupStep) and self._schema[target].kind not in GENERATED:
                self.looked_up.add(target)
        return step

    def _free(self, target: str, sources: list[str]) -> bool:
        """Whether no step restores the target yet, and none of the sources needs it."""
        if target in self.valued:
            return False
        return not self._needs(sources, target)

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
            if way == "distance" and self._free(high, [low]):
                self.valued.add(high)
                unit = float(NumericColumns.from_frame(self._frame.select(low, high), 0).grid.min())
                name = self._hidden(f"{high} - {low}")
                self.replaced[high] = name
                return DistanceStep(relation, self._form(high), name, unit, fill[low])
            if way == "ratio" and self._free(low, [high]):
                self.valued.add(low)
                name = self._hidden(f"{low} / {high}")
                self.replaced[low] = name
                return RatioStep(relation, self._form(low), name, fill[high])
        return None

    def _inequality(self, relation: Inequality) -> Step | None:
        target = relation.target
        sources = list(relation.expression.columns)
        if not self._free(target, sources) or self._schema[target].kind in GENERATED:
            return None
        bound = relation.expression.evaluate(self._frame)
        if np.isnan(bound).all():
            return None
        self.valued.add(target)
        unit = float(NumericColumns.from_frame(self._frame.select(target), 0).grid.min())
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
        if self._needs([source], target):
            return None
        if relation.effect.value is None:
            return ImpliedStep(relation, self.replaced.get(target, target))
        return None if target in self.valued else ImpliedStep(relation, target)

    def _lookup(self, relation: Dependency) -> LookupStep | None:
        if any(self._schema[name].kind in GENERATED for name in relation.sources):
            return None
        target = self._schema[relation.target]
        # Columns that describe a person are generated together.
        personal = [column.name for column in self._schema if column.role in ROLES]
        if target.kind is Kind.KEY or (target.role in ROLES and len(personal) > 1):
            return None
        minimum = MIN_COUNT if self.protect else 1
        table = relation.lookup(self._frame, minimum, self.entities)
        if len(relation.sources) == 1 and not relation.values and target.kind is not Kind.TEXT:
            runs = threshold_table(self._frame, *relation.sources, relation.target, minimum)
            table = table if runs.is_empty() else runs
        if target.kind is not Kind.TEXT or not table.height:
            absent = self._without(relation, minimum)
            return LookupStep(relation, table, absent=absent) if table.height else None
        # One generated text per value of the source.
        surrogate = Surrogate.learn(self._frame[target.name], target, keep_repeats=False)
        generated = surrogate.make(0, table.height + POOL, SEED.child(target.name))
        texts = generated.head(table.height).set(table[target.name].is_null(), None)
        pool = generated.tail(POOL).cast(pl.String).drop_nulls().to_list()
        return LookupStep(relation, table.with_columns(texts.alias(target.name)), tuple(pool))

    def _without(self, relation: Dependency, minimum: int) -> tuple[str, ...]:
        """The values of a category that rows without the source have, if no other rows have them."""
        source, target = relation.sources[0], relation.target
        if len(relation.sources) > 1 or self._schema[target].kind is not Kind.CATEGORY:
            return ()
        if relation.values or self._frame[target].dtype != pl.String:
            return ()
        frame = self._frame.select(target, pl.col(source).is_null().alias(_MISSING))
        deciding = Dependency((target,), _MISSING)
        holds = deciding.holds(frame).drop_nulls()
        if int(holds.sum()) < MIN_HOLDS * len(holds):
            return ()
        rows = deciding.lookup(frame, minimum, self.entities)
        return tuple(rows.filter(pl.col(_MISSING))[target])

    def _entities(self) -> pl.Series | None:
        entity = self._schema.entity
        ids = repeating_ids(self.table) if entity is None else (entity,)
        counts = {name: self._frame[name].n_unique() for name in ids}
        if not self.protect or not ids or min(counts.values()) < MIN_ENTITIES:
            return None
        return self._frame[min(ids, key=lambda name: counts[name])]

    def _presence_name(self, relation: Formula) -> str | None:
        """The name of a column for the presence of the target; None if its sources decide it."""
        missing = self._frame[relation.target].is_null().to_numpy()
        absent = np.isnan(relation.compute(self._frame))
        # Where a source is missing, nothing can be computed.
        if (missing & ~absent).mean() <= 1e-3:
            return None
        return self._hidden(f"{relation.target} (present)")

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


def _place(step: Step, steps: list[Step]) -> int:
    """Where a step comes in: the first lookup of all values of a column has the last word."""
    if isinstance(step, LookupStep) and not step.relation.values:
        for at, other in enumerate(steps):
            if isinstance(other, LookupStep) and other.target == step.target:
                return at
    return len(steps)


_MISSING = "\0missing"
