"""Lookup tables of dependencies: what they list, and what is made up for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.frames import as_text
from artesian.data.inference.roles import DIRECT
from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.dependency_steps import AgreeStep, LookupStep, ReverseLookupStep
from artesian.encoding.transforms.entity import MIN_ENTITIES
from artesian.encoding.transforms.joint_entity import JOINT
from artesian.encoding.transforms.part_steps import PartStep
from artesian.encoding.transforms.steps import Step
from artesian.encoding.transforms.thresholds import threshold_table
from artesian.relations.dependencies import Dependency
from artesian.relations.parts import PartDependency
from artesian.relations.protocol import MIN_HOLDS
from artesian.surrogates.columns import Surrogate
from artesian.surrogates.makers import ROLES

SEED = Seed(0).child("lookup")
"""Of the texts that are generated for the values of a source: the same in every sample."""

POOL = 500
"""Number of texts for values of a source that are not in its lookup table."""

GENERATED = (Kind.KEY, Kind.TEXT)

_MISSING = "\0missing"


@dataclass(frozen=True, eq=False)
class Lookups:
    """Builds the steps of dependencies.

    Attributes:
        protect: List no value that fewer than `MIN_COUNT` rows, or entities, have.
    """

    table: Table
    protect: bool

    def step(self, relation: Dependency) -> LookupStep | None:
        """The step of a dependency; None if its source or its target is generated otherwise."""
        frame, schema = self.table.frame, self.table.schema
        if any(schema[name].kind in GENERATED for name in relation.sources):
            return None
        target = schema[relation.target]
        # Columns that describe a person are generated together; a category with such a role is not.
        personal = [c.name for c in schema if c.role in ROLES and c.kind is not Kind.CATEGORY]
        if target.kind is Kind.KEY or (target.name in personal and len(personal) > 1):
            return None
        # An amount or a time does not name a person or an account, though it may tell them apart.
        measured = any(
            schema[name].kind in (Kind.NUMBER, Kind.DATETIME) and not frame[name].dtype.is_integer()
            for name in relation.sources
        )
        if target.name == schema.entity or (target.role in DIRECT and measured):
            return None
        table = relation.lookup(frame, self._minimum, self._entities)
        if not relation.values and target.kind is not Kind.TEXT:
            table = self._with_thresholds(relation, table)
        if not table.height:
            return None
        if target.kind is not Kind.TEXT:
            return LookupStep(
                relation,
                table,
                absent=self._without(relation),
                together=self._are_missing_together(relation),
            )
        # One generated text per value of the source.
        surrogate = Surrogate.learn(frame[target.name], target, keep_repeats=False)
        generated = surrogate.make(0, table.height + POOL, SEED.child(target.name))
        texts = generated.head(table.height).set(table[target.name].is_null(), None)
        pool = generated.tail(POOL).cast(pl.String).drop_nulls().to_list()
        return LookupStep(relation, table.with_columns(texts.alias(target.name)), tuple(pool))

    def agreement(self, relation: Dependency) -> AgreeStep | None:
        """The step of what an identifier determines with another column; None without one."""
        schema, ids = self.table.schema, repeating_ids(self.table)
        own = [name for name in relation.sources if name in ids]
        others = [schema[name].kind for name in relation.sources if name not in own]
        generated = schema[relation.target].kind in GENERATED or relation.target == schema.entity
        if len(own) != 1 or not others or generated or set(others) & set(GENERATED):
            return None
        return AgreeStep(relation)

    def reverse(self, relation: Dependency) -> ReverseLookupStep | None:
        """The step of a dependency whose source is looked up by its target; None without values."""
        (source,), target = relation.sources, relation.target
        frame = self.table.frame
        table = relation.lookup(frame, self._minimum, self._entities)
        back = Dependency((target,), source)
        usual = back.lookup(frame, self._minimum, self._entities).drop_nulls()
        others = frame.filter(~as_text(frame[source]).is_in(relation.values))
        free = others[source].value_counts(name="rows", sort=True)
        free = free.filter(pl.col("rows") >= self._minimum).head(1).select(source)
        usual = pl.concat([usual.select(source, target), free], how="diagonal")
        return ReverseLookupStep(relation, table, usual) if len(table) and len(usual) else None

    def of_part(self, relation: PartDependency) -> PartStep | None:
        """The step of a part of a time; None if the target is generated otherwise."""
        target = self.table.schema[relation.target]
        if target.kind in GENERATED or target.name == self.table.schema.entity:
            return None
        return PartStep.learn(relation, self.table.frame, self._minimum, self._entities)

    def chained(self, steps: Sequence[Step]) -> Iterator[LookupStep]:
        """Lookups that follow from two: where `town` is suppressed, `shop` decides on the country.

        In `shop -> town` and `town -> country`, a suppressed town has no country, but shops have.
        """
        direct = {
            (step.sources[0], step.target)
            for step in steps
            if isinstance(step, LookupStep) and len(step.sources) == 1 and not step.relation.values
        }
        todo = sorted(direct)
        categories = self.table.schema.of_kind(Kind.CATEGORY)
        while todo:
            first, middle = todo.pop(0)
            for source, target in sorted(direct):
                new = (first, target)
                if source != middle or new in direct or first == target:
                    continue
                if first in categories and target in categories:
                    direct.add(new)
                    todo.append(new)
                    step = self.step(Dependency((first,), target))
                    if step is not None:
                        yield step

    @property
    def _minimum(self) -> int:
        return MIN_COUNT if self.protect else 1

    @cached_property
    def _entities(self) -> pl.Series | None:
        """The entity of each row, if there are so many that rows of the same one count once."""
        frame, entity = self.table.frame, self.table.schema.entity
        ids = repeating_ids(self.table) if entity is None else (entity,)
        if entity is not None and self.table.schema[entity].role == JOINT:
            return None
        counts = {name: frame[name].n_unique() for name in ids}
        if not self.protect or not ids or min(counts.values()) < MIN_ENTITIES:
            return None
        return frame[min(ids, key=lambda name: counts[name])]

    def _with_thresholds(self, relation: Dependency, table: pl.DataFrame) -> pl.DataFrame:
        """The table, with the ends of ranges in place of single numbers where these decide: of the one
        source, or of the second one for each value of a category."""
        frame, target = self.table.frame, relation.target
        if len(relation.sources) == 1:
            runs = threshold_table(frame, *relation.sources, target, self._minimum)
            return table if runs.is_empty() else runs
        kinds = {self.table.schema[name].kind: name for name in relation.sources}
        label = kinds.get(Kind.CATEGORY, kinds.get(Kind.BOOLEAN))
        number = kinds.get(Kind.NUMBER, kinds.get(Kind.DATETIME))
        if len(relation.sources) > 2 or label is None or number is None:
            return table
        parts = []
        for value in table[label].unique(maintain_order=True) if table.height else ():
            rows = frame.filter(pl.col(label) == value)
            runs = threshold_table(rows, number, target, self._minimum)
            listed = runs.with_columns(pl.lit(value, dtype=table.schema[label]).alias(label))
            whole = table.filter(pl.col(label) == value) if runs.is_empty() else listed
            parts.append(whole.select(table.columns))
        return pl.concat(parts).sort(relation.sources) if parts else table

    def _are_missing_together(self, relation: Dependency) -> bool:
        """Whether rows lack the target if they lack the one source."""
        if len(relation.sources) > 1 or relation.values:
            return False
        source, target = (self.table.frame[name] for name in relation.columns)
        return bool(source.has_nulls() and target.filter(source.is_null()).is_null().all())

    def _without(self, relation: Dependency) -> tuple[str, ...]:
        """The values of a category that rows without the source have, if no other rows have them."""
        source, target = relation.sources[0], relation.target
        frame, kind = self.table.frame, self.table.schema[target].kind
        if len(relation.sources) > 1 or relation.values or not frame[source].null_count():
            return ()
        if kind is not Kind.CATEGORY or frame[target].dtype != pl.String:
            return ()
        rows = frame.select(target, pl.col(source).is_null().alias(_MISSING))
        deciding = Dependency((target,), _MISSING)
        holds = deciding.holds(rows).drop_nulls()
        if int(holds.sum()) < MIN_HOLDS * len(holds):
            return ()
        listed = deciding.lookup(rows, self._minimum, self._entities)
        return tuple(listed.filter(pl.col(_MISSING))[target])


def place(step: Step, steps: Sequence[Step]) -> int:
    """Where a step comes in: the first lookup of all values of a column has the last word."""
    if isinstance(step, LookupStep) and not step.relation.values:
        for at, other in enumerate(steps):
            if isinstance(other, LookupStep) and other.target == step.target:
                return at
    return len(steps)
