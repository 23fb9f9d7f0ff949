"""The catalog of file formats: suffixes, magic numbers, readers and writers.

To add one: a file with its reader and its writer, its entry in `FORMATS`, its own test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from artesian.core.catalog import load

if TYPE_CHECKING:  # The readers and writers import this module.
    from artesian.data.readers.location import Location
    from artesian.data.readers.raw import Raw, RawDataset
    from artesian.data.writers.sink import DatabaseSink, Destination, Sink


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One file format. Functions are named as 'module:function' and imported when first used.

    Attributes:
        name: Its key in `FORMATS`, and `Origin.format` of the tables read from it.
        title: How messages call it.
        suffixes: File name suffixes without dot; the first is the one written.
        ambiguous_suffixes: Those of `suffixes` that files other than tables have too. In a folder
            such a file is read only if the schema of the dataset names its table.
        written_suffixes: Those of `suffixes` that can be written, if not all.
        magic: (offset, bytes) that such a file has at its start; any of them suffices.
        text: Files are text: they have no magic and may be compressed.
        untyped: Values are text whose types must be inferred.
        first_characters: First characters of a text file of this format, in a file whose suffix is
            of no format.
        part: What is named after '::' ('table', 'sheet'); '' if a file contains one table.
        reader: `(Location) -> Raw`.
        writer: `(Destination) -> Sink`.
        dataset_reader: `(Location) -> RawDataset`, if a file contains related tables.
        dataset_writer: `(Path) -> DatabaseSink`, if so.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    reader: str
    writer: str
    ambiguous_suffixes: tuple[str, ...] = ()
    written_suffixes: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    text: bool = False
    untyped: bool = False
    first_characters: tuple[bytes, ...] = ()
    part: str = ""
    dataset_reader: str = ""
    dataset_writer: str = ""

    @property
    def is_database(self) -> bool:
        """Whether a file declares the keys of its tables; sheets of a workbook may be unrelated."""
        return self.part == "table"

    @property
    def suffix(self) -> str:
        """The suffix of written files, with its dot."""
        return f".{self.suffixes[0]}"

    def read(self, location: Location) -> Raw:
        """Read one table."""
        return cast("Callable[[Location], Raw]", load(self.reader))(location)

    def open(self, destination: Destination) -> Sink:
        """Open a file for the rows of one table."""
        return cast("Callable[[Destination], Sink]", load(self.writer))(destination)

    def read_dataset(self, location: Location) -> RawDataset:
        """Read all tables of one file, with the keys that it declares."""
        return cast("Callable[[Location], RawDataset]", load(self.dataset_reader))(location)

    def open_dataset(self, path: Path) -> DatabaseSink:
        """Open a new or existing file for several tables."""
        return cast("Callable[[Path], DatabaseSink]", load(self.dataset_writer))(path)


DEFAULT = "csv"
"""The format of text files without evidence of another one, and of tables from memory."""

FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            name="csv",
            title="CSV",
            suffixes=("csv", "tsv", "tab", "txt", "data", "dat"),
            ambiguous_suffixes=("txt", "data", "dat"),
            reader="artesian.data.readers.delimited:read_delimited",
            writer="artesian.data.writers.text:open_csv",
            text=True,
            untyped=True,
        ),
        Format(
            name="jsonl",
            title="JSON lines",
            suffixes=("jsonl", "ndjson", "json"),
            reader="artesian.data.readers.jsonl:read_jsonl",
            writer="artesian.data.writers.text:open_jsonl",
            text=True,
            first_characters=(b"{", b"["),
        ),
        Format(
            name="parquet",
            title="Parquet",
            suffixes=("parquet", "pq", "parq"),
            magic=((0, b"PAR1"),),
            reader="artesian.data.readers.columnar:read_parquet",
            writer="artesian.data.writers.columnar:open_parquet",
        ),
        Format(
            name="feather",
            title="Feather",
            suffixes=("feather", "arrow", "ipc"),
            magic=((0, b"ARROW1"), (0, b"FEA1")),
            reader="artesian.data.readers.columnar:read_feather",
            writer="artesian.data.writers.columnar:open_feather",
        ),
        Format(
            name="excel",
            title="Excel",
            suffixes=("xlsx", "xlsm", "xlsb", "xls", "ods"),
            written_suffixes=("xlsx",),
            magic=((0, b"PK\x03\x04"), (0, b"\xd0\xcf\x11\xe0")),
            part="sheet",
            reader="artesian.data.readers.workbook:read_workbook",
            writer="artesian.data.writers.workbook:open_workbook",
            dataset_reader="artesian.data.readers.workbook:read_workbook_dataset",
            dataset_writer="artesian.data.writers.workbook:Workbook",
        ),
        Format(
            name="sqlite",
            title="SQLite",
            suffixes=("sqlite", "sqlite3", "db", "db3"),
            magic=((0, b"SQLite format 3\0"),),
            part="table",
            reader="artesian.data.readers.sqlite:read_sqlite",
            writer="artesian.data.writers.sqlite:open_table",
            dataset_reader="artesian.data.readers.sqlite:read_sqlite_dataset",
            dataset_writer="artesian.data.writers.sqlite:SqliteDatabase",
        ),
        Format(
            name="duckdb",
            title="DuckDB",
            suffixes=("duckdb", "ddb"),
            magic=((8, b"DUCK"),),
            part="table",
            reader="artesian.data.readers.duckdb:read_duckdb",
            writer="artesian.data.writers.duckdb:open_table",
            dataset_reader="artesian.data.readers.duckdb:read_duckdb_dataset",
            dataset_writer="artesian.data.writers.duckdb:DuckdbDatabase",
        ),
    )
}


def by_suffix(suffix: str) -> Format | None:
    """The format of files with this suffix, without dot and in lower case."""
    return next((entry for entry in FORMATS.values() if suffix in entry.suffixes), None)


def by_magic(head: bytes) -> Format | None:
    """The format of files that start with these bytes, if bytes at the start mark it."""
    for entry in FORMATS.values():
        if any(head[offset:].startswith(magic) for offset, magic in entry.magic):
            return entry
    return None


def by_first_character(head: bytes) -> Format:
    """The format of a text file whose suffix says nothing."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for entry in FORMATS.values():
        if entry.first_characters and start.startswith(entry.first_characters):
            return entry
    return FORMATS[DEFAULT]


def titles() -> str:
    """All formats in words, such as 'CSV, Parquet or SQLite'."""
    *first, last = (entry.title for entry in FORMATS.values())
    return f"{', '.join(first)} or {last}"
