"""Model collapse: power of the bias test, and what each remedy buys.

    python benchmarks/collapse.py

Power: a table of 2,000 rows, resampled without bias and with all categories sharpened to a temperature
of 0.9, five replicates each; the fraction of tests with an alarm in any stratum.

Remedies: 1,000 Zipf categories counted again and again on 10,000 rows, by an unbiased generator and by
one that samples at temperature 0.9. Survival is that of the categories with an expectation of 5 to 50
rows.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import polars as pl

from artesian.collapse.stress.bias import bias_by_stratum, bias_counts
from artesian.collapse.stress.profile import Coded, Profile
from artesian.core.run import Seed
from artesian.data.read import read
from machine import save

ROWS, CATEGORIES, GENERATIONS, REPLICATES = 10_000, 1000, 50, 10
CANDIDATES = 3
REMEDIES = (
    "replace", "accumulate", "subsample", "10 % real", "50 % real", "verified", "tail-weighted",
    "temperature 1.1",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=200)
    asked = parser.parse_args()
    power = {
        name: alarms(temperature, asked.trials)
        for name, temperature in (("unbiased", 1.0), ("temperature 0.9", 0.9))
    }
    remedies = [
        {"generator": name, "remedy": remedy, **chain(remedy, temperature)}
        for name, temperature in (("unbiased", 1.0), ("temperature 0.9", 0.9))
        for remedy in REMEDIES
    ]
    for row in remedies:
        print(row)
    print(power)
    save("collapse", {"trials": asked.trials, "alarms": power, "remedies": remedies})


def alarms(temperature: float, trials: int) -> float:
    """Fraction of tests with an alarm."""
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, 31)
    frame = pl.DataFrame(
        {
            f"c{k}": rng.choice([f"v{i}" for i in range(30)], 2000, p=weights / weights.sum())
            for k in range(3)
        }
        | {"x": rng.lognormal(0, 1, 2000)}
    )
    profile = Profile.from_table(read(frame))
    hits = 0
    for trial in range(trials):
        records = [bias_counts(profile, drawn(profile, temperature, rng)) for _ in range(5)]
        hits += any(one.biased for one in bias_by_stratum(profile, records, Seed(trial)))
    return hits / trials


def drawn(profile: Profile, temperature: float, rng: np.random.Generator) -> Coded:
    """Resampled rows, with the categories of every column sharpened."""
    n = len(profile.coded)
    rows = profile.coded.take(rng.integers(n, size=n))
    if temperature == 1:
        return rows
    codes = rows.codes.copy()
    for k, levels in enumerate(profile.levels):
        counts = np.bincount(profile.coded.codes[:, k], minlength=len(levels))
        powers = counts ** (1 / temperature)
        codes[:, k] = rng.choice(len(levels), n, p=powers / powers.sum())
    return Coded(codes, rows.numbers)


def chain(remedy: str, temperature: float) -> dict[str, Any]:
    """Survival of rare categories and the total variation distance to the real distribution."""
    rng = np.random.default_rng(1)
    real = 1 / np.arange(1, CATEGORIES + 1)
    real /= real.sum()
    rare = (real * ROWS >= 5) & (real * ROWS < 50)
    fitted = np.broadcast_to(real, (REPLICATES, CATEGORIES))
    pool = fitted * ROWS
    alive, distance = [], []
    flat = 1.1 if remedy == "temperature 1.1" else 1.0
    for _ in range(GENERATIONS):
        candidates = CANDIDATES * ROWS if remedy == "verified" else ROWS
        powers = fitted ** (1 / (temperature * flat))
        counts = rng.multinomial(candidates, powers / powers.sum(axis=1, keepdims=True))
        if remedy == "verified":  # kept by the density ratio, estimated from as many real rows
            judged = rng.multinomial(ROWS, real, size=REPLICATES) + 0.5
            odds = np.minimum(judged / (counts / CANDIDATES + 0.5), 4.0)
            kept = counts * odds
            counts = rng.multinomial(ROWS, kept / kept.sum(axis=1, keepdims=True))
        alive.append((counts[:, rare] > 0).mean())
        distance.append(np.abs(counts / ROWS - real).sum(axis=1).mean() / 2)
        pool = pool + counts
        if remedy.endswith("% real"):
            part = float(remedy.split()[0]) / 100
            counts = rng.binomial(counts, 1 - part) + rng.multinomial(
                round(part * ROWS), real, size=REPLICATES
            )
        elif remedy == "accumulate":
            counts = pool
        elif remedy == "subsample":
            counts = rng.multinomial(ROWS, pool / pool.sum(axis=1, keepdims=True))
        fitted = counts / counts.sum(axis=1, keepdims=True)
        if remedy == "tail-weighted":  # training rows weighted by their frequency to the power -0.1
            fitted = np.where(counts > 0, np.maximum(fitted, 1e-300) ** 0.9, 0.0)
            fitted /= fitted.sum(axis=1, keepdims=True)
    lost = [g for g, value in enumerate(alive, 1) if value < 0.9]
    return {
        "alive_10": round(float(alive[9]), 4),
        "alive_50": round(float(alive[-1]), 4),
        "generations_above_90": lost[0] - 1 if lost else GENERATIONS,
        "total_variation_10": round(float(distance[9]), 4),
        "real_rows_each_generation": round(float(remedy.split()[0]) / 100 * ROWS)
        if remedy.endswith("% real")
        else ROWS
        if remedy in ("verified", "accumulate", "subsample")
        else 0,
    }


if __name__ == "__main__":
    main()
