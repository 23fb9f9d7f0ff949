"""Infer the schemas of raw tables, and the foreign keys between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import DataError, SchemaError, did_you_mean
from artesian.data.dataset import Dataset, DatasetSchema, comparable
from artesian.data.inference.empty_tables import tables_without_rows
from artesian.data.inference.foreign_keys import infer_foreign_keys
from artesian.data.inference.infer import Inferred, infer
from artesian.data.inference.parsing import whole_numbers
from artesian.data.readers.raw import Raw, RawDataset
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.table import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredDataset:
    """A dataset, and for every column of every table one sentence of evidence.

    Attributes:
        reasons: One sentence of evidence for each foreign key.
        unreadable: Table -> column -> (rows,) values that are not of the kind that the schema gives;
            only for a dataset that was read leniently.
    """

    dataset: Dataset
    evidence: Mapping[str, Mapping[str, str]]
    reasons: Mapping[ForeignKey, str] = field(default_factory=dict)
    unreadable: Mapping[str, Mapping[str, NDArray[np.bool_]]] = field(default_factory=dict)


def infer_dataset(
    raw: RawDataset,
    origin: Origin,
    schema: DatasetSchema | None = None,
    *,
    lenient: bool = False,
) -> InferredDataset:
    """Infer the schema of every table and the foreign keys; what `schema` states comes first.

    Foreign keys are those of the schema, or else those that the source declares, or else those
    that names and values show. Tables without rows are left out with a note.

    Args:
        lenient: Tables that the source lacks are left out, and values that do not fit the schema are
            missing, in place of an error.

    Raises:
        DataError: no table has a row, or a column cannot be used.
        SchemaError: the schema names tables or columns that do not exist, or a foreign key does
            not fit them.
    """
    given = {} if schema is None else dict(schema.tables)
    for name in given:
        if name not in raw.tables and not lenient:
            raise SchemaError(
                f"the schema has a table {name!r}, {origin.name!r} has not",
                hint=did_you_mean(name, raw.tables),
            )
    filled = {name: table for name, table in raw.tables.items() if table.frame.height}
    if not filled:
        raise DataError(f"{origin.name} has no table with rows", hint="give tables with rows")
    notes = [f"the table {n!r} has no rows and was left out" for n in raw.tables if n not in filled]
    tables = {
        name: infer(table, given.get(name), lenient=lenient) for name, table in filled.items()
    }
    keys, reasons, unfit = _foreign_keys(raw, tables, schema)
    tables = _in_one_type(filled, tables, keys, given)
    if schema is None or schema.foreign_keys is None:
        notes += [*reasons.values(), *unfit] if not raw.foreign_keys else []
    for key in keys:
        tables = _marked(tables, key, reasons[key], given)
    dataset = Dataset(
        {name: inferred.table for name, inferred in tables.items()},
        tuple(keys),
        replace(origin, notes=(*origin.notes, *raw.notes, *notes)),
        *tables_without_rows(raw, tables, given),
    )
    return InferredDataset(
        dataset=dataset,
        evidence={name: inferred.evidence for name, inferred in tables.items()},
        reasons={key: _without_name(key, why) for key, why in reasons.items()},
        unreadable={name: one.unreadable for name, one in tables.items() if one.unreadable},
    )


def _foreign_keys(
    raw: RawDataset, tables: Mapping[str, Inferred], schema: DatasetSchema | None
) -> tuple[list[ForeignKey], dict[ForeignKey, str], tuple[str, ...]]:
    """The foreign keys, the evidence of each, and notes on columns that only look like some."""
    if schema is not None and schema.foreign_keys is not None:
        empty = set(raw.tables) - set(tables)
        stated = dict.fromkeys(schema.foreign_keys)  # without duplicates
        given = [key for key in stated if not {key.child, key.parent} & empty]
        return given, {key: f"foreign key {key}, given by the schema" for key in given}, ()
    there = dict.fromkeys(raw.foreign_keys)
    declared = [key for key in there if key.child in tables and key.parent in tables]
    if raw.foreign_keys:
        reasons = {key: f"foreign key {key}, declared by the database" for key in declared}
        return declared, reasons, ()
    if len(tables) == 1:
        return [], {}, ()  # a lone table has the methods of single tables, which know no references
    shown = infer_foreign_keys({name: one.table for name, one in tables.items()})
    keys = [one.key for one in shown.inferred]
    return keys, {one.key: one.why for one in shown.inferred}, shown.notes


def _without_name(key: ForeignKey, why: str) -> str:
    """The evidence without the foreign key that it is of."""
    return why.removeprefix(f"foreign key {key}").lstrip(":, ")


def _in_one_type(
    raw: Mapping[str, Raw],
    tables: Mapping[str, Inferred],
    keys: Iterable[ForeignKey],
    given: Mapping[str, Schema],
) -> dict[str, Inferred]:
    """The tables, with both sides of a key as text where one of them is text.

    In a source without types, a column whose codes are all digits was taken for whole numbers,
    though the codes it refers to are not.
    """
    out = dict(tables)
    pairs = [pair for key in keys for pair in _column_pairs(key, out)]
    while differing := [
        end
        for pair in pairs
        if not comparable(*(out[table].table.frame[name].dtype for table, name in pair))
        for end in pair
        if raw[end[0]].text and out[end[0]].table.frame[end[1]].dtype != pl.String
    ]:
        for table in {table for table, _ in differing}:
            names = {name for other, name in differing if other == table}
            out[table] = _with_text(raw[table], out[table], names, given.get(table))
    return out


def _column_pairs(
    key: ForeignKey, tables: Mapping[str, Inferred]
) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """((child, column), (parent, column)) of every column of a key that exists."""
    return [
        ((key.child, column), (key.parent, parent_column))
        for column, parent_column in zip(key.columns, key.parent_columns, strict=True)
        if key.child in tables
        and key.parent in tables
        and column in tables[key.child].table.schema.names
        and parent_column in tables[key.parent].table.schema.names
    ]


def _with_text(raw: Raw, inferred: Inferred, names: set[str], given: Schema | None) -> Inferred:
    """The table with these columns typed as text."""
    stated = () if given is None else given.columns
    columns = [c for c in stated if c.name not in names]
    columns += [Column(name=name, kind=Kind.CATEGORY) for name in sorted(names)]
    new, old = infer(raw, Schema(columns=tuple(columns))).table, inferred.table.schema
    kinds = {name: Kind.KEY if given is None else old[name].kind for name in names}
    texts = [replace(new.schema[name], kind=kinds[name]) for name in names]
    table = replace(
        inferred.table,
        frame=inferred.table.frame.with_columns(new.frame.select(sorted(names)).get_columns()),
        schema=old.with_columns(texts),
    )
    return Inferred(table=table, evidence=inferred.evidence)


def _marked(
    tables: dict[str, Inferred],
    key: ForeignKey,
    why: str,
    given: Mapping[str, Schema],
) -> dict[str, Inferred]:
    """The tables, with the columns of a foreign key as keys unless the schema says otherwise."""
    if key.child not in tables or key.parent not in tables:
        return tables  # Dataset refuses it, naming what is wrong
    child = _with_whole_numbers(tables[key.child], key.columns)
    child = _with_keys(child, key.columns, given.get(key.child), why)
    tables = tables | {key.child: child}
    parent = _with_keys(tables[key.parent], key.parent_columns, given.get(key.parent), "")
    if not parent.table.schema.key and set(key.parent_columns) <= set(parent.table.schema.names):
        schema = replace(parent.table.schema, key=key.parent_columns)
        parent = replace(parent, table=replace(parent.table, schema=schema))
    return tables | {key.parent: parent}


def _with_keys(
    inferred: Inferred, names: Sequence[str], given: Schema | None, why: str
) -> Inferred:
    table, evidence = inferred.table, dict(inferred.evidence)
    columns = []
    for name in names:
        if name not in table.schema.names or (given is not None and name in given.names):
            continue
        dtype = table.frame[name].dtype
        if dtype.is_integer() or dtype == pl.String:
            columns.append(replace(table.schema[name], kind=Kind.KEY, role=""))
            evidence[name] = why or evidence[name]
    schema = table.schema.with_columns(columns)
    return Inferred(table=replace(table, schema=schema), evidence=evidence)


def _with_whole_numbers(inferred: Inferred, names: Sequence[str]) -> Inferred:
    """The table with these columns as integers if their decimals are all zero.

    Libraries without nullable integers store keys with missing values as decimal numbers.
    """
    columns = [inferred.table.frame[n] for n in names if n in inferred.table.schema.names]
    whole = [series for c in columns if (series := whole_numbers(c)) is not None]
    frame = inferred.table.frame.with_columns(whole)
    return replace(inferred, table=inferred.table.with_frame(frame))
