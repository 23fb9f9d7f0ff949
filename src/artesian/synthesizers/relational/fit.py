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
from artesian.data.schema import ForeignKey
from artesian.encoding.coded_table import CodedTable
from artesian.relations.search.rows import dense_codes
from artesian.synthesizers.memorisation import Privacy
from artesian.synthesizers.protocol import Synthesizer
from artesian.synthesizers.relational.clock import Clock
from artesian.synthesizers.relational.constraints import of_table
from artesian.synthesizers.relational.drafts import (
    Draft,
    draft_table,
    extras_of,
    references_of,
    without_identifiers,
)
from artesian.synthesizers.relational.items import group_means, shared_items
from artesian.synthesizers.relational.plan import Plan, Rows
from artesian.synthesizers.relational.siblings import MAX_LAGS, Siblings
from artesian.synthesizers.relational.state import State, ancestors_of, at, no_owner
from artesian.synthesizers.relational.table_method import TableMethod
from artesian.synthesizers.relational.table_model import TableModel
from artesian.synthesizers.sequential.conditional import TreeSettings
from artesian.synthesizers.sequential.given import GivenChain, joined
from artesian.synthesizers.sequential.scores import ScoreSettings

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


def fit_tables(
    dataset: Dataset,
    plan: Plan,
    rows: Mapping[ForeignKey, Rows],
    settings: ChainSettings,
    methods: Mapping[str, Synthesizer],
    *,
    protect: bool,
    run: Run,
) -> dict[str, TableModel]:
    """Fit every table of `dataset`, in the order of `plan`.

    Args:
        rows: Parent rows of every foreign key.
        methods: Methods of single tables, by the name of the table that they serve.
        protect: Suppress rare categories and the extremes of numbers.
    """
    drafts: dict[str, Draft] = {}
    for one in plan:
        run.check("fit")
        table = dataset[one.name]
        shown = without_identifiers(table) if one.kept else table
        with of_table(one.name):
            drafts[one.name] = draft_table(shown, one, rows, protect=protect)
    for draft in drafts.values():
        if draft.plan.unit is not None:
            draft.items = shared_items(draft.columns, rows[draft.plan.unit])
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
        draft.references, draft.profiles = references_of(
            draft, rows, states, ancestors[one.name], {n: d.extras for n, d in drafts.items()}
        )
        rng = run.child(one.name).seed.child("small groups").rng()
        draft.extras, extras = extras_of(one.name, plan, drafts, rows, rng, protect=protect)
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
        method = methods.get(one.name)
        models[one.name] = _fit_table(
            draft, state, settings, method, drafts, rows, run, protect=protect
        )
    return models


def _fit_table(
    draft: Draft,
    state: State,
    settings: ChainSettings,
    method: Synthesizer | None,
    drafts: Mapping[str, Draft],
    rows: Mapping[ForeignKey, Rows],
    run: Run,
    *,
    protect: bool,
) -> TableModel:
    plan, count = draft.plan, len(draft.table)
    common: dict[str, Any] = {
        "plan": plan,
        "kept": draft.table.frame if plan.kept else None,
        "template": draft.template(),
        "codec": None if plan.kept else draft.codec,
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
        return TableModel(**common, **empty, fixed=State(state.own, state.extras, *no_owner(count)))
    targets = [state.own, state.extras]
    own_run = run.child(plan.name)
    if method is not None and draft.codec is not None:
        part = draft.table.select(draft.codec.schema.names)
        if protect and plan.unit is not None:
            # The method counts rows; its values are those that rows of several parents have.
            seed = own_run.seed.child("protected")
            codes = draft.columns.codes
            part = part.with_frame(
                draft.codec.decode(
                    codes, seed.rng().random(codes.shape), 0, seed, arranged=False
                ).frame
            )
        served = TableMethod.fit(
            method, part, draft.profiles, draft.extras, state.extras.codes, own_run
        )
        return TableModel(**common, **empty, method=served)
    if plan.owner is None:
        coded = joined(targets, count)
        chain = _chain(coded, 0, settings, count, own_run)
        return TableModel(**common, **{**empty, "chain": chain})
    return TableModel(**common, **_fit_owned(draft, state, settings, own_run))


def _fit_owned(draft: Draft, state: State, settings: ChainSettings, run: Run) -> dict[str, Any]:
    """The siblings, the clock and the chains of a table whose rows belong to others."""
    owners = state.owners
    # Rows without an owner are groups of one.
    group = np.where(owners < 0, owners.max(initial=0) + 1 + np.arange(len(owners)), owners)
    clock, steps = None, np.zeros(len(owners), np.int64)
    if draft.order is not None:
        steps = draft.order[1]
    elif draft.plan.numbered:
        steps = draft.table.frame[draft.plan.numbered[0][0]].cast(pl.Int64).to_numpy()
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
        clock = Clock.fit(draft.order[0], steps, group, increment, first, rest)
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
        ranks = dense_codes(frame[name])[order]
        if ranks.max(initial=0) and (ranks[later] == ranks[later - 1]).mean() >= CONSTANT:
            same.append(name)
    return tuple(same)


def _constant(
    draft: Draft, own: CodedTable, order: Ints, group: Ints, names: tuple[str, ...]
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
