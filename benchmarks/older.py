"""The source of an earlier commit, to compare with."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from machine import HERE, own_environment
from sets import ROOT

COMMIT = "940cb72"
VERSIONS = ("old", "new")


def old_source() -> Path:
    """The source of the earlier commit, exported once."""
    place = HERE / ".runs" / COMMIT
    if not (place / "src").exists():
        place.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(
            ["git", "archive", COMMIT, "src", "benchmarks/peers"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        subprocess.run(["tar", "-x", "-C", str(place)], input=archive, check=True)
    return place


def started(version: str, program: Path, *arguments: object) -> str:
    """What a program writes, with one thread, if it imports the package of one version."""
    source = old_source() / "src" if version == "old" else ROOT / "src"
    return subprocess.run(
        [sys.executable, str(program), *map(str, arguments)],
        check=True,
        env=own_environment(1) | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
    ).stdout


def noise(values: list[float]) -> float:
    """The ratio of the medians of every other value, the larger one above."""
    halves = sorted(statistics.median(values[at::2]) for at in range(2))
    return halves[1] / halves[0]
