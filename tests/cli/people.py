"""A small table of people, and what a run of the command line left."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 240


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Cli = Callable[..., Ended]


def write_people(path: Path, rows: int = ROWS, seed: int = 5) -> Path:
    """People whose pay follows their age; towns are missing now and then."""
    rng = np.random.default_rng(seed)
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["age", "town", "since", "member", "pay"])
        for _ in range(rows):
            age = int(rng.integers(18, 70))
            town = str(rng.choice(["Ulm", "Bonn", "Köln", ""], p=[0.5, 0.3, 0.15, 0.05]))
            since = f"20{rng.integers(10, 24)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
            member = "yes" if rng.random() < 0.4 else "no"
            out.writerow(
                [age, town, since, member, ">50K" if age + rng.normal(0, 9) > 45 else "<=50K"]
            )
    return path


def left_beside(path: Path) -> list[str]:
    """Names in the folder of `path` that a stopped or failed run should not have left."""
    return [
        p.name for p in path.parent.iterdir() if p == path or p.name.endswith((".part", ".old"))
    ]
