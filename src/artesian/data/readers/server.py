"""Connect to a database server by its URL, and read all its tables in one snapshot, or one of them.

A connection for reading cannot write: its only transaction is read-only where the server knows such
transactions, and is rolled back. Passwords are in no message.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl

from artesian.core.errors import ArtesianError, DataError, MissingExtra, UsageError, did_you_mean
from artesian.core.extras import require
from artesian.core.memory import require_memory
from artesian.data.frames import frame_of
from artesian.data.readers.location import one_line
from artesian.data.readers.raw import Raw, RawDataset
from artesian.data.readers.server_address import OF_FILES, Address
from artesian.data.readers.server_catalog import Catalog
from artesian.data.readers.server_types import Stored, stored_as
from artesian.data.table import Origin

SERVERS = ("postgresql", "mysql", "mariadb", "mssql", "oracle")
"""Kinds of servers that a misspelt one may mean."""

FETCH = 50_000
"""Number of rows that are fetched at once."""

WAIT = "10"
"""Seconds to wait for a server that does not answer."""


def read_server_dataset(address: Address) -> RawDataset:
    """Read all tables of a schema in one snapshot, with the keys that the catalog has.

    Views, partitions, and columns of bytes, arrays or documents are left out with a note.

    Raises:
        DataError: the server cannot be reached, or a table cannot be read.
    """
    with connected(address) as connection:
        catalog = Catalog.read(connection, address)
        tables = {name: _read_table(connection, address, catalog, name) for name in catalog.tables}
    present = {name: table for name, table in tables.items() if table.frame.width}
    notes = [f"the view {name!r} was left out" for name in catalog.views]
    notes += [
        f"the table {name!r} has no column that can be read, and was left out"
        for name in tables
        if name not in present
    ]
    keys = []
    for key in catalog.foreign_keys:
        if _has(present, key.child, key.columns) and _has(present, key.parent, key.parent_columns):
            keys.append(key)
        else:
            notes.append(f"the foreign key {key} was left out: not all of it was read")
    return RawDataset(
        tables=present, foreign_keys=tuple(keys), notes=(*notes, *catalog.foreign_notes)
    )


def read_server_table(address: Address) -> Raw:
    """Read one table or view.

    Raises:
        DataError: the server cannot be reached, or there is no such table, or several and none named.
    """
    with connected(address) as connection:
        catalog = Catalog.read(connection, address)
        names = [*catalog.tables, *catalog.views]
        if address.table is None and len(catalog.tables) != 1:
            listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
            raise DataError(
                f"{address.shown} has {len(catalog.tables)} tables and none was named",
                hint=f"name one with {address.shown}::TABLE ({listed})",
            )
        name = catalog.tables[0] if address.table is None else address.table
        if name not in names:
            raise DataError(
                f"{address.shown} has no table {name!r}", hint=did_you_mean(name, names)
            )
        return _read_table(connection, address, catalog, name)


@contextmanager
def connected(address: Address, *, writes: bool = False) -> Iterator[Any]:
    """A connection with one transaction, which is rolled back unless the block commits it.

    Args:
        writes: Otherwise the transaction is read-only, and sees one snapshot of all tables.

    Raises:
        MissingExtra: the driver is not installed.
        UsageError: there is no such kind of database.
        DataError: the server cannot be reached, refuses, or goes away.
    """
    alchemy = require("sqlalchemy", extra="sql", purpose=address.shown)
    engine = _engine(alchemy, address)
    opened = False
    try:
        options = {} if writes else _snapshot(engine)
        with engine.connect() as plain, warnings.catch_warnings():
            warnings.simplefilter("ignore", alchemy.exc.SAWarning)  # of types that are left out
            opened = True
            yield plain.execution_options(**options) if options else plain
    except ArtesianError:
        raise
    except Exception as problem:
        if not is_of_driver(problem, address):
            raise
        raise _broken(address, problem, opened) from None
    finally:
        engine.dispose()


def _engine(alchemy: Any, address: Address) -> Any:
    backend = address.url.get_backend_name()
    settings: dict[str, Any] = {}
    if (
        address.url.drivername == "postgresql+psycopg"
        and "connect_timeout" not in address.url.query
    ):
        settings["connect_args"] = {"connect_timeout": WAIT}
    try:
        return alchemy.create_engine(
            address.url, poolclass=alchemy.pool.NullPool, hide_parameters=True, **settings
        )
    except ImportError as problem:
        name = problem.name or "a driver"
        extra = "'artesian[sql]'" if name == "psycopg" else name
        raise MissingExtra(
            f"{address.shown} needs the driver {name!r}, which is not installed",
            hint=f"pip install {extra}",
        ) from None
    except alchemy.exc.NoSuchModuleError:
        raise UsageError(
            f"there is no database {backend!r}", hint=did_you_mean(backend, (*SERVERS, *OF_FILES))
        ) from None
    except (alchemy.exc.ArgumentError, TypeError, ValueError) as problem:
        raise UsageError(
            f"{address.shown} cannot be opened: {address.message(problem)}",
            hint="check the options after '?'",
        ) from None


def _snapshot(engine: Any) -> dict[str, Any]:
    """Options of a transaction that sees one state of all tables, as far as the server knows them."""
    if engine.dialect.name == "postgresql":
        return {
            "isolation_level": "REPEATABLE READ",
            "postgresql_readonly": True,
            "postgresql_deferrable": False,
        }
    return (
        {"isolation_level": "REPEATABLE READ"}
        if engine.dialect.name in ("mysql", "mariadb")
        else {}
    )


def is_of_driver(problem: BaseException, address: Address) -> bool:
    """Whether an exception is of SQLAlchemy or of the driver that it uses for an address."""
    driver = address.url.get_dialect().import_dbapi().__name__
    module = type(problem).__module__.partition(".")[0]
    return module in ("sqlalchemy", driver.partition(".")[0])


def _broken(address: Address, problem: Exception, opened: bool) -> DataError:
    line = address.message(problem)
    if not opened:
        return DataError(
            f"cannot connect to {address.shown}: {line}",
            hint="check that the server runs, and host, port, user, password and database",
        )
    if is_lost(problem, line):
        return DataError(
            f"{address.shown} went away: {line}",
            hint="nothing was changed there; start again when it can be reached",
        )
    return DataError(
        f"{address.shown} refuses: {line}", hint="check that the user may read all its tables"
    )


def is_lost(problem: BaseException, line: str) -> bool:
    """Whether an error of the driver, whose first line is `line`, means that the connection is gone."""
    lost = ("connection", "terminat", "closed", "server has gone", "eof detected")
    return bool(getattr(problem, "connection_invalidated", False)) or any(
        word in line.lower() for word in lost
    )


def _has(tables: Mapping[str, Raw], name: str, columns: Sequence[str]) -> bool:
    return name in tables and set(columns) <= set(tables[name].frame.columns)


def _read_table(connection: Any, address: Address, catalog: Catalog, name: str) -> Raw:
    """One table, without the columns whose values are no numbers, words, booleans or times."""
    stored: dict[str, Stored] = {}
    notes = list(catalog.notes.get(name, ()))
    for column in catalog.columns[name]:
        kind = stored_as(column["type"], connection.dialect)
        if kind is None:
            notes.append(
                f"column {column['name']!r} is of type {column['type']!r} and was left out"
            )
        else:
            stored[column["name"]] = kind
    key = tuple(catalog.primary[name])
    left = set(stored)
    options = {
        "table": name,
        "declared": {column: kind.declared for column, kind in stored.items()},
        "enums": {column: kind.name for column, kind in stored.items() if kind.name},
        "required": [
            c["name"] for c in catalog.columns[name] if not c["nullable"] and c["name"] not in key
        ],
        "key": list(key),
        "unique": [one for one in catalog.unique[name] if left.issuperset(one)],
        "indexes": [
            one for one in catalog.indexes.get(name, ()) if left.issuperset(one["columns"])
        ],
    }
    origin = Origin(name=name, format=connection.dialect.name, options=options, notes=tuple(notes))
    frame = _fetched(connection, address, name, stored) if stored else pl.DataFrame()
    return Raw(frame=frame, origin=origin, key=key if left.issuperset(key) else ())


def _fetched(
    connection: Any, address: Address, name: str, stored: Mapping[str, Stored]
) -> pl.DataFrame:
    import sqlalchemy

    query: Any = sqlalchemy.select(*map(sqlalchemy.column, stored)).select_from(
        sqlalchemy.table(name, schema=address.schema)
    )
    parts: list[list[pl.Series]] = [[] for _ in stored]
    size = 0.0
    for rows in _batches(connection, query):
        for part, values, (column, kind) in zip(
            parts, zip(*rows, strict=True), stored.items(), strict=True
        ):
            part.append(_series(address, name, column, values, kind))
            size += part[-1].estimated_size()
        require_memory(2 * size, f"{address.shown}::{name}, as a table,", so_far=True)
    return frame_of(
        pl.concat(part) if part else pl.Series(column, [], dtype=kind.dtype)
        for part, (column, kind) in zip(parts, stored.items(), strict=True)
    )


def _batches(connection: Any, query: Any) -> Iterator[Sequence[Any]]:
    """The rows of a query, from a cursor on the server."""
    if connection.dialect.driver == "psycopg":
        # The rows of SQLAlchemy take longer to make than to fetch.
        text = str(query.compile(dialect=connection.dialect)).replace("%%", "%")
        with connection.connection.driver_connection.cursor("artesian") as cursor:
            cursor.execute(text.encode())
            while rows := cursor.fetchmany(FETCH):
                yield rows
        return
    yield from connection.execution_options(stream_results=True).execute(query).partitions(FETCH)


def _series(
    address: Address, name: str, column: str, values: Sequence[Any], kind: Stored
) -> pl.Series:
    try:
        return kind.series(column, values)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as problem:
        raise DataError(
            f"{address.shown}::{name}: column {column!r} of type {kind.declared} has a value that "
            f"cannot be represented: {one_line(problem)}",
            hint="leave it out, or convert it, with a view",
        ) from problem
