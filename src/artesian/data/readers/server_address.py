"""Addresses of database servers: the URL, the schema and the table, and what may be shown of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from artesian.core.errors import UsageError
from artesian.core.extras import require
from artesian.data.readers.location import one_line

OF_FILES = ("sqlite", "duckdb")
"""Databases that are files, read without a server."""

OTHER_SCHEMES = ("http", "https", "ftp", "ftps", "sftp", "file", "s3", "gs", "az", "abfs", "hdfs")
"""URLs of files, which are no databases."""

URL = re.compile(r"([A-Za-z][\w.+-]*)://")
PART = re.compile(r"(?s)(.+?)::([^@\]?&]+)")

SPELLINGS = {"postgres": "postgresql", "postgresql": "postgresql+psycopg"}
"""Dialects with other names, and the driver that the extra installs."""


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a database, the schema in it, and the table of it.

    Attributes:
        url: The URL that SQLAlchemy opens; it may contain a password.
        schema: The schema of '?schema=NAME'; None for the default one of the connection.
        table: The table after '::'; None for all.
        shown: The address for messages and files, without password and options.
    """

    url: Any = field(repr=False)
    schema: str | None
    table: str | None
    shown: str

    @property
    def name(self) -> str:
        """The name of the schema, or else of the database."""
        return self.schema or self.url.database or self.url.get_backend_name()

    def message(self, problem: object) -> str:
        """The first line of an error of the driver, without the password."""
        text = one_line(getattr(problem, "orig", None) or problem)
        secret = self.url.password
        return text.replace(str(secret), "***") if secret else text


def is_database_url(source: object) -> bool:
    """Whether a source is the URL of a database, which need not exist."""
    match = URL.match(source) if isinstance(source, str) else None
    return match is not None and match[1].lower() not in OTHER_SCHEMES


def file_of_url(url: str) -> str | None:
    """The file of 'sqlite:///FILE', with its '::table'; None for the URL of a server."""
    scheme, _, rest = url.partition("://")
    if scheme.lower().partition("+")[0] not in OF_FILES:
        return None
    if not rest.startswith("/") or not rest[1:]:
        raise UsageError(f"{url!r} names no file", hint=f"write {scheme}:///FILE")
    return rest[1:]


def parse_address(url: str) -> Address:
    """Parse 'postgresql://user@host/database?schema=NAME::TABLE'.

    Raises:
        MissingExtra: SQLAlchemy or the driver of the database is not installed.
        UsageError: it is not the URL of a database.
    """
    scheme = url.partition("://")[0].lower()
    alchemy = require("sqlalchemy", extra="sql", purpose=f"a database {scheme!r}")
    match = PART.fullmatch(url)
    base, table = (match[1], match[2]) if match else (url, None)
    try:
        parsed = alchemy.make_url(base)
        for _ in SPELLINGS:
            parsed = parsed.set(drivername=SPELLINGS.get(parsed.drivername, parsed.drivername))
        query = dict(parsed.query)
        schema = query.pop("schema", None)
        parsed = parsed.set(query=query)
    except (alchemy.exc.ArgumentError, ValueError):
        raise UsageError(
            f"the URL of a database {scheme!r} cannot be parsed",
            hint=f"write {scheme}://user@host/database, with %40 for @ and %2F for / in a password",
        ) from None
    if schema is not None and (not isinstance(schema, str) or not schema):
        raise UsageError("a URL has one schema with a name", hint="write ?schema=NAME once")
    shown = alchemy.URL.create(
        parsed.get_backend_name(), parsed.username, None, parsed.host, parsed.port, parsed.database
    )
    text = str(shown) + (f"?schema={schema}" if schema else "")
    return Address(parsed, schema, table, text)
