"""Related tables by sequential trees: each table given its owners, what siblings share, and each other.

Children are independent given their parent in most published methods, which an aggregation of children
to their parents shows at once (Hudovernik, Jurkovic & Strumbelj 2024). Here a parent carries what its
children have in common (their means, spreads, first time and span), and a child sees its parent, the
sibling before it, and what the siblings before it add up to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import DataError, UsageError
from artesian.core.run import Run
from artesian.core.settings import at_least, one_of
from artesian.data.dataset import Dataset, DatasetSchema
from artesian.data.schema import ForeignKey
from artesian.synthesizers.memorisation import LEVELS, Privacy
from artesian.synthesizers.protocol import Capabilities, Synthesizer
from artesian.synthesizers.relational.across import Between, keep
from artesian.synthesizers.relational.across_plan import across
from artesian.synthesizers.relational.assembly import (
    distinct_keys,
    fixed_groups,
    kept_rows,
    with_key,
    with_numbers,
)
from artesian.synthesizers.relational.checks import (
    check_between,
    check_joined,
    check_mails,
    check_repeated,
    check_tables,
)
from artesian.synthesizers.relational.conditions import (
    TableCondition,
    TablesWhere,
    nothing_left,
    parse_table_conditions,
    table_condition,
)
from artesian.synthesizers.relational.constraints import (
    never_kept,
    require_keepable,
    rules_of,
    without_broken,
)
from artesian.synthesizers.relational.fit import ChainSettings, fit_tables
from artesian.synthesizers.relational.hierarchy import Hierarchy
from artesian.synthesizers.relational.model_files import read_model, write_model
from artesian.synthesizers.relational.plan import Plan, parent_rows, with_referred_keys
from artesian.synthesizers.relational.source_keys import ORPHANS, count_orphans, without_orphans
from artesian.synthesizers.relational.state import State
from artesian.synthesizers.relational.table_method import require_tables
from artesian.synthesizers.relational.table_model import TableModel
from artesian.synthesizers.sequential.conditional import TreeSettings
from artesian.synthesizers.sequential.scores import ScoreSettings

MAX_LEFT_OUT = 20
"""How often rows that break a constraint are left out: what is computed from rows changes with them."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationalTrees:
    """Settings.

    Attributes:
        min_leaf: Minimum number of rows of a leaf.
        min_gain: Minimum gain of a split, in units of the node's variance.
        rounds: Number of trees of a boosted score; 0 for no scores.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
        privacy: How much each chain may memorise: 'low' for no limit, 'default', or 'high'.
        keep: Tables to keep as they are, but for what identifies somebody.
        generate: Tables to generate although they are lists of labels, which are kept otherwise.
        orphans: What becomes of rows that refer to no row: 'null' (they get no parent) or 'drop'.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="relational trees",
        description="related tables by sequential trees, siblings one after the other",
        source="sequential trees (Reiter 2005) given owners and siblings",
        inputs=("related tables",),
    )

    min_leaf: int = 10
    min_gain: float = 3.0
    rounds: int = 20
    protect: bool = True
    privacy: Privacy = "default"
    keep: tuple[str, ...] = ()
    generate: tuple[str, ...] = ()
    orphans: str = "null"

    def __post_init__(self) -> None:
        at_least(self, min_leaf=1, min_gain=0.0, rounds=0)
        one_of(self, privacy=LEVELS, orphans=ORPHANS)

    def fit(
        self,
        data: Dataset,
        *,
        methods: Mapping[str, Synthesizer] | None = None,
        run: Run | None = None,
    ) -> RelationalModel:
        """Fit all tables.

        Args:
            methods: Methods of single tables, by the name of the table that they serve in place of
                sequential trees.

        Raises:
            DataError: a table has no rows, or parents have the same key.
            UsageError: a method cannot serve its table, or a table cannot be kept or generated.
            SchemaError: a table to keep does not exist.
        """
        return self.fit_part(data, None, methods=methods, run=run)

    def fit_part(
        self,
        data: Dataset,
        whole: Dataset | None,
        *,
        methods: Mapping[str, Synthesizer] | None = None,
        run: Run | None = None,
    ) -> RelationalModel:
        """Fit all tables on a part of a dataset; see `fit`.

        Args:
            whole: The dataset of which `data` is a part, None for `data` itself. Only in it does every
                parent have all of its children, so that their sums are compared with its values there.
        """
        run = run or Run()
        orphans = count_orphans(data)
        if self.orphans == "drop":
            data = without_orphans(data)
        for name, table in data.items():
            if not len(table):
                raise DataError(
                    f"the table {name!r} has no rows to fit on", hint="leave it out, or fill it"
                )
        for name in (*self.keep, *self.generate, *(methods or {})):
            data[name]
        data = with_referred_keys(data)
        rows = {key: parent_rows(data, key) for key in data.foreign_keys}
        plan = Plan.from_dataset(data, rows, self.keep, self.generate, methods or ())
        require_tables(methods or {}, plan, data)
        require_keepable(data, plan)
        settings = ChainSettings(
            TreeSettings(min_leaf=self.min_leaf, min_gain=self.min_gain),
            ScoreSettings(rounds=self.rounds) if self.rounds else None,
            self.privacy,
        )
        models = fit_tables(
            data, plan, rows, settings, methods or {}, protect=self.protect, run=run
        )
        between = across(data, plan, rows, _listed(models), whole)
        deferred = [key for one in plan for key in one.deferred]
        owners = {one.name: None if one.owner is None else rows[one.owner] for one in plan}
        hierarchies = {
            key: Hierarchy.of(rows[key], owners[key.child], own=key.child == key.parent)
            for key in deferred
        }
        return RelationalModel(
            self, _without_rows(data, models), plan, models, hierarchies, orphans, between
        )

    @property
    def model(self) -> type[RelationalModel]:
        """The type of the fitted model."""
        return RelationalModel


@dataclass(frozen=True, slots=True)
class RelationalModel:
    """A fitted dataset.

    Attributes:
        settings: The synthesizer that fitted it.
        empty: The dataset without rows.
        plan: In which order the tables are drawn.
        models: The model of each table.
        hierarchies: How rows refer to others, for each deferred foreign key.
        orphans: Number of rows of each foreign key that referred to no row, which get none.
        between: Relations between the rows of several tables.
    """

    settings: RelationalTrees
    empty: Dataset
    plan: Plan
    models: Mapping[str, TableModel]
    hierarchies: Mapping[ForeignKey, Hierarchy]
    orphans: Mapping[ForeignKey, int]
    between: Between = field(default_factory=Between)

    def with_reasons(self, reasons: Mapping[str, str]) -> RelationalModel:
        """The model with other reasons why tables are kept, '' for that which it has."""
        tables = tuple(replace(one, kept=reasons[one.name] or one.kept) for one in self.plan)
        models = {one.name: replace(self.models[one.name], plan=one) for one in tables}
        return replace(self, plan=Plan(tables), models=models)

    @property
    def schema(self) -> DatasetSchema:
        """The schemas of the tables, and the foreign keys."""
        return DatasetSchema(self.empty.schemas, self.empty.foreign_keys)

    def check_values(self) -> None:
        """Check what sampling takes for granted."""
        check_tables(self.empty, self.plan, self.models, self.hierarchies)
        check_between(self.empty, self.between.pairs)
        check_joined(self.empty, self.between.joined)
        check_repeated(self.empty, self.between.repeated)
        check_mails(self.empty, self.between.mails)
        rules_of(self.empty)  # those of a file are no better than others

    def write_state(self, folder: Path) -> None:
        """Write all that `read_state` needs into `folder`."""
        write_model(self, folder)

    @classmethod
    def read_state(cls, folder: Path, settings: RelationalTrees, schema: DatasetSchema) -> Self:
        """The model that `write_state` wrote."""
        keys = schema.foreign_keys or ()
        return cls(settings, *read_model(folder, schema.tables, keys))

    def methods(self) -> dict[str, Synthesizer]:
        """The methods of single tables, by the name of the table that they serve."""
        return {
            name: one.method.model.settings
            for name, one in self.models.items()
            if one.method is not None
        }

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        suppressed = {
            name: one.codec.suppressed()
            for name, one in self.models.items()
            if one.codec is not None
        }
        return {
            "plan": self.plan.to_dict(),
            "methods": {name: one.capabilities.name for name, one in self.methods().items()},
            "suppressed": {name: values for name, values in suppressed.items() if values},
            "orphans": {str(key): count for key, count in self.orphans.items() if count},
            "relations": [str(one) for one in self.between],
        }

    def conditions(self, where: TablesWhere | Iterable[str] | None) -> dict[str, TableCondition]:
        """The conditions on rows of each table.

        Raises:
            UsageError: a condition names no table.
            ConditionError: the model gives no row that satisfies one.
        """
        parsed = parse_table_conditions(where, self.empty)
        return {name: table_condition(self.models, name, own) for name, own in parsed.items()}

    def sample(
        self,
        scale: float = 1.0,
        where: TablesWhere | Iterable[str] | None = None,
        *,
        run: Run | None = None,
    ) -> Dataset:
        """Sample a dataset.

        Args:
            scale: Rows of tables without owners, relative to the source, more than 0; other tables
                follow.
            where: Conditions on columns of tables, such as 'customer.country=FR'; see `conditions`.

        Raises:
            UsageError: `scale` is not more than 0, or a condition names no table.
            ConditionError: no row satisfies a condition.
            DataError: the rows would take more memory than the limit.
        """
        if not 0 < scale < math.inf:
            raise UsageError(f"the scale is {scale}", hint="give a number above 0, such as 2")
        conditions = self.conditions(where)
        run = (run or Run()).child("sample")
        rules = rules_of(self.empty)
        states: dict[str, State] = {}
        frames: dict[str, pl.DataFrame] = {}
        for one in self.plan:
            own_rules = rules.get(one.name, [])
            model = self.models[one.name]
            own = conditions.get(one.name)
            state, frame = model.draw(scale, states, self.models, run, own)
            if not one.kept:
                if one.owner is not None:
                    frame = with_key(frame, one.owner, state.owners, frames, model.template)
                for reference in model.references:
                    groups = fixed_groups(reference.key, frame, frames)
                    state = model.assign(state, reference, states, self.models, groups, run)
                    rows = state.rows[reference.key]
                    frame = with_key(frame, reference.key, rows, frames, model.template)
                if own is not None and own.keys:
                    there = np.flatnonzero(own.keys_mask(frame).to_numpy())
                    if not len(there):
                        raise nothing_left(one.name, {**own.where, **own.keys})
                    state, frame = state.select(there), frame[there]
                state, frame = kept_rows(state, frame, own_rules, one.name)
                frame = with_numbers(frame, one, state)
                numbered = {name for name, _ in one.numbered}
                last = [rule for rule in own_rules if numbered & {*rule.columns}]
                state, frame = kept_rows(state, frame, last, one.name)
                names = self.empty[one.name].schema.key
                distinct = distinct_keys(frame, names, one.linked)
                if distinct is not None:
                    state, frame = state.select(distinct), frame[distinct]
            states[one.name], frames[one.name] = state, frame
        for one in self.plan:
            if one.kept:
                continue
            frame, template = frames[one.name], self.models[one.name].template
            for key in one.deferred:
                rng = run.seed.child("deferred", str(key)).rng()
                rows = self._deferred(key, states[one.name], len(states[key.parent]), rng)
                frame = with_key(frame, key, rows, frames, template)
            frames[one.name] = frame
        ordered = {}
        for name, model in self.models.items():
            frame = frames[name]
            ordered[name] = frame.select(
                [pl.col(c).cast(model.template.schema[c]) for c in model.template.columns]
            )
        fixed = {name: (*one.where, *one.keys) for name, one in conditions.items()}
        listed = _listed(self.models)
        dataset = keep(self.empty.with_frames(ordered), self.between, listed, fixed, run)
        for _ in range(MAX_LEFT_OUT if rules else 0):
            fewer = without_broken(dataset, rules)
            if fewer is None:
                return dataset
            dataset = keep(fewer, self.between, listed, fixed, run)
        if rules:
            raise never_kept(dataset, rules)
        return dataset

    def _deferred(
        self, key: ForeignKey, state: State, parents: int, rng: np.random.Generator
    ) -> Ints:
        """Parents of the rows of a deferred foreign key, without cycles."""
        hierarchy = self.hierarchies[key]
        if key.child == key.parent:
            return hierarchy.assigned(len(state), state.owners, rng)
        there = rng.random(len(state)) >= hierarchy.fractions[0]
        return np.where(there, rng.integers(0, max(parents, 1), len(state)), -1)


def _listed(models: Mapping[str, TableModel]) -> dict[str, tuple[str, ...]]:
    """Table -> the relations that its rows keep."""
    return {
        name: one.codec.transforms.relations(one.codec.schema.names)
        for name, one in models.items()
        if one.codec is not None
    }


def _without_rows(data: Dataset, models: Mapping[str, TableModel]) -> Dataset:
    """The tables without rows, in the types and with the suppressed values of sampled ones."""
    tables = {}
    for name, table in data.items():
        model = models[name]
        columns = () if model.codec is None else tuple(model.codec.schema)
        enums = [c for c in table.schema if isinstance(table.frame[c.name].dtype, pl.Enum)]
        # The categories of an Enum are not a stated domain but those of the source.
        public = [replace(c, domain=None) for c in enums if model.kept is None]
        schema = table.schema.with_columns([*columns, *public])
        tables[name] = replace(table, frame=model.template, schema=schema)
    return replace(data, tables=tables)
