"""Read a source and describe its tables: inferred kinds with evidence, missing and distinct values."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.core.run import Run
from artesian.data.boolean_texts import with_source_texts
from artesian.data.dataset import Dataset
from artesian.data.read import explain_dataset
from artesian.data.schema import ForeignKey, Schema
from artesian.data.schema_io import write_schema
from artesian.data.table import Table
from artesian.encoding.protection import preview
from artesian.runs.output import stated_keys
from artesian.runs.relations import search_notes, with_relations
from artesian.runs.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectConfig:
    """Configuration of an inspection.

    Attributes:
        source: A file, a folder or database of related tables, or a dataframe.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Schema file to write; None to write nothing.
        force: Replace an existing `out`.
    """

    source: Any
    schema: Schema | str | Path | None = None
    out: Path | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSummary:
    """One column.

    Attributes:
        name: Its name.
        kind: Its inferred kind.
        role: The kind of identifier or personal data it holds, or ''.
        missing: Number of missing values.
        distinct: Number of distinct values, missing values not counted.
        evidence: Why this kind was inferred.
    """

    name: str
    kind: str
    role: str
    missing: int
    distinct: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationSummary:
    """One relation between columns.

    Attributes:
        relation: The relation as text, in the form of the schema file.
        evidence: In how many rows it holds.
    """

    relation: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectResult:
    """A dataset, and by name of the table its columns, the relations between them, and what protection
    will change when a model is fitted, or what few rows do not show; the evidence of foreign keys."""

    dataset: Dataset
    reasons: Mapping[ForeignKey, str]
    columns: Mapping[str, tuple[ColumnSummary, ...]]
    relations: Mapping[str, tuple[RelationSummary, ...]]
    protection: Mapping[str, tuple[str, ...]]
    out: Path | None

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types; no rows."""
        out = {"out": None if self.out is None else str(self.out)}
        tables = [self._table_to_dict(name) for name in self.dataset]
        if len(tables) == 1:
            return {**tables[0], **out}
        return {
            "dataset": self.dataset.name,
            "format": self.dataset.origin.format,
            "tables": tables,
            "foreign_keys": [
                {**key.to_dict(), "evidence": self.reasons.get(key, "")}
                for key in self.dataset.foreign_keys
            ],
            "notes": list(self.notes),
            **out,
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What reading changed, but for the evidence of foreign keys."""
        names = tuple(f"foreign key {key}" for key in self.dataset.foreign_keys)
        return tuple(note for note in self.dataset.origin.notes if not note.startswith(names))

    def _table_to_dict(self, name: str) -> dict[str, Any]:
        table = self.dataset[name]
        return {
            "table": name,
            "format": table.origin.format,
            "rows": len(table),
            "key": list(table.schema.key),
            "target": table.schema.target,
            "columns": [asdict(column) for column in self.columns[name]],
            "relations": [asdict(relation) for relation in self.relations[name]],
            "notes": [*table.origin.notes, *self.protection[name]],
        }


def inspect_source(config: InspectConfig, run: Run) -> InspectResult:
    """Read the source, summarize the columns of its tables, and write the schema.

    Raises:
        DataError: The source cannot be read.
        SchemaError: The schema names a table or column that does not exist.
        OutputError: `out` exists and `force` is false, or it cannot be written.
    """
    sources = (config.source, config.schema)
    staged = (
        nullcontext()
        if config.out is None
        else staged_file(config.out, force=config.force, sources=sources)
    )
    with staged as stage:
        with Steps(run).step("read"):
            inferred = explain_dataset(config.source, schema=config.schema)
        dataset, evidence = with_relations(inferred.dataset, inferred.evidence)
        if stage is not None:
            schemas = {name: (table.schema, evidence[name]) for name, table in dataset.items()}
            write_schema(
                stage, schemas, foreign_keys=stated_keys(dataset), reasons=inferred.reasons
            )
    columns = {name: _columns(table, evidence[name]) for name, table in dataset.items()}
    relations = {
        name: tuple(
            RelationSummary(
                relation=with_source_texts(text, table.schema),
                evidence=evidence[name].get(text, ""),
            )
            for text in table.schema.relations or ()
        )
        for name, table in dataset.items()
    }
    return InspectResult(
        dataset=dataset,
        reasons=inferred.reasons,
        columns=columns,
        relations=relations,
        protection={
            name: (*preview(table), *search_notes(inferred.dataset[name]))
            for name, table in dataset.items()
        },
        out=config.out,
    )


def _columns(table: Table, evidence: Mapping[str, str]) -> tuple[ColumnSummary, ...]:
    columns = []
    for column in table.schema:
        series = table.frame[column.name]
        columns.append(
            ColumnSummary(
                name=column.name,
                kind=column.kind.value,
                role=column.role,
                missing=series.null_count(),
                distinct=series.n_unique() - (series.null_count() > 0),
                evidence=evidence.get(column.name, ""),
            )
        )
    return tuple(columns)
