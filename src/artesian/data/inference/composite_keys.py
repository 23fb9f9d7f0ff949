"""Infer foreign keys of several columns: a shipment has the order and the number of a line.

Every column of a composite key has its like in the child, by name and type, and every combination of
their values occurs in the parent. As with single columns, that must be no coincidence: where the parent
has nearly all combinations of its values, the name has to point there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import polars as pl

from artesian.data.dataset import comparable, in_common_type
from artesian.data.inference.inclusion import MAX_CHANCE
from artesian.data.inference.table_names import GENERIC, is_derived, name_parts, stems
from artesian.data.schema import ForeignKey
from artesian.data.table import Table


def infer_composite_keys(
    tables: Mapping[str, Table], single: Sequence[ForeignKey]
) -> list[tuple[ForeignKey, str]]:
    """The foreign keys of several columns, each with one sentence of evidence.

    Args:
        single: The foreign keys of one column.
    """
    refers = {(key.child, key.columns[0]): key.parent for key in single}
    out = []
    for parent, table in tables.items():
        columns = table.schema.key
        if len(columns) < 2:
            continue
        for child in tables:
            matched = _matched(tables[child], table) if child != parent else None
            if matched is None:
                continue
            key = ForeignKey(child, matched, parent, columns)
            count = _combinations(key, tables)
            if count and _is_likely(key, tables, refers, count):
                names = " and ".join(repr(name) for name in columns)
                why = f"of each column the name points there, {names} are unique together"
                out.append(
                    (key, f"foreign key {key}: {why}, and all {count:,} combinations occur there")
                )
    return out


def without_implied(
    single: Iterable[ForeignKey], composite: Sequence[ForeignKey]
) -> set[ForeignKey]:
    """The foreign keys of one column that do not follow from one of several.

    A shipment that refers to a line by order and number refers to the order of the line.
    """
    kept = set(single)
    there = {(key.child, key.columns[0]): (key.parent, key.parent_columns[0]) for key in kept}
    for key in composite:
        for column, parent_column in zip(key.columns, key.parent_columns, strict=True):
            target = there.get((key.parent, parent_column))
            ours = there.get((key.child, column))
            if ours is not None and ours == target:
                kept.discard(ForeignKey(key.child, (column,), ours[0], (ours[1],)))
    return kept


def _matched(child: Table, parent: Table) -> tuple[str, ...] | None:
    """The columns of the child that are called as those of the parent's key; None if one is missing."""
    matched = []
    for column in parent.schema.key:
        parts = name_parts(column)
        same = [name for name in child.schema.names if name_parts(name) == parts]
        ending = [n for n in child.schema.names if name_parts(n)[-len(parts) :] == parts]
        one = same if len(same) == 1 else ending
        dtype = parent.frame[column].dtype
        if len(one) != 1 or not comparable(child.frame[one[0]].dtype, dtype) or dtype.is_float():
            return None
        matched.append(one[0])
    return tuple(matched) if len(set(matched)) == len(matched) else None


def _combinations(key: ForeignKey, tables: Mapping[str, Table]) -> int:
    """Number of combinations of the child if all of them occur in the parent, else 0."""
    ours, theirs = _frames(key, tables)
    ours = ours.drop_nulls().unique()
    if theirs.n_unique() < theirs.height or ours.join(theirs, on=ours.columns, how="anti").height:
        return 0
    return ours.height


def _frames(key: ForeignKey, tables: Mapping[str, Table]) -> tuple[pl.DataFrame, pl.DataFrame]:
    child, parent = tables[key.child].frame, tables[key.parent].frame
    pairs = [
        in_common_type(child[ours], parent[theirs])
        for ours, theirs in zip(key.columns, key.parent_columns, strict=True)
    ]
    return pl.DataFrame({f"{n}": p[0] for n, p in enumerate(pairs)}), pl.DataFrame(
        {f"{n}": p[1] for n, p in enumerate(pairs)}
    )


def _is_likely(
    key: ForeignKey,
    tables: Mapping[str, Table],
    refers: Mapping[tuple[str, str], str],
    combinations: int,
) -> bool:
    """Whether the combinations are there for the rows of the parent, and not by chance."""
    derived = is_derived(key.child, key.parent)
    parents = [refers.get((key.parent, column)) for column in key.parent_columns]
    ours = [refers.get((key.child, column)) for column in key.columns]
    if None not in parents and ours == parents and not derived:
        return False  # both connect the same tables, such as results and standings of a race
    if tables[key.child].schema.key == key.columns and not derived:
        return False  # one row for each, and no name says which of the two belongs to the other
    if all("".join(name_parts(column)) in GENERIC for column in key.columns):
        return False
    frame = tables[key.parent].frame
    density = len(frame) / prod(frame[column].n_unique() for column in key.parent_columns)
    named = any(_last_parts(column) & _last_parts(key.parent) for column in key.columns)
    return density**combinations <= MAX_CHANCE or named or derived


def _last_parts(name: str) -> set[str]:
    """The last word of a name in both numbers: 'line_no' and 'order_lines' have one in common."""
    last = {stem.parts[-1] for stem in stems(name)}
    return last | {word.removesuffix("s") for word in last}
