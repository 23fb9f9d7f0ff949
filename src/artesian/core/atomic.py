"""Atomic output: files and folders are written to a temporary place beside, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artesian.core.errors import OutputError


@contextmanager
def staged_folder(out: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield an empty folder beside `out`, which becomes `out` if the block ends without an error.

    Raises:
        OutputError: `out` exists and `force` is false, or it cannot be written.
    """
    _refuse_existing(out, force)
    stage = _stage(out)
    try:
        yield stage
        _swap(stage, out)
    except OSError as problem:
        raise _unwritable(out, problem) from problem
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def staged_file(out: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield a path beside `out` to write to; it becomes `out` if the block ends without an error.

    Raises:
        OutputError: `out` exists and `force` is false, or it cannot be written.
    """
    _refuse_existing(out, force)
    stage = _stage(out)
    try:
        yield stage / out.name
        if out.is_dir():
            shutil.rmtree(out)
        (stage / out.name).replace(out)
    except OSError as problem:
        raise _unwritable(out, problem) from problem
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _refuse_existing(out: Path, force: bool) -> None:
    if (out.exists() or out.is_symlink()) and not force:
        raise OutputError(
            f"{out} exists already", hint="choose another place, or replace it with --force"
        )


def _stage(out: Path) -> Path:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    except OSError as problem:
        raise _unwritable(out, problem) from problem


def _swap(stage: Path, out: Path) -> None:
    # mkdtemp creates private folders; the result gets the usual permissions.
    mask = os.umask(0)
    os.umask(mask)
    stage.chmod(0o777 & ~mask)
    if not out.exists():
        stage.rename(out)
        return
    old = stage.with_name(stage.name + ".old")
    out.rename(old)
    try:
        stage.rename(out)
    except OSError:
        old.rename(out)
        raise
    if old.is_dir():
        shutil.rmtree(old)
    else:
        old.unlink()


def _unwritable(out: Path, problem: OSError) -> OutputError:
    if isinstance(problem, OutputError):
        return problem
    return OutputError(
        f"cannot write {out}: {problem.strerror or problem}",
        hint="check that the disk has room and that the folder may be written to",
    )
