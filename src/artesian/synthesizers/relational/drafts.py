"""A table before its model is fitted: codes, references, and numbers that children determine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.inference.roles import DIRECT
from artesian.data.schema import ForeignKey, mentions
from artesian.data.table import Table
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import ROWS_PER_BIN, NumberCodec
from artesian.encoding.owners import learn_transforms
from artesian.encoding.table_codec import TableCodec
from artesian.encoding.transforms.chain import Chain
from artesian.encoding.transforms.templates import with_fields
from artesian.relations.parse import is_relation
from artesian.synthesizers.relational.clock import Scale
from artesian.synthesizers.relational.constraints import tied_columns
from artesian.synthesizers.relational.drift import Drift, drifts
from artesian.synthesizers.relational.items import Extra, Item, Quantity, group_means
from artesian.synthesizers.relational.ordering import ordering
from artesian.synthesizers.relational.plan import Plan, Rows, TablePlan
from artesian.synthesizers.relational.references import Reference
from artesian.synthesizers.relational.state import State, at
from artesian.synthesizers.sequential.feature_screening import screen
from artesian.synthesizers.sequential.given import joined

MAX_CODES = 250
"""Codes of a column, so that a further one can mean that there is no such row."""

MAX_PROFILE = 3
"""Columns of a referred row whose values are drawn with the row that refers to it."""

AGREEMENT = 0.98
"""Fraction of the rows with the same ancestor as with a referred row from which all of them must."""

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Draft:
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

    def template(self) -> pl.DataFrame:
        """A frame of no rows with the types of sampled ones, which name no value of the source."""
        types: dict[str, pl.DataType] = dict(self.table.frame.schema)
        if self.plan.kept:
            return self.table.frame.clear()
        if self.codec is not None:
            types |= {n: t for n, t in self.codec.template.schema.items() if n in types}
        # The categories of an Enum would be the keys of the source.
        types |= {n: pl.String() for n in self.plan.linked if isinstance(types[n], pl.Enum)}
        return pl.DataFrame(schema=types)


def without_identifiers(table: Table) -> Table:
    """The table without the values that identify somebody, but for its key."""
    names = [c.name for c in table.schema if c.role in DIRECT and c.name not in table.schema.key]
    return table.with_frame(
        table.frame.with_columns([pl.lit(None).alias(n) for n in names]).cast(
            {name: table.frame.schema[name] for name in names}
        )
    )


def draft_table(
    table: Table, plan: TablePlan, rows: Mapping[ForeignKey, Rows], *, protect: bool
) -> Draft:
    """The codes of a table, what orders its rows, and which of its columns drift.

    Args:
        rows: Parent rows of every foreign key.
        protect: Suppress rare categories and the extremes of numbers, unless the table is kept.
    """
    numbered = {name for name, _ in plan.numbered}
    names = tuple(
        name for name in table.schema.names if name not in plan.linked and name not in numbered
    )
    order = None
    if plan.owner is not None and not plan.kept:
        # A column that is compared with others is drawn with them, so that rows can be drawn again.
        free = tuple(name for name in names if name not in tied_columns(table.schema))
        order = ordering(table, free, rows[plan.owner])
    if order is not None:
        names = tuple(name for name in names if name != order[0].name)
    if not names:
        return Draft(plan, table, None, joined([], len(table)), order)
    part = table.select(names)
    constraints = part.schema.constraints
    table = replace(table, schema=replace(table.schema, constraints=constraints))
    # Searched among all columns: without a key or a time, others seem to determine what it does.
    protect = protect and not plan.kept
    if protect and plan.unit is not None:
        chain = learn_transforms(table, rows[plan.unit], sorted(plan.linked))
    else:
        chain, _ = Chain.learn(table, protect=protect)
    own = with_fields(part).schema.names
    relations = tuple(
        text for text in chain.relations(table.schema.names) if is_relation(text, (*names, *own))
    )
    schema = replace(part.schema, entity=None, time=None, relations=relations)
    part = replace(part, schema=schema)
    moving: tuple[Drift, ...] = ()
    if plan.owner is not None and not plan.kept:
        owners = rows[plan.owner]
        steps = np.zeros(len(table), np.int64) if order is None else order[1]
        places = np.lexsort((np.arange(len(table)), steps, owners))
        fixed = (*relations, *constraints)
        moving = drifts(
            table,
            [n for n in names if not any(mentions(text, n) for text in fixed)],
            owners,
            places,
        )
        changed = [one.differences(part.frame[one.name], owners, places)[0] for one in moving]
        part = part.with_frame(part.frame.with_columns(changed))
    codec = TableCodec.from_data(
        part,
        protect=protect,
        max_codes=MAX_CODES,
        rows_per_bin=ROWS_PER_BIN,
        owners=None if plan.unit is None else rows[plan.unit],
    )
    return Draft(plan, table, codec, codec.coded_table(part), order, drifts=moving)


def references_of(
    draft: Draft,
    rows: Mapping[ForeignKey, Rows],
    states: Mapping[str, State],
    ancestors: Mapping[str, Ints],
    extras: Mapping[str, tuple[Extra, ...]],
) -> tuple[tuple[Reference, ...], CodedTable | None]:
    """The references of a table, and the values of the referred rows that are drawn with a row."""
    references, parts = [], []
    owner = draft.plan.owner
    for key in draft.plan.references:
        parent, parents = states[key.parent], rows[key]
        candidates = list(range(parent.own.columns))
        if owner is None and key == draft.plan.unit:
            # Rows without an owner have in common with their siblings what the parent carries of it.
            candidates += [
                parent.own.columns + place
                for place, extra in enumerate(extras[key.parent])
                if (extra.key, extra.kind) == (key, "mean")
            ]
        columns = _profile(draft, parent, parents, np.array(candidates, np.int64))
        profile = at(_chosen(parent.drawn, columns), parents)
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
                not there.all(),
            )
        )
    return tuple(references), joined(parts, len(draft.table)) if parts else None


def _profile(draft: Draft, parent: State, parents: Ints, candidates: Ints) -> Ints:
    """Columns of a referred row that depend largest on the row that refers to it."""
    if len(candidates) <= MAX_PROFILE or not draft.columns.columns:
        return candidates[:MAX_PROFILE]
    there = parents >= 0
    theirs = at(_chosen(parent.drawn, candidates), parents[there])
    own = draft.columns.with_codes(np.ascontiguousarray(draft.columns.codes[:, there]))
    both = joined([theirs, own], int(there.sum()))
    votes = np.zeros(len(candidates))
    for target in range(theirs.columns, both.columns):
        for place, column in enumerate(screen(both, np.arange(len(votes)), target, MAX_PROFILE)):
            votes[column] += 1 / (1 + place)
    return candidates[np.argsort(-votes, kind="stable")[:MAX_PROFILE]]


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


def extras_of(
    name: str,
    plan: Plan,
    drafts: Mapping[str, Draft],
    rows: Mapping[ForeignKey, Rows],
    rng: np.random.Generator,
    *,
    protect: bool,
) -> tuple[tuple[Extra, ...], CodedTable]:
    """Numbers of children of each row of a table, and what the children have in common.

    The rows of a kept table are known, so what its numbers say of fewer than `MIN_COUNT` children is
    left out, or given to other such rows.
    """
    count = len(drafts[name].table)
    kept = drafts[name].plan.kept
    few = np.zeros(count, bool)
    extras: list[Extra] = []
    codes: list[NDArray[Any]] = []

    def add(key: ForeignKey, kind: Quantity, item: int, series: pl.Series) -> None:
        if few.any() and kind == "count":
            series = series.scatter(
                np.flatnonzero(few), series.gather(rng.permutation(few.nonzero()[0]))
            )
        elif few.any():
            series = series.set(pl.Series(few), None)
        codec = NumberCodec.fit(series, protect=suppresses, max_codes=MAX_CODES)
        extras.append(Extra(key, kind, item, codec))
        codes.append(codec.encode(series))

    suppresses = protect and not kept
    for key in plan.referring_to(name):
        parents = rows[key]
        few = _units(key, drafts, rows, count) < (MIN_COUNT if protect and kept else 0)
        sizes = np.bincount(parents[parents >= 0], minlength=count)
        add(key, "count", 0, pl.Series(sizes))
        child = drafts[key.child]
        if key != child.plan.unit:
            continue
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


def _units(
    key: ForeignKey, drafts: Mapping[str, Draft], rows: Mapping[ForeignKey, Rows], count: int
) -> Ints:
    """Number of owners of the children of each row; of children that belong to the row, their own."""
    parents, owner = rows[key], drafts[key.child].plan.owner
    pairs = pl.DataFrame({"row": parents, "unit": np.arange(len(parents))})
    if owner is not None and not drafts[owner.parent].plan.kept:
        pairs = pairs.with_columns(unit=pl.Series(rows[owner])).unique()
    present = pairs.filter(pl.col("row") >= 0)["row"].to_numpy()
    return np.bincount(present, minlength=count)


def _nullable(values: NDArray[np.float64]) -> pl.Series:
    return pl.Series(np.round(values, 4)).fill_nan(None)


def _ends(steps: Ints, parents: Ints, count: int) -> tuple[pl.Series, pl.Series]:
    """First step of the children of each row, and the steps from it to the last one."""
    frame = pl.DataFrame({"parent": parents, "step": steps})
    ends = frame.group_by("parent").agg(first=pl.col("step").min(), last=pl.col("step").max())
    every = pl.DataFrame({"parent": np.arange(count)})
    ends = every.join(ends, on="parent", how="left", maintain_order="left")
    return ends["first"], (ends["last"] - ends["first"]).alias("span")
