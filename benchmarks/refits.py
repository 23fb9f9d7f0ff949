"""Whether refits with half the rounds in steps twice as long tell the noise of the full model.

    python benchmarks/refits.py [--draws 12]

Intervals of usefulness come from refits without one fifth of the training rows each. The spread of
their scores, by the settings of the judge's boosted model (100 rounds, steps of .1), is set beside that
of the coarser ones (50 rounds, steps of .2): a ratio below 1 would make intervals too narrow.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import polars as pl

from machine import save
from sets import SETS, load

NAMES = ("adult", "credit_default", "california_housing")
SIZES, TEST_ROWS, GROUPS = (2_000, 8_000), 4_000, 5
FULL, COARSE = (100, 0.1), (50, 0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=12)
    asked = parser.parse_args()
    result: dict[str, Any] = {"draws": asked.draws, "full": FULL, "coarse": COARSE, "cells": []}
    for name in NAMES:
        x, y, classes = matrix(load(name), SETS[name].target)
        for size in SIZES:
            full, coarse = (spread(x, y, classes, size, asked.draws, how) for how in (FULL, COARSE))
            result["cells"].append(
                {
                    "set": name,
                    "rows": size,
                    "deviation_full": round(full[0], 5),
                    "deviation_coarse": round(coarse[0], 5),
                    "ratio": round(coarse[0] / full[0], 3),
                    "cpu_ratio": round(coarse[1] / full[1], 3),
                }
            )
    ratios = [cell["ratio"] for cell in result["cells"]]
    result |= {"least_ratio": min(ratios), "largest_ratio": max(ratios)}
    print(save("refits", result), ratios)


def matrix(frame: pl.DataFrame, target: str) -> tuple[Any, Any, bool]:
    """Codes for categories, numbers as they are; whether the target has two classes."""
    plain = frame.with_columns(pl.col(pl.String).rank("dense")).cast(pl.Float64)
    y = plain[target].to_numpy()
    classes = len(np.unique(y)) == 2
    return plain.drop(target).to_numpy(), y if classes else (y - y.mean()) / y.std(), classes


def spread(
    x: Any, y: Any, classes: bool, size: int, draws: int, how: tuple[int, float]
) -> tuple[float, float]:
    """The jackknife's deviation of the score, and CPU seconds."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.metrics import r2_score, roc_auc_score

    model = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    variances, before = [], time.process_time()
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        order = rng.permutation(len(y))
        train, test = order[:size], order[size : size + TEST_ROWS]
        group, scores = rng.permutation(size) % GROUPS, []
        for left in range(GROUPS):
            kept = train[group != left]
            fitted = model(
                max_iter=how[0], learning_rate=how[1], early_stopping=False, random_state=0
            ).fit(x[kept], y[kept])
            scores.append(
                roc_auc_score(y[test], fitted.predict_proba(x[test])[:, 1])
                if classes
                else r2_score(y[test], fitted.predict(x[test]))
            )
        variances.append((GROUPS - 1) ** 2 / GROUPS * np.var(scores, ddof=1))
    return float(np.sqrt(np.mean(variances))), time.process_time() - before


if __name__ == "__main__":
    main()
