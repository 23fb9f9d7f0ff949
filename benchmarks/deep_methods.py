"""Our `vae` and `ctgan` beside the authors' package, and what `adsgan` and `medgan` promise.

    python benchmarks/deep_methods.py                      # 2,000 rows of adult and of credit_default
    python benchmarks/deep_methods.py --sets adult --rows 5000 --seeds 3
    python benchmarks/deep_methods.py --parts adsgan,medgan

peers: each method is fitted once a seed, in a process of its own with one thread, on the same
training rows, for as many epochs, the package at the settings of the publication, and draws as many
rows. KS and TV are the mean over columns of the Kolmogorov-Smirnov distance of numbers and the total
variation distance of categories to holdout rows; the pair distance is that of `adversarial_forest.py`;
TSTR is that of `protocol.py`. Differences are paired by seed. What is done is kept in .runs, and a run
that was stopped continues from there.

adsgan: the fraction of training rows whose nearest synthetic row is nearer than their nearest other
training row, with columns weighted by the inverse of their entropy (Yoon et al. 2020), by penalty.

medgan: the correlation over categories of their frequencies in synthetic and in training rows, with and
without calibrated margins, where numbers are cut at deciles, as the paper has binary columns alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import artesian as ar
from adversarial_forest import distances
from artesian.core.run import Run, Seed
from artesian.core.training import Training
from artesian.metrics.privacy import nearest
from artesian.synthesizers import CATALOG
from artesian.synthesizers.deep.adsgan import entropy_weights
from environments import HERE, Method, interpreter
from machine import RESULTS, own_environment, save
from protocol import Judge
from sets import SETS, halves
from single_table import RUNS

METHODS = {
    "vae": Method("artesian", "Artesian vae", ours=True),
    "tvae": Method("ctgan", "TVAE (package ctgan)"),
    "ctgan": Method("artesian", "Artesian ctgan", ours=True),
    "ctgan_package": Method("ctgan", "CTGAN (package ctgan)"),
}
PAIRS = (("vae", "tvae"), ("ctgan", "ctgan_package"))
MARGIN = 0.01
"""By how much a mean distance or TSTR may be worse than the package's."""

TIMES_FASTER = 2.0

PENALTIES = (0.0, 0.3, 1.0, 3.0, 10.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parts", type=lambda text: text.split(","), default=["peers"])
    parser.add_argument(
        "--sets", type=lambda text: text.split(","), default=["adult", "credit_default"]
    )
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(METHODS))
    parser.add_argument("--rows", type=int, default=2_000, help="training rows")
    parser.add_argument("--seeds", type=int, default=5, help="fits of each method")
    parser.add_argument("--epochs", type=int, default=300)
    asked = parser.parse_args()
    path = RESULTS / "deep_methods.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    result = {part: before[part] for part in ("peers", "adsgan", "medgan") if part in before}
    for part in asked.parts:
        if part == "peers":
            for name in asked.sets:
                result.setdefault("peers", {})[name] = peers(name, asked)
        else:
            result[part] = {"adsgan": identifiability, "medgan": frequencies}[part](asked)
    save("deep_methods", result)


