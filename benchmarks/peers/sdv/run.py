"""SDV's GaussianCopula, CTGAN and TVAE at their defaults, with the metadata SDV itself detects."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sdv.metadata import Metadata
from sdv.single_table import CTGANSynthesizer, GaussianCopulaSynthesizer, TVAESynthesizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness

warnings.filterwarnings("ignore")


def fit(real: pd.DataFrame, asked: argparse.Namespace) -> Any:
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 (SDV draws from the global generator)
    metadata = Metadata.detect_from_dataframes({"table": real})
    for name, column in metadata.tables["table"].columns.items():
        # Every column here is data; what SDV takes for an identifier or a place would be made up.
        if column["sdtype"] not in ("numerical", "categorical", "boolean"):
            number = pd.api.types.is_numeric_dtype(real[name])
            metadata.update_column(name, sdtype="numerical" if number else "categorical")
    more = {"epochs": asked.epochs} if asked.epochs else {}
    chosen = {
        "gaussian_copula": lambda: GaussianCopulaSynthesizer(metadata),
        "ctgan": lambda: CTGANSynthesizer(metadata, enable_gpu=False, **more),
        "tvae": lambda: TVAESynthesizer(metadata, enable_gpu=False, **more),
    }[asked.method]()
    chosen.fit({"table": real})
    return chosen


def draw(model: Any, rows: int, _: int) -> pd.DataFrame:
    # SDV takes no seed: it fixes its own at the first call, and each call goes on from the last.
    return model.sample(rows)["table"]


if __name__ == "__main__":
    harness.main(fit, draw, ["sdv", "ctgan", "copulas", "torch"])
