"""The source of an earlier commit, to compare with."""

from __future__ import annotations

import subprocess
from pathlib import Path

from machine import HERE
from sets import ROOT

COMMIT = "940cb72"


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
