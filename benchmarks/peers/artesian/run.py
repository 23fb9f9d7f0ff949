"""Our own methods at their defaults, run like any peer: a fresh process, the same clock.

The kernels are compiled (or read from their cache) on a few rows before the clock starts; the first
run on a machine is timed by startup.py.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import polars as pl

import artesian as ar
from artesian.core.run import Run, Seed
from artesian.core.training import Training
from artesian.synthesizers import CATALOG

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness

WARM_ROWS = 300


def fit(real: pl.DataFrame, asked: argparse.Namespace) -> Any:
    if asked.epochs is None:
        return CATALOG[asked.method]().fit(ar.read(real))
    # As many epochs as the peers: no early stopping, and the best epoch is kept.
    run = Run(seed=Seed(asked.fit_seed), training=Training(patience=asked.epochs))
    return CATALOG[asked.method](epochs=asked.epochs).fit(ar.read(real), run=run)


def draw(model: Any, rows: int, seed: int) -> pl.DataFrame:
    return model.sample(rows, run=Run.from_seed(seed)).frame


def read(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path)
    parser = argparse.ArgumentParser()
    parser.add_argument("--method")
    parser.add_argument("--epochs", type=int, default=None)
    asked, _ = parser.parse_known_args()
    asked.fit_seed, asked.epochs = 0, None if asked.epochs is None else 1
    draw(fit(frame.head(WARM_ROWS), asked), WARM_ROWS, 0)
    return frame


def write(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


if __name__ == "__main__":
    harness.main(fit, draw, ["numpy", "polars"], read=read, write=write)
