"""Infer foreign keys between tables whose source declares none.

Conservative, because a wrong foreign key ties unrelated rows together. A column refers to a parent
column only if its name points there (see `table_names`), the parent column is unique without missing
values, and its values occur in it (a unary inclusion dependency; see Abedjan et al. 2015, "Profiling
relational data"). Names decide first: small whole numbers are included in nearly every key. Where a
name says little, the values must be such that chance does not include them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from artesian.data.inference.composite_keys import infer_composite_keys, without_implied
from artesian.data.inference.id_names import is_measure_name
from artesian.data.inference.inclusion import (
    Inclusion,
    by_chance,
    included,
    is_of_long_codes,
    is_unique,
    returns,
)
from artesian.data.inference.table_names import (
    PointedTables,
    Pointing,
    is_derived,
    name_parts,
    names_table,
    stems,
)
from artesian.data.schema import ForeignKey
from artesian.data.table import Table

MIN_MATCHED = 0.95
"""Minimum proportion of the rows with a value that have a parent, where the name points at the key."""

MIN_NOTED = 0.5
"""The same for a note that there is no foreign key, and for the distinct values of a parent."""

WHY = {
    Pointing.NAME: "the name points there",
    Pointing.ROLE: "the name points there behind a role",
    Pointing.ROLE_ALONE: "the name points there as a role",
    Pointing.VALUES: "no name points there, but long codes are not there by chance",
    Pointing.LAST_WORD: "the name points there in its last word, values are not there by chance",
}


@dataclass(frozen=True, slots=True)
class InferredForeignKey:
    """A foreign key, and one sentence of evidence."""

    key: ForeignKey
    why: str


@dataclass(frozen=True, slots=True)
class ForeignKeys:
    """What was inferred.

    Attributes:
        notes: What names point at, and values contradict; one sentence each.
    """

    inferred: tuple[InferredForeignKey, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A column that a name points at, and which values of the child occur in it."""

    how: Pointing
    parent: str
    column: str
    inclusion: Inclusion


def infer_foreign_keys(tables: Mapping[str, Table]) -> ForeignKeys:
    """The foreign keys that names and values show; where two parents fit, none."""
    pointed = PointedTables()
    for name, table in tables.items():
        for column, key in _parent_columns(name, table):
            pointed.add(name, column, key=key)
    fits: dict[tuple[str, str], list[_Candidate]] = {}
    notes: list[str] = []
    for child, table in tables.items():
        for column in table.schema.names:
            candidates = list(_candidates(child, column, tables, pointed))
            fitting = [one for one in candidates if _fits(child, column, one, tables)]
            best = max((one.how for one in candidates), default=Pointing.VALUES)
            fits[child, column] = [one for one in fitting if one.how == best]
            if not fitting:
                notes += _contradicted(child, column, candidates, tables)
    inferred = []
    for (child, column), several in fits.items():
        one = _chosen(child, column, several, fits)
        if one is not None:
            inferred.append(_described(child, column, one))
    composite = infer_composite_keys(tables, [one.key for one in inferred])
    kept = without_implied([one.key for one in inferred], [key for key, _ in composite])
    inferred = [one for one in inferred if one.key in kept]
    inferred += [InferredForeignKey(key, why) for key, why in composite]
    return ForeignKeys(tuple(inferred), (*notes, *_repeated(tables, inferred)))


def _parent_columns(name: str, table: Table) -> Iterator[tuple[str, bool]]:
    """(column, whether it is the key) of the columns that others may refer to."""
    keys = table.schema.key if len(table.schema.key) == 1 else ()
    for position, column in enumerate(table.schema.names):
        series = table.frame[column]
        whole = series.dtype.is_integer() and (position == 0 or names_table(column, name))
        if column in keys:
            yield column, True
        elif (whole or series.dtype == pl.String) and is_unique(series):
            own = names_table(column, name) and any(stem.identifies for stem in stems(column))
            if not keys or own or name_parts(column)[-1] in ("code", "no", "nr", "key"):
                yield column, not keys


def _candidates(
    child: str, column: str, tables: Mapping[str, Table], pointed: PointedTables
) -> Iterator[_Candidate]:
    series = tables[child].frame[column]
    named = list(pointed.pointed_at(child, column))
    for how, parent, parent_column in named or _by_values(child, column, tables):
        table = tables[parent]
        same = {n for n in table.schema.names if name_parts(n) == name_parts(column)}
        if how >= Pointing.ROLE and parent != child and same - {parent_column}:
            continue  # the name is that of another column there, such as 'line_no' of lines
        inclusion = included(series, table.frame[parent_column])
        if inclusion is not None:
            yield _Candidate(how, parent, parent_column, inclusion)


def _by_values(
    child: str, column: str, tables: Mapping[str, Table]
) -> Iterator[tuple[Pointing, str, str]]:
    """Keys of long codes, such as UUIDs, that no two tables have the same of by chance."""
    if not is_of_long_codes(tables[child].frame[column]):
        return
    for name, table in tables.items():
        for key in table.schema.key if len(table.schema.key) == 1 else ():
            if (name, key) != (child, column) and is_of_long_codes(table.frame[key]):
                yield Pointing.VALUES, name, key


