"""A PostgreSQL server of its own: started for the tests, on a free port of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

USERS = ("postgres", "nobody")
"""Users to run the server as where the tests run as root, which PostgreSQL refuses."""

PASSWORD = "Tr0ub4dor&3"
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Server:
    """A running server with the user 'ann', whose password is `PASSWORD`."""

    binaries: Path
    data: Path
    user: str | None
    port: int
    process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def start(self) -> None:
        settings = {**SETTINGS, "listen_addresses": "127.0.0.1", "port": str(self.port)}
        settings["unix_socket_directories"] = str(self.data)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.data.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.data), *options],
                user=self.user,
                cwd=self.data.parent,
                stdout=log,
                stderr=log,
            )
        for _ in range(200):
            try:
                psycopg.connect(self.address("postgres")).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.data.parent / "log").read_text())

    def kill(self) -> None:
        """Stop at once, as a crash does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
            self.process = None

    def address(self, database: str) -> str:
        """The address for the driver, with the password."""
        return f"host=127.0.0.1 port={self.port} user=ann password={PASSWORD} dbname={database}"

    def new(self, *statements: str) -> Database:
        """A new database, in which the statements were executed."""
        name = f"shop_{next(self._numbers)}"
        with closing(psycopg.connect(self.address("postgres"), autocommit=True)) as base:
            base.execute(f'CREATE DATABASE "{name}"')
        database = Database(self, name)
        database.run(*statements)
        return database


@dataclass(frozen=True)
class Database:
    """A database of a server."""

    server: Server
    name: str

    @property
    def url(self) -> str:
        """Its URL, with the password."""
        secret = PASSWORD.replace("&", "%26")
        return f"postgresql://ann:{secret}@127.0.0.1:{self.server.port}/{self.name}"

    def run(self, *statements: str) -> None:
        """Execute statements."""
        with psycopg.connect(self.server.address(self.name)) as base:
            for statement in statements:
                base.execute(statement)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.server.address(self.name)) as base:
            return base.execute(query).fetchall()

    def tables(self) -> list[str]:
        """All tables of its users, as 'schema.table'."""
        return [
            str(name)
            for (name,) in self.rows(
                "SELECT schemaname || '.' || tablename FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
            )
        ]


def binaries() -> Path | None:
    """The folder of the programs of a server; None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    on_path = shutil.which("postgres")
    places = [*([Path(on_path).resolve()] if on_path else []), *reversed(found)]
    return next((p.parent for p in places if (p.parent / "initdb").exists()), None)


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Start a server in a temporary folder, and remove both in the end."""
    user = None
    folder = Path(tempfile.mkdtemp(prefix="artesian-postgres-"))
    if os.geteuid() == 0:
        user = next(name for name in USERS if name in {entry.pw_name for entry in pwd.getpwall()})
        shutil.chown(folder, user)
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    data = folder / "data"
    make = [str(programs / "initdb"), "-D", str(data), "-U", "ann", "-A", "scram-sha-256"]
    make += ["--pwfile", str(secret), "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(make, check=True, user=user, cwd=folder, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(programs, data, user, port)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
