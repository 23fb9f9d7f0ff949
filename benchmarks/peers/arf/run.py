"""Adversarial random forests (Watson et al., 2023) at the defaults of arfpy.

arfpy takes no missing values, so it learns from whole rows; and it leaves numbers unrounded, so
they are rounded to the decimals of the real column, as the authors' R package does.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from arfpy import arf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness

warnings.filterwarnings("ignore")


@dataclass
class Forest:
    forest: Any
    real: pd.DataFrame


def fit(real: pd.DataFrame, _: argparse.Namespace) -> Forest:
    np.random.seed(0)  # noqa: NPY002 (arfpy draws from the global generator)
    whole = real.dropna().reset_index(drop=True)
    forest = arf.arf(x=whole, random_state=0, verbose=False)
    forest.forde()
    return Forest(forest, whole)


def draw(model: Forest, rows: int, seed: int) -> pd.DataFrame:
    np.random.seed(seed)  # noqa: NPY002
    made = model.forest.forge(n=rows)
    for name in model.real:
        if pd.api.types.is_numeric_dtype(model.real[name]):
            kind = model.real[name].dtype
            made[name] = made[name].astype(float).round(decimals(model.real[name])).astype(kind)
        else:
            made[name] = made[name].astype(str)
    return made


def decimals(values: pd.Series) -> int:
    """The fewest decimals that write every value of the column."""
    return next((k for k in range(10) if np.allclose(values, values.round(k), atol=1e-10)), 10)


if __name__ == "__main__":
    harness.main(fit, draw, ["arfpy", "scikit-learn"], {"missing": "rows dropped"})
