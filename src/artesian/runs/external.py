"""External synthesizers: a command that reads a CSV file and writes another."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

from artesian.core.errors import ArtesianError, UsageError
from artesian.core.temporary import private_folder
from artesian.data.read import read
from artesian.data.table import Origin, Table
from artesian.data.write import writer

PLACEHOLDERS = ("{train}", "{out}", "{rows}", "{seed}", "{target}")

MAX_MESSAGE = 300
"""Maximum length of the error message kept from a command, in characters."""


class CommandFailed(ArtesianError):
    """An external command did not write the rows it was asked for."""


def parse_command(command: str, label: str = "") -> tuple[str, ...]:
    """The arguments of a command, with files as absolute paths.

    Args:
        label: Its name in error messages.

    Raises:
        UsageError: A quote is not closed, or {train} or {out} is missing.
    """
    of = f" of {label!r}" if label else ""
    try:
        arguments = shlex.split(command)
    except ValueError as problem:
        raise UsageError(
            f"cannot read the command{of}: {problem}", hint="close every quote"
        ) from None
    for placeholder in PLACEHOLDERS[:2]:
        if not any(placeholder in word for word in arguments):
            raise UsageError(
                f"the command{of} has no {placeholder}",
                hint="write the command as 'python make.py {train} {out} {rows} {seed}'",
            )
    # It runs in a temporary folder, where relative paths would be wrong.
    return tuple(
        str(Path(word).absolute()) if (i or "/" in word) and Path(word).is_file() else word
        for i, word in enumerate(arguments)
    )


def generate(
    command: tuple[str, ...], train: Table, *, rows: int, seed: int, limit: float | None = None
) -> Table:
    """Run `command` without a shell in a temporary folder, and read the rows it wrote.

    Args:
        limit: Maximum seconds; None for no limit besides that of the engine on the whole task.

    Raises:
        CommandFailed: It cannot be started, exceeds its time limit, ends with an exit code other than
            0, or writes no file.
        DataError: Its output is not a table, or has no rows.
    """
    with private_folder() as folder:
        out = folder / "out.csv"
        with writer(folder / "train.csv", Origin(format="csv"), schema=train.schema) as file:
            file.write(train)
        values = {
            "{train}": str(folder / "train.csv"),
            "{out}": str(out),
            "{rows}": str(rows),
            "{seed}": str(seed),
            "{target}": train.schema.target or "",
        }
        _run([_filled(word, values) for word in command], folder, limit)
        if not out.is_file():
            raise CommandFailed("the command wrote no {out} file")
        synthetic = read(out, schema=replace(train.schema, constraints=()))
        present = [name for name in train.schema.names if name in synthetic.schema.names]
        extra = [name for name in synthetic.schema.names if name not in present]
        # In the order of the source; the comparison refuses missing and additional columns.
        return synthetic.select((*present, *extra))


def _run(command: list[str], folder: Path, limit: float | None) -> None:
    with (folder / "stderr").open("w+b") as stderr:
        try:
            started = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        except OSError as problem:
            raise CommandFailed(
                f"the command cannot be started: {command[0]}: {problem.strerror}"
            ) from problem
        try:
            code = started.wait(limit)
        except subprocess.TimeoutExpired:
            _end(started)
            raise CommandFailed(
                f"the command exceeded the time limit of {limit:g} seconds{_last_line(stderr)}"
            ) from None
        except BaseException:
            _end(started)
            raise
        if code == 0:
            return
        how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        message = _last_line(stderr) or ": it printed no message"
        raise CommandFailed(f"the command {how}{message}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command. Processes that it started end with the worker that they share a group with."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()


def _last_line(stderr: IO[bytes]) -> str:
    """': ' and the last line on standard error; '' if there is none."""
    stderr.seek(max(0, stderr.seek(0, 2) - 10_000))
    lines = stderr.read().decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {last[:MAX_MESSAGE]}" if last else ""


def _filled(word: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        word = word.replace(placeholder, value)
    return word
