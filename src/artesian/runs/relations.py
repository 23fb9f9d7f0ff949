"""The relations of tables with their evidence, for schema files and summaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from artesian.data.dataset import Dataset
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.encoding.transforms.templates import with_fields
from artesian.relations.discover import MIN_ROWS, discover
from artesian.relations.parse import parse_relation
from artesian.relations.protocol import count
from artesian.relations.windows import not_searched

Evidence = Mapping[str, Mapping[str, str]]
"""Table -> column or relation -> one sentence."""


def with_relations(dataset: Dataset, evidence: Evidence) -> tuple[Dataset, Evidence]:
    """The dataset with the relations of every table: those of its schema, or those discovered."""
    tables, sentences = {}, {}
    for name, table in dataset.items():
        if table.schema.relations is None:
            discovered = tuple(str(one.relation) for one in discover(with_fields(table)))
            table = replace(table, schema=replace(table.schema, relations=discovered))
        tables[name] = table
        sentences[name] = {**evidence[name], **relation_evidence(table.schema, table.frame)}
    return replace(dataset, tables=tables), sentences


def search_notes(table: Table) -> tuple[str, ...]:
    """What is not searched in a table of few rows or many columns; nothing if its schema lists
    relations."""
    if not len(table) or table.schema.relations is not None:
        return ()
    notes = [not_searched(table)]
    if len(table) < MIN_ROWS:
        rows = f"{len(table)} row{'' if len(table) == 1 else 's'}"
        notes.append(
            f"{rows}: of relations between columns, only exact formulas are searched in fewer than "
            f"{MIN_ROWS} rows"
        )
    return tuple(note for note in notes if note)


def relation_evidence(schema: Schema, frame: pl.DataFrame) -> dict[str, str]:
    """Relation -> in how many of the rows it applies to it holds."""
    out = {}
    table = with_fields(Table(frame, schema)) if schema.relations else Table(frame, schema)
    for text in schema.relations or ():
        rows, wrong = count(parse_relation(text, table.schema.names), table.frame)
        out[text] = f"holds in {rows - wrong:,} of {rows:,} rows"
    return out
