"""Sample rows from a saved model to a file or to standard output, in constant memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.data.write import writer
from artesian.data.writers.text import CsvSink
from artesian.synthesizers.condition_parsing import parse_conditions
from artesian.synthesizers.memorisation import describe_memorisation
from artesian.synthesizers.protocol import Model, Where
from artesian.synthesizers.store import load, reading

STDOUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig:
    """Configuration of sampling.

    Attributes:
        model: Folder of a saved model.
        rows: Number of rows.
        where: Conditions that every row satisfies, as texts or as a mapping.
        out: File to write, or '-' for CSV on standard output; None to return the rows.
        force: Replace an existing `out`.
    """

    model: Path
    rows: int
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
        notes: What a reader of the rows should know, one sentence each.
    """

    rows: int
    out: str | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types, with the rows if they were not written."""
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
    if config.rows < 0:
        raise UsageError(f"cannot sample {config.rows} rows", hint="give 0 or more")
    model = load(config.model)
    with reading(config.model):
        return _sampled(model, config, run)


def _sampled(model: Model, config: SampleConfig, run: Run) -> SampleResult:
    where = parse_conditions(config.where, model.schema, model.empty().frame) or None
    notes = describe_memorisation(model.facts().get("memorised"), config.rows)
    if config.out is None:
        table = model.sample(config.rows, where, run=run)
        return SampleResult(rows=config.rows, table=table, notes=notes)
    if config.out == STDOUT:
        _write_stdout(model, _batches(model, config.rows, where, run))
    else:
        origin = model.origin
        with writer(Path(config.out), origin, schema=model.schema, force=config.force) as out:
            for table in _batches(model, config.rows, where, run):
                out.write(table)
    return SampleResult(rows=config.rows, out=config.out, notes=notes)


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