def peers(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Figures of each method on one table, and differences paired by seed."""
    train, holdout = halves(name)
    train = train[: asked.rows]
    judge = Judge(train, holdout, target=SETS[name].target, task=SETS[name].task)
    result: dict[str, Any] = {"rows": train.height, "seeds": asked.seeds, "epochs": asked.epochs}
    result["real"] = distances(train, holdout, train) | {"tstr": round(judge.trtr, 4)}
    figures: dict[str, list[dict[str, float]]] = {}
    for seed in range(asked.seeds):
        for method in asked.methods:
            place = RUNS / f"deep_{name}_{train.height}_{asked.epochs}" / f"{method}_{seed}"
            if not (place / "timing.json").exists():
                generate(train, method, seed, place, asked)
            made = pl.read_parquet(place / "0.parquet")
            timing = json.loads((place / "timing.json").read_text())
            one = distances(made, holdout, train) | {"tstr": judge.useful(made)}
            one |= {"fit_cpu": timing["fit"]["cpu"], "sample_cpu": timing["sample"][0]["cpu"]}
            figures.setdefault(method, []).append(one)
            print(name, method, seed, one, flush=True)
    for method, each in figures.items():
        means = {key: round(float(np.mean([one[key] for one in each])), 4) for key in each[0]}
        result[method] = {"title": METHODS[method].title, **means}
    for ours, theirs in PAIRS:
        if ours in figures and theirs in figures:
            result[f"{ours} minus {theirs}"] = paired(figures[ours], figures[theirs])
    return result


def identifiability(asked: argparse.Namespace) -> dict[str, Any]:
    """Fraction of identifiable training rows of adult by penalty, and the likeness of the rows."""
    train, holdout = halves("adult")
    train, holdout = train[: asked.rows], holdout[: asked.rows]
    table = ar.read(train)
    result: dict[str, Any] = {"rows": train.height, "epochs": asked.epochs, "penalties": {}}
    for penalty in PENALTIES:
        run = Run(seed=Seed(0), training=Training(patience=asked.epochs))
        model = CATALOG["adsgan"](penalty=penalty, epochs=asked.epochs).fit(table, run=run)
        made = model.sample(train.height, run=Run.from_seed(0)).frame
        encoding = model.encoding()

        def points(frame: pl.DataFrame, encoding: Any = encoding) -> np.ndarray:
            rng = np.random.default_rng(0)
            matrix = encoding.codec.encode(table.with_frame(frame), rng)
            return np.asarray(encoding.encode(matrix), np.float64)

        real = points(train)
        scale = entropy_weights(encoding, real)
        one = {
            name: round(nearest.identifiability(real * scale, points(frame) * scale), 4)
            for name, frame in (("synthetic", made), ("holdout", holdout.cast(train.schema)))
        }
        result["penalties"][str(penalty)] = one | distances(made, holdout, train)
        print(penalty, result["penalties"][str(penalty)], flush=True)
    fractions = [one["synthetic"] for one in result["penalties"].values()]
    result["monotone"] = all(a >= b for a, b in pairwise(fractions))
    return result


def frequencies(asked: argparse.Namespace) -> dict[str, Any]:
    """Correlation of the frequencies of one-hot adult in synthetic and in training rows."""
    train = halves("adult")[0][: asked.rows]
    table = ar.read(train)
    result: dict[str, Any] = {"rows": train.height, "epochs": asked.epochs}
    for calibrate in (False, True):
        run = Run(seed=Seed(0), training=Training(patience=asked.epochs))
        model = CATALOG["medgan"](epochs=asked.epochs, calibrate=calibrate).fit(table, run=run)
        made = model.sample(train.height, run=Run.from_seed(0)).frame
        real, synthetic = (one_hot(frame, train) for frame in (train, made))
        correlation = float(np.corrcoef(real, synthetic)[0, 1])
        name = "calibrated" if calibrate else "as trained"
        result[name] = {"correlation": round(correlation, 4), "columns": len(real)}
        print(name, result[name], flush=True)
    return result


def one_hot(frame: pl.DataFrame, train: pl.DataFrame) -> np.ndarray:
    """Frequency of each category of `train`, and of numbers between its deciles."""
    parts = []
    for name, kind in train.schema.items():
        if kind.is_numeric():
            ends = np.unique(np.quantile(train[name].to_numpy(), np.linspace(0.1, 0.9, 9)))
            codes = np.searchsorted(ends, frame[name].to_numpy())
            parts.append(np.bincount(codes, minlength=len(ends) + 1) / frame.height)
        else:
            words = train[name].unique().sort()
            parts.append(np.array([(frame[name] == word).mean() for word in words]))
    return np.concatenate(parts)


def paired(ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> dict[str, Any]:
    """Mean difference of each figure with its standard error, and whether the targets are met."""
    out: dict[str, Any] = {}
    for key, sign in (("ks_tv", 1), ("pairs", 1), ("tstr", -1)):
        differences = np.array([a[key] - b[key] for a, b in zip(ours, theirs, strict=True)])
        error = differences.std(ddof=1) / len(differences) ** 0.5 if len(differences) > 1 else 0.0
        worse = sign * float(differences.mean())
        out[key] = {
            "difference": round(float(differences.mean()), 4),
            "standard_error": round(float(error), 4),
            "met": worse <= MARGIN,
        }
    times = sum(one["fit_cpu"] for one in theirs) / sum(one["fit_cpu"] for one in ours)
    out["times_faster"] = {"value": round(times, 2), "met": times >= TIMES_FASTER}
    return out


def generate(
    train: pl.DataFrame, method: str, seed: int, place: Path, asked: argparse.Namespace
) -> None:
    """Fit one method once in a process of its own; a table and timing.json are left in `place`."""
    chosen = METHODS[method]
    place.mkdir(parents=True, exist_ok=True)
    source = place.parent / "train.parquet"
    train.write_parquet(source)
    command = [str(interpreter(chosen)), str(HERE / "peers" / chosen.folder / "run.py")]
    command += ["--method", method.removesuffix("_package"), "--train", str(source)]
    command += ["--out", str(place), "--rows", str(train.height), "--seeds", "1"]
    command += ["--epochs", str(asked.epochs), "--fit-seed", str(seed)]
    with (place / "log.txt").open("w") as log:
        subprocess.run(
            command, check=True, env=own_environment(1), stdout=log, stderr=subprocess.STDOUT
        )


if __name__ == "__main__":
    main()