def _fits(child: str, column: str, one: _Candidate, tables: Mapping[str, Table]) -> bool:
    """Whether the values of a column confirm what its name says."""
    values, table = tables[child].frame[column], tables[child]
    if one.inclusion.orphans:
        is_key = table.schema.key == (column,)
        if is_key or one.how < Pointing.ROLE or one.inclusion.matched < MIN_MATCHED:
            return False
    parent = tables[one.parent].frame[one.column]
    identifies = any(stem.identifies for stem in stems(column))
    unsure = one.how <= Pointing.LAST_WORD or (not identifies and is_measure_name(column))
    if unsure and by_chance(values, parent):
        return False
    if one.how is Pointing.ROLE_ALONE and one.parent == child:
        flags = not identifies and values.drop_nulls().unique().len() < 3 and not values.has_nulls()
        if flags or returns(values, parent):
            return False
    if table.schema.key == (column,):
        return _is_one_to_one(child, column, one, tables)
    return True


def _is_one_to_one(child: str, column: str, one: _Candidate, tables: Mapping[str, Table]) -> bool:
    """Whether the key of a table refers to the key of another: 'customer_profiles', 'customers'."""
    if one.how is not Pointing.VALUES and one.how < Pointing.NAME:
        return False
    if names_table(column, child):
        return False
    if names_table(column, one.parent) or is_derived(child, one.parent):
        return True
    fewer = len(tables[child]) < len(tables[one.parent])
    parent = tables[one.parent].frame[one.column]
    return fewer and not by_chance(tables[child].frame[column], parent)


def _chosen(
    child: str,
    column: str,
    several: list[_Candidate],
    fits: Mapping[tuple[str, str], list[_Candidate]],
) -> _Candidate | None:
    """The one parent of several that fit; None if two fit alike."""
    if len(several) > 1:
        # 'store_id' of the table 'store' comes before a 'store_id' of another table.
        named = [one for one in several if names_table(column, one.parent)]
        several = named or several
    if len(several) > 1:
        # Where one of them refers to another, that is the one that all refer to.
        places = {(one.parent, one.column) for one in several}
        several = [
            one
            for one in several
            if not places & {(o.parent, o.column) for o in fits.get((one.parent, one.column), ())}
        ]
    return several[0] if len(several) == 1 else None


def _described(child: str, column: str, one: _Candidate) -> InferredForeignKey:
    key = ForeignKey(child, (column,), one.parent, (one.column,))
    values = f"all {one.inclusion.values:,} values of {column!r} occur in it"
    if one.inclusion.orphans:
        values = (
            f"{100 * one.inclusion.matched:.3g} % of the rows with a {column!r} have a value of it, "
            f"{one.inclusion.orphans:,} have not"
        )
    own = " of the same table" if one.parent == child else ""
    why = f"foreign key {key}: {WHY[one.how]}, {one.column!r}{own} is unique, and {values}"
    return InferredForeignKey(key, why)


def _contradicted(
    child: str, column: str, candidates: list[_Candidate], tables: Mapping[str, Table]
) -> Iterator[str]:
    """A note on a column that looks like a foreign key but has too many values without a parent."""
    for one in candidates:
        named = one.how is Pointing.NAME and names_table(column, one.parent)
        key = tables[child].schema.key == (column,)
        if named and not key and one.inclusion.orphans and one.inclusion.matched >= MIN_NOTED:
            yield (
                f"{child}({column}) was not taken for a foreign key to {one.parent}({one.column}): "
                f"{one.inclusion.orphans:,} rows have a value that no row there has. Both columns are "
                "generated independently; a foreign key in dataset.toml connects them, and rows "
                "without a parent then have none"
            )


def _repeated(tables: Mapping[str, Table], inferred: list[InferredForeignKey]) -> Iterator[str]:
    """Notes on columns that are named like the key of their table, but repeat a few values."""
    keyed = {name for one in inferred for name in (one.key.parent,)}
    for parent, table in tables.items():
        for column in table.schema.names:
            named = names_table(column, parent) and any(s.identifies for s in stems(column))
            if parent in keyed or not (named or name_parts(column) == ("id",)):
                continue
            series = table.frame[column]
            repeats = len(series) - series.n_unique()
            few = 0 < repeats <= (1 - MIN_NOTED) * len(series) and not series.dtype.is_float()
            children = list(_like(column, parent, tables)) if few else []
            if children:
                yield (
                    f"{parent}({column}) has {repeats:,} repeated "
                    f"{'values' if repeats > 1 else 'value'}, so it is no key, and "
                    f"{', '.join(children)} cannot refer to it: these columns are generated "
                    "independently; remove the repeated rows to connect the tables"
                )


def _like(column: str, parent: str, tables: Mapping[str, Table]) -> Iterator[str]:
    """Columns of other tables that would refer to a column if it were unique."""
    values = tables[parent].frame[column].unique().drop_nulls()
    for child, table in tables.items():
        for name in table.schema.names if child != parent else ():
            same = name_parts(name) == name_parts(column) != ("id",)
            if same or (names_table(name, parent) and any(s.identifies for s in stems(name))):
                inclusion = included(table.frame[name], values)
                if inclusion is not None and not inclusion.orphans:
                    yield f"{child}({name})"
