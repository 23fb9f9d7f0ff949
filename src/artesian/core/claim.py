"""Folders for unfinished work, each with one live owner.

A run keeps what it has not finished in a folder that it claims: it holds a lock on a file in it. The
system gives the lock up when the process ends, however it ends, so a folder whose lock is free was
left by a killed run, whatever its age, and whoever claims it next removes its content.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "artesian.lock"
ATTEMPTS = 1000

commit_lock = threading.RLock()
"""Held while a finished output takes its place, and for ever by `abandon`: nothing is put into place
after an abandoned run began to remove what it had."""

_claimed: set[Path] = set()


class ClaimedElsewhere(Exception):
    """Another run holds the folder."""


class NotOurs(Exception):
    """The folder has content, but none of our runs made it."""


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Create `folder` and hold it during the block; it is removed with all of its content afterwards.

    Content that a killed run left in it is removed first.

    Raises:
        ClaimedElsewhere: Another run holds it.
        NotOurs: It has content that none of our runs made.
        OSError: It cannot be created.
    """
    lock = _claim(folder)
    _claimed.add(folder)
    try:
        yield folder
    finally:
        _release(folder, lock)
        _claimed.discard(folder)


def sweep(folders: Iterable[Path]) -> None:
    """Remove those of the folders that killed runs left; others, and what is no such folder, stay."""
    for folder in folders:
        with contextlib.suppress(OSError, ClaimedElsewhere, NotOurs):
            if (folder / LOCK).is_file() or not any(folder.iterdir()):
                _release(folder, _claim(folder))


def abandon() -> None:
    """Remove every folder that this process holds, from any thread, before the process ends."""
    commit_lock.acquire(timeout=10)
    for _ in range(3):  # other threads may still be writing into them
        for folder in list(_claimed):
            remove(folder)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with its content, as far as the system allows it."""
    if path.is_symlink() or not path.is_dir():
        with contextlib.suppress(OSError):
            path.unlink()
        return
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():  # folders in it may be read-only
        for inner, folders, _ in os.walk(path):
            for name in folders:
                with contextlib.suppress(OSError):
                    (Path(inner) / name).chmod(0o700)
        shutil.rmtree(path, ignore_errors=True)


def _claim(folder: Path) -> int:
    """Lock the folder, created if need be, and remove what is in it; return the open lock file."""
    for _ in range(ATTEMPTS):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        try:
            _require_ours(folder)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            lock = os.open(folder / LOCK, flags, 0o600)
        except FileNotFoundError:  # its owner removed it in this moment
            continue
        try:
            if not _locked(lock):
                raise ClaimedElsewhere(folder)
            if not _is_open(lock, folder / LOCK):
                os.close(lock)
                continue
            for path in folder.iterdir():
                if path.name != LOCK:
                    remove(path)
        except BaseException:
            os.close(lock)
            raise
        return lock
    raise ClaimedElsewhere(folder)


def _release(folder: Path, lock: int) -> None:
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.name != LOCK:
                remove(path)
    if sys.platform == "win32":  # an open file cannot be removed there
        os.close(lock)
    with contextlib.suppress(OSError):
        (folder / LOCK).unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()
    if sys.platform != "win32":
        os.close(lock)


def _require_ours(folder: Path) -> None:
    """Refuse a link, a file, and a folder of another user or with content but no lock."""
    status = folder.lstat()
    foreign = hasattr(os, "geteuid") and status.st_uid != os.geteuid()
    if not stat.S_ISDIR(status.st_mode) or foreign:
        raise NotOurs(folder)
    # An owner creates the lock first and removes it last, also between the first two questions.
    if any(folder.iterdir()) and not (folder / LOCK).exists() and any(folder.iterdir()):
        raise NotOurs(folder)


def _is_open(descriptor: int, path: Path) -> bool:
    """Whether `path` is still the file that is open."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _locked(descriptor: int) -> bool:
    """Lock the file without waiting; False if another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: the owner is named in the file
        if _owner_lives(descriptor):
            return False
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
    return True


def _owner_lives(descriptor: int) -> bool:
    """Whether the process that the lock file names may be alive."""
    pid, _, host = os.pread(descriptor, 1000, 0).decode("ascii", "replace").strip().partition(" ")
    if not pid.isdigit():
        return False
    if host != socket.gethostname():
        return True
    if sys.platform != "win32":
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
    return True
