"""Compiled kernels: numba's `njit` with a cache on disk that is used if there is one.

numba keeps compiled code beside the source or in the cache folder of the user, and fails where it may
write neither, or where a file of the cache is damaged. Here such code goes into a temporary folder of
the user, or is compiled in every run, and a damaged cache is rebuilt.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Function = Callable[..., Any]

notes: list[str] = []
"""What happened to the cache in this process and a user should know, one sentence each."""


def kernel(*, fastmath: bool = False) -> Callable[[Function], Any]:
    """Compile a function of arrays and numbers at its first call; it releases the interpreter lock."""
    import numba as nb

    def compiled(function: Function) -> Any:
        options = {"nogil": True, "fastmath": fastmath}
        try:
            dispatcher = nb.njit(cache=True, **options)(function)
        except RuntimeError:  # numba found no folder to write to
            folder = temporary_cache()
            if folder is None:
                _note(
                    "kernels are compiled anew in every run: no folder for their cache is writable"
                )
                return nb.njit(**options)(function)
            nb.config.CACHE_DIR = str(folder)
            dispatcher = nb.njit(cache=True, **options)(function)
        dispatcher._cache = _Rebuilt(dispatcher._cache)
        return dispatcher

    return compiled


class _Rebuilt:
    """A cache of numba whose damaged or unwritable files cost a compilation, not the run."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def load_overload(self, signature: Any, context: Any) -> Any:
        try:
            return self._cache.load_overload(signature, context)
        except (
            Exception
        ):  # damaged bytes can raise anything; the kernel is compiled again, and said
            place = self._cache.cache_path
            _note(f"the cache of compiled kernels in {place} is damaged, and is rebuilt")
            try:
                self._cache.flush()
            except OSError:
                self._cache.disable()
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        try:
            self._cache.save_overload(signature, data)
        except OSError:
            _note(f"compiled kernels cannot be saved in {self._cache.cache_path}")


def _note(sentence: str) -> None:
    if sentence not in notes:
        notes.append(sentence)


def temporary_cache() -> Path | None:
    """A temporary folder that only this user can write, for code that will be run; None for none."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"artesian-kernels-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    foreign = hasattr(os, "getuid") and status.st_uid != os.getuid()
    if foreign or not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o022:
        return None  # somebody else could put code there
    return folder if is_writable(folder) else None


def cache_folder(sources: Iterable[Path]) -> Path | None:
    """The first folder that numba can use for the kernels of these files, in its own order.

    Found without importing numba, which takes a moment. None if kernels are compiled in every run.
    """
    folders = [source.parent / "__pycache__" for source in sources]
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        folders.insert(0, Path(given))
    home = Path(os.path.expanduser("~"))
    folders.append(Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "numba")
    for folder in folders:
        if is_writable(folder):
            return folder
    return temporary_cache()


def is_writable(folder: Path) -> bool:
    """Whether files can be created in a folder, or the folder itself if there is none."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return folder.is_dir()
