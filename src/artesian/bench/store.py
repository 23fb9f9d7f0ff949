"""The folder of a benchmark: one file for each finished cell, named for all that decides it."""

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
MARK, CELLS = "bench.json", "cells"


@dataclass(frozen=True, slots=True)
class Store:
    """The finished cells below a folder."""

    folder: Path

    def read(self, cell: Trial) -> dict[str, Any] | None:
        """What an earlier run found; None if there is none, or its file is damaged."""
        try:
            found = json.loads(self._path(cell).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        whole = isinstance(found, dict) and found.get("format") == FORMAT and "status" in found
        return found if whole else None

    def write(self, cell: Trial, found: Mapping[str, Any]) -> None:
        """Keep what was found; the file appears whole or not at all."""
        write_json(self._path(cell), {"format": FORMAT, "decided_by": decided_by(cell), **found})

    def _path(self, cell: Trial) -> Path:
        return self.folder / CELLS / f"{fingerprint.of_json(decided_by(cell))[:32]}.json"


def open_store(out: Path, *, force: bool = False) -> Store:
    """The store at `out`, which is made if there is nothing, or continued if it is one.

    Args:
        force: Begin anew: whatever stands at `out` is removed.

    Raises:
        OutputError: `out` is something else, or cannot be written.
    """
    if force and (out.exists() or out.is_symlink()):
        shutil.rmtree(out) if out.is_dir() and not out.is_symlink() else out.unlink()
    try:
        known = json.loads((out / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = None
    if not isinstance(known, dict) or known.get("kind") != KIND:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise OutputError(
                f"{out} exists already and is not the folder of a benchmark",
                hint="choose another place, or replace it with --force",
            )
        write_json(out / MARK, {"kind": KIND, "format": FORMAT, "versions": versions()})
    elif known.get("format") != FORMAT:
        raise OutputError(
            f"{out} was written by another version of Artesian",
            hint="choose another place, or begin anew with --force",
        )
    return Store(out)


def decided_by(cell: Trial) -> dict[str, Any]:
    """All that a cell's answer depends on."""
    return {**cell.decides(), "versions": versions()}
