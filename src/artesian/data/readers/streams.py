"""Sources that can be read only once: standard input, pipes and devices."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO

from artesian.core.errors import DataError
from artesian.core.system_errors import hint_for, reason_of
from artesian.core.temporary import private_folder

DESCRIPTORS = Path("/proc/self/fd")
PLACED = (b"SQLite format 3\0", b"DUCK", b"PK\x03\x04")
"""How files begin that some library opens by their place in a folder, or beside other files."""


@contextmanager
def copied(path: Path | None, shown: str) -> Iterator[Path]:
    """Yield a path to a copy of a pipe or a device, or of standard input if `path` is None.

    The copy has no name in any folder where the system allows it, so nothing of it can stay.

    Raises:
        DataError: It is closed or cannot be read.
    """
    with _opened(path, shown) as stream, tempfile.TemporaryFile() as file:
        try:
            shutil.copyfileobj(stream, file, 1 << 20)
            file.flush()
        except OSError as problem:
            raise _unreadable(shown, problem) from problem
        file.seek(0)
        head = file.read(16)
        file.seek(0)
        unnamed = DESCRIPTORS / str(file.fileno())
        if unnamed.exists() and not any(magic in head for magic in PLACED):
            yield unnamed
            return
        with private_folder() as folder:
            copy = folder / "stream"
            with copy.open("wb") as named:
                shutil.copyfileobj(file, named, 1 << 20)
            yield copy


def _opened(path: Path | None, shown: str) -> AbstractContextManager[IO[bytes]]:
    try:
        if path is not None:
            return path.open("rb")
        if sys.stdin is None:
            raise DataError(f"{shown} is closed", hint="give a file, or pipe the rows in")
        return nullcontext(sys.stdin.buffer)
    except OSError as problem:
        raise _unreadable(shown, problem) from problem


def _unreadable(shown: str, problem: OSError) -> DataError:
    hint = hint_for(problem, "give a file, or pipe the rows in")
    return DataError(f"{shown} cannot be read: {reason_of(problem)}", hint=hint)
