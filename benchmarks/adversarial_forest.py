"""Our adversarial forest beside arfpy: likeness of adult rows, and time.

    python benchmarks/adversarial_forest.py [--rows 22611] [--seeds 3]

Each learns from the same half of adult, in a process of its own, and its tables are compared with the
other half. KS and TV are the mean over columns of the Kolmogorov-Smirnov distance of numbers and the
total variation distance of categories. The pair distance is the mean, over all pairs of columns, of the
total variation distance of their joint frequencies; numbers are cut at deciles of training rows.
"""

from __future__ import annotations

import argparse
import json
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from environments import METHODS
from machine import save
from sets import halves
from single_table import RUNS, generate

NAMES = ("adversarial_forest", "arf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=22_611, help="training rows")
    parser.add_argument("--seeds", type=int, default=3, help="generated tables")
    asked = parser.parse_args()
    asked.threads, asked.timeout, asked.epochs = 1, 7200.0, None
    train, holdout = halves("adult")
    train, holdout = train[: asked.rows], holdout[: asked.rows]
    result: dict[str, Any] = {"rows": train.height, "seeds": asked.seeds}
    result["real"] = distances(train, holdout, train)
    for name in NAMES:
        place = RUNS / f"adversarial_forest_{asked.rows}" / name
        generate(train, name, place, asked)
        timing = json.loads((place / "timing.json").read_text())
        tables = [pl.read_parquet(place / f"{seed}.parquet") for seed in range(asked.seeds)]
        each = [distances(table, holdout, train) for table in tables]
        means = {key: round(float(np.mean([one[key] for one in each])), 4) for key in each[0]}
        seconds = {
            "fit_cpu": timing["fit"]["cpu"],
            "sample_cpu": round(float(np.mean([one["cpu"] for one in timing["sample"]])), 3),
        }
        result[name] = {"title": METHODS[name].title, **means, **seconds}
        print(name, result[name], flush=True)
    ours, theirs = (result[name]["fit_cpu"] + result[name]["sample_cpu"] for name in NAMES)
    result["times_faster"] = round(theirs / ours, 1)
    print(result["real"], result["times_faster"])
    save("adversarial_forest", result)


def distances(made: pl.DataFrame, real: pl.DataFrame, train: pl.DataFrame) -> dict[str, float]:
    """Mean distances of `made` from `real`; `train` gives the deciles of numbers."""
    single, codes, sizes = [], [], []
    for name, kind in train.schema.items():
        if kind.is_numeric():
            a, b = (frame[name].to_numpy().astype(float) for frame in (made, real))
            single.append(ks(a, b))
            ends = np.unique(np.quantile(train[name].to_numpy(), np.linspace(0.1, 0.9, 9)))
            codes.append([np.searchsorted(ends, one) for one in (a, b)])
            sizes.append(len(ends) + 1)
            continue
        texts = [frame[name].cast(pl.String).fill_null("") for frame in (made, real)]
        words = {word: at for at, word in enumerate(pl.concat(texts).unique().sort())}
        codes.append([text.replace_strict(words).to_numpy() for text in texts])
        sizes.append(len(words))
        single.append(total_variation(*codes[-1], len(words)))
    pairs = [
        total_variation(*(a * sizes[j] + b for a, b in zip(codes[i], codes[j], strict=True)), size)
        for i, j in combinations(range(len(codes)), 2)
        for size in [sizes[i] * sizes[j]]
    ]
    return {"ks_tv": round(float(np.mean(single)), 4), "pairs": round(float(np.mean(pairs)), 4)}


def ks(a: Any, b: Any) -> float:
    at = np.concatenate([a, b])
    above = [np.searchsorted(np.sort(one), at, side="right") / len(one) for one in (a, b)]
    return float(np.abs(above[0] - above[1]).max())


def total_variation(a: Any, b: Any, size: int) -> float:
    counts = [np.bincount(one, minlength=size) / len(one) for one in (a, b)]
    return float(np.abs(counts[0] - counts[1]).sum() / 2)


if __name__ == "__main__":
    main()
