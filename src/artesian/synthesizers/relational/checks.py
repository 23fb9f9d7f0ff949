"""Checks of a restored model of related tables: what drawing takes for granted of indices and shapes.

Types are checked by `core/validated`; here is what ties the fields of tables together, so that no
kernel is given an index outside of its array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.validated import require, require_range, require_shape
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.relations.across import BOUNDS, KINDS, OF_CHILDREN, ORDERS, Across
from artesian.relations.joined import Joined, joins_of
from artesian.relations.repeated import Repeated
from artesian.synthesizers.relational.hierarchy import MAX_DEPTH, Hierarchy
from artesian.synthesizers.relational.siblings import MAX_LAGS
from artesian.synthesizers.relational.state import levels_at

if TYPE_CHECKING:
    from artesian.synthesizers.relational.mails import Mail
    from artesian.synthesizers.relational.plan import Plan
    from artesian.synthesizers.relational.table_model import TableModel

MAX_LEVELS = 255
"""Maximum number of codes of a column of a table: a byte has a further one, for no such row."""

Ints = NDArray[np.int64]


def check_table(model: TableModel) -> None:
    """Check one table alone."""
    own, plan = model.own, model.plan
    columns = len(own.names)
    for name in ("levels", "ordered", "missing"):
        require_shape(getattr(own, name), (columns,), name)
    require_range(own.levels, 1, MAX_LEVELS + 2, "levels")
    for extra in model.extras:
        require(extra.codec.levels <= MAX_LEVELS, f"a number has {extra.codec.levels} codes")
    profiles = np.concatenate([[0], *(one.levels for one in model.references)]).astype(np.int64)[1:]
    levels = [*profiles.tolist(), *([] if model.codec is None else model.codec.levels.tolist())]
    if plan.kept:
        require(model.fixed is not None and model.kept is not None, "a kept table has no rows")
        _check_fixed(model)
        return
    require(levels == own.levels.tolist(), "the codes of columns are not those of their codecs")
    served = model.method is not None
    require((model.chain is None) == served, "a table has not one distribution")
    require(not served or plan.owner is None, "a method of single tables with an owner")
    if model.method is not None:
        names = [n for n in model.method.model.schema.names if n not in model.method.numbers]
        own_names = () if model.codec is None else model.codec.schema.names
        require(tuple(names) == own_names, "the method has other columns")
        require(len(model.method.extras) == len(model.extras), "the method has other numbers")
        require(len(model.method.referred) == len(profiles), "the method has other referred rows")
    require((plan.owner is None) == (model.siblings is None), "siblings without an owner")
    require_range(model.constant, 0, max(columns, 1), "constant")
    places = set(model.template.columns)
    numbered = {name for name, _ in plan.numbered}
    named = {*model.same, *(one.name for one in model.drifts), *plan.linked, *numbered}
    require(named <= places, "a column is not one of the table")
    require(not numbered or plan.unit is not None, "numbers of rows without a parent")
    for name, first in plan.numbered:
        require(model.template.schema[name].is_integer(), f"{name!r} is no whole number")
        require(first in (0, 1), f"{name!r} starts at another number than 0 or 1")
    for one in model.drifts:
        dtype = model.template.schema[one.name]
        require(dtype.is_integer() or dtype.is_float(), f"{one.name!r} is no number")
    require((model.clock is None) or model.siblings is not None, "an order without an owner")
    if model.siblings is not None:
        _check_siblings(model)
    if model.clock is not None:
        _check_clock(model)


def _check_fixed(model: TableModel) -> None:
    assert model.fixed is not None
    assert model.kept is not None
    for coded in (model.fixed.own, model.fixed.extras):
        require_shape(coded.codes, (len(coded.names), model.kept.height), "codes of kept rows")
        for column, levels in enumerate(coded.levels):
            require_range(coded.codes[column], 0, int(levels), "codes of kept rows")


def _check_siblings(model: TableModel) -> None:
    assert model.siblings is not None
    own, siblings = model.own, model.siblings
    require(np.array_equal(siblings.levels, own.levels[:MAX_LAGS]), "siblings have other columns")
    require_shape(siblings.ordered, siblings.levels.shape, "siblings.ordered")
    for item in siblings.items:
        require(0 <= item.column < len(own.names), f"there is no column {item.column}")
        require_shape(item.scores, (int(own.levels[item.column]),), "scores")
        require_range(item.scores, 0, 1.0001, "scores")


def _check_clock(model: TableModel) -> None:
    assert model.clock is not None
    clock = model.clock
    require(clock.scale.name in model.template.columns, "the order is not that of a column")
    require(
        clock.scale.dtype == model.template.schema[clock.scale.name], "the order has another type"
    )
    require(clock.scale.unit > 0 or len(clock.scale.categories), "the order has no categories")
    require(clock.scale.unit == 0 or clock.scale.dtype.is_temporal(), "a unit of what is no time")
    require(0 <= clock.scale.unit <= 10**12, "a unit of time is out of range")
    require(len(clock.scale.categories) <= MAX_LEVELS, "an order has too many categories")
    for codec in (clock.values, clock.increments, clock.rests):
        require(len(codec.floor) and codec.levels <= MAX_LEVELS, "an order has no steps")


def check_tables(
    empty: Dataset,
    plan: Plan,
    models: Mapping[str, TableModel],
    hierarchies: Mapping[ForeignKey, Hierarchy],
) -> None:
    """Check that the tables fit together: each one refers to those before it."""
    names = [one.name for one in plan]
    require(sorted(names) == sorted(empty) == sorted(models), "the tables differ")
    keys = [key for one in plan for key in one.foreign_keys]
    require(
        len(keys) == len(set(keys)) and set(keys) == set(empty.foreign_keys),
        "the foreign keys are not those of the schema",
    )
    ancestors: dict[str, set[str]] = {}
    contexts: dict[str, Ints] = {}
    for place, one in enumerate(plan):
        model = models[one.name]
        require(model.plan == one, "a table has another plan")
        require(all(key.child == one.name for key in one.foreign_keys), "a key of another table")
        ready = [*one.references, *([] if one.owner is None else [one.owner])]
        require({key.parent for key in ready} <= set(names[:place]), "a parent is not drawn before")
        require(not one.kept or one.owner is None, "a kept table has an owner")
        owners = 0 if one.owner is None else models[one.owner.parent].rows
        require(model.owner_rows == owners, "the number of owners is not that of their table")
        require(model.unowned <= model.rows, "more rows without an owner than rows")
        ancestors[one.name] = (
            set() if one.owner is None else {one.owner.parent, *ancestors[one.owner.parent]}
        )
        _check_references(model, models, ancestors)
        _check_extras(model, plan, models)
        inherited = np.zeros(0, np.int64) if one.owner is None else contexts[one.owner.parent]
        _check_chains(model, inherited)
        contexts[one.name] = model.context_levels(inherited)
        for key in one.deferred:
            require(key in hierarchies, "a self-reference has no levels")
            fractions = hierarchies[key].fractions
            require_shape(fractions, (None,), "levels")
            require(1 <= len(fractions) <= MAX_DEPTH + 1, "a self-reference has no levels")
            require_range(fractions, 0, 1.0001, "levels")
            require(abs(fractions.sum() - 1) < 1e-6, "the fractions of levels do not add up to 1")


def check_between(empty: Dataset, between: tuple[Across, ...]) -> None:
    """Check that relations between tables name columns of a type that they can have."""
    for one in between:
        require(one.kind in KINDS, f"there is no relation of the kind {one.kind!r}")
        schemas = [empty[name].frame.schema for name in (one.key.child, one.key.parent)]
        require(one.key in empty.foreign_keys, "a relation of another key")
        named = [
            (schemas[0], one.child), (schemas[1], one.parent), (schemas[1], one.plus)
        ]  # fmt: skip
        require(all(not n or n in schema for schema, n in named), "a relation of other columns")
        require(bool(one.parent and (one.child or one.kind == "count")), "a relation of no column")
        types = [schema[n] for schema, n in named if n]
        if one.kind in OF_CHILDREN:
            alike = all(dtype.is_numeric() for dtype in types)
            if one.kind in ("min", "max"):
                alike |= all(dtype.base_type() in (pl.Date, pl.Datetime) for dtype in types)
            require(alike, "a total of what is no number")
            require(0 <= one.within <= 1, "a mean is rounded to no decimal")
        if one.kind in ORDERS:
            times = all(dtype.base_type() in (pl.Date, pl.Datetime) for dtype in types)
            require(times and len(one.differences) > 1, "an order of what is no time")
            require_range(np.array(one.differences), 0, 1e6, "days between two times")
        if one.kind in BOUNDS:
            require(all(dtype.is_numeric() for dtype in types), "a bound of what is no number")
            require(len(one.differences) > 1, "a bound without values")
            require_range(np.array(one.differences), 0, 1e12, "numbers beside that of the parent")
        keys = {*one.key.columns, *one.key.parent_columns}
        require(one.target[1] not in keys, "a relation computes a key")


def check_joined(empty: Dataset, joined: tuple[Joined, ...]) -> None:
    """Check that relations of a row with those that it refers to compute no key."""
    for one in joined:
        schema = empty[one.table].schema
        keys = {*schema.key, *(c for key in empty.parents_of(one.table) for c in key.columns)}
        keys |= {c for key in empty.children_of(one.table) for c in key.parent_columns}
        require(one.relation.target in schema.names, "a relation of a column of another table")
        require(one.relation.target not in keys, "a relation computes a key")


def check_repeated(empty: Dataset, repeated: tuple[Repeated, ...]) -> None:
    """Check that rows repeat columns that exist, and of rows with which they can have one in common."""
    for one in repeated:
        require(one.table in empty and one.other in empty, "a table to repeat does not exist")
        require(bool(one.columns), "rows that repeat no column")
        require_range(np.array([one.fraction]), 0, 1.0001, "rows that are repeated")
        schema, other = empty[one.table].schema, empty[one.other].schema
        keys = {*schema.key, *(c for key in empty.parents_of(one.table) for c in key.columns)}
        require(all(a in schema.names for a, _ in one.columns), "there is no such column to repeat")
        require(all(b in other.names for _, b in one.columns), "there is no such column to repeat")
        require(not keys & {a for a, _ in one.columns}, "a key is repeated")
        if one.within is not None:
            own, theirs = one.within
            require(theirs.child == one.other, "repeated rows have nothing in common")
            parent = one.table if own is None else own.parent
            require(own is None or own.child == one.table, "repeated rows have nothing in common")
            require(theirs.parent == parent, "repeated rows have nothing in common")


def check_mails(empty: Dataset, mails: tuple[Mail, ...]) -> None:
    """Check that addresses are texts that are made of columns that exist."""
    for one in mails:
        require(one.table in empty, "addresses of a table that does not exist")
        schema = empty[one.table].frame.schema
        joins = joins_of(one.table, empty.foreign_keys)
        names = {j.column(n) for j in joins for n in empty[j.table].schema.names} | {*schema}
        require(len(one.names) in (1, 2) and set(one.names) <= names, "addresses of other names")
        require(schema.get(one.column) == pl.String, "addresses that are no texts")
        linked = {c for key in empty.parents_of(one.table) for c in key.columns}
        keys = {*empty[one.table].schema.key, *linked}
        require(one.column not in keys, "an address is a key")
        require(bool(one.patterns.weights), "addresses without a pattern")


def _check_references(
    model: TableModel, models: Mapping[str, TableModel], ancestors: Mapping[str, set[str]]
) -> None:
    if model.plan.kept:
        return
    require(
        tuple(one.key for one in model.references) == model.plan.references,
        "the references are not those of the plan",
    )
    for one in model.references:
        levels = models[one.key.parent].drawn.levels
        require_shape(one.columns, (None,), "columns of a reference")
        require_range(one.columns, 0, len(levels), "columns of a reference")
        require_shape(one.levels, one.columns.shape, "levels of a reference")
        require((one.levels == levels_at(levels[one.columns])).all(), "a reference has other codes")
        require_shape(one.ordered, one.columns.shape, "order of a reference")
        common = ancestors[model.plan.name] & ancestors[one.key.parent]
        require(not one.shared or one.shared in common, "there is no common ancestor")


def _check_extras(model: TableModel, plan: Plan, models: Mapping[str, TableModel]) -> None:
    """Check that there is what the rows that refer to the table read of it."""
    there = [(one.key, one.kind, one.item) for one in model.extras]
    require(len(there) == len(set(there)), "a number of children is duplicated")
    for key in plan.referring_to(model.plan.name):
        require(
            key in models[key.child].plan.deferred or (key, "count", 0) in there,
            f"the numbers of rows of {key} are missing",
        )
    for key in plan.owned_by(model.plan.name):
        child = models[key.child]
        wanted = [(key, "base", number) for number in range(len(child.drifts))]
        wanted += [] if child.clock is None else [(key, "first", 0), (key, "span", 0)]
        require(set(wanted) <= set(there), f"numbers of {key} are missing")


def _check_chains(model: TableModel, inherited: Ints) -> None:
    """Check that the factors have the columns that they are given."""
    if model.chain is None:
        return
    given = inherited.tolist()
    if model.siblings is not None:
        given += model.siblings.coded(np.zeros((0, 0), np.uint8)).levels.tolist()
    require(
        (model.clock is None) or model.increments is not None or model.rows < 2, "no increments"
    )
    if model.clock is not None:
        if model.increments is not None:
            timing = [model.clock.increments.levels + 1, model.clock.rests.levels]
            model.increments.check_columns([*given, *timing, model.clock.increments.levels])
            require(model.increments.given == len(given) + 2, "increments have other columns")
        given += model.clock.calendar(np.zeros(0, np.int64)).levels.tolist()
    require(model.chain.given == len(given), "a distribution has other columns")
    model.chain.check_columns([*given, *model.drawn.levels.tolist()])
