"""The folder of a stress test: one part folder for each generation of each chain.

A part is renamed into place when it is complete, so resuming is asking which parts exist. It holds
generated rows and counts; real rows are never written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.atomic import PREFIX, SUFFIX, exclusive, staged_folder
from artesian.core.claim import sweep
from artesian.core.errors import OutputError
from artesian.core.own_outputs import MANIFEST, refuse_sources
from artesian.data.dataset import Dataset
from artesian.runs.manifest import versions
from artesian.runs.output import write_json

KIND, FORMAT = "artesian stress", 1
GENERATIONS = "generations"
ROWS, MEASURES = "rows.parquet", "measures.json"


def part_folder(chain: Path, generation: int) -> Path:
    """The folder of one generation of a chain."""
    return chain / f"generation-{generation:04d}"


def write_part(chain: Path, generation: int, rows: pl.DataFrame, kept: dict[str, Any]) -> None:
    """Write a generation, atomically; a damaged one is replaced."""
    folder = part_folder(chain, generation)
    for name in (ROWS, MEASURES):
        (folder / name).unlink(missing_ok=True)
    with staged_folder(folder, force=True) as stage:
        rows.write_parquet(stage / ROWS)
        write_json(stage / MEASURES, kept)


def read_measures(chain: Path, generation: int) -> dict[str, Any] | None:
    """What was kept of a generation; None if it is not finished, or damaged."""
    folder = part_folder(chain, generation)
    try:
        kept = json.loads((folder / MEASURES).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return kept if isinstance(kept, dict) and (folder / ROWS).is_file() else None


def read_rows(chain: Path, generation: int) -> pl.DataFrame:
    """The rows of a finished generation."""
    return pl.read_parquet(part_folder(chain, generation) / ROWS)


def write_dataset_part(
    chain: Path, generation: int, frames: Mapping[str, pl.DataFrame], kept: dict[str, Any]
) -> None:
    """Write a generation of related tables, atomically; a damaged one is replaced. A file is named by
    the place of its table.
    """
    folder = part_folder(chain, generation)
    for file in (folder / MEASURES, *folder.glob(f"*{ROWS}")):
        file.unlink(missing_ok=True)
    with staged_folder(folder, force=True) as stage:
        for place, frame in enumerate(frames.values()):
            frame.write_parquet(stage / f"{place:03d}-{ROWS}")
        pl.DataFrame({"tables": list(frames)}).write_parquet(stage / ROWS)
        write_json(stage / MEASURES, kept)


def read_dataset_part(chain: Path, generation: int, source: Dataset) -> Dataset:
    """The tables of a finished generation."""
    folder = part_folder(chain, generation)
    names = pl.read_parquet(folder / ROWS)["tables"].to_list()
    return source.with_frames(
        {name: pl.read_parquet(folder / f"{k:03d}-{ROWS}") for k, name in enumerate(names)}
    )


@contextmanager
def open_store(out: Path, *, force: bool = False, sources: Iterable[Any] = ()) -> Iterator[Path]:
    """Open the folder `out`, or create it, hold it during the block, and yield that of the chains.

    Args:
        force: Replace an earlier stress test, or another output of Artesian.
        sources: What the test reads; `out` must not be, hold or lie in one of them.

    Raises:
        OutputError: `out` is something else, another run holds it, or it cannot be written.
    """
    refuse_sources(out, sources)
    empty = out.is_dir() and not any(out.iterdir())
    if force or not (out.exists() or out.is_symlink()) or empty:
        with staged_folder(out, force=True) as stage:
            write_json(stage / MANIFEST, {"kind": KIND, "format": FORMAT, "versions": versions()})
            (stage / GENERATIONS).mkdir()
    _require_stress_test(out)
    chains = out / GENERATIONS
    with exclusive(out):
        for folder in (out, chains, *chains.glob("*")):  # what killed runs left
            sweep(folder.glob(f"{PREFIX}*{SUFFIX}"))
        yield chains


def _require_stress_test(out: Path) -> None:
    try:
        header = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        header = None
    if not isinstance(header, dict) or header.get("kind") != KIND:
        raise OutputError(
            f"{out} exists already and is not the folder of a stress test",
            hint="choose another folder",
        )
    if header.get("format") != FORMAT:
        raise OutputError(
            f"{out} was written by another version of Artesian",
            hint="choose another folder, or start again with --force",
        )
