"""ForestDiffusion (Jolicoeur-Martineau et al., 2024), flow matching, at its defaults but for `COPIES`.

The published 100 noisy copies of each row take about ten times as long. Missing values are left to it.
Texts are numbered, and numbered back, as its documentation asks.
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
from ForestDiffusion import ForestDiffusionModel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness

warnings.filterwarnings("ignore")

COPIES = 10


@dataclass
class Flow:
    model: Any
    real: pd.DataFrame
    names: dict[str, pd.Index]


def fit(real: pd.DataFrame, _: argparse.Namespace) -> Flow:
    columns, names = [], {}
    for name in real:
        if pd.api.types.is_numeric_dtype(real[name]):
            columns.append(real[name].to_numpy(float))
        else:
            codes, names[name] = pd.factorize(real[name])
            columns.append(np.where(codes < 0, np.nan, codes.astype(float)))
    at = {name: j for j, name in enumerate(real)}
    whole = [n for n in real if n not in names and (real[n].dropna() % 1 == 0).all()]
    model = ForestDiffusionModel(
        np.stack(columns, axis=1),
        cat_indexes=[at[name] for name, known in names.items() if len(known) > 2],
        bin_indexes=[at[name] for name, known in names.items() if len(known) <= 2],
        int_indexes=[at[name] for name in whole],
        duplicate_K=COPIES,
        n_jobs=1,
        seed=0,
    )
    return Flow(model, real, names)


def draw(flow: Flow, rows: int, seed: int) -> pd.DataFrame:
    np.random.seed(seed)  # noqa: NPY002 (it draws from the global generator)
    made = pd.DataFrame(flow.model.generate(batch_size=rows), columns=list(flow.real))
    for name, known in flow.names.items():
        codes = made[name].round().astype(int).clip(0, len(known) - 1)
        made[name] = known.to_numpy()[codes]
    for name in flow.real:
        if name not in flow.names:
            made[name] = made[name].astype(flow.real[name].dtype)
    return made


if __name__ == "__main__":
    harness.main(fit, draw, ["ForestDiffusion", "xgboost"], {"copies": COPIES, "times": 50})
