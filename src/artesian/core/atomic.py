"""Atomic output: files and folders are written in a folder beside, then renamed.

The folder beside, `.NAME.part`, belongs to one run at a time (`artesian.core.claim`), so of two runs
with one output one is refused, and what a killed run left is removed by the next run with this output.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from artesian.core.claim import ClaimedElsewhere, NotOurs, claimed, commit_lock
from artesian.core.errors import OutputError
from artesian.core.own_outputs import is_own_folder, refuse_sources
from artesian.core.plain_paths import is_plain, plain_path
from artesian.core.rename import exchange, rename_new
from artesian.core.system_errors import hint_for, reason_of
from artesian.core.temporary import private_folder

PREFIX, SUFFIX = ".", ".part"
MAX_NAME = 255
"""Maximum length of a file name in bytes, on every common file system."""

DESCRIPTORS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


@contextmanager
def staged_folder(out: Path, *, force: bool = False, sources: Iterable[Any] = ()) -> Iterator[Path]:
    """Yield an empty folder, which becomes `out` if the block ends without an error.

    Args:
        out: The folder; a link is followed.
        force: Replace an empty folder, or one that Artesian wrote.
        sources: What the block reads; `out` must not be, hold or lie in one of them.

    Raises:
        OutputError: `out` exists and may not be replaced, another run writes it, or it cannot be
            written.
    """
    out = _followed(Path(out), force, sources)
    _refuse_folder(out, force)
    with _stage(out) as folder:
        stage = folder / "new"
        stage.mkdir()
        with plain_path(stage) as plain:
            yield plain
        # The folder beside is private; the result gets the usual permissions.
        mask = os.umask(0)
        os.umask(mask)
        stage.chmod(0o777 & ~mask)
        with _committing(out):
            _refuse_folder(out, force)
            exchange(stage, out) if os.path.lexists(out) else rename_new(stage, out)


@contextmanager
def staged_file(out: Path, *, force: bool = False, sources: Iterable[Any] = ()) -> Iterator[Path]:
    """Yield a path to write to; it becomes `out` if the block ends without an error.

    A device or a pipe is not replaced: the content is copied into it.

    Args:
        out: The file; a link is followed.
        force: Replace a file.
        sources: What the block reads; `out` must not be, hold or lie in one of them.

    Raises:
        OutputError: `out` exists and may not be replaced, another run writes it, or it cannot be
            written.
    """
    given = Path(out)
    if is_stream(given):
        refuse_sources(given, sources)
        with _copied_into(given) as stage:
            yield stage
        return
    out = _followed(given, force, sources)
    _refuse_file(out, force)
    with _stage(out) as folder:
        stage = folder / "new" / (out.name if is_plain(Path(out.name)) else "file")
        stage.parent.mkdir()
        with plain_path(stage.parent) as plain:
            yield plain / stage.name
        with _committing(out):
            _refuse_file(out, force)
            os.replace(stage, out) if force else rename_new(stage, out)


@contextmanager
def exclusive(out: Path) -> Iterator[None]:
    """Hold `out` during the block: other runs with this output are refused.

    Raises:
        OutputError: Another run holds it, or it cannot be written.
    """
    with _stage(_followed(Path(out), True, ())):
        yield


def beside(out: Path) -> Path:
    """The folder for unfinished work beside `out`."""
    name = f"{PREFIX}{out.name}{SUFFIX}"
    if len(os.fsencode(name)) > MAX_NAME:
        digest = hashlib.sha256(os.fsencode(out.name)).hexdigest()[:32]
        name = f"{PREFIX}{digest}{SUFFIX}"
    return out.with_name(name)


def is_stream(out: Path) -> bool:
    """Whether `out` is a device, a pipe, or an open descriptor, which are written into."""
    if descriptor_of(out) is not None:
        return True
    try:
        mode = out.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def descriptor_of(out: Path) -> int | None:
    """The descriptor that a path such as /dev/stdout or /dev/fd/3 names; None for other paths."""
    text = os.fspath(out)
    if text in DESCRIPTORS:
        return DESCRIPTORS[text]
    folder, _, number = text.rpartition("/")
    return int(number) if folder in ("/dev/fd", "/proc/self/fd") and number.isdigit() else None


@contextmanager
def _stage(out: Path) -> Iterator[Path]:
    """Claim the folder beside `out`; errors of the system become errors of the output."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with claimed(beside(out)) as folder:
            yield folder
    except ClaimedElsewhere as problem:
        raise OutputError(
            f"another run is writing {out}",
            hint="wait until it has ended, or choose another place",
        ) from problem
    except NotOurs as problem:
        raise OutputError(
            f"cannot write {out}: {beside(out)} is there and was not made by Artesian",
            hint="remove or rename it, or choose another place",
        ) from problem
    except OSError as problem:
        raise unwritable(out, problem) from problem


