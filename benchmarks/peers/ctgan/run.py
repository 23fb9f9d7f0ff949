"""CTGAN and TVAE of the authors' package `ctgan` at its defaults, which are the published settings."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from ctgan import CTGAN, TVAE

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness

warnings.filterwarnings("ignore")


def fit(real: pd.DataFrame, asked: argparse.Namespace) -> Any:
    torch.manual_seed(asked.fit_seed)
    np.random.seed(asked.fit_seed)  # noqa: NPY002 (the package draws from the global generator)
    torch.set_num_threads(1)
    kind = {"ctgan": CTGAN, "tvae": TVAE}[asked.method]
    more = {} if asked.epochs is None else {"epochs": asked.epochs}
    model = kind(enable_gpu=False, **more)
    words = [name for name in real if not pd.api.types.is_numeric_dtype(real[name])]
    model.fit(real, discrete_columns=words)
    return model


def draw(model: Any, rows: int, seed: int) -> pd.DataFrame:
    model.set_random_state(seed)
    return model.sample(rows)


if __name__ == "__main__":
    harness.main(fit, draw, ["ctgan", "torch"])
