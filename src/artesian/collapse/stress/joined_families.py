"""Families of several datasets joined to one dataset, whose keys are unique and whose references exist.

Kept tables appear once. Keys that two parts have in common get new values, also where they are referred
to. A reference to a row that was not chosen goes to another row (see `reassignment`), or within a table
to the nearest ancestor that was chosen. Foreign keys with a common column restrict each other: what
cannot be assigned becomes missing where the source has missing values, and else the row is left out,
with what belongs to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.collapse.stress.distinct_keys import (
    can_be_replaced,
    distinct_between_parts,
    largest,
)
from artesian.collapse.stress.families import FamilyPlan, Part
from artesian.collapse.stress.joined_rows import (
    JoinedRows,
    any_assigned,
    first_of_each,
    places_of,
    write,
)
from artesian.collapse.stress.profile import Ints, Truth, concatenated
from artesian.collapse.stress.reassignment import (
    assign_lost,
    common_groups,
    likeness_codes,
    nearest_chosen,
    row_numbers,
)
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey, Kind
from artesian.synthesizers.relational.matching import spread
from artesian.synthesizers.relational.plan import TablePlan
from artesian.synthesizers.relational.source_keys import without_orphans

Chosen = Mapping[str, Sequence[Ints]]
"""Generated table -> its chosen rows that belong to no generated row, in each part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedFamilies:
    """Families of several datasets as one dataset.

    Attributes:
        dataset: The tables.
        origins: Part and row of each row, by table, before rows are left out.
        reassigned: Number of references that go to another row, or to none, by table.
        references: Number of references to rows outside of the family, but for those to kept tables, by
            table.
        left_out: Number of rows left out because no key or reference of theirs was possible, by table.
    """

    dataset: Dataset
    origins: Mapping[str, tuple[Ints, Ints]]
    reassigned: Mapping[str, int]
    references: Mapping[str, int]
    left_out: Mapping[str, int]


def join_families(
    plan: FamilyPlan, parts: Sequence[Part], chosen: Chosen, rng: np.random.Generator
) -> JoinedFamilies:
    """Join the chosen families of datasets with the same tables.

    Args:
        plan: Which rows belong together.
        parts: The datasets. Of equal keys, those of the first stay; kept tables are those of the first.
        chosen: Rows that begin the chosen families.
        rng: Random stream of new keys and references.

    Raises:
        DataError: The type of a key has too few values.
    """
    work = _Join(plan, parts, chosen, rng)
    for one in plan:
        work.add(one)
    for one in plan:
        for key in () if one.kept else one.deferred:
            work.assign_deferred(one, key)
    return work.result()


