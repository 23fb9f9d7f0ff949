"""Write tables in the form their source had, batch by batch, whole files or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from artesian.core.atomic import staged_file
from artesian.core.errors import DataError, MissingExtra, OutputError, UsageError, did_you_mean
from artesian.data.readers.location import COMPRESSION, FORMATS, SUFFIX_FORMAT, endings
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table


class Writer(Protocol):
    """Takes tables, one after the other."""

    def write(self, table: Table) -> None: ...


class Sink(Protocol):
    """What a format's file does."""

    def write(self, frame: pl.DataFrame, schema: Schema) -> None: ...
    def close(self) -> None: ...


@contextmanager
def writer(
    path: Path, origin: Origin, *, schema: Schema | None = None, force: bool = False
) -> Iterator[Writer]:
    """Open a file for batches of one table; it appears when the block ends well.

    Args:
        path: Its ending says the format ('.csv.gz', '.parquet', ...); without a known one, the
            origin's format is taken.
        origin: How the source was written, so that a file of its format is written alike.
        schema: Columns of the file if it turns out to get no rows at all.
        force: Replace what is there.

    Raises:
        OutputError: the place is taken or cannot be written, or the format cannot hold the rows.
    """
    path = Path(path)
    form, compression = _form(path, origin)
    options = _options(path, form, origin)
    with staged_file(path, force=force) as stage:
        sink = _sink(stage, form, compression, origin, options)
        batches = _Batches(path, sink, schema)
        done = False
        try:
            yield batches
            batches.finish()
            done = True
        finally:
            # A stopped run leaves a file that nobody will see; closing it may then fail too.
            _closed(path, sink, quietly=not done)


def data_file_name(origin: Origin) -> str:
    """The name of a data file like the source: 'adult.csv.gz' for a table that came from one."""
    suffix = str(origin.options.get("suffix") or f".{FORMATS.get(origin.format, ('csv',))[0]}")
    name = str(origin.options.get("file") or origin.name)
    clean = "".join("_" if c in '/\\:*?"<>|\0' else c for c in name).strip(". ")
    return (clean or "table") + suffix


def write_to_url(url: str, tables: Table | Iterable[Table], name: str) -> None:
    """Write rows into a new table of a database: 'sqlite:///file.db' or 'duckdb:///file.duckdb'.

    Raises:
        UsageError: this is no database URL.
        MissingExtra: the database needs a driver that is not part of this package.
        OutputError: the table is there already, or the database refuses it.
    """
    from artesian.data.writers.databases import busy
    from artesian.data.writers.duckdb import DuckdbSink
    from artesian.data.writers.sqlite import SqliteSink

    scheme, found, rest = url.partition(":///")
    if not found or not rest:
        scheme = url.partition("://")[0]
        if "://" in url and scheme not in ("sqlite", "duckdb"):
            raise MissingExtra(
                f"writing to {scheme!r} needs SQLAlchemy and a driver, which is not supported yet",
                hint="give sqlite:///FILE or duckdb:///FILE, or load the written files there",
            )
        raise UsageError(
            f"{url!r} is no database URL", hint="give sqlite:///FILE or duckdb:///FILE"
        )
    kinds = {"sqlite": SqliteSink, "duckdb": DuckdbSink}
    if scheme not in kinds:
        raise UsageError(f"there is no database {scheme!r}", hint=did_you_mean(scheme, kinds))
    path = Path(rest)
    new = not path.exists()
    first = True
    sink: Any = None
    try:
        for table in (tables,) if isinstance(tables, Table) else tables:
            if first:
                like = table.origin.format == scheme
                options = _native(table.origin) | (dict(table.origin.options) if like else {})
                sink = kinds[scheme](path, name, options)
                first = False
            sink.write(table.frame, table.schema)
        if sink is not None:
            sink.close()
    except BaseException as problem:
        if sink is not None:
            sink.abandon()
        if new:
            path.unlink(missing_ok=True)
        if _is_database_error(problem):
            raise busy(path, problem) from problem  # type: ignore[arg-type]
        raise


class _Batches:
    """Remembers whether anything was written, and the schema that all batches must share."""

    def __init__(self, path: Path, sink: Sink, schema: Schema | None) -> None:
        self._path, self._sink, self._schema = path, sink, schema
        self._names: tuple[str, ...] = ()

    def write(self, table: Table) -> None:
        if self._names and self._names != table.schema.names:
            raise DataError(
                f"a batch for {self._path} has the columns {list(table.schema.names)}, "
                f"the first had {list(self._names)}",
                hint="write batches of one table to one file",
            )
        self._names = table.schema.names
        try:
            self._sink.write(table.frame, table.schema)
        except (OSError, pl.exceptions.PolarsError) as problem:
            raise _failed(self._path, problem) from problem
        except Exception as problem:
            if not _is_database_error(problem):
                raise
            raise _failed(self._path, problem) from problem

    def finish(self) -> None:
        if not self._names and self._schema is not None:
            empty = pl.DataFrame(schema=dict.fromkeys(self._schema.names, pl.String))
            self._sink.write(empty, self._schema)
        elif not self._names:
            raise OutputError(
                f"nothing was written to {self._path}", hint="write at least one batch"
            )


def _form(path: Path, origin: Origin) -> tuple[str, str]:
    ending, squeezed = endings(path)
    form = SUFFIX_FORMAT.get(ending)
    if form is None:
        form = origin.format if origin.format in FORMATS else "csv"
    if form == "excel" and ending not in ("xlsx", ""):
        raise OutputError(f"{path}: only .xlsx workbooks are written", hint="name it .xlsx")
    compression = COMPRESSION.get(squeezed, "")
    if compression and form not in ("csv", "jsonl"):
        raise OutputError(
            f"{path}: {form} files are not compressed again", hint=f"leave out .{squeezed}"
        )
    return form, compression


def _options(path: Path, form: str, origin: Origin) -> dict[str, Any]:
    ending, _ = endings(path)
    if form == origin.format:
        return dict(origin.options) | _native(origin)
    options = _native(origin)
    if ending in ("tsv", "tab"):
        options["delimiter"] = "\t"
    return options


def _native(origin: Origin) -> dict[str, Any]:
    # Times with a pattern were text in a source that has types; only there they are text again.
    return {"patterns": origin.format not in ("csv",)}


def _sink(
    stage: Path, form: str, compression: str, origin: Origin, options: dict[str, Any]
) -> Sink:
    # Imported here: most runs write one format, and some of these are slow to import.
    from artesian.data.writers import columnar, duckdb, sqlite, text, workbook

    if form == "csv":
        return text.CsvSink(stage, compression, options)
    if form == "jsonl":
        return text.JsonlSink(stage, compression, options)
    if form in ("parquet", "feather"):
        return columnar.ColumnarSink(stage, form, options)
    table = str(options.get("table") or origin.name)
    if form == "excel":
        return workbook.WorkbookSink(stage, table, options)
    if form == "sqlite":
        return sqlite.SqliteSink(stage, table, options)
    return duckdb.DuckdbSink(stage, table, options)


def _closed(path: Path, sink: Sink, *, quietly: bool) -> None:
    try:
        sink.close()
    except Exception as problem:
        if not quietly:
            raise _failed(path, problem) from problem


def _failed(path: Path, problem: Exception) -> OutputError:
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else lines[0]
    return OutputError(
        f"cannot write {path}: {reason}",
        hint="check that the disk has room and that the folder may be written to",
    )


def _is_database_error(problem: BaseException) -> bool:
    return type(problem).__module__.partition(".")[0] in ("sqlite3", "duckdb", "_duckdb", "pyarrow")
