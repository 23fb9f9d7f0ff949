"""Sample rows from a saved model to a file or to standard output, in constant memory.

The tables of a model of related ones are written to a folder or a database."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from artesian.core.errors import UsageError
from artesian.core.plain_paths import plain_path
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.table import Table
from artesian.data.write import writer
from artesian.data.write_dataset import refuse_target, write_dataset
from artesian.data.writers.text import CsvSink
from artesian.pipeline.related import describe_model
from artesian.synthesizers.condition_parsing import parse_conditions
from artesian.synthesizers.memorisation import describe_memorisation
from artesian.synthesizers.protocol import Model, Where
from artesian.synthesizers.relational.relational_trees import RelationalModel
from artesian.synthesizers.store import load_any, reading

STDOUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig:
    """Configuration of sampling.

    Attributes:
        model: Folder of a saved model.
        rows: Number of rows of one table; None for related tables.
        scale: Number of rows of related tables, relative to the source; None for as many, or for one
            table.
        where: Conditions that every row satisfies, as texts or as a mapping; of related tables on
            columns such as 'customer.country'.
        out: File to write, or '-' for CSV on standard output; None to return the rows. For related
            tables a folder, a database file, or the URL of a database.
        force: Replace an existing `out`.
    """

    model: Path
    rows: int | None = None
    scale: float | None = None
    where: Where | Iterable[str] | None = None
    out: str | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleResult:
    """Sampled rows.

    Attributes:
        rows: Number of rows.
        out: Where they were written; None if nowhere.
        table: The rows if they were not written.
        tables: Number of rows of each table, of related tables.
        dataset: The related tables if they were not written.
        notes: What a reader of the rows should know, one sentence each.
    """

    rows: int
    out: str | None = None
    table: Table | None = None
    tables: Mapping[str, int] = field(default_factory=dict)
    dataset: Dataset | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types, with the rows if they were not written."""
        if self.tables:
            by_table = {"rows": dict(self.tables), "notes": list(self.notes)}
            if self.dataset is None:
                return {"out": self.out, **by_table}
            frames = {name: table.frame.to_dicts() for name, table in self.dataset.items()}
            return {**by_table, "data": frames}
        if self.table is None:
            return {"out": self.out, "rows": self.rows, "notes": list(self.notes)}
        data = self.table.frame.to_dicts()
        return {"rows": self.rows, "data": data, "notes": list(self.notes)}


def sample(config: SampleConfig, run: Run) -> SampleResult:
    """Load the model, sample, and write the rows.

    Raises:
        ModelFileError: `model` is not a saved model.
        ConditionError: The model cannot satisfy a condition.
        OutputError: `out` exists and `force` is false, or it cannot be written.
        Cancelled: The run was stopped.
    """
    if config.rows is not None and config.rows < 0:
        raise UsageError(f"cannot sample {config.rows} rows", hint="give 0 or more")
    with plain_path(config.model) as folder:
        model = load_any(folder)
    with reading(config.model):
        if not isinstance(model, Model):
            return _sampled_tables(model, config, run)
        if config.scale is not None:
            raise UsageError(
                "a scale is for related tables; this is a model of one table",
                hint="give the number of rows with --rows",
            )
        if config.rows is None:
            raise UsageError("the number of rows is missing", hint="give it, such as --rows 1000")
        return _sampled(model, config.rows, config, run)


def _sampled_tables(model: RelationalModel, config: SampleConfig, run: Run) -> SampleResult:
    if config.rows is not None:
        raise UsageError(
            "related tables have no single number of rows", hint="use scale, such as --scale 2"
        )
    if config.out == STDOUT:
        raise UsageError(
            "several tables cannot be written to standard output",
            hint="give a folder or a database with -o, or --json",
        )
    notes = describe_model(model)
    if config.out is not None:
        refuse_target(config.out, sources=(config.model,), force=config.force)
    scale = 1.0 if config.scale is None else config.scale
    dataset = model.sample(scale, config.where, run=run)
    rows = {name: len(table) for name, table in dataset.items()}
    result = SampleResult(rows=sum(rows.values()), tables=rows, notes=notes)
    if config.out is None:
        return replace(result, dataset=dataset)
    written = write_dataset(config.out, dataset, force=config.force, sources=(config.model,))
    return replace(result, out=config.out, notes=(*notes, *written))


def _sampled(model: Model, rows: int, config: SampleConfig, run: Run) -> SampleResult:
    where = parse_conditions(config.where, model.schema, model.empty().frame) or None
    notes = describe_memorisation(model.facts().get("memorised"), rows)
    if config.out is None:
        table = model.sample(rows, where, run=run)
        return SampleResult(rows=rows, table=table, notes=notes)
    if config.out == STDOUT:
        _write_stdout(model, _batches(model, rows, where, run))
    else:
        origin = model.origin
        with writer(
            Path(config.out),
            origin,
            schema=model.schema,
            force=config.force,
            sources=(config.model,),
        ) as out:
            for table in _batches(model, rows, where, run):
                out.write(table)
    return SampleResult(rows=rows, out=config.out, notes=notes)


def _write_stdout(model: Model, batches: Iterator[Table]) -> None:
    """Write CSV to standard output, in the dialect of the source if it was CSV."""
    sys.stdout.flush()
    origin = model.origin
    options = origin.options if origin.format == "csv" else {}
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as file:
        sink = CsvSink(file, "", options)
        for table in batches:
            sink.write(table.frame, table.schema)


def _batches(model: Model, rows: int, where: Where | None, run: Run) -> Iterator[Table]:
    for table in model.batches(rows, where, run=run):
        run.check("sample")
        yield table
