"""Databases to write to: a file, or a schema on a server; all of what is written, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.core.errors import UsageError, did_you_mean
from artesian.core.own_outputs import refuse_sources
from artesian.data.formats import FORMATS, Format
from artesian.data.readers.server_address import (
    OF_FILES,
    Address,
    file_of_url,
    is_database_url,
    parse_address,
)
from artesian.data.writers.databases import busy, is_database_error
from artesian.data.writers.sink import DatabaseSink


@dataclass(frozen=True, slots=True)
class Target:
    """A database to write to: a file of a format, or an address on a server."""

    format: Format | None
    place: Path | Address

    @property
    def kind(self) -> str:
        """The name of its format or kind of server, as in `Origin.format` of what is read from it."""
        if isinstance(self.place, Address):
            return str(self.place.url.get_backend_name())
        return "" if self.format is None else self.format.name

    @property
    def shown(self) -> str:
        """Its name for messages and files, without a password."""
        return self.place.shown if isinstance(self.place, Address) else str(self.place)


def target_of_url(url: str) -> Target:
    """The database of a URL, such as 'sqlite:///shop.db' or 'postgresql://ann@host/shop'.

    Raises:
        UsageError: this is not the URL of a database.
        MissingExtra: the database needs a driver that is not installed.
    """
    files = " or ".join(f"{name}:///FILE" for name in OF_FILES)
    if not is_database_url(url):
        raise UsageError(
            f"{url!r} is not a database URL",
            hint=f"give {files}, or postgresql://user@host/database",
        )
    file = file_of_url(url)
    if file is not None:
        return Target(FORMATS[url.partition("://")[0].lower().partition("+")[0]], Path(file))
    scheme = url.partition("://")[0]
    misspelt = did_you_mean(scheme, OF_FILES)
    if misspelt.startswith("did you mean"):
        raise UsageError(f"there is no database {scheme!r}", hint=misspelt)
    address = parse_address(url)
    if address.table is not None:
        raise UsageError(
            f"{address.shown} is one table", hint="give the database, and the schema to create"
        )
    return Target(None, address)


def shown_url(url: str | None) -> str | None:
    """A URL of a database for messages and files: without password and options."""
    if url is None:
        return None
    target = target_of_url(url)
    return target.shown if isinstance(target.place, Address) else url


def refuse_database(url: str, sources: Iterable[Any], out: Path | None = None) -> None:
    """Refuse a database that is read, or that lies in a folder that will be replaced.

    Raises:
        UsageError: this is not a database URL, or `out` holds the database.
        MissingExtra: the database needs a driver that is not installed.
        OutputError: the database is, or lies in, one of the sources.
    """
    path = target_of_url(url).place
    if isinstance(path, Address):
        return  # a schema with tables is refused when it is opened
    refuse_sources(path, sources)
    if out is not None and out.absolute() in (path.absolute(), *path.absolute().parents):
        raise UsageError(
            f"the database {path} is in {out}, which is written whole",
            hint="choose another place for the database",
        )


@contextmanager
def open_target(target: Target) -> Iterator[DatabaseSink]:
    """Open a database, in a transaction that ends with the block.

    Raises:
        OutputError: the database refuses a table, or cannot be written.
        DataError: the server cannot be reached.
    """
    if isinstance(target.place, Address):
        with _server(target.place) as base:
            yield base
    else:
        assert target.format is not None
        with open_database(target.format, target.place) as base:
            yield base


@contextmanager
def open_database(form: Format, path: Path) -> Iterator[DatabaseSink]:
    """Open a new or existing database file, in a transaction that ends with the block.

    Raises:
        OutputError: the database refuses a table, or cannot be written.
    """
    if path.exists():
        with _transaction(form, path, path) as base:
            yield base
    else:
        with staged_file(path) as stage, _transaction(form, stage, path) as base:
            yield base


@contextmanager
def _transaction(form: Format, path: Path, shown: Path) -> Iterator[DatabaseSink]:
    base = None
    try:
        base = form.open_dataset(path)
        yield base
        base.close()
    except BaseException as problem:
        if base is not None:
            with suppress(Exception):  # the first error is the one to show
                base.abandon()
        if is_database_error(problem):
            raise busy(shown, problem) from problem
        raise


@contextmanager
def _server(address: Address) -> Iterator[DatabaseSink]:
    from artesian.data.writers.server import ServerDatabase, refused

    base = None
    try:
        base = ServerDatabase(address)
        yield base
        base.close()
    except BaseException as problem:
        if base is not None:
            base.abandon()
        raise refused(address, problem) from None
