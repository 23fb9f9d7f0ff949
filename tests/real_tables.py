"""Paths of the real tables that tests read; tests/data_sets/SOURCES.md says whose they are."""

from __future__ import annotations

import gzip
from pathlib import Path

FOLDER = Path(__file__).parent / "data_sets"
ADULT = Path(__file__).parents[1] / "examples" / "adult.csv.gz"


def path(name: str) -> Path:
    """Where the table `name` lies: 'adult', 'german_credit', 'chinook/Track', 'sms_spam'."""
    if name == "adult":
        return ADULT
    files = sorted(FOLDER.glob(f"{name}.*.gz"))
    assert len(files) == 1, f"{name!r} names {len(files)} files of {FOLDER.name}"
    return files[0]


def unpacked(name: str, folder: Path) -> Path:
    """A copy of the table `name` in `folder`, without the compression."""
    source = path(name)
    copy = folder / source.name.removesuffix(".gz")
    copy.write_bytes(gzip.decompress(source.read_bytes()))
    return copy
