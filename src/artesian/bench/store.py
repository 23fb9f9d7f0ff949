"""The folder of a benchmark: one file per finished trial, named by a hash of its inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artesian.bench.trial import Trial
from artesian.core import fingerprint
from artesian.core.atomic import PREFIX, SUFFIX, exclusive, staged_folder
from artesian.core.claim import sweep
from artesian.core.errors import OutputError
from artesian.core.own_outputs import BENCHMARK, BENCHMARK_KIND, refuse_sources
from artesian.runs.manifest import versions
from artesian.runs.output import write_json

FORMAT = 1
TRIALS = "trials"


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


@contextmanager
def open_store(out: Path, *, force: bool = False, sources: Iterable[Any] = ()) -> Iterator[Store]:
    """Open the store at `out`, or create it if nothing is there, and hold it during the block.

    Args:
        out: Folder of the benchmark.
        force: Replace an earlier benchmark, or another output of Artesian.
        sources: What the benchmark reads; `out` must not be, hold or lie in one of them.

    Raises:
        OutputError: `out` is something else, another run holds it, or it cannot be written.
    """
    refuse_sources(out, sources)
    if force or not (out.exists() or out.is_symlink()) or _is_empty(out):
        with staged_folder(out, force=True) as stage:
            header = {"kind": BENCHMARK_KIND, "format": FORMAT, "versions": versions()}
            write_json(stage / BENCHMARK, header)
            (stage / TRIALS).mkdir()
    _require_benchmark(out)
    with exclusive(out):
        for folder in (out, out / TRIALS):  # what killed runs left
            sweep(folder.glob(f"{PREFIX}*{SUFFIX}"))
        yield Store(out)


def _is_empty(out: Path) -> bool:
    return out.is_dir() and not any(out.iterdir())


def _require_benchmark(out: Path) -> None:
    try:
        header = json.loads((out / BENCHMARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        header = None
    if not isinstance(header, dict) or header.get("kind") != BENCHMARK_KIND:
        raise OutputError(
            f"{out} exists already and is not the folder of a benchmark",
            hint="choose another folder",
        )
    if header.get("format") != FORMAT:
        raise OutputError(
            f"{out} was written by another version of Artesian",
            hint="choose another folder, or start again with --force",
        )


def inputs_of(trial: Trial) -> dict[str, Any]:
    """Everything that determines the result of a trial."""
    return {**trial.to_dict(), "versions": versions()}
