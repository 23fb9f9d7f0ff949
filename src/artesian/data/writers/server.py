"""Write to a database server: a new schema, or an empty one, in one transaction.

Tables are created without keys, filled, and then given their keys and indexes: this is faster, and
tables may refer to each other in a circle. PostgreSQL undoes all of it when something fails; from
servers that cannot, the tables created here are removed. Nothing else is ever changed or removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

import polars as pl

from artesian.core.errors import ArtesianError, OutputError
from artesian.data.readers.server import connected, is_lost, is_of_driver
from artesian.data.readers.server_address import Address
from artesian.data.schema import Schema
from artesian.data.writers.databases import single_key
from artesian.data.writers.server_types import column_type
from artesian.data.writers.sink import TableKeys
from artesian.data.writers.value_format import as_stored

BATCH = 50_000
"""Number of rows that are sent at once."""

TRANSACTIONAL = ("postgresql", "mssql", "sqlite")
"""Servers that undo the creation of a table."""


class ServerDatabase:
    """The empty schema of a server, in a transaction."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._open: AbstractContextManager[Any] = connected(address, writes=True)
        self._connection = self._open.__enter__()
        self._tables: list[ServerTable] = []
        try:
            self._prepare()
        except BaseException:
            self.abandon()
            raise

    def table(
        self, name: str, options: Mapping[str, Any], keys: TableKeys | None = None
    ) -> ServerTable:
        """Start a new table."""
        self._fit_name(name)
        table = ServerTable(self._connection, self._address.schema, name, options, keys)
        self._tables.append(table)
        return table

    def declare(self) -> None:
        """Declare keys and indexes."""
        for table in self._tables:
            table.declare_own()
        for table in self._tables:
            table.declare_foreign({one.name: one for one in self._tables})

    def close(self) -> None:
        """Commit, and close the connection."""
        self._connection.commit()
        self._open.__exit__(None, None, None)

    def abandon(self) -> None:
        """Roll back, and close the connection."""
        with suppress(Exception):
            self._connection.rollback()
            if self._connection.dialect.name not in TRANSACTIONAL:
                for table in reversed(self._tables):
                    table.drop()
                self._connection.commit()
        with suppress(Exception):
            self._open.__exit__(None, None, None)

    def _prepare(self) -> None:
        """Create the schema if it is new, and refuse one that has tables."""
        import sqlalchemy

        schema, shown = self._address.schema, self._address.shown
        inspector = sqlalchemy.inspect(self._connection)
        if schema is not None and schema not in inspector.get_schema_names():
            self._fit_name(schema)
            self._connection.execute(sqlalchemy.schema.CreateSchema(schema))
            return
        present = [
            *inspector.get_table_names(schema=schema),
            *inspector.get_view_names(schema=schema),
        ]
        if present:
            listed = ", ".join(sorted(present)[:6]) + (", ..." if len(present) > 6 else "")
            raise OutputError(
                f"{shown} is not empty: it has {listed}",
                hint="name a new schema, such as ?schema=synthetic; nothing there is ever replaced",
            )

    def _fit_name(self, name: str) -> None:
        _require_short(self._connection.dialect, "table or schema", name)


