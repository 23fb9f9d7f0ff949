"""Parts of a manifest: versions, hashes and sizes; names and aggregates, no rows."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from artesian.core import fingerprint
from artesian.core.version import VERSION
from artesian.data.table import Table

FORMAT = 1
LIBRARIES = ("numba", "numpy", "polars", "scikit-learn", "scipy")


def versions() -> dict[str, str]:
    """Versions of everything a result depends on: Artesian, Python and numeric libraries."""
    installed = {"artesian": VERSION, "python": platform.python_version()}
    for library in LIBRARIES:
        installed[library] = importlib.metadata.version(library)
    return installed


@contextmanager
def hashed(source: Any) -> Iterator[str | None]:
    """Yield the SHA-256 of the file of a source that the block reads; None if it is no file.

    Raises:
        DataError: The file changed while the block read it.
    """
    path = file_of(source)
    if path is None or not os.access(path, os.R_OK):  # whoever reads it says why it cannot be read
        yield None
        return
    with fingerprint.unchanged(path) as digest:
        yield digest


def source_to_dict(source: Any, table: Table, file_hash: str | None) -> dict[str, Any]:
    """Name, format, size and SHA-256 of a source.

    Args:
        file_hash: What `hashed` yielded when the source was read; None for the hash of the rows in
            the Arrow IPC format.
    """
    path = file_of(source)
    if file_hash is not None:
        digest, of = file_hash, "file"
    else:
        buffer = BytesIO()
        table.frame.write_ipc(buffer)
        digest, of = hashlib.sha256(buffer.getbuffer()).hexdigest(), "rows"
    return {
        "name": path.name if path is not None else table.origin.name,
        "table": table.origin.name,
        "format": table.origin.format,
        "rows": len(table),
        "columns": len(table.schema),
        "sha256": digest,
        "sha256_of": of,
        "notes": list(table.origin.notes),
    }


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in `folder`, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): fingerprint.hash_file(path) for path in files}


def file_of(source: Any) -> Path | None:
    """The file of a source; None for standard input, folders and objects in memory."""
    if not isinstance(source, str | Path) or str(source) == "-":
        return None
    path = Path(source)
    if not path.is_file() and "::" in str(source):
        path = Path(str(source).rpartition("::")[0])
    return path if path.is_file() else None


def conditions_to_dict(where: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions as JSON types."""
    from artesian.synthesizers.protocol import Range

    def plain(value: Any) -> Any:
        if isinstance(value, Range):
            return {"low": plain(value.low), "high": plain(value.high)}
        if isinstance(value, list | tuple | set):
            return [plain(item) for item in value]
        return value if isinstance(value, str | int | float | bool | None) else str(value)

    return {name: plain(value) for name, value in where.items()}