class _Join:
    """The tables that are joined so far."""

    def __init__(
        self,
        plan: FamilyPlan,
        parts: Sequence[Part],
        chosen: Chosen,
        rng: np.random.Generator,
    ) -> None:
        self.plan, self.parts, self.chosen, self.rng = plan, parts, chosen, rng
        self.rows: dict[str, JoinedRows] = {}
        self.places: dict[str, list[Ints]] = {}
        self.reassigned: dict[str, int] = {}
        self.references: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.source = parts[0].dataset
        self.unassigned = False

    def add(self, one: TablePlan) -> None:
        """Choose the rows of a table, and assign the references to tables that are joined."""
        if one.kept:
            size = np.arange(len(self.source[one.name]))
            self.rows[one.name] = JoinedRows(self.source[one.name].frame, np.zeros_like(size), size)
            self.places[one.name] = [np.append(size, -1) for _ in self.parts]
            return
        rows = self._chosen_rows(one)
        before = len(rows.part)
        rows = self._with_distinct_keys(one, rows)
        self.reassigned[one.name] = self.references[one.name] = 0
        for key in one.foreign_keys:
            if key not in one.deferred:
                rows = self._with_reference(one, rows, key, optional=False)
        for columns in self._unique_sets(one):
            if not any(set(columns) & set(key.columns) for key in one.deferred):
                rows = rows.select(first_of_each(rows.frame, columns))
        self.left_out[one.name] = before - len(rows.part)
        self.rows[one.name] = rows
        self.places[one.name] = [
            places_of(rows, k, len(part.dataset[one.name])) for k, part in enumerate(self.parts)
        ]

    def assign_deferred(self, one: TablePlan, key: ForeignKey) -> None:
        """Assign a foreign key to a table that was joined later, or to the table itself."""
        rows = self._with_reference(one, self.rows[one.name], key, optional=True)
        self.rows[one.name] = rows

    def result(self) -> JoinedFamilies:
        """The joined dataset."""
        dataset = self.source.with_frames({name: rows.frame for name, rows in self.rows.items()})
        repeated: dict[str, Truth] = {}
        for one in self.plan:
            for columns in self._unique_sets(one) if one.deferred and not one.kept else ():
                first = first_of_each(dataset[one.name].frame, columns)
                repeated[one.name] = repeated.get(one.name, first) & first
        if self.unassigned or not all(first.all() for first in repeated.values()):
            dataset = without_orphans(dataset.select_rows(repeated))
        left_out = {
            name: number + len(self.rows[name].part) - len(dataset[name])
            for name, number in self.left_out.items()
        }
        return JoinedFamilies(
            dataset=dataset,
            origins={name: (rows.part, rows.row) for name, rows in self.rows.items()},
            reassigned=self.reassigned,
            references=self.references,
            left_out=left_out,
        )

    def _chosen_rows(self, one: TablePlan) -> JoinedRows:
        owner, rows = self.plan.owner(one), []
        for k, part in enumerate(self.parts):
            mask = np.zeros(len(part.dataset[one.name]), bool)
            mask[self.chosen[one.name][k]] = True
            if owner is not None:
                mask |= self.places[owner.parent][k][part.parents[owner]] >= 0
            rows.append(np.flatnonzero(mask))
        frames = [
            part.dataset[one.name].frame[own] for part, own in zip(self.parts, rows, strict=True)
        ]
        return JoinedRows(
            concatenated(self.source[one.name], frames).frame,
            np.repeat(np.arange(len(rows)), [len(own) for own in rows]),
            np.concatenate(rows),
        )

    def _unique_sets(self, one: TablePlan) -> list[tuple[str, ...]]:
        """The combinations of columns whose values must be unique: keys, and what is referred to."""
        referred = [key.parent_columns for key in self.source.children_of(one.name)]
        key = self.source[one.name].schema.key
        return list(dict.fromkeys([*([key] if key else []), *referred]))

    def _with_distinct_keys(self, one: TablePlan, rows: JoinedRows) -> JoinedRows:
        """Replace keys that two parts have in common. Those with a column of a foreign key follow the
        row that it refers to; keys of dates and of combinations of numbers cannot be replaced.
        """
        schema = self.source[one.name].schema
        for columns in self._unique_sets(one):
            if set(columns) & one.linked or first_of_each(rows.frame, columns).all():
                continue
            able = [
                name
                for name in columns
                if can_be_replaced(rows.frame.schema[name])
                and (len(columns) == 1 or schema[name].kind is Kind.KEY)
            ]
            if able:
                high = self._largest(one.name, able[0], set())
                values = rows.frame[able[0]]
                fresh = distinct_between_parts(values, rows.part, high, self.rng)
                rows.frame = rows.frame.with_columns(fresh.alias(able[0]))
        return rows

    def _largest(self, table: str, column: str, visited: set[tuple[str, str]]) -> int:
        """The largest integer that a column and all columns that refer to it can hold."""
        visited.add((table, column))
        limits = [largest(self.source[table].frame.schema[column])]
        for key in self.source.children_of(table):
            for name, referred in zip(key.columns, key.parent_columns, strict=True):
                if referred == column and (key.child, name) not in visited:
                    limits.append(self._largest(key.child, name, visited))
        return min(limits)

    def _with_reference(
        self, one: TablePlan, rows: JoinedRows, key: ForeignKey, *, optional: bool
    ) -> JoinedRows:
        """Assign a foreign key.

        Args:
            optional: Whether a row that cannot refer to any refers to none, whatever the schema states;
                else it is left out.
        """
        before = np.full(len(rows.part), -1)
        at = before.copy()
        for k, part in enumerate(self.parts):
            own = rows.part == k
            parents = part.parents[key]
            before[own] = parents[rows.row[own]]
            if key.child == key.parent:
                chosen = self.places[key.parent][k][:-1] >= 0
                parents = nearest_chosen(parents, chosen)
            at[own] = self.places[key.parent][k][parents[rows.row[own]]]
        intended = at.copy()
        if key.child != key.parent:
            at = self._reassigned(one, rows, key, before, at)
        else:
            at = np.where(self._agrees(rows, key, at), at, -1)
            intended = self._moved(rows, key, before)
        nowhere = (before >= 0) & (at < 0)
        self.reassigned[one.name] += int((nowhere | ((before >= 0) & (at != intended))).sum())
        if key != self.plan.owner(one) and key.parent not in self.plan.kept:
            self.references[one.name] += int((before >= 0).sum())
        rows.at[key] = at
        write(rows, key, self.rows.get(key.parent, rows).frame, at)
        free = [name for name in key.columns if not any_assigned(rows, name, nowhere)]
        nullable = [n for n in free if self.source[one.name].schema[n].nullable]
        empty = nullable or (free if optional else [])
        # A reference to no row at all could refer to a new key by chance.
        orphans = (before < 0) & ~rows.frame.select(
            pl.any_horizontal(pl.col(list(key.columns)).is_null())
        ).to_series().to_numpy()
        lonely = [name for name in key.columns if not any_assigned(rows, name, orphans)]
        for names, mask in ((empty, nowhere), (lonely, orphans)):
            if mask.any():
                none = pl.lit(pl.Series(mask))
                rows.frame = rows.frame.with_columns(
                    pl.when(none).then(None).otherwise(pl.col(n)).alias(n) for n in names
                )
        if not nowhere.any() or empty:
            return rows
        self.unassigned |= optional
        return rows if optional else rows.select(~nowhere)

    def _moved(self, rows: JoinedRows, key: ForeignKey, before: Ints) -> Ints:
        """Where the row that was referred to is now, -1 if it was not chosen."""
        at = np.full(len(before), -1)
        for k in range(len(self.parts)):
            own = rows.part == k
            at[own] = self.places[key.parent][k][before[own]]
        return at

    def _agrees(self, rows: JoinedRows, key: ForeignKey, at: Ints) -> Truth:
        """Whether the columns of a foreign key that other ones have assigned have the values of the row
        that it refers to; true for rows without such columns.
        """
        own, their, bound = self._groups(rows, key)
        agrees: Truth = ~bound | (at < 0) | (np.append(their, -1)[at] == own)
        return agrees

    def _groups(self, rows: JoinedRows, key: ForeignKey) -> tuple[Ints, Ints, Truth]:
        """Combinations of values of assigned columns, of rows and of parents; whether rows have any."""
        parent = self.rows.get(key.parent, rows).frame
        pairs = [
            (rows.frame[name], parent[referred], rows.assigned[name])
            for name, referred in zip(key.columns, key.parent_columns, strict=True)
            if name in rows.assigned
        ]
        bound = np.zeros(len(rows.part), bool)
        if not pairs:
            return np.zeros(len(bound), np.int64), np.zeros(len(parent), np.int64), bound
        for _, _, mask in pairs:
            bound |= mask
        own, their = common_groups([(first, second) for first, second, _ in pairs])
        return own, their, bound

    def _reassigned(
        self, one: TablePlan, rows: JoinedRows, key: ForeignKey, before: Ints, at: Ints
    ) -> Ints:
        """The parents of the rows, another one for those whose parent was not chosen, or whose columns
        have been assigned another value.
        """
        own, their, bound = self._groups(rows, key)
        at = np.where(~bound | (np.append(their, -1)[at] == own), at, -1)
        lost = (before >= 0) & (at < 0)
        if not lost.any():
            return at
        degrees = self._degrees(key)
        wanted, offered = self._likeness(key, rows, before, np.flatnonzero(lost))
        place = np.cumsum(lost) - 1
        for inside, ours, theirs in (
            (lost & bound, own, their),
            (lost & ~bound, np.zeros_like(own), np.zeros_like(their)),
        ):
            some = np.flatnonzero(inside)
            if len(some):
                codes, groups = wanted[:, place[some]], (ours[some], theirs)
                at[some] = assign_lost(at, some, degrees, (codes, offered), groups, self.rng)
        # Rows without assigned columns may exchange parents with each other only.
        return self._spread(one, rows, key, at, np.where(bound, own, own.max(initial=0) + 1))

    def _degrees(self, key: ForeignKey) -> Ints:
        """Number of children that each joined parent had where it came from."""
        parents = self.rows[key.parent]
        degrees = np.zeros(len(parents.part), np.int64)
        for k, part in enumerate(self.parts):
            own, children = parents.part == k, part.parents[key]
            counts = np.bincount(children[children >= 0], minlength=len(part.dataset[key.parent]))
            degrees[own] = counts[parents.row[own]]
        return degrees

    def _likeness(
        self, key: ForeignKey, rows: JoinedRows, before: Ints, lost: Ints
    ) -> tuple[Ints, Ints]:
        """Codes of the lost parents of rows and of the joined parents, see `likeness_codes`."""
        schema, kept = self.source[key.parent].schema, self.plan.kept
        keys = [one for one in self.source.parents_of(key.parent) if one.parent in kept]
        labels = list(dict.fromkeys(name for one in keys for name in one.columns))
        frames = [
            part.dataset[key.parent].frame[before[lost[rows.part[lost] == k]]]
            for k, part in enumerate(self.parts)
        ]
        frame = concatenated(self.source[key.parent], frames).frame
        return likeness_codes(schema, labels, self.rows[key.parent].frame, frame)

    def _spread(
        self, one: TablePlan, rows: JoinedRows, key: ForeignKey, at: Ints, groups: Ints
    ) -> Ints:
        """Exchange parents so that keys stay unique, and that no row refers to one parent by two
        foreign keys, or to that of a sibling, where none does in the source.
        """
        for columns in self._unique_sets(one):
            rest = [name for name in columns if name not in key.columns]
            waiting = one.linked & set(rest) - set(rows.assigned)
            if len(rest) < len(columns) and not waiting:
                unit = row_numbers([rows.frame[n] for n in rest]) if rest else np.zeros_like(at)
                at = spread(at, unit, groups, self.rng, distinct=True, others=False)
        parents = self.parts[0].parents
        for other, there in rows.at.items():
            ours, theirs = parents[key], parents[other]
            both = (ours >= 0) & (theirs >= 0)
            if other == self.plan.owner(one) and both.any():
                pairs = row_numbers([pl.Series(ours[both]), pl.Series(theirs[both])])
                if len(np.unique(pairs)) == len(pairs):
                    # Rows without an owner are nobody's siblings.
                    lone = there.max(initial=-1) + 1 + np.arange(len(there))
                    unit = np.where(there < 0, lone, there)
                    at = spread(at, unit, groups, self.rng, distinct=True, others=False)
            if other.parent == key.parent and both.any() and (ours != theirs)[both].all():
                at = spread(at, there, groups, self.rng, distinct=False, others=True)
        return at
