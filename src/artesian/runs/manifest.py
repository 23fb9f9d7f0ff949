"""Parts of a manifest: versions, hashes and sizes; names and aggregates, no rows."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
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


def source_to_dict(source: Any, table: Table) -> dict[str, Any]:
    """Name, format, size and SHA-256 of a source.

    The hash is that of the file if there is one, else of the rows in the Arrow IPC format.
    """
    path = file_of(source)
    if path is not None:
        digest, of = fingerprint.hash_file(path), "file"
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
