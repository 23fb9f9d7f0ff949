"""Fitting the model of related tables: codes of every table, then the chain of each, parents first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.inference.roles import DIRECT
from artesian.data.schema import ForeignKey, mentions
from artesian.data.table import Table
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import ROWS_PER_BIN, NumberCodec
from artesian.encoding.table_codec import TableCodec
from artesian.encoding.transforms.chain import Chain
from artesian.relations.parse import is_relation
from artesian.synthesizers.memorisation import Privacy
from artesian.synthesizers.relational.clock import Clock, Scale
from artesian.synthesizers.relational.drift import Drift, drifts
from artesian.synthesizers.relational.items import Item, group_means, shared_items
from artesian.synthesizers.relational.ordering import ordering
from artesian.synthesizers.relational.plan import Plan, Rows, TablePlan
from artesian.synthesizers.relational.siblings import MAX_LAGS, Siblings
from artesian.synthesizers.relational.state import State, ancestors_of, at
from artesian.synthesizers.relational.table_model import Extra, Reference, TableModel
from artesian.synthesizers.sequential.conditional import TreeSettings
from artesian.synthesizers.sequential.feature_screening import screen
from artesian.synthesizers.sequential.given import GivenChain, joined
from artesian.synthesizers.sequential.scores import ScoreSettings

MAX_CODES = 250
"""Codes of a column, so that a further one can mean that there is no such row."""

MAX_PROFILE = 3
"""Columns of a referred row whose values are drawn with the row that refers to it."""

AGREEMENT = 0.98
"""Fraction of the rows with the same ancestor as with a referred row from which all of them must."""

CONSTANT = 0.999
"""Fraction of rows with the value of the sibling before from which all siblings have the same."""

MAX_ROW_CODES = 200
"""Maximum number of rows of a kept table whose rows are distinguished by what belongs to them."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """Settings of every chain."""

    tree: TreeSettings
    score: ScoreSettings | None
    privacy: Privacy


@dataclass(slots=True)
class _Draft:
    """A table while its model is fitted.

    Attributes:
        table: The rows.
        codec: Codes of the columns that are drawn; None if there are none.
        columns: The codes of all rows.
        order: What orders the rows of an owner, and the step of each row; None without it.
        drifts: Columns that are drawn as differences between siblings.
        items: Scores that siblings have in common.
    """

    plan: TablePlan
    table: Table
    codec: TableCodec | None
    columns: CodedTable
    order: tuple[Scale, Ints] | None
    drifts: tuple[Drift, ...] = ()
    items: tuple[Item, ...] = ()
    references: tuple[Reference, ...] = ()
    profiles: CodedTable | None = None
    extras: tuple[Extra, ...] = ()

    @property
    def own(self) -> CodedTable:
        """Values of referred rows, then the columns of the table."""
        parts = [self.columns] if self.profiles is None else [self.profiles, self.columns]
        return joined(parts, len(self.table))


def fit_tables(
    dataset: Dataset,
    plan: Plan,
    rows: Mapping[ForeignKey, Rows],
    settings: ChainSettings,
    *,
    protect: bool,
    run: Run,
) -> dict[str, TableModel]:
    """Fit every table of `dataset`, in the order of `plan`.

    Args:
        rows: Parent rows of every foreign key.
        protect: Suppress rare categories and the extremes of numbers.
    """
    drafts: dict[str, _Draft] = {}
    for one in plan:
        run.check("fit")
        table = dataset[one.name]
        drafts[one.name] = _draft(
            _without_identifiers(table) if one.kept else table, one, rows, protect=protect
        )
    for draft in drafts.values():
        own = draft.plan.owner
        if own is not None:
            draft.items = shared_items(draft.columns, rows[own])
    ancestors: dict[str, dict[str, Ints]] = {}
    models: dict[str, TableModel] = {}
    states: dict[str, State] = {}
    for one in plan:
        draft = drafts[one.name]
        owner = one.owner
        owners = np.full(len(draft.table), -1, np.int64) if owner is None else rows[owner]
        if owner is not None:
            ancestors[one.name] = ancestors_of(owner.parent, owners, states[owner.parent])
        else:
            ancestors[one.name] = {}
        draft.references, draft.profiles = _references(draft, rows, states, ancestors[one.name])
        draft.extras, extras = _extras(one.name, plan, drafts, rows, protect=protect)
        inherited = (
            joined([], len(draft.table))
            if owner is None
            else at(states[owner.parent].context(), owners)
        )
        columns = draft.own
        if one.kept and len(draft.table) <= MAX_ROW_CODES:
            columns = columns.with_categories(
                ["row"],
                [np.arange(len(draft.table)).astype(np.uint8)],
                [len(draft.table)],
            )
        state = State(columns, extras, inherited, owners, ancestors=ancestors[one.name])
        states[one.name] = state
        models[one.name] = _fit_table(draft, state, settings, rows, drafts, run)
    return models


def _without_identifiers(table: Table) -> Table:
    """The table without the values that identify somebody, but for its key."""
    names = [c.name for c in table.schema if c.role in DIRECT and c.name not in table.schema.key]
    return table.with_frame(
        table.frame.with_columns([pl.lit(None).alias(n) for n in names]).cast(
            {name: table.frame.schema[name] for name in names}
        )
    )


def _draft(
    table: Table, plan: TablePlan, rows: Mapping[ForeignKey, Rows], *, protect: bool
) -> _Draft:
    names = tuple(name for name in table.schema.names if name not in plan.linked)
    order = None
    if plan.owner is not None and not plan.kept:
        order = ordering(table, names, rows[plan.owner])
    if order is not None:
        names = tuple(name for name in names if name != order[0].name)
    if not names:
        return _Draft(plan, table, None, joined([], len(table)), order)
    part = table.select(names)
    # Searched among all columns: without a key or a time, others seem to determine what it does.
    chain, _ = Chain.learn(table, protect=protect and not plan.kept)
    relations = tuple(
        text for text in chain.relations(table.schema.names) if is_relation(text, names)
    )
    schema = replace(part.schema, entity=None, time=None, relations=relations)
    part = replace(part, schema=schema)
    moving: tuple[Drift, ...] = ()
    if plan.owner is not None and not plan.kept:
        owners = rows[plan.owner]
        steps = np.zeros(len(table), np.int64) if order is None else order[1]
        places = np.lexsort((np.arange(len(table)), steps, owners))
        free = [name for name in names if not any(mentions(text, name) for text in relations)]
        moving = drifts(table, free, owners, places)
        changed = [one.differences(part.frame[one.name], owners, places)[0] for one in moving]
        part = part.with_frame(part.frame.with_columns(changed))
    codec = TableCodec.from_data(
        part,
        protect=protect and not plan.kept,
        max_codes=MAX_CODES,
        rows_per_bin=ROWS_PER_BIN,
        owners=None if plan.owner is None else rows[plan.owner],
    )
    return _Draft(plan, table, codec, codec.coded_table(part), order, drifts=moving)


def _references(
    draft: _Draft,
    rows: Mapping[ForeignKey, Rows],
    states: Mapping[str, State],
    ancestors: Mapping[str, Ints],
) -> tuple[tuple[Reference, ...], CodedTable | None]:
    """The references of a table, and the values of the referred rows that are drawn with a row."""
    references, parts = [], []
    owner = draft.plan.owner
    for key in draft.plan.references:
        parent, parents = states[key.parent], rows[key]
        columns = _profile(draft, parent, parents)
        profile = at(_chosen(parent.own, columns), parents)
        parts.append(replace(profile, names=tuple(f"{key} ({name})" for name in profile.names)))
        there = parents >= 0
        owners = None if owner is None else rows[owner][there]
        pairs = None if owners is None else np.stack([owners, parents[there]])
        references.append(
            Reference(
                key,
                columns,
                profile.levels,
                profile.ordered,
                _shared(ancestors, parent, parents),
                pairs is not None and np.unique(pairs, axis=1).shape[1] == pairs.shape[1],
                owner is not None
                and owner.parent == key.parent
                and not (rows[owner] == parents)[there].any(),
            )
        )
    return tuple(references), joined(parts, len(draft.table)) if parts else None


def _profile(draft: _Draft, parent: State, parents: Ints) -> Ints:
    """Columns of a referred row that depend largest on the row that refers to it."""
    if not parent.own.columns:
        return np.zeros(0, np.int64)
    candidates = np.arange(parent.own.columns)
    if parent.own.columns <= MAX_PROFILE or not draft.columns.columns:
        return candidates[:MAX_PROFILE]
    there = parents >= 0
    theirs = at(parent.own, parents[there])
    own = draft.columns.with_codes(np.ascontiguousarray(draft.columns.codes[:, there]))
    both = joined([theirs, own], int(there.sum()))
    votes = np.zeros(parent.own.columns)
    for target in range(theirs.columns, both.columns):
        for place, column in enumerate(screen(both, candidates, target, MAX_PROFILE)):
            votes[column] += 1 / (1 + place)
    return np.sort(np.argsort(-votes, kind="stable")[:MAX_PROFILE])


def _chosen(coded: CodedTable, columns: Ints) -> CodedTable:
    return CodedTable(
        tuple(coded.names[j] for j in columns),
        np.ascontiguousarray(coded.codes[columns]),
        coded.levels[columns],
        coded.ordered[columns],
        coded.missing[columns],
    )


def _shared(ancestors: Mapping[str, Ints], parent: State, parents: Ints) -> str:
    """The table with largest rows whose row a row and the row that it refers to have in common."""
    there = parents >= 0
    best, largest = "", 1
    for name, own in ancestors.items():
        if name not in parent.ancestors or not there.any():
            continue
        theirs = parent.ancestors[name][parents[there]]
        distinct = len(np.unique(own))
        if (theirs == own[there]).mean() >= AGREEMENT and distinct > largest:
            best, largest = name, distinct
    return best


def _extras(
    name: str,
    plan: Plan,
    drafts: Mapping[str, _Draft],
    rows: Mapping[ForeignKey, Rows],
    *,
    protect: bool,
) -> tuple[tuple[Extra, ...], CodedTable]:
    """Numbers of children of each row of a table, and what the children have in common."""
    count = len(drafts[name].table)
    extras: list[Extra] = []
    codes: list[NDArray[Any]] = []

    def add(key: ForeignKey, kind: str, item: int, series: pl.Series) -> None:
        codec = NumberCodec.fit(series, protect=suppresses, max_codes=MAX_CODES)
        extras.append(Extra(key, kind, item, codec))
        codes.append(codec.encode(series))

    owned = set(plan.owned_by(name))
    suppresses = protect and not drafts[name].plan.kept
    for key in plan.referring_to(name):
        parents = rows[key]
        sizes = np.bincount(parents[parents >= 0], minlength=count)
        add(key, "count", 0, pl.Series(sizes))
        if key not in owned:
            continue
        child = drafts[key.child]
        if child.order is not None:
            first, span = _ends(child.order[1], parents, count)
            add(key, "first", 0, first)
            add(key, "span", 0, span)
        for number, moving in enumerate(child.drifts):
            steps = np.zeros(len(parents), np.int64) if child.order is None else child.order[1]
            places = np.lexsort((np.arange(len(parents)), steps, parents))
            series = child.table.frame[moving.name]
            _, starts = moving.differences(series, parents, places)
            values = np.full(count, np.nan)
            values[parents[starts]] = series.cast(pl.Float64).to_numpy()[starts]
            add(key, "base", number, pl.Series(values).fill_nan(None))
        for number, item in enumerate(child.items):
            means, spreads, _ = group_means(item.of(child.columns.codes), parents, count)
            add(key, "mean", number, _nullable(means))
            if child.columns.ordered[item.column]:
                add(key, "spread", number, _nullable(spreads))
    coded = CodedTable(
        tuple(f"{one.key} ({one.kind} {one.item})" for one in extras),
        np.array(codes, np.uint8).reshape(len(extras), count),
        np.array([one.codec.levels for one in extras], np.int64),
        np.ones(len(extras), bool),
        np.array([one.codec.missing for one in extras], bool),
    )
    return tuple(extras), coded


def _nullable(values: NDArray[np.float64]) -> pl.Series:
    return pl.Series(np.round(values, 4)).fill_nan(None)


def _ends(steps: Ints, parents: Ints, count: int) -> tuple[pl.Series, pl.Series]:
    """First step of the children of each row, and the steps from it to the last one."""
    frame = pl.DataFrame({"parent": parents, "step": steps})
    ends = frame.group_by("parent").agg(first=pl.col("step").min(), last=pl.col("step").max())
    every = pl.DataFrame({"parent": np.arange(count)})
    ends = every.join(ends, on="parent", how="left", maintain_order="left")
    return ends["first"], (ends["last"] - ends["first"]).alias("span")


def _fit_table(
    draft: _Draft,
    state: State,
    settings: ChainSettings,
    rows: Mapping[ForeignKey, Rows],
    drafts: Mapping[str, _Draft],
    run: Run,
) -> TableModel:
    plan, count = draft.plan, len(draft.table)
    common: dict[str, Any] = {
        "plan": plan,
        "real": draft.table,
        "template": draft.table.frame.clear(),
        "codec": draft.codec,
        "references": draft.references,
        "extras": draft.extras,
        "own": state.own.with_codes(np.zeros((state.own.columns, 0), np.uint8)),
        "rows": count,
        "drifts": draft.drifts,
        "unowned": int((state.owners < 0).sum()),
        "owner_rows": 0 if plan.owner is None else len(drafts[plan.owner.parent].table),
    }
    empty: dict[str, Any] = {"siblings": None, "clock": None, "chain": None, "increments": None}
    empty |= {"constant": np.zeros(0, np.int64), "same": ()}
    if plan.kept:
        return TableModel(**common, **empty, fixed=state)
    targets = [state.own, state.extras]
    own_run = run.child(plan.name)
    if plan.owner is None:
        coded = joined(targets, count)
        chain = _chain(coded, 0, settings, count, own_run)
        return TableModel(**common, **{**empty, "chain": chain})
    return TableModel(**common, **_fit_owned(draft, state, settings, own_run))


def _fit_owned(draft: _Draft, state: State, settings: ChainSettings, run: Run) -> dict[str, Any]:
    """The siblings, the clock and the chains of a table whose rows belong to others."""
    owners = state.owners
    # Rows without an owner are groups of one.
    group = np.where(owners < 0, owners.max(initial=0) + 1 + np.arange(len(owners)), owners)
    clock, steps = None, np.zeros(len(owners), np.int64)
    if draft.order is not None:
        steps = draft.order[1]
    order = np.lexsort((np.arange(len(group)), steps, group))
    own = state.own.with_codes(np.ascontiguousarray(state.own.codes[:, order]))
    extras = state.extras.with_codes(np.ascontiguousarray(state.extras.codes[:, order]))
    inherited = state.inherited.with_codes(np.ascontiguousarray(state.inherited.codes[:, order]))
    group, steps, owners = group[order], steps[order], owners[order]
    # Scores are of the table's own columns, which follow the values of referred rows.
    shift = own.columns - draft.columns.columns
    items = tuple(replace(item, column=item.column + shift) for item in draft.items)
    siblings = Siblings(own.levels[:MAX_LAGS], own.ordered[:MAX_LAGS], items)
    means = np.full((len(items), len(owners)), np.nan)
    _, numbered = np.unique(group, return_inverse=True)
    for number, item in enumerate(items):
        mean, _, _ = group_means(item.of(own.codes), numbered, int(numbered.max(initial=-1)) + 1)
        means[number] = np.where(owners < 0, np.nan, mean[numbered])
    seen = siblings.coded(siblings.of_rows(own.codes, group, means))
    same = _same_values(draft.table.frame, order, group)
    constant = _constant(draft, own, order, group, same)
    units = len(np.unique(group))
    parts = [inherited, seen]
    increments = None
    if draft.order is not None:
        first = np.concatenate([[True], group[1:] != group[:-1]])
        last = np.concatenate([group[1:] != group[:-1], [True]])
        increment = np.where(first, 0, np.diff(steps, prepend=0))
        ends = np.repeat(steps[last], np.diff(np.flatnonzero(np.append(first, True))))
        sizes = np.bincount(numbered)[numbered]
        position = np.arange(len(group)) - np.flatnonzero(first)[numbered]
        before = np.where(first, steps, steps - increment)
        rest = (ends - before) / np.maximum(sizes - position, 1)
        between = increment[~first] if (~first).any() else np.zeros(1, np.int64)
        clock = Clock.fit(draft.order[0], steps, between, rest)
        coded_increment = np.where(first, 0, clock.increments.encode(pl.Series(increment))).astype(
            np.uint8
        )
        previous = np.roll(coded_increment, 1)
        features = clock.increment_features(previous, rest, first=first)
        levels = clock.increments.levels
        yes = np.ones(2, bool)
        timing = CodedTable(
            ("previous increment", "mean increment to the end"),
            features,
            np.array([levels + 1, clock.rests.levels], np.int64),
            yes,
            np.array([True, clock.rests.missing]),
        )
        target = CodedTable(
            ("increment",),
            coded_increment[None],
            np.array([levels], np.int64),
            yes[:1],
            np.array([clock.increments.missing]),
        )
        later = np.flatnonzero(~first)
        if len(later):
            coded = joined([*parts, timing, target], len(group))
            coded = coded.with_codes(np.ascontiguousarray(coded.codes[:, later]))
            increments = _chain(coded, coded.columns - 1, settings, units, run.child("increment"))
        parts.append(clock.calendar(steps))
    coded = joined([*parts, own, extras], len(group))
    given = sum(part.columns for part in parts)
    chain = _chain(coded, given, settings, units, run)
    return {
        "siblings": siblings,
        "clock": clock,
        "chain": chain,
        "increments": increments,
        "constant": constant,
        "same": same,
    }


def _same_values(frame: pl.DataFrame, order: Ints, group: Ints) -> tuple[str, ...]:
    """Columns of the table, of several values, that are the same for all siblings."""
    later = np.flatnonzero(group[1:] == group[:-1]) + 1
    if not len(later):
        return ()
    same = []
    for name in frame.columns:
        _, ranks = np.unique(frame[name].cast(pl.String).fill_null(""), return_inverse=True)
        ranks = ranks[order]
        if ranks.max(initial=0) and (ranks[later] == ranks[later - 1]).mean() >= CONSTANT:
            same.append(name)
    return tuple(same)


def _constant(
    draft: _Draft, own: CodedTable, order: Ints, group: Ints, names: tuple[str, ...]
) -> Ints:
    """Own columns that are the same for all siblings; rare values share a code, so values decide.

    Args:
        names: Columns of the table whose values are the same.
    """
    later = np.flatnonzero(group[1:] == group[:-1]) + 1
    if not len(later):
        return np.zeros(0, np.int64)
    constant = []
    for column in range(own.columns):
        name = own.names[column]
        if name in draft.table.frame.columns and name not in names:
            continue
        codes = own.codes[column]
        same = codes[later] == codes[later - 1]
        if (own.counts(column) > 0).sum() < 2 or same.mean() < CONSTANT:
            continue
        constant.append(column)
    return np.array(constant, np.int64)


def _chain(
    coded: CodedTable, given: int, settings: ChainSettings, units: int, run: Run
) -> GivenChain:
    return GivenChain.fit(
        coded,
        given,
        tree=settings.tree,
        score=settings.score,
        privacy=settings.privacy,
        units=max(units, 1),
        run=run,
    )