class ServerTable:
    """Inserts rows into a table that the first batch creates."""

    def __init__(
        self,
        connection: Any,
        schema: str | None,
        name: str,
        options: Mapping[str, Any],
        keys: TableKeys | None,
    ) -> None:
        self.name = name
        self._connection, self._schema_name = connection, schema
        self._options, self._keys = options, keys
        self._table: Any = None
        self._schema: Schema | None = None

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        ready = as_stored(frame, schema, self._options)
        if self._table is None:
            self._create(ready, schema)
        for part in ready.iter_slices(BATCH):
            if part.height:
                self._insert(part)

    def declare_own(self) -> None:
        """Declare the primary key, and unique columns and indexes that the rows satisfy."""
        if self._table is None or self._schema is None:
            return
        import sqlalchemy

        keys = self._keys or single_key(self._options, self._schema)
        if keys.primary:
            self._add(sqlalchemy.PrimaryKeyConstraint(*self._columns(keys.primary)))
        for unique in keys.unique:
            self._add(sqlalchemy.UniqueConstraint(*self._columns(unique)))
        for index in keys.indexes:
            name = self._index_name(index.name)
            one = sqlalchemy.Index(name, *self._columns(index.columns), unique=index.unique)
            one.create(self._connection)

    def declare_foreign(self, others: Mapping[str, ServerTable]) -> None:
        """Declare the foreign keys to tables that have rows and keys."""
        import sqlalchemy

        for key in () if self._keys is None else self._keys.foreign:
            parent = others[key.parent]
            targets = parent._columns(key.parent_columns)
            self._add(sqlalchemy.ForeignKeyConstraint(self._columns(key.columns), targets))

    def drop(self) -> None:
        """Remove the table, where the server cannot undo its creation."""
        if self._table is not None:
            self._table.drop(self._connection, checkfirst=True)

    def _create(self, ready: pl.DataFrame, schema: Schema) -> None:
        import sqlalchemy

        dialect = self._connection.dialect
        required = self._options.get("required")
        columns = []
        for series in ready:
            _require_short(dialect, "column", series.name)
            column = schema[series.name]
            must = isinstance(required, list) and series.name in required and not column.nullable
            kind = column_type(series, column, self._options, dialect, self._schema_name)
            columns.append(
                sqlalchemy.Column(
                    series.name,
                    kind,
                    nullable=not must or series.null_count() > 0,
                    autoincrement=False,
                )
            )
        self._schema = schema
        self._table = sqlalchemy.Table(
            self.name, sqlalchemy.MetaData(), *columns, schema=self._schema_name
        )
        self._table.create(self._connection, checkfirst=True)  # types, too

    def _insert(self, part: pl.DataFrame) -> None:
        if self._connection.dialect.driver == "psycopg":
            self._copy(part)
            return
        ready = part.cast({pl.Categorical: pl.String, pl.Enum: pl.String})
        self._connection.execute(self._table.insert(), ready.to_dicts())

    def _copy(self, part: pl.DataFrame) -> None:
        """Send rows as CSV, in which a missing value is empty, and an empty text is quoted."""
        prepare = self._connection.dialect.identifier_preparer
        names = ", ".join(prepare.quote(name) for name in part.columns)
        statement = f"COPY {prepare.format_table(self._table)} ({names}) FROM STDIN (FORMAT csv)"
        part = part.with_columns(
            pl.format("{} microseconds", series.dt.total_microseconds()).alias(series.name)
            for series in part
            if series.dtype == pl.Duration
        )
        statement = statement.replace("%%", "%")  # SQLAlchemy writes '%' for parameters
        text = part.write_csv(include_header=False, quote_style="non_numeric")
        with (
            self._connection.connection.driver_connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            copy.write(text)

    def _columns(self, names: tuple[str, ...]) -> list[Any]:
        return [self._table.c[name] for name in names]

    def _add(self, constraint: Any) -> None:
        import sqlalchemy

        self._table.append_constraint(constraint)
        self._connection.execute(sqlalchemy.schema.AddConstraint(constraint))

    def _index_name(self, name: str) -> str:
        limit = self._connection.dialect.max_identifier_length
        return name.encode()[:limit].decode("utf-8", "ignore")


def _require_short(dialect: Any, what: str, name: str) -> None:
    limit = dialect.max_identifier_length
    if not name or len(name.encode()) > limit:
        raise OutputError(
            f"the name of the {what} {name[:80]!r} has {len(name.encode())} bytes, and a name in "
            f"{dialect.name} has 1 to {limit}",
            hint="rename it in the source, or write files",
        )


def refused(address: Address, problem: BaseException) -> BaseException:
    """The error to show for one of the driver; others are shown as they are."""
    if isinstance(problem, ArtesianError) or not is_of_driver(problem, address):
        return problem
    line = address.message(problem)
    if is_lost(problem, line):
        return OutputError(
            f"{address.shown} went away: {line}",
            hint="nothing of this run is left there; start again when it can be reached",
        )
    return OutputError(
        f"{address.shown} refuses: {line}",
        hint="nothing of this run is left there; check the rights of the user, or write files",
    )
