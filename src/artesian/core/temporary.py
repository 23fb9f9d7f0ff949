"""Temporary folders that hold real rows: private, and removed whatever ends the process.

A process that is killed cannot remove its folder. The next run does (`sweep_temporary`), because the
lock in it is free then; other processes of a run do it as soon as one of them was killed.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artesian.core.claim import claimed, sweep


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield an empty temporary folder that only this user can read, removed after the block."""
    sweep_temporary()
    with claimed(Path(tempfile.mkdtemp(prefix=_prefix()))) as folder:
        yield folder


def sweep_temporary() -> None:
    """Remove the private folders of processes that have ended."""
    folders: list[Path] = []
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        folders += [Path(entry.path) for entry in entries if entry.name.startswith(_prefix())]
    sweep(folders)


def _prefix() -> str:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return f"artesian-{user}-"
