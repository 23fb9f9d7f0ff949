"""Fit the constants by which `synthesizers/memorisation.py` expects the success of attacks.

    python benchmarks/expected_auc.py

A model that memorises m nats per row, of which f synthetic rows per training row are drawn, is expected
to have an excess of `ADVANTAGE * sqrt(m * f / (f + ROWS_FACTOR))`. Both constants minimise the sum of
absolute errors over all splits in results/memorisation.json, the sets with the same total weight.
Squares would be decided by the one set whose nats are estimated far too high (327 rows of 50 columns).
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from machine import RESULTS

METHODS = ("trees", "boosted", "marginals")
GRID = np.geomspace(0.1, 20.0, 400)


def fitted(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """ADVANTAGE and ROWS_FACTOR for the rows of results/memorisation.json."""
    nats, factor, excess, weight = figures(rows).T
    best = (np.inf, 0.0, 0.0)
    for half in GRID:
        predicted = np.sqrt(nats * factor / (factor + half))
        ratios = excess / predicted
        errors = (weight * np.abs(excess - ratios[:, None] * predicted)).sum(axis=1)
        at = int(errors.argmin())  # one of the ratios is optimal: the errors are piecewise linear
        best = min(best, (float(errors[at]), float(ratios[at]), float(half)))
    return best[1], best[2]


def figures(rows: list[dict[str, Any]]) -> np.ndarray[Any, Any]:
    """Nats, factor, excess and weight of each split and factor, shape (n, 4)."""
    sets = [row["set"] for row in rows for _ in row["splits"] if row["method"] in METHODS]
    out = [
        (max(split["nats"], 0.0), float(kind), split[kind][0], 1.0 / sets.count(row["set"]))
        for row in rows
        if row["method"] in METHODS
        for split in row["splits"].values()
        for kind in split
        if kind.isdigit()
    ]
    return np.array(out)


if __name__ == "__main__":
    text = (RESULTS / "memorisation.json").read_text(encoding="utf-8")
    print("ADVANTAGE = {:.3f}, ROWS_FACTOR = {:.1f}".format(*fitted(json.loads(text)["sets"])))
