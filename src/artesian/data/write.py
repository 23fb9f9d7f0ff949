"""Write tables in the format of their source, batch by batch, as whole files or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from artesian.core.atomic import staged_file, unwritable
from artesian.core.errors import ArtesianError, DataError, OutputError
from artesian.data.formats import DEFAULT, FORMATS, Format, by_suffix
from artesian.data.readers.location import COMPRESSION, endings
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.data.writers.databases import is_database_error
from artesian.data.writers.sink import Destination, Sink


class Writer(Protocol):
    """Takes tables, one after the other."""

    def write(self, table: Table) -> None:
        """Write one batch."""
        ...


@contextmanager
def writer(
    path: Path,
    origin: Origin,
    *,
    schema: Schema | None = None,
    force: bool = False,
    sources: Iterable[Any] = (),
) -> Iterator[Writer]:
    """Open a file for batches of one table; it appears when the block ends without an error.

    Args:
        path: Its suffix decides the format ('.csv.gz', '.parquet', ...); without a known one, the
            format is that of the origin.
        origin: How the source was written, which a file of its format repeats.
        schema: Columns of the file if no batch is written.
        force: Replace a file that is there.
        sources: What the block reads; the file must not be, hold or lie in one of them.

    Raises:
        OutputError: the file exists or cannot be written, or the format cannot represent the rows.
    """
    path = Path(path)
    form, compression = _form(path, origin)
    with staged_file(path, force=force, sources=sources) as stage:
        destination = Destination(
            path=stage,
            name=origin.name,
            compression=compression,
            options=options_for(form.name, origin),
        )
        sink = form.open(destination)
        batches = _Batches(path, sink, schema)
        done = False
        try:
            yield batches
            batches.finish()
            done = True
        finally:
            # An interrupted file is removed anyway, so an error of closing it does not matter.
            _closed(path, sink, quietly=not done)


def data_file_name(origin: Origin) -> str:
    """The name of a data file named like the source, such as 'adult.csv.gz'."""
    form = FORMATS.get(origin.format, FORMATS[DEFAULT])
    suffix = _plain(str(origin.options.get("suffix") or form.suffix))
    name = _plain(str(origin.options.get("file") or origin.name)).strip(". ")
    return (name or "table") + suffix


def _plain(text: str) -> str:
    """The text without what separates folders, or is special in names of files."""
    return "".join("_" if c in '/\\:*?"<>|\0' else c for c in text)


class _Batches:
    """Checks that all batches have the same columns, and writes a header without any."""

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
            if not is_database_error(problem):
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


def _form(path: Path, origin: Origin) -> tuple[Format, str]:
    ending, squeezed = endings(path)
    form = by_suffix(ending) or FORMATS.get(origin.format, FORMATS[DEFAULT])
    written = form.written_suffixes or form.suffixes
    if ending in form.suffixes and ending not in written:
        raise OutputError(
            f"{path}: {form.title} files are not written as .{ending}",
            hint=f"name it .{written[0]}",
        )
    compression = COMPRESSION.get(squeezed, "")
    if compression and not form.text:
        raise OutputError(
            f"{path}: {form.name} files are not compressed again", hint=f"leave out .{squeezed}"
        )
    return form, compression


PORTABLE = ("key", "required", "unique", "indexes")
"""Options of a table of a database that apply to one of any kind."""


def options_for(form: str, origin: Origin) -> dict[str, Any]:
    """The options of the origin, as far as they are those of the format or kind of server `form`."""
    source = FORMATS.get(origin.format)
    options = dict(origin.options)
    if origin.format != form:
        options = {name: options[name] for name in PORTABLE if name in options}
    # Times with a pattern were text in a source that has types; only there they are text again.
    return options | {"patterns": source is None or not source.untyped}


def _closed(path: Path, sink: Sink, *, quietly: bool) -> None:
    try:
        sink.close()
    except Exception as problem:
        if quietly:
            return
        if isinstance(problem, ArtesianError):
            raise
        raise _failed(path, problem) from problem


def _failed(path: Path, problem: Exception) -> OutputError:
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    if isinstance(problem, OSError):
        return unwritable(path, problem)
    return OutputError(
        f"cannot write {path}: {lines[0]}", hint="write it in another format, such as .csv"
    )
