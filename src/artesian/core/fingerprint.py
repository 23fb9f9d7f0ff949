"""Content hashes of files and of JSON values."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_json(thing: Any) -> str:
    """SHA-256 of the canonical JSON of `thing`."""
    return hashlib.sha256(json.dumps(thing, sort_keys=True).encode()).hexdigest()
