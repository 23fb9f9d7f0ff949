"""Renames that exchange two paths in one step, or never replace what is there."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path

NO_REPLACE, EXCHANGE = 1, 2  # flags of renameat2 (2)
AT_FDCWD = -100
UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def exchange(new: Path, old: Path) -> None:
    """Let `new` and `old`, which both exist, change places.

    In one step on Linux, where a process that is killed leaves either the old or the new; elsewhere
    by renames.

    Raises:
        OSError: The system refuses it; both are where they were.
    """
    if _renameat2(new, old, EXCHANGE):
        return
    aside = new.with_name(new.name + ".aside")
    old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        aside.rename(old)
        raise
    aside.rename(new)


def rename_new(new: Path, out: Path) -> None:
    """Rename `new` to `out`, where nothing may be.

    Raises:
        FileExistsError: Something is at `out`.
        OSError: The system refuses it.
    """
    if _renameat2(new, out, NO_REPLACE):
        return
    if new.is_dir():
        if os.path.lexists(out):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(out))
        new.rename(out)  # it would replace an empty folder only
        return
    try:
        os.link(new, out)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(out):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(out)) from None
        new.rename(out)
        return
    new.unlink()


def _renameat2(source: Path, target: Path, flags: int) -> bool:
    """Rename with flags; False where the system or the file system has no such call."""
    function = _function()
    if function is None:
        return False
    if function(AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(source), None, str(target))


@cache
def _function() -> ctypes._NamedFuncPointer | None:
    if not sys.platform.startswith("linux"):
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        path = ctypes.c_char_p
        function.argtypes = (ctypes.c_int, path, ctypes.c_int, path, ctypes.c_uint)
        function.restype = ctypes.c_int
    return function
