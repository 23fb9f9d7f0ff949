"""The folder of a benchmark: one file per finished trial, named by a hash of its inputs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artesian.bench.trial import Trial
from artesian.core import fingerprint
from artesian.core.errors import OutputError
from artesian.runs.manifest import versions
from artesian.runs.output import write_json

FORMAT = 1
KIND = "artesian bench"
MARK, TRIALS = "bench.json", "trials"


@dataclass(frozen=True, slots=True)
class Store:
    """The finished trials in a folder."""

    folder: Path

    def read(self, trial: Trial) -> dict[str, Any] | None:
        """The record of an earlier run; None if there is none, or its file is damaged."""
        try:
            record = json.loads(self._path(trial).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        valid = isinstance(record, dict) and record.get("format") == FORMAT and "status" in record
        return record if valid else None

    def write(self, trial: Trial, record: Mapping[str, Any]) -> None:
        """Write the record of a trial, atomically."""
        write_json(self._path(trial), {"format": FORMAT, "inputs": inputs_of(trial), **record})

    def _path(self, trial: Trial) -> Path:
        return self.folder / TRIALS / f"{fingerprint.hash_json(inputs_of(trial))[:32]}.json"


def open_store(out: Path, *, force: bool = False) -> Store:
    """Open the store at `out`, or create it if nothing is there.

    Args:
        out: Folder of the benchmark.
        force: Delete whatever is at `out` first.

    Raises:
        OutputError: `out` is something else, or cannot be written.
    """
    if force and (out.exists() or out.is_symlink()):
        shutil.rmtree(out) if out.is_dir() and not out.is_symlink() else out.unlink()
    try:
        header = json.loads((out / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        header = None
    if not isinstance(header, dict) or header.get("kind") != KIND:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise OutputError(
                f"{out} exists already and is not the folder of a benchmark",
                hint="choose another folder, or replace it with --force",
            )
        write_json(out / MARK, {"kind": KIND, "format": FORMAT, "versions": versions()})
    elif header.get("format") != FORMAT:
        raise OutputError(
            f"{out} was written by another version of Artesian",
            hint="choose another folder, or start again with --force",
        )
    return Store(out)


def inputs_of(trial: Trial) -> dict[str, Any]:
    """Everything that determines the result of a trial."""
    return {**trial.to_dict(), "versions": versions()}
