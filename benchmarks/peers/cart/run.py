"""Sequential CART with leaf donors (Reiter, 2005; synthpop's default) in scikit-learn.

Each column is predicted from those before it by one decision tree; a synthetic row falls into a
leaf and takes the value of a training row that lies there.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness

MIN_LEAF = 5  # synthpop's minbucket
MISSING = -1e9


@dataclass
class Chain:
    real: pd.DataFrame
    codes: np.ndarray
    trees: list[DecisionTreeClassifier | DecisionTreeRegressor]


def coded(real: pd.DataFrame) -> np.ndarray:
    """(rows, columns): numbers, or the place of a word in sorted order; missing far below all."""
    columns = []
    for name in real:
        if pd.api.types.is_numeric_dtype(real[name]):
            columns.append(real[name].astype(float).fillna(MISSING).to_numpy())
        else:
            columns.append(real[name].astype("category").cat.codes.to_numpy(float))
    return np.stack(columns, axis=1)


def fit(real: pd.DataFrame, _: argparse.Namespace) -> Chain:
    codes = coded(real)
    trees: list[DecisionTreeClassifier | DecisionTreeRegressor] = []
    for at, name in enumerate(real.columns[1:], start=1):
        number = pd.api.types.is_numeric_dtype(real[name]) and real[name].nunique() > 2
        kind = DecisionTreeRegressor if number else DecisionTreeClassifier
        tree = kind(min_samples_leaf=MIN_LEAF, random_state=0)
        trees.append(tree.fit(codes[:, :at], codes[:, at]))
    return Chain(real, codes, trees)


def draw(model: Chain, rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    donors = rng.integers(0, len(model.real), rows)
    made = np.empty((rows, model.codes.shape[1]))
    made[:, 0] = model.codes[donors, 0]
    out = {model.real.columns[0]: model.real.iloc[:, 0].to_numpy()[donors]}
    for at, tree in enumerate(model.trees, start=1):
        home = tree.apply(model.codes[:, :at])
        order = np.argsort(home, kind="stable")
        leaf = tree.apply(made[:, :at])
        low = np.searchsorted(home[order], leaf, "left")
        high = np.searchsorted(home[order], leaf, "right")
        donors = order[low + (rng.random(rows) * (high - low)).astype(int)]
        made[:, at] = model.codes[donors, at]
        out[model.real.columns[at]] = model.real.iloc[:, at].to_numpy()[donors]
    return pd.DataFrame(out)


if __name__ == "__main__":
    harness.main(fit, draw, ["scikit-learn"], {"min_leaf": MIN_LEAF})
