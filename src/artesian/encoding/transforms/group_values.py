"""Values that follow from all rows of a group, and what is computed from them.

They are restored when all other columns are: a total of an order after its lines, and the value of a
stock after the running balance of its pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from artesian.data.schema import Column
from artesian.data.table import Table
from artesian.encoding.transforms.group_steps import BalanceStep, GroupStep, SinceFirstStep
from artesian.encoding.transforms.interval_steps import steps_since_previous
from artesian.encoding.transforms.meters import decimals_of
from artesian.encoding.transforms.protocol import hidden_name
from artesian.encoding.transforms.relations import RelationSteps, modelled_column
from artesian.encoding.transforms.running import Running, Total
from artesian.encoding.transforms.step_builder import StepBuilder
from artesian.encoding.transforms.step_order import ordered
from artesian.encoding.transforms.steps import Hidden, Step
from artesian.relations.between import Between
from artesian.relations.bins import Bins
from artesian.relations.discover import discover
from artesian.relations.expressions import numbers
from artesian.relations.formulas import Copy, Formula
from artesian.relations.group_values import Balanced, GroupValue, is_of_itself
from artesian.relations.largest import Largest
from artesian.relations.parse import is_relation, relations_of
from artesian.relations.protocol import Relation
from artesian.relations.search.group_values import group_values
from artesian.relations.signed import SignedSum
from artesian.relations.texts import Template

COMPUTED = Formula | SignedSum | Copy | Between | Bins | Largest | Template
"""Relations that give the value of one column from others."""


@dataclass(frozen=True, slots=True)
class GroupValues(RelationSteps):
    """Steps of values of groups, and of columns that are computed from these or from running totals."""

    name: ClassVar[str] = "group values"

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The values of groups in `table`, and what follows from them; None if there are none."""
        schema = table.schema
        listed = None if schema.relations is None else relations_of(schema.relations, schema.names)
        groups = [
            one
            for one in (group_values(table) if listed is None else listed)
            if isinstance(one, GroupValue | Balanced)
        ]
        steps: list[Step] = list(_of_times(groups, table))
        times = cls(tuple(steps), (), _hidden(steps, table)).forward(table)
        running = Running.learn(times, protect=protect)
        totals = () if running is None else running.totals
        if not groups and not totals:
            return None
        relations = [one.relation for one in discover(table)] if listed is None else listed
        computed = _computed_meters(totals, relations)
        totals = tuple(one for one in totals if one.target not in computed)
        restored = {name for one in totals for name in one.restored}
        needed = {n for one in totals for term in one.terms for n in term.columns}
        needed |= {n for one in totals for n in (one.entity, one.time)} | restored
        # What is computed within the row stays so.
        own = {one.target for one in relations if isinstance(one, COMPUTED)}
        groups = [one for one in groups if not is_of_itself(one, relations)]
        kept: list[Relation] = [step.relation for step in steps]
        for one in groups:
            used = {name for step in steps for name in (step.target, *step.sources)}
            new = _steps(one, table, restored | needed | own, used)
            if new:
                steps += new
                kept.append(one)
        following = _following(relations, restored | {step.target for step in steps}, needed)
        steps += StepBuilder(table, protect).steps(following)
        if not steps:
            return None
        steps = ordered(steps)
        hidden = _hidden(steps, table)
        texts = dict.fromkeys(map(str, (*kept, *following)))
        return cls(tuple(steps), tuple(texts), hidden)

    def forward(self, table: Table) -> Table:
        """Replace the targets by what is modelled in their place; the schema keeps its other parts."""
        schema = table.schema
        changed = RelationSteps.forward(self, table)
        names = changed.schema.names
        relations = schema.relations
        if relations is not None:
            relations = tuple(text for text in relations if is_relation(text, names))
        new = replace(
            schema,
            columns=changed.schema.columns,
            target=schema.target if schema.target in names else None,
            time=schema.time if schema.time in names else None,
            entity=schema.entity if schema.entity in names else None,
            key=schema.key if set(schema.key) <= set(names) else (),
            relations=relations,
        )
        return replace(table, frame=changed.frame, schema=new)


def _computed_meters(totals: Iterable[Total], relations: Iterable[Relation]) -> set[str]:
    """The columns that only rise and are computed from totals: the percentage that is done."""
    exact = {one.target for one in totals if one.terms}
    meters = {one.target for one in totals if not one.terms}
    return {
        one.target
        for one in relations
        if isinstance(one, COMPUTED) and one.target in meters and exact & set(one.columns[1:])
    }


def _hidden(steps: Iterable[Step], table: Table) -> dict[str, tuple[Column, ...]]:
    """The modelled columns in place of each target."""
    hidden = {step.target: step.hide(table.frame) for step in steps}
    return {
        name: tuple(modelled_column(table.schema[name], one) for one in series)
        for name, series in hidden.items()
        if series is not None
    }


def _of_times(relations: Iterable[Relation], table: Table) -> Iterator[Step]:
    """The steps of the times of groups that are never missing."""
    done: set[str] = set()
    for one in relations:
        if not isinstance(one, GroupValue) or one.source in done:
            continue
        if one.function == "since_first" and not table.frame[one.source].has_nulls():
            first = hidden_name(f"{one.source} (first)", table.schema)
            yield SinceFirstStep(one, Hidden(table.frame.schema[one.source], None), first)
            done.add(one.source)
        elif one.function == "since_previous":
            first = hidden_name(f"{one.source} (first)", table.schema)
            both = steps_since_previous(one, table.frame, first, _of_first(one, table))
            if both is not None:
                yield from both
                done.add(one.source)


def _following(relations: Iterable[Relation], late: set[str], needed: set[str]) -> list[Relation]:
    """The relations that compute a column from late ones, directly or not."""
    todo = [one for one in relations if isinstance(one, COMPUTED)]
    todo = [one for one in todo if not (isinstance(one, Template) and one.open)]
    late, following = set(late), list[Relation]()
    while True:
        new = [
            one for one in todo if one.target not in late | needed and late & set(one.columns[1:])
        ]
        if not new:
            return following
        following += new
        late |= {one.target for one in new}
        todo = [one for one in todo if one not in new]


def _steps(
    relation: GroupValue | Balanced, table: Table, taken: set[str], used: set[str]
) -> list[Step]:
    """The steps of one relation; none if its target is restored otherwise, or needed before."""
    frame = table.frame

    def form(name: str) -> Hidden:
        return Hidden(frame.schema[name], decimals_of(frame[name]))

    if isinstance(relation, Balanced):
        if {relation.left, relation.right} & (taken | used):
            return []
        left, right = (numbers(frame[name]) for name in (relation.left, relation.right))
        exclusive = bool(((left > 0) & (right > 0)).mean() < 1e-3)
        names = (relation.left, relation.right)
        return [BalanceStep(relation, name, form(name), exclusive) for name in names]
    if relation.function == "since_first":
        return []
    if relation.target in taken | used:
        return []
    target, present = relation.target, None
    if relation.function in ("max", "min") and frame[target].has_nulls():
        present = hidden_name(f"{target} (present)", table.schema)
    return [GroupStep(relation, form(target), _of_first(relation, table), present)]


def _of_first(relation: GroupValue, table: Table) -> float | None:
    """The value of rows before which there is none in their group; None if it is missing."""
    if relation.function != "since_previous":
        return None
    times, values = (numbers(table.frame[name]) for name in (relation.source, relation.target))
    first = values[np.isnan(relation.compute(table.frame)) & ~np.isnan(times)]
    present = first[~np.isnan(first)]
    return float(np.median(present)) if 2 * len(present) > len(first) else None
