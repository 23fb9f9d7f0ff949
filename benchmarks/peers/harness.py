"""What every method's run.py shares: the command line, the clock, the files. Standard library only.

A method is fitted once and then generates one table for each generation seed. Imports are done
before the clock starts; reading and writing files is not timed.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any


def read_pandas(path: Path) -> Any:
    import pandas as pd

    return pd.read_parquet(path)


def write_pandas(frame: Any, path: Path) -> None:
    frame.to_parquet(path, index=False)


def main(
    fit: Callable[[Any, argparse.Namespace], Any],
    draw: Callable[[Any, int, int], Any],
    packages: list[str],
    settings: dict[str, Any] | None = None,
    *,
    read: Callable[[Path], Any] = read_pandas,
    write: Callable[[Any, Path], None] = write_pandas,
) -> None:
    """Read TRAIN, fit, and write `OUT/<seed>.parquet` for each seed, then `OUT/timing.json`.

    `fit(frame, asked)` gives a model and `draw(model, rows, seed)` a frame with the same columns.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--method", default="", help="which of several methods of this folder")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--fit-seed", type=int, default=0, help="where the method takes one")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    real = read(asked.train)

    before = clock()
    model = fit(real, asked)
    fitted = since(before)
    samples = []
    for seed in range(asked.seeds):
        before = clock()
        made = draw(model, asked.rows, seed)
        samples.append(since(before))
        write(made[list(real.columns)], asked.out / f"{seed}.parquet")
    more = {"epochs": asked.epochs} if asked.epochs is not None else {}
    timing = {
        "fit": fitted,
        "sample": samples,
        "peak_gb": round(peak_bytes() / 1e9, 3),
        "versions": {name: version(name) for name in packages},
        "settings": {**(settings or {}), **more},
    }
    (asked.out / "timing.json").write_text(json.dumps(timing, indent=1))


def clock() -> tuple[float, float]:
    """(wall, CPU of this process and its finished children) in seconds."""
    cpu = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        cpu += used.ru_utime + used.ru_stime
    return time.perf_counter(), cpu


def since(before: tuple[float, float]) -> dict[str, float]:
    now = clock()
    return {"wall": round(now[0] - before[0], 3), "cpu": round(now[1] - before[1], 3)}


def peak_bytes() -> int:
    """Peak resident bytes of this process or its largest child.

    Not `ru_maxrss` of this process: on Linux that begins at the size of the parent.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    lines = Path("/proc/self/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return max(own, children) * 1024
