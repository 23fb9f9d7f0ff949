"""Paths that every library can open, for files whose names are not UTF-8."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artesian.core.temporary import private_folder


@contextmanager
def plain_path(path: Path) -> Iterator[Path]:
    """Yield a path to an existing file or folder: a link to it if a name on the way is not UTF-8."""
    if is_plain(path):
        yield path
        return
    with private_folder() as folder:
        link = folder / "link"
        link.symlink_to(path.absolute(), target_is_directory=path.is_dir())
        yield link


def is_plain(path: Path) -> bool:
    """Whether every name on the way is UTF-8."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
