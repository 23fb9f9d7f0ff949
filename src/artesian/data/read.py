"""Read a source into a Table or a Dataset: locate it, parse it, infer its schema."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import DataError, SchemaError
from artesian.core.panics import is_panic
from artesian.core.width import require_columns
from artesian.data import dataframes
from artesian.data.dataset import Dataset, DatasetSchema, require_single_table
from artesian.data.formats import FORMATS
from artesian.data.inference.infer import Inferred, infer
from artesian.data.inference.infer_dataset import InferredDataset, infer_dataset
from artesian.data.readers.folder import Folder, no_tables, scan_folder
from artesian.data.readers.location import Location, located
from artesian.data.readers.raw import NoRows, Raw, RawDataset
from artesian.data.readers.server import read_server_dataset, read_server_table
from artesian.data.readers.server_address import file_of_url, is_database_url, parse_address
from artesian.data.schema import Schema
from artesian.data.schema_io import read_dataset_schema, read_schema
from artesian.data.table import Origin, Table


def read(source: Any, *, schema: Schema | DatasetSchema | str | Path | None = None) -> Table:
    """Read one table.

    Args:
        source: The path of a file in one of the formats of `artesian.data.formats`, text also
            compressed; 'file.db::table' of a database, or 'postgresql://user@host/database::table'
            of one on a server; '-' for standard input; or a pandas,
            Polars, Arrow or DuckDB object, which is never changed.
        schema: A schema, or the path of a dataset.toml or SDV metadata file. It takes precedence over
            inference; columns that it does not name are inferred.

    Raises:
        DataError: the source cannot be read as a table.
        SchemaError: the schema names a column that does not exist.
    """
    return explain(source, schema=schema).table


def read_dataset(
    source: Any, *, schema: Schema | DatasetSchema | str | Path | None = None
) -> Dataset:
    """Read related tables; a source of one table is a dataset of one.

    Foreign keys are those of the schema, or else those that the database declares, or else those
    inferred from names and values, with the evidence in `Dataset.origin.notes`.

    Args:
        source: A folder of data files, a database file, the URL of a database such as
            'postgresql://user@host/database?schema=sales', a mapping of names to tables in memory, or
            whatever `read` takes. Nothing outside of it is read.
        schema: The schema, or the path of a dataset.toml or SDV metadata file; by
            default the one in the folder.

    Raises:
        DataError: the source cannot be read.
        SchemaError: the schema names a table or column that does not exist, or a foreign key does
            not fit the tables.

    Example:
        >>> import polars as pl
        >>> shops = pl.DataFrame({"shop_id": [1, 2, 3], "city": ["Graz", "Linz", "Graz"]})
        >>> sales = pl.DataFrame({"shop_id": [1, 1, 3], "price": [2.5, 3.5, 1.5]})
        >>> [str(key) for key in read_dataset({"shops": shops, "sales": sales}).foreign_keys]
        ['sales(shop_id) -> shops(shop_id)']
    """
    return explain_dataset(source, schema=schema).dataset


def read_single(source: Any, *, schema: Schema | None = None, lenient: bool = False) -> Inferred:
    """Read the only table of a source, which may also be a folder or a dataset.

    Args:
        lenient: What does not fit the schema is missing, in place of an error; see `infer`.

    Raises:
        DataError: the source cannot be read.
        Unsupported: it has several tables.
    """
    members: list[Any] = [source]
    if isinstance(source, Mapping):
        members = list(source.values())
    elif isinstance(source, str | PathLike) and os.path.isdir(source):
        folder = scan_folder(Path(source))
        members = [*folder.tables.values(), *folder.databases]
    if len(members) == 1:
        return explain(members[0], schema=schema, lenient=lenient)
    require_single_table(read_dataset(source))
    raise AssertionError("several tables are refused")


def explain(
    source: Any,
    *,
    schema: Schema | DatasetSchema | str | Path | None = None,
    lenient: bool = False,
) -> Inferred:
    """Read one table, with one sentence of evidence for the kind of each column.

    Args:
        lenient: What does not fit the schema is missing, in place of an error; see `infer`.
    """
    source = _file_of(source)
    if isinstance(source, Table):
        return Inferred(table=source, evidence={c.name: "given" for c in source.schema})
    if not isinstance(source, str | PathLike):
        raw = dataframes.raw_from_dataframe(source)
    elif os.path.isdir(source):
        raise _several(Path(source))
    else:
        raw = _raw(os.fspath(source))
    if isinstance(schema, str | PathLike):
        schema = read_schema(Path(schema), raw.origin.name)
    if isinstance(schema, DatasetSchema):
        schema = schema.of_table(raw.origin.name)
    return infer(raw, schema, lenient=lenient)


def read_dataset_like(source: Any, real: Dataset) -> InferredDataset:
    """Read related tables with the schemas of `real`, as another tool may have written them.

    Tables and columns that the source lacks are left out, and values that are not of the type of the
    real column are missing and among `unreadable`. Foreign keys are not looked for.

    Raises:
        DataError: the source cannot be read.
    """
    schema = DatasetSchema(dict(real.schemas), ())
    return explain_dataset(source, schema=schema, lenient=True)


def explain_dataset(
    source: Any,
    *,
    schema: Schema | DatasetSchema | str | Path | None = None,
    lenient: bool = False,
) -> InferredDataset:
    """Read related tables, with one sentence of evidence for the kind of each column.

    Args:
        lenient: What does not fit the schema is left out, in place of an error; see `infer_dataset`.
    """
    source = _file_of(source)
    if isinstance(source, Dataset):
        evidence = {name: {c.name: "given" for c in source[name].schema} for name in source}
        return InferredDataset(dataset=source, evidence=evidence)
    if isinstance(schema, str | PathLike):
        schema = read_dataset_schema(Path(schema))
    if isinstance(source, Mapping):
        raw, origin = _in_memory(source), Origin(name="dataset")
    elif isinstance(source, str | PathLike) and os.path.isdir(source):
        path = Path(source)
        folder = scan_folder(path)
        if schema is None and folder.schema is not None:
            schema = read_dataset_schema(folder.schema)
        if len(folder.databases) == 1 and not folder.tables:
            return explain_dataset(folder.databases[0], schema=schema, lenient=lenient)
        raw = _from_folder(path, folder, schema)
        origin = Origin(name=path.resolve().name, format="folder", options={"path": str(path)})
    elif isinstance(source, str | PathLike) and os.path.isfile(source):
        with located(os.fspath(source)) as place:
            form = FORMATS[place.format]
            with _panics_of(place):
                raw = form.read_dataset(place) if form.dataset_reader else RawDataset(tables={})
            if not raw.tables:  # one table, or a database of views only
                return _single(source, schema, lenient=lenient)
            options = {"path": place.shown}
            origin = Origin(name=place.name, format=place.format, options=options)
        if not form.is_database and schema is None:
            # Without keys, sheets of a workbook are rather a table and what explains it.
            return _if_related(raw, origin) or _single(source, schema)
    elif is_database_url(source):
        address = parse_address(source)
        if address.table is not None:
            return _single(source, schema, lenient=lenient)
        raw = read_server_dataset(address)
        options = {"path": address.shown}
        kind = address.url.get_backend_name()
        origin = Origin(name=address.name, format=kind, options=options)
    else:
        return _single(source, schema, lenient=lenient)
    if lenient and isinstance(schema, DatasetSchema):
        return infer_dataset(raw, origin, schema, lenient=True)
    return infer_dataset(raw, origin, _schema_for(schema, list(raw.tables)))


def _if_related(raw: RawDataset, origin: Origin) -> InferredDataset | None:
    """The tables if foreign keys connect them."""
    try:
        inferred = infer_dataset(raw, origin)
    except DataError:
        return None
    keys = inferred.dataset.foreign_keys
    return inferred if any(key.child != key.parent for key in keys) else None


def _single(
    source: Any, schema: Schema | DatasetSchema | None, *, lenient: bool = False
) -> InferredDataset:
    if lenient and isinstance(schema, DatasetSchema):
        named = explain(source).table.origin.name  # the schema may have no such table
        schema = schema.tables.get(named)
    inferred = explain(source, schema=schema, lenient=lenient)
    dataset = Dataset.from_table(inferred.table)
    return InferredDataset(
        dataset=dataset,
        evidence={dataset.name: inferred.evidence},
        unreadable={dataset.name: inferred.unreadable} if inferred.unreadable else {},
    )


def _schema_for(
    schema: Schema | DatasetSchema | None, tables: Sequence[str]
) -> DatasetSchema | None:
    """The schema of these tables; that of a single table may have any name."""
    if schema is None:
        return None
    if isinstance(schema, DatasetSchema) and not schema.tables:
        return schema  # of foreign keys alone
    if len(tables) == 1:
        keys = schema.foreign_keys if isinstance(schema, DatasetSchema) else None
        one = schema.of_table(tables[0]) if isinstance(schema, DatasetSchema) else schema
        return DatasetSchema({tables[0]: one}, keys)
    if isinstance(schema, Schema):
        raise SchemaError(
            f"the schema of one table was given for {len(tables)} tables",
            hint="give a DatasetSchema, or the path of a dataset.toml",
        )
    return schema


def _file_of(source: Any) -> Any:
    """The file of a source such as 'sqlite:///shop.db'; any other source as it is."""
    return (file_of_url(source) or source) if is_database_url(source) else source


def _raw(source: str) -> Raw:
    if is_database_url(source):
        address = parse_address(source)
        raw = read_server_table(address)
        _rows(raw, address.shown)
        return raw
    with located(source) as place:
        with _panics_of(place):
            raw = FORMATS[place.format].read(place)
            _rows(raw, place.shown)
        return raw


@contextmanager
def _panics_of(place: Location) -> Iterator[None]:
    """Convert a panic of a library to an error that names the file."""
    try:
        yield
    except BaseException as problem:
        if is_panic(problem):
            raise place.broken(problem) from problem
        raise


def _in_memory(tables: Mapping[str, Any]) -> RawDataset:
    raws = {name: dataframes.raw_from_dataframe(obj) for name, obj in tables.items()}
    return RawDataset(
        tables={n: replace(raw, origin=replace(raw.origin, name=n)) for n, raw in raws.items()}
    )


def _from_folder(path: Path, folder: Folder, schema: Schema | DatasetSchema | None) -> RawDataset:
    named = schema.tables if isinstance(schema, DatasetSchema) else {}
    files = folder.tables | {n: file for n, file in folder.ambiguous.items() if n in named}
    if not files:
        raise no_tables(path, folder)
    unread = [file.name for name, file in folder.ambiguous.items() if name not in files]
    notes = [f"{name} was not read as a table: list it in dataset.toml" for name in unread]
    tables = {}
    for name, file in sorted(files.items()):
        try:
            tables[name] = _raw(str(file))
        except NoRows:
            tables[name] = Raw(frame=pl.DataFrame())
    return RawDataset(tables=tables, notes=(*folder.notes, *notes))


def _several(path: Path) -> DataError:
    """The error for a folder where one table is wanted."""
    folder = scan_folder(path)
    if not folder.tables:
        return no_tables(path, folder)
    listed = ", ".join(list(folder.tables)[:12]) + (", ..." if len(folder.tables) > 12 else "")
    count = f"{len(folder.tables)} table{'s' if len(folder.tables) > 1 else ''}"
    return DataError(
        f"{path} is a folder of {count} ({listed}), not a table",
        hint=f"name one of its files, such as {next(iter(folder.tables.values()))}, "
        "or read all of them with read_dataset()",
    )


def _rows(raw: Raw, shown: str) -> None:
    if not raw.frame.width:
        raise DataError(f"{shown} has no columns", hint="give a table with at least one column")
    if not raw.frame.height:
        raise NoRows(f"{shown} has columns but no rows", hint="give a table with rows")
    require_columns(raw.frame.width, raw.origin.name)  # before each of them is examined
    for series in raw.frame:
        texts = series.dtype == pl.String and series.str.contains("\0", literal=True).any()
        if texts or "\0" in series.name:
            raise DataError(
                f"{shown}: {'a value of' if texts else 'the name of'} column {series.name!r} "
                "has the character NUL, which no text file can hold",
                hint="remove the character",
            )
