"""Synthesizers that are not ours: a command that reads a CSV file and writes another."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from artesian.core.errors import ArtesianError
from artesian.data.read import read
from artesian.data.table import Origin, Table
from artesian.data.write import writer

MOST_SAID = 300
"""Characters of a command's last words that are kept."""


class CommandFailed(ArtesianError):
    """An external command did not make the rows it was asked for."""


def generate(command: tuple[str, ...], train: Table, *, rows: int, seed: int) -> Table:
    """Run `command` without a shell in a temporary folder, and read what it wrote.

    It has no time limit of its own: the engine ends the whole cell when its time is over.

    Raises:
        CommandFailed: it cannot be started, ends with another code than 0, or writes no file.
        DataError: what it wrote is not a table, or has no rows.
    """
    with tempfile.TemporaryDirectory(prefix="artesian-") as temporary:
        folder = Path(temporary)
        out = folder / "out.csv"
        with writer(folder / "train.csv", Origin(format="csv"), schema=train.schema) as file:
            file.write(train)
        words = {
            "{train}": str(folder / "train.csv"),
            "{out}": str(out),
            "{rows}": str(rows),
            "{seed}": str(seed),
            "{target}": train.schema.target or "",
        }
        _run([_filled(word, words) for word in command], folder)
        if not out.is_file():
            raise CommandFailed("the command wrote no {out} file")
        made = read(out, schema=replace(train.schema, constraints=()))
        kept = [name for name in train.schema.names if name in made.schema.names]
        surplus = [name for name in made.schema.names if name not in kept]
        # In the order of the source; a missing or surplus column is for the judge to refuse.
        return made.select((*kept, *surplus))


def _run(command: list[str], folder: Path) -> None:
    with (folder / "said").open("w+b") as said:
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                check=False,
            )
        except OSError as problem:
            raise CommandFailed(
                f"the command cannot be started: {command[0]}: {problem.strerror}"
            ) from problem
        if ended.returncode == 0:
            return
        said.seek(max(0, said.seek(0, 2) - 10_000))
        lines = said.read().decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    code = ended.returncode
    how = f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
    raise CommandFailed(f"the command {how}: {last[:MOST_SAID]}")


def _filled(word: str, words: Mapping[str, str]) -> str:
    for place, value in words.items():
        word = word.replace(place, value)
    return word
