"""Which relations between tables a model keeps: those without circles, parents first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from artesian.core.graphs import leads_to
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.relations.across import BOUNDS, ORDERS, Across
from artesian.relations.joined import Joined, joins_of
from artesian.relations.orders import Order
from artesian.relations.parse import relations_of
from artesian.relations.protocol import MIN_HOLDS, Relation
from artesian.relations.repeated import Repeated
from artesian.relations.search.across import agree, between_tables
from artesian.relations.search.joined import joined_relations
from artesian.relations.search.repeated import repeated
from artesian.synthesizers.relational.across import Between
from artesian.synthesizers.relational.following import COMPUTED
from artesian.synthesizers.relational.mails import mails, own_mails
from artesian.synthesizers.relational.plan import Plan, Rows, parent_rows

Node = tuple[str, str]


def across(
    dataset: Dataset,
    plan: Plan,
    rows: Mapping[ForeignKey, Rows],
    listed: Mapping[str, tuple[str, ...]],
    whole: Dataset | None = None,
) -> Between:
    """The relations that hold between the rows of two tables, and of a row with all that it refers to,
    without circles, parents first.

    Args:
        rows: Parent row of each row, by foreign key.
        listed: Table -> the relations that its rows keep.
        whole: The dataset of which this one is a part, with all children of every parent.
    """
    needs: dict[Node, set[Node]] = {}
    for name, texts in listed.items():
        for formula in relations_of(texts, dataset[name].schema.names):
            if isinstance(formula, COMPUTED):
                sources = {(name, source) for source in formula.columns[1:]}
                needs.setdefault((name, formula.target), set()).update(sources)
    computed = set(needs)
    kept = {one.name for one in plan if one.kept}
    linked = {one.name: one.linked for one in plan}
    chosen: list[Across] = []
    taken: set[Node] = set()
    for one in plan:
        for key in one.foreign_keys:
            if key.parent == key.child:
                continue
            child, parent = dataset[key.child], dataset[key.parent]
            both = linked[key.child], linked[key.parent]
            every = None
            if whole is not None:
                every = whole[key.child], whole[key.parent], parent_rows(whole, key)
            candidates = [
                *_shared_parents(key, dataset, plan),
                *between_tables(key, child, parent, rows[key], both, every),
            ]
            candidates = [one for one in candidates if one.target[0] not in kept]
            candidates = _nearest(
                candidates, relations_of(listed.get(key.child), child.schema.names)
            )
            for relation in candidates:
                is_order = relation.kind in ORDERS
                if not is_order and relation.target in taken | computed:
                    continue
                if leads_to(relation.sources, relation.target, needs):
                    continue
                needs.setdefault(relation.target, set()).update(relation.sources)
                if not is_order and relation.kind not in BOUNDS:
                    taken.add(relation.target)
                chosen.append(relation)
    done = taken | computed
    joined = tuple(_joined(dataset, plan, rows, chosen, done, needs))
    done |= {one.target for one in joined}
    again = tuple(_repeated(whole or dataset, plan, done, needs))
    done |= {target for one in again for target, _ in one.edges}
    keys = dataset.foreign_keys
    addresses = (
        address
        for one in plan
        if not one.kept
        for address in mails(one.name, dataset, keys, rows, {c for t, c in done if t == one.name})
    )
    return Between(tuple(chosen), joined, again, tuple(addresses))


def _repeated(
    dataset: Dataset, plan: Plan, done: set[Node], needs: dict[Node, set[Node]]
) -> Iterator[Repeated]:
    """What tables repeat of others without a foreign key."""
    rows = {key: parent_rows(dataset, key) for key in dataset.foreign_keys}
    for one in plan:
        if one.kept:
            continue
        computed = {column for table, column in done if table == one.name}
        of_names = own_mails(dataset[one.name])
        for each in repeated(one.name, dataset, dataset.foreign_keys, rows, computed, of_names):
            if any(leads_to([source], target, needs) for target, source in each.edges):
                continue
            for target, source in each.edges:
                needs.setdefault(target, set()).add(source)
            yield each


def _joined(
    dataset: Dataset,
    plan: Plan,
    rows: Mapping[ForeignKey, Rows],
    chosen: list[Across],
    done: set[Node],
    needs: dict[Node, set[Node]],
) -> Iterator[Joined]:
    """What follows from several parents, or from a parent and the row."""
    keys = [key for one in plan for key in one.foreign_keys]
    for one in plan:
        if one.kept:
            continue
        columns = {column for table, column in done if table == one.name}
        copied = [
            (each.key.parent, each.parent)
            for each in chosen
            if each.kind == "copy" and each.key.child == one.name
        ]
        joins = joins_of(one.name, keys)
        for each in joined_relations(one.name, dataset, keys, rows, columns, copied):
            sources = each.sources(joins)
            if leads_to(sources, each.target, needs):
                continue
            needs.setdefault(each.target, set()).update(sources)
            yield each


def _nearest(candidates: list[Across], within: list[Relation]) -> list[Across]:
    """The relations without orders that follow from another one and an order within the row."""
    times = {one.child for one in candidates if one.kind == "after"}
    before = {one.child for one in candidates if one.kind == "before"}
    ends = [one.columns for one in within if isinstance(one, Order)]
    later = {high for low, high in ends if low in times}
    earlier = {low for low, high in ends if high in before}
    return [
        one
        for one in candidates
        if not (one.kind == "after" and one.child in later)
        and not (one.kind == "before" and one.child in earlier)
    ]


def _shared_parents(key: ForeignKey, dataset: Dataset, plan: Plan) -> Iterator[Across]:
    """Foreign keys to the row that the parent refers to too: the ward of a visit is its doctor's."""
    (own,) = (one for one in plan if one.name == key.child)
    child, parent = dataset[key.child], dataset[key.parent]
    for one in own.references:
        if one == key or len(one.columns) > 1 or set(one.columns) & set(child.schema.key):
            continue
        for other in dataset.parents_of(key.parent):
            same = (one.parent, one.parent_columns) == (other.parent, other.parent_columns)
            if (
                same
                and agree(
                    child.frame[one.columns[0]],
                    parent.frame[other.columns[0]].gather(
                        pl.Series(np.maximum(parent_rows(dataset, key), 0))
                    ),
                )
                >= MIN_HOLDS
            ):
                yield Across(key, "copy", one.columns[0], other.columns[0])
                break
