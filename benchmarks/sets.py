"""The real tables the benchmarks use, and the one split every method is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "tabular"
SPLIT_SEED = 20261101


@dataclass(frozen=True, kw_only=True)
class Set:
    """One real table.

    Attributes:
        file: Its name below `DATA`.
        target: The column a model is trained to predict, for usefulness.
        task: 'class' (macro one-against-rest AUC) or 'number' (R2).
        drop: Columns that are not data: row numbers, an official split.
        whole_rows: Keep only rows without a missing value.
    """

    file: str
    target: str
    task: str
    drop: tuple[str, ...] = ()
    whole_rows: bool = False


SETS = {
    "adult": Set(
        file="adult.csv.gz", target="income", task="class", drop=("split",), whole_rows=True
    ),
    "credit_default": Set(
        file="credit_default.csv.gz", target="default", task="class", drop=("ID",)
    ),
    "california_housing": Set(
        file="california_housing.csv", target="median_house_value", task="number"
    ),
    "diamonds": Set(file="diamonds.csv", target="price", task="number"),
    "covertype_sample": Set(file="covertype_sample.csv", target="Cover_Type", task="class"),
}


def load(name: str) -> pl.DataFrame:
    """The whole table `name` of `SETS`, as its file spells it."""
    chosen = SETS[name]
    frame = pl.read_csv(DATA / chosen.file, infer_schema_length=None).drop(chosen.drop)
    return frame.drop_nulls() if chosen.whole_rows else frame


def split(frame: pl.DataFrame, seed: int = SPLIT_SEED) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Half the rows to learn from and the other half never shown: (train, holdout)."""
    order = np.random.default_rng(seed).permutation(frame.height)
    half = frame.height // 2
    return frame[order[:half]], frame[order[half:]]


def halves(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`split(load(name))`."""
    return split(load(name))
