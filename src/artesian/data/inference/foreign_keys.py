"""Infer foreign keys between tables whose source declares none.

Conservative, because a wrong foreign key ties unrelated rows together. A column refers to a parent
column only if its name points there, the parent column is unique without missing values, and every
value occurs in it (a unary inclusion dependency; see Abedjan et al. 2015, "Profiling relational
data"). Names decide first: small whole numbers are included in nearly every key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from artesian.data.dataset import comparable
from artesian.data.inference.column_names import split_name
from artesian.data.inference.parsing import whole_numbers
from artesian.data.schema import ForeignKey
from artesian.data.table import Table

GENERIC = frozenset({"id", "key", "no", "nr", "code", "number", "index", "name", "date", "year"})
"""Column names that point at no table; such a key is referred to as 'store_id'."""

ENDINGS = ("", "id", "key", "code", "no", "nr")


@dataclass(frozen=True, slots=True)
class InferredForeignKey:
    """A foreign key, and one sentence of evidence."""

    key: ForeignKey
    why: str


def infer_foreign_keys(tables: Mapping[str, Table]) -> tuple[InferredForeignKey, ...]:
    """The foreign keys that names and values show; where two parents fit, none."""
    parents = _parents_by_name(tables)
    inferred: list[InferredForeignKey] = []
    for child, table in tables.items():
        for column in table.schema.names:
            if table.schema.key == (column,):
                continue
            fits = [
                (parent, parent_column)
                for parent, parent_column in parents.get(_normal(column), ())
                if parent != child
                and _included(table.frame[column], tables[parent].frame[parent_column])
            ]
            if len(fits) > 1:
                # 'store_id' of the table 'store' comes before a 'store_id' of another table.
                fits = [(p, c) for p, c in fits if _names_table(column, p)]
            if len(fits) == 1:
                inferred.append(_described(child, column, *fits[0], table))
    return tuple(inferred)


def _parents_by_name(tables: Mapping[str, Table]) -> dict[str, list[tuple[str, str]]]:
    """(table, column) of the columns that a foreign key of each normal name may refer to."""
    out: dict[str, list[tuple[str, str]]] = {}
    for parent, table in tables.items():
        for column in _parent_columns(table):
            name = _normal(column)
            names = {form + end for form in _singular(parent) for end in (*ENDINGS, name)}
            for one in names | ({name} - GENERIC):
                out.setdefault(one, []).append((parent, column))
    return out


def _parent_columns(table: Table) -> Iterator[str]:
    """Columns that others may refer to: the key, or else unique ones of integers or text."""
    if len(table.schema.key) == 1:
        yield table.schema.key[0]
        return
    for position, name in enumerate(table.schema.names):
        series = table.frame[name]
        whole = series.dtype.is_integer() and position == 0
        if (whole or series.dtype == pl.String) and _is_unique(series):
            yield name


def _is_unique(series: pl.Series) -> bool:
    return not series.null_count() and series.n_unique() == len(series)


def _names_table(column: str, parent: str) -> bool:
    return any(_normal(column).startswith(form) for form in _singular(parent))


def _normal(name: str) -> str:
    return "".join(split_name(name))


def _singular(table: str) -> tuple[str, ...]:
    """The table's name and its singular: 'categories' and 'category'."""
    name = _normal(table)
    forms = [name]
    if name.endswith("ies"):
        forms.append(name[:-3] + "y")
    elif name.endswith("s"):
        forms += [name[:-1], name[:-2]] if name.endswith("es") else [name[:-1]]
    return tuple(form for form in forms if form)


def _included(child: pl.Series, parent: pl.Series) -> bool:
    if not child.count() or not comparable(child.dtype, parent.dtype) or not _is_unique(parent):
        return False
    if child.dtype.is_float() and whole_numbers(child) is None:
        return False
    values = child.drop_nulls().unique()
    if values.dtype != parent.dtype:
        common = pl.Int64 if parent.dtype.is_integer() else pl.String
        values, parent = values.cast(common), parent.cast(common)
    return bool(values.is_in(parent.implode()).all())


def _described(
    child: str, column: str, parent: str, parent_column: str, table: Table
) -> InferredForeignKey:
    count = table.frame[column].drop_nulls().n_unique()
    key = ForeignKey(child, (column,), parent, (parent_column,))
    return InferredForeignKey(
        key,
        f"foreign key {key}: the name points there, {parent_column!r} is unique, "
        f"and all {count:,} values of {column!r} occur in it",
    )
