"""Read a source and describe its columns: inferred kinds with evidence, missing and distinct values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.core.run import Run
from artesian.data.read import explain
from artesian.data.schema import Schema
from artesian.data.schema_io import write_schema
from artesian.data.table import Table
from artesian.runs.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectConfig:
    """Configuration of an inspection.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
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
class InspectResult:
    """A table and its columns."""

    table: Table
    columns: tuple[ColumnSummary, ...]
    out: Path | None

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types; no rows."""
        table = self.table
        return {
            "table": table.origin.name,
            "format": table.origin.format,
            "rows": len(table),
            "key": list(table.schema.key),
            "target": table.schema.target,
            "out": None if self.out is None else str(self.out),
            "columns": [asdict(column) for column in self.columns],
            "notes": list(table.origin.notes),
        }


def inspect_source(config: InspectConfig, run: Run) -> InspectResult:
    """Read the source, summarize its columns, and write the schema.

    Raises:
        DataError: The source cannot be read as a table.
        SchemaError: The schema names a column that does not exist.
        OutputError: `out` exists and `force` is false, or it cannot be written.
    """
    with Steps(run).step("read"):
        inferred = explain(config.source, schema=config.schema)
    table = inferred.table
    if config.out is not None:
        with staged_file(config.out, force=config.force) as stage:
            write_schema(stage, {table.origin.name: (table.schema, inferred.evidence)})
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
                evidence=inferred.evidence.get(column.name, ""),
            )
        )
    return InspectResult(table=table, columns=tuple(columns), out=config.out)
