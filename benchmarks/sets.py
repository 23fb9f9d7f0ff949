"""The real tables the benchmarks use, and the one split every method is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from fetch import located

ROOT = Path(__file__).resolve().parents[1]
SPLIT_SEED = 20261101


@dataclass(frozen=True, kw_only=True)
class Set:
    """One real table.

    Attributes:
        file: Its path below the root of the repository, or, if it is `fetched`, the path by which
            data/fetched.toml lists it.
        target: The column a model is trained to predict, for usefulness.
        task: 'class' (macro one-against-rest AUC) or 'number' (R2).
        drop: Columns that are not data, such as row numbers.
        whole_rows: Keep only rows without a missing value.
        fetched: The repository does not ship it; `make data` fetches it.
    """

    file: str
    target: str
    task: str
    drop: tuple[str, ...] = ()
    whole_rows: bool = False
    fetched: bool = False

    @property
    def path(self) -> Path:
        """Where the table is, or will be once it is fetched."""
        return located(self.file) if self.fetched else ROOT / self.file


SETS = {
    "adult": Set(file="examples/adult.csv.gz", target="income", task="class", whole_rows=True),
    "credit_default": Set(
        file="tests/data_sets/credit_default.csv.gz",
        target="default",
        task="class",
        drop=("ID",),
    ),
    "california_housing": Set(
        file="tests/data_sets/california_housing.csv.gz",
        target="median_house_value",
        task="number",
    ),
    "diamonds": Set(file="tabular/diamonds.csv", target="price", task="number", fetched=True),
    "covertype_sample": Set(
        file="tests/data_sets/covertype_sample.csv.gz", target="Cover_Type", task="class"
    ),
}


def load(name: str) -> pl.DataFrame:
    """The whole table `name` of `SETS`, as its file spells it."""
    chosen = SETS[name]
    if not chosen.path.exists():
        raise FileNotFoundError(f"{chosen.path} is not here: 'make data' fetches it")
    frame = pl.read_csv(chosen.path, infer_schema_length=None).drop(chosen.drop)
    return frame.drop_nulls() if chosen.whole_rows else frame


def split(frame: pl.DataFrame, seed: int = SPLIT_SEED) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Half the rows to learn from and the other half never shown: (train, holdout)."""
    order = np.random.default_rng(seed).permutation(frame.height)
    half = frame.height // 2
    return frame[order[:half]], frame[order[half:]]


def halves(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`split(load(name))`."""
    return split(load(name))
