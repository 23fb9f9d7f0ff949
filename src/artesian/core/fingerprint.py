"""Content hashes of files and of JSON values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from artesian.core.errors import DataError


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def unchanged(path: Path) -> Iterator[str]:
    """Yield the SHA-256 of a file that the block reads.

    Raises:
        DataError: The file was written or replaced while the block read it, so that the hash could be
            that of other bytes.
    """
    before = _state(path)
    digest = hash_file(path)
    yield digest
    try:
        same = _state(path) == before or hash_file(path) == digest
    except OSError:
        same = False
    if not same:
        raise DataError(
            f"{path} was changed while it was read",
            hint="run the command again when no program writes to it, or read a copy",
        )


def _state(path: Path) -> tuple[int, int, int, int, int]:
    status = path.stat()
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def hash_json(thing: Any) -> str:
    """SHA-256 of the canonical JSON of `thing`."""
    return hashlib.sha256(json.dumps(thing, sort_keys=True).encode()).hexdigest()
