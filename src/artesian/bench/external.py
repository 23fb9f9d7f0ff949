"""External synthesizers: a command that reads a CSV file and writes another."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from artesian.core.errors import ArtesianError
from artesian.core.temporary import private_folder
from artesian.data.read import read
from artesian.data.table import Origin, Table
from artesian.data.write import writer

MAX_MESSAGE = 300
"""Maximum length of the error message kept from a command, in characters."""


class CommandFailed(ArtesianError):
    """An external command did not write the rows it was asked for."""


def generate(command: tuple[str, ...], train: Table, *, rows: int, seed: int) -> Table:
    """Run `command` without a shell in a temporary folder, and read the rows it wrote.

    It has no time limit of its own: the engine ends the whole trial at its time limit.

    Raises:
        CommandFailed: It cannot be started, ends with an exit code other than 0, or writes no file.
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
        _run([_filled(word, values) for word in command], folder)
        if not out.is_file():
            raise CommandFailed("the command wrote no {out} file")
        synthetic = read(out, schema=replace(train.schema, constraints=()))
        present = [name for name in train.schema.names if name in synthetic.schema.names]
        extra = [name for name in synthetic.schema.names if name not in present]
        # In the order of the source; the comparison refuses missing and additional columns.
        return synthetic.select((*present, *extra))


def _run(command: list[str], folder: Path) -> None:
    with (folder / "stderr").open("w+b") as stderr:
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                check=False,
            )
        except OSError as problem:
            raise CommandFailed(
                f"the command cannot be started: {command[0]}: {problem.strerror}"
            ) from problem
        if ended.returncode == 0:
            return
        stderr.seek(max(0, stderr.seek(0, 2) - 10_000))
        lines = stderr.read().decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it printed no message")
    code = ended.returncode
    how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
    raise CommandFailed(f"the command {how}: {last[:MAX_MESSAGE]}")


def _filled(word: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        word = word.replace(placeholder, value)
    return word