@contextmanager
def _committing(out: Path) -> Iterator[None]:
    """Put a finished output into place, unless the run was abandoned."""
    with commit_lock:
        try:
            yield
        except FileExistsError as problem:
            raise OutputError(
                f"{out} was created by another program during the run",
                hint="choose another place, or replace it with --force",
            ) from problem


@contextmanager
def _copied_into(out: Path) -> Iterator[Path]:
    try:
        with private_folder() as folder:
            stage = folder / (out.name or "out")
            yield stage
            with stage.open("rb") as content, _opened(out) as file:
                shutil.copyfileobj(content, file)
    except BrokenPipeError:  # its reader has enough
        raise
    except OSError as problem:
        raise unwritable(out, problem) from problem


def _opened(out: Path) -> IO[bytes]:
    descriptor = descriptor_of(out)
    if descriptor is None:
        return out.open("wb")
    if descriptor == 1 and sys.stdout is not None:
        sys.stdout.flush()
    return os.fdopen(os.dup(descriptor), "wb")


def _followed(out: Path, force: bool, sources: Iterable[Any]) -> Path:
    """`out`, or what it links to; refused if it is, holds or lies in one of the sources."""
    refuse_sources(out, sources)
    if not out.is_symlink():
        return out
    target = Path(os.path.realpath(out))
    if not force and not os.path.lexists(target):
        raise _exists(out, replaceable=True)
    return target


def _refuse_folder(out: Path, force: bool) -> None:
    mode = _mode(out)
    if mode is None:
        return
    reason = ""
    if not stat.S_ISDIR(mode):
        reason = "is not a folder, and a folder replaces only a folder"
    elif not _is_replaceable(out):
        reason = "is not an output of Artesian, and --force replaces no other folder"
    _refuse(out, force, reason)


def _refuse_file(out: Path, force: bool) -> None:
    mode = _mode(out)
    if mode is None:
        return
    reason = ""
    if stat.S_ISDIR(mode):
        reason = "is a folder, and a file replaces only a file"
    elif not stat.S_ISREG(mode):
        reason = "is neither a file nor a pipe"
    _refuse(out, force, reason)


def _refuse(out: Path, force: bool, reason: str) -> None:
    """Refuse what exists: always without `force`, and for a reason with it."""
    if not force:
        raise _exists(out, replaceable=not reason)
    if reason:
        raise OutputError(f"{out} {reason}", hint="choose another place, or remove it yourself")


def _is_replaceable(folder: Path) -> bool:
    try:
        return is_own_folder(folder) or not any(folder.iterdir())
    except OSError as problem:
        raise unwritable(folder, problem) from problem


def _mode(out: Path) -> int | None:
    """The mode of what is at `out`, which may be a link; None if nothing is there."""
    try:
        return out.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise unwritable(out, problem) from problem


def _exists(out: Path, *, replaceable: bool) -> OutputError:
    hint = "choose another place, or replace it with --force"
    if not replaceable:
        hint = "choose another place: --force does not replace it"
    return OutputError(f"{out} exists already", hint=hint)


def unwritable(out: Path, problem: OSError) -> OutputError:
    """The error for an output that the system does not let us write."""
    if isinstance(problem, OutputError):
        return problem
    return OutputError(f"cannot write {out}: {reason_of(problem)}", hint=hint_for(problem))
